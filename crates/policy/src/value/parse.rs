//! From text to typed literal: exact or refused, never rounded, trimmed or guessed.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use rust_decimal::Decimal;

use super::{Value, ValueType};

/// A scalar as a document spells it. Plain and quoted differ: `12` is a number, `"12"` is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// Without quotes; a JSON number, `true`, `false` or `null` counts as plain too.
    Plain(&'a str),
    /// In quotes, or a JSON string: always text.
    Quoted(&'a str),
}

/// Why a scalar is not a literal of the wanted type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// It is of another type, or not spelled as the type asks.
    #[error("expected {}, found {found}", spelling(*.expected))]
    Type {
        /// The type of the column.
        expected: ValueType,
        /// What stood there, ready to be shown.
        found: String,
    },
    /// The number has more decimals or digits than the column can hold.
    #[error("{found} does not fit {expected} exactly")]
    DoesNotFit {
        /// The type of the column.
        expected: ValueType,
        /// What stood there, ready to be shown.
        found: String,
    },
    /// NULL equals nothing, so a comparison with it is always a mistake.
    #[error("null cannot be compared; use `is_null`")]
    Null,
    /// Doubles have no exact equality.
    #[error("columns of type double cannot be compared")]
    Double,
}

impl<'a> Scalar<'a> {
    /// The text between the quotes, or the plain text.
    #[must_use]
    pub fn text(self) -> &'a str {
        match self {
            Self::Plain(text) | Self::Quoted(text) => text,
        }
    }

    /// Whether YAML's core schema reads this as NULL.
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self, Self::Plain("" | "~" | "null" | "Null" | "NULL"))
    }

    /// The text, if YAML's core schema reads this scalar as a string.
    #[must_use]
    pub fn as_string(self) -> Option<&'a str> {
        match self {
            Self::Quoted(text) => Some(text),
            Self::Plain(text) => is_core_string(text).then_some(text),
        }
    }

    fn shown(self) -> String {
        match self {
            Self::Plain(text) => format!("`{}`", text.escape_debug()),
            Self::Quoted(text) => format!("the text {text:?}"),
        }
    }
}

impl Value {
    /// Reads a scalar of a document. Text columns take strings only; numbers and booleans must not
    /// be quoted, except decimals, which may be because JSON spells exact numbers that way.
    ///
    /// # Errors
    /// [`ValueError`] names the wanted type and what was found.
    pub fn from_scalar(scalar: Scalar<'_>, column: ValueType) -> Result<Self, ValueError> {
        if scalar.is_null() {
            return Err(ValueError::Null);
        }
        let wrong = || ValueError::Type {
            expected: column,
            found: scalar.shown(),
        };
        let text = match (column, scalar) {
            (ValueType::Boolean | ValueType::Integer, Scalar::Quoted(_)) => return Err(wrong()),
            (ValueType::Text, _) => scalar.as_string().ok_or_else(wrong)?,
            _ => scalar.text(),
        };
        Self::typed(text, column, &|| scalar.shown())
    }

    /// Reads a claim or a request parameter, which is text whatever the column is.
    ///
    /// # Errors
    /// [`ValueError`] names the wanted type and what was found.
    pub fn parse(text: &str, column: ValueType) -> Result<Self, ValueError> {
        Self::typed(text, column, &|| format!("{text:?}"))
    }

    fn typed(
        text: &str,
        column: ValueType,
        shown: &dyn Fn() -> String,
    ) -> Result<Self, ValueError> {
        let parsed = match column {
            ValueType::Boolean => boolean(text).map(Self::Boolean),
            ValueType::Integer => integer(text).map(Self::Integer),
            ValueType::Decimal { precision, scale } => {
                let number = plain_decimal(text);
                if let Some(fitted) = number.and_then(|number| fit(number, precision, scale)) {
                    return Ok(Self::Decimal(fitted));
                }
                if is_digits_and_point(text) {
                    return Err(ValueError::DoesNotFit {
                        expected: column,
                        found: shown(),
                    });
                }
                None
            }
            ValueType::Double => return Err(ValueError::Double),
            ValueType::Text => Some(Self::Text(text.to_owned())),
            ValueType::Date => date(text).map(Self::Date),
            ValueType::Timestamp => timestamp(text).map(Self::Timestamp),
        };
        parsed.ok_or_else(|| ValueError::Type {
            expected: column,
            found: shown(),
        })
    }
}

fn spelling(expected: ValueType) -> String {
    match expected {
        ValueType::Boolean => "a boolean (`true` or `false`)".to_owned(),
        ValueType::Integer => "an integer such as `42`".to_owned(),
        ValueType::Decimal { .. } => format!("a {expected} such as `12.5`"),
        ValueType::Double => "a double".to_owned(),
        ValueType::Text => "text (put it in quotes)".to_owned(),
        ValueType::Date => "a date such as `2026-01-31`".to_owned(),
        ValueType::Timestamp => "a UTC timestamp such as `2026-01-31T08:30:00Z`".to_owned(),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// One spelling per number: no plus sign, no leading zeros, ASCII digits only.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

fn is_digits_and_point(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

fn plain_decimal(text: &str) -> Option<Decimal> {
    if is_digits_and_point(text) {
        Decimal::from_str_exact(text).ok()
    } else {
        None
    }
}

/// The number at the scale of the column, when that loses nothing.
fn fit(number: Decimal, precision: u8, scale: u8) -> Option<Decimal> {
    let mut fitted = number;
    fitted.rescale(u32::from(scale));
    let limit = 10_i128.checked_pow(u32::from(precision))?;
    let fits = fitted == number
        && fitted.scale() == u32::from(scale)
        && fitted
            .mantissa()
            .checked_abs()
            .is_some_and(|digits| digits < limit);
    fits.then_some(fitted)
}

fn date(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if shape {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
    } else {
        None
    }
}

fn timestamp(text: &str) -> Option<NaiveDateTime> {
    let (day, time) = text.split_once('T')?;
    let time = time.strip_suffix('Z').unwrap_or(time);
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let shape = whole.len() == 8
        && whole.bytes().enumerate().all(|(at, b)| match at {
            2 | 5 => b == b':',
            _ => b.is_ascii_digit(),
        })
        && (1..=3).contains(&fraction.len())
        && fraction.bytes().all(|b| b.is_ascii_digit());
    if !shape {
        return None;
    }
    let clock = NaiveTime::parse_from_str(whole, "%H:%M:%S").ok()?;
    // `:60` parses as a leap second, which the lake cannot store.
    let clock = (clock.nanosecond() < 1_000_000_000).then_some(clock)?;
    let millis: u32 = format!("{fraction:0<3}").parse().ok()?;
    Some(date(day)?.and_time(clock.with_nanosecond(millis * 1_000_000)?))
}

/// YAML 1.2 core schema: everything that is not null, a boolean or a number is a string.
fn is_core_string(text: &str) -> bool {
    const RESERVED: [&str; 11] = [
        "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE",
    ];
    if RESERVED.contains(&text) {
        return false;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let special =
        matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN");
    let radix = |prefix: &str, radix: u32| {
        text.strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(radix)))
    };
    let number = unsigned
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_digit() || b == b'.')
        && unsigned
            .bytes()
            .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        && unsigned.parse::<f64>().is_ok();
    !(special || number || radix("0x", 16) || radix("0o", 8))
}
