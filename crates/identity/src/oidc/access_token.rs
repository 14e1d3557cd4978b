//! The checks of a token that somebody other than the provider brings: an access token for Weir's
//! own API (RFC 9068 §4), or a person's token that a client exchanges, which may be an ID token.
//!
//! Everything that can be said without a key is said first, so that noise costs no request to the
//! provider. What is left of the token is then held against the provider's keys, each of which
//! verifies one kind of signature only.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value};

use super::error::LoginError;
pub use super::signed::MAX_TOKEN_BYTES;
use super::signed::{self, Signed, SignedFlaw, Types};
use crate::name::ViewerId;

/// How far a provider's clock may be from ours.
const SKEW: Duration = Duration::seconds(60);

/// An access token that lives longer is somebody's mistake. For that long somebody could come back
/// with one from before a logout or a revocation.
pub const MAX_LIFETIME: Duration = Duration::hours(24);

/// The `typ` of an access token (RFC 9068 §2.1): no ID token, logout token or embed token has it.
const ACCESS_TOKEN: Types = Types {
    names: &["at+jwt", "application/at+jwt"],
    may_lack: false,
};

/// The `typ` of an ID token, where it has one.
const ID_TOKEN: Types = Types {
    names: &["JWT"],
    may_lack: true,
};

/// Why an access token is not accepted, or nobody can say.
#[derive(Debug, thiserror::Error)]
pub enum AccessTokenError {
    /// A check failed.
    #[error("the access token is not accepted: {0}")]
    Flaw(#[from] AccessTokenFlaw),
    /// The provider's keys can't be had now.
    #[error("the provider's keys can't be had")]
    Provider(#[from] LoginError),
}

/// Which check of an access token failed. Says nothing of the token's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenFlaw {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("it is too long")]
    TooLong,
    /// Not three base64url parts with JSON objects inside, or a key twice.
    #[error("it is malformed")]
    Malformed,
    /// A header member that access tokens must not have, or one missing that they must.
    #[error("its header is not allowed")]
    Header,
    /// Not signed, with a shared secret, or with an algorithm its key is not for.
    #[error("its algorithm is not allowed")]
    Algorithm,
    /// Another kind of token.
    #[error("it is no access token")]
    WrongType,
    /// No key of the provider has that id.
    #[error("its key is unknown")]
    UnknownKey,
    /// Not signed by the key it names.
    #[error("its signature is wrong")]
    Signature,
    /// Another issuer.
    #[error("its issuer is another one")]
    Issuer,
    /// Another audience, or one besides this API.
    #[error("its audience is another one")]
    Audience,
    /// A claim that every access token has is missing or of the wrong form.
    #[error("its claims are malformed")]
    Claims,
    /// Over.
    #[error("it has expired")]
    Expired,
    /// Not yet valid, issued in the future, or made to live longer than a day.
    #[error("its times are out of range")]
    Time,
    /// Bound to a key of its owner, which a bearer does not show.
    #[error("it is bound to a key")]
    Bound,
}

impl AccessTokenFlaw {
    /// A stable word for the audit log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "token_too_long",
            Self::Malformed => "malformed",
            Self::Header => "header_not_allowed",
            Self::Algorithm => "algorithm_not_allowed",
            Self::WrongType => "wrong_type",
            Self::UnknownKey => "unknown_kid",
            Self::Signature => "bad_signature",
            Self::Issuer => "wrong_issuer",
            Self::Audience => "wrong_audience",
            Self::Claims => "malformed_claims",
            Self::Expired => "expired",
            Self::Time => "times_out_of_range",
            Self::Bound => "bound_to_key",
        }
    }
}

impl From<SignedFlaw> for AccessTokenFlaw {
    fn from(flaw: SignedFlaw) -> Self {
        match flaw {
            SignedFlaw::TooLong => Self::TooLong,
            SignedFlaw::Malformed => Self::Malformed,
            SignedFlaw::Header => Self::Header,
            SignedFlaw::Algorithm => Self::Algorithm,
            SignedFlaw::WrongType => Self::WrongType,
            SignedFlaw::Signature => Self::Signature,
        }
    }
}

/// Which kind of token it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Access,
    Id,
}

impl Kind {
    fn types(self) -> &'static Types {
        match self {
            Self::Access => &ACCESS_TOKEN,
            Self::Id => &ID_TOKEN,
        }
    }
}

/// What a token must fit.
pub(super) struct Expected<'a> {
    pub(super) kind: Kind,
    pub(super) issuer: &'a str,
    /// Its one audience is one of these.
    pub(super) audiences: &'a [&'a str],
    pub(super) now: DateTime<Utc>,
}

/// A token that says the right things. Whether the provider said them is not known yet.
pub(super) struct Read<'a> {
    pub(super) signed: Signed<'a>,
    pub(super) subject: String,
    pub(super) claims: Map<String, Value>,
}

/// Reads a token and checks all that needs no key.
pub(super) fn read<'a>(
    token: &'a str,
    expected: &Expected<'_>,
) -> Result<Read<'a>, AccessTokenFlaw> {
    let (signed, claims) = signed::read(token, expected.kind.types())?;
    if !signed.names_its_key() {
        return Err(AccessTokenFlaw::Header);
    }
    let subject = check_claims(&claims, expected)?;
    Ok(Read {
        signed,
        subject,
        claims,
    })
}

/// The claims that every access token has (RFC 9068 §2.2); the answer is its `sub`.
fn check_claims(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<String, AccessTokenFlaw> {
    let text = |name: &str| {
        let text = claims.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
            .ok_or(AccessTokenFlaw::Claims)
    };
    if text("iss")? != expected.issuer {
        return Err(AccessTokenFlaw::Issuer);
    }
    // A token for others besides would let each of them act here.
    let audience = match claims.get("aud") {
        Some(Value::String(one)) => Some(one.as_str()),
        Some(Value::Array(list)) => match list.as_slice() {
            [Value::String(one)] => Some(one.as_str()),
            _ => None,
        },
        _ => None,
    };
    let audience = audience.filter(|audience| expected.audiences.contains(audience));
    let audience = audience.ok_or(AccessTokenFlaw::Audience)?;
    check_times(claims, expected.now)?;
    match expected.kind {
        Kind::Access => {
            text("client_id")?;
            text("jti")?;
        }
        Kind::Id => check_id_token(claims, audience)?,
    }
    if claims.contains_key("cnf") {
        return Err(AccessTokenFlaw::Bound);
    }
    let subject = text("sub")?;
    ViewerId::parse(subject).map_err(|_| AccessTokenFlaw::Claims)?;
    Ok(subject.to_owned())
}

/// What sets an ID token apart (OIDC Core §2): it is for the client it was issued to. A logout token
/// looks the same but for its `events`. There is no sign-in here that a nonce could belong to.
fn check_id_token(claims: &Map<String, Value>, audience: &str) -> Result<(), AccessTokenFlaw> {
    if claims.contains_key("events") {
        return Err(AccessTokenFlaw::WrongType);
    }
    match claims.get("azp") {
        Some(party) if party.as_str() != Some(audience) => Err(AccessTokenFlaw::Audience),
        _ => Ok(()),
    }
}

fn check_times(claims: &Map<String, Value>, now: DateTime<Utc>) -> Result<(), AccessTokenFlaw> {
    let second = |name: &str| {
        let second = claims.get(name).and_then(Value::as_i64);
        second.ok_or(AccessTokenFlaw::Claims)
    };
    let (issued, ends) = (second("iat")?, second("exp")?);
    let begins = match claims.get("nbf") {
        Some(_) => second("nbf")?,
        None => issued,
    };
    if ends <= (now - SKEW).timestamp() {
        return Err(AccessTokenFlaw::Expired);
    }
    let soon = (now + SKEW).timestamp();
    let lives = ends.saturating_sub(issued);
    if issued <= 0 || issued > soon || begins > soon || lives > MAX_LIFETIME.num_seconds() {
        return Err(AccessTokenFlaw::Time);
    }
    Ok(())
}
