//! How a client proves itself with a key instead of a secret (`private_key_jwt`, RFC 7523 §3).
//!
//! The assertion is read strictly before any key is looked at. `jsonwebtoken` says whether the
//! signature is right, and nothing else. That an assertion is used once is the caller's to see to:
//! [`Accepted`] says what has to be remembered and for how long.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::client::EmbedClient;
use super::keys::ClientKey;
use crate::jws::Compact;
use crate::name::ClientId;

/// Longer assertions are refused before anything in them is decoded.
pub const MAX_ASSERTION_BYTES: usize = 4096;

/// An assertion lives five minutes at most.
const MAX_LIFETIME_SECONDS: i64 = 300;

/// How far a client's clock may run ahead of ours.
const SKEW_SECONDS: i64 = 5;

/// RFC 7515 §4.1.9 compares media types without regard to case.
const TYPES: [&str; 2] = ["JWT", "client-authentication+jwt"];

const ALGORITHMS: [&str; 3] = ["ES256", "EdDSA", "RS256"];

const CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti"];

/// Why an assertion does not prove anything. Says nothing of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// Longer than [`MAX_ASSERTION_BYTES`].
    #[error("the assertion is too long")]
    TooLong,
    /// Not three base64url parts with JSON objects inside, or a key twice.
    #[error("the assertion is malformed")]
    Malformed,
    /// Another header than `alg`, `kid` and `typ`, or one of them missing.
    #[error("the assertion's header is not allowed")]
    Header,
    /// Not signed, with a shared secret, or with an algorithm its key is not for.
    #[error("the assertion's algorithm is not allowed")]
    Algorithm,
    /// Another kind of token.
    #[error("this is no client assertion")]
    WrongType,
    /// A claim is unknown, missing or of the wrong form.
    #[error("the assertion's claims are malformed")]
    Claims,
    /// `iss` and `sub` are not one and the same client.
    #[error("the assertion speaks for somebody else")]
    Speaker,
    /// The client has no such key.
    #[error("the assertion's key is unknown")]
    UnknownKey,
    /// Not signed by the key it names.
    #[error("the assertion's signature is wrong")]
    Signature,
    /// Meant for somebody else.
    #[error("the assertion has another audience")]
    Audience,
    /// Over.
    #[error("the assertion has expired")]
    Expired,
    /// Not yet valid, issued in the future, or made to live longer than five minutes.
    #[error("the assertion's times are out of range")]
    Time,
}

impl AssertionError {
    /// A stable word for the audit log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "assertion_too_long",
            Self::Malformed => "assertion_malformed",
            Self::Header => "assertion_header",
            Self::Algorithm => "assertion_algorithm",
            Self::WrongType => "assertion_type",
            Self::Claims => "assertion_claims",
            Self::Speaker => "assertion_speaker",
            Self::UnknownKey => "assertion_unknown_kid",
            Self::Signature => "assertion_signature",
            Self::Audience => "assertion_audience",
            Self::Expired => "assertion_expired",
            Self::Time => "assertion_time",
        }
    }
}

/// An assertion that says the right things. Whether the client said them is not known yet.
#[derive(Debug)]
pub struct Assertion<'a> {
    compact: Compact<'a>,
    client: ClientId,
    kid: String,
    algorithm: String,
    jti: String,
}

/// An assertion that proves its client, once it is certain that nobody showed it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What must not be seen again: the SHA-256 of client and `jti`.
    pub once: [u8; 32],
    /// Until when that has to be remembered.
    pub until: DateTime<Utc>,
}

impl<'a> Assertion<'a> {
    /// Reads an assertion and checks all that needs no key.
    ///
    /// # Errors
    /// One [`AssertionError`] per kind of flaw.
    pub fn read(text: &'a str) -> Result<Self, AssertionError> {
        if text.len() > MAX_ASSERTION_BYTES {
            return Err(AssertionError::TooLong);
        }
        let compact = Compact::read(text).map_err(|_| AssertionError::Malformed)?;
        let (algorithm, kid) = read_header(&compact.header)?;
        let claims = &compact.claims;
        if claims.keys().any(|name| !CLAIMS.contains(&name.as_str())) {
            return Err(AssertionError::Claims);
        }
        let client = text_of(claims, "iss")?;
        if text_of(claims, "sub")? != client {
            return Err(AssertionError::Speaker);
        }
        let jti = text_of(claims, "jti")?;
        if jti.len() > 128 || !jti.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(AssertionError::Claims);
        }
        Ok(Self {
            client: ClientId::parse(client).map_err(|_| AssertionError::Claims)?,
            jti: jti.to_owned(),
            algorithm,
            kid,
            compact,
        })
    }

    /// Whom it speaks for, by its own word.
    #[must_use]
    pub fn client(&self) -> &ClientId {
        &self.client
    }

    /// Accepts the assertion as `client`'s, made for exactly one of `audiences`.
    ///
    /// # Errors
    /// One [`AssertionError`] per kind of flaw.
    pub fn accept(
        &self,
        client: &EmbedClient,
        audiences: &[&str],
        now: DateTime<Utc>,
    ) -> Result<Accepted, AssertionError> {
        if client.id() != &self.client {
            return Err(AssertionError::Speaker);
        }
        let mut keys = client.registration().keys.iter();
        let key = keys.find(|key| key.kid() == self.kid);
        self.check_signature(key.ok_or(AssertionError::UnknownKey)?)?;
        self.check_audience(audiences)?;
        let until = self.check_times(now.timestamp())?;
        let digest = Sha256::new()
            .chain_update(self.client.as_str())
            .chain_update([0])
            .chain_update(&self.jti);
        Ok(Accepted {
            once: digest.finalize().into(),
            until: DateTime::from_timestamp(until, 0).ok_or(AssertionError::Time)?,
        })
    }

    fn check_signature(&self, key: &ClientKey) -> Result<(), AssertionError> {
        if key.algorithm() != self.algorithm {
            return Err(AssertionError::Algorithm);
        }
        let message = self.compact.message.as_bytes();
        if key.verifies(message, self.compact.signature) {
            Ok(())
        } else {
            Err(AssertionError::Signature)
        }
    }

    /// More than one audience would let each of them act here.
    fn check_audience(&self, audiences: &[&str]) -> Result<(), AssertionError> {
        let one = match self.compact.claims.get("aud") {
            Some(Value::String(one)) => Some(one.as_str()),
            Some(Value::Array(list)) => match list.as_slice() {
                [Value::String(one)] => Some(one.as_str()),
                _ => None,
            },
            _ => None,
        };
        if one.is_some_and(|one| audiences.contains(&one)) {
            Ok(())
        } else {
            Err(AssertionError::Audience)
        }
    }

    fn check_times(&self, now: i64) -> Result<i64, AssertionError> {
        let claims = &self.compact.claims;
        let second = |name: &str| {
            let second = claims.get(name).and_then(Value::as_i64);
            second.filter(|s| *s > 0).ok_or(AssertionError::Claims)
        };
        let (issued, ends) = (second("iat")?, second("exp")?);
        let begins = if claims.contains_key("nbf") {
            second("nbf")?
        } else {
            issued
        };
        if ends <= now {
            return Err(AssertionError::Expired);
        }
        let soon = now.saturating_add(SKEW_SECONDS);
        let lives = ends.saturating_sub(issued);
        let ahead = ends.saturating_sub(soon);
        let too_long = lives > MAX_LIFETIME_SECONDS || ahead > MAX_LIFETIME_SECONDS;
        if issued > soon || begins > soon || lives <= 0 || too_long {
            return Err(AssertionError::Time);
        }
        Ok(ends)
    }
}

/// Only `alg`, `kid` and `typ` may be there: anything else points at keys of the sender's choice or
/// changes the meaning.
fn read_header(header: &Map<String, Value>) -> Result<(String, String), AssertionError> {
    let member = |name: &str| header.get(name).and_then(Value::as_str);
    let algorithm = member("alg").ok_or(AssertionError::Header)?;
    if !ALGORITHMS.contains(&algorithm) {
        return Err(AssertionError::Algorithm);
    }
    let token_type = member("typ").ok_or(AssertionError::WrongType)?;
    if !TYPES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(token_type))
    {
        return Err(AssertionError::WrongType);
    }
    let kid = member("kid").ok_or(AssertionError::Header)?;
    if header.len() != 3 {
        return Err(AssertionError::Header);
    }
    Ok((algorithm.to_owned(), kid.to_owned()))
}

fn text_of<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str, AssertionError> {
    let text = claims.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .ok_or(AssertionError::Claims)
}
