//! What waits, and for whom.

use super::{AdminFrame, ChainVm, DraftState, RevisionLine, When};
use serde::{Deserialize, Serialize};

/// `/admin`: what waits for this admin, and whether all is well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// Drafts that this admin may approve now, the oldest first.
    pub for_me: Vec<DraftLine>,
    /// Drafts that this admin began or edited, and that are not at their end.
    pub mine: Vec<DraftLine>,
    /// Approved drafts with a time, the next first.
    pub scheduled: Vec<DraftLine>,
    /// The revision in force; `None` before the first publication.
    pub in_force: Option<RevisionLine>,
    /// The audit log.
    pub chain: ChainVm,
    /// Columns that tables have no more as they are declared, a sentence each. Usually none.
    pub changed_tables: Vec<String>,
}

/// `/admin/drafts`: every draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftsVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The drafts, the one touched last first.
    pub drafts: Vec<DraftLine>,
    /// The next page: `/admin/drafts?before=…`.
    pub older_href: Option<String>,
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftLine {
    /// What it is about.
    pub title: String,
    /// `/admin/drafts/{id}`
    pub href: String,
    /// Who began it.
    pub author: String,
    /// Since when it is where it is.
    pub since: When,
    /// Where it stands.
    pub state: DraftState,
    /// Whether somebody would see more.
    pub widening: bool,
    /// How many of the needed approvals it has; `None` before it was submitted.
    pub approvals: Option<Approvals>,
    /// When it comes into force.
    pub effective: Option<When>,
    /// What it waits for: "the checks", "1 approval by somebody else". Empty for nothing.
    pub waits_for: String,
}

/// How many approvals there are, and how many it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approvals {
    /// Given.
    pub have: u32,
    /// Needed.
    pub need: u32,
}
