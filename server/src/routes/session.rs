//! Signing in: OIDC code flow with PKCE, a server-side session, an opaque cookie.

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use cookie::{Cookie, SameSite};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use weir_frontend::model::{LinkVm, SignInVm};
use weir_identity::session::{REFRESH_EVERY, Session};
use weir_identity::{
    CallbackParams, IdentityClaims, LoginError, PendingLogin, Provider, ProviderTokens, ReturnTo,
    SessionId, provider_session_key,
};
use weir_registry::{Digest, NewSession, ProviderSession, ProviderSide, RequestId};

use super::member::in_other_language;
use super::params::Params;
use crate::document::{Nonce, Realm, document, page_locale};
use crate::front::Peer;
use crate::guard::{self, login_cookie, session_cookie};
use crate::locale::browser_locale;
use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// For how long a provider may speak of its session after a sign-in by it: longer than any session
/// lives here, so that the end of one that is over already is no surprise.
const PROVIDER_SESSION: TimeDelta = TimeDelta::days(30);

/// The longest path, in bytes, that a sign-in comes back to; from a longer one it comes home.
const LONGEST_WAY_BACK: usize = 1_024;

/// How long a provider may take to say who somebody is.
const AT_THE_PROVIDER: TimeDelta = TimeDelta::minutes(2);

/// The proof of who is there (a member, an admin), or what to answer instead: the sign-in page to
/// whoever is not signed in.
///
/// # Errors
/// The answer to give.
#[expect(clippy::result_large_err, reason = "the error is the response itself")]
pub fn or_sign_in<Proof>(
    state: &AppState,
    member: Result<Proof, Problem>,
    uri: &Uri,
    params: &Params,
    headers: &HeaderMap,
) -> Result<Proof, Result<Response, Problem>> {
    match member {
        Err(problem) if problem.slug() == Slug::SignInRequired => {
            let here = uri.path_and_query().map_or("/", |path| path.as_str());
            let mut page = sign_in_page(state, (uri, here), params, headers);
            *page.status_mut() = StatusCode::UNAUTHORIZED;
            Err(Ok(page))
        }
        Err(problem) => Err(Err(problem)),
        Ok(member) => Ok(member),
    }
}

/// The page before signing in, which comes back `here`.
fn sign_in_page(
    state: &AppState,
    (uri, here): (&Uri, &str),
    params: &Params,
    headers: &HeaderMap,
) -> Response {
    let locale = params.locale.unwrap_or_else(|| browser_locale(headers));
    let nonce = Nonce::fresh();
    let href = |provider: Option<&str>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", here);
        if let Some(provider) = provider {
            query.append_pair("provider", provider);
        }
        format!("/login?{}", query.finish())
    };
    let choices = state.sign_in.choices(locale).into_iter();
    let page = SignInVm {
        locale: page_locale(locale),
        theme: params.theme,
        nonce: nonce.to_string(),
        sign_in_href: href(None),
        choices: choices
            .map(|(id, label)| LinkVm {
                label: label.to_owned(),
                href: href(Some(id)),
            })
            .collect(),
        switch_language_href: in_other_language(uri, locale),
    };
    document(weir_frontend::pages::sign_in(&page), &nonce, &Realm::Member)
}

/// `GET /login?return_to=…&provider=…`: sends the browser to the identity provider; with several, and
/// none chosen, to the page with the choice.
///
/// # Errors
/// When there is no such provider, it does not answer, or the sign-in can't be kept.
pub async fn login(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let text = query.as_deref().unwrap_or_default();
    let wish = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(text.as_bytes());
        let found = pairs.find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned())
    };
    // It comes back in a cookie, and heads of answers have to fit into a proxy's 4 kB.
    let return_to = wish("return_to").filter(|place| place.len() <= LONGEST_WAY_BACK);
    let return_to = ReturnTo::or_home(return_to.as_deref());
    let chosen = wish("provider");
    let Some(provider) = state.sign_in.chosen(chosen.as_deref()) else {
        if chosen.is_some() {
            return Err(Problem::new(Slug::NotFound));
        }
        let params = Params::from_query(query.as_deref())?;
        let here = (&uri, return_to.as_str());
        return Ok(sign_in_page(&state, here, &params, &headers));
    };
    let start = provider
        .begin(return_to, state.clock.now())
        .await
        .map_err(login_problem)?;
    let kept = state.sign_in.begun(&start.pending);
    let kept = kept.map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    let mut response = Redirect::to(start.authorize_url.as_str()).into_response();
    // The callback must come back to the browser that began (login CSRF, L10).
    set_cookie(&state, &mut response, login_cookie(&state), Some(&kept));
    Ok(response)
}

/// `GET /auth/callback`: the only identity provider sends the browser back.
///
/// # Errors
/// Anything that is not exactly the sign-in that this browser began.
pub async fn callback(
    State(state): State<AppState>,
    Extension(request): Extension<RequestId>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let peer = peer.map(|Extension(peer)| peer);
    come_back(&state, None, (&request, peer), &headers, query).await
}

/// `GET /auth/callback/{provider}`: the same, where there are several: each has an address of its own,
/// so that no code goes to another's token endpoint (RFC 9700 §4.4; L7).
///
/// # Errors
/// As [`callback`], and a sign-in that was begun at another provider.
pub async fn callback_of(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    Extension(request): Extension<RequestId>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (peer, provider) = (peer.map(|Extension(peer)| peer), Some(provider.as_str()));
    come_back(&state, provider, (&request, peer), &headers, query).await
}

async fn come_back(
    state: &AppState,
    provider: Option<&str>,
    (request, peer): (&RequestId, Option<Peer>),
    headers: &HeaderMap,
    query: Option<String>,
) -> Result<Response, Problem> {
    let failed = || Problem::new(Slug::SignInFailed);
    let provider = state.sign_in.of_callback(provider).ok_or_else(failed)?;
    let params = CallbackParams::parse(&query.unwrap_or_default()).map_err(login_problem)?;
    let begun_here = guard::one_cookie(headers, login_cookie(state))?;
    let pending = begun_here.and_then(|kept| state.sign_in.under_way(&kept, params.state()));
    let pending = pending.ok_or_else(failed)?;
    let return_to = pending.return_to.clone();
    let identity = finished(state, provider, (pending, params), peer).await?;
    let before = guard::one_cookie(headers, session_cookie(state))?;
    let cookie = begin_session(state, &identity, before, request).await?;
    let mut response = Redirect::to(return_to.as_str()).into_response();
    set_cookie(state, &mut response, session_cookie(state), Some(&cookie));
    set_cookie(state, &mut response, login_cookie(state), None);
    Ok(response)
}

/// Who signed in. Only a sign-in that its provider vouches for leaves a trace, and it counts once.
async fn finished(
    state: &AppState,
    provider: &Provider,
    (pending, params): (PendingLogin, CallbackParams),
    peer: Option<Peer>,
) -> Result<IdentityClaims, Problem> {
    // Whoever came in time may still be at the provider when the time is over.
    let until = pending.expires_at() + AT_THE_PROVIDER;
    let once = Digest::from(pending.once());
    let _place = state.sign_in.places.place(peer.map(Peer::address)).await?;
    // Refuses a sign-in that was begun at another provider before anything is sent.
    let identity = provider.finish(pending, params, state.clock.now()).await;
    let identity = identity.map_err(login_problem)?;
    let used = state.registry.used_assertions();
    if used.use_up(&once, until).await? {
        Ok(identity)
    } else {
        Err(Problem::new(Slug::SignInFailed))
    }
}

/// On record first, then stored; the id is fresh whatever the browser sent (session fixation, L11), and
/// the session that it had before is over.
async fn begin_session(
    state: &AppState,
    identity: &IdentityClaims,
    before: Option<String>,
    request: &RequestId,
) -> Result<String, Problem> {
    let failed = || Problem::new(Slug::SignInFailed);
    let content = state.dashboards.published.current();
    let mapping = content.mapping();
    let member = mapping
        .member(identity)
        .map_err(|e| failed().caused_by(e))?;
    let facts = vec![guard::signed_in(&member)];
    state.dashboards.recorder.facts(request, facts).await?;
    let now = state.clock.now();
    let (id, session) = Session::start(member, mapping.digest(), now);
    let payload = serde_json::to_string(&session)
        .map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    let stored = NewSession {
        key: Digest::from(id.hash()),
        subject: Digest::from(session.member.subject.identity_digest()),
        payload,
        created_at: now,
        expires_at: session.expires_at(now),
        provider: provider_side(state, identity, &session)?,
    };
    let sessions = state.registry.sessions();
    sessions.create(&stored).await?;
    if let Some(before) = before.as_deref().and_then(SessionId::parse) {
        sessions.delete(&Digest::from(before.hash())).await?;
    }
    Ok(id.reveal())
}

/// What the provider will speak of later: its session, and the tokens that newer claims are got by.
fn provider_side(
    state: &AppState,
    identity: &IdentityClaims,
    session: &Session,
) -> Result<ProviderSide, Problem> {
    let tokens = ProviderTokens::of(identity);
    let sealed = state.sign_in.seal(&tokens);
    let sealed = sealed.map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    let at_provider = identity.provider_session().map(|sid| ProviderSession {
        key: Digest::from(provider_session_key(identity.issuer(), sid)),
        issuer: identity.issuer().to_owned(),
        sub: identity.subject().to_owned(),
        until: session.started_at + PROVIDER_SESSION,
    });
    Ok(ProviderSide {
        session: at_provider,
        refresh_at: tokens
            .can_refresh()
            .then(|| session.refreshed_at + REFRESH_EVERY),
        tokens: Some(sealed),
    })
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
pub(super) fn set_cookie(
    state: &AppState,
    response: &mut Response,
    name: &'static str,
    value: Option<&str>,
) {
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
