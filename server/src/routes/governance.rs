//! The governance API: `/api/v1/policies…`, `/api/v1/explain`, `/api/v1/view-as…`,
//! `/api/v1/embed-clients…`, `/api/v1/audit`, `/api/v1/usage`, `/api/v1/costs`, `/api/v1/budgets…`,
//! `/api/v1/drift`, `/api/v1/prewarm`, `/api/v1/vitals`. Guard: an admin.
//!
//! A draft is answered with an `ETag` that changes with everything about it; whoever changes a draft
//! names in `If-Match` what they saw (RFC 9110 §13.1.1), so nobody overwrites unseen.

mod answers;
mod audit;
mod audit_export;
mod budgets;
mod costs;
mod drafts;
mod drift;
mod embed_clients;
mod explain;
mod framing;
mod lockdowns;
mod policies;
mod prewarm;
mod refusals;
mod revisions;
pub(in crate::routes) mod revocations;
mod seen;
mod span;
mod usage;
mod view_as;
mod vitals;
mod who;

use utoipa_axum::routes;
use weir_registry::ContentTree;

use crate::router::{Audience, Routes};

/// All files of a tree, and the JSON around them.
const MAX_BODY: usize = ContentTree::MAX_BYTES + (1 << 20);

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of(Audience::Admin)
        .api(routes!(policies::in_force))
        .api(routes!(revisions::list))
        .api(routes!(revisions::one))
        .api(routes!(revisions::roll_back))
        .api(routes!(revisions::diff))
        .api(routes!(who::who_could_see))
        .api(routes!(drafts::list, drafts::open))
        .api(routes!(drafts::one, drafts::save))
        .api(routes!(drafts::check))
        .api(routes!(drafts::impact))
        .api(routes!(drafts::step))
        .api(routes!(explain::explain))
        .api(routes!(view_as::begin))
        .api(routes!(view_as::one, view_as::end))
        .api(routes!(view_as::rows))
        .api(routes!(view_as::tile))
        .api(routes!(view_as::filter_values))
        .api(routes!(framing::framing))
        .api(routes!(revocations::list))
        .api(routes!(lockdowns::list))
        .api(routes!(lockdowns::put, lockdowns::lift))
        .api(routes!(embed_clients::list))
        .api(routes!(
            embed_clients::one,
            embed_clients::put,
            embed_clients::remove
        ))
        .api(routes!(embed_clients::add_secret))
        .api(routes!(embed_clients::remove_secret))
        .api(routes!(audit::search))
        .api(routes!(audit_export::export))
        .api(routes!(usage::usage))
        .api(routes!(drift::drift))
        .api(routes!(prewarm::prewarm))
        .api(routes!(costs::costs))
        .api(routes!(vitals::vitals))
        .api(routes!(budgets::list))
        .api(routes!(budgets::one, budgets::put, budgets::remove))
        .with_bodies_up_to(MAX_BODY)
}

/// What a registered client may do as well, with what is its own.
pub(crate) fn revoking() -> Routes {
    Routes::of(Audience::Revoker).api(routes!(revocations::revoke))
}
