//! What access tokens and logout tokens share: anybody may send one, and only a key that the provider
//! published makes it count.
//!
//! All that can be said without a key is said first, so that noise costs no request to the provider.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, JsonWebKeyAlgorithm, JsonWebKeyUse as _};
use serde_json::{Map, Value};

use crate::strict_json;

/// Longer tokens are refused before anything in them is decoded.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Header members that point at keys of the sender's choice, or change what the token means.
const FORBIDDEN: [&str; 8] = ["crit", "b64", "zip", "enc", "jku", "x5u", "jwk", "x5c"];

/// What is wrong with a token whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignedFlaw {
    TooLong,
    Malformed,
    Header,
    Algorithm,
    WrongType,
    Signature,
}

/// A token that may be one of the provider's. Whether it is, is not known yet.
pub(super) struct Signed<'a> {
    message: &'a str,
    signature: Vec<u8>,
    algorithm: CoreJwsSigningAlgorithm,
    kid: Option<String>,
}

/// Why a token does not count under these keys.
pub(super) enum Refused {
    /// Perhaps with newer ones.
    UnknownKey,
    /// With none.
    Flaw(SignedFlaw),
}

/// Reads a token of one of `types`, and its claims.
pub(super) fn read<'a>(
    token: &'a str,
    types: &[&str],
) -> Result<(Signed<'a>, Map<String, Value>), SignedFlaw> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(SignedFlaw::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(SignedFlaw::Malformed)?;
    let (header, claims) = message.split_once('.').ok_or(SignedFlaw::Malformed)?;
    let (algorithm, kid) = read_header(&object(header)?, types)?;
    let claims = object(claims)?;
    let signed = Signed {
        message,
        signature: decode(signature)?,
        algorithm,
        kid,
    };
    Ok((signed, claims))
}

/// The issuer that a token names, before anything of it is believed: only to choose whose keys it is
/// held against.
pub(super) fn named_issuer(token: &str) -> Option<String> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let claims = object(token.split('.').nth(1)?).ok()?;
    claims.get("iss")?.as_str().map(str::to_owned)
}

impl Signed<'_> {
    pub(super) fn names_its_key(&self) -> bool {
        self.kid.is_some()
    }

    /// Holds the token against the provider's keys.
    pub(super) fn check(&self, keys: &CoreJsonWebKeySet) -> Result<(), Refused> {
        let key = self.key(keys).ok_or(Refused::UnknownKey)?;
        let flaw = |flaw| Err(Refused::Flaw(flaw));
        if key.key_use().is_some_and(|usage| !usage.allows_signature()) {
            return flaw(SignedFlaw::Signature);
        }
        match key.signing_alg() {
            JsonWebKeyAlgorithm::Unspecified => {}
            JsonWebKeyAlgorithm::Algorithm(algorithm) if *algorithm == self.algorithm => {}
            _ => return flaw(SignedFlaw::Algorithm),
        }
        let message = self.message.as_bytes();
        match key.verify_signature(&self.algorithm, message, &self.signature) {
            Ok(()) => Ok(()),
            Err(_) => flaw(SignedFlaw::Signature),
        }
    }

    /// The key it names, or the only one there is.
    fn key<'k>(&self, keys: &'k CoreJsonWebKeySet) -> Option<&'k CoreJsonWebKey> {
        match &self.kid {
            Some(kid) => {
                let named = |key: &&CoreJsonWebKey| key.key_id().is_some_and(|id| **id == *kid);
                keys.keys().iter().find(named)
            }
            None => match keys.keys().as_slice() {
                [only] => Some(only),
                _ => None,
            },
        }
    }
}

/// The algorithm and the id of the key.
fn read_header(
    header: &Map<String, Value>,
    types: &[&str],
) -> Result<(CoreJwsSigningAlgorithm, Option<String>), SignedFlaw> {
    if FORBIDDEN.iter().any(|name| header.contains_key(*name)) {
        return Err(SignedFlaw::Header);
    }
    let member = |name: &str| header.get(name).and_then(Value::as_str);
    let token_type = member("typ").ok_or(SignedFlaw::WrongType)?;
    // RFC 7515 §4.1.9: media types are compared without regard to case.
    if !types
        .iter()
        .any(|name| name.eq_ignore_ascii_case(token_type))
    {
        return Err(SignedFlaw::WrongType);
    }
    // Nothing with a shared secret, nothing unsigned: the same three as for ID tokens.
    let algorithm = match member("alg").ok_or(SignedFlaw::Header)? {
        "RS256" => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        "ES256" => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        "EdDSA" => CoreJwsSigningAlgorithm::EdDsa,
        _ => return Err(SignedFlaw::Algorithm),
    };
    let kid = match header.get("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid.clone()),
        Some(_) => return Err(SignedFlaw::Header),
    };
    Ok((algorithm, kid))
}

fn object(part: &str) -> Result<Map<String, Value>, SignedFlaw> {
    strict_json::parse_object(&decode(part)?).map_err(|_| SignedFlaw::Malformed)
}

/// base64url without padding, in its one canonical spelling.
fn decode(part: &str) -> Result<Vec<u8>, SignedFlaw> {
    let decoded = URL_SAFE_NO_PAD.decode(part);
    decoded.map_err(|_| SignedFlaw::Malformed)
}
