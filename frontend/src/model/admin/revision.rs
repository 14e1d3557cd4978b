//! What was in force, and when.

use super::{AdminFrame, Choice, FileChange, Reading, RuleDiff, RuleVm, SourceVm, When};
use crate::model::LinkVm;
use serde::{Deserialize, Serialize};

/// How a revision came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// From the folder the server was started with.
    Folder,
    /// From a draft in the portal.
    Draft,
    /// Pushed from a folder.
    Push,
    /// By going back to an older one.
    Rollback {
        /// Its number.
        of: String,
    },
}

/// `/admin/revisions`: the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionsVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The revisions, newest first.
    pub revisions: Vec<RevisionLine>,
    /// The next page: `/admin/revisions?before=…`.
    pub older_href: Option<String>,
}

/// A revision in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionLine {
    /// "14".
    pub number: String,
    /// `/admin/revisions/{number}`
    pub href: String,
    /// What it was about.
    pub title: String,
    /// When it came into force.
    pub published: When,
    /// When the next one took over; `None` for the one in force.
    pub until: Option<When>,
    /// Who wrote it.
    pub author: String,
    /// Who approved it.
    pub approvers: Vec<String>,
    /// Who published it.
    pub publisher: String,
    /// How it came about.
    pub origin: Origin,
    /// Whether somebody saw more by it.
    pub widening: bool,
}

/// `/admin/revisions/{number}`: one revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The revision.
    pub revision: RevisionLine,
    /// The hash of its content.
    pub content: String,
    /// The draft it came from.
    pub draft: Option<LinkVm>,
    /// Against the one before: `/admin/revisions/diff?from=…&to=…`.
    pub compare_href: Option<String>,
    /// Its policies in sentences: the dataset's label and the rules.
    pub policies: Vec<(String, Vec<RuleVm>)>,
    /// Its files.
    pub files: Vec<RevisionFile>,
    /// The open one.
    pub file: Option<SourceVm>,
    /// Where "Roll back to this revision" posts; `None` for the one in force.
    pub roll_back_action: Option<String>,
}

/// A file of a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionFile {
    /// Its path.
    pub path: String,
    /// The revision with this file open.
    pub href: String,
    /// Whether it is the open one.
    pub open: bool,
    /// What happened to it since the revision before.
    pub change: FileChange,
}

/// `/admin/revisions/diff?from=…&to=…`: what differs between two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionDiffVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The older one, of all there are.
    pub from: Vec<Choice>,
    /// The newer one, of all there are.
    pub to: Vec<Choice>,
    /// "Revision 12".
    pub from_label: String,
    /// "Revision 14".
    pub to_label: String,
    /// What differs, rule by rule.
    pub rules: Vec<RuleDiff>,
    /// The touched policies in sentences.
    pub readings: Vec<Reading>,
    /// The files that differ.
    pub files: Vec<(String, FileChange)>,
}
