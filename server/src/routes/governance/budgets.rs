//! `/api/v1/budgets…`: how much may be spent in a day, by whom.
//!
//! Each change names in `If-Match` the version it is about, and is refused when that is not the
//! current one; only what is not there yet is set without. Every step is on record.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header::ETAG;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use weir_registry::{BudgetChange, BudgetError, BudgetScope, RequestId};

use super::seen::seen;
use crate::guard::Admin;
use crate::object::Object;
use crate::problem::{Problem, Slug};
use crate::service::costs::{BudgetAnswer, BudgetWish, Meaningless, scope, spelled_scope};
use crate::state::AppState;

/// Every budget, and how far it is used today.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BudgetList {
    budgets: Vec<BudgetAnswer>,
}

/// Every budget.
///
/// # Errors
/// The registry does not answer.
#[utoipa::path(
    get, path = "/api/v1/budgets", tag = "costs", summary = "Budgets, and how far they are used today",
    responses((status = 200, body = BudgetList)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _: Admin,
) -> Result<Json<BudgetList>, Problem> {
    let budgets = state.dashboards.cache.ledger().budgets().await?;
    Ok(Json(BudgetList { budgets }))
}

/// One budget.
///
/// # Errors
/// No such budget.
#[utoipa::path(
    get, path = "/api/v1/budgets/{scope}", tag = "costs", summary = "One budget",
    params(("scope" = String, Path,
        description = "`all`, `prewarm`, `dashboard:finance-overview` or `business_unit:auto`.")),
    responses((status = 200, body = BudgetAnswer, headers(("etag", description = "For `If-Match`.")))),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    _: Admin,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    let scope = spelled_scope(&text).ok_or_else(|| Problem::new(Slug::NotFound))?;
    respond(StatusCode::OK, &state, &scope).await
}

/// Sets a budget, or replaces it. It holds for every run that begins from then on.
///
/// # Errors
/// A scope or limit that means nothing (422), 428 for a budget that exists without `If-Match`, 409
/// for one that is not as it was seen.
#[utoipa::path(
    put, path = "/api/v1/budgets/{scope}", tag = "costs", summary = "Set a budget for a day",
    params(
        ("scope" = String, Path,
            description = "`all`, `prewarm`, `dashboard:finance-overview` or `business_unit:auto`."),
        ("if-match" = Option<String>, Header, description = "The `ETag` of what was changed; not for a new budget."),
    ),
    request_body = BudgetWish,
    responses(
        (status = 200, body = BudgetAnswer, headers(("etag", description = "For `If-Match`."))),
        (status = 201, body = BudgetAnswer, headers(("etag", description = "For `If-Match`."))),
    ),
)]
pub(super) async fn put(
    State(state): State<AppState>,
    admin: Admin,
    Path(text): Path<String>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    Json(Object(wish)): Json<Object<BudgetWish>>,
) -> Result<Response, Problem> {
    let content = state.dashboards.published.current();
    let scope = scope(&text, &content).ok_or(Meaningless {
        pointer: "/scope",
        expected: "`all`, `prewarm`, `dashboard:` or `business_unit:` and a name that is known",
    })?;
    let limit = wish.limit()?;
    let seen = seen(&headers)?;
    let change = change(&state, &admin, scope, (seen, request));
    let put = state.registry.costs().put(&change, limit).await;
    put.map_err(|error| unseen(error, seen))?;
    let status = if seen.is_none() {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    respond(status, &state, &change.scope).await
}

/// Removes a budget: nothing bounds its scope any more.
///
/// # Errors
/// No such budget; 428, 409.
#[utoipa::path(
    delete, path = "/api/v1/budgets/{scope}", tag = "costs", summary = "Remove a budget",
    params(
        ("scope" = String, Path,
            description = "`all`, `prewarm`, `dashboard:finance-overview` or `business_unit:auto`."),
        ("if-match" = String, Header, description = "The `ETag` of what was seen."),
    ),
    responses((status = 204)),
)]
pub(super) async fn remove(
    State(state): State<AppState>,
    admin: Admin,
    Path(text): Path<String>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let scope = spelled_scope(&text).ok_or_else(|| Problem::new(Slug::NotFound))?;
    let seen = seen(&headers)?.ok_or_else(|| Problem::new(Slug::PreconditionRequired))?;
    let change = change(&state, &admin, scope, (Some(seen), request));
    state.registry.costs().remove(&change).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn change(
    state: &AppState,
    admin: &Admin,
    scope: BudgetScope,
    (seen, request): (Option<u64>, RequestId),
) -> BudgetChange {
    BudgetChange {
        scope,
        seen,
        by: admin.actor(),
        at: state.clock.now(),
        request,
    }
}

/// Who changes what exists and does not say what they saw is asked for it (A6).
fn unseen(error: BudgetError, seen: Option<u64>) -> Problem {
    match (error, seen) {
        (BudgetError::Conflict(_), None) => Problem::new(Slug::PreconditionRequired),
        (error, _) => error.into(),
    }
}

async fn respond(
    status: StatusCode,
    state: &AppState,
    scope: &BudgetScope,
) -> Result<Response, Problem> {
    let found = state.dashboards.cache.ledger().budget(scope).await?;
    let budget = found.ok_or_else(|| Problem::new(Slug::NotFound))?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", budget.version));
    let tag = tag.map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    Ok((status, [(ETAG, tag)], Json(budget)).into_response())
}

impl From<Meaningless> for Problem {
    fn from(wish: Meaningless) -> Self {
        Self::new(Slug::BudgetInvalid).at(wish.pointer, wish.expected)
    }
}

impl From<BudgetError> for Problem {
    fn from(error: BudgetError) -> Self {
        match error {
            BudgetError::Unknown => Self::new(Slug::NotFound),
            BudgetError::Conflict(theirs) => Self::new(Slug::BudgetConflict).with(json!({
                "version": theirs.version,
                "changed_by": theirs.changed.by,
                "changed_at": theirs.changed.at,
            })),
            BudgetError::TooMany => Self::new(Slug::BudgetInvalid).at("", error.to_string()),
            BudgetError::Audit(cause) => Self::new(Slug::AuditUnavailable).caused_by(cause),
            BudgetError::Store(cause) => cause.into(),
        }
    }
}
