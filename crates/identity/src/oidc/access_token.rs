//! The checks of a token that somebody other than the provider brings: an access token for Weir's
//! own API (RFC 9068 §4), or a person's token that a client exchanges, which may be an ID token.
//!
//! Everything that can be said without a key is said first, so that noise costs no request to the
//! provider. What is left of the token is then held against the provider's keys, each of which
//! verifies one kind of signature only.

use chrono::{DateTime, Duration, Utc};
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, JsonWebKeyAlgorithm, JsonWebKeyUse as _};
use serde_json::{Map, Value};

use super::claims::IdentityClaims;
use super::error::LoginError;
use crate::jws::Compact;
use crate::name::ViewerId;

/// Longer tokens are refused before anything in them is decoded.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// How far a provider's clock may be from ours.
const SKEW: Duration = Duration::seconds(60);

/// An access token that lives longer is somebody's mistake.
const MAX_LIFETIME: Duration = Duration::hours(24);

/// The `typ` of an access token (RFC 9068 §2.1): no ID token, logout token or embed token has it.
const TYPES: [&str; 2] = ["at+jwt", "application/at+jwt"];

/// The `typ` of an ID token, where it has one.
const ID_TOKEN_TYPE: &str = "JWT";

/// Header members that point at keys of the sender's choice, or change what the token means.
const FORBIDDEN: [&str; 8] = ["crit", "b64", "zip", "enc", "jku", "x5u", "jwk", "x5c"];

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

/// Which kind of token it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Access,
    Id,
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
    message: &'a str,
    signature: Vec<u8>,
    algorithm: CoreJwsSigningAlgorithm,
    kid: String,
    issuer: &'a str,
    subject: String,
    claims: Map<String, Value>,
}

/// Why a token is not accepted with these keys.
pub(super) enum Refused {
    /// Perhaps with newer ones.
    UnknownKey,
    /// With none.
    Flaw(AccessTokenFlaw),
}

/// Reads a token and checks all that needs no key.
pub(super) fn read<'a>(
    token: &'a str,
    expected: &Expected<'a>,
) -> Result<Read<'a>, AccessTokenFlaw> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(AccessTokenFlaw::TooLong);
    }
    let token = Compact::read(token).map_err(|_| AccessTokenFlaw::Malformed)?;
    let (algorithm, kid) = read_header(&token.header, expected.kind)?;
    let subject = check_claims(&token.claims, expected)?;
    Ok(Read {
        message: token.message,
        signature: token.signature_bytes,
        algorithm,
        kid,
        issuer: expected.issuer,
        subject,
        claims: token.claims,
    })
}

impl Read<'_> {
    /// The claims, if one of the provider's keys signed them.
    pub(super) fn accept(&self, keys: &CoreJsonWebKeySet) -> Result<IdentityClaims, Refused> {
        let named = |key: &&CoreJsonWebKey| key.key_id().is_some_and(|id| **id == self.kid);
        let key = keys.keys().iter().find(named).ok_or(Refused::UnknownKey)?;
        let flaw = |flaw| Err(Refused::Flaw(flaw));
        if key.key_use().is_some_and(|usage| !usage.allows_signature()) {
            return flaw(AccessTokenFlaw::Signature);
        }
        match key.signing_alg() {
            JsonWebKeyAlgorithm::Unspecified => {}
            JsonWebKeyAlgorithm::Algorithm(algorithm) if *algorithm == self.algorithm => {}
            _ => return flaw(AccessTokenFlaw::Algorithm),
        }
        let message = self.message.as_bytes();
        match key.verify_signature(&self.algorithm, message, &self.signature) {
            Ok(()) => Ok(IdentityClaims::new(
                self.issuer.to_owned(),
                self.subject.clone(),
                self.claims.clone(),
                None,
            )),
            Err(_) => flaw(AccessTokenFlaw::Signature),
        }
    }
}

/// The algorithm and the id of the key.
fn read_header(
    header: &Map<String, Value>,
    kind: Kind,
) -> Result<(CoreJwsSigningAlgorithm, String), AccessTokenFlaw> {
    if FORBIDDEN.iter().any(|name| header.contains_key(*name)) {
        return Err(AccessTokenFlaw::Header);
    }
    let member = |name: &str| header.get(name).and_then(Value::as_str);
    // RFC 7515 §4.1.9: media types are compared without regard to case.
    let is_of_type = match (kind, header.get("typ").map(Value::as_str)) {
        (Kind::Id, None) => true,
        (Kind::Id, Some(Some(name))) => name.eq_ignore_ascii_case(ID_TOKEN_TYPE),
        (Kind::Access, Some(Some(name))) => {
            TYPES.iter().any(|known| known.eq_ignore_ascii_case(name))
        }
        (_, Some(None)) | (Kind::Access, None) => false,
    };
    if !is_of_type {
        return Err(AccessTokenFlaw::WrongType);
    }
    // Nothing with a shared secret, nothing unsigned: the same three as for ID tokens.
    let algorithm = match member("alg").ok_or(AccessTokenFlaw::Header)? {
        "RS256" => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        "ES256" => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        "EdDSA" => CoreJwsSigningAlgorithm::EdDsa,
        _ => return Err(AccessTokenFlaw::Algorithm),
    };
    let key_id = member("kid").ok_or(AccessTokenFlaw::Header)?;
    Ok((algorithm, key_id.to_owned()))
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
