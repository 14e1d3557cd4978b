//! Which values of a column are worth trying: one of every kind that some rule can tell apart.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::mention::{ColumnMentions, Mentions};
use crate::name::ColumnName;
use crate::predicate::Predicate;
use crate::truth::Truth;
use crate::value::{Value, ValueType};

/// NULL and one value of every kind. `place` tells columns apart: where two columns are compared
/// with one claim, their made-up values must differ, or one could not be in and the other out.
pub(super) fn domain(
    name: &ColumnName,
    place: usize,
    column: &ColumnMentions,
    all: &Mentions,
) -> Vec<Option<Value>> {
    let claimed: BTreeSet<&str> = column
        .members
        .iter()
        .filter_map(|claim| all.claims.get(claim))
        .flatten()
        .map(String::as_str)
        .collect();
    let mut kept: Vec<Option<Value>> = Vec::new();
    let mut seen: BTreeSet<(Vec<Truth>, Option<String>)> = BTreeSet::new();
    for kind in &column.kinds {
        for value in candidates(name, place, *kind, column, &claimed) {
            let mark = claim_text(&value);
            let mark = claimed.contains(mark.as_str()).then_some(mark);
            if seen.insert((signature(column, &value), mark)) {
                kept.push(Some(value));
            }
        }
        // A retyped column has values of two types, and a comparison can tell them apart.
        seen.clear();
    }
    kept.push(None);
    kept
}

/// The spelling of a value that is none of `taken`: for claims that hold something, but not what
/// a row has.
pub(super) fn elsewhere(kind: ValueType, taken: &[String]) -> Option<String> {
    let start = zero(kind)?;
    [1000, 100, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2, -3]
        .into_iter()
        .filter_map(|steps| stepped(&start, steps, kind))
        .map(|value| claim_text(&value))
        .find(|text| !taken.contains(text))
}

/// How a claim spells the value.
pub(super) fn claim_text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => other.to_string(),
    }
}

fn signature(column: &ColumnMentions, value: &Value) -> Vec<Truth> {
    column
        .atoms
        .iter()
        .map(|atom| atom.eval(&|_| Some(value.clone())))
        .collect()
}

/// Constants first, because a reader knows them; then what lies between and around them.
fn candidates(
    name: &ColumnName,
    place: usize,
    kind: ValueType,
    column: &ColumnMentions,
    claimed: &BTreeSet<&str>,
) -> Vec<Value> {
    let mut found: Vec<Value> = column.atoms.iter().flat_map(constants).collect();
    found.retain(|value| value.is_of(kind));
    found.extend(
        claimed
            .iter()
            .filter_map(|text| Value::parse(text, kind).ok()),
    );
    if kind == ValueType::Text {
        return texts(name, place, column, found);
    }
    let far = i64::try_from(place).unwrap_or_default() + 2;
    let mut around: Vec<Value> = Vec::new();
    for steps in [far, -far, 1, -1] {
        around.extend(found.iter().filter_map(|value| stepped(value, steps, kind)));
    }
    let start = zero(kind);
    around.extend(start.iter().filter_map(|value| stepped(value, far, kind)));
    around.extend(start.iter().filter_map(|value| stepped(value, -far, kind)));
    if kind == ValueType::Boolean {
        around.extend([Value::Boolean(true), Value::Boolean(false)]);
    }
    if kind == ValueType::Double {
        // Nothing compares doubles; that one is there is all that can matter.
        around.push(Value::Text("1.5".to_owned()));
    }
    found.extend(around);
    found
}

fn constants(atom: &Predicate) -> Vec<Value> {
    match atom {
        Predicate::Compare { value, .. } => vec![value.clone()],
        Predicate::In { values, .. } => values.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

fn zero(kind: ValueType) -> Option<Value> {
    match kind {
        ValueType::Integer => Some(Value::Integer(0)),
        ValueType::Decimal { .. } => Some(Value::Decimal(Decimal::ZERO)),
        ValueType::Date => Value::parse("2026-01-01", kind).ok(),
        ValueType::Timestamp => Value::parse("2026-01-01T00:00:00Z", kind).ok(),
        ValueType::Boolean | ValueType::Double | ValueType::Text => None,
    }
}

/// The value so many smallest steps away, if the column can hold it.
fn stepped(value: &Value, steps: i64, kind: ValueType) -> Option<Value> {
    let moved = match value {
        Value::Integer(number) => Value::Integer(number.checked_add(steps)?),
        Value::Decimal(number) => {
            let ValueType::Decimal { scale, .. } = kind else {
                return None;
            };
            Value::Decimal(number.checked_add(Decimal::new(steps, u32::from(scale)))?)
        }
        Value::Date(day) => Value::Date(day.checked_add_signed(TimeDelta::try_days(steps)?)?),
        Value::Timestamp(instant) => {
            Value::Timestamp(instant.checked_add_signed(TimeDelta::try_milliseconds(steps)?)?)
        }
        Value::Boolean(_) | Value::Text(_) => return None,
    };
    Value::parse(&claim_text(&moved), kind).ok()
}

/// Texts are ordered byte by byte: a prefix covers everything from itself up to its successor.
fn texts(
    name: &ColumnName,
    place: usize,
    column: &ColumnMentions,
    mut found: Vec<Value>,
) -> Vec<Value> {
    let text = |value: &Value| claim_text(value);
    let mut bounds: Vec<String> = found.iter().map(text).collect();
    bounds.push(String::new());
    for atom in &column.atoms {
        if let Predicate::LikePrefix { prefix, .. } = atom {
            bounds.push(prefix.clone());
            bounds.extend(successor(prefix));
        }
    }
    let mut made = vec![format!("other {name}")];
    made.extend(bounds.iter().map(|bound| format!("{bound}-{place}")));
    made.extend(bounds.iter().cloned());
    made.extend(bounds.iter().map(|bound| format!("{bound}!{place}")));
    made.extend(bounds.iter().map(|bound| format!("{bound}\u{0}")));
    found.extend(made.into_iter().map(Value::Text));
    found
}

/// The first text after all that start with `prefix`.
fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let after = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(after) = after {
            chars.push(after);
            return Some(chars.into_iter().collect());
        }
    }
    None
}
