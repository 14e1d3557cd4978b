//! Checking embed tokens.
//!
//! `jsonwebtoken` checks the signature and nothing else here: its own reading of headers and claims
//! accepts a missing audience, an ignored `crit`, any `typ` and any lifetime. Everything is read
//! strictly first, and the times come from the caller's clock.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use weir_policy::Subject;

use super::claims::{CLAIMS, EmbedClaims};
use super::keyring::KeyRing;
use super::revocation::Revocations;
use super::{AUDIENCE, MAX_LIFETIME_SECONDS, MAX_TOKEN_BYTES, TOKEN_TYPE};
use crate::strict_json::{self, JsonFault};

/// How far into the future `iat` may lie: replicas whose clocks differ a little.
const MAX_AHEAD_SECONDS: i64 = 5;

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
    /// Not an embed token.
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

/// Claims whose token has been verified. Only a [`Verifier`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEmbed {
    claims: EmbedClaims,
}

impl VerifiedEmbed {
    /// What the token says.
    #[must_use]
    pub fn claims(&self) -> &EmbedClaims {
        &self.claims
    }

    /// Who is looking.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.claims.subject()
    }
}

/// Checks embed tokens against one key ring, one issuer and the revocations.
#[derive(Debug, Clone)]
pub struct Verifier {
    issuer: String,
    keys: Arc<KeyRing>,
    revocations: Arc<Revocations>,
}

impl Verifier {
    /// A verifier for tokens that `issuer`, Weir's public URL, signed with one of `keys`.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        keys: Arc<KeyRing>,
        revocations: Arc<Revocations>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            keys,
            revocations,
        }
    }

    /// Accepts a token or says why not.
    ///
    /// # Errors
    /// One [`TokenError`] per kind of flaw; all of them mean 401 to the outside.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<VerifiedEmbed, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let parts = Parts::split(token)?;
        self.check_signature(&parts)?;
        let claims = read_claims(&decode(parts.claims)?)?;
        self.check_claims(&claims, now)?;
        Ok(VerifiedEmbed { claims })
    }

    fn check_signature(&self, parts: &Parts<'_>) -> Result<(), TokenError> {
        let header = Header::read(&decode(parts.header)?)?;
        // Decoded here for its strictness only: one signature has one spelling.
        decode(parts.signature)?;
        match self
            .keys
            .verifies(&header.kid, parts.message.as_bytes(), parts.signature)
        {
            Some(true) => Ok(()),
            Some(false) => Err(TokenError::Signature),
            None => Err(TokenError::UnknownKey),
        }
    }

    fn check_claims(&self, claims: &EmbedClaims, now: DateTime<Utc>) -> Result<(), TokenError> {
        if claims.iss != self.issuer {
            return Err(TokenError::WrongIssuer);
        }
        if claims.aud != AUDIENCE {
            return Err(TokenError::WrongAudience);
        }
        check_times(claims.iat, claims.exp, now.timestamp())?;
        if self.revocations.revoked(claims) {
            return Err(TokenError::Revoked);
        }
        Ok(())
    }
}

fn check_times(iat: i64, exp: i64, now: i64) -> Result<(), TokenError> {
    // `iat` positive and `exp` after it keep the subtraction below from overflowing.
    if iat <= 0 || exp <= iat || exp - iat > MAX_LIFETIME_SECONDS {
        return Err(TokenError::Lifetime);
    }
    if iat > now.saturating_add(MAX_AHEAD_SECONDS) {
        return Err(TokenError::FromTheFuture);
    }
    if now >= exp {
        return Err(TokenError::Expired);
    }
    Ok(())
}

struct Parts<'a> {
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
    message: &'a str,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self, TokenError> {
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
        if header.is_empty() || claims.is_empty() || claims.contains('.') {
            return Err(TokenError::Malformed);
        }
        Ok(Self {
            header,
            claims,
            signature,
            message,
        })
    }
}

struct Header {
    kid: String,
}

impl Header {
    /// Only `alg`, `kid` and `typ` may be there. Anything else either points at keys of the sender's
    /// choice (`jku`, `x5u`, `jwk`, `x5c`) or changes the meaning (`crit`, `b64`, `zip`, `cty`).
    fn read(bytes: &[u8]) -> Result<Self, TokenError> {
        let header = strict_json::parse_object(bytes)?;
        if header.len() != 3 {
            return Err(TokenError::Header);
        }
        let member = |name: &str| {
            header
                .get(name)
                .and_then(Value::as_str)
                .ok_or(TokenError::Header)
        };
        let (algorithm, kid, token_type) = (member("alg")?, member("kid")?, member("typ")?);
        if algorithm != "EdDSA" {
            return Err(TokenError::Algorithm);
        }
        if token_type != TOKEN_TYPE {
            return Err(TokenError::WrongType);
        }
        Ok(Self {
            kid: kid.to_owned(),
        })
    }
}

fn read_claims(bytes: &[u8]) -> Result<EmbedClaims, TokenError> {
    let claims: Map<String, Value> = strict_json::parse_object(bytes)?;
    if claims.keys().any(|name| !CLAIMS.contains(&name.as_str())) {
        return Err(TokenError::UnknownClaim);
    }
    serde_json::from_value(Value::Object(claims)).map_err(|_| TokenError::Claims)
}

/// base64url without padding, in its one canonical spelling.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Malformed)
}
