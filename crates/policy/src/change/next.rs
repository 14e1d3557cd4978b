//! What to choose next, so that a rule becomes certain to act or not to.

use std::collections::BTreeSet;

use super::partial::{Partial, Sure};
use super::space::Var;
use crate::name::ColumnName;
use crate::predicate::Predicate;
use crate::rule::{Claim, Condition, Effect, Rows, Rule};
use crate::value::ValueType;

/// Something to choose, and whether a claim had better hold it.
pub(super) type Next = (Var, bool);

impl Partial<'_> {
    /// What to choose to find out whether the rule acts; `wanted` is what it should do.
    pub(super) fn undecided(&self, rule: &Rule, wanted: bool) -> Option<Next> {
        let applies = self.applies(rule);
        let counts = match rule.effect() {
            Effect::Permit(_) => applies.yes,
            _ => applies.no,
        };
        let open = rule.condition().filter(|_| counts && !applies.is_decided());
        let person = || open.and_then(|condition| self.in_condition(condition, wanted));
        let row = || match rule.effect() {
            Effect::Permit(rows) | Effect::Forbid(rows) => self.in_rows(rows, wanted),
            Effect::Hide(_) | Effect::Mask { .. } => None,
        };
        match rule.effect() {
            // One row escapes many forbids; an exception for a person may open a lot else.
            Effect::Forbid(_) if !wanted => row().or_else(person),
            _ => person().or_else(row),
        }
    }

    fn in_condition(&self, condition: &Condition, wanted: bool) -> Option<Next> {
        match condition {
            Condition::Role(texts) => self.in_claim(&Claim::Roles, texts, wanted),
            Condition::BusinessUnit(texts) => self.in_claim(&Claim::BusinessUnits, texts, wanted),
            Condition::Attribute(name, texts) => {
                self.in_claim(&Claim::Attribute(name.clone()), texts, wanted)
            }
            Condition::All(parts) | Condition::Any(parts) => parts
                .iter()
                .filter(|part| !self.condition(part).is_decided())
                .find_map(|part| self.in_condition(part, wanted)),
            Condition::Not(part) => self.in_condition(part, !wanted),
        }
    }

    fn in_claim<T: Ord + AsRef<str>>(
        &self,
        claim: &Claim,
        texts: &BTreeSet<T>,
        wanted: bool,
    ) -> Option<Next> {
        let claim = self.space.claim(claim)?;
        let is_meant = |text: &String| texts.iter().any(|meant| meant.as_ref() == text);
        let open = |meant: bool| {
            let mut places = self.space.texts(claim).iter().enumerate();
            places.find_map(|(place, text)| {
                let var = Var::Held(claim, place);
                (is_meant(text) == meant && self.choice.is_open(var)).then_some(var)
            })
        };
        match open(true) {
            Some(var) => Some((var, wanted)),
            // Somebody who has another one certainly lacks these.
            None => open(false).map(|var| (var, true)),
        }
    }

    fn in_rows(&self, rows: &Rows, wanted: bool) -> Option<Next> {
        match rows {
            Rows::Fixed(predicate) => self.in_predicate(predicate).map(|var| (var, wanted)),
            Rows::Member {
                column,
                kind,
                claim,
            } => self.in_member(column, *kind, claim, wanted),
            Rows::All(parts) | Rows::Any(parts) => {
                parts.iter().find_map(|part| self.in_rows(part, wanted))
            }
            Rows::Not(part) => self.in_rows(part, !wanted),
        }
    }

    fn in_member(
        &self,
        column: &ColumnName,
        kind: ValueType,
        claim: &Claim,
        wanted: bool,
    ) -> Option<Next> {
        let place = self.space.column(column)?;
        if self.choice.is_open(Var::Cell(place)) {
            return Some((Var::Cell(place), wanted));
        }
        let claim_place = self.space.claim(claim)?;
        let cell = self.cell(column).and_then(Option::as_ref);
        let texts = || self.space.typed(claim_place, kind).iter().enumerate();
        let open = |place: usize| self.choice.is_open(Var::Held(claim_place, place));
        if let Some((text, _)) =
            texts().find(|(text, value)| value.is_some() && value.as_ref() == cell && open(*text))
        {
            return Some((Var::Held(claim_place, text), wanted));
        }
        if self.hole(claim, kind) != Sure::Perhaps {
            return None;
        }
        // What does not fit the column spoils the rule; holding something at all repairs it.
        let spoils = texts().find(|(text, value)| value.is_none() && open(*text));
        let fits = texts().find(|(text, value)| value.is_some() && open(*text));
        let held = texts().any(|(text, _)| self.choice.held(claim_place, text) == Some(true));
        match (fits, spoils) {
            (Some((text, _)), _) if !held => Some((Var::Held(claim_place, text), true)),
            (_, Some((text, _))) => Some((Var::Held(claim_place, text), false)),
            (fits, None) => fits.map(|(text, _)| (Var::Held(claim_place, text), true)),
        }
    }

    fn in_predicate(&self, predicate: &Predicate) -> Option<Var> {
        if self.predicate(predicate).is_decided() {
            return None;
        }
        match predicate {
            Predicate::Always | Predicate::Never => None,
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().find_map(|part| self.in_predicate(part))
            }
            Predicate::Not(part) => self.in_predicate(part),
            Predicate::Compare { column, .. }
            | Predicate::In { column, .. }
            | Predicate::IsNull(column)
            | Predicate::LikePrefix { column, .. } => {
                let var = Var::Cell(self.space.column(column)?);
                self.choice.is_open(var).then_some(var)
            }
        }
    }
}
