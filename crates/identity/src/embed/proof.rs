//! Proofs that a caller holds the frame's key (`DPoP`, RFC 9449 §4).
//!
//! A proof is a JWT that brings its own key, so it proves nothing by itself: what counts is that the
//! key's thumbprint is the one in the frame token, and that everything in it is about this request.
//! Read as strictly as a token: a member that need not be there must not be there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use p256::EncodedPoint;
use p256::ecdsa::VerifyingKey;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::thumbprint::Thumbprint;
use crate::es256;
use crate::jws::decode;
use crate::strict_json::{self, JsonFault};

/// The `typ` of a proof.
pub const PROOF_TYPE: &str = "dpop+jwt";

/// How far a proof's `iat` may lie from the server's clock, before or after.
pub const WINDOW_SECONDS: i64 = 60;

/// Longer proofs are refused before anything in them is decoded.
const MAX_PROOF_BYTES: usize = 2048;

/// The longest `jti`.
const MAX_ID_BYTES: usize = 128;

/// Why a proof is not accepted. Says nothing of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// None was sent, or more than one.
    #[error("there is not exactly one proof")]
    Missing,
    /// The credential is of a kind that does not go there.
    #[error("token or proof stands where it may not")]
    Misplaced,
    /// Longer than any proof.
    #[error("proof is too long")]
    TooLong,
    /// Not three base64url parts, or not JSON objects inside.
    #[error("proof is malformed")]
    Malformed,
    /// A key appears twice in the header or the claims.
    #[error("proof repeats a key")]
    DuplicateKey,
    /// The header has another member than `typ`, `alg` and `jwk`.
    #[error("proof header is not allowed")]
    Header,
    /// Not ES256.
    #[error("proof algorithm is not allowed")]
    Algorithm,
    /// Not a proof.
    #[error("proof is of another type")]
    WrongType,
    /// `jwk` is no public P-256 key, or says more than one does.
    #[error("proof key is not allowed")]
    Key,
    /// Not signed by the key it brings.
    #[error("proof signature is wrong")]
    Signature,
    /// A claim is missing, unknown or of the wrong form.
    #[error("proof claims are malformed")]
    Claims,
    /// Made for another method.
    #[error("proof is for another method")]
    Method,
    /// Made for another address.
    #[error("proof is for another address")]
    Address,
    /// Made for another token.
    #[error("proof is for another token")]
    Token,
    /// Made too long ago, or by a clock that is ahead.
    #[error("proof is of another time")]
    Time,
    /// Made with another key than the token's.
    #[error("proof is of another key")]
    OtherKey,
    /// Seen before.
    #[error("proof was used before")]
    Replayed,
    /// More proofs than can be remembered.
    #[error("too many proofs at once")]
    TooMany,
}

impl ProofError {
    /// A stable word for the audit log. Outside, all of these are `invalid-proof`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "proof_missing",
            Self::Misplaced => "proof_misplaced",
            Self::TooLong => "proof_too_long",
            Self::Malformed => "proof_malformed",
            Self::DuplicateKey => "proof_duplicate_key",
            Self::Header => "proof_header",
            Self::Algorithm => "proof_algorithm",
            Self::WrongType => "proof_wrong_type",
            Self::Key => "proof_key",
            Self::Signature => "proof_signature",
            Self::Claims => "proof_claims",
            Self::Method => "proof_method",
            Self::Address => "proof_address",
            Self::Token => "proof_token",
            Self::Time => "proof_time",
            Self::OtherKey => "proof_other_key",
            Self::Replayed => "proof_replayed",
            Self::TooMany => "proof_too_many",
        }
    }
}

impl From<JsonFault> for ProofError {
    fn from(fault: JsonFault) -> Self {
        match fault {
            JsonFault::Malformed => Self::Malformed,
            JsonFault::DuplicateKey => Self::DuplicateKey,
        }
    }
}

/// The request that a proof has to be about.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Its method.
    pub method: &'a str,
    /// Weir's public origin and the path, without the query.
    pub url: &'a str,
    /// The token beside the proof.
    pub token: &'a str,
}

/// A proof about one request, made with the key it names. Whether it was used before is for
/// [`ProofMemory`](super::proof_memory::ProofMemory) to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub(super) key: Thumbprint,
    pub(super) id: String,
    pub(super) issued_at: i64,
}

impl Proof {
    /// Reads a proof and checks that it is about `call`, now.
    ///
    /// # Errors
    /// One [`ProofError`] per kind of flaw; all of them mean 401 to the outside.
    pub fn read(text: &str, call: &Call<'_>, now: DateTime<Utc>) -> Result<Self, ProofError> {
        if text.len() > MAX_PROOF_BYTES {
            return Err(ProofError::TooLong);
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return Err(ProofError::Malformed);
        };
        let key = Key::read(&decode(header)?)?;
        let message = format!("{header}.{claims}");
        if !es256::verifies(&key.point, message.as_bytes(), &decode(signature)?) {
            return Err(ProofError::Signature);
        }
        let claims = Claims::read(&decode(claims)?)?;
        claims.check(call, now)?;
        Ok(Self {
            key: key.thumbprint,
            id: claims.jti,
            issued_at: claims.iat,
        })
    }

    /// The key it was made with.
    #[must_use]
    pub fn key(&self) -> &Thumbprint {
        &self.key
    }
}

struct Key {
    /// A point of the curve, uncompressed (SEC 1 §2.3.3).
    point: EncodedPoint,
    thumbprint: Thumbprint,
}

impl Key {
    /// The header: `typ`, `alg` and `jwk`. Anything else points at other keys or changes what the
    /// rest means.
    fn read(bytes: &[u8]) -> Result<Self, ProofError> {
        let header = strict_json::parse_object(bytes)?;
        if header.len() != 3 {
            return Err(ProofError::Header);
        }
        let (kind, algorithm) = (text(&header, "typ")?, text(&header, "alg")?);
        if algorithm != "ES256" {
            return Err(ProofError::Algorithm);
        }
        if kind != PROOF_TYPE {
            return Err(ProofError::WrongType);
        }
        let jwk = header.get("jwk").and_then(Value::as_object);
        Self::of_jwk(jwk.ok_or(ProofError::Header)?)
    }

    /// A public P-256 key and nothing more: one with its private half (`d`) is nobody's secret.
    fn of_jwk(jwk: &Map<String, Value>) -> Result<Self, ProofError> {
        let member = |name: &str| jwk.get(name).and_then(Value::as_str).ok_or(ProofError::Key);
        if jwk.len() != 4 || member("kty")? != "EC" || member("crv")? != "P-256" {
            return Err(ProofError::Key);
        }
        let coordinate = |text: &str| -> Result<[u8; 32], ProofError> {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ProofError::Key)?;
            bytes.try_into().map_err(|_| ProofError::Key)
        };
        let (x, y) = (member("x")?, member("y")?);
        let (left, right) = (coordinate(x)?, coordinate(y)?);
        let point = EncodedPoint::from_affine_coordinates(&left.into(), &right.into(), false);
        VerifyingKey::from_encoded_point(&point).map_err(|_| ProofError::Key)?;
        Ok(Self {
            point,
            thumbprint: Thumbprint::of_p256(x, y),
        })
    }
}

fn text<'a>(header: &'a Map<String, Value>, name: &str) -> Result<&'a str, ProofError> {
    let member = header.get(name).and_then(Value::as_str);
    member.ok_or(ProofError::Header)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: String,
}

impl Claims {
    fn read(bytes: &[u8]) -> Result<Self, ProofError> {
        let claims = Value::Object(strict_json::parse_object(bytes)?);
        let claims: Self = serde_json::from_value(claims).map_err(|_| ProofError::Claims)?;
        let is_id = (1..=MAX_ID_BYTES).contains(&claims.jti.len())
            && claims.jti.bytes().all(|byte| byte.is_ascii_graphic());
        if is_id {
            Ok(claims)
        } else {
            Err(ProofError::Claims)
        }
    }

    fn check(&self, call: &Call<'_>, now: DateTime<Utc>) -> Result<(), ProofError> {
        if self.htm != call.method {
            return Err(ProofError::Method);
        }
        if self.htu != call.url {
            return Err(ProofError::Address);
        }
        if self.ath != URL_SAFE_NO_PAD.encode(Sha256::digest(call.token)) {
            return Err(ProofError::Token);
        }
        let apart = now.timestamp().saturating_sub(self.iat).saturating_abs();
        if apart > WINDOW_SECONDS {
            return Err(ProofError::Time);
        }
        Ok(())
    }
}
