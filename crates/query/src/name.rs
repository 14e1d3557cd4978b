//! Names that stand in dashboard and dataset files, in URLs and in tokens.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name that breaks the spelling rule of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{raw}` is not a valid name: use lower-case letters, digits and `{joiner}`, starting with a \
     letter, at most {MAX_LENGTH} characters"
)]
pub struct NameError {
    raw: String,
    joiner: char,
}

/// The longest name in characters.
const MAX_LENGTH: usize = 64;

fn check(raw: String, joiner: char) -> Result<String, NameError> {
    let starts_well = raw.starts_with(|c: char| c.is_ascii_lowercase());
    let spelled_well = raw
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joiner);
    if starts_well && spelled_well && raw.len() <= MAX_LENGTH {
        Ok(raw)
    } else {
        Err(NameError {
            raw: raw.chars().take(MAX_LENGTH).collect(),
            joiner,
        })
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident joined by $joiner:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the spelling.
            ///
            /// # Errors
            /// [`NameError`] repeats the rule.
            pub fn parse(raw: impl Into<String>) -> Result<Self, NameError> {
                check(raw.into(), $joiner).map(Self)
            }

            /// The name as written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(raw: String) -> Result<Self, NameError> {
                Self::parse(raw)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

names! {
    /// A dashboard in URLs and tokens: `finance-overview`.
    DashboardSlug joined by '-';
    /// A tile within its dashboard: `premium-by-month`.
    TileId joined by '-';
    /// A filter within its dashboard, and the URL parameter that sets it: `region`.
    FilterId joined by '_';
    /// A dimension within its dataset: `month`.
    DimensionName joined by '_';
    /// A measure within its dataset: `written_premium`.
    MeasureName joined by '_';
}

#[cfg(test)]
mod tests {
    use super::{DashboardSlug, MeasureName};

    #[test]
    fn names_take_their_own_joiner_only() {
        assert!(DashboardSlug::parse("finance-overview").is_ok());
        assert!(DashboardSlug::parse("finance_overview").is_err());
        assert!(MeasureName::parse("written_premium").is_ok());
        assert!(MeasureName::parse("written-premium").is_err());
    }

    #[test]
    fn hostile_names_are_refused() {
        for raw in [
            "",
            "A",
            "1a",
            "a b",
            "a/../b",
            "é",
            "a\0",
            "a\"",
            &"a".repeat(65),
        ] {
            assert!(DashboardSlug::parse(raw).is_err(), "{raw:?} was accepted");
        }
    }
}
