//! The governance portal under `/admin`: pages and plain forms over the use cases of the governance
//! API. Guard: an admin; nobody else finds anything here (attack A1).
//!
//! A handler takes a [`desk::Desk`], asks [`Governance`](crate::service::governance::Governance),
//! and hands a view-model to `weir_frontend::pages::admin`. Steps are posted, and answered with the
//! way on; what was refused is said on the page that it was sent from, with all that was written.

mod access;
mod answers;
mod audit;
mod choices;
mod desk;
mod diff;
mod differences;
mod draft;
mod explain;
mod flash;
mod form;
mod impact;
mod lines;
mod policies;
mod record;
mod refusal;
mod revisions;
mod rules;
mod sheet;
mod steps;
mod view_as;
mod waiting;
mod witness;
mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use weir_registry::ContentTree;

use crate::state::AppState;

/// One file as a form sends it: every byte may take three.
const MAX_BODY: usize = 3 * ContentTree::MAX_FILE_BYTES + (64 << 10);

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin", get(waiting::waiting))
        .route("/admin/drafts", get(waiting::drafts))
        .route("/admin/drafts/{id}", get(draft::draft))
        .route(
            "/admin/drafts/{id}/{step}",
            post(steps::step).get(steps::back),
        )
        .route("/admin/policies", get(policies::policies))
        .route("/admin/policies/{dataset}", get(policies::policy))
        .route("/admin/policies/{dataset}/change", post(policies::change))
        .route("/admin/revisions", get(revisions::revisions))
        .route("/admin/revisions/diff", get(revisions::diff))
        .route("/admin/revisions/{number}", get(revisions::revision))
        .route(
            "/admin/revisions/{number}/rollback",
            post(revisions::roll_back),
        )
        .route("/admin/access", get(access::access))
        .route("/admin/access/explain", get(explain::explain))
        .route("/admin/audit", get(audit::audit))
        .route("/admin/view-as", get(view_as::form).post(view_as::begin))
        .route("/admin/view-as/{id}", get(view_as::preview))
        .route("/admin/view-as/{id}/end", post(view_as::end))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}
