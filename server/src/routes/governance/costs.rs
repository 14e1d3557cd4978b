//! `GET /api/v1/costs?from=&to=`: what answers cost, for whom, and what the cache saved.

use axum::Json;
use axum::extract::{Query, State};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use weir_registry::CostError;

use super::span;
use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::costs::CostAnswer;
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

/// Bytes and dollars per view, per thousand views, by dashboard, business unit and day; three hit
/// rates; what the cache saved; budgets and their alerts. Dollars are an estimate by the price of the
/// configuration.
///
/// # Errors
/// A time that ends before it starts, or a registry that does not answer.
#[utoipa::path(
    get, path = "/api/v1/costs", tag = "costs", summary = "What answers cost",
    params(Span),
    responses((status = 200, body = CostAnswer)),
)]
pub(super) async fn costs(
    State(state): State<AppState>,
    _: Admin,
    Query(span): Query<Span>,
) -> Result<Json<CostAnswer>, Problem> {
    let (from, to) = span::asked(&state, (span.from, span.to), A_WEEK)?;
    let ledger = state.dashboards.cache.ledger();
    Ok(Json(ledger.report(from, to).await?))
}

impl From<CostError> for Problem {
    fn from(error: CostError) -> Self {
        match error {
            CostError::Audit(cause) => Self::new(Slug::AuditUnavailable).caused_by(cause),
            CostError::Store(cause) => cause.into(),
        }
    }
}
