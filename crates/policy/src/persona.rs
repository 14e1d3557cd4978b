//! Sample people: whom the impact of a change is counted for, and whom an admin may view as.
//!
//! ```yaml
//! personas:
//!   - name: analyst-auto
//!     label: { en: Auto analyst, fr: Analyste auto }
//!     as: { roles: [analyst], business_units: [auto] }
//! ```

use std::collections::BTreeSet;

use crate::locale::Locale;
use crate::name::{AttributeName, BusinessUnit, PersonaName, RoleName};
use crate::subject::Subject;
use crate::value::Scalar;
use crate::yaml::{self, At, DocumentError, Fields, Mistakes};

/// The issuer of every persona: no identity provider, so that none is ever taken for a person.
const ISSUER: &str = "urn:weir:persona";

/// A sample person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    name: PersonaName,
    label_en: String,
    label_fr: String,
    subject: Subject,
}

impl Persona {
    /// The name, unique among the personas.
    #[must_use]
    pub fn name(&self) -> &PersonaName {
        &self.name
    }

    /// What people call the persona.
    #[must_use]
    pub fn label(&self, locale: Locale) -> &str {
        match locale {
            Locale::EnCa => &self.label_en,
            Locale::FrCa => &self.label_fr,
        }
    }

    /// The persona as a subject: issuer `urn:weir:persona`, its name as `sub`, and its claims.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
}

/// Reads the personas of a file, in its order.
///
/// # Errors
/// [`DocumentError`] names the first mistake and its place.
pub fn personas_from_yaml(file_name: &str, text: &str) -> Result<Vec<Persona>, DocumentError> {
    check_personas(file_name, text).map_err(|all| yaml::first(file_name, all))
}

/// Reads personas as [`personas_from_yaml`] does, and goes on behind a mistake.
///
/// # Errors
/// The first mistake of each persona, in the order of the text. Of a text that is no YAML, the
/// first.
pub fn check_personas(file_name: &str, text: &str) -> Result<Vec<Persona>, Vec<DocumentError>> {
    let mut mistakes = Mistakes::default();
    let root = yaml::read(file_name, text).map_err(|error| vec![error])?;
    let personas = personas(&At::root(file_name, &root), &mut mistakes);
    mistakes.or(personas)
}

fn personas(root: &At<'_>, mistakes: &mut Mistakes) -> Option<Vec<Persona>> {
    let fields = mistakes.keep(root.fields("a map with `personas`"))?;
    let known = mistakes.only(&fields, &["personas"]);
    let items = mistakes.required(&fields, "personas", known)?;
    let items = mistakes.keep(items.some_items("a list of personas"))?;
    let mut seen = BTreeSet::new();
    let read = items.iter().filter_map(|at| {
        let persona = persona(at).and_then(|persona| fresh(persona, at, &mut seen));
        mistakes.keep(persona)
    });
    Some(read.collect())
}

fn fresh(
    persona: Persona,
    at: &At<'_>,
    seen: &mut BTreeSet<PersonaName>,
) -> Result<Persona, DocumentError> {
    if seen.insert(persona.name.clone()) {
        return Ok(persona);
    }
    let taken = format!("the name `{}` is taken already", persona.name);
    Err(at.fields("a persona")?.required("name")?.error(taken))
}

fn persona(at: &At<'_>) -> Result<Persona, DocumentError> {
    let fields = at.fields("a persona: a map with `name`, `label` and `as`")?;
    fields.only(&["name", "label", "as"])?;
    let name = fields
        .required("name")?
        .name("a name such as `analyst-auto`", PersonaName::parse)?;
    let label_at = fields.required("label")?;
    let labels = label_at.fields("a label in both languages: `{ en: …, fr: … }`")?;
    labels.only(&["en", "fr"])?;
    let claims = fields.required("as")?;
    let claims = claims.fields("claims such as `{ roles: [analyst], business_units: [auto] }`")?;
    claims.only(&["business_units", "roles", "attributes"])?;
    let subject = with_claims(Subject::new(ISSUER, name.as_str()), &claims)?;
    Ok(Persona {
        name,
        label_en: label(&labels.required("en")?)?,
        label_fr: label(&labels.required("fr")?)?,
        subject,
    })
}

fn label(at: &At<'_>) -> Result<String, DocumentError> {
    let text = at.text("a label")?;
    if text.trim().is_empty() {
        return Err(at.error("a label must not be blank"));
    }
    Ok(text.to_owned())
}

/// Reads the claims below `as:`, for sample people and decision tables alike.
pub(crate) fn with_claims(
    mut subject: Subject,
    fields: &Fields<'_>,
) -> Result<Subject, DocumentError> {
    if let Some(at) = fields.get("business_units") {
        let units: Result<Vec<_>, _> = at
            .items("a list of business units")?
            .iter()
            .map(|at| at.name("a business unit", BusinessUnit::parse))
            .collect();
        subject = subject.with_business_units(units?);
    }
    if let Some(at) = fields.get("roles") {
        let roles: Result<Vec<_>, _> = at
            .items("a list of roles")?
            .iter()
            .map(|at| at.name("a role", RoleName::parse))
            .collect();
        subject = subject.with_roles(roles?);
    }
    if let Some(at) = fields.get("attributes") {
        for (name, at) in at.fields("a map of attributes")?.iter() {
            let name = AttributeName::parse(name).map_err(|error| at.error(error.to_string()))?;
            subject = subject.with_attribute(name, attribute_values(&at)?);
        }
    }
    Ok(subject)
}

/// One text, a list of texts, or null for "not there". Blank texts are allowed: that they count
/// as absent is worth a case.
fn attribute_values<'a>(at: &At<'a>) -> Result<Vec<&'a str>, DocumentError> {
    let wanted = "text (put it in quotes)";
    if at.is_list() {
        return at
            .items("a list of texts")?
            .iter()
            .map(|at| at.text(wanted))
            .collect();
    }
    if at.as_scalar().is_some_and(Scalar::is_null) {
        return Ok(Vec::new());
    }
    at.text(wanted).map(|one| vec![one])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A persona, where the mistake is, a part of the message.
    const MISTAKES: &str = "
{ name: a, label: { en: A, fr: A } } | personas[0] | `as` is missing
{ name: A b, label: { en: A, fr: A }, as: {} } | personas[0].name | not a valid persona name
{ name: a, label: { en: A }, as: {} } | personas[0].label | `fr` is missing
{ name: a, label: { en: A, fr: ' ' }, as: {} } | personas[0].label.fr | blank
{ name: a, label: { en: A, fr: A }, as: { rols: [a] } } | personas[0].as.rols | did you mean `roles`
{ name: a, label: { en: A, fr: A }, as: { sub: b } } | personas[0].as.sub | unknown key
{ name: a, lable: { en: A, fr: A }, as: {} } | personas[0].lable | did you mean `label`
{ name: a, label: { en: A, fr: A }, as: { roles: a } } | personas[0].as.roles | a list of roles
{ name: a, label: { en: A, fr: A }, as: {} }, { name: a, label: { en: A, fr: A }, as: {} } | personas[1].name | taken already
";

    #[test]
    fn mistakes_in_a_persona_name_their_place() {
        for line in MISTAKES.trim().lines() {
            let cells: Vec<&str> = line.split(" | ").collect();
            let text = format!("personas: [{}]\n", cells[0]);
            let error = personas_from_yaml("personas.yaml", &text).expect_err(line);
            assert_eq!(error.path(), cells[1], "{error}");
            assert!(error.to_string().contains(cells[2]), "{error}");
        }
        assert!(personas_from_yaml("p", "personas: []\n").is_err());
        assert!(personas_from_yaml("p", "people: []\n").is_err());
    }

    #[test]
    fn the_personas_of_the_demo_are_read_and_are_nobody_real() {
        let text = include_str!("../../../policies/personas.yaml");
        let personas = personas_from_yaml("personas.yaml", text).unwrap();
        let names: Vec<&str> = personas
            .iter()
            .map(|persona| persona.name().as_str())
            .collect();
        assert_eq!(names.len(), 10);
        for unit in [
            "auto",
            "home",
            "life",
            "travel",
            "commercial",
            "group_benefits",
            "wealth",
        ] {
            assert!(
                names.contains(&format!("analyst-{unit}").as_str()),
                "{unit}"
            );
        }
        for persona in &personas {
            assert_eq!(persona.subject().issuer(), ISSUER);
            assert_eq!(persona.subject().id(), persona.name().as_str());
            assert_ne!(persona.label(Locale::EnCa), persona.label(Locale::FrCa));
        }
        let find = |name| {
            personas
                .iter()
                .find(|persona| persona.name().as_str() == name)
        };
        let exec = find("exec").unwrap().subject();
        assert_eq!(exec.business_units().len(), 7);
        assert_eq!(exec.attributes().count(), 1);
        assert_eq!(find("broker").unwrap().subject().business_units().len(), 2);
        assert!(
            find("newcomer")
                .unwrap()
                .subject()
                .business_units()
                .is_empty()
        );
    }
}
