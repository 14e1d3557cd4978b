//! A frame: its key, the proofs it makes, and the token it gets for a launch token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use http::Method;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::ask::{Answer, Ask, ask, post};
use super::world::{Who, World};

/// Where Weir is, to browsers.
pub(crate) const HOME: &str = "https://weir.example";

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A frame's ES256 key.
#[derive(Debug, Clone)]
pub(crate) struct FrameKey(SigningKey);

impl FrameKey {
    pub(crate) fn new() -> Self {
        loop {
            if let Ok(key) = SigningKey::from_slice(&rand::random::<[u8; 32]>()) {
                return Self(key);
            }
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = self.0.verifying_key().to_encoded_point(false);
        let (x, y) = (b64(point.x().unwrap()), b64(point.y().unwrap()));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
    }

    pub(crate) fn private(&self) -> String {
        b64(self.0.to_bytes())
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let signature: Signature = self.0.sign(message.as_bytes());
        format!("{message}.{}", b64(signature.to_bytes()))
    }

    /// A good proof for one request.
    pub(crate) fn proof(
        &self,
        (method, target): (&Method, &str),
        token: &str,
        now: DateTime<Utc>,
    ) -> String {
        self.sign(&self.header(), &proof_claims((method, target), token, now))
    }
}

/// What a good proof says; the address has no query.
pub(crate) fn proof_claims(
    (method, target): (&Method, &str),
    token: &str,
    now: DateTime<Utc>,
) -> Value {
    let path = target.split('?').next().unwrap();
    json!({
        "jti": uuid::Uuid::now_v7().to_string(), "htm": method.as_str(),
        "htu": format!("{HOME}{path}"), "iat": now.timestamp(), "ath": b64(Sha256::digest(token)),
    })
}

/// A frame that exchanged its launch token.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) key: FrameKey,
    pub(crate) token: String,
    pub(crate) family: String,
}

impl Frame {
    /// A request with the frame's token and a fresh proof.
    pub(crate) fn ask(&self, world: &World, method: Method, target: &str) -> Ask {
        let proof = self
            .key
            .proof((&method, target), &self.token, world.clock.now());
        dpop(ask(method, target), &self.token, &proof)
    }

    /// A `GET` of the same kind.
    pub(crate) fn get(&self, world: &World, target: &str) -> Ask {
        self.ask(world, Method::GET, target)
    }
}

/// Puts a frame token and a proof on a request.
pub(crate) fn dpop(ask: Ask, token: &str, proof: &str) -> Ask {
    ask.header("authorization", &format!("DPoP {token}"))
        .header("dpop", proof)
}

impl World {
    /// Exchanges a launch token for a frame token.
    pub(crate) async fn bind(&self, slug: &str, token: &str, key: &FrameKey) -> Answer {
        let target = format!("/embed/{slug}/bind");
        let proof = key.proof((&Method::POST, &target), token, self.clock.now());
        let ask = post(&target).bearer(token).header("dpop", &proof);
        self.send(ask).await
    }

    /// A frame of `who`.
    pub(crate) async fn frame(&self, who: &Who, slug: &str) -> Frame {
        let (key, token) = (FrameKey::new(), self.token(who, slug));
        let bound = self.bind(slug, &token, &key).await.ok().json();
        let text = |name: &str| bound[name].as_str().unwrap().to_owned();
        Frame {
            token: text("token"),
            family: text("family"),
            key,
        }
    }
}
