//! The closed set of types and literals that a policy, a filter or a claim may mention.

mod parse;

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use self::parse::{Scalar, ValueError};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ValueType {
    /// True or false.
    Boolean,
    /// A whole number of up to 64 bits.
    Integer,
    /// An exact number with a fixed count of decimals.
    Decimal {
        /// Digits in all, at most 28.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// A binary floating point number: may be measured, may not be compared.
    Double,
    /// Text, compared byte for byte.
    Text,
    /// A day.
    Date,
    /// An instant in UTC, to the millisecond.
    Timestamp,
}

/// One typed literal. There is no floating point variant: equality on doubles is not a rule
/// anybody can reason about, so neither policies nor filters may compare them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An exact number.
    Decimal(Decimal),
    /// Text, compared byte for byte.
    Text(String),
    /// A day.
    Date(NaiveDate),
    /// An instant in UTC, to the millisecond.
    Timestamp(NaiveDateTime),
}

impl ValueType {
    /// The most digits a decimal column may have and still be compared exactly.
    pub const MOST_DIGITS: u8 = 28;

    /// Whether literals of this type may be compared at all.
    #[must_use]
    pub fn is_comparable(self) -> bool {
        self != Self::Double
    }

    /// Whether `lt`, `between` and the like mean something.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        !matches!(self, Self::Boolean | Self::Double)
    }
}

impl Value {
    /// Whether a column of type `column` can hold this literal.
    #[must_use]
    pub fn is_of(&self, column: ValueType) -> bool {
        match self {
            Self::Boolean(_) => column == ValueType::Boolean,
            Self::Integer(_) => column == ValueType::Integer,
            Self::Decimal(_) => matches!(column, ValueType::Decimal { .. }),
            Self::Text(_) => column == ValueType::Text,
            Self::Date(_) => column == ValueType::Date,
            Self::Timestamp(_) => column == ValueType::Timestamp,
        }
    }

    /// Whether both literals are of one type, and so can be compared.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::Integer => f.write_str("integer"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Double => f.write_str("double"),
            Self::Text => f.write_str("text"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
        }
    }
}

/// A spelling that names no type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a type: use boolean, integer, decimal(precision,scale) with precision up to 28, \
     double, text, date or timestamp"
)]
pub struct UnknownType(String);

impl FromStr for ValueType {
    type Err = UnknownType;

    fn from_str(raw: &str) -> Result<Self, UnknownType> {
        let unknown = || UnknownType(raw.escape_debug().to_string());
        Ok(match raw {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "double" => Self::Double,
            "text" => Self::Text,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            other => decimal_type(other).ok_or_else(unknown)?,
        })
    }
}

fn decimal_type(raw: &str) -> Option<ValueType> {
    let inside = raw.strip_prefix("decimal(")?.strip_suffix(')')?;
    let (precision, scale) = inside.split_once(',')?;
    let precision: u8 = precision.trim().parse().ok()?;
    let scale: u8 = scale.trim().parse().ok()?;
    let sensible = (1..=ValueType::MOST_DIGITS).contains(&precision) && scale <= precision;
    sensible.then_some(ValueType::Decimal { precision, scale })
}

impl TryFrom<String> for ValueType {
    type Error = UnknownType;

    fn try_from(raw: String) -> Result<Self, UnknownType> {
        raw.parse()
    }
}

impl From<ValueType> for String {
    fn from(kind: ValueType) -> Self {
        kind.to_string()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Decimal(value) => write!(f, "{value}"),
            Self::Text(value) if is_plain_word(value) => f.write_str(value),
            Self::Text(value) => write!(f, "{value:?}"),
            Self::Date(value) => write!(f, "{value}"),
            Self::Timestamp(value) => write!(f, "{}", value.format("%Y-%m-%dT%H:%M:%S%.3fZ")),
        }
    }
}

/// Words that can be shown without quotes and not be taken for anything else.
fn is_plain_word(text: &str) -> bool {
    const TAKEN: [&str; 10] = [
        "true", "false", "null", "and", "or", "not", "in", "is", "always", "never",
    ];
    text.bytes()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && !TAKEN.contains(&text)
}

#[cfg(test)]
mod tests;
