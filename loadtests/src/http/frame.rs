//! A frame's key, and the proofs that it makes: what the script in the frame does (RFC 9449).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// A frame's ES256 key, with the head of its proofs.
#[derive(Debug, Clone)]
pub struct FrameKey {
    key: SigningKey,
    header: String,
}

impl FrameKey {
    /// A fresh one.
    #[must_use]
    pub fn new() -> Self {
        loop {
            // All but one in 2^32 random numbers are keys.
            if let Ok(key) = SigningKey::from_slice(&rand::random::<[u8; 32]>()) {
                let header = header(&key);
                return Self { key, header };
            }
        }
    }

    /// A proof for one request, with the time at which it will be sent. `address` has no query.
    #[must_use]
    pub fn proof(&self, method: &str, address: &str, token: &str, at: Duration) -> String {
        let claims = json!({
            "jti": b64(rand::random::<[u8; 16]>()), "htm": method, "htu": address,
            "iat": at.as_secs(), "ath": b64(Sha256::digest(token)),
        });
        let message = format!("{}.{}", self.header, b64(claims.to_string()));
        let signature: Signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", b64(signature.to_bytes()))
    }
}

impl Default for FrameKey {
    fn default() -> Self {
        Self::new()
    }
}

fn header(key: &SigningKey) -> String {
    let point = key.verifying_key().to_encoded_point(false);
    let coordinate = |bytes: Option<&_>| bytes.map(b64::<&p256::FieldBytes>).unwrap_or_default();
    let (x, y) = (coordinate(point.x()), coordinate(point.y()));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
    b64(json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk }).to_string())
}

fn b64<T: AsRef<[u8]>>(bytes: T) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The time, since 1970: proofs say when they were made.
#[expect(
    clippy::disallowed_methods,
    reason = "a server compares it with its own clock, which no test holds still"
)]
#[must_use]
pub fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
