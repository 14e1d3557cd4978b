//! The embed realm: the document inside a host's frame, and its tiles. No cookie is read or set.

use axum::extract::{Form, OriginalUri, Path, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, extract::rejection::FormRejection};
use bytes::Bytes;
use http::HeaderMap;
use http::header::ORIGIN;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use weir_frontend::model::{Launch, Realm as PageRealm};
use weir_registry::{
    Denial, Digest, Fact, Label, LaunchMethod, Realm as AuditRealm, Redeemed, RequestId,
};

use super::page::{Showing, show, view};
use super::params::Params;
use super::tiles::OneTile;
use crate::document::Realm;
use crate::guard::{self, FETCH_DEST, FETCH_SITE, Presented};
use crate::overload::Class;
use crate::problem::{Problem, Slug};
use crate::reader::{Reader, Viewer};
use crate::service::dashboards::Dashboards;
use crate::service::recorder;
use crate::state::AppState;

/// `POST /embed/{slug}`: the SDK's hidden form, and the filter form of the page itself.
///
/// # Errors
/// Not framed, not from the token's origin, no valid token, not this dashboard: nothing is shown.
pub async fn launch_by_form(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Extension(request): Extension<RequestId>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(pairs) = form.map_err(|_| Problem::new(Slug::InvalidRequest))?;
    let params = Params::from_form(pairs)?;
    let manner = (params.locale, params.theme);
    let from = (&headers, uri.path());
    let opened = launched_by_form(&state, from, &slug, params, request).await;
    opened.map_err(|problem| problem.shown_in(manner))
}

async fn launched_by_form(
    state: &AppState,
    (headers, path): (&HeaderMap, &str),
    slug: &str,
    params: Params,
    request: RequestId,
) -> Result<Response, Problem> {
    framed(headers)?;
    let token = params
        .token
        .clone()
        .ok_or_else(|| Problem::new(Slug::InvalidToken))?;
    let presented = Presented {
        token: &token,
        proof: params.proof.as_deref(),
        method: "POST",
        path,
        work: Some(Class::Page),
    };
    let (viewer, token) = by_token_or_proof(state, presented, &request).await?;
    from_its_origin(state, &viewer, headers, &request).await?;
    launch(
        state,
        viewer,
        token,
        slug,
        params,
        LaunchMethod::Form,
        request,
    )
    .await
}

/// Whoever opens the page, and the token that its script goes on with. A frame that loads itself
/// anew proves its key, and gets a launch token of the same family: the new document makes a new key.
async fn by_token_or_proof(
    state: &AppState,
    presented: Presented<'_>,
    request: &RequestId,
) -> Result<(Viewer, String), Problem> {
    if presented.proof.is_none() {
        let viewer = Viewer::verify(state, presented.token, request).await?;
        return Ok((viewer, presented.token.to_owned()));
    }
    let viewer = Viewer::prove(state, presented, request).await?;
    let next = state
        .minter
        .continuation(&viewer.claims, state.clock.now())
        .map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    Ok((viewer, next.token.expose_secret().to_owned()))
}

/// `GET /embed/{slug}?code=…`: for hosts that can only set a URL. The code is spent by this.
///
/// # Errors
/// Not framed; the code is used, over or unknown, which all look the same.
pub async fn launch_by_code(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let params = Params::from_launch_query(query.as_deref())?;
    framed(&headers)?;
    let code = params
        .code
        .clone()
        .ok_or_else(|| Problem::new(Slug::InvalidToken))?;
    let token = redeem(&state, &code, &request).await?;
    let viewer = Viewer::verify(&state, &token, &request).await?;
    launch(
        &state,
        viewer,
        token,
        &slug,
        params,
        LaunchMethod::Code,
        request,
    )
    .await
}

/// `GET /embed/{slug}/tiles/{tile}`: one tile as HTML, for the page's filter bar.
///
/// # Errors
/// Not this dashboard, no such tile, an unusable parameter, or not recorded.
pub async fn tile(
    State(state): State<AppState>,
    viewer: Viewer,
    Path((slug, tile)): Path<(String, String)>,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let reader = Reader::Viewer(viewer);
    let means = (&state, &state.dashboards);
    tile_html(means, reader, (&slug, &tile), query.as_deref(), request).await
}

/// One tile as HTML, for either realm.
///
/// # Errors
/// As [`tile`].
pub async fn tile_html(
    (state, dashboards): (&AppState, &Dashboards),
    reader: Reader,
    path: (&str, &str),
    query: Option<&str>,
    request: RequestId,
) -> Result<Response, Problem> {
    let params = Params::from_query(query)?;
    let one = OneTile::open(dashboards, reader, path, params, request).await?;
    let html = one.tiles(state).html(one.declared()?, &one.answer).await;
    Ok(Html(Bytes::copy_from_slice(html.as_bytes())).into_response())
}

/// A dashboard is a frame's content and nothing else. Browsers send fetch metadata to every origin
/// Weir can have (https or loopback), so its absence is a refusal too.
fn framed(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(FETCH_DEST) {
        Some(dest) if dest == "iframe" => Ok(()),
        _ => Err(Problem::new(Slug::OriginNotAllowed)),
    }
}

/// The form comes from the page the token was issued for, or from inside the frame itself: the page
/// sends no referrer, so its own filter form has the origin `null`, but `Sec-Fetch-Site` tells it
/// from a sandboxed stranger.
async fn from_its_origin(
    state: &AppState,
    viewer: &Viewer,
    headers: &HeaderMap,
    request: &RequestId,
) -> Result<(), Problem> {
    let from_host = headers
        .get(ORIGIN)
        .is_some_and(|o| o == viewer.claims.origin.as_str());
    let from_itself = headers
        .get(FETCH_SITE)
        .is_some_and(|site| site == "same-origin");
    if from_host || from_itself {
        return Ok(());
    }
    let mut denial = Denial::new(AuditRealm::Embed, guard::code("wrong_origin")?);
    denial.subject = Some(Digest::from(viewer.subject.identity_digest()));
    guard::deny(state, request, denial).await?;
    Err(Problem::new(Slug::OriginNotAllowed))
}

async fn redeem(state: &AppState, code: &str, request: &RequestId) -> Result<String, Problem> {
    let hash = Digest::from(<[u8; 32]>::from(Sha256::digest(code.as_bytes())));
    let reason = match state
        .registry
        .launch_codes()
        .redeem(&hash, state.clock.now())
        .await?
    {
        Redeemed::Token(token) => return Ok(token),
        Redeemed::Used => "code_used",
        Redeemed::Expired => "code_expired",
        Redeemed::Unknown => return Err(Problem::new(Slug::CodeSpent)),
    };
    guard::deny(
        state,
        request,
        Denial::new(AuditRealm::Embed, guard::code(reason)?),
    )
    .await?;
    Err(Problem::new(Slug::CodeSpent))
}

async fn launch(
    state: &AppState,
    viewer: Viewer,
    token: String,
    slug: &str,
    params: Params,
    method: LaunchMethod,
    request: RequestId,
) -> Result<Response, Problem> {
    let claims = std::sync::Arc::clone(&viewer.claims);
    let reader = Reader::Viewer(viewer);
    let of_a_page = (Class::Page, request);
    let view = view(&state.dashboards, reader, slug, &params.chosen, of_a_page).await?;
    state
        .telemetry
        .links()
        .opened(&claims.jti.to_string())
        .await;
    record_launch(state, &view.reader, &claims, method, &view.request).await?;
    let origin = claims.origin.as_str().to_owned();
    let left = claims.exp - state.clock.now().timestamp();
    let launch = Launch {
        token,
        expires_in: u32::try_from(left).unwrap_or(0),
        host_origin: origin.clone(),
        reports: state.real_users.draw(),
    };
    let showing = Showing {
        locale: params.locale.unwrap_or(claims.locale),
        theme: params.theme,
        around: PageRealm::Embed(launch),
        realm: Realm::Embed(origin),
    };
    show(state, &state.dashboards, view, showing).await
}

async fn record_launch(
    state: &AppState,
    reader: &Reader,
    claims: &weir_identity::EmbedClaims,
    method: LaunchMethod,
    request: &RequestId,
) -> Result<(), Problem> {
    let label = |raw: &str| {
        Label::parse(raw).map_err(|error| Problem::new(Slug::Internal).caused_by(error))
    };
    let launch = Fact::Launch(weir_registry::Launch {
        subject: recorder::subject(reader),
        dashboard: label(claims.dashboard.as_str())?,
        business_unit: reader.business_unit().cloned(),
        origin: label(claims.origin.as_str())?,
        token_id: label(&claims.jti.to_string())?,
        method,
    });
    Ok(state
        .dashboards
        .recorder
        .facts(request, vec![launch])
        .await?)
}
