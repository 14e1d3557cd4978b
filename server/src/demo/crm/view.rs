//! The state of the page: every value is one of ours, whatever the address said.

use url::form_urlencoded;

use super::Address;
use crate::demo::html::Language;
use crate::demo::persona::Persona;

/// The dashboards on offer, with their names in French and English.
pub(super) const DASHBOARDS: [(&str, &str, &str); 4] = [
    ("finance-overview", "Finances", "Finance"),
    ("claims-operations", "Sinistres", "Claims"),
    ("risk-exposure", "Exposition au risque", "Risk exposure"),
    ("daily-metrics", "Suivi quotidien", "Daily metrics"),
];

/// The tabs of a customer, with their names in French and English.
pub(super) const TABS: [(&str, &str, &str); 5] = [
    ("overview", "Aperçu", "Overview"),
    ("policies", "Contrats", "Policies"),
    ("claims", "Sinistres", "Claims"),
    ("analytics", "Analyses", "Analytics"),
    ("activity", "Activité", "Activity"),
];

/// The modes of the page, with their names in French and English.
pub(super) const THEMES: [(&str, &str, &str); 3] = [
    ("auto", "Automatique", "Automatic"),
    ("light", "Clair", "Light"),
    ("dark", "Sombre", "Dark"),
];

const ANALYTICS: &str = "analytics";

/// What is shown to whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    pub(super) persona: &'static Persona,
    pub(super) dashboard: &'static str,
    pub(super) language: Language,
    pub(super) theme: &'static str,
    pub(super) tab: &'static str,
}

impl View {
    pub(super) fn new(address: &Address, language: Language) -> Self {
        Self {
            persona: address
                .persona
                .as_deref()
                .and_then(signed_in)
                .unwrap_or_else(default_person),
            dashboard: known(
                &DASHBOARDS,
                address.dashboard.as_deref(),
                "finance-overview",
            ),
            language,
            theme: known(&THEMES, address.theme.as_deref(), "auto"),
            tab: known(&TABS, address.tab.as_deref(), ANALYTICS),
        }
    }

    /// The address of this state.
    pub(super) fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::from("/?"));
        query
            .append_pair("persona", self.persona.sub)
            .append_pair("dashboard", self.dashboard);
        query
            .append_pair("locale", self.language.locale())
            .append_pair("theme", self.theme);
        if self.tab != ANALYTICS {
            query.append_pair("tab", self.tab);
        }
        query.finish()
    }
}

/// The people who work with the CRM; governors work in Weir itself.
pub(super) fn signed_in(sub: &str) -> Option<&'static Persona> {
    Persona::find(sub).filter(|persona| !persona.is_governor())
}

fn default_person() -> &'static Persona {
    const { &crate::demo::persona::PERSONAS[0] }
}

/// Whether `slug` is a dashboard the CRM offers.
pub(super) fn offers(slug: &str) -> Option<&'static str> {
    DASHBOARDS
        .iter()
        .map(|(known, _, _)| *known)
        .find(|known| *known == slug)
}

fn known(
    names: &[(&'static str, &'static str, &'static str)],
    wanted: Option<&str>,
    default: &'static str,
) -> &'static str {
    names
        .iter()
        .map(|(name, _, _)| *name)
        .find(|name| wanted == Some(name))
        .unwrap_or(default)
}
