//! Changes on their way: edited, reviewed, approved by somebody else, scheduled, published.
//!
//! ```text
//! open -> editing -> submit -> in review -> publish -> published
//!            ^                  |   ^  |
//!            |  save, send back |   |  | schedule (and unschedule back)
//!            +------------------+   |  v
//!            +--- save, send back --- scheduled -> publish
//! ```
//!
//! From everywhere but the end, `withdraw`. Each step names the version it is about, is refused
//! where that is not the current one, and is done together with its audit record or not at all.

mod checks;
mod error;
mod rows;
mod steps;

use std::fmt;

use chrono::{DateTime, Utc};

pub use self::error::DraftError;
use crate::content::store;
use crate::database::Database;
use crate::revisions::follow::Follower;
use crate::{Actor, ContentTree, Digest, Origin, RequestId};

/// The drafts. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Drafts {
    database: Database,
    follower: Follower,
}

/// The number of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DraftId(u64);

/// Where a draft stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DraftState {
    /// Somebody works on it.
    Editing,
    /// Others look at it.
    InReview,
    /// Approved, and published once its time has come.
    Scheduled,
    /// A revision now.
    Published,
    /// Given up.
    Withdrawn,
}

/// A change on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its number.
    pub id: DraftId,
    /// How often it was saved. Whoever does something to it names the version they saw.
    pub version: u64,
    /// Where it stands.
    pub state: DraftState,
    /// What it is about, in a line.
    pub title: String,
    /// The revision it changes; 0 where there was none.
    pub base: u64,
    /// How it came about. A rollback that is edited is a draft like any other.
    pub origin: Origin,
    /// The hash of its [`ContentTree`].
    pub content: Digest,
    /// Who began it.
    pub author: Actor,
    /// Everybody who saved a version of it, the author first. None of them may approve it.
    pub editors: Vec<Actor>,
    /// Who approved this version, in order.
    pub approvals: Vec<Approval>,
    /// What the checks said when it was submitted.
    pub verdict: Option<Verdict>,
    /// When it is meant to come into force.
    pub effective_from: Option<DateTime<Utc>>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When something last happened to it.
    pub updated_at: DateTime<Utc>,
    /// Why it was sent back, until it is submitted again.
    pub reason: Option<String>,
}

/// Somebody's approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Whose.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

/// What the checks said about a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether somebody would see more than before.
    pub widening: bool,
    /// How many approvals the caller asks for; see [`Verdict::approvals_required`].
    pub approvals_needed: u8,
    /// The findings as JSON. Not read here.
    pub findings: String,
}

/// A draft about to be opened.
#[derive(Debug, Clone)]
pub struct NewDraft {
    /// What it is about, in a line.
    pub title: String,
    /// The revision it changes; 0 where there is none.
    pub base: u64,
    /// The files.
    pub tree: ContentTree,
    /// Anything but a folder. A rollback brings exactly the content of that revision.
    pub origin: Origin,
    /// Who opens it.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// The request that asked for it.
    pub request: RequestId,
}

/// Something somebody does to a draft.
#[derive(Debug, Clone)]
pub struct Step {
    /// To which draft.
    pub draft: DraftId,
    /// The version they saw.
    pub version: u64,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// The request that asked for it.
    pub request: RequestId,
}

/// A new version of a draft.
#[derive(Debug, Clone)]
pub struct Save {
    /// Which draft, who, when.
    pub step: Step,
    /// The revision it changes now.
    pub base: u64,
    /// What it is about, in a line.
    pub title: String,
    /// The files.
    pub tree: ContentTree,
}

impl Drafts {
    pub(crate) fn new(database: Database, follower: Follower) -> Self {
        Self { database, follower }
    }

    /// The draft of this number.
    ///
    /// # Errors
    /// [`DraftError::Corrupt`] when it cannot be read.
    pub async fn get(&self, id: DraftId) -> Result<Option<Draft>, DraftError> {
        rows::get(&mut *self.database.snapshot().await?, id).await
    }

    /// Up to `limit` drafts in these states, the last touched first.
    ///
    /// # Errors
    /// [`DraftError::Corrupt`] names the first that cannot be read.
    pub async fn list(&self, states: &[DraftState], limit: u32) -> Result<Vec<Draft>, DraftError> {
        rows::list(&mut *self.database.snapshot().await?, states, limit).await
    }

    /// The scheduled drafts whose time has come by `now`, in the order of their times.
    ///
    /// # Errors
    /// [`DraftError::Corrupt`] names the first that cannot be read.
    pub async fn due(&self, now: DateTime<Utc>) -> Result<Vec<Draft>, DraftError> {
        rows::due(&mut *self.database.snapshot().await?, now).await
    }

    /// The files of a version of a draft, or of its current one, checked against their hash.
    ///
    /// # Errors
    /// [`DraftError::Unknown`] for a draft or version that is not there, [`DraftError::Corrupt`]
    /// when the files are not what was saved.
    pub async fn tree(&self, id: DraftId, version: Option<u64>) -> Result<ContentTree, DraftError> {
        let mut conn = self.database.snapshot().await?;
        let content = rows::content(&mut conn, id, version).await?;
        let content = content.ok_or(DraftError::Unknown(id))?;
        let tree = store::load(&mut conn, content).await;
        tree.map_err(|fault| DraftError::from_tree(id, fault))
    }
}

impl DraftId {
    /// A number somebody asked for. Whether there is such a draft shows when it is used.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    pub(crate) fn column(self) -> i64 {
        self.0.cast_signed()
    }

    pub(crate) fn from_column(number: i64) -> Self {
        Self(number.cast_unsigned())
    }
}

impl fmt::Display for DraftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl DraftState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Editing,
        Self::InReview,
        Self::Scheduled,
        Self::Published,
        Self::Withdrawn,
    ];

    /// The stable name, as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Editing => "editing",
            Self::InReview => "in_review",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for DraftState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Editing => "being edited",
            Self::InReview => "in review",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        })
    }
}

impl Verdict {
    /// How many people other than its editors must approve: what the caller asked for, but never
    /// less than one, and never less than two where somebody would see more.
    #[must_use]
    pub fn approvals_required(&self) -> u8 {
        let least = if self.widening { 2 } else { 1 };
        self.approvals_needed.max(least)
    }
}

impl Draft {
    /// Approvals it has, and approvals it needs.
    pub(crate) fn approvals(&self) -> (usize, usize) {
        let need = self.verdict.as_ref().map_or(1, Verdict::approvals_required);
        (self.approvals.len(), usize::from(need))
    }

    pub(crate) fn was_edited_by(&self, person: &Actor) -> bool {
        self.editors.iter().any(|editor| editor.is(person))
    }

    pub(crate) fn was_approved_by(&self, person: &Actor) -> bool {
        self.approvals.iter().any(|approval| approval.by.is(person))
    }
}

#[cfg(test)]
pub(crate) use self::rows::{STATEMENTS, WRITE};
