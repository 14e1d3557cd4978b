//! Which files can be left unread: the part of a predicate that Iceberg can check against
//! partition values and column statistics.
//!
//! The translation is a weakening. Whatever it cannot express exactly becomes "perhaps": a file is
//! skipped only if no row in it can be true. The row filter and SQL decide about the rest.

use std::collections::BTreeSet;

use datafusion::common::{Column, ScalarValue};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use iceberg::expr::{Predicate as Pruning, Reference};
use iceberg::spec::{Datum, PrimitiveType, Schema, Type};
use rust_decimal::Decimal;
use weir_policy::{ColumnName, Comparison, Predicate, Value};

use super::literal::{Steps, epoch_days, steps};

/// Above this many values a set is not worth comparing with every file.
const MOST_VALUES: usize = 200;

/// What is known to hold of every row wanted; `None` when nothing helps.
pub(super) fn pruning(predicate: &Predicate, schema: &Schema) -> Option<Pruning> {
    match predicate {
        Predicate::Compare { column, op, value } => compare(column, *op, value, schema),
        Predicate::In { column, values } => membership(column, values, schema),
        Predicate::All(parts) => parts
            .iter()
            .filter_map(|part| pruning(part, schema))
            .reduce(Pruning::and),
        // One branch about which nothing is known may hold anywhere.
        Predicate::Any(parts) => parts
            .iter()
            .map(|part| pruning(part, schema))
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .reduce(Pruning::or),
        Predicate::Never => Some(Pruning::AlwaysFalse),
        // Negations and prefixes rarely rule out a file.
        Predicate::Always
        | Predicate::IsNull(_)
        | Predicate::LikePrefix { .. }
        | Predicate::Not(_) => None,
    }
}

fn membership(column: &ColumnName, values: &BTreeSet<Value>, schema: &Schema) -> Option<Pruning> {
    if values.is_empty() || values.len() > MOST_VALUES {
        return None;
    }
    let kind = primitive(column, schema)?;
    if is_timestamp(&kind) {
        return None;
    }
    let data = values
        .iter()
        .map(|value| datum(value, &kind))
        .collect::<Option<Vec<_>>>()?;
    Some(Reference::new(column.as_str()).is_in(data))
}

fn compare(column: &ColumnName, op: Comparison, value: &Value, schema: &Schema) -> Option<Pruning> {
    let kind = primitive(column, schema)?;
    let name = || Reference::new(column.as_str());
    if is_timestamp(&kind) {
        return instant(column, op, value, &kind);
    }
    let datum = datum(value, &kind)?;
    Some(match op {
        Comparison::Eq => name().equal_to(datum),
        Comparison::Lt => name().less_than(datum),
        Comparison::Le => name().less_than_or_equal_to(datum),
        Comparison::Gt => name().greater_than(datum),
        Comparison::Ge => name().greater_than_or_equal_to(datum),
    })
}

/// Rows are compared by the millisecond, files store microseconds or less: a millisecond is the
/// span from itself to the next.
fn instant(
    column: &ColumnName,
    op: Comparison,
    value: &Value,
    kind: &PrimitiveType,
) -> Option<Pruning> {
    let Value::Timestamp(value) = value else {
        return None;
    };
    let millisecond = value.and_utc().timestamp_millis();
    let from = || instant_datum(millisecond, kind);
    let until = || instant_datum(millisecond.checked_add(1)?, kind);
    let name = || Reference::new(column.as_str());
    Some(match op {
        Comparison::Lt => name().less_than(from()?),
        Comparison::Le => name().less_than(until()?),
        Comparison::Gt => name().greater_than_or_equal_to(until()?),
        Comparison::Ge => name().greater_than_or_equal_to(from()?),
        Comparison::Eq => name()
            .greater_than_or_equal_to(from()?)
            .and(name().less_than(until()?)),
    })
}

fn instant_datum(millisecond: i64, kind: &PrimitiveType) -> Option<Datum> {
    let micros = millisecond.checked_mul(1_000)?;
    match kind {
        PrimitiveType::Timestamp => Some(Datum::timestamp_micros(micros)),
        PrimitiveType::Timestamptz => Some(Datum::timestamptz_micros(micros)),
        _ => None,
    }
}

fn is_timestamp(kind: &PrimitiveType) -> bool {
    matches!(
        kind,
        PrimitiveType::Timestamp
            | PrimitiveType::Timestamptz
            | PrimitiveType::TimestampNs
            | PrimitiveType::TimestamptzNs
    )
}

fn primitive(column: &ColumnName, schema: &Schema) -> Option<PrimitiveType> {
    match schema.field_by_name(column.as_str())?.field_type.as_ref() {
        Type::Primitive(kind) => Some(kind.clone()),
        _ => None,
    }
}

/// The value in exactly the column's own type, or nothing.
fn datum(value: &Value, kind: &PrimitiveType) -> Option<Datum> {
    match (value, kind) {
        (Value::Boolean(value), PrimitiveType::Boolean) => Some(Datum::bool(*value)),
        (Value::Integer(value), PrimitiveType::Long) => Some(Datum::long(*value)),
        (Value::Integer(value), PrimitiveType::Int) => i32::try_from(*value).ok().map(Datum::int),
        (Value::Text(value), PrimitiveType::String) => Some(Datum::string(value)),
        (Value::Date(value), PrimitiveType::Date) => epoch_days(*value).map(Datum::date),
        (Value::Decimal(value), PrimitiveType::Decimal { precision, scale }) => {
            decimal(*value, *precision, *scale)
        }
        _ => None,
    }
}

fn decimal(value: Decimal, precision: u32, scale: u32) -> Option<Datum> {
    let Steps::Whole(steps) = steps(value, i8::try_from(scale).ok()?) else {
        return None;
    };
    // Iceberg's own constructor takes a library of its own; text is the common ground.
    let digits = Decimal::try_from_i128_with_scale(steps, scale)
        .ok()?
        .to_string();
    let parsed = Datum::decimal_from_str(digits).ok()?;
    parsed
        .to(&Type::Primitive(PrimitiveType::Decimal {
            precision,
            scale,
        }))
        .ok()
}

/// A filter of the query as a predicate, when it is a plain comparison of a column.
pub(super) fn of_filter(filter: &Expr) -> Option<Predicate> {
    match filter {
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::And,
            right,
        }) => {
            // Half of a conjunction still rules files out.
            let parts: Vec<_> = [left, right]
                .into_iter()
                .filter_map(|p| of_filter(p))
                .collect();
            (!parts.is_empty()).then(|| Predicate::all(parts))
        }
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::Or,
            right,
        }) => Some(Predicate::any([of_filter(left)?, of_filter(right)?])),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => comparison(left, *op, right),
        Expr::InList(InList {
            expr,
            list,
            negated: false,
        }) => {
            let values = list.iter().map(value).collect::<Option<Vec<_>>>()?;
            Some(Predicate::is_in(column(expr)?, values))
        }
        _ => None,
    }
}

fn comparison(left: &Expr, op: Operator, right: &Expr) -> Option<Predicate> {
    if let (Some(column), Some(value)) = (column(left), value(right)) {
        return Some(Predicate::compare(column, relation(op)?, value));
    }
    Some(Predicate::compare(
        column(right)?,
        relation(op.swap()?)?,
        value(left)?,
    ))
}

fn relation(op: Operator) -> Option<Comparison> {
    Some(match op {
        Operator::Eq => Comparison::Eq,
        Operator::Lt => Comparison::Lt,
        Operator::LtEq => Comparison::Le,
        Operator::Gt => Comparison::Gt,
        Operator::GtEq => Comparison::Ge,
        _ => return None,
    })
}

fn column(expr: &Expr) -> Option<ColumnName> {
    let Expr::Column(Column { name, .. }) = expr else {
        return None;
    };
    ColumnName::parse(name).ok()
}

fn value(expr: &Expr) -> Option<Value> {
    let Expr::Literal(literal, _) = expr else {
        return None;
    };
    Some(match literal {
        ScalarValue::Boolean(Some(value)) => Value::Boolean(*value),
        ScalarValue::Int64(Some(value)) => Value::Integer(*value),
        ScalarValue::Utf8(Some(value))
        | ScalarValue::Utf8View(Some(value))
        | ScalarValue::LargeUtf8(Some(value)) => Value::Text(value.clone()),
        ScalarValue::Date32(Some(days)) => {
            let since = chrono::TimeDelta::days(i64::from(*days));
            Value::Date(chrono::NaiveDate::default().checked_add_signed(since)?)
        }
        ScalarValue::Decimal128(Some(steps), _, scale) => {
            let scale = u32::try_from(*scale).ok()?;
            Value::Decimal(Decimal::try_from_i128_with_scale(*steps, scale).ok()?)
        }
        _ => return None,
    })
}
