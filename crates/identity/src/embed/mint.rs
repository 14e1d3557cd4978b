//! Signing embed tokens.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;
use uuid::{NoContext, Timestamp, Uuid};

use super::claims::{EmbedClaims, EmbedGrant};
use super::keyring::KeyRing;
use super::{AUDIENCE, MAX_LIFETIME_SECONDS, MAX_TOKEN_BYTES, TOKEN_TYPE};
use crate::name::TokenId;

/// Why a grant did not become a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// Units, attributes and parameters together are more than a token may hold.
    #[error("the token would be longer than {MAX_TOKEN_BYTES} bytes: send fewer or shorter values")]
    TooLarge,
    /// A lifetime of no time, or of more than five minutes.
    #[error("a token lives between 1 and {MAX_LIFETIME_SECONDS} seconds")]
    Lifetime,
    /// The key ring or the clock failed.
    #[error("the token could not be signed")]
    Unsignable,
}

impl MintError {
    /// A stable word for problem documents and the audit log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "token_too_large",
            Self::Lifetime => "lifetime",
            Self::Unsignable => "unsignable",
        }
    }
}

/// A signed token with what it says.
#[derive(Debug)]
pub struct Minted {
    /// The token, for the host page. A bearer secret.
    pub token: SecretString,
    /// Seconds until it ends.
    pub expires_in: i64,
    /// What was signed, for the audit log.
    pub claims: EmbedClaims,
}

/// Makes tokens out of grants.
#[derive(Clone)]
pub struct Minter {
    issuer: String,
    keys: Arc<KeyRing>,
}

impl Minter {
    /// A minter that names `issuer`, Weir's public URL, in every token.
    #[must_use]
    pub fn new(issuer: impl Into<String>, keys: Arc<KeyRing>) -> Self {
        Self {
            issuer: issuer.into(),
            keys,
        }
    }

    /// Signs a token that begins now.
    ///
    /// # Errors
    /// When the token would be too long or live too long.
    pub fn mint(&self, grant: EmbedGrant, now: DateTime<Utc>) -> Result<Minted, MintError> {
        let expires_in = grant.lifetime_seconds;
        if !(1..=MAX_LIFETIME_SECONDS).contains(&expires_in) {
            return Err(MintError::Lifetime);
        }
        let claims = self.claims(grant, now)?;
        let token = self.sign(&claims)?;
        if token.len() > MAX_TOKEN_BYTES {
            return Err(MintError::TooLarge);
        }
        Ok(Minted {
            token: token.into(),
            expires_in,
            claims,
        })
    }

    fn claims(&self, grant: EmbedGrant, now: DateTime<Utc>) -> Result<EmbedClaims, MintError> {
        let iat = now.timestamp();
        Ok(EmbedClaims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: grant.viewer,
            subject_issuer: grant.subject_issuer,
            client_id: grant.client_id,
            dashboard: grant.dashboard,
            origin: grant.origin,
            business_units: grant.business_units,
            attributes: grant.attributes,
            roles: grant.roles,
            locale: grant.locale,
            parameters: grant.parameters,
            rights: grant.rights,
            jti: token_id(now)?,
            iat,
            exp: iat + grant.lifetime_seconds,
        })
    }

    fn sign(&self, claims: &EmbedClaims) -> Result<String, MintError> {
        let header = json!({ "alg": "EdDSA", "kid": self.keys.signing_kid(), "typ": TOKEN_TYPE });
        let claims = serde_json::to_vec(claims).map_err(|_| MintError::Unsignable)?;
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = self
            .keys
            .sign(message.as_bytes())
            .map_err(|_| MintError::Unsignable)?;
        Ok(format!("{message}.{signature}"))
    }
}

impl fmt::Debug for Minter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minter")
            .field("issuer", &self.issuer)
            .field("keys", &self.keys)
            .finish()
    }
}

fn token_id(now: DateTime<Utc>) -> Result<TokenId, MintError> {
    let seconds = u64::try_from(now.timestamp()).map_err(|_| MintError::Unsignable)?;
    // A leap second counts on beyond the last nanosecond of its second.
    let nanos = now.timestamp_subsec_nanos().min(999_999_999);
    let id = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, nanos));
    TokenId::parse(id.hyphenated().to_string()).map_err(|_| MintError::Unsignable)
}
