//! The row half of a rule: a predicate with holes for what only the subject knows.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Claim;
use crate::denied::WhyNot;
use crate::name::ColumnName;
use crate::predicate::Predicate;
use crate::subject::Subject;
use crate::value::{Value, ValueType};

/// A predicate with holes. Whatever has no hole was folded when the document was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rows {
    /// No hole in it.
    Fixed(Predicate),
    /// `column in subject.…`
    Member {
        /// The column on the left.
        column: ColumnName,
        /// What the claim is read as.
        kind: ValueType,
        /// Where the values come from.
        claim: Claim,
    },
    /// All parts hold.
    All(Vec<Rows>),
    /// At least one part holds.
    Any(Vec<Rows>),
    /// The part does not hold.
    Not(Box<Rows>),
}

impl Rows {
    pub(crate) fn all(parts: Vec<Self>) -> Self {
        match fixed(&parts) {
            Some(parts) => Self::Fixed(Predicate::all(parts)),
            None => Self::All(parts),
        }
    }

    pub(crate) fn any(parts: Vec<Self>) -> Self {
        match fixed(&parts) {
            Some(parts) => Self::Fixed(Predicate::any(parts)),
            None => Self::Any(parts),
        }
    }

    pub(crate) fn not(part: Self) -> Self {
        match part {
            Self::Fixed(predicate) => Self::Fixed(Predicate::not(predicate)),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Fills the holes. A claim that is missing or is not of the type of its column spoils the
    /// whole rule, also inside `any` and `not`: half a rule is not what its author wrote (P4).
    pub(crate) fn fill(&self, subject: &Subject) -> Result<Predicate, WhyNot> {
        match self {
            Self::Fixed(predicate) => Ok(predicate.clone()),
            Self::Member {
                column,
                kind,
                claim,
            } => member(column, *kind, claim, subject),
            Self::All(parts) => Ok(Predicate::all(fill_each(parts, subject)?)),
            Self::Any(parts) => Ok(Predicate::any(fill_each(parts, subject)?)),
            Self::Not(part) => Ok(Predicate::not(part.fill(subject)?)),
        }
    }
}

fn fixed(parts: &[Rows]) -> Option<Vec<Predicate>> {
    parts
        .iter()
        .map(|part| match part {
            Rows::Fixed(predicate) => Some(predicate.clone()),
            _ => None,
        })
        .collect()
}

fn fill_each(parts: &[Rows], subject: &Subject) -> Result<Vec<Predicate>, WhyNot> {
    parts.iter().map(|part| part.fill(subject)).collect()
}

fn member(
    column: &ColumnName,
    kind: ValueType,
    claim: &Claim,
    subject: &Subject,
) -> Result<Predicate, WhyNot> {
    let values = match claim {
        Claim::BusinessUnits => typed(
            subject.business_units().iter().map(AsRef::as_ref),
            column,
            kind,
            claim,
        )?,
        Claim::Roles => typed(
            subject.roles().iter().map(AsRef::as_ref),
            column,
            kind,
            claim,
        )?,
        Claim::Attribute(name) => {
            let held = subject.attribute(name).into_iter().flatten();
            typed(held.map(String::as_str), column, kind, claim)?
        }
    };
    if values.is_empty() {
        return Err(WhyNot::Missing(claim.clone()));
    }
    Ok(Predicate::is_in(column.clone(), values))
}

fn typed<'a>(
    held: impl Iterator<Item = &'a str>,
    column: &ColumnName,
    kind: ValueType,
    claim: &Claim,
) -> Result<BTreeSet<Value>, WhyNot> {
    held.map(|text| Value::parse(text, kind))
        .collect::<Result<_, _>>()
        .map_err(|_| WhyNot::NotOfType {
            claim: claim.clone(),
            column: column.clone(),
            expected: kind,
        })
}
