//! The names this crate reads from tokens, requests and registrations.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest slug or client id accepted.
const MAX_NAME: usize = 64;

/// A text that does not have the form its type promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct NameError {
    expected: &'static str,
}

impl NameError {
    pub(crate) fn new(expected: &'static str) -> Self {
        Self { expected }
    }

    /// What a valid text looks like.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.expected
    }
}

macro_rules! text_newtype {
    ($(#[$meta:meta])* $name:ident, $check:path, $expected:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text and keeps it byte for byte.
            ///
            /// # Errors
            /// When the text does not have this name's form.
            pub fn parse(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                if $check(&text) { Ok(Self(text)) } else { Err(NameError::new($expected)) }
            }

            /// The text as it was given.
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

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

text_newtype!(
    /// A dashboard's name in URLs, such as `finance-overview`.
    Slug,
    is_kebab,
    "a slug: lower-case letters, digits and single hyphens, at most 64 characters"
);

text_newtype!(
    /// The registered name of an embed client, such as `demo-crm`.
    ClientId,
    is_kebab,
    "a client id: lower-case letters, digits and single hyphens, at most 64 characters"
);

text_newtype!(
    /// Who the host says is looking: the viewer's stable id in the host's own realm.
    ViewerId,
    is_viewer_id,
    "1 to 255 characters without control characters or blanks at the ends"
);

text_newtype!(
    /// Who vouches for a viewer: `weir:embed:{client}`, or an identity provider's issuer.
    SubjectIssuer,
    is_viewer_id,
    "1 to 255 characters without control characters or blanks at the ends"
);

impl SubjectIssuer {
    /// The issuer of every viewer that a registered client vouches for by itself. Two clients that
    /// name the same `sub` name two people (invariant 8).
    #[must_use]
    pub fn of_client(client: &ClientId) -> Self {
        Self(format!("weir:embed:{client}"))
    }
}

text_newtype!(
    /// The `jti` of one embed token: a version 7 UUID in its usual lower-case form.
    TokenId,
    is_uuid_v7,
    "a version 7 UUID in lower case"
);

text_newtype!(
    /// The name of a dashboard parameter, as the dashboard declares it.
    ParameterName,
    is_parameter,
    "a parameter name: letters, digits, `_` and `-`, at most 64 characters"
);

fn is_kebab(text: &str) -> bool {
    let segment = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    text.len() <= MAX_NAME
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(segment)
}

fn is_viewer_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

fn is_uuid_v7(text: &str) -> bool {
    uuid::Uuid::try_parse(text)
        .is_ok_and(|id| id.get_version_num() == 7 && id.hyphenated().to_string() == text)
}

fn is_parameter(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_NAME
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_kebab_case() {
        for good in ["a", "finance-overview", "q3-2026"] {
            assert!(Slug::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "3d", "a b", "a/b", "é", "a_b"] {
            assert!(Slug::parse(bad).is_err(), "{bad}");
        }
        assert!(Slug::parse("a".repeat(65)).is_err());
    }

    #[test]
    fn token_ids_are_canonical_version_7_uuids() {
        assert!(TokenId::parse("0193a5c0-7a3b-7c1d-9e2f-0123456789ab").is_ok());
        for bad in [
            "0193A5C0-7A3B-7C1D-9E2F-0123456789AB",
            "{0193a5c0-7a3b-7c1d-9e2f-0123456789ab}",
            "0193a5c07a3b7c1d9e2f0123456789ab",
            "0193a5c0-7a3b-4c1d-9e2f-0123456789ab",
        ] {
            assert!(TokenId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn viewer_ids_keep_their_bytes_and_refuse_control_characters() {
        assert_eq!(
            ViewerId::parse("Ünïque|123").unwrap().as_str(),
            "Ünïque|123"
        );
        for bad in ["", " ", "a\n", "a\0b", " a", "a\u{85}b"] {
            assert!(ViewerId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
