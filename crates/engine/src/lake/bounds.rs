//! Whether a file may hold rows of which a predicate is true, by the smallest and largest value of
//! its columns.
//!
//! The answer is a weakening: whatever is not known is "perhaps".

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta};
use iceberg::spec::{PrimitiveLiteral, PrimitiveType};
use rust_decimal::Decimal;
use weir_policy::{ColumnName, Comparison, Predicate, Value};

/// Between which values those of a column lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Option<Value>,
    pub(super) to: Option<Value>,
}

/// The columns of a file of which anything is known.
pub(super) type Spans = BTreeMap<ColumnName, Span>;

/// Whether `predicate` may be true of a row within `spans`.
pub(super) fn may_hold(predicate: &Predicate, spans: &Spans) -> bool {
    match predicate {
        Predicate::Never => false,
        Predicate::All(parts) => parts.iter().all(|part| may_hold(part, spans)),
        Predicate::Any(parts) => parts.iter().any(|part| may_hold(part, spans)),
        Predicate::Compare { column, op, value } => spans
            .get(column)
            .is_none_or(|span| span.may_compare(*op, value)),
        Predicate::In { column, values } => spans.get(column).is_none_or(|span| {
            let mut values = values.iter();
            values.any(|value| span.may_compare(Comparison::Eq, value))
        }),
        // Negations and prefixes rarely rule out a file.
        Predicate::Always
        | Predicate::IsNull(_)
        | Predicate::LikePrefix { .. }
        | Predicate::Not(_) => true,
    }
}

impl Span {
    fn may_compare(&self, op: Comparison, value: &Value) -> bool {
        let least = self.from.as_ref().filter(|from| comparable(from, value));
        let most = self.to.as_ref().filter(|to| comparable(to, value));
        match op {
            Comparison::Eq => {
                least.is_none_or(|least| least <= value) && most.is_none_or(|most| most >= value)
            }
            Comparison::Lt => least.is_none_or(|least| least < value),
            Comparison::Le => least.is_none_or(|least| least <= value),
            Comparison::Gt => most.is_none_or(|most| most > value),
            Comparison::Ge => most.is_none_or(|most| most >= value),
        }
    }
}

/// Values of two types are ordered by their types, which says nothing about rows.
fn comparable(one: &Value, other: &Value) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// A stored value as policies compare it. Instants are cut to the millisecond: down for a lower
/// bound, up for an upper one.
pub(super) fn value(
    literal: &PrimitiveLiteral,
    kind: &PrimitiveType,
    upper: bool,
) -> Option<Value> {
    Some(match (literal, kind) {
        (PrimitiveLiteral::Boolean(value), _) => Value::Boolean(*value),
        (PrimitiveLiteral::Int(days), PrimitiveType::Date) => {
            let since = TimeDelta::days(i64::from(*days));
            Value::Date(NaiveDate::default().checked_add_signed(since)?)
        }
        (PrimitiveLiteral::Int(value), PrimitiveType::Int | PrimitiveType::Long) => {
            Value::Integer(i64::from(*value))
        }
        (PrimitiveLiteral::Long(value), PrimitiveType::Long) => Value::Integer(*value),
        (PrimitiveLiteral::Long(at), kind) => instant(*at, per_millisecond(kind)?, upper)?,
        (PrimitiveLiteral::Int128(steps), PrimitiveType::Decimal { scale, .. }) => {
            Value::Decimal(Decimal::try_from_i128_with_scale(*steps, *scale).ok()?)
        }
        (PrimitiveLiteral::String(text), PrimitiveType::String) => Value::Text(text.clone()),
        _ => return None,
    })
}

fn per_millisecond(kind: &PrimitiveType) -> Option<i64> {
    match kind {
        PrimitiveType::Timestamp | PrimitiveType::Timestamptz => Some(1_000),
        PrimitiveType::TimestampNs | PrimitiveType::TimestamptzNs => Some(1_000_000),
        _ => None,
    }
}

fn instant(at: i64, per_millisecond: i64, upper: bool) -> Option<Value> {
    let down = at.div_euclid(per_millisecond);
    let rest = at.rem_euclid(per_millisecond);
    let millisecond = down + i64::from(upper && rest > 0);
    let at = DateTime::from_timestamp_millis(millisecond)?;
    Some(Value::Timestamp(at.naive_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str) -> ColumnName {
        ColumnName::parse(name).unwrap()
    }

    fn spans(from: Option<i64>, to: Option<i64>) -> Spans {
        let span = Span {
            from: from.map(Value::Integer),
            to: to.map(Value::Integer),
        };
        Spans::from([(column("n"), span)])
    }

    fn compare(op: Comparison, value: i64) -> Predicate {
        Predicate::compare(column("n"), op, Value::Integer(value))
    }

    /// Every comparison with every span of small numbers, against looking at the numbers.
    #[test]
    fn a_file_is_ruled_out_only_if_no_number_in_its_span_compares() {
        for (from, to) in (0..6).flat_map(|from| (from..6).map(move |to| (from, to))) {
            for value in -1..7 {
                for op in [
                    Comparison::Eq,
                    Comparison::Lt,
                    Comparison::Le,
                    Comparison::Gt,
                    Comparison::Ge,
                ] {
                    let holds = |n: i64| match op {
                        Comparison::Eq => n == value,
                        Comparison::Lt => n < value,
                        Comparison::Le => n <= value,
                        Comparison::Gt => n > value,
                        Comparison::Ge => n >= value,
                    };
                    assert_eq!(
                        may_hold(&compare(op, value), &spans(Some(from), Some(to))),
                        (from..=to).any(holds),
                        "{op:?} {value} in {from}..={to}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_may_be() {
        let text = Predicate::eq(column("n"), Value::Text("a".to_owned()));
        let other = Predicate::eq(column("m"), Value::Integer(9));

        assert!(may_hold(&compare(Comparison::Eq, 9), &spans(Some(1), None)));
        assert!(!may_hold(
            &compare(Comparison::Eq, 0),
            &spans(Some(1), None)
        ));
        assert!(may_hold(&text, &spans(Some(1), Some(2))), "another type");
        assert!(may_hold(&other, &spans(Some(1), Some(2))), "another column");
        assert!(may_hold(
            &Predicate::not(compare(Comparison::Eq, 1)),
            &spans(Some(1), Some(1))
        ));
    }

    #[test]
    fn both_sides_of_a_conjunction_and_one_of_a_disjunction_must_be_possible() {
        let (low, high) = (compare(Comparison::Le, 2), compare(Comparison::Ge, 8));
        let span = spans(Some(1), Some(3));

        assert!(!may_hold(
            &Predicate::all([low.clone(), high.clone()]),
            &span
        ));
        assert!(may_hold(&Predicate::any([low, high]), &span));
        assert!(!may_hold(&Predicate::Never, &span));
    }

    #[test]
    fn instants_between_two_milliseconds_stay_inside_their_bounds() {
        let stored = PrimitiveLiteral::Long(-1_500);
        let bound = |upper| match value(&stored, &PrimitiveType::Timestamp, upper) {
            Some(Value::Timestamp(at)) => at.and_utc().timestamp_millis(),
            other => panic!("{other:?}"),
        };

        assert_eq!((bound(false), bound(true)), (-2, -1));
    }
}
