//! Kleene's three truth values: what a comparison with NULL, or with a missing claim, amounts to.

use std::ops::Not;

use serde::Serialize;

/// The outcome of a condition that may have nothing to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It does not hold.
    False,
    /// Nobody can say.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// Conjunction: the lesser of the two in the order False, Unknown, True.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Disjunction: the greater of the two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether it holds for certain; the only reading that lets anything through.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Self::True
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(known: bool) -> Self {
        if known { Self::True } else { Self::False }
    }
}
