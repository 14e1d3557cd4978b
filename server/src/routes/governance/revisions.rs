//! `/api/v1/policies/revisions…` and `…/diff`: what was in force, and going back to it.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_registry::RequestId;

use super::answers::{DraftAnswer, RevisionAnswer};
use super::drafts::doer;
use super::refusals::of_revision;
use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::governance::{Difference, GovernanceError};
use crate::state::AppState;

/// Which revisions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those below this number.
    before: Option<u64>,
    /// The longest page.
    limit: Option<u32>,
    /// Only those in force at or after this moment.
    from: Option<DateTime<Utc>>,
    /// Only those in force at or before this moment.
    to: Option<DateTime<Utc>>,
}

/// Revisions, a page of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RevisionsAnswer {
    revisions: Vec<RevisionAnswer>,
    /// For the next page: `before`. None on the last.
    next_before: Option<u64>,
}

/// What one revision says that another did not.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DiffAnswer {
    from: u64,
    to: u64,
    #[serde(flatten)]
    difference: Difference,
}

/// `GET …/revisions?before=&limit=`: newest first; with `from` or `to`: those in force
/// then, oldest first.
///
/// # Errors
/// A revision that is not as it was published.
#[utoipa::path(
    get, path = "/api/v1/policies/revisions", tag = "policies", summary = "What was in force",
    params(Which),
    responses((status = 200, body = RevisionsAnswer)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _: Admin,
    Query(which): Query<Which>,
) -> Result<Json<RevisionsAnswer>, Problem> {
    if which.from.is_some() || which.to.is_some() {
        let from = which.from.unwrap_or(DateTime::<Utc>::MIN_UTC);
        let to = which.to.unwrap_or_else(|| state.clock.now());
        let past = state.registry.revisions().in_force_between(from, to).await;
        let past = past.map_err(of_revision)?;
        return Ok(Json(RevisionsAnswer {
            revisions: past.iter().map(RevisionAnswer::in_force).collect(),
            next_before: None,
        }));
    }
    let limit = which.limit.unwrap_or(50);
    let page = state.governance.revisions(which.before, limit).await?;
    let found = page.revisions.iter();
    Ok(Json(RevisionsAnswer {
        revisions: found.map(|r| RevisionAnswer::of(r, None)).collect(),
        next_before: page.next,
    }))
}

/// `GET …/revisions/{number}`: one, with its files.
///
/// # Errors
/// No such revision, or one that is not as it was published.
#[utoipa::path(
    get, path = "/api/v1/policies/revisions/{number}", tag = "policies", summary = "One revision, with its files",
    params(("number" = u64, Path, description = "The revision.")),
    responses((status = 200, body = RevisionAnswer)),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    _: Admin,
    Path(number): Path<u64>,
) -> Result<Json<RevisionAnswer>, Problem> {
    let revision = state.governance.revision(number).await?;
    let tree = state.governance.files(number).await?;
    Ok(Json(RevisionAnswer::of(&revision, Some(&tree))))
}

/// `POST …/revisions/{number}/rollback`: opens a draft with that content.
///
/// # Errors
/// No such revision, or the one in force.
#[utoipa::path(
    post, path = "/api/v1/policies/revisions/{number}/rollback", tag = "drafts",
    summary = "Open a draft with a revision's content",
    params(("number" = u64, Path, description = "The revision to go back to.")),
    responses((status = 201, body = DraftAnswer, headers(("etag", description = "For `If-Match`.")))),
)]
pub(super) async fn roll_back(
    State(state): State<AppState>,
    admin: Admin,
    Path(number): Path<u64>,
    Extension(request): Extension<RequestId>,
) -> Result<(StatusCode, Response), Problem> {
    let doer = doer(&admin, request);
    let draft = state.governance.roll_back(number, doer).await?;
    let answer = DraftAnswer::of(&draft, None).respond(&draft)?;
    Ok((StatusCode::CREATED, answer))
}

/// Two revisions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Between {
    /// The older one, usually.
    from: u64,
    /// The newer one.
    to: u64,
}

/// `GET /api/v1/policies/diff?from=&to=`: what the second says that the first did not, rule by rule.
///
/// # Errors
/// No such revision, or one that can't be read.
#[utoipa::path(
    get, path = "/api/v1/policies/diff", tag = "policies", summary = "What one revision says that another did not",
    params(Between),
    responses((status = 200, body = DiffAnswer)),
)]
pub(super) async fn diff(
    State(state): State<AppState>,
    _: Admin,
    Query(between): Query<Between>,
) -> Result<Json<DiffAnswer>, Problem> {
    let Between { from, to } = between;
    let difference = state.governance.diff(from, to).await;
    // What was published was checked: if it can't be read now, that is no fault of the caller's.
    let difference = difference.map_err(|error| match error {
        GovernanceError::Content(error) => Problem::new(Slug::Internal).caused_by(error),
        other => other.into(),
    })?;
    Ok(Json(DiffAnswer {
        from,
        to,
        difference,
    }))
}
