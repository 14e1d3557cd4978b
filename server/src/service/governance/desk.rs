//! Where the heavy part of governance is done: reading a tree of documents and comparing two of
//! them takes up to seconds, and an impact asks the engine hundreds of questions. Not on the tasks
//! that serve pages, and not for everybody at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;

/// How many checks, comparisons and impacts are worked on at the same time.
const PLACES: usize = 2;

/// Places to work at. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk(Arc<Semaphore>);

/// A place at the desk, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Default for Desk {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PLACES)))
    }
}

impl Desk {
    /// Waits for a place. Whoever has one does not ask for another.
    pub(super) async fn place(&self) -> Place {
        // Refused only by a closed semaphore, and nobody closes this one.
        let permit = Arc::clone(&self.0).acquire_owned().await.ok();
        Place { _permit: permit }
    }
}

impl Place {
    /// Does `work` on a thread that may be busy.
    ///
    /// # Errors
    /// When the work panicked or the process ends.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        tokio::task::spawn_blocking(work).await
    }
}
