//! `/api/v1/view-as…`: a dashboard through somebody else's eyes, for a quarter of an hour.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use weir_registry::RequestId;

use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::routes::data::{self, TileAnswer};
use crate::routes::params::Params;
use crate::routes::preview::{self, Through};
use crate::routes::tiles::OneTile;
use crate::service::governance::Sentence;
use crate::service::view_as::{Claims, Compared, Eyes, Preview, Rows, Side, TileRows, Under, Wish};
use crate::state::AppState;

/// What somebody wants to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewWish {
    /// As this sample person, or else
    persona: Option<String>,
    /// as anybody with these claims.
    #[schema(value_type = Option<Object>)]
    claims: Option<Claims>,
    /// The dashboard's slug.
    dashboard: String,
    /// `"published"`, `{"revision": 3}` or `{"draft": 27}`; what is published, if nothing is said.
    #[serde(default)]
    #[schema(value_type = Object)]
    under: Under,
    /// The same, to look at beside it.
    #[schema(value_type = Option<Object>)]
    compare: Option<Under>,
}

impl PreviewWish {
    fn read(self) -> Result<Wish, Problem> {
        let eyes = match (self.persona, self.claims) {
            (Some(name), None) => Eyes::Persona(name),
            (None, Some(claims)) => Eyes::Claims(claims),
            _ => {
                let why = "say either `persona` or `claims`";
                return Err(Problem::new(Slug::InvalidParameter).at("/persona", why));
            }
        };
        Ok(Wish {
            eyes,
            dashboard: self.dashboard,
            under: self.under,
            compare: self.compare,
        })
    }
}

/// A preview.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewAnswer {
    id: String,
    href: String,
    persona: Option<String>,
    #[schema(value_type = Object)]
    claims: Claims,
    dashboard: String,
    sides: Vec<SideAnswer>,
    started_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// One of its pictures.
#[derive(Debug, Serialize, ToSchema)]
struct SideAnswer {
    side: &'static str,
    href: String,
    revision: u64,
    draft: Option<u64>,
    version: Option<u64>,
}

impl PreviewAnswer {
    fn of(preview: &Preview) -> Self {
        let side = |side: Side| {
            let rules = preview.rules(side).unwrap_or(preview.kept.first);
            SideAnswer {
                side: side.name(),
                href: preview::href(preview, side),
                revision: rules.revision,
                draft: rules.draft,
                version: rules.version,
            }
        };
        let kept = &preview.kept;
        Self {
            id: preview.id.reveal(),
            href: format!("/admin/view-as/{}", preview.id.reveal()),
            persona: kept.seen.persona.clone(),
            claims: kept.seen.claims.clone(),
            dashboard: kept.dashboard.clone(),
            sides: preview.sides().map(side).collect(),
            started_at: kept.started_at,
            expires_at: preview.until,
        }
    }
}

/// `POST /api/v1/view-as`: begins a preview. It is on record before it is answered.
///
/// # Errors
/// No such sample person, unit, dashboard, revision or draft; a draft with findings; nothing in
/// force.
#[utoipa::path(
    post, path = "/api/v1/view-as", tag = "view as", summary = "Look through somebody else's eyes",
    request_body = PreviewWish,
    responses((status = 201, body = PreviewAnswer, headers(("location", description = "The preview.")))),
)]
pub(super) async fn begin(
    State(state): State<AppState>,
    admin: Admin,
    Extension(request): Extension<RequestId>,
    Json(wish): Json<PreviewWish>,
) -> Result<Response, Problem> {
    let begun = state
        .view_as
        .begin(wish.read()?, &admin.member()?, &request)
        .await;
    let answer = PreviewAnswer::of(&begun?);
    let location = HeaderValue::from_str(&format!("/api/v1/view-as/{}", answer.id))
        .map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    let headers = [(LOCATION, location)];
    Ok((StatusCode::CREATED, headers, Json(answer)).into_response())
}

/// `GET /api/v1/view-as/{id}`: what it is of.
///
/// # Errors
/// No such preview, somebody else's, or one that is over.
#[utoipa::path(
    get, path = "/api/v1/view-as/{id}", tag = "view as", summary = "One preview",
    params(("id" = String, Path, description = "The preview.")),
    responses((status = 200, body = PreviewAnswer)),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    admin: Admin,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let preview = state.view_as.find(&id, &admin.member()?).await?;
    Ok(Json(PreviewAnswer::of(&preview)).into_response())
}

/// `DELETE /api/v1/view-as/{id}`: ends it.
///
/// # Errors
/// As [`one`].
#[utoipa::path(
    delete, path = "/api/v1/view-as/{id}", tag = "view as", summary = "End a preview",
    params(("id" = String, Path, description = "The preview.")),
    responses((status = 204)),
)]
pub(super) async fn end(
    State(state): State<AppState>,
    admin: Admin,
    Path(id): Path<String>,
    Extension(request): Extension<RequestId>,
) -> Result<StatusCode, Problem> {
    state.view_as.end(&id, &admin.member()?, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/view-as/{id}/rows`: how many rows are behind it, and how its two sides differ.
///
/// # Errors
/// As [`one`]; an unusable parameter; rows that can't be counted now.
#[utoipa::path(
    get, path = "/api/v1/view-as/{id}/rows", tag = "view as",
    summary = "How many rows are behind it, and how its sides differ",
    params(("id" = String, Path, description = "The preview.")),
    responses((status = 200, body = Object)),
)]
pub(super) async fn rows(
    State(state): State<AppState>,
    admin: Admin,
    Path(id): Path<String>,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Problem> {
    let params = Params::from_query(query.as_deref())?;
    let preview = state.view_as.find(&id, &admin.member()?).await?;
    let counted = state
        .view_as
        .rows(&preview, &admin.member()?, &params.chosen, &request)
        .await?;
    Ok(Json(compared(&preview, &counted)))
}

fn compared(preview: &Preview, counted: &Compared) -> Value {
    let sides = preview.sides().zip(&counted.totals);
    let sides = sides.map(|(side, rows)| json!({ "side": side.name(), "rows": rows }));
    let tiles: Vec<_> = counted.tiles.iter().map(tile_rows).collect();
    json!({ "sides": sides.collect::<Vec<_>>(), "tiles": tiles })
}

fn tile_rows(tile: &TileRows) -> Value {
    let name = Sentence::of(|locale| tile.title.get(locale).to_owned());
    let side = |rows: Rows| match rows {
        Rows::Counted(rows) => json!({ "rows": rows }),
        Rows::Withheld(code) => json!({ "withheld": code }),
        Rows::Absent => json!({ "absent": true }),
    };
    json!({
        "tile": tile.tile,
        "title": name,
        "first": side(tile.first),
        "second": tile.second.map(side),
        "gained": tile.gained,
        "lost": tile.lost,
    })
}

/// `GET /api/v1/view-as/{id}/{side}/tiles/{tile}/data`: one tile as JSON, as they would get it.
///
/// # Errors
/// As [`one`]; no such tile, an unusable parameter, withheld, not computed, or not recorded.
#[utoipa::path(
    get, path = "/api/v1/view-as/{id}/{side}/tiles/{tile}/data", tag = "view as",
    summary = "One tile, as they would get it",
    params(
        ("id" = String, Path, description = "The preview."),
        ("side" = String, Path, description = "`first` or `second`."),
        ("tile" = String, Path, description = "The tile."),
    ),
    responses((status = 200, body = TileAnswer)),
)]
pub(super) async fn tile(
    State(state): State<AppState>,
    admin: Admin,
    Path((id, side, tile)): Path<(String, String, String)>,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Json<TileAnswer>, Problem> {
    let params = Params::from_query(query.as_deref())?;
    let through = Through::open(&state, &admin.member()?, (&id, &side)).await?;
    let path = (through.preview.kept.dashboard.as_str(), tile.as_str());
    let means = &through.stage.dashboards;
    let one = OneTile::open(means, through.reader, path, params, request).await?;
    Ok(Json(data::answer(&state, one)?))
}

/// `GET /api/v1/view-as/{id}/{side}/filters/{filter}/values`: what a filter would offer them.
///
/// # Errors
/// As [`tile`].
#[utoipa::path(
    get, path = "/api/v1/view-as/{id}/{side}/filters/{filter}/values", tag = "view as",
    summary = "What a filter would offer them",
    params(
        ("id" = String, Path, description = "The preview."),
        ("side" = String, Path, description = "`first` or `second`."),
        ("filter" = String, Path, description = "The filter."),
    ),
    responses((status = 200, body = data::ValuesAnswer)),
)]
pub(super) async fn filter_values(
    State(state): State<AppState>,
    admin: Admin,
    Path((id, side, filter)): Path<(String, String, String)>,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Json<data::ValuesAnswer>, Problem> {
    let params = Params::from_query(query.as_deref())?;
    let through = Through::open(&state, &admin.member()?, (&id, &side)).await?;
    let means = (&state, &through.stage.dashboards);
    let path = (through.preview.kept.dashboard.as_str(), filter);
    data::values(means, through.reader, path, params, request).await
}
