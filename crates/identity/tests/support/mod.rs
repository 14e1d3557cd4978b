//! Hand-made tokens: every part of them can be wrong.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::pkcs8::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use weir_identity::{
    EmbedKey, KeyAlgorithm, KeyRing, Revocations, TokenError, VerifiedEmbed, VerifiedFrame,
    Verifier,
};

pub(crate) const ISSUER: &str = "https://weir.example";

pub(crate) fn now() -> DateTime<Utc> {
    "2026-10-05T12:00:00Z".parse().unwrap()
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn unb64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// A key, the ring that holds it, and a verifier over the ring.
pub(crate) struct Forge {
    pub(crate) key: SigningKey,
    pub(crate) kid: String,
    pub(crate) ring: Arc<KeyRing>,
    pub(crate) revocations: Arc<Revocations>,
    pub(crate) verifier: Verifier,
}

impl Forge {
    pub(crate) fn new() -> Self {
        let key = SigningKey::from_bytes(&rand::random());
        let ring_key = EmbedKey::from_secret(KeyAlgorithm::EdDsa, &key.to_bytes()).unwrap();
        let kid = ring_key.kid().to_owned();
        let ring = Arc::new(KeyRing::of(ring_key));
        let revocations = Arc::new(Revocations::new());
        let verifier = Verifier::new(ISSUER, ring.clone(), revocations.clone());
        Self {
            key,
            kid,
            ring,
            revocations,
            verifier,
        }
    }

    pub(crate) fn public_pem(&self) -> String {
        self.key
            .verifying_key()
            .to_public_key_pem(LineEnding::LF)
            .unwrap()
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "kid": self.kid, "typ": "weir-embed+jwt" })
    }

    pub(crate) fn claims() -> Value {
        json!({
            "iss": ISSUER, "aud": "weir-embed", "sub": "u-123", "client_id": "demo-crm",
            "subject_issuer": "weir:embed:demo-crm",
            "dashboard": "finance-overview", "origin": "https://crm.example",
            "business_units": ["auto"], "attributes": { "region": ["QC"] }, "roles": ["analyst"],
            "locale": "fr-CA", "parameters": { "region": ["QC"] }, "rights": ["export_csv"],
            "jti": "0193a5c0-7a3b-7c1d-9e2f-0123456789ab",
            "family": "0193a5c0-7a3b-7c1d-9e2f-0123456789ac",
            "iat": now().timestamp(), "exp": (now() + Duration::seconds(300)).timestamp(),
        })
    }

    pub(crate) fn claims_with(name: &str, value: Value) -> Value {
        let mut claims = Self::claims();
        claims[name] = value;
        claims
    }

    pub(crate) fn claims_without(name: &str) -> Value {
        let mut claims = Self::claims();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        claims
    }

    pub(crate) fn header_with(&self, name: &str, value: Value) -> Value {
        let mut header = self.header();
        header[name] = value;
        header
    }

    /// Signs two texts, whatever they are, with the right key.
    pub(crate) fn sign_texts(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        let message = format!("{}.{}", b64(header), b64(claims));
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", b64(signature))
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_texts(header.to_string(), claims.to_string())
    }

    pub(crate) fn good(&self) -> String {
        self.sign(&self.header(), &Self::claims())
    }

    pub(crate) fn verify(&self, token: &str) -> Result<VerifiedEmbed, TokenError> {
        self.verifier.verify(token, now())
    }

    /// The claims of a frame token: those of a launch token, and the key.
    pub(crate) fn frame_claims() -> Value {
        Self::claims_with("cnf", json!({ "jkt": b64([7; 32]) }))
    }

    /// A frame token with these claims.
    pub(crate) fn frame(&self, claims: &Value) -> String {
        self.sign(&self.header_with("typ", json!("weir-frame+jwt")), claims)
    }

    pub(crate) fn verify_frame(&self, token: &str) -> Result<VerifiedFrame, TokenError> {
        self.verifier.verify_frame(token, now())
    }

    pub(crate) fn refused(&self, token: &str) -> TokenError {
        self.verify(token).expect_err(token)
    }

    pub(crate) fn refused_claims(&self, claims: &Value) -> TokenError {
        self.refused(&self.sign(&self.header(), claims))
    }

    pub(crate) fn refused_header(&self, header: &Value) -> TokenError {
        self.refused(&self.sign(header, &Self::claims()))
    }
}
