//! Checking embed tokens.
//!
//! No library reads these tokens: what JWT libraries let through by default is a missing audience, an
//! ignored `crit`, any `typ` and any lifetime. Everything is read strictly here, the key decides the
//! algorithm, and the times come from the caller's clock.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use weir_policy::Subject;

use super::claims::{CLAIMS, EmbedClaims};
use super::key::KeyAlgorithm;
use super::keyring::KeyRing;
use super::known::{Known, KnownTokens};
use super::revocation::Revocations;
use super::thumbprint::Thumbprint;
use super::token_error::TokenError;
use super::{AUDIENCE, FRAME_TOKEN_TYPE, MAX_LIFETIME_SECONDS, MAX_TOKEN_BYTES, TOKEN_TYPE};
use crate::jws::decode;
use crate::strict_json;

/// How far into the future `iat` may lie: replicas whose clocks differ a little.
const MAX_AHEAD_SECONDS: i64 = 5;

/// Claims whose token has been verified. Only a [`Verifier`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEmbed {
    claims: Arc<EmbedClaims>,
}

impl VerifiedEmbed {
    /// What the token says.
    #[must_use]
    pub fn claims(&self) -> &EmbedClaims {
        &self.claims
    }

    /// The same, to keep.
    #[must_use]
    pub fn shared_claims(&self) -> Arc<EmbedClaims> {
        Arc::clone(&self.claims)
    }

    /// Who is looking.
    #[must_use]
    pub fn subject(&self) -> Subject {
        self.claims.subject()
    }
}

/// A verified frame token. Without a proof made with its key it is worth nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedFrame {
    embed: VerifiedEmbed,
    key: Thumbprint,
}

impl VerifiedFrame {
    /// What the token says.
    #[must_use]
    pub fn embed(&self) -> &VerifiedEmbed {
        &self.embed
    }

    /// The key it is bound to.
    #[must_use]
    pub fn key(&self) -> &Thumbprint {
        &self.key
    }
}

/// Checks embed tokens against one key ring, one issuer, the revocations and what is spent.
#[derive(Debug, Clone)]
pub struct Verifier {
    issuer: String,
    keys: Arc<KeyRing>,
    revocations: Arc<Revocations>,
    known: Arc<KnownTokens>,
}

impl Verifier {
    /// A verifier for tokens that `issuer`, Weir's public URL, signed with one of `keys`.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        keys: Arc<KeyRing>,
        revocations: Arc<Revocations>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            keys,
            revocations,
            known: Arc::default(),
        }
    }

    /// Accepts a launch token or says why not.
    ///
    /// # Errors
    /// One [`TokenError`] per kind of flaw; all of them mean 401 to the outside.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<VerifiedEmbed, TokenError> {
        let known = self.known(token, now)?;
        if known.key.is_some() {
            return Err(TokenError::WrongType);
        }
        self.check_now(&known.claims, now)?;
        if self.revocations.spent(&known.claims.jti) {
            return Err(TokenError::Spent);
        }
        let claims = Arc::clone(&known.claims);
        Ok(VerifiedEmbed { claims })
    }

    /// Accepts a frame token or says why not. Whoever calls goes on to demand a proof.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify_frame(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<VerifiedFrame, TokenError> {
        let known = self.known(token, now)?;
        let key = known.key.ok_or(TokenError::WrongType)?;
        self.check_now(&known.claims, now)?;
        let claims = Arc::clone(&known.claims);
        Ok(VerifiedFrame {
            embed: VerifiedEmbed { claims },
            key,
        })
    }

    /// What has been taken back and what is spent.
    #[must_use]
    pub fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// What never changes about a token is looked at once: its form, its signature, whose it is.
    fn known(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Known>, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(known) = self.known.get(&digest)
            && self.keys.is_live(&known.kid, now)
        {
            return Ok(known);
        }
        let known = Arc::new(self.read(token, now)?);
        self.known.put(digest, Arc::clone(&known));
        Ok(known)
    }

    fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Known, TokenError> {
        let parts = Parts::split(token)?;
        let header = Header::read(&decode(parts.header)?)?;
        let signature = decode(parts.signature)?;
        let key = self.keys.find(&header.kid, now);
        let key = key.ok_or(TokenError::UnknownKey)?;
        if key.algorithm() != header.algorithm {
            return Err(TokenError::Algorithm);
        }
        if !key.verifies(parts.message.as_bytes(), &signature) {
            return Err(TokenError::Signature);
        }
        let (claims, key) = read_claims(&decode(parts.claims)?, header.kind)?;
        if claims.iss != self.issuer {
            return Err(TokenError::WrongIssuer);
        }
        if claims.aud != AUDIENCE {
            return Err(TokenError::WrongAudience);
        }
        Ok(Known {
            kid: header.kid,
            claims: Arc::new(claims),
            key,
        })
    }

    fn check_now(&self, claims: &EmbedClaims, now: DateTime<Utc>) -> Result<(), TokenError> {
        check_times(claims.iat, claims.exp, now.timestamp())?;
        if self.revocations.revoked(claims) {
            return Err(TokenError::Revoked);
        }
        Ok(())
    }
}

fn check_times(iat: i64, exp: i64, now: i64) -> Result<(), TokenError> {
    // `iat` positive and `exp` after it keep the subtraction below from overflowing.
    if iat <= 0 || exp <= iat || exp - iat > MAX_LIFETIME_SECONDS {
        return Err(TokenError::Lifetime);
    }
    if iat > now.saturating_add(MAX_AHEAD_SECONDS) {
        return Err(TokenError::FromTheFuture);
    }
    if now >= exp {
        return Err(TokenError::Expired);
    }
    Ok(())
}

struct Parts<'a> {
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
    message: &'a str,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self, TokenError> {
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
        if header.is_empty() || claims.is_empty() || claims.contains('.') {
            return Err(TokenError::Malformed);
        }
        Ok(Self {
            header,
            claims,
            signature,
            message,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Launch,
    Frame,
}

struct Header {
    kid: String,
    algorithm: KeyAlgorithm,
    kind: Kind,
}

impl Header {
    /// Only `alg`, `kid` and `typ` may be there. Anything else either points at keys of the sender's
    /// choice (`jku`, `x5u`, `jwk`, `x5c`) or changes the meaning (`crit`, `b64`, `zip`, `cty`).
    fn read(bytes: &[u8]) -> Result<Self, TokenError> {
        let header = strict_json::parse_object(bytes)?;
        if header.len() != 3 {
            return Err(TokenError::Header);
        }
        let member = |name: &str| {
            header
                .get(name)
                .and_then(Value::as_str)
                .ok_or(TokenError::Header)
        };
        let (algorithm, key_id, token_type) = (member("alg")?, member("kid")?, member("typ")?);
        let algorithm = KeyAlgorithm::parse(algorithm).ok_or(TokenError::Algorithm)?;
        let kind = match token_type {
            TOKEN_TYPE => Kind::Launch,
            FRAME_TOKEN_TYPE => Kind::Frame,
            _ => return Err(TokenError::WrongType),
        };
        Ok(Self {
            kid: key_id.to_owned(),
            algorithm,
            kind,
        })
    }
}

fn read_claims(bytes: &[u8], kind: Kind) -> Result<(EmbedClaims, Option<Thumbprint>), TokenError> {
    let mut claims: Map<String, Value> = strict_json::parse_object(bytes)?;
    let key = match kind {
        Kind::Launch => None,
        Kind::Frame => Some(read_confirmation(claims.remove("cnf"))?),
    };
    if claims.keys().any(|name| !CLAIMS.contains(&name.as_str())) {
        return Err(TokenError::UnknownClaim);
    }
    let claims = serde_json::from_value(Value::Object(claims)).map_err(|_| TokenError::Claims)?;
    Ok((claims, key))
}

/// `{"jkt": …}` and nothing else.
fn read_confirmation(cnf: Option<Value>) -> Result<Thumbprint, TokenError> {
    let Some(Value::Object(members)) = cnf else {
        return Err(TokenError::Claims);
    };
    let thumbprint = members.get("jkt").and_then(Value::as_str);
    let thumbprint = thumbprint.and_then(Thumbprint::parse);
    thumbprint
        .filter(|_| members.len() == 1)
        .ok_or(TokenError::Claims)
}
