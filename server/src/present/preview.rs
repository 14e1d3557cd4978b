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
        match self.locale {
            Locale::EnCa => format!("Preview: {admin} as {eyes} · {rules} · until {until}"),
            Locale::FrCa => {
                format!("Aperçu\u{a0}: {admin} en tant que {eyes} · {rules} · jusqu’au {until}")
            }
        }
    }

    /// "revision 14", "draft 27, version 3".
    pub(crate) fn rules(&self, rules: Rules) -> String {
        let version = rules.version.unwrap_or_default();
        match (rules.draft, self.locale) {
            (None, Locale::EnCa) => format!("revision {}", rules.revision),
            (None, Locale::FrCa) => format!("révision\u{a0}{}", rules.revision),
            (Some(draft), Locale::EnCa) => format!("draft {draft}, version {version}"),
            (Some(draft), Locale::FrCa) => {
                format!("ébauche\u{a0}{draft}, version\u{a0}{version}")
            }
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
