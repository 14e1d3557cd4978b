//! The Ed25519 keys of embed tokens: one signs, several may verify.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::random;

/// Why a key was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the PEM of an Ed25519 key.
    #[error(
        "expected an Ed25519 private key as PKCS#8 PEM (`openssl genpkey -algorithm ed25519`), \
         or for a verify-only key its public half"
    )]
    NotEd25519,
    /// A private key that somebody typed rather than generated.
    #[error("the signing key is not random: generate a new one")]
    Weak,
    /// The key could not sign.
    #[error("the signing key could not be used")]
    Unusable,
}

/// The keys of embed tokens. One signs, and every one of them verifies until it is taken out.
///
/// `Debug` shows key ids only.
pub struct KeyRing {
    signing_kid: String,
    signer: EncodingKey,
    verifiers: BTreeMap<String, PublicKey>,
}

struct PublicKey {
    decoding: DecodingKey,
    x: String,
}

impl KeyRing {
    /// A ring with one fresh key, for demo mode: tokens end with the process.
    ///
    /// # Errors
    /// When the fresh key cannot be encoded.
    pub fn generate() -> Result<Self, KeyError> {
        Self::signing_with(&SigningKey::from_bytes(&random::bytes()))
    }

    /// A ring whose signing key is the given PKCS#8 PEM.
    ///
    /// # Errors
    /// When the text is not an Ed25519 private key, or an obviously made-up one.
    pub fn from_pem(signing: &SecretString) -> Result<Self, KeyError> {
        let key = SigningKey::from_pkcs8_pem(signing.expose_secret())
            .map_err(|_| KeyError::NotEd25519)?;
        let distinct: BTreeSet<u8> = key.to_bytes().into_iter().collect();
        // 32 random bytes have fewer than 16 distinct values about never (p < 1e-12).
        if distinct.len() < 16 {
            return Err(KeyError::Weak);
        }
        Self::signing_with(&key)
    }

    /// The same ring that also accepts tokens of another key: the one that signed before a rotation,
    /// or will after it. Takes a public key PEM.
    ///
    /// # Errors
    /// When the text is not an Ed25519 public key.
    pub fn trusting(mut self, public_pem: &str) -> Result<Self, KeyError> {
        let key =
            VerifyingKey::from_public_key_pem(public_pem).map_err(|_| KeyError::NotEd25519)?;
        // A point of small order verifies signatures nobody made.
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        self.trust(&key);
        Ok(self)
    }

    /// The public keys as a JWK Set (RFC 8037), for `/.well-known/jwks.json`.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .verifiers
            .iter()
            .map(|(kid, key)| {
                json!({
                    "kty": "OKP", "crv": "Ed25519", "x": key.x,
                    "kid": kid, "alg": "EdDSA", "use": "sig",
                })
            })
            .collect();
        json!({ "keys": keys })
    }

    /// The id of the key that signs.
    #[must_use]
    pub fn signing_kid(&self) -> &str {
        &self.signing_kid
    }

    /// The ids of all keys that verify.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.verifiers.keys().map(String::as_str)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<String, KeyError> {
        crypto::sign(message, &self.signer, Algorithm::EdDSA).map_err(|_| KeyError::Unusable)
    }

    /// `None` when there is no such key; otherwise whether the signature is this key's.
    pub(super) fn verifies(&self, kid: &str, message: &[u8], signature: &str) -> Option<bool> {
        let key = self.verifiers.get(kid)?;
        let checked = crypto::verify(signature, message, &key.decoding, Algorithm::EdDSA);
        Some(checked.unwrap_or(false))
    }

    fn signing_with(key: &SigningKey) -> Result<Self, KeyError> {
        let der = key.to_pkcs8_der().map_err(|_| KeyError::Unusable)?;
        let public = key.verifying_key();
        let mut ring = Self {
            signing_kid: thumbprint(&public),
            signer: EncodingKey::from_ed_der(der.as_bytes()),
            verifiers: BTreeMap::new(),
        };
        ring.trust(&public);
        Ok(ring)
    }

    fn trust(&mut self, key: &VerifyingKey) {
        let decoding = DecodingKey::from_ed_der(key.as_bytes());
        let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
        self.verifiers
            .insert(thumbprint(key), PublicKey { decoding, x });
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("signing_kid", &self.signing_kid)
            .field("kids", &self.verifiers.keys())
            .finish_non_exhaustive()
    }
}

/// RFC 7638: the hash of the key's required members, in alphabetical order, without blanks.
fn thumbprint(key: &VerifyingKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;

    use super::*;

    /// RFC 8037 appendix A: the key of RFC 8032's first vector and its thumbprint.
    const RFC_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
        -----END PRIVATE KEY-----\n";
    const RFC_THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

    #[test]
    fn the_key_id_is_the_rfc_7638_thumbprint() {
        let ring = KeyRing::from_pem(&RFC_PRIVATE.into()).unwrap();

        assert_eq!(ring.signing_kid(), RFC_THUMBPRINT);
        assert_eq!(
            ring.jwks()["keys"][0]["x"],
            "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        );
    }

    #[test]
    fn the_published_keys_have_no_private_half() {
        let text = KeyRing::generate().unwrap().jwks().to_string();

        assert!(!text.contains("\"d\""), "{text}");
    }

    #[test]
    fn debug_shows_key_ids_only() {
        let ring = KeyRing::from_pem(&RFC_PRIVATE.into()).unwrap();

        let shown = format!("{ring:?}");

        assert!(shown.contains(RFC_THUMBPRINT));
        for secret in ["nWGxne", "9d61b1", "157, 97", "11qYAYKxCrfVS"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn f55_keys_that_nobody_generated_are_refused() {
        let zero = SigningKey::from_bytes(&[0; 32])
            .to_pkcs8_pem(LineEnding::LF)
            .unwrap();
        let typed = SigningKey::from_bytes(b"changemechangemechangemechangeme")
            .to_pkcs8_pem(LineEnding::LF)
            .unwrap();

        for weak in [zero, typed] {
            let refused = KeyRing::from_pem(&weak.as_str().into()).unwrap_err();
            assert_eq!(refused, KeyError::Weak);
        }
    }

    #[test]
    fn other_texts_are_not_keys() {
        for text in [
            "",
            "secret",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        ] {
            assert_eq!(
                KeyRing::from_pem(&text.into()).unwrap_err(),
                KeyError::NotEd25519
            );
            let ring = KeyRing::generate().unwrap();
            assert_eq!(ring.trusting(text).unwrap_err(), KeyError::NotEd25519);
        }
    }
}
