//! Whose eyes: a sample person's, or anybody's with these claims.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use weir_policy::{AttributeName, BusinessUnit, Locale, RoleName, Subject};
use weir_query::document::nearest;

use super::ViewAsError;
use crate::content::Content;

/// Nobody's identity provider, so that no claims are ever taken for a person.
const CLAIMS: &str = "urn:weir:claims";

/// Whose eyes an admin asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Eyes {
    /// A sample person's.
    Persona(String),
    /// Those of anybody with these claims.
    Claims(Claims),
}

/// What policies may look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Claims {
    /// Roles.
    pub roles: BTreeSet<RoleName>,
    /// Business units.
    pub business_units: BTreeSet<BusinessUnit>,
    /// Attributes with their values.
    pub attributes: BTreeMap<AttributeName, BTreeSet<String>>,
}

/// Whose eyes a preview has. Its claims stay what they were when it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The sample person's name, if it is one.
    pub persona: Option<String>,
    /// What people call them, in English and in French; empty for claims.
    pub label: [String; 2],
    /// The claims.
    pub claims: Claims,
    issuer: String,
    sub: String,
}

impl Eyes {
    /// Finds the sample person among those in force, or else among those of the rules looked under.
    pub(super) fn open(self, published: &Content, under: &Content) -> Result<Seen, ViewAsError> {
        match self {
            Self::Persona(name) => persona(published, &name)
                .or_else(|| persona(under, &name))
                .ok_or_else(|| {
                    let personas = published.personas().iter();
                    let near = nearest(&name, personas.map(|one| one.name().as_str()));
                    ViewAsError::Wish("/persona", format!("there is no such sample person{near}"))
                }),
            Self::Claims(claims) => {
                known_units(&claims, under)?;
                Ok(Seen {
                    persona: None,
                    label: [String::new(), String::new()],
                    claims,
                    issuer: CLAIMS.to_owned(),
                    sub: "claims".to_owned(),
                })
            }
        }
    }
}

fn persona(content: &Content, name: &str) -> Option<Seen> {
    let mut personas = content.personas().iter();
    let persona = personas.find(|persona| persona.name().as_str() == name)?;
    let subject = persona.subject();
    let attributes = subject.attributes();
    Some(Seen {
        persona: Some(name.to_owned()),
        label: [Locale::EnCa, Locale::FrCa].map(|locale| persona.label(locale).to_owned()),
        claims: Claims {
            roles: subject.roles().clone(),
            business_units: subject.business_units().clone(),
            attributes: attributes
                .map(|(name, values)| (name.clone(), values.clone()))
                .collect(),
        },
        issuer: subject.issuer().to_owned(),
        sub: subject.id().to_owned(),
    })
}

/// A unit that no dataset names is a slip, and would only show an empty dashboard.
fn known_units(claims: &Claims, content: &Content) -> Result<(), ViewAsError> {
    let known: Vec<_> = content
        .business_units()
        .iter()
        .map(|(unit, _)| unit.as_str())
        .collect();
    let mut units = claims.business_units.iter();
    let slip = units.find(|unit| !known.is_empty() && !known.contains(&unit.as_str()));
    slip.map_or(Ok(()), |slip| {
        let near = nearest(slip.as_str(), known);
        let why = format!("no dataset names this business unit{near}");
        Err(ViewAsError::Wish("/claims/business_units", why))
    })
}

impl Seen {
    /// The subject that policies decide about.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let Claims {
            roles,
            business_units,
            attributes,
        } = self.claims.clone();
        let subject = Subject::new(self.issuer.as_str(), self.sub.as_str())
            .with_roles(roles)
            .with_business_units(business_units);
        attributes
            .into_iter()
            .fold(subject, |subject, (name, values)| {
                subject.with_attribute(name, values)
            })
    }
}
