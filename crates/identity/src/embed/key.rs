//! One key of embed tokens: Ed25519 or P-256, never anything else.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::es256;
use crate::random;

/// Length of a private key of either kind.
const SECRET_BYTES: usize = 32;

/// 32 random bytes have fewer distinct values than this about never (p < 1e-12).
const FEWEST_DIFFERENT_BYTES: usize = 16;

/// Why a key was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the 32 bytes of a private key.
    #[error("expected the 32 bytes of a private key")]
    Form,
    /// A private key that somebody typed rather than generated.
    #[error("the signing key is not random: generate a new one")]
    Weak,
}

/// How a key signs. The key decides it, never the token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// Ed25519 (RFC 8037).
    #[default]
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA with P-256 and SHA-256 (RFC 7518 §3.4).
    #[serde(rename = "ES256")]
    Es256,
}

impl KeyAlgorithm {
    /// Reads the name that tokens and configuration use; exactly that.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "EdDSA" => Some(Self::EdDsa),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key pair with its id, the RFC 7638 thumbprint of its public half. `Debug` shows the id only.
pub struct EmbedKey {
    kid: String,
    private: Private,
}

enum Private {
    Ed25519(SigningKey),
    P256(p256::ecdsa::SigningKey),
}

impl EmbedKey {
    /// A fresh key.
    #[must_use]
    pub fn generate(algorithm: KeyAlgorithm) -> Self {
        loop {
            // Nearly every 32 bytes are a key of either kind.
            if let Ok(key) = Self::from_secret(algorithm, &random::bytes::<SECRET_BYTES>()) {
                return key;
            }
        }
    }

    /// The key with these private bytes, as [`EmbedKey::secret`] gave them.
    ///
    /// # Errors
    /// When they are no key, or one that nobody drew at random.
    pub fn from_secret(algorithm: KeyAlgorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; SECRET_BYTES] = secret.try_into().map_err(|_| KeyError::Form)?;
        if bytes.iter().collect::<BTreeSet<_>>().len() < FEWEST_DIFFERENT_BYTES {
            return Err(KeyError::Weak);
        }
        let private = match algorithm {
            KeyAlgorithm::EdDsa => Private::Ed25519(SigningKey::from_bytes(&bytes)),
            KeyAlgorithm::Es256 => {
                let key = p256::ecdsa::SigningKey::from_slice(&bytes);
                Private::P256(key.map_err(|_| KeyError::Form)?)
            }
        };
        let kid = private.thumbprint();
        Ok(Self { kid, private })
    }

    /// The private bytes, to be sealed.
    #[must_use]
    pub fn secret(&self) -> SecretSlice<u8> {
        match &self.private {
            Private::Ed25519(key) => key.to_bytes().to_vec().into(),
            Private::P256(key) => key.to_bytes().to_vec().into(),
        }
    }

    /// Its id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self.private {
            Private::Ed25519(_) => KeyAlgorithm::EdDsa,
            Private::P256(_) => KeyAlgorithm::Es256,
        }
    }

    /// The public half as a JWK.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.private {
            Private::Ed25519(key) => json!({
                "kty": "OKP", "crv": "Ed25519",
                "x": URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()),
            }),
            Private::P256(key) => {
                let (x, y) = coordinates(key);
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
            }
        };
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".to_owned(), json!(self.kid));
            members.insert("alg".to_owned(), json!(self.algorithm().as_str()));
            members.insert("use".to_owned(), json!("sig"));
        }
        jwk
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        match &self.private {
            Private::Ed25519(key) => key.sign(message).to_bytes(),
            Private::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().into()
            }
        }
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.private {
            Private::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Private::P256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                es256::verifies(&point, message, signature)
            }
        }
    }
}

impl Private {
    /// RFC 7638: the hash of the key's required members, in alphabetical order, without blanks.
    fn thumbprint(&self) -> String {
        let members = match self {
            Self::Ed25519(key) => {
                let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
            }
            Self::P256(key) => {
                let (x, y) = coordinates(key);
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
        };
        URL_SAFE_NO_PAD.encode(Sha256::digest(members))
    }
}

/// The public point as a JWK writes it.
fn coordinates(key: &p256::ecdsa::SigningKey) -> (String, String) {
    let point = key.verifying_key().to_encoded_point(false);
    let text = |coordinate: Option<&p256::FieldBytes>| {
        coordinate.map_or_else(String::new, |bytes| URL_SAFE_NO_PAD.encode(bytes))
    };
    (text(point.x()), text(point.y()))
}

impl fmt::Debug for EmbedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbedKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// RFC 8037 appendix A: the key of RFC 8032's first vector and its thumbprint.
    const RFC_SECRET: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    const RFC_THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

    const BOTH: [KeyAlgorithm; 2] = [KeyAlgorithm::EdDsa, KeyAlgorithm::Es256];

    fn rfc() -> EmbedKey {
        let secret = URL_SAFE_NO_PAD.decode(RFC_SECRET).unwrap();
        EmbedKey::from_secret(KeyAlgorithm::EdDsa, &secret).unwrap()
    }

    #[test]
    fn the_key_id_is_the_rfc_7638_thumbprint() {
        assert_eq!(rfc().kid(), RFC_THUMBPRINT);
        assert_eq!(
            rfc().jwk()["x"],
            "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        );
    }

    #[test]
    fn a_key_verifies_what_it_signed_and_nothing_else() {
        for algorithm in BOTH {
            let (key, other) = (EmbedKey::generate(algorithm), EmbedKey::generate(algorithm));
            let signature = key.sign(b"message");

            assert!(key.verifies(b"message", &signature), "{algorithm}");
            assert!(!key.verifies(b"massage", &signature), "{algorithm}");
            assert!(!other.verifies(b"message", &signature), "{algorithm}");
            assert!(!key.verifies(b"message", &signature[..63]), "{algorithm}");
            assert!(!key.verifies(b"message", &[0; 64]), "{algorithm}");
        }
    }

    #[test]
    fn a_key_comes_back_from_its_secret() {
        for algorithm in BOTH {
            let key = EmbedKey::generate(algorithm);
            let again = EmbedKey::from_secret(algorithm, key.secret().expose_secret()).unwrap();

            assert_eq!(again.kid(), key.kid());
            assert!(again.verifies(b"message", &key.sign(b"message")));
        }
    }

    #[test]
    fn what_is_published_and_shown_has_no_private_half() {
        let shown = format!("{:?}", rfc());
        assert!(shown.contains(RFC_THUMBPRINT), "{shown}");
        for secret in ["nWGxne", "9d61b1", "157, 97", "11qYAYKxCrfVS"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        for algorithm in BOTH {
            let text = EmbedKey::generate(algorithm).jwk().to_string();
            assert!(!text.contains("\"d\""), "{text}");
        }
    }

    #[test]
    fn f55_keys_that_nobody_generated_are_refused() {
        for algorithm in BOTH {
            for weak in [&[0; 32], b"changemechangemechangemechangeme"] {
                let refused = EmbedKey::from_secret(algorithm, weak).unwrap_err();
                assert_eq!(refused, KeyError::Weak, "{algorithm}");
            }
            for short in [&b""[..], b"secret", &[7; 31], &[7; 33]] {
                let refused = EmbedKey::from_secret(algorithm, short).unwrap_err();
                assert_eq!(refused, KeyError::Form, "{algorithm}");
            }
        }
    }
}
