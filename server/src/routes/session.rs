//! Signing in and out: OIDC code flow with PKCE, a server-side session, an opaque cookie.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use cookie::{Cookie, SameSite};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use weir_frontend::model::{SignInVm, SignedOutVm};
use weir_identity::session::Session;
use weir_identity::{
    CallbackParams, LoginError, MappingDigest, PendingLogin, ReturnTo, state_hash,
};
use weir_registry::{Digest, Fact, NewSession, RequestId, SignOut, SignOutCause};

use super::member::in_other_language;
use super::params::Params;
use crate::document::{Nonce, Realm, document, page_locale};
use crate::guard::{self, login_cookie, session_cookie};
use crate::locale::browser_locale;
use crate::problem::{Problem, Slug};
use crate::reader::Member;
use crate::state::AppState;

/// The proof of who is there (a member, an admin), or what to answer instead: the sign-in page to
/// whoever is not signed in.
///
/// # Errors
/// The answer to give.
#[expect(clippy::result_large_err, reason = "the error is the response itself")]
pub fn or_sign_in<Proof>(
    member: Result<Proof, Problem>,
    uri: &Uri,
    params: &Params,
    headers: &HeaderMap,
) -> Result<Proof, Result<Response, Problem>> {
    match member {
        Err(problem) if problem.slug() == Slug::SignInRequired => {
            Err(Ok(sign_in_page(uri, params, headers)))
        }
        Err(problem) => Err(Err(problem)),
        Ok(member) => Ok(member),
    }
}

fn sign_in_page(uri: &Uri, params: &Params, headers: &HeaderMap) -> Response {
    let locale = params.locale.unwrap_or_else(|| browser_locale(headers));
    let nonce = Nonce::fresh();
    let here = uri.path_and_query().map_or("/", |path| path.as_str());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("return_to", here)
        .finish();
    let page = SignInVm {
        locale: page_locale(locale),
        theme: params.theme,
        nonce: nonce.to_string(),
        sign_in_href: format!("/login?{query}"),
        switch_language_href: in_other_language(uri, locale),
    };
    let mut response = document(weir_frontend::pages::sign_in(&page), &nonce, &Realm::Member);
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

/// `GET /login?return_to=…`: sends the browser to the identity provider.
///
/// # Errors
/// When the provider does not answer, or the sign-in can't be kept.
pub async fn login(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let wish = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "return_to");
    let return_to = ReturnTo::or_home(wish.as_ref().map(|(_, value)| value.as_ref()));
    let start = state
        .provider
        .begin(return_to, state.clock.now())
        .await
        .map_err(login_problem)?;
    let pending = &start.pending;
    let payload = serde_json::to_string(pending)
        .map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    let hash = Digest::from(pending.state_hash());
    state
        .registry
        .pending_logins()
        .put(&hash, &payload, pending.expires_at())
        .await?;
    let mut response = Redirect::to(start.authorize_url.as_str()).into_response();
    // The callback must come back to the browser that began (login CSRF, L10).
    set_cookie(
        &state,
        &mut response,
        login_cookie(&state),
        Some(&pending.state),
    );
    Ok(response)
}

/// `GET /auth/callback`: the identity provider sends the browser back.
///
/// # Errors
/// Anything that is not exactly the sign-in that this browser began.
pub async fn callback(
    State(state): State<AppState>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let failed = || Problem::new(Slug::SignInFailed);
    let params = CallbackParams::parse(&query.unwrap_or_default()).map_err(login_problem)?;
    let begun_here = guard::one_cookie(&headers, login_cookie(&state))?;
    if begun_here.as_deref() != Some(params.state()) {
        return Err(failed());
    }
    let (hash, now) = (Digest::from(state_hash(params.state())), state.clock.now());
    let payload = state
        .registry
        .pending_logins()
        .take(&hash, now)
        .await?
        .ok_or_else(failed)?;
    let pending: PendingLogin = serde_json::from_str(&payload)
        .map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    let return_to = pending.return_to.clone();
    let identity = state
        .provider
        .finish(pending, params, now)
        .await
        .map_err(login_problem)?;
    let content = state.dashboards.published.current();
    let mapping = content.mapping();
    let member = mapping
        .member(&identity)
        .map_err(|e| failed().caused_by(e))?;
    let cookie = begin_session(&state, member, mapping.digest(), &request).await?;
    let mut response = Redirect::to(return_to.as_str()).into_response();
    set_cookie(&state, &mut response, session_cookie(&state), Some(&cookie));
    set_cookie(&state, &mut response, login_cookie(&state), None);
    Ok(response)
}

/// On record first, then stored; the id is fresh whatever the browser sent (session fixation, L11).
async fn begin_session(
    state: &AppState,
    member: weir_identity::Member,
    mapping: MappingDigest,
    request: &RequestId,
) -> Result<String, Problem> {
    let now = state.clock.now();
    let subject = Digest::from(member.subject.identity_digest());
    let facts = vec![guard::signed_in(&member)];
    state.dashboards.recorder.facts(request, facts).await?;
    let (id, session) = Session::start(member, mapping, now);
    let payload = serde_json::to_string(&session)
        .map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    let stored = NewSession {
        key: Digest::from(id.hash()),
        subject,
        payload,
        created_at: now,
        expires_at: session.expires_at(now),
    };
    state.registry.sessions().create(&stored).await?;
    Ok(id.reveal())
}

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
    state
        .dashboards
        .recorder
        .facts(&request, vec![fact])
        .await?;
    state.registry.sessions().delete(&member.session).await?;
    let back = format!("{}/signed-out", state.own_origin());
    // The session is over here in any case; a provider that is down must not keep it alive.
    let provider = state
        .provider
        .end_session_url(None, &back, state.clock.now())
        .await;
    let next = provider.ok().flatten().map_or(back, |url| url.to_string());
    let mut response = Redirect::to(&next).into_response();
    set_cookie(&state, &mut response, session_cookie(&state), None);
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    response
        .headers_mut()
        .insert(http::HeaderName::from_static("clear-site-data"), clear);
    Ok(response)
}

/// `GET /signed-out`: what stands after signing out.
///
/// # Errors
/// An unusable parameter.
pub async fn signed_out(
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let params = Params::from_query(query.as_deref())?;
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

fn login_problem(error: LoginError) -> Problem {
    let outage = error.is_outage();
    let slug = if outage {
        Slug::IdentityProviderUnavailable
    } else {
        Slug::SignInFailed
    };
    Problem::new(slug).caused_by(error)
}

/// Sets or, with `None`, removes a host-bound cookie.
fn set_cookie(state: &AppState, response: &mut Response, name: &'static str, value: Option<&str>) {
    let mut cookie = Cookie::build((name, value.unwrap_or_default()))
        .path("/")
        .http_only(true)
        .secure(state.is_https())
        .same_site(SameSite::Lax);
    if value.is_none() {
        cookie = cookie.removal();
    }
    if let Ok(header) = HeaderValue::from_str(&cookie.build().to_string()) {
        response.headers_mut().append(SET_COOKIE, header);
    }
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
