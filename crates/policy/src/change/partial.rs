//! What a rule may still come to once a part of the subject and of the row is chosen.

use std::collections::BTreeSet;

use super::space::{Choice, Space};
use crate::name::ColumnName;
use crate::predicate::Predicate;
use crate::rule::{Claim, Condition, Effect, Rows, Rule};
use crate::truth::Truth;
use crate::value::{Value, ValueType};

/// Which truths are still possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Possible {
    pub(super) no: bool,
    pub(super) unknown: bool,
    pub(super) yes: bool,
}

impl Possible {
    const OPEN: Self = Self::new(true, true, true);

    const fn new(no: bool, unknown: bool, yes: bool) -> Self {
        Self { no, unknown, yes }
    }

    fn of(truth: Truth) -> Self {
        let is = |wanted| truth == wanted;
        Self::new(is(Truth::False), is(Truth::Unknown), is(Truth::True))
    }

    pub(super) fn is_decided(self) -> bool {
        u8::from(self.no) + u8::from(self.unknown) + u8::from(self.yes) == 1
    }

    fn not(self) -> Self {
        Self::new(self.yes, self.unknown, self.no)
    }

    fn and(self, other: Self) -> Self {
        let (no, yes) = (self.no || other.no, self.yes && other.yes);
        let unknown = self.unknown && (other.unknown || other.yes) || other.unknown && self.yes;
        Self::new(no, unknown, yes)
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// Whether something is so, as far as it was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    No,
    Perhaps,
    Yes,
}

/// The choices so far, as a stand-in for a subject and a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Partial<'a> {
    pub(super) space: &'a Space,
    pub(super) choice: &'a Choice,
}

impl Partial<'_> {
    /// Whether the rule acts: a permit opens the row, a forbid closes it, a hide or mask applies.
    /// Says in one place what `resolve` and the interpreter do together.
    pub(super) fn acts(&self, rule: &Rule) -> Sure {
        let applies = self.applies(rule);
        match rule.effect() {
            Effect::Permit(rows) => {
                let (spoilt, rows) = (self.spoilt(rows), self.rows(rows));
                if !applies.yes || spoilt == Sure::Yes || !rows.yes {
                    Sure::No
                } else if applies.is_decided() && spoilt == Sure::No && rows.is_decided() {
                    Sure::Yes
                } else {
                    Sure::Perhaps
                }
            }
            Effect::Forbid(rows) => {
                let (spoilt, rows) = (self.spoilt(rows), self.rows(rows));
                let spares = spoilt == Sure::No && rows.no && rows.is_decided();
                if !(applies.unknown || applies.yes) || spares {
                    Sure::No
                } else if !applies.no && (spoilt == Sure::Yes || !rows.no) {
                    Sure::Yes
                } else {
                    Sure::Perhaps
                }
            }
            Effect::Hide(_) | Effect::Mask { .. } => match (applies.no, applies.is_decided()) {
                (true, true) => Sure::No,
                (true, false) => Sure::Perhaps,
                (false, _) => Sure::Yes,
            },
        }
    }

    pub(super) fn applies(&self, rule: &Rule) -> Possible {
        rule.condition()
            .map_or(Possible::of(Truth::True), |part| self.condition(part))
    }

    pub(super) fn condition(&self, condition: &Condition) -> Possible {
        match condition {
            Condition::Role(wanted) => self.meets(&Claim::Roles, wanted),
            Condition::BusinessUnit(wanted) => self.meets(&Claim::BusinessUnits, wanted),
            Condition::Attribute(name, wanted) => {
                self.meets(&Claim::Attribute(name.clone()), wanted)
            }
            Condition::All(parts) => parts.iter().fold(Possible::of(Truth::True), |all, part| {
                all.and(self.condition(part))
            }),
            Condition::Any(parts) => parts.iter().fold(Possible::of(Truth::False), |any, part| {
                any.or(self.condition(part))
            }),
            Condition::Not(part) => self.condition(part).not(),
        }
    }

    fn meets<T: Ord + AsRef<str>>(&self, claim: &Claim, wanted: &BTreeSet<T>) -> Possible {
        let Some(claim) = self.space.claim(claim) else {
            return Possible::OPEN;
        };
        let (mut holds, mut may_hold, mut others, mut may_others) = (false, false, false, false);
        for (place, text) in self.space.texts(claim).iter().enumerate() {
            let held = self.choice.held(claim, place);
            if wanted.iter().any(|wanted| wanted.as_ref() == text) {
                holds |= held == Some(true);
                may_hold |= held != Some(false);
            } else {
                others |= held == Some(true);
                may_others |= held != Some(false);
            }
        }
        Possible::new(!holds && may_others, !holds && !others, may_hold)
    }

    /// Whether a hole of the rule cannot be filled, which spoils the whole of it.
    fn spoilt(&self, rows: &Rows) -> Sure {
        match rows {
            Rows::Fixed(_) => Sure::No,
            Rows::Member { kind, claim, .. } => self.hole(claim, *kind),
            Rows::All(parts) | Rows::Any(parts) => {
                parts
                    .iter()
                    .fold(Sure::No, |known, part| match (known, self.spoilt(part)) {
                        (Sure::Yes, _) | (_, Sure::Yes) => Sure::Yes,
                        (Sure::Perhaps, _) | (_, Sure::Perhaps) => Sure::Perhaps,
                        (Sure::No, Sure::No) => Sure::No,
                    })
            }
            Rows::Not(part) => self.spoilt(part),
        }
    }

    pub(super) fn hole(&self, claim: &Claim, kind: ValueType) -> Sure {
        let Some(claim) = self.space.claim(claim) else {
            return Sure::Perhaps;
        };
        let (mut any, mut may_any, mut may_spoil) = (false, false, false);
        for (place, value) in self.space.typed(claim, kind).iter().enumerate() {
            let held = self.choice.held(claim, place);
            if held == Some(true) && value.is_none() {
                return Sure::Yes;
            }
            any |= held == Some(true);
            may_any |= held != Some(false);
            may_spoil |= held.is_none() && value.is_none();
        }
        match (any, may_any, may_spoil) {
            (_, false, _) => Sure::Yes,
            (true, _, false) => Sure::No,
            _ => Sure::Perhaps,
        }
    }

    fn rows(&self, rows: &Rows) -> Possible {
        match rows {
            Rows::Fixed(predicate) => self.predicate(predicate),
            Rows::Member {
                column,
                kind,
                claim,
            } => self.member(column, *kind, claim),
            Rows::All(parts) => parts.iter().fold(Possible::of(Truth::True), |all, part| {
                all.and(self.rows(part))
            }),
            Rows::Any(parts) => parts.iter().fold(Possible::of(Truth::False), |any, part| {
                any.or(self.rows(part))
            }),
            Rows::Not(part) => self.rows(part).not(),
        }
    }

    fn member(&self, column: &ColumnName, kind: ValueType, claim: &Claim) -> Possible {
        let (Some(claim), Some(cell)) = (self.space.claim(claim), self.cell(column)) else {
            return Possible::OPEN;
        };
        let Some(value) = cell.as_ref().filter(|value| value.is_of(kind)) else {
            return Possible::of(Truth::Unknown);
        };
        let mut may_hold = false;
        for (place, text) in self.space.typed(claim, kind).iter().enumerate() {
            if text.as_ref() == Some(value) {
                match self.choice.held(claim, place) {
                    Some(true) => return Possible::of(Truth::True),
                    Some(false) => {}
                    None => may_hold = true,
                }
            }
        }
        Possible::new(true, false, may_hold)
    }

    pub(super) fn predicate(&self, predicate: &Predicate) -> Possible {
        match predicate {
            Predicate::Always => Possible::of(Truth::True),
            Predicate::Never => Possible::of(Truth::False),
            Predicate::All(parts) => parts.iter().fold(Possible::of(Truth::True), |all, part| {
                all.and(self.predicate(part))
            }),
            Predicate::Any(parts) => parts.iter().fold(Possible::of(Truth::False), |any, part| {
                any.or(self.predicate(part))
            }),
            Predicate::Not(part) => self.predicate(part).not(),
            Predicate::Compare { column, .. }
            | Predicate::In { column, .. }
            | Predicate::IsNull(column)
            | Predicate::LikePrefix { column, .. } => match self.cell(column) {
                Some(cell) => Possible::of(predicate.eval(&|_| cell.clone())),
                None => Possible::OPEN,
            },
        }
    }

    pub(super) fn cell(&self, column: &ColumnName) -> Option<&Option<Value>> {
        self.space.chosen(self.choice, self.space.column(column)?)
    }
}
