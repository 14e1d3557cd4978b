//! What an accepted token of the provider says.

use secrecy::SecretString;
use serde_json::{Map, Value};

/// The claims of an ID token, or of an access token for Weir's own API, that passed every check.
#[derive(Debug, Clone)]
pub struct IdentityClaims {
    issuer: String,
    subject: String,
    claims: Map<String, Value>,
    one_of_several: bool,
    id_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
}

impl IdentityClaims {
    pub(super) fn new(issuer: String, subject: String, claims: Map<String, Value>) -> Self {
        Self {
            issuer,
            subject,
            claims,
            one_of_several: false,
            id_token: None,
            refresh_token: None,
        }
    }

    pub(super) fn with_id_token(self, id_token: SecretString) -> Self {
        Self {
            id_token: Some(id_token),
            ..self
        }
    }

    pub(super) fn with_refresh_token(self, refresh_token: Option<SecretString>) -> Self {
        Self {
            refresh_token,
            ..self
        }
    }

    pub(super) fn beside_others(self, one_of_several: bool) -> Self {
        Self {
            one_of_several,
            ..self
        }
    }

    /// Claims that somebody wrote down, to see what a mapping makes of them. Nobody signs in by these.
    #[must_use]
    pub fn supposed(issuer: &str, claims: Map<String, Value>, one_of_several: bool) -> Self {
        let subject = claims.get("sub").and_then(Value::as_str);
        let subject = subject.unwrap_or("somebody").to_owned();
        Self::new(issuer.to_owned(), subject, claims).beside_others(one_of_several)
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

    /// What fetches newer claims later, if the provider gave such a token.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh_token.as_ref()
    }

    /// Whether members sign in at other providers too: then a mapping that doesn't say whose claims it
    /// means doesn't mean these.
    #[must_use]
    pub fn is_from_one_of_several(&self) -> bool {
        self.one_of_several
    }

    #[cfg(test)]
    pub(crate) fn for_tests(issuer: &str, subject: &str, claims: Map<String, Value>) -> Self {
        Self::new(issuer.to_owned(), subject.to_owned(), claims)
    }
}
