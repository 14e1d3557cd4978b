//! The governance portal: pages made of links and plain forms, complete without any script.
//!
//! Each page is a pure function of its view-model. All stand in one frame, share one style sheet
//! (inlined with the page's nonce, like every style of this crate), and leave every decision to
//! the server: what a page does not offer is not thereby forbidden (Invariant 11).
//!
//! Two things hold for whatever the view-models say. An address that is not a path of this server
//! is not linked. Characters that change how other characters are read (bidirectional controls,
//! characters without width) are shown as their code, so that an approver reads what the machine
//! reads; only form fields keep them, because there they must survive.

mod access;
mod access_explain;
mod audit;
mod client;
mod clients;
mod costs;
mod draft;
mod draft_editor;
mod draft_impact;
mod draft_steps;
mod drafts;
mod field;
mod frame;
mod icon;
mod language;
mod parts;
mod policies;
mod policy;
mod problem;
mod report;
mod reveal;
mod revision;
mod revisions;
mod rules;
mod stop;
mod table;
mod view_as;
mod vitals;
mod waiting;

pub use access::access;
pub use access_explain::explain;
pub use audit::audit;
pub use client::client;
pub use clients::clients;
pub use costs::costs;
pub use draft::draft;
pub use drafts::drafts;
pub use policies::policies;
pub use policy::policy;
pub use problem::admin_problem;
pub use revision::{revision, revision_diff};
pub use revisions::revisions;
pub use stop::{stop, sure};
pub use view_as::{preview, view_as};
pub use vitals::vitals;
pub use waiting::waiting;
