//! Extractors that are named for a right and carry its proof. There is no `is_allowed()` to forget:
//! a handler that takes a [`Viewer`] can't run without a verified token.

mod admin;
mod frame;
mod revoker;
mod service;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use weir_identity::TokenError;
use weir_identity::VerifiedEmbed;
use weir_identity::session::{Session, SessionId};
use weir_registry::{Denial, Digest, Fact, Label, Realm, RequestId};

pub use self::admin::{Admin, Caller, signed_in};
pub use self::frame::{Launched, Presented};
pub use self::revoker::Revoker;
pub use self::service::Service;
pub(crate) use self::service::deny_client;
use crate::overload::Class;
use crate::problem::{Problem, Slug};
use crate::reader::{Member, Reader, Viewer};
use crate::service::sign_in::refreshed;
use crate::state::AppState;

impl Viewer {
    fn of(verified: &VerifiedEmbed) -> Self {
        Self {
            subject: Arc::new(verified.subject()),
            claims: verified.shared_claims(),
        }
    }

    /// Verifies a launch token, wherever it came from.
    ///
    /// # Errors
    /// One answer for every flaw but a revocation; the audit knows which, if the token was once
    /// ours. Nobody is let in while nobody knows what was revoked.
    pub async fn verify(
        state: &AppState,
        token: &str,
        request: &RequestId,
    ) -> Result<Self, Problem> {
        if state.dashboards.gate.is_blind() {
            return Err(Problem::new(Slug::RegistryUnavailable));
        }
        match state.verifier.verify(token, state.clock.now()) {
            Ok(verified) => Ok(Self::of(&verified)),
            Err(error) => {
                frame::not_in_its_place(state, (token, error), request).await?;
                record_if_ours(state, error, request).await?;
                Err(Problem::new(slug_of(error)).caused_by(error))
            }
        }
    }
}

/// Only whoever holds a token that Weir signed learns that it was revoked.
fn slug_of(error: TokenError) -> Slug {
    match error {
        TokenError::Revoked => Slug::AccessRevoked,
        _ => Slug::InvalidToken,
    }
}

/// Only a token that Weir signed is worth a record: anybody can send noise, and noise must not fill
/// the audit.
async fn record_if_ours(
    state: &AppState,
    error: TokenError,
    request: &RequestId,
) -> Result<(), Problem> {
    let ours = [TokenError::Expired, TokenError::Revoked, TokenError::Spent];
    if !ours.contains(&error) {
        return Ok(());
    }
    deny(
        state,
        request,
        Denial::new(Realm::Embed, code(error.code())?),
    )
    .await
}

/// Puts a refusal on record.
///
/// # Errors
/// When the audit does not take it.
pub async fn deny(state: &AppState, request: &RequestId, denial: Denial) -> Result<(), Problem> {
    let facts = vec![Fact::Denial(denial)];
    Ok(state.dashboards.recorder.facts(request, facts).await?)
}

/// A stable code as the audit takes it.
///
/// # Errors
/// When it is not a label.
pub fn code(raw: &str) -> Result<Label, Problem> {
    Label::parse(raw).map_err(|error| Problem::new(Slug::Internal).caused_by(error))
}

impl FromRequestParts<AppState> for Viewer {
    type Rejection = Problem;

    /// The embed realm reads the `Authorization` header and never a cookie (invariant 7).
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        frame::viewer(parts, state, None).await
    }
}

impl FromRequestParts<AppState> for Member {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let required = || Problem::new(Slug::SignInRequired);
        // Judged by what it brings, not by what the browser happens to have besides (failure F53).
        if parts.headers.contains_key(AUTHORIZATION) {
            return Err(required());
        }
        let cookie = one_cookie(&parts.headers, session_cookie(state))?.ok_or_else(required)?;
        let id = SessionId::parse(&cookie).ok_or_else(required)?;
        let (key, now) = (Digest::from(id.hash()), state.clock.now());
        let stored = state
            .registry
            .sessions()
            .find(&key, now)
            .await?
            .ok_or_else(required)?;
        // Written by another version, perhaps: then the person signs in again.
        let session: Session =
            serde_json::from_str(&stored.payload).map_err(|error| required().caused_by(error))?;
        if !session.lives(stored.expires_at, now) || !still_means(state, &session) {
            return Err(required());
        }
        if let Some(later) = session.touch(stored.expires_at, now) {
            state.registry.sessions().touch(&key, now, later).await?;
        }
        // And what the provider says of the person too (L45).
        let request = request_id(parts)?;
        let session = refreshed(state, key, (stored, session), &request).await?;
        let session = session.filter(|session| still_means(state, session));
        let session = session.ok_or_else(required)?;
        Ok(Self {
            person: Arc::new(session.member),
            session: key,
        })
    }
}

/// Whether a session says what its claims mean now: the mapping may have been narrowed since, and
/// the provider may be asked no more.
fn still_means(state: &AppState, session: &Session) -> bool {
    let content = state.dashboards.published.current();
    let issuer = session.member.subject.issuer();
    let provider = state.sign_in.providers.with_issuer(issuer);
    provider.is_some() && session.is_of(&content.mapping().digest())
}

impl FromRequestParts<AppState> for Reader {
    type Rejection = Problem;

    /// A request that carries `Authorization` is judged by it alone: an expired token beside a good
    /// cookie is an expired token (failure F53).
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if parts.headers.contains_key(AUTHORIZATION) {
            // Where a tile would be refused, so is whatever else readers ask for.
            let viewer = frame::viewer(parts, state, Some(Class::Tile)).await;
            return viewer.map(Self::Viewer);
        }
        Member::from_request_parts(parts, state)
            .await
            .map(Self::Member)
    }
}

/// The id that the outermost layer gave the request.
///
/// # Errors
/// When the layer is missing.
pub fn request_id(parts: &Parts) -> Result<RequestId, Problem> {
    parts
        .extensions
        .get::<RequestId>()
        .cloned()
        .ok_or_else(|| Problem::new(Slug::Internal))
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    match authorization(headers)? {
        None => Ok(None),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token)),
        Some(_) => Err(Problem::new(Slug::InvalidToken)),
    }
}

/// Scheme and credential of the one `Authorization` header.
fn authorization(headers: &HeaderMap) -> Result<Option<(&str, &str)>, Problem> {
    let invalid = || Problem::new(Slug::InvalidToken);
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let text = value.to_str().ok().and_then(|text| text.split_once(' '));
            text.map(Some).ok_or_else(invalid)
        }
        (Some(_), Some(_)) => Err(invalid()),
    }
}

/// The session cookie's name. `__Host-` needs `Secure`, which a loopback demo over http has not.
#[must_use]
pub fn session_cookie(state: &AppState) -> &'static str {
    if state.is_https() {
        "__Host-weir"
    } else {
        "weir_session"
    }
}

/// The cookie that binds a sign-in to the browser that began it.
#[must_use]
pub fn login_cookie(state: &AppState) -> &'static str {
    if state.is_https() {
        "__Host-weir-login"
    } else {
        "weir_login"
    }
}

/// The cookie that ties the way back from the provider to the browser that signed out.
#[must_use]
pub fn logout_cookie(state: &AppState) -> &'static str {
    if state.is_https() {
        "__Host-weir-logout"
    } else {
        "weir_logout"
    }
}

/// The one cookie called `name`. Two of them mean somebody planted one (L43).
///
/// # Errors
/// When there are two.
pub fn one_cookie(headers: &HeaderMap, name: &str) -> Result<Option<String>, Problem> {
    let texts = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let cookies = texts.flat_map(cookie::Cookie::split_parse).flatten();
    let mut values = cookies
        .filter(|cookie| cookie.name() == name)
        .map(|c| c.value().to_owned());
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Problem::new(Slug::InvalidRequest)),
    }
}

/// Whether a state-changing request of the browser realm comes from Weir's own pages. Browsers that
/// send no fetch metadata are judged by `Origin`.
#[must_use]
pub fn is_same_origin(state: &AppState, headers: &HeaderMap) -> bool {
    match headers.get(FETCH_SITE) {
        Some(site) => site == "same-origin",
        None => headers
            .get(http::header::ORIGIN)
            .is_some_and(|o| o == state.own_origin().as_str()),
    }
}

/// `Sec-Fetch-Site`: how the initiator relates to Weir; no page can set it.
pub const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// `Sec-Fetch-Dest`: what the response is for; no page can set it.
pub const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
