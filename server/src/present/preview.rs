//! The words on a dashboard that is looked at through somebody else's eyes.

use chrono::{DateTime, Utc};
use weir_query::Locale;
use weir_registry::Rules;

use super::{Presenter, text};
use crate::content::Content;
use crate::service::view_as::Seen;

impl Presenter {
    /// What stands over the picture: who looks, as whom, under which rules, until when.
    pub(crate) fn mark(
        &self,
        admin: &str,
        eyes: &str,
        rules: Rules,
        until: DateTime<Utc>,
    ) -> String {
        let (rules, until) = (self.rules(rules), self.dates.moment(until));
        let looks = self.looks(admin, eyes);
        match self.locale {
            Locale::EnCa => format!("{looks} · {rules} · until {until}"),
            Locale::FrCa => format!("{looks} · {rules} · jusqu’au {until}"),
        }
    }

    /// "Preview: Amélie Tremblay as Auto analyst".
    pub(crate) fn looks(&self, admin: &str, eyes: &str) -> String {
        match self.locale {
            Locale::EnCa => format!("Preview: {admin} as {eyes}"),
            Locale::FrCa => format!("Aperçu\u{a0}: {admin} comme {eyes}"),
        }
    }

    /// [`Presenter::rules`] as a heading: "Revision 14", "Draft 27".
    pub(crate) fn rules_name(&self, rules: Rules) -> String {
        let name = self.rules(rules);
        let mut letters = name.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect()
    }

    /// "revision 14", "draft 27, version 3".
    pub(crate) fn rules(&self, rules: Rules) -> String {
        let name = match (rules.draft, self.locale) {
            (None, Locale::EnCa) => format!("revision {}", rules.revision),
            (None, Locale::FrCa) => format!("révision\u{a0}{}", rules.revision),
            (Some(draft), Locale::EnCa) => format!("draft {draft}"),
            (Some(draft), Locale::FrCa) => format!("ébauche\u{a0}{draft}"),
        };
        match (rules.version, self.locale) {
            (None, _) => name,
            (Some(version), Locale::EnCa) => format!("{name}, version {version}"),
            (Some(version), Locale::FrCa) => format!("{name}, version\u{a0}{version}"),
        }
    }

    /// "Auto analyst", or the claims: "analyst; Auto, Home; region: QC".
    pub(crate) fn eyes(&self, seen: &Seen, content: &Content) -> String {
        let [english, french] = &seen.label;
        let label = match self.locale {
            Locale::EnCa => english,
            Locale::FrCa => french,
        };
        if !label.is_empty() {
            return label.clone();
        }
        let claims = &seen.claims;
        let unit = |unit: &weir_policy::BusinessUnit| {
            let mut known = content.business_units().iter();
            let label = known.find(|(name, _)| name == unit);
            label.map_or_else(
                || unit.to_string(),
                |(_, label)| label.get(self.locale).to_owned(),
            )
        };
        let roles: Vec<_> = claims.roles.iter().map(ToString::to_string).collect();
        let units: Vec<_> = claims.business_units.iter().map(unit).collect();
        let attributes = claims.attributes.iter().map(|(name, values)| {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            text::labelled(name.as_str(), &values.join(", "), self.locale)
        });
        let parts = [roles.join(", "), units.join(", ")];
        let parts: Vec<_> = parts
            .into_iter()
            .chain(attributes)
            .filter(|part| !part.is_empty())
            .collect();
        if parts.is_empty() {
            return text::nobody(self.locale).to_owned();
        }
        parts.join(text::semicolon(self.locale))
    }
}
