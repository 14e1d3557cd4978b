//! `GET /api/v1/usage?from=&to=`: how much the dashboards are used.

use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::span;
use crate::guard::Admin;
use crate::problem::Problem;
use crate::service::usage::{self, UsageAnswer};
use crate::state::AppState;

/// What is looked at where nothing else is said.
const A_WEEK: TimeDelta = TimeDelta::days(7);

/// Which time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Span {
    /// From this moment on, in whole hours; a week before `to` unless said.
    from: Option<DateTime<Utc>>,
    /// Before this moment; now unless said.
    to: Option<DateTime<Utc>>,
}

/// Sums by dashboard, tile and business unit; people are counted and never named, and fewer than
/// five are not told apart.
///
/// # Errors
/// A time that ends before it starts, or a registry that does not answer.
#[utoipa::path(
    get, path = "/api/v1/usage", tag = "usage", summary = "How much the dashboards are used",
    params(Span),
    responses((status = 200, body = UsageAnswer)),
)]
pub(super) async fn usage(
    State(state): State<AppState>,
    _: Admin,
    Query(span): Query<Span>,
) -> Result<Json<UsageAnswer>, Problem> {
    let (from, to) = span::asked(&state, (span.from, span.to), A_WEEK)?;
    let report = state.registry.usage().between(from, to).await?;
    Ok(Json(usage::told(&report, (from, to))))
}
