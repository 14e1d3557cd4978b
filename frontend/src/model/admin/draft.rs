//! A change on its way.

use super::{
    AdminFrame, Approvals, FieldError, ImpactState, Reading, RevisionMark, RuleDiff, When,
    WideningVm,
};
use serde::{Deserialize, Serialize};

/// Where a draft stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DraftState {
    /// Being edited; not checked, or checked with findings that stop it.
    Editing,
    /// Its checks passed and it was not touched since.
    Checked,
    /// Waits for approvals.
    InReview,
    /// Has the approvals it needs.
    Approved,
    /// Approved, and published once its time has come.
    Scheduled,
    /// A revision.
    Live,
    /// Given up.
    Withdrawn,
}

/// A step somebody may take. Each posts to `{href}/{step}` of its draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// `save`, with `path`, `text` and `title`.
    Save,
    /// `check`, with the editor's fields if there is an editor: saves, then checks. Without them
    /// (a draft in review) it checks and counts anew, against the revision in force.
    Check,
    /// `submit`
    Submit,
    /// `approve`
    Approve,
    /// `send-back`, with `reason`.
    SendBack,
    /// `schedule`, with `effective_from` as `YYYY-MM-DDTHH:MM` of [`DraftVm::time_zone`].
    Schedule,
    /// `unschedule`
    Unschedule,
    /// `publish`
    Publish,
    /// `withdraw`
    Withdraw,
}

/// How a reader is involved in a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reader {
    /// Began it or saved a version of it: may not approve it.
    Author,
    /// Had no part in it.
    Reviewer,
    /// Had no part in it and approved this version.
    Approver,
}

impl Action {
    /// The last segment of the path that the step posts to.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Check => "check",
            Self::Submit => "submit",
            Self::Approve => "approve",
            Self::SendBack => "send-back",
            Self::Schedule => "schedule",
            Self::Unschedule => "unschedule",
            Self::Publish => "publish",
            Self::Withdraw => "withdraw",
        }
    }
}

impl DraftState {
    /// What a reader may do in this state, as far as the state decides it. The server holds every
    /// step against its own rules again; this is what a page offers.
    #[must_use]
    pub const fn actions(self, reader: Reader) -> &'static [Action] {
        use Action::{
            Approve, Check, Publish, Save, Schedule, SendBack, Submit, Unschedule, Withdraw,
        };
        match (self, reader) {
            (Self::Editing, Reader::Author) => &[Save, Check, Withdraw],
            (Self::Checked, Reader::Author) => &[Save, Check, Submit, Withdraw],
            (Self::Editing | Self::Checked, _) => &[Save, Check],
            (Self::InReview, Reader::Author) => &[Check, Withdraw],
            (Self::InReview, Reader::Reviewer) => &[Approve, Check, SendBack],
            (Self::InReview, Reader::Approver) => &[Check, SendBack],
            (Self::Approved, Reader::Author) => &[Publish, Schedule, Check, Withdraw],
            (Self::Approved, _) => &[Publish, Schedule, Check, SendBack],
            (Self::Scheduled, Reader::Author) => &[Publish, Unschedule, Check, Withdraw],
            (Self::Scheduled, _) => &[Publish, Unschedule, Check, SendBack],
            (Self::Live | Self::Withdrawn, _) => &[],
        }
    }

    /// Whether the state has room for a step, whoever takes it.
    #[must_use]
    pub fn has_room_for(self, action: Action) -> bool {
        [Reader::Author, Reader::Reviewer, Reader::Approver]
            .iter()
            .any(|reader| self.actions(*reader).contains(&action))
    }
}

/// `/admin/drafts/{id}`: a draft, with everything that somebody needs to decide on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// `/admin/drafts/{id}`; steps post below it.
    pub href: String,
    /// "27".
    pub id: String,
    /// Hidden field `version` of every step: the version that is shown. After a conflict that is
    /// the version of the others, so that saving again replaces it knowingly.
    pub version: String,
    /// What it is about.
    pub title: String,
    /// Where it stands.
    pub state: DraftState,
    /// Who began it.
    pub author: String,
    /// Who else saved a version of it.
    pub editors: Vec<String>,
    /// When it was saved last.
    pub saved: When,
    /// The revision it changes; `None` where there was none.
    pub base: Option<RevisionMark>,
    /// Set if another revision came into force since: the draft must be brought up to it.
    pub outdated: Option<RevisionMark>,
    /// When it comes into force.
    pub effective: Option<When>,
    /// Why it was sent back, until it is submitted again.
    pub sent_back: Option<SentBack>,
    /// The files it is made of: changed ones first.
    pub files: Vec<DraftFile>,
    /// The open file; `None` where the files cannot be read.
    pub editor: Option<EditorVm>,
    /// What the decision tables said; `None` before they ran.
    pub tables: Option<TablesVm>,
    /// What differs from the base, rule by rule.
    pub rules: Vec<RuleDiff>,
    /// The touched policies in sentences.
    pub readings: Vec<Reading>,
    /// Who gains and who loses.
    pub impact: ImpactState,
    /// Set if somebody would see more.
    pub widening: Option<WideningVm>,
    /// How many approvals it has and needs; `None` before it was submitted.
    pub progress: Option<Approvals>,
    /// Who approved.
    pub approvals: Vec<Approval>,
    /// What this admin may do now. The page offers those that the state has room for.
    pub actions: Vec<Action>,
    /// Why something is not offered: "You edited this draft, so somebody else approves it."
    pub why_not: Vec<String>,
    /// Set if somebody else saved meanwhile. The editor then holds this admin's own text.
    pub conflict: Option<ConflictVm>,
    /// What was wrong with the fields of the last step.
    pub errors: Vec<FieldError>,
    /// What was sent as `reason`, if that step was refused.
    pub reason: String,
    /// What was sent as `effective_from`, if that step was refused.
    pub effective_from: String,
    /// In which time `effective_from` is read: "Eastern Time".
    pub time_zone: String,
}

/// That a draft was sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBack {
    /// Who did it; empty where that is not known.
    pub by: String,
    /// When.
    pub when: When,
    /// Why, in their words.
    pub reason: String,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileChange {
    /// New.
    Added,
    /// Gone.
    Removed,
    /// Different.
    Changed,
    /// The same.
    Same,
}

/// A file of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftFile {
    /// Its path.
    pub path: String,
    /// The draft with this file open: `/admin/drafts/{id}?file=…`.
    pub href: String,
    /// Whether it is the open one.
    pub open: bool,
    /// What happened to it.
    pub change: FileChange,
    /// How many findings it has.
    pub findings: u32,
}

/// The open file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditorVm {
    /// Its path: hidden field `path`.
    pub path: String,
    /// Its text, byte for byte; after a conflict, what this admin sent. Browsers send every line
    /// feed of it as CR LF: what comes back is compared and kept with line feeds alone.
    pub text: String,
    /// What the checks found in it.
    pub findings: Vec<Finding>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// Stops the draft.
    Error,
    /// Does not.
    Warning,
}

/// Something the checks found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The line it stands at, from 1; `None` for the whole file.
    pub line: Option<u32>,
    /// How bad.
    pub severity: Severity,
    /// "Column `regoin` does not exist in Statements."
    pub sentence: String,
    /// What was probably meant: `region`. Empty for no idea.
    pub did_you_mean: String,
}

/// What the decision tables said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablesVm {
    /// Cases that came out as written.
    pub passed: u32,
    /// Cases that did not, each a sentence with the rule that decided it.
    pub failures: Vec<String>,
}

/// Somebody's approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When.
    pub when: When,
}

/// That somebody else saved meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictVm {
    /// Who.
    pub by: String,
    /// When.
    pub when: When,
    /// Their text of the open file.
    pub theirs: String,
    /// Their text against this admin's, line by line.
    pub lines: Vec<DiffLine>,
}

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// In both.
    Both,
    /// In theirs only.
    Theirs,
    /// In yours only.
    Yours,
}

/// A line of two texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// Whose.
    pub side: Side,
    /// The line.
    pub text: String,
}
