//! `POST /api/v1/embed-tokens`: a CRM back end says who is looking and gets a token.

pub(crate) mod exchange;
mod issue;

use std::collections::BTreeMap;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use http::HeaderMap;
use serde::Serialize;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, debug_span};
use utoipa::ToSchema;
use weir_identity::{EmbedClient, MintRequest};
use weir_registry::RequestId;

use self::issue::{forbidden, issue, refused};
use crate::guard::Service;
use crate::problem::Problem;
use crate::state::AppState;
use crate::telemetry::remote;

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct MintAnswer {
    token: String,
    expires_in: i64,
    launch_url: String,
}

/// What a client asks for, as [`MintRequest::from_json`] reads it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape alone, for the description")]
struct MintWish {
    /// The dashboard to show.
    dashboard: String,
    /// Who is looking, in the client's own words.
    subject: MintSubject,
    /// Their business units.
    business_units: Option<Vec<String>>,
    /// Their attributes.
    attributes: Option<BTreeMap<String, Vec<String>>>,
    /// `en-CA` or `fr-CA`.
    locale: Option<String>,
    /// The origin of the page that embeds.
    origin: String,
    /// Filters the viewer can't change.
    parameters: Option<BTreeMap<String, Vec<String>>>,
    /// What the viewer may do besides looking.
    rights: Option<Vec<String>>,
    /// Seconds, at most 300.
    expires_in: Option<i64>,
}

/// Who is looking.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape alone, for the description")]
struct MintSubject {
    /// The client's id of the person.
    sub: String,
    /// What they are called; for display alone.
    name: Option<String>,
}

/// Mints a token and a single-use launch code for it.
///
/// # Errors
/// A field that can't be used (422), or that the client's registration does not allow (403).
#[utoipa::path(
    post, path = "/api/v1/embed-tokens", tag = "embed", summary = "Mint an embed token",
    request_body = MintWish,
    responses((status = 200, body = MintAnswer)),
)]
pub async fn mint(
    State(state): State<AppState>,
    Service(client): Service,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<MintAnswer>, Problem> {
    let span = span(&headers);
    minted(&state, &client, &request, &body)
        .instrument(span)
        .await
}

/// The span of making a token. Its caller proved to be a service, so the trace may be theirs.
fn span(headers: &HeaderMap) -> Span {
    let span = debug_span!("mint", trace_id = Empty, weir.token = Empty);
    remote::continues(&span, headers);
    span
}

async fn minted(
    state: &AppState,
    client: &EmbedClient,
    request: &RequestId,
    body: &Bytes,
) -> Result<Json<MintAnswer>, Problem> {
    let wish = MintRequest::from_json(body).map_err(|refusal| refused(&refusal))?;
    let grant = match client.authorize(wish) {
        Ok(grant) => grant,
        Err(refusal) => return Err(forbidden(state, client, &refusal, request).await),
    };
    let issued = issue(state, grant, None, request).await?;
    Ok(Json(MintAnswer {
        token: issued.token,
        expires_in: issued.expires_in,
        launch_url: issued.launch_url,
    }))
}
