//! What access tokens and logout tokens share: anybody may send one, and only a key that the provider
//! published makes it count.
//!
//! All that can be said without a key is said first, so that noise costs no request to the provider.

use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, JsonWebKeyAlgorithm, JsonWebKeyUse as _};
use serde_json::{Map, Value};

use crate::jws::Compact;

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

/// What a token must say it is.
pub(super) struct Types {
    pub(super) names: &'static [&'static str],
    /// Whether it may say nothing.
    pub(super) may_lack: bool,
}

impl Types {
    /// RFC 7515 §4.1.9: media types are compared without regard to case.
    fn have(&self, token_type: Option<&Value>) -> bool {
        match token_type {
            None => self.may_lack,
            Some(Value::String(text)) => {
                let mut names = self.names.iter();
                names.any(|name| name.eq_ignore_ascii_case(text))
            }
            Some(_) => false,
        }
    }
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
    types: &Types,
) -> Result<(Signed<'a>, Map<String, Value>), SignedFlaw> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(SignedFlaw::TooLong);
    }
    let token = Compact::read(token).map_err(|_| SignedFlaw::Malformed)?;
    let (algorithm, kid) = read_header(&token.header, types)?;
    let signed = Signed {
        message: token.message,
        signature: token.signature_bytes,
        algorithm,
        kid,
    };
    Ok((signed, token.claims))
}

/// The issuer that a token names, before anything of it is believed: only to choose whose keys it is
/// held against.
pub(super) fn named_issuer(token: &str) -> Option<String> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let claims = Compact::read(token).ok()?.claims;
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
    types: &Types,
) -> Result<(CoreJwsSigningAlgorithm, Option<String>), SignedFlaw> {
    if FORBIDDEN.iter().any(|name| header.contains_key(*name)) {
        return Err(SignedFlaw::Header);
    }
    let member = |name: &str| header.get(name).and_then(Value::as_str);
    if !types.have(header.get("typ")) {
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
