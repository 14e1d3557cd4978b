//! Why a step was refused.

use chrono::{DateTime, Utc};

use super::{Draft, DraftId, DraftState};
use crate::content::store::TreeFault;
use crate::{AuditError, RevisionError, StoreError, TextError};

/// Why a step with a draft was not done. Whatever it says, nothing of the step happened.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// There is none of this number, or no such version of it.
    #[error("there is no draft {0} of that version")]
    Unknown(DraftId),
    /// Somebody was faster. This is what they made of it; compare, and do it again.
    #[error("draft {} was changed meanwhile, it is at version {} now", .0.id, .0.version)]
    Conflict(Box<Draft>),
    /// Another revision came into force meanwhile. Take it over, save, and submit again.
    #[error("the draft is based on revision {base}, but revision {latest} is in force")]
    Outdated {
        /// What it is based on.
        base: u64,
        /// What is in force.
        latest: u64,
    },
    /// There is no such revision to base a draft on or to roll back to.
    #[error("there is no revision {0} to start from")]
    UnknownRevision(u64),
    /// Nothing would change.
    #[error("this is what revision {revision} says, and that is in force")]
    Unchanged {
        /// What is in force.
        revision: u64,
    },
    /// Not where the draft stands.
    #[error("draft {draft} is {state}, so it cannot be {wanted}")]
    WrongState {
        /// Which draft.
        draft: DraftId,
        /// Where it stands.
        state: DraftState,
        /// What was to be done to it.
        wanted: &'static str,
    },
    /// Somebody else must look at it.
    #[error("draft {0} has to be approved by somebody who did not work on it")]
    OwnWork(DraftId),
    /// Not enough people did.
    #[error("the draft has {have} of {need} approvals")]
    NeedsApproval {
        /// Approvals it has.
        have: usize,
        /// Approvals it needs.
        need: usize,
    },
    /// Its time has not come.
    #[error("the draft is scheduled for {effective_from}, and that is not yet")]
    NotYet {
        /// When it has.
        effective_from: DateTime<Utc>,
    },
    /// A folder is adopted, not drafted.
    #[error("a folder is adopted when the program starts, it is no draft")]
    FolderIsNoDraft,
    /// A rollback with other content than that revision's would be a lie in the history.
    #[error("this is not what revision {0} says, so it is no rollback to it")]
    NotThatRevision(u64),
    /// A title, a reason or findings that cannot be kept.
    #[error(transparent)]
    Text(#[from] TextError),
    /// What is stored is not what was saved. Restore the database from a backup, or withdraw it.
    #[error("draft {draft} is damaged: its {what} is not what was saved")]
    Corrupt {
        /// Which draft.
        draft: DraftId,
        /// What about it.
        what: &'static str,
    },
    /// The revision in force could not be read, or the new one not be written.
    #[error("the revisions are not in order")]
    Revision(#[from] RevisionError),
    /// The step could not be recorded, so it was not done.
    #[error("the step could not be recorded, so it was not done")]
    Audit(#[from] AuditError),
    /// The database refused, is locked, full or gone.
    #[error("the registry database did not answer")]
    Database(#[from] sqlx::Error),
    /// A file could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DraftError {
    pub(super) fn from_tree(draft: DraftId, fault: TreeFault) -> Self {
        match fault {
            TreeFault::Corrupt => Self::Corrupt {
                draft,
                what: "content",
            },
            TreeFault::Database(cause) => Self::Database(cause),
        }
    }
}
