//! `/api/v1/lockdowns…`: closing dashboards for the time being, and opening them again.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_registry::{Actor, Lockdown, RequestId};

use crate::guard::Admin;
use crate::object::Object;
use crate::problem::{Problem, Slug};
use crate::router::Person;
use crate::service::governance::Doer;
use crate::service::revoke_wish::{locked_scope, scope, spelled};
use crate::state::AppState;

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LockdownWish {
    /// A line of words, for whoever asks later.
    reason: String,
}

/// A lockdown in force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LockdownAnswer {
    /// `all`, `dashboard:…` or `business_unit:…`.
    scope: String,
    #[schema(value_type = Person)]
    by: Actor,
    reason: String,
    at: DateTime<Utc>,
}

/// Everything that is locked, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LockdownList {
    lockdowns: Vec<LockdownAnswer>,
}

impl LockdownAnswer {
    fn of(lockdown: Lockdown) -> Self {
        Self {
            scope: spelled(&lockdown.scope),
            by: lockdown.by,
            reason: lockdown.reason,
            at: lockdown.at,
        }
    }
}

/// Everything that is locked.
///
/// # Errors
/// The registry does not answer.
#[utoipa::path(
    get, path = "/api/v1/lockdowns", tag = "access", summary = "What is locked",
    responses((status = 200, body = LockdownList)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _admin: Admin,
) -> Result<Json<LockdownList>, Problem> {
    let found = state.registry.lockdowns().all().await?;
    Ok(Json(LockdownList {
        lockdowns: found.into_iter().map(LockdownAnswer::of).collect(),
    }))
}

/// Locks: nobody sees the dashboard on this process when it is answered, nor on any other within 5
/// seconds, whoever they are; pages under way end. The portal stays open. What is locked already
/// stays as it is.
///
/// # Errors
/// No such scope, or no reason. The registry or the audit does not answer.
#[utoipa::path(
    put, path = "/api/v1/lockdowns/{scope}", tag = "access", summary = "Lock dashboards",
    params(("scope" = String, Path,
        description = "`all`, `dashboard:finance-overview` or `business_unit:auto`.")),
    request_body = LockdownWish,
    responses((status = 200, body = LockdownAnswer)),
)]
pub(super) async fn put(
    State(state): State<AppState>,
    admin: Admin,
    Path(text): Path<String>,
    Extension(request): Extension<RequestId>,
    Json(Object(wish)): Json<Object<LockdownWish>>,
) -> Result<Json<LockdownAnswer>, Problem> {
    let scope = scope(&text, &state.dashboards.published.current())?;
    let actor = admin.actor();
    let gate = &state.dashboards.gate;
    let lockdown = gate
        .lock(scope, Doer { actor, request }, &wish.reason)
        .await?;
    Ok(Json(LockdownAnswer::of(lockdown)))
}

/// Opens again. Nothing happens where nothing was locked.
///
/// # Errors
/// No such scope. The registry or the audit does not answer.
#[utoipa::path(
    delete, path = "/api/v1/lockdowns/{scope}", tag = "access", summary = "Open dashboards again",
    params(("scope" = String, Path,
        description = "`all`, `dashboard:finance-overview` or `business_unit:auto`.")),
    responses((status = 204, description = "Open.")),
)]
pub(super) async fn lift(
    State(state): State<AppState>,
    admin: Admin,
    Path(text): Path<String>,
    Extension(request): Extension<RequestId>,
) -> Result<StatusCode, Problem> {
    let scope = locked_scope(&text).ok_or_else(|| {
        let expected = "`all`, `dashboard:` and its name, or `business_unit:` and its name";
        Problem::new(Slug::InvalidParameter).at("/scope", expected)
    })?;
    let actor = admin.actor();
    let gate = &state.dashboards.gate;
    gate.lift(scope, Doer { actor, request }).await?;
    Ok(StatusCode::NO_CONTENT)
}
