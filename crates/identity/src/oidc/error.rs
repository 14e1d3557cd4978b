//! Why a sign-in does not happen.

use std::error::Error;

/// The causes kept for the log. Their texts never go outside.
pub(super) type Cause = Box<dyn Error + Send + Sync>;

/// Why a sign-in does not happen.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The callback lacks a parameter, has one twice, or has a code and an error at once.
    #[error("the callback is malformed")]
    Callback,
    /// The `state` is not the one of this sign-in.
    #[error("the callback belongs to another sign-in")]
    State,
    /// The sign-in was begun too long ago.
    #[error("the sign-in took too long")]
    TooLate,
    /// The `iss` parameter of RFC 9207 is missing or another provider's.
    #[error("the callback comes from another provider")]
    CallbackIssuer,
    /// The person or the provider declined.
    #[error("the provider answered with an error")]
    Declined,
    /// The provider's description of itself cannot be used.
    #[error("the provider's metadata cannot be used: {0}")]
    Metadata(&'static str),
    /// The provider does not answer, or not in time, or not in a way that can be read.
    #[error("the provider does not answer as it should")]
    Unavailable(#[source] Cause),
    /// The token endpoint refused the code.
    #[error("the provider refused the code")]
    CodeRefused,
    /// The token endpoint gives this client no access token, or no longer.
    #[error("the provider gives no access token: `{0}`")]
    TokenRefused(String),
    /// The ID token is missing or not acceptable.
    #[error("the ID token is not accepted: {reason}")]
    IdToken {
        /// Which check failed.
        reason: IdTokenFlaw,
    },
}

impl LoginError {
    pub(super) fn unavailable(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Box::new(cause))
    }

    /// A stable word for the audit log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Callback => "callback_malformed",
            Self::State => "state_mismatch",
            Self::TooLate => "sign_in_expired",
            Self::CallbackIssuer => "callback_issuer_mismatch",
            Self::Declined => "provider_declined",
            Self::Metadata(_) => "provider_metadata",
            Self::Unavailable(_) => "provider_unavailable",
            Self::CodeRefused => "code_refused",
            Self::TokenRefused(_) => "token_refused",
            Self::IdToken { reason } => reason.code(),
        }
    }

    /// Whether the provider failed, rather than this sign-in: worth trying again later (502, 503).
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Metadata(_) | Self::Unavailable(_))
    }
}

impl From<IdTokenFlaw> for LoginError {
    fn from(reason: IdTokenFlaw) -> Self {
        Self::IdToken { reason }
    }
}

/// Which check of an ID token failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenFlaw {
    /// The token endpoint sent none.
    #[error("there is none")]
    Missing,
    /// It repeats a key, or a time is no number.
    #[error("it is malformed")]
    Malformed,
    /// Not signed, or with an algorithm that is not on the list.
    #[error("its algorithm is not allowed")]
    Algorithm,
    /// Not signed by a key of the provider.
    #[error("its signature is wrong")]
    Signature,
    /// Another issuer.
    #[error("its issuer is another one")]
    Issuer,
    /// Another audience, or one besides this client.
    #[error("its audience is another one")]
    Audience,
    /// Issued to another client.
    #[error("its authorized party is another one")]
    AuthorizedParty,
    /// Another sign-in's nonce, or none.
    #[error("its nonce is another one")]
    Nonce,
    /// Over, not yet valid, or issued before the sign-in began.
    #[error("its times are out of range")]
    Time,
    /// Belongs to another access token.
    #[error("it belongs to another access token")]
    AccessTokenHash,
    /// No usable `sub`.
    #[error("its subject is missing")]
    Subject,
    /// Something else the OIDC library refuses.
    #[error("it breaks another rule")]
    Other,
}

impl IdTokenFlaw {
    fn code(self) -> &'static str {
        match self {
            Self::Missing => "id_token_missing",
            Self::Malformed => "id_token_malformed",
            Self::Algorithm => "id_token_algorithm",
            Self::Signature => "id_token_signature",
            Self::Issuer => "id_token_issuer",
            Self::Audience => "id_token_audience",
            Self::AuthorizedParty => "id_token_authorized_party",
            Self::Nonce => "id_token_nonce",
            Self::Time => "id_token_time",
            Self::AccessTokenHash => "id_token_at_hash",
            Self::Subject => "id_token_subject",
            Self::Other => "id_token_refused",
        }
    }
}
