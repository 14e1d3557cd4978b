//! Signing out: from Weir's own page, with the provider's help, or because the provider says so.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use weir_frontend::model::SignedOutVm;
use weir_identity::{LoginError, LogoutNotice, LogoutTokenError};
use weir_registry::{
    AccessError, Digest, Fact, LoggedOut, ProviderLogout, RequestId, SignOut, SignOutCause,
};

use super::member::in_other_language;
use super::params::Params;
use super::session::set_cookie;
use crate::document::{Nonce, Realm, document, page_locale};
use crate::guard::{self, logout_cookie, session_cookie};
use crate::locale::browser_locale;
use crate::problem::{Problem, Slug};
use crate::reader::Member;
use crate::service::gate::said_before;
use crate::state::AppState;

/// The one field of a back-channel logout.
const LOGOUT_TOKEN: &str = "logout_token";

/// `POST /logout`: ends the session here, then at the identity provider.
///
/// # Errors
/// A request that is not from Weir's own pages, or a registry that does not answer.
pub async fn logout(
    State(state): State<AppState>,
    member: Member,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !guard::is_same_origin(&state, &headers) {
        return Err(Problem::new(Slug::OriginNotAllowed));
    }
    let fact = Fact::SignOut(SignOut {
        subject: Digest::from(member.person.subject.identity_digest()),
        cause: SignOutCause::Member,
        sessions: 1,
    });
    let recorder = &state.dashboards.recorder;
    recorder.facts(&request, vec![fact]).await?;
    let sessions = state.registry.sessions();
    let stored = sessions.find(&member.session, state.clock.now()).await?;
    sessions.delete(&member.session).await?;
    let tokens = stored.and_then(|stored| state.sign_in.open(&stored.tokens?));
    let hint = tokens.and_then(|tokens| tokens.id_token());
    let back = format!("{}/signed-out", state.own_origin());
    let token = fresh()?;
    let issuer = member.person.subject.issuer();
    let at_provider = match state.sign_in.providers.with_issuer(issuer) {
        Some(provider) => {
            let now = state.clock.now();
            let url = provider.end_session_url(hint.as_ref(), &back, &token, now);
            url.await
        }
        None => Ok(None),
    };
    // The session is over here in any case; a provider that is down must not keep it alive.
    let next = at_provider.ok().flatten();
    let mut response = match &next {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => Redirect::to(&back).into_response(),
    };
    set_cookie(&state, &mut response, session_cookie(&state), None);
    let way_back = next.map(|_| token.as_str());
    set_cookie(&state, &mut response, logout_cookie(&state), way_back);
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    response
        .headers_mut()
        .insert(http::HeaderName::from_static("clear-site-data"), clear);
    Ok(response)
}

/// 128 random bits.
fn fresh() -> Result<String, Problem> {
    let mut bytes = [0_u8; 16];
    let filled = OsRng.try_fill_bytes(&mut bytes);
    filled.map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// `GET /signed-out`: what stands after signing out. Who comes back from the provider brings the `state`
/// that this browser left with (L37).
///
/// # Errors
/// An unusable parameter, or somebody else's `state`.
pub async fn signed_out(
    State(state): State<AppState>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = Params::from_query(query.as_deref())?;
    let mut brought = params.chosen.iter().filter(|(name, _)| name == "state");
    if let Some((_, brought_back)) = brought.next() {
        let left_with = guard::one_cookie(&headers, logout_cookie(&state))?;
        if brought.next().is_some() || left_with.as_ref() != Some(brought_back) {
            return Err(Problem::new(Slug::InvalidRequest));
        }
        let mut response = Redirect::to("/signed-out").into_response();
        set_cookie(&state, &mut response, logout_cookie(&state), None);
        return Ok(response);
    }
    let locale = params.locale.unwrap_or_else(|| browser_locale(&headers));
    let nonce = Nonce::fresh();
    let page = SignedOutVm {
        locale: page_locale(locale),
        theme: params.theme,
        nonce: nonce.to_string(),
        sign_in_href: "/login".to_owned(),
        switch_language_href: in_other_language(&uri, locale),
    };
    Ok(document(
        weir_frontend::pages::signed_out(&page),
        &nonce,
        &Realm::Member,
    ))
}

/// `POST /auth/backchannel-logout`: an identity provider says that somebody is signed out (OIDC
/// Back-Channel Logout 1.0 §2.5). Sessions end on every process, embed tokens about the person too.
///
/// # Errors
/// A token that is not the provider's, not for Weir, or not new; nothing ends then.
pub async fn by_provider(
    State(state): State<AppState>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let token = logout_token(&headers, &body)?;
    let now = state.clock.now();
    let providers = &state.sign_in.providers;
    let notice = providers.accept_logout_token(&token, now).await;
    let notice = notice.map_err(refused)?;
    let logout = ProviderLogout {
        token: Digest::from(notice.replay_key()),
        token_until: notice.expires_at,
        session: notice.session_key().map(Digest::from),
        at: now,
        remembered: said_before(),
        request,
        issuer: notice.issuer.clone(),
        sub: notice.subject.clone(),
    };
    match state.registry.provider_logouts().end(logout).await {
        Ok(LoggedOut::Ended(sessions)) => Ok(done(&notice, sessions)),
        Ok(LoggedOut::Replayed | LoggedOut::UnknownSession) => {
            Err(Problem::new(Slug::InvalidRequest))
        }
        Err(error) => Err(not_done(error)),
    }
}

fn done(notice: &LogoutNotice, sessions: u64) -> Response {
    tracing::info!(
        issuer = notice.issuer,
        sessions,
        "signed out by the provider"
    );
    let mut response = StatusCode::OK.into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// The one token of a form that has it once.
fn logout_token(headers: &HeaderMap, body: &[u8]) -> Result<String, Problem> {
    let kind = headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Problem::new(Slug::UnsupportedMediaType));
    }
    let pairs = url::form_urlencoded::parse(body);
    let mut tokens = pairs.filter(|(name, _)| name == LOGOUT_TOKEN);
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Ok(token.into_owned()),
        _ => Err(Problem::new(Slug::InvalidRequest)),
    }
}

fn refused(error: LogoutTokenError) -> Problem {
    let slug = match &error {
        LogoutTokenError::Provider(cause) if LoginError::is_outage(cause) => {
            Slug::IdentityProviderUnavailable
        }
        _ => Slug::InvalidRequest,
    };
    Problem::new(slug).caused_by(error)
}

fn not_done(error: AccessError) -> Problem {
    let slug = match &error {
        AccessError::Audit(_) => Slug::AuditUnavailable,
        _ => Slug::RegistryUnavailable,
    };
    Problem::new(slug).caused_by(error)
}
