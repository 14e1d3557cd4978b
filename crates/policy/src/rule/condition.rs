//! `when` and `unless`: for whom a rule is meant.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Claim;
use crate::name::{AttributeName, BusinessUnit, RoleName};
use crate::subject::Subject;
use crate::truth::Truth;

/// A condition on the subject. Looking at a claim that the subject does not carry at all is
/// unknown, not false: whoever negates it must not let everybody in who lacks the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Condition {
    /// Holds one of the roles.
    Role(BTreeSet<RoleName>),
    /// Belongs to one of the units.
    BusinessUnit(BTreeSet<BusinessUnit>),
    /// The attribute has one of the values.
    Attribute(AttributeName, BTreeSet<String>),
    /// All parts hold.
    All(Vec<Condition>),
    /// At least one part holds.
    Any(Vec<Condition>),
    /// The part does not hold.
    Not(Box<Condition>),
}

impl Condition {
    pub(crate) fn eval(&self, subject: &Subject) -> Truth {
        match self {
            Self::Role(wanted) => meets(wanted, subject.roles()),
            Self::BusinessUnit(wanted) => meets(wanted, subject.business_units()),
            Self::Attribute(name, wanted) => subject
                .attribute(name)
                .map_or(Truth::Unknown, |held| meets(wanted, held)),
            Self::All(parts) => parts
                .iter()
                .fold(Truth::True, |known, part| known.and(part.eval(subject))),
            Self::Any(parts) => parts
                .iter()
                .fold(Truth::False, |known, part| known.or(part.eval(subject))),
            Self::Not(part) => !part.eval(subject),
        }
    }

    /// The first claim the condition looks at and does not find.
    pub(crate) fn missing(&self, subject: &Subject) -> Option<Claim> {
        match self {
            Self::Role(_) => subject.roles().is_empty().then_some(Claim::Roles),
            Self::BusinessUnit(_) => subject
                .business_units()
                .is_empty()
                .then_some(Claim::BusinessUnits),
            Self::Attribute(name, _) => subject
                .attribute(name)
                .is_none()
                .then(|| Claim::Attribute(name.clone())),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().find_map(|part| part.missing(subject))
            }
            Self::Not(part) => part.missing(subject),
        }
    }
}

fn meets<T: Ord>(wanted: &BTreeSet<T>, held: &BTreeSet<T>) -> Truth {
    if held.is_empty() {
        Truth::Unknown
    } else {
        Truth::from(!wanted.is_disjoint(held))
    }
}
