//! Everything that can be wrong with an embed token.

use crate::strict_json::JsonFault;

/// Why a token is not accepted. Says nothing of the token's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_BYTES`](super::MAX_TOKEN_BYTES).
    #[error("token is too long")]
    TooLong,
    /// Not three base64url parts, or not JSON objects inside.
    #[error("token is malformed")]
    Malformed,
    /// A key appears twice in the header or the claims.
    #[error("token repeats a key")]
    DuplicateKey,
    /// The header has another member than `alg`, `kid` and `typ`, or one of them is no text.
    #[error("token header is not allowed")]
    Header,
    /// Not the algorithm of our keys.
    #[error("token algorithm is not allowed")]
    Algorithm,
    /// Not an embed token, or one of the other kind.
    #[error("token is of another type")]
    WrongType,
    /// No key of that id.
    #[error("token key is unknown")]
    UnknownKey,
    /// Not signed by the key it names.
    #[error("token signature is wrong")]
    Signature,
    /// A claim that embed tokens do not have.
    #[error("token has an unknown claim")]
    UnknownClaim,
    /// A claim is missing or of the wrong form.
    #[error("token claims are malformed")]
    Claims,
    /// Issued by somebody else.
    #[error("token has another issuer")]
    WrongIssuer,
    /// Meant for somebody else.
    #[error("token has another audience")]
    WrongAudience,
    /// Over.
    #[error("token has expired")]
    Expired,
    /// Issued later than now.
    #[error("token is issued in the future")]
    FromTheFuture,
    /// Made to live longer than embed tokens may, or no time at all.
    #[error("token lifetime is not allowed")]
    Lifetime,
    /// Taken back.
    #[error("token has been revoked")]
    Revoked,
    /// A launch token that a frame exchanged for one of its own.
    #[error("token has been spent")]
    Spent,
}

impl TokenError {
    /// A stable word for the audit log and metrics. Outside, all of these are `invalid_token`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "token_too_long",
            Self::Malformed => "malformed",
            Self::DuplicateKey => "duplicate_key",
            Self::Header => "header_not_allowed",
            Self::Algorithm => "algorithm_not_allowed",
            Self::WrongType => "wrong_type",
            Self::UnknownKey => "unknown_kid",
            Self::Signature => "bad_signature",
            Self::UnknownClaim => "unknown_claim",
            Self::Claims => "malformed_claims",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::Expired => "expired",
            Self::FromTheFuture => "issued_in_future",
            Self::Lifetime => "lifetime_not_allowed",
            Self::Revoked => "revoked",
            Self::Spent => "token_spent",
        }
    }
}

impl From<JsonFault> for TokenError {
    fn from(fault: JsonFault) -> Self {
        match fault {
            JsonFault::Malformed => Self::Malformed,
            JsonFault::DuplicateKey => Self::DuplicateKey,
        }
    }
}
