//! What is and was in force: numbered, immutable, each with its content and who answers for it.

pub(crate) mod follow;
mod rows;
mod seal;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use self::follow::Follower;
pub(crate) use self::rows::{
    NewRevision, get, json, latest, origin, origin_columns, publish, read,
};
use crate::audit::append;
use crate::audit::event::{AuditEvent, Fact, PolicyStep, PolicyStepKind};
use crate::content::store::{self, TreeFault};
use crate::database::Database;
use crate::{
    Actor, AuditError, ContentTree, Digest, DraftId, Durability, RequestId, StoreError, TextError,
    text,
};

/// The published revisions. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Revisions {
    database: Database,
    follower: Follower,
}

/// An immutable published state of all versioned files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedRevision {
    /// Its number; the first is 1, and there are no gaps.
    pub number: u64,
    /// The hash of its [`ContentTree`].
    pub content: Digest,
    /// From when it is in force, until the next one is. Grows with the number: where the clocks of
    /// two processes disagree, it is one millisecond after the revision before.
    pub published_at: DateTime<Utc>,
    /// Who began the change.
    pub author: Actor,
    /// Who approved it; nobody for a folder that was adopted.
    pub approvers: Vec<Actor>,
    /// Who put it into force.
    pub publisher: Actor,
    /// What it is about, in a line.
    pub title: String,
    /// How it came about.
    pub origin: Origin,
    /// The draft it was.
    pub draft: Option<DraftId>,
    /// Whether somebody sees more than before.
    pub widening: bool,
}

/// The newest revision, as far as it takes to notice another. A database that was restored from a
/// backup may give a number a second time: then its content tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newest {
    /// Its number.
    pub number: u64,
    /// The hash of its [`ContentTree`].
    pub content: Digest,
}

/// How a revision came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The folder beside the program, adopted when it started.
    Folder,
    /// A draft somebody edited.
    Draft,
    /// A folder pushed from outside.
    Push,
    /// The content of an older revision again.
    Rollback {
        /// Which one.
        of: u64,
    },
}

/// A revision and until when it was in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// The revision.
    pub revision: PublishedRevision,
    /// When the next one took its place; `None` while it is in force.
    pub until: Option<DateTime<Utc>>,
}

/// The folder a program was started with.
#[derive(Debug, Clone)]
pub struct AdoptFolder {
    /// Its files.
    pub tree: ContentTree,
    /// What to call the revision.
    pub title: String,
    /// The newest revision that does not let anybody see less than these files do; none where
    /// nobody compared. If another is the newest, adopting counts as widening.
    pub widens_nothing_since: Option<u64>,
    /// On whose behalf.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// The id under which this appears in the audit.
    pub request: RequestId,
}

/// What came of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adopted {
    /// It is in force from now on.
    Published(PublishedRevision),
    /// It was adopted before, or says what is in force anyway. This is in force.
    Unchanged(PublishedRevision),
}

/// Why revisions could not be read or published.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// There is none of this number.
    #[error("there is no revision {0}")]
    Unknown(u64),
    /// What is stored is not what was published. It must not decide anything: restore the database
    /// from a backup, or publish a content that is whole.
    #[error("revision {revision} is damaged: its {what} is not what was published")]
    Corrupt {
        /// Which revision.
        revision: u64,
        /// What about it.
        what: &'static str,
    },
    /// The title is not one.
    #[error(transparent)]
    Text(#[from] TextError),
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

/// The longest title in characters.
pub(crate) const TITLE: usize = 200;

impl Revisions {
    pub(crate) fn new(database: Database, follower: Follower) -> Self {
        Self { database, follower }
    }

    /// The revision in force; `None` before the first.
    ///
    /// # Errors
    /// [`RevisionError::Corrupt`] names a revision that is not as it was published.
    pub async fn latest(&self) -> Result<Option<PublishedRevision>, RevisionError> {
        latest(&mut *self.database.reader().await?).await
    }

    /// The revision of this number.
    ///
    /// # Errors
    /// [`RevisionError::Corrupt`] when it is not as it was published.
    pub async fn get(&self, number: u64) -> Result<Option<PublishedRevision>, RevisionError> {
        rows::get(&mut *self.database.reader().await?, number).await
    }

    /// Up to `limit` revisions below `before`, or from the newest on, newest first.
    ///
    /// # Errors
    /// [`RevisionError::Corrupt`] names the first that is not as it was published.
    pub async fn list(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PublishedRevision>, RevisionError> {
        rows::list(&mut *self.database.reader().await?, before, limit).await
    }

    /// The files of a revision, checked against the hash it was published with.
    ///
    /// # Errors
    /// [`RevisionError::Corrupt`] when any of them is not what was published: then none is
    /// returned. [`RevisionError::Unknown`] for a number that was not published.
    pub async fn tree(&self, number: u64) -> Result<ContentTree, RevisionError> {
        let mut conn = self.database.snapshot().await?;
        let revision = rows::get(&mut conn, number).await?;
        let revision = revision.ok_or(RevisionError::Unknown(number))?;
        let tree = store::load(&mut conn, revision.content).await;
        tree.map_err(|fault| match fault {
            TreeFault::Corrupt => RevisionError::Corrupt {
                revision: number,
                what: "content",
            },
            TreeFault::Database(cause) => RevisionError::Database(cause),
        })
    }

    /// Every revision that was in force at some moment from `from` to `to`, both included, oldest
    /// first. At the very moment of a publication the new revision is in force, not the old one.
    /// Empty before the first revision, and for an interval that ends before it starts.
    ///
    /// # Errors
    /// [`RevisionError::Corrupt`] names a revision that is not as it was published.
    pub async fn in_force_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<InForce>, RevisionError> {
        if from > to {
            return Ok(Vec::new());
        }
        rows::in_force_between(&mut *self.database.reader().await?, from, to).await
    }

    /// Puts the folder a program was started with into force: on the first start, and when it is
    /// not what was last adopted. A folder that stays as it is never undoes what was published
    /// since. Needs no approval: whoever can change the folder can change the program.
    ///
    /// # Errors
    /// [`RevisionError`]; nothing is published then.
    pub async fn adopt(&self, folder: AdoptFolder) -> Result<Adopted, RevisionError> {
        text::line("title", TITLE, &folder.title)?;
        let mut tx = self.database.write(Durability::Disk).await?;
        append::lock(&mut tx).await?;
        let hash = folder.tree.hash();
        let latest = latest(&mut tx).await?;
        if let Some(latest) = &latest
            && (latest.content == hash || rows::last_folder(&mut tx).await? == Some(hash))
        {
            return Ok(Adopted::Unchanged(latest.clone()));
        }
        let content = store::keep(&mut tx, &folder.tree).await?;
        // Before the first revision nobody saw anything; there is nothing to hold it against.
        let before = latest.as_ref().map(|latest| latest.number);
        let widening = before.is_some() && before != folder.widens_nothing_since;
        let revision = publish(
            &mut tx,
            latest.as_ref(),
            NewRevision {
                content,
                at: folder.at,
                author: folder.by.clone(),
                approvers: Vec::new(),
                publisher: folder.by.clone(),
                title: folder.title,
                origin: Origin::Folder,
                draft: None,
                widening,
            },
        )
        .await?;
        let step = PolicyStep {
            revision: Some(revision.number),
            base: before,
            ..PolicyStep::new(PolicyStepKind::Adopt, folder.by.digest(), content)
        };
        let event = AuditEvent::new(folder.at, folder.request, Fact::PolicyStep(step));
        append::append(&mut tx, &[event]).await?;
        tx.commit().await?;
        self.follower.nudge();
        Ok(Adopted::Published(revision))
    }

    /// The newest revision, as soon as this process knows it: at once for its own
    /// publications; within 5 seconds for those of others, `LISTEN` on `PostgreSQL` and a look
    /// every 500 ms on `SQLite`. `None` before the first revision, and before the first look.
    /// While the database does not answer, it stays what it was.
    ///
    /// Needs a Tokio runtime. The task behind it ends with the registry.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<Option<Newest>> {
        self.follower.follow()
    }
}

#[cfg(test)]
pub(crate) use self::rows::STATEMENTS;
