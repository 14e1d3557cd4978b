//! What somebody must hold so that a condition, or a row's predicate, comes out as wanted: as
//! alternatives, each a list of requirements that must all be met.
//!
//! Never too few: somebody for whom it comes out so meets all requirements of some alternative.

use std::collections::{BTreeMap, BTreeSet};

use super::{Holds, Requirement};
use crate::name::{BusinessUnit, ColumnName, RoleName};
use crate::predicate::Predicate;
use crate::rule::{Claim, Condition, Rows};
use crate::value::Value;

/// More alternatives than anybody reads: then nothing is required, which covers everybody.
const MOST: usize = 64;

/// The ways to meet something; none if nobody can.
#[derive(Debug, Clone)]
pub(super) struct Alternatives(BTreeSet<BTreeSet<Requirement>>);

impl Alternatives {
    /// Nothing is required.
    fn anybody() -> Self {
        Self(BTreeSet::from([BTreeSet::new()]))
    }

    fn nobody() -> Self {
        Self(BTreeSet::new())
    }

    fn one(requirement: Requirement) -> Self {
        Self(BTreeSet::from([BTreeSet::from([requirement])]))
    }

    /// So that a condition is certainly true, or certainly false. A rule without one applies to
    /// everybody.
    pub(super) fn of_condition(condition: Option<&Condition>, wanted: bool) -> Self {
        match condition {
            Some(condition) => of(condition, wanted),
            None if wanted => Self::anybody(),
            None => Self::nobody(),
        }
    }

    /// So that some row passes; only rows whose column has the value, where one is given.
    pub(super) fn of_rows(rows: &Rows, only: Option<&(ColumnName, Value)>) -> Self {
        let mut claims = BTreeSet::new();
        holes(rows, &mut claims);
        // P4: a claim that is not there spoils the whole rule.
        let filled = claims.into_iter().map(|claim| {
            Self::one(Requirement {
                claim,
                holds: Holds::Something,
            })
        });
        filled.fold(passing(rows, only, true), |all, one| all.and(&one))
    }

    /// Both must be met.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = BTreeSet::new();
        for one in &self.0 {
            for more in &other.0 {
                both.extend(tidy(one.iter().chain(more)));
                if both.len() > MOST {
                    return Self::anybody();
                }
            }
        }
        Self(both)
    }

    /// One of both must be met.
    fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        if self.0.len() > MOST {
            return Self::anybody();
        }
        self
    }

    /// The alternatives; without those that only ask for more than another.
    pub(super) fn list(self) -> Vec<Vec<Requirement>> {
        let all: Vec<_> = self.0.into_iter().collect();
        let needed = |one: &&BTreeSet<Requirement>| {
            let mut others = all.iter();
            !others.any(|other| other != *one && other.is_subset(one))
        };
        let kept = all.iter().filter(needed);
        kept.map(|one| one.iter().cloned().collect()).collect()
    }
}

/// Kleene's logic as alternatives: All is true if every part is, and false if one is; what is
/// unknown is neither.
fn of(condition: &Condition, wanted: bool) -> Alternatives {
    match condition {
        Condition::Role(texts) => {
            let texts = texts.iter().map(RoleName::as_str);
            Alternatives::one(meets(Claim::Roles, texts, wanted))
        }
        Condition::BusinessUnit(texts) => {
            let texts = texts.iter().map(BusinessUnit::as_str);
            Alternatives::one(meets(Claim::BusinessUnits, texts, wanted))
        }
        Condition::Attribute(name, texts) => {
            let texts = texts.iter().map(String::as_str);
            Alternatives::one(meets(Claim::Attribute(name.clone()), texts, wanted))
        }
        Condition::All(parts) => joined(parts.iter().map(|part| of(part, wanted)), wanted),
        Condition::Any(parts) => joined(parts.iter().map(|part| of(part, wanted)), !wanted),
        Condition::Not(part) => of(part, !wanted),
    }
}

fn meets<'t>(claim: Claim, texts: impl Iterator<Item = &'t str>, wanted: bool) -> Requirement {
    let texts = texts.map(str::to_owned).collect();
    let holds = if wanted {
        Holds::AnyOf(texts)
    } else {
        Holds::SomethingBut(texts)
    };
    Requirement { claim, holds }
}

fn joined(parts: impl Iterator<Item = Alternatives>, all: bool) -> Alternatives {
    if all {
        parts.fold(Alternatives::anybody(), |all, one| all.and(&one))
    } else {
        parts.fold(Alternatives::nobody(), Alternatives::or)
    }
}

/// So that the rows can come out true (or, for what is negated, false) for some row.
fn passing(rows: &Rows, only: Option<&(ColumnName, Value)>, wanted: bool) -> Alternatives {
    match rows {
        Rows::Fixed(predicate) => {
            let predicate = if wanted {
                predicate.clone()
            } else {
                Predicate::not(predicate.clone())
            };
            let possible = match only {
                Some((column, value)) => predicate.may_admit(column, value),
                None => predicate != Predicate::Never,
            };
            if possible {
                Alternatives::anybody()
            } else {
                Alternatives::nobody()
            }
        }
        Rows::Member { column, claim, .. } => Alternatives::one(match only {
            Some((asked, Value::Text(text))) if asked == column => {
                meets(claim.clone(), std::iter::once(text.as_str()), wanted)
            }
            _ => Requirement {
                claim: claim.clone(),
                holds: Holds::Something,
            },
        }),
        Rows::All(parts) => {
            let parts = parts.iter().map(|part| passing(part, only, wanted));
            joined(parts, wanted)
        }
        Rows::Any(parts) => {
            let parts = parts.iter().map(|part| passing(part, only, wanted));
            joined(parts, !wanted)
        }
        Rows::Not(part) => passing(part, only, !wanted),
    }
}

fn holes(rows: &Rows, claims: &mut BTreeSet<Claim>) {
    match rows {
        Rows::Fixed(_) => {}
        Rows::Member { claim, .. } => {
            claims.insert(claim.clone());
        }
        Rows::All(parts) | Rows::Any(parts) => {
            for part in parts {
                holes(part, claims);
            }
        }
        Rows::Not(part) => holes(part, claims),
    }
}

/// What is asked of one claim.
#[derive(Default)]
struct OfClaim {
    any_of: BTreeSet<BTreeSet<String>>,
    but: BTreeSet<String>,
    excludes: bool,
}

/// The requirements without what follows from others; `None` if they contradict each other.
fn tidy<'r>(requirements: impl Iterator<Item = &'r Requirement>) -> Option<BTreeSet<Requirement>> {
    let mut claims: BTreeMap<&Claim, OfClaim> = BTreeMap::new();
    for Requirement { claim, holds } in requirements {
        let of_claim = claims.entry(claim).or_default();
        match holds {
            Holds::AnyOf(texts) => {
                of_claim.any_of.insert(texts.clone());
            }
            Holds::Something => {}
            Holds::SomethingBut(texts) => {
                of_claim.but.extend(texts.iter().cloned());
                of_claim.excludes = true;
            }
        }
    }
    let mut kept = BTreeSet::new();
    for (claim, asked) in claims {
        let mut keep = |holds| {
            let claim = claim.clone();
            kept.insert(Requirement { claim, holds })
        };
        if asked.any_of.is_empty() && !asked.excludes {
            keep(Holds::Something);
        }
        for texts in asked.any_of {
            let left: BTreeSet<String> = texts.difference(&asked.but).cloned().collect();
            if left.is_empty() {
                return None;
            }
            keep(Holds::AnyOf(left));
        }
        if asked.excludes {
            keep(Holds::SomethingBut(asked.but));
        }
    }
    Some(kept)
}

/// The requirements as conditions of a rule. That something is held at all follows from the rows,
/// which name the claim.
pub(super) fn conjunction(requires: &[Requirement]) -> impl Iterator<Item = Condition> {
    requires.iter().filter_map(|one| {
        let (texts, negated) = match &one.holds {
            Holds::AnyOf(texts) => (texts, false),
            Holds::SomethingBut(texts) => (texts, true),
            Holds::Something => return None,
        };
        let condition = match &one.claim {
            Claim::Roles => Condition::Role(names(texts, RoleName::parse)?),
            Claim::BusinessUnits => Condition::BusinessUnit(names(texts, BusinessUnit::parse)?),
            Claim::Attribute(name) => Condition::Attribute(name.clone(), texts.clone()),
        };
        Some(if negated {
            Condition::Not(Box::new(condition))
        } else {
            condition
        })
    })
}

/// `None` where a text is no such name: then the condition is left out, which lets more in.
fn names<T: Ord, E>(
    texts: &BTreeSet<String>,
    parse: impl Fn(String) -> Result<T, E>,
) -> Option<BTreeSet<T>> {
    texts.iter().map(|text| parse(text.clone()).ok()).collect()
}
