//! Whether two rules mean the same, however they are written.

use super::mention::Mentions;
use super::search::{Budget, Found, Need, find};
use super::space::Space;
use crate::mask::Mask;
use crate::name::ColumnName;
use crate::rule::{Condition, Effect, Rows, Rule};

/// Whether both rules do the same for everybody and every row. Where that cannot be told in time,
/// they are different.
pub(super) fn mean_the_same(one: &Rule, other: &Rule, budget: &mut Budget) -> bool {
    if std::mem::discriminant(one.effect()) != std::mem::discriminant(other.effect())
        || restricts(one) != restricts(other)
    {
        return false;
    }
    if wording(one) == wording(other) {
        return true;
    }
    let space = Space::of(&Mentions::of([one, other]));
    let mut alone = |acting, idle| {
        let needs = [
            Need {
                rule: acting,
                acts: true,
            },
            Need {
                rule: idle,
                acts: false,
            },
        ];
        matches!(find(&space, &needs, budget), Found::Nothing)
    };
    alone(one, other) && alone(other, one)
}

/// What the rule says, whatever its name: equal for rules that are the same word for word.
pub(super) fn wording(rule: &Rule) -> String {
    let condition = rule.condition().map(tidy);
    format!("{:?} {condition:?}", tidy_effect(rule.effect()))
}

/// The columns a rule takes something away from, and what.
pub(crate) fn restricts(rule: &Rule) -> Vec<(&ColumnName, Option<&Mask>)> {
    let mut restricted: Vec<_> = match rule.effect() {
        Effect::Hide(columns) => columns.iter().map(|column| (column, None)).collect(),
        Effect::Mask { column, with } => vec![(column, Some(with))],
        Effect::Permit(_) | Effect::Forbid(_) => Vec::new(),
    };
    restricted.sort();
    restricted
}

fn tidy_effect(effect: &Effect) -> Effect {
    match effect {
        Effect::Permit(rows) => Effect::Permit(tidy_rows(rows)),
        Effect::Forbid(rows) => Effect::Forbid(tidy_rows(rows)),
        Effect::Hide(columns) => {
            let mut columns = columns.clone();
            columns.sort();
            Effect::Hide(columns)
        }
        Effect::Mask { .. } => effect.clone(),
    }
}

fn tidy_rows(rows: &Rows) -> Rows {
    let tidied = |parts: &[Rows]| {
        let mut parts: Vec<Rows> = parts.iter().map(tidy_rows).collect();
        parts.sort_by_cached_key(|part| format!("{part:?}"));
        parts.dedup();
        parts
    };
    match rows {
        Rows::All(parts) => Rows::all(tidied(parts)),
        Rows::Any(parts) => Rows::any(tidied(parts)),
        Rows::Not(part) => Rows::not(tidy_rows(part)),
        leaf => leaf.clone(),
    }
}

fn tidy(condition: &Condition) -> Condition {
    let tidied = |parts: &[Condition]| {
        let mut parts: Vec<Condition> = parts.iter().map(tidy).collect();
        parts.sort_by_cached_key(|part| format!("{part:?}"));
        parts.dedup();
        parts
    };
    match condition {
        Condition::All(parts) => Condition::All(tidied(parts)),
        Condition::Any(parts) => Condition::Any(tidied(parts)),
        Condition::Not(part) => match tidy(part) {
            Condition::Not(inner) => *inner,
            other => Condition::Not(Box::new(other)),
        },
        leaf => leaf.clone(),
    }
}
