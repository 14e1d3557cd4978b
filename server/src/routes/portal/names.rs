//! What dashboards and business units are called.

use weir_policy::BusinessUnit;
use weir_query::Locale;

use super::words::pick;
use crate::content::Content;

/// Names in one language. What has none any more is called by its id.
pub(super) struct Names<'a> {
    pub(super) content: &'a Content,
    pub(super) locale: Locale,
}

impl Names<'_> {
    /// A dashboard.
    pub(super) fn title(&self, slug: &str) -> String {
        let known = self.content.dashboard(slug);
        let title = known.map(|dashboard| dashboard.title().get(self.locale).to_owned());
        title.unwrap_or_else(|| slug.to_owned())
    }

    /// A business unit.
    pub(super) fn unit(&self, unit: &str) -> String {
        let mut units = self.content.business_units().iter();
        let known = units.find(|(known, _)| BusinessUnit::as_str(known) == unit);
        known
            .map_or(unit, |(_, label)| label.get(self.locale))
            .to_owned()
    }

    /// The one unit that something is about, if there is one.
    pub(super) fn units(&self, one: Option<&str>) -> String {
        let none = ("Several units or none", "Plusieurs unités ou aucune");
        one.map_or_else(
            || pick(self.locale, none.0, none.1).to_owned(),
            |unit| self.unit(unit),
        )
    }
}
