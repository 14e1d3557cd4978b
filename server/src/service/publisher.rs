//! Puts the registry's revisions in force in this process, each at most seconds after it was
//! published anywhere.
//!
//! A revision that can't be read, or whose datasets don't fit the lake, is not put in force. The
//! one before it may open what the new one closes, so it decides for [`GRACE`] at most; then
//! nothing is shown until somebody publishes a revision that is whole (invariant 2).

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use weir_engine::{EngineError, LakeError};
use weir_policy::Revision;
use weir_registry::{ContentTree, Newest, Registry, RevisionError};

use super::current_engine::CurrentEngine;
use super::lake::Lake;
use super::published::Published;
use super::snapshots::Snapshots;
use crate::clock::Clock;
use crate::content::{Content, ContentError};

/// How long the revision before decides when the newest can't be put in force.
pub const GRACE: Duration = Duration::from_mins(1);

/// How soon a revision that could not be put in force is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// Follows the registry.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// Where revisions are.
    pub registry: Registry,
    /// What is in force here.
    pub published: Published,
    /// The engine to replace when datasets change.
    pub engine: Arc<CurrentEngine>,
    /// The tables' snapshots, of new datasets too.
    pub snapshots: Snapshots,
    /// Opens engines.
    pub lake: Lake,
    /// The time.
    pub clock: Clock,
}

/// Why a revision is not in force here.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The registry does not have it whole.
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// The registry or the lake does not answer.
    #[error("the registry or the lake does not answer")]
    Hangs,
    /// The registry knows less than this process: an older backup, most likely (attack P27).
    #[error("the registry's newest revision is {older}, but {current} was in force already")]
    Backwards {
        /// What the registry has.
        older: u64,
        /// What was in force.
        current: u64,
    },
    /// The number that is in force belongs to other files by now: a backup was restored, and
    /// something else published since (attack P27).
    #[error("revision {0} is in force, and the registry's revision of that number is another")]
    Replaced(u64),
    /// Its files contradict each other.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Its datasets do not fit the lake.
    #[error("the lake can't be used with it")]
    Lake(#[from] LakeError),
    /// The tables' snapshots can't be read.
    #[error("the tables' snapshots can't be read")]
    Snapshots(#[from] EngineError),
}

/// The content of a tree under a revision's number.
///
/// # Errors
/// [`ContentError`] names the first mistake.
pub fn content(tree: &ContentTree, revision: u64) -> Result<Content, ContentError> {
    let files = tree.files().map(|(path, text)| (path.as_str(), text));
    let content = Content::read(files, Revision::new(revision))?;
    Ok(content.of_tree(tree.hash()))
}

impl Publisher {
    /// Puts every new revision in force until `stop`.
    pub async fn follow(self, stop: CancellationToken) {
        let newest = self.registry.revisions().follow();
        stop.run_until_cancelled(self.keep_up(newest)).await;
    }

    async fn keep_up(self, mut newest: watch::Receiver<Option<Newest>>) {
        let mut failing: Option<Instant> = None;
        loop {
            let wanted = *newest.borrow_and_update();
            let done = tokio::time::timeout(GRACE, self.catch_up(wanted)).await;
            match done.unwrap_or(Err(PublishError::Hangs)) {
                Ok(()) => {
                    failing = None;
                    self.published.reopen();
                }
                Err(error) => {
                    let since = *failing.get_or_insert_with(Instant::now);
                    self.complain(wanted, &error, since);
                }
            }
            let changed = newest.changed();
            let outcome = match failing {
                None => changed.await,
                Some(_) => tokio::time::timeout(AGAIN, changed).await.unwrap_or(Ok(())),
            };
            if outcome.is_err() {
                return;
            }
        }
    }

    /// Puts the registry's newest revision in force, if it is not.
    ///
    /// # Errors
    /// [`PublishError`]; what was in force stays.
    pub async fn catch_up(&self, newest: Option<Newest>) -> Result<(), PublishError> {
        let content = self.published.current();
        let current = content.policies().revision().get();
        // Not looked yet.
        let Some(Newest {
            number,
            content: tree,
        }) = newest
        else {
            return Ok(());
        };
        match number.cmp(&current) {
            Ordering::Greater => self.put_in_force(number).await,
            Ordering::Less => Err(PublishError::Backwards {
                older: number,
                current,
            }),
            Ordering::Equal if content.tree().is_some_and(|mine| mine != tree) => {
                Err(PublishError::Replaced(number))
            }
            Ordering::Equal => Ok(()),
        }
    }

    /// Reads a revision from the registry and puts it in force here.
    ///
    /// # Errors
    /// [`PublishError`]; what was in force stays.
    pub async fn put_in_force(&self, number: u64) -> Result<(), PublishError> {
        let tree = self.registry.revisions().tree(number).await?;
        let content = content(&tree, number)?;
        // The engine first: a question about a new dataset must find it. Nothing is replaced before
        // all of it can be.
        if !content.has_datasets_of(&self.published.current()) {
            let engine = self.lake.engine(content.catalog()).await?;
            self.snapshots.refresh(engine.as_ref(), &self.clock).await?;
            self.engine.replace(engine);
        }
        self.published.replace(content);
        tracing::info!(revision = number, "a revision is in force");
        Ok(())
    }

    fn complain(&self, wanted: Option<Newest>, error: &PublishError, since: Instant) {
        let number = wanted.map(|newest| newest.number);
        let error = error as &dyn std::error::Error;
        tracing::error!(revision = number, error, "a revision can't be put in force");
        if since.elapsed() >= GRACE {
            self.published.close();
        }
    }
}
