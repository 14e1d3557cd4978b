//! Names, checked once. Holding one means the spelling was accepted; comparison is byte for byte.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest name accepted, in bytes.
const LONGEST: usize = 128;

/// Why a spelling is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is nothing but white space in it.
    #[error("a {kind} must not be blank")]
    Blank {
        /// What was being named.
        kind: &'static str,
    },
    /// It is longer than any name needs to be.
    #[error("a {kind} has at most {LONGEST} bytes, this one has {length}")]
    TooLong {
        /// What was being named.
        kind: &'static str,
        /// How long the text was.
        length: usize,
    },
    /// It does not follow the grammar of its kind.
    #[error("`{shown}` is not a valid {kind}: {expected}")]
    Spelling {
        /// What was being named.
        kind: &'static str,
        /// The text, escaped so that it can be shown.
        shown: String,
        /// The grammar, in words.
        expected: &'static str,
    },
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $grammar:path, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            #[doc = concat!("Accepts ", $expected, ".")]
            ///
            /// # Errors
            /// [`NameError`] says what was refused and what is expected.
            pub fn parse(raw: impl Into<String>) -> Result<Self, NameError> {
                check(raw.into(), $kind, $grammar, $expected).map(Self)
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(raw: String) -> Result<Self, NameError> {
                Self::parse(raw)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;

            fn from_str(raw: &str) -> Result<Self, NameError> {
                Self::parse(raw)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }
    };
}

name!(
    /// One unit of the organisation, spelled as the data spells it.
    BusinessUnit,
    "business unit",
    is_unit,
    "printable text without white space at either end"
);
name!(
    /// A gold table: `namespace.table`.
    DatasetName,
    "dataset name",
    is_dataset,
    "two snake_case words joined by a dot, such as `gold.statements`"
);
name!(
    /// A column of a dataset.
    ColumnName,
    "column name",
    is_snake,
    "lower-case letters, digits and underscores, starting with a letter"
);
name!(
    /// A role that a subject holds.
    RoleName,
    "role name",
    is_snake,
    "lower-case letters, digits and underscores, starting with a letter"
);
name!(
    /// The name of a claim that policies may compare columns with.
    AttributeName,
    "attribute name",
    is_snake,
    "lower-case letters, digits and underscores, starting with a letter"
);
name!(
    /// The name of a sample person.
    PersonaName,
    "persona name",
    is_persona,
    "lower-case letters, digits, hyphens and underscores, starting with a letter"
);
name!(
    /// The name of a rule, unique in its policy.
    RuleId,
    "rule id",
    is_kebab,
    "lower-case letters, digits and hyphens, starting with a letter"
);

impl DatasetName {
    /// The part before the dot.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.0
            .split_once('.')
            .map_or(&self.0, |(namespace, _)| namespace)
    }

    /// The part after the dot.
    #[must_use]
    pub fn table(&self) -> &str {
        self.0.split_once('.').map_or("", |(_, table)| table)
    }
}

fn check(
    raw: String,
    kind: &'static str,
    grammar: fn(&str) -> bool,
    expected: &'static str,
) -> Result<Arc<str>, NameError> {
    if raw.trim().is_empty() {
        return Err(NameError::Blank { kind });
    }
    if raw.len() > LONGEST {
        return Err(NameError::TooLong {
            kind,
            length: raw.len(),
        });
    }
    if !grammar(&raw) {
        return Err(NameError::Spelling {
            kind,
            shown: raw.escape_debug().to_string(),
            expected,
        });
    }
    Ok(raw.into())
}

fn is_snake(raw: &str) -> bool {
    is_word(raw, b'_')
}

fn is_kebab(raw: &str) -> bool {
    is_word(raw, b'-')
}

fn is_persona(raw: &str) -> bool {
    is_kebab(&raw.replace('_', "-"))
}

fn is_word(raw: &str, joiner: u8) -> bool {
    raw.bytes()
        .next()
        .is_some_and(|first| first.is_ascii_lowercase())
        && raw
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == joiner)
}

fn is_dataset(raw: &str) -> bool {
    raw.split_once('.')
        .is_some_and(|(namespace, table)| is_snake(namespace) && is_snake(table))
}

/// Units come from the data, so their alphabet is open; only what cannot be seen is refused.
fn is_unit(raw: &str) -> bool {
    raw.trim() == raw && !raw.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_grammar_of_their_kind() {
        assert!(ColumnName::parse("written_premium_2").is_ok());
        assert!(ColumnName::parse("Written").is_err());
        assert!(ColumnName::parse("2nd").is_err());
        assert!(ColumnName::parse("a-b").is_err());
        assert!(RuleId::parse("bu-own-rows").is_ok());
        assert!(RuleId::parse("bu_own_rows").is_err());
        assert!(DatasetName::parse("gold.statements").is_ok());
        assert!(DatasetName::parse("statements").is_err());
        assert!(DatasetName::parse("a.b.c").is_err());
        assert!(BusinessUnit::parse("Finance & Wealth").is_ok());
        assert!(BusinessUnit::parse(" auto").is_err());
        assert!(BusinessUnit::parse("au\u{0}to").is_err());
    }

    #[test]
    fn blank_and_endless_names_are_refused() {
        assert_eq!(
            BusinessUnit::parse("  "),
            Err(NameError::Blank {
                kind: "business unit"
            })
        );
        assert!(matches!(
            BusinessUnit::parse("x".repeat(129)),
            Err(NameError::TooLong { length: 129, .. })
        ));
    }

    #[test]
    fn names_pass_through_serde_by_parsing() {
        let name: DatasetName = serde_json::from_str("\"gold.statements\"").unwrap();
        assert_eq!((name.namespace(), name.table()), ("gold", "statements"));
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"gold.statements\"");
        assert!(serde_json::from_str::<DatasetName>("\"gold; drop\"").is_err());
    }
}
