//! Tiles and filter values as JSON, for viewers and members alike.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use weir_frontend::model::ChoiceOption;
use weir_query::{FilterId, Locale, OutputColumn};
use weir_registry::RequestId;

use super::page::view;
use super::params::Params;
use super::rows::Rows;
use super::tiles::OneTile;
use crate::overload::Class;
use crate::problem::{Problem, Slug};
use crate::reader::Reader;
use crate::service::costs::FetchError;
use crate::service::dashboards::Dashboards;
use crate::service::filter_values::ValuesError;
use crate::service::opened::TileState;
use crate::service::plan::Planned;
use crate::service::query_cache::Fetched;
use crate::state::AppState;

const SECONDS_OF_A_DAY: i64 = 86_400;

/// One tile's answer. Decimals are texts, dates ISO, NULL is `null`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TileAnswer {
    tile: String,
    columns: Vec<ColumnAnswer>,
    /// In the order of the columns.
    #[schema(value_type = Vec<Vec<Value>>)]
    rows: Rows,
    /// The table's snapshot, by dataset.
    #[schema(value_type = Object)]
    snapshots: Value,
    data_time: Option<String>,
    age_seconds: i64,
    source: &'static str,
    policy_revision: u64,
    truncated: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct ColumnAnswer {
    name: String,
    #[serde(rename = "type")]
    cell_type: &'static str,
    label: String,
}

/// `GET /api/v1/dashboards/{slug}/tiles/{tile}/data`.
///
/// # Errors
/// Not in reach, an unusable parameter, withheld, not computed, or not recorded.
#[utoipa::path(
    get, path = "/api/v1/dashboards/{slug}/tiles/{tile}/data", tag = "dashboards", summary = "One tile",
    params(
        ("slug" = String, Path, description = "The dashboard."),
        ("tile" = String, Path, description = "The tile."),
        ("locale" = Option<String>, Query, description = "`en-CA` or `fr-CA`."),
        ("period" = Option<String>, Query, description = "`2026-01-01..2026-03-31`"),
        ("filters" = Option<Object>, Query, style = Form, explode,
            description = "Values of declared filters, each under the filter's own name."),
    ),
    responses((status = 200, body = TileAnswer)),
)]
pub async fn tile(
    State(state): State<AppState>,
    reader: Reader,
    Path((slug, tile)): Path<(String, String)>,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Json<TileAnswer>, Problem> {
    let params = Params::from_query(query.as_deref())?;
    let one = OneTile::open(&state.dashboards, reader, (&slug, &tile), params, request).await?;
    Ok(Json(answer(&state, one)?))
}

/// What became of a tile.
///
/// # Errors
/// Withheld, or not computed.
pub fn answer(state: &AppState, one: OneTile) -> Result<TileAnswer, Problem> {
    let tile = one.declared()?.id.to_string();
    let (dataset, locale) = (one.declared()?.dataset.name().clone(), one.locale);
    let OneTile { opened, answer, .. } = one;
    let (questions, fetched) = match answer.state {
        TileState::Answered(questions, answers) => (questions, answers.main),
        TileState::Withheld(withheld) if withheld.is_outage() => {
            return Err(Problem::new(Slug::EngineUnavailable));
        }
        TileState::Withheld(withheld) if withheld.is_drift() => {
            return Err(Problem::new(Slug::SchemaDrift));
        }
        TileState::Withheld(_) => return Err(Problem::new(Slug::Withheld)),
        TileState::Failed(_, error) => {
            return Err(refused(error, state.clock.now()));
        }
    };
    let snapshot = opened.plan.snapshots.get(&dataset);
    let main = &fetched;
    let superseded = opened.stale_since.is_some();
    Ok(TileAnswer {
        tile,
        columns: columns(&questions.main, locale),
        rows: Rows(Arc::clone(&main.entry)),
        snapshots: json!({ dataset.as_str(): snapshot.map(|snapshot| snapshot.id.as_str()) }),
        data_time: snapshot.map(|snapshot| snapshot.committed_at.to_rfc3339()),
        age_seconds: age(state, main),
        source: if superseded {
            "stale"
        } else {
            main.origin.name()
        },
        policy_revision: opened.plan.revision.get(),
        truncated: main.entry.rows.is_truncated(),
    })
}

/// Why there are no rows, and when it is worth asking again: a budget is for a day (UTC).
pub(super) fn refused(error: FetchError, now: DateTime<Utc>) -> Problem {
    let is_spent = matches!(error, FetchError::OverBudget(_));
    let problem = Problem::from(error);
    if !is_spent {
        return problem;
    }
    let seconds = now.timestamp().rem_euclid(SECONDS_OF_A_DAY);
    problem.with(json!({ "retry_after": SECONDS_OF_A_DAY - seconds }))
}

fn age(state: &AppState, fetched: &Fetched) -> i64 {
    (state.clock.now() - fetched.entry.computed_at)
        .num_seconds()
        .max(0)
}

/// From the statement, not from the cached rows: an entry may have been filled by another tile
/// whose measures have other names and the same SQL.
fn columns(planned: &Planned, locale: Locale) -> Vec<ColumnAnswer> {
    let labels = planned.query.question().labels(locale);
    let answer = |(column, label): (&OutputColumn, String)| ColumnAnswer {
        name: column.name.clone(),
        cell_type: column.cell_type.name(),
        label,
    };
    planned
        .statement
        .columns()
        .iter()
        .zip(labels)
        .map(answer)
        .collect()
}

/// What a filter offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValuesAnswer {
    filter: String,
    #[schema(value_type = Vec<Object>)]
    values: Vec<ChoiceOption>,
}

/// `GET /api/v1/dashboards/{slug}/filters/{filter}/values`: under the same grant as every tile.
///
/// # Errors
/// Not in reach, withheld, not computed, or not recorded.
#[utoipa::path(
    get, path = "/api/v1/dashboards/{slug}/filters/{filter}/values", tag = "dashboards",
    summary = "The values a filter offers",
    params(
        ("slug" = String, Path, description = "The dashboard."),
        ("filter" = String, Path, description = "The filter."),
        ("locale" = Option<String>, Query, description = "`en-CA` or `fr-CA`."),
    ),
    responses((status = 200, body = ValuesAnswer)),
)]
pub async fn filter_values(
    State(state): State<AppState>,
    reader: Reader,
    Path((slug, filter)): Path<(String, String)>,
    Extension(request): Extension<RequestId>,
    RawQuery(query): RawQuery,
) -> Result<Json<ValuesAnswer>, Problem> {
    let params = Params::from_query(query.as_deref())?;
    let means = (&state, &state.dashboards);
    values(means, reader, (&slug, filter), params, request).await
}

/// What a filter offers somebody.
///
/// # Errors
/// As [`filter_values`].
pub async fn values(
    (state, dashboards): (&AppState, &Dashboards),
    reader: Reader,
    (slug, filter): (&str, String),
    params: Params,
    request: RequestId,
) -> Result<Json<ValuesAnswer>, Problem> {
    let locale = params
        .locale
        .or(reader.preferred_locale())
        .unwrap_or_default();
    let of_a_part = (Class::Tile, request);
    let view = view(dashboards, reader, slug, &params.chosen, of_a_part).await?;
    let not_found = || Problem::new(Slug::NotFound);
    let id = FilterId::parse(filter).map_err(|_| not_found())?;
    let filter = view.dashboard.filter(&id).ok_or_else(not_found)?;
    let fetched = dashboards
        .filter_values(&view, filter, &dashboards.snapshots.current())
        .await
        .map_err(|error| match error {
            ValuesError::NotRecorded(error) => Problem::from(error),
            ValuesError::Withheld => Problem::new(Slug::Withheld),
            ValuesError::Drifted => Problem::new(Slug::SchemaDrift),
            ValuesError::Shut(shut) => shut.into(),
            ValuesError::Fetch(error) => refused(error, state.clock.now()),
        })?;
    let options = state
        .presenters
        .get(locale)
        .choices(filter, &fetched.entry.rows);
    Ok(Json(ValuesAnswer {
        filter: id.to_string(),
        values: options,
    }))
}
