//! `GET /api/v1/vitals?from=&to=`: how fast pages are in browsers, and whether the promise holds.

use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::span;
use crate::guard::Admin;
use crate::problem::Problem;
use crate::service::vitals::VitalsAnswer;
use crate::state::AppState;

/// What is looked at where nothing else is said: a week, today being one of its days.
const SIX_DAYS: TimeDelta = TimeDelta::days(6);

/// Which time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Span {
    /// From the day (UTC) of this moment on; six days before `to` unless said.
    from: Option<DateTime<Utc>>,
    /// Up to the day of this moment; today unless said.
    to: Option<DateTime<Utc>>,
}

/// Quantiles of what browsers measured, by dashboard, business unit, host, release and day; the part
/// of pages that was fast enough; how fast the allowance of slow pages is used up in the last hour,
/// six hours and three days.
///
/// # Errors
/// A time that ends before it starts, or a registry that does not answer.
#[utoipa::path(
    get, path = "/api/v1/vitals", tag = "vitals", summary = "How fast pages are in browsers",
    params(Span),
    responses((status = 200, body = VitalsAnswer)),
)]
pub(super) async fn vitals(
    State(state): State<AppState>,
    _: Admin,
    Query(span): Query<Span>,
) -> Result<Json<VitalsAnswer>, Problem> {
    let (from, to) = span::asked(&state, (span.from, span.to), SIX_DAYS)?;
    Ok(Json(state.real_users.report(from, to).await?))
}
