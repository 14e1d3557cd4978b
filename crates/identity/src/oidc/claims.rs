//! What an accepted token of the provider says.

use secrecy::SecretString;
use serde_json::{Map, Value};

/// The claims of an ID token, or of an access token for Weir's own API, that passed every check.
#[derive(Debug, Clone)]
pub struct IdentityClaims {
    issuer: String,
    subject: String,
    claims: Map<String, Value>,
    id_token: Option<SecretString>,
}

impl IdentityClaims {
    pub(super) fn new(
        issuer: String,
        subject: String,
        claims: Map<String, Value>,
        id_token: Option<SecretString>,
    ) -> Self {
        Self {
            issuer,
            subject,
            claims,
            id_token,
        }
    }

    /// The provider that vouches for the person.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The person's `sub`, unique for the issuer only.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The provider's session that the sign-in belongs to, if it names one (`sid`).
    #[must_use]
    pub fn provider_session(&self) -> Option<&str> {
        self.claims.get("sid").and_then(Value::as_str)
    }

    /// The ID token itself, as a hint for the provider at logout; an access token leaves none.
    #[must_use]
    pub fn id_token(&self) -> Option<&SecretString> {
        self.id_token.as_ref()
    }

    #[cfg(test)]
    pub(crate) fn for_tests(issuer: &str, subject: &str, claims: Map<String, Value>) -> Self {
        Self::new(issuer.to_owned(), subject.to_owned(), claims, None)
    }
}
