//! The governance API: `/api/v1/policies…`, `/api/v1/explain`, `/api/v1/view-as…`, `/api/v1/audit`.
//! Guard: an admin.
//!
//! A draft is answered with an `ETag` that changes with everything about it; whoever changes a draft
//! names in `If-Match` what they saw (RFC 9110 §13.1.1), so nobody overwrites unseen.

mod answers;
mod audit;
mod drafts;
mod explain;
mod policies;
mod refusals;
mod revisions;
mod view_as;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use weir_registry::ContentTree;

use crate::state::AppState;

/// All files of a tree, and the JSON around them.
const MAX_BODY: usize = ContentTree::MAX_BYTES + (1 << 20);

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/policies", get(policies::in_force))
        .route("/api/v1/policies/revisions", get(revisions::list))
        .route("/api/v1/policies/revisions/{number}", get(revisions::one))
        .route(
            "/api/v1/policies/revisions/{number}/rollback",
            post(revisions::roll_back),
        )
        .route("/api/v1/policies/diff", get(revisions::diff))
        .route(
            "/api/v1/policies/drafts",
            get(drafts::list).post(drafts::open),
        )
        .route(
            "/api/v1/policies/drafts/{id}",
            get(drafts::one).put(drafts::save),
        )
        .route("/api/v1/policies/drafts/{id}/check", get(drafts::check))
        .route("/api/v1/policies/drafts/{id}/impact", get(drafts::impact))
        .route("/api/v1/policies/drafts/{id}/{step}", post(drafts::step))
        .route("/api/v1/explain", get(explain::explain))
        .route("/api/v1/view-as", post(view_as::begin))
        .route(
            "/api/v1/view-as/{id}",
            get(view_as::one).delete(view_as::end),
        )
        .route("/api/v1/view-as/{id}/rows", get(view_as::rows))
        .route(
            "/api/v1/view-as/{id}/{side}/tiles/{tile}/data",
            get(view_as::tile),
        )
        .route(
            "/api/v1/view-as/{id}/{side}/filters/{filter}/values",
            get(view_as::filter_values),
        )
        .route("/api/v1/audit", get(audit::search))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}
