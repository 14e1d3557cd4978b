//! Signing embed tokens.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::{NoContext, Timestamp, Uuid};

use super::claims::{EmbedClaims, EmbedGrant};
use super::keyring::KeyRing;
use super::thumbprint::Thumbprint;
use super::{
    AUDIENCE, FRAME_TOKEN_TYPE, MAX_LAUNCH_BYTES, MAX_LIFETIME_SECONDS, MAX_TOKEN_BYTES, TOKEN_TYPE,
};
use crate::name::TokenId;

/// Why a grant did not become a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// Units, attributes and parameters together are more than a token may hold.
    #[error(
        "the token would be longer than {MAX_LAUNCH_BYTES} bytes: send fewer or shorter values"
    )]
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
    /// The token. Before it is bound to a key, a bearer secret.
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

    /// Signs a launch token that begins now, and a family with it.
    ///
    /// # Errors
    /// When the token would be too long or live too long.
    pub fn mint(&self, grant: EmbedGrant, now: DateTime<Utc>) -> Result<Minted, MintError> {
        let expires_in = grant.lifetime_seconds;
        if !(1..=MAX_LIFETIME_SECONDS).contains(&expires_in) {
            return Err(MintError::Lifetime);
        }
        let claims = self.claims(grant, now)?;
        self.launch(claims, now)
    }

    /// Signs the frame token for a launch token that was spent on it: bound to `key`, of the family
    /// it came into, and in all else the same. It begins and ends when the launch token did, so
    /// whatever ended that one ends this one.
    ///
    /// # Errors
    /// When it can't be signed.
    pub fn frame(
        &self,
        launch: &EmbedClaims,
        family: TokenId,
        key: &Thumbprint,
        now: DateTime<Utc>,
    ) -> Result<Minted, MintError> {
        let claims = EmbedClaims {
            family,
            ..launch.clone()
        };
        let mut said = serde_json::to_value(&claims).map_err(|_| MintError::Unsignable)?;
        let members = said.as_object_mut().ok_or(MintError::Unsignable)?;
        members.insert("cnf".to_owned(), json!({ "jkt": key.to_string() }));
        let token = self.sign(FRAME_TOKEN_TYPE, &said, now)?;
        minted(token, claims, now, MAX_TOKEN_BYTES)
    }

    /// Signs the launch token with which a frame that loads its own page anew goes on: of the same
    /// family, and no longer than the frame token lives. Weir asks for it itself, no client does.
    ///
    /// # Errors
    /// When it can't be signed.
    pub fn continuation(
        &self,
        frame: &EmbedClaims,
        now: DateTime<Utc>,
    ) -> Result<Minted, MintError> {
        let claims = EmbedClaims {
            jti: token_id(now)?,
            ..frame.clone()
        };
        self.launch(claims, now)
    }

    fn launch(&self, claims: EmbedClaims, now: DateTime<Utc>) -> Result<Minted, MintError> {
        let said = serde_json::to_value(&claims).map_err(|_| MintError::Unsignable)?;
        let token = self.sign(TOKEN_TYPE, &said, now)?;
        minted(token, claims, now, MAX_LAUNCH_BYTES)
    }

    fn claims(&self, grant: EmbedGrant, now: DateTime<Utc>) -> Result<EmbedClaims, MintError> {
        let (iat, jti) = (now.timestamp(), token_id(now)?);
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
            family: jti.clone(),
            jti,
            iat,
            exp: iat + grant.lifetime_seconds,
        })
    }

    fn sign(&self, kind: &str, claims: &Value, now: DateTime<Utc>) -> Result<String, MintError> {
        let key = self.keys.signer(now).ok_or(MintError::Unsignable)?;
        let header = json!({ "alg": key.algorithm().as_str(), "kid": key.kid(), "typ": kind });
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()));
        Ok(format!("{message}.{signature}"))
    }
}

fn minted(
    token: String,
    claims: EmbedClaims,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Minted, MintError> {
    if token.len() > most {
        return Err(MintError::TooLarge);
    }
    Ok(Minted {
        token: token.into(),
        expires_in: claims.exp - now.timestamp(),
        claims,
    })
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
