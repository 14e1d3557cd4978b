//! The checks of a logout token (OIDC Back-Channel Logout 1.0 §2.4 to §2.6): the provider says that
//! somebody's session there is over.

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::error::LoginError;
use super::signed::{self, Signed, SignedFlaw, Types};
use crate::name::ViewerId;

/// How far a provider's clock may be from ours.
const SKEW: Duration = Duration::seconds(60);

/// Logout tokens are told at once; one that lives longer is somebody's mistake, and its id would have
/// to be remembered as long.
const MAX_LIFETIME: Duration = Duration::hours(1);

/// The `typ` of a logout token (§2.4): no ID token, access token or embed token has it.
const TYPES: Types = Types {
    names: &["logout+jwt", "application/logout+jwt"],
    may_lack: false,
};

/// The one event that such a token is about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// No provider has longer session or token ids.
const MAX_ID_BYTES: usize = 255;

/// Why a logout token is not accepted, or nobody can say.
#[derive(Debug, thiserror::Error)]
pub enum LogoutTokenError {
    /// A check failed.
    #[error("the logout token is not accepted: {0}")]
    Flaw(#[from] LogoutTokenFlaw),
    /// The provider's keys can't be had now.
    #[error("the provider's keys can't be had")]
    Provider(#[from] LoginError),
}

/// Which check of a logout token failed. Says nothing of the token's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoutTokenFlaw {
    /// Not three short base64url parts with JSON objects inside, or a key twice.
    #[error("it is malformed")]
    Malformed,
    /// A header member that it must not have.
    #[error("its header is not allowed")]
    Header,
    /// Not signed, with a shared secret, or with an algorithm its key is not for.
    #[error("its algorithm is not allowed")]
    Algorithm,
    /// Another kind of token.
    #[error("it is no logout token")]
    WrongType,
    /// No key of the provider has that id.
    #[error("its key is unknown")]
    UnknownKey,
    /// Not signed by the key it names.
    #[error("its signature is wrong")]
    Signature,
    /// An issuer nobody signs in at here.
    #[error("its issuer is another one")]
    Issuer,
    /// Another audience, or one besides this client.
    #[error("its audience is another one")]
    Audience,
    /// It is about something else.
    #[error("it is about no logout")]
    Event,
    /// It has a nonce, as ID tokens do.
    #[error("it has a nonce")]
    Nonce,
    /// It names neither a person nor a session, or not as it should, or has no id.
    #[error("its claims are malformed")]
    Claims,
    /// Over, issued in the future, or made to live longer than an hour.
    #[error("its times are out of range")]
    Time,
}

impl LogoutTokenFlaw {
    /// A stable word for the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Header => "header_not_allowed",
            Self::Algorithm => "algorithm_not_allowed",
            Self::WrongType => "wrong_type",
            Self::UnknownKey => "unknown_kid",
            Self::Signature => "bad_signature",
            Self::Issuer => "wrong_issuer",
            Self::Audience => "wrong_audience",
            Self::Event => "wrong_event",
            Self::Nonce => "nonce_present",
            Self::Claims => "malformed_claims",
            Self::Time => "times_out_of_range",
        }
    }
}

impl From<SignedFlaw> for LogoutTokenFlaw {
    fn from(flaw: SignedFlaw) -> Self {
        match flaw {
            SignedFlaw::TooLong | SignedFlaw::Malformed => Self::Malformed,
            SignedFlaw::Header => Self::Header,
            SignedFlaw::Algorithm => Self::Algorithm,
            SignedFlaw::WrongType => Self::WrongType,
            SignedFlaw::Signature => Self::Signature,
        }
    }
}

/// What the provider says is over. `Debug` names nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutNotice {
    /// The provider.
    pub issuer: String,
    /// The person's `sub`; without a session, all of their sessions are over.
    pub subject: Option<String>,
    /// The provider's session (`sid`), if it is about one.
    pub session: Option<String>,
    /// When the token is over, and its id may be forgotten.
    pub expires_at: DateTime<Utc>,
    jti: String,
}

impl LogoutNotice {
    /// What the store knows this notice by: one counts once.
    #[must_use]
    pub fn replay_key(&self) -> [u8; 32] {
        scoped(&self.issuer, &self.jti)
    }

    /// What the store knows the provider's session by.
    #[must_use]
    pub fn session_key(&self) -> Option<[u8; 32]> {
        let session = self.session.as_deref()?;
        Some(provider_session_key(&self.issuer, session))
    }
}

impl fmt::Debug for LogoutNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutNotice")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// What the store knows a provider's session by: ids are unique for their issuer only.
#[must_use]
pub fn provider_session_key(issuer: &str, session: &str) -> [u8; 32] {
    scoped(issuer, session)
}

fn scoped(issuer: &str, id: &str) -> [u8; 32] {
    let length = (issuer.len() as u64).to_be_bytes();
    let hash = Sha256::new().chain_update(length).chain_update(issuer);
    hash.chain_update(id).finalize().into()
}

/// What a token must fit.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// Reads a token and checks all that needs no key.
pub(super) fn read<'a>(
    token: &'a str,
    expected: &Expected<'_>,
) -> Result<(Signed<'a>, LogoutNotice), LogoutTokenFlaw> {
    let (signed, claims) = signed::read(token, &TYPES)?;
    Ok((signed, check(&claims, expected)?))
}

fn check(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<LogoutNotice, LogoutTokenFlaw> {
    if claims.get("iss").and_then(Value::as_str) != Some(expected.issuer) {
        return Err(LogoutTokenFlaw::Issuer);
    }
    if audience(claims) != Some(expected.client_id) {
        return Err(LogoutTokenFlaw::Audience);
    }
    if claims.contains_key("nonce") {
        return Err(LogoutTokenFlaw::Nonce);
    }
    let events = claims.get("events").and_then(Value::as_object);
    let event = events.and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) {
        return Err(LogoutTokenFlaw::Event);
    }
    let subject = text(claims, "sub")?;
    let session = text(claims, "sid")?;
    if subject.is_none() && session.is_none() {
        return Err(LogoutTokenFlaw::Claims);
    }
    if subject.is_some_and(|subject| ViewerId::parse(subject).is_err()) {
        return Err(LogoutTokenFlaw::Claims);
    }
    Ok(LogoutNotice {
        issuer: expected.issuer.to_owned(),
        subject: subject.map(str::to_owned),
        session: session.map(str::to_owned),
        expires_at: check_times(claims, expected.now)?,
        jti: text(claims, "jti")?
            .ok_or(LogoutTokenFlaw::Claims)?
            .to_owned(),
    })
}

/// One audience, written alone or as a list of one.
fn audience(claims: &Map<String, Value>) -> Option<&str> {
    match claims.get("aud")? {
        Value::String(one) => Some(one),
        Value::Array(list) => match list.as_slice() {
            [Value::String(one)] => Some(one),
            _ => None,
        },
        _ => None,
    }
}

fn text<'c>(
    claims: &'c Map<String, Value>,
    name: &str,
) -> Result<Option<&'c str>, LogoutTokenFlaw> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= MAX_ID_BYTES => {
            Ok(Some(text))
        }
        Some(_) => Err(LogoutTokenFlaw::Claims),
    }
}

/// When the token is over.
fn check_times(
    claims: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, LogoutTokenFlaw> {
    let second = |name: &str| {
        let second = claims.get(name).and_then(Value::as_i64);
        second.ok_or(LogoutTokenFlaw::Claims)
    };
    let (issued, ends) = (second("iat")?, second("exp")?);
    let lives = ends.saturating_sub(issued);
    let timely = issued > 0
        && issued <= (now + SKEW).timestamp()
        && ends > (now - SKEW).timestamp()
        && lives <= MAX_LIFETIME.num_seconds();
    let ends = DateTime::from_timestamp(ends, 0).filter(|_| timely);
    // Within the skew it is accepted, so that long it is remembered too.
    ends.map(|ends| ends + SKEW).ok_or(LogoutTokenFlaw::Time)
}
