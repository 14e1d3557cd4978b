//! Typed values as SQL literals: the only place where a value becomes text (invariant 1).
//!
//! Both dialects read these forms alike. Quotes are doubled and nothing else is escaped: neither
//! engine gives a backslash any meaning.

use rust_decimal::Decimal;
use weir_policy::Value;

/// Writes `value` as a literal of its own type.
#[must_use]
pub fn literal(value: &Value) -> String {
    match value {
        Value::Boolean(true) => "TRUE".to_owned(),
        Value::Boolean(false) => "FALSE".to_owned(),
        Value::Integer(value) => integer(*value),
        Value::Decimal(value) => decimal(*value),
        Value::Text(value) => text(value),
        Value::Date(value) => format!("DATE '{}'", value.format("%Y-%m-%d")),
        Value::Timestamp(value) => format!("TIMESTAMP '{}'", value.format("%Y-%m-%d %H:%M:%S%.3f")),
    }
}

/// Negative numbers stand in parentheses, so that `- -1` can't become a comment.
fn integer(value: i64) -> String {
    match value {
        // The positive literal 9223372036854775808 does not fit, so it is written as a difference.
        i64::MIN => format!("({} - 1)", i64::MIN + 1),
        negative if negative < 0 => format!("({negative})"),
        positive => positive.to_string(),
    }
}

/// `CAST('1.10' AS decimal(3,2))`: a bare `1.10` is a double to one engine.
fn decimal(value: Decimal) -> String {
    let scale = value.scale();
    let digits = value
        .mantissa()
        .unsigned_abs()
        .checked_ilog10()
        .map_or(1, |log| log + 1);
    let precision = digits.max(scale + 1);
    format!("CAST('{value}' AS decimal({precision},{scale}))")
}

/// Quotes `raw` as a text literal.
#[must_use]
pub fn text(raw: &str) -> String {
    format!("'{}'", raw.replace('\'', "''"))
}

/// Quotes `raw` as an identifier.
#[must_use]
pub(super) fn identifier(raw: &str) -> String {
    format!("\"{}\"", raw.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
