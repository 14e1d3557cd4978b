//! View-models of the governance portal: what a governance admin reads and may do.
//!
//! As everywhere: texts about data, people and rules arrive final and in the reader's language,
//! numbers for people arrive formatted, and what this crate can word by itself (states, kinds,
//! counts of people) arrives as an enum or a small number.
//!
//! Every `href` and `action` is a path of this server (`/admin/…`). Anything else is not linked.

mod access;
mod audit;
mod clients;
mod costs;
mod draft;
mod impact;
mod policy;
mod revision;
mod stop;
mod view_as;
mod vitals;
mod waiting;

pub use access::{
    AccessCell, AccessRow, AccessVm, Claim, ExplainVm, ExplainedColumn, ExplainedRule, RowAnswer,
    RowQuestion, Sees,
};
pub use audit::{AuditLine, AuditQuery, AuditVm, Outcome};
pub use clients::{
    ClientFact, ClientLine, ClientSecret, ClientStanding, ClientTouch, ClientVm, ClientsVm,
    NewSecretVm,
};
pub use costs::{
    AlertLine, BudgetLine, BudgetTone, CostBar, CostFigure, CostLine, CostSpan, CostsVm,
};
pub use draft::{
    Action, Approval, ConflictVm, DiffLine, DraftFile, DraftState, DraftVm, EditorVm, FileChange,
    Finding, Reader, SentBack, Severity, Side, TablesVm,
};
pub use impact::{
    ColumnChange, ColumnEffect, ExampleKey, ImpactRow, ImpactState, ImpactVm, WideningVm,
};
pub use policy::{
    CaseVm, PoliciesVm, PolicyLine, PolicyVm, Reading, RuleChange, RuleDiff, RuleKind, RuleVm,
    SourceVm,
};
pub use revision::{Origin, RevisionDiffVm, RevisionFile, RevisionLine, RevisionVm, RevisionsVm};
pub use stop::{StopLine, StopVm, SureVm};
pub use view_as::{PreviewVm, SideVm, TileDifference, ViewAsVm, Weight};
pub use vitals::{BurnLine, BurnTone, SpeedBar, SpeedChart, SpeedLine, SpeedTick, VitalsVm};
pub use waiting::{Approvals, DraftLine, DraftsVm, WaitingVm};

use super::{LinkVm, Locale, Theme};
use serde::{Deserialize, Serialize};

/// The pages of the portal's navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Section {
    /// `/admin`
    Waiting,
    /// `/admin/policies`
    Policies,
    /// `/admin/drafts`
    Drafts,
    /// `/admin/revisions`
    Revisions,
    /// `/admin/access`
    Access,
    /// `/admin/view-as`
    ViewAs,
    /// `/admin/clients`
    Clients,
    /// `/admin/stop-access`
    Stop,
    /// `/admin/costs`
    Costs,
    /// `/admin/vitals`
    Vitals,
    /// `/admin/audit`
    Audit,
}

/// What stands around every page of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminFrame {
    /// The page's language.
    pub locale: Locale,
    /// Which colours.
    pub theme: Theme,
    /// For the page's one inline style.
    pub nonce: String,
    /// Display name of the admin.
    pub user_name: String,
    /// Hidden field `csrf` of every form that changes something.
    pub csrf: String,
    /// This page in the other language.
    pub switch_language_href: String,
    /// Whether the language was chosen on a page: then every way on carries it.
    pub keep_language: bool,
    /// Which entry of the navigation this page belongs to.
    pub section: Section,
    /// How many drafts wait for this admin's approval: a count beside "Waiting for me".
    pub waiting: u32,
    /// The revision in force; `None` before the first publication.
    pub revision: Option<RevisionMark>,
    /// What the last step did or why it was refused, after its redirect.
    pub flash: Option<Flash>,
}

/// The revision in force, in the header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionMark {
    /// "14".
    pub number: String,
    /// Its page.
    pub href: String,
    /// Since when it is in force.
    pub since: When,
}

/// A moment, for people and for machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// "21 Nov 2026, 14:05", or "2 hours ago" where age matters more.
    pub text: String,
    /// ISO 8601 with its zone.
    pub iso: String,
}

/// One sentence at the top of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// How it is meant.
    pub tone: FlashTone,
    /// "Saved as version 4."
    pub text: String,
}

/// How a [`Flash`] is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlashTone {
    /// It was done.
    Done,
    /// It was not done, and nothing changed.
    Refused,
}

/// What was wrong with a field of a form that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name as in the form: `reason`, `effective_from`, `text`, …
    pub field: String,
    /// What to do about it.
    pub message: String,
}

/// One value of a select.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

/// Whether the audit log is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChainVm {
    /// Verified from end to end.
    Intact {
        /// How many records: "12,481".
        records: String,
        /// When that was checked.
        checked: When,
    },
    /// A record is not what it was.
    Broken {
        /// The first bad record: "8,112".
        record: String,
        /// "It was edited after it was written."
        what: String,
        /// When that was found.
        checked: When,
    },
    /// Not checked since the process started.
    Unchecked {
        /// How many records: "12,481".
        records: String,
    },
}

/// A problem inside the portal: not found, not allowed, registry away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminProblemVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// "This draft does not exist".
    pub title: String,
    /// One sentence with the next step.
    pub sentence: String,
    /// To quote to support.
    pub request_id: String,
    /// The next step as a link.
    pub action: Option<LinkVm>,
}
