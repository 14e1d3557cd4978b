//! Short names for the audit log. Their limits keep tokens, addresses with codes, SQL and row
//! values out of it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of something Weir knows: a dashboard, a tile, a rule, a client, an origin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// The id under which one request appears in logs, problems and the audit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestId(String);

/// Why a text may not stand in the audit log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Nothing, or more than a name has.
    #[error("expected 1 to {limit} characters, found {found}")]
    Length {
        /// The longest that is allowed.
        limit: usize,
        /// How many there were.
        found: usize,
    },
    /// White space, quotes, `=`, `?` and the like do not occur in names.
    #[error("character `{}` is not allowed in a name", .0.escape_debug())]
    Character(char),
    /// It starts the way every JSON web token does.
    #[error("this looks like a token, which may not be recorded")]
    Token,
}

impl Label {
    /// The longest name in characters. The shortest signed token is longer.
    pub const LIMIT: usize = 128;

    /// Accepts letters, digits and `. _ : / @ - [ ]`, up to [`Label::LIMIT`] of them.
    ///
    /// # Errors
    /// [`LabelError`] says which limit was passed.
    pub fn parse(raw: impl Into<String>) -> Result<Self, LabelError> {
        let raw = raw.into();
        // Every JSON object in base64url starts like this, so every token header does.
        if raw.starts_with("eyJ") {
            return Err(LabelError::Token);
        }
        check(raw, Self::LIMIT, |c| {
            c.is_alphanumeric() || "._:/@-[]".contains(c)
        })
        .map(Self)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RequestId {
    /// The longest request id in characters.
    pub const LIMIT: usize = 64;

    /// Accepts ASCII letters, digits and `-`, up to [`RequestId::LIMIT`] of them.
    ///
    /// # Errors
    /// [`LabelError`] says which limit was passed.
    pub fn parse(raw: impl Into<String>) -> Result<Self, LabelError> {
        check(raw.into(), Self::LIMIT, |c| {
            c.is_ascii_alphanumeric() || c == '-'
        })
        .map(Self)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Label {
    type Error = LabelError;

    fn try_from(raw: String) -> Result<Self, LabelError> {
        Self::parse(raw)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RequestId {
    type Error = LabelError;

    fn try_from(raw: String) -> Result<Self, LabelError> {
        Self::parse(raw)
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check(raw: String, limit: usize, allowed: fn(char) -> bool) -> Result<String, LabelError> {
    let found = raw.chars().count();
    if found == 0 || found > limit {
        return Err(LabelError::Length { limit, found });
    }
    match raw.chars().find(|c| !allowed(*c)) {
        Some(character) => Err(LabelError::Character(character)),
        None => Ok(raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_domain_are_labels() {
        for name in [
            "finance-overview",
            "gold.statements@5828592803881840765",
            "https://crm.example:8443",
            "http://[::1]:8081",
            "group_benefits",
            "Québec",
        ] {
            assert_eq!(Label::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn tokens_launch_addresses_and_sql_are_not_labels() {
        assert_eq!(Label::parse("eyJhbGciOiJFZERTQSJ9"), Err(LabelError::Token));
        assert_eq!(
            Label::parse("https://w/embed/x?code=1"),
            Err(LabelError::Character('?'))
        );
        assert_eq!(Label::parse("SELECT 1"), Err(LabelError::Character(' ')));
        assert_eq!(
            Label::parse("a\u{2028}b"),
            Err(LabelError::Character('\u{2028}'))
        );
        assert_eq!(
            Label::parse(""),
            Err(LabelError::Length {
                limit: 128,
                found: 0
            })
        );
        assert_eq!(
            Label::parse("a".repeat(129)),
            Err(LabelError::Length {
                limit: 128,
                found: 129
            })
        );
    }

    #[test]
    fn a_request_id_is_one_plain_word() {
        assert!(RequestId::parse("0192f0c1-7d3e-7cc3-98c4-dc0c0c07398f").is_ok());
        assert_eq!(RequestId::parse("a\nb"), Err(LabelError::Character('\n')));
    }
}
