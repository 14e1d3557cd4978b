//! The people of the demo insurer, known to its identity provider and to its CRM alike.

use super::html::Language;

/// The insurer's business units, in the order people list them.
pub const BUSINESS_UNITS: [&str; 7] = [
    "auto",
    "home",
    "life",
    "travel",
    "commercial",
    "group_benefits",
    "wealth",
];

/// Somebody who works for the demo insurer.
#[derive(Debug, PartialEq, Eq)]
pub struct Persona {
    /// The `sub` claim, and the name in addresses.
    pub sub: &'static str,
    /// Name for display.
    pub name: &'static str,
    /// Preferred language, `fr-CA` or `en-CA`.
    pub locale: &'static str,
    /// Roles claimed.
    pub roles: &'static [&'static str],
    /// Business units claimed.
    pub business_units: &'static [&'static str],
    /// Further attributes claimed.
    pub attributes: &'static [(&'static str, &'static [&'static str])],
}

/// Everybody, in the order the pickers show them.
pub const PERSONAS: [Persona; 13] = [
    analyst("analyst-auto", "Amélie Gagnon", "fr-CA", &["auto"]),
    analyst("analyst-home", "Marc-André Roy", "fr-CA", &["home"]),
    analyst("analyst-life", "Priya Nair", "en-CA", &["life"]),
    analyst("analyst-travel", "Olivier Tremblay", "fr-CA", &["travel"]),
    analyst(
        "analyst-commercial",
        "Sarah Whitfield",
        "en-CA",
        &["commercial"],
    ),
    analyst(
        "analyst-group_benefits",
        "Luc Bouchard",
        "fr-CA",
        &["group_benefits"],
    ),
    analyst("analyst-wealth", "Mei-Lin Chen", "en-CA", &["wealth"]),
    Persona {
        sub: "exec",
        name: "Hélène Desrosiers",
        locale: "fr-CA",
        roles: &["executive"],
        business_units: &BUSINESS_UNITS,
        attributes: &[("clearance", &["confidential"])],
    },
    analyst("broker", "David Cohen", "en-CA", &["auto", "home"]),
    governor("governor-1", "Nadia Benali", "fr-CA"),
    governor("governor-2", "James O’Connor", "en-CA"),
    // What opens anything to anybody needs two approvals beside its author.
    governor("governor-3", "Isabelle Fortin", "fr-CA"),
    analyst("newcomer", "Théo Lavoie", "fr-CA", &[]),
];

const fn analyst(
    sub: &'static str,
    name: &'static str,
    locale: &'static str,
    business_units: &'static [&'static str],
) -> Persona {
    Persona {
        sub,
        name,
        locale,
        roles: &["analyst"],
        business_units,
        attributes: &[],
    }
}

const fn governor(sub: &'static str, name: &'static str, locale: &'static str) -> Persona {
    let roles = &["governance_admin"];
    Persona {
        sub,
        name,
        locale,
        roles,
        business_units: &[],
        attributes: &[],
    }
}

impl Persona {
    /// The persona called `sub`.
    #[must_use]
    pub fn find(sub: &str) -> Option<&'static Self> {
        static ALL: [Persona; 13] = PERSONAS;
        ALL.iter().find(|persona| persona.sub == sub)
    }

    /// Address for display; identity is `(issuer, sub)`.
    #[must_use]
    pub fn email(&self) -> String {
        format!("{}@boreal.example", self.sub)
    }

    pub(super) fn initials(&self) -> String {
        let mut words = self.name.split(' ').filter_map(|word| word.chars().next());
        words.next().into_iter().chain(words.next_back()).collect()
    }

    pub(super) fn job(&self, language: Language) -> &'static str {
        match (self.sub, language) {
            ("exec", Language::French) => "Direction générale",
            ("exec", Language::English) => "Executive",
            ("broker", Language::French) => "Courtier",
            ("broker", Language::English) => "Broker",
            ("newcomer", Language::French) => "Nouvel analyste",
            ("newcomer", Language::English) => "New analyst",
            (_, Language::French) if self.is_governor() => "Gouvernance des données",
            (_, Language::English) if self.is_governor() => "Data governance",
            (_, Language::French) => "Analyste",
            (_, Language::English) => "Analyst",
        }
    }

    /// Which units the persona works for, as a reader says it.
    pub(super) fn scope(&self, language: Language) -> String {
        match (self.business_units.len(), language) {
            (0, Language::French) => "Aucune unité d’affaires".to_owned(),
            (0, Language::English) => "No business unit".to_owned(),
            (7, Language::French) => "Toutes les unités d’affaires".to_owned(),
            (7, Language::English) => "All business units".to_owned(),
            _ => {
                let units = self
                    .business_units
                    .iter()
                    .map(|unit| unit_label(unit, language));
                units.collect::<Vec<_>>().join(", ")
            }
        }
    }

    pub(super) fn is_governor(&self) -> bool {
        self.roles.contains(&"governance_admin")
    }
}

fn unit_label(unit: &'static str, language: Language) -> &'static str {
    match (unit, language) {
        ("auto", _) => "Auto",
        ("home", Language::French) => "Habitation",
        ("home", Language::English) => "Home",
        ("life", Language::French) => "Vie",
        ("life", Language::English) => "Life",
        ("travel", Language::French) => "Voyage",
        ("travel", Language::English) => "Travel",
        ("commercial", Language::French) => "Entreprises",
        ("commercial", Language::English) => "Commercial",
        ("group_benefits", Language::French) => "Assurance collective",
        ("group_benefits", Language::English) => "Group benefits",
        ("wealth", Language::French) => "Gestion de patrimoine",
        ("wealth", Language::English) => "Wealth",
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_analyst_per_unit_and_everybody_is_found_by_sub() {
        for unit in BUSINESS_UNITS {
            let analyst = Persona::find(&format!("analyst-{unit}")).unwrap();
            assert_eq!(analyst.business_units, [unit]);
        }
        for persona in &PERSONAS {
            assert_eq!(Persona::find(persona.sub), Some(persona));
        }
        assert_eq!(Persona::find("nobody"), None);
    }

    #[test]
    fn initials_are_two_letters() {
        assert_eq!(Persona::find("analyst-home").unwrap().initials(), "MR");
        assert_eq!(Persona::find("exec").unwrap().initials(), "HD");
    }
}
