//! What a subject sees of a column.

use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::value::ValueType;

/// What stands in for the real values of a column. Ordered from the most to the least revealing,
/// so the greatest of several is the strictest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// Numbers rounded down to a multiple of the width.
    Bucket(BucketWidth),
    /// A short prefix of the text.
    Partial,
    /// A keyed hash of the text: equal texts stay equal, nothing else stays.
    Hash,
    /// NULL.
    Null,
}

/// How coarse a bucket mask is; always greater than zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct BucketWidth(Decimal);

/// A column as a grant shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnAccess<'a> {
    /// The real values.
    Visible,
    /// Only what the mask leaves of them. Must not be probed by filters, order or grouping.
    Masked(&'a Mask),
    /// Nothing at all.
    Hidden,
}

impl BucketWidth {
    /// A width, if it is greater than zero.
    #[must_use]
    pub fn new(width: Decimal) -> Option<Self> {
        (width > Decimal::ZERO).then(|| Self(width.normalize()))
    }

    /// The width as a number.
    #[must_use]
    pub fn get(self) -> Decimal {
        self.0
    }
}

impl Mask {
    /// Whether the mask means something for a column of this type.
    #[must_use]
    pub fn applies_to(&self, column: ValueType) -> bool {
        match (self, column) {
            (Self::Null, _) | (Self::Hash | Self::Partial, ValueType::Text) => true,
            (Self::Bucket(width), ValueType::Integer) => width.0.is_integer(),
            (Self::Bucket(width), ValueType::Decimal { scale, .. }) => {
                width.0.scale() <= u32::from(scale)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket(width) => write!(f, "bucket({})", width.0),
            Self::Partial => f.write_str("partial"),
            Self::Hash => f.write_str("hash"),
            Self::Null => f.write_str("null"),
        }
    }
}
