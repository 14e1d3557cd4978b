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
mod client_words;
mod clients;
mod cost_lines;
mod costs;
mod desk;
mod diff;
mod differences;
mod draft;
mod explain;
mod flash;
mod form;
mod impact;
mod lines;
mod names;
mod policies;
mod record;
mod refusal;
mod revisions;
mod row;
mod rules;
mod sheet;
mod speed_chart;
mod steps;
mod stop;
mod stop_words;
mod stopped;
mod view_as;
mod vital_lines;
mod vitals;
mod waiting;
mod witness;
mod words;

use weir_registry::ContentTree;

use crate::router::{Audience, Routes};

/// One file as a form sends it: every byte may take three.
const MAX_BODY: usize = 3 * ContentTree::MAX_FILE_BYTES + (64 << 10);

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of(Audience::Admin)
        .get("/admin", waiting::waiting)
        .get("/admin/drafts", waiting::drafts)
        .get("/admin/drafts/{id}", draft::draft)
        .get("/admin/drafts/{id}/{step}", steps::back)
        .post("/admin/drafts/{id}/{step}", steps::step)
        .get("/admin/policies", policies::policies)
        .get("/admin/policies/{dataset}", policies::policy)
        .post("/admin/policies/{dataset}/change", policies::change)
        .get("/admin/revisions", revisions::revisions)
        .get("/admin/revisions/diff", revisions::diff)
        .get("/admin/revisions/{number}", revisions::revision)
        .post("/admin/revisions/{number}/rollback", revisions::roll_back)
        .get("/admin/access", access::access)
        .get("/admin/access/explain", explain::explain)
        .get("/admin/view-as", view_as::form)
        .post("/admin/view-as", view_as::begin)
        .get("/admin/view-as/{id}", view_as::preview)
        .post("/admin/view-as/{id}/end", view_as::end)
        .get("/admin/clients", clients::clients)
        .get("/admin/clients/{id}", clients::client)
        .get("/admin/clients/{id}/{step}", clients::back)
        .post("/admin/clients/{id}/rotate", clients::rotate)
        .post("/admin/clients/{id}/remove-secret", clients::remove_secret)
        .get("/admin/stop-access", stop::stop)
        .post("/admin/stop-access/lock", stop::lock)
        .post("/admin/stop-access/lift", stop::lift)
        .post("/admin/stop-access/revoke", stop::revoke)
        .get("/admin/costs", costs::costs)
        .post("/admin/costs/set", costs::set)
        .post("/admin/costs/remove", costs::remove)
        .get("/admin/vitals", vitals::vitals)
        .get("/admin/audit", audit::audit)
        .with_bodies_up_to(MAX_BODY)
}
