//! Which content is in force. A page view takes it once and keeps it, so that all of a page is
//! decided by one revision.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::content::Content;

/// The content in force. Cheap to clone; all clones change together.
#[derive(Debug, Clone)]
pub struct Published {
    content: watch::Sender<Arc<Content>>,
    closed: Arc<AtomicBool>,
}

impl Published {
    /// Starts with `content`.
    #[must_use]
    pub fn new(content: Content) -> Self {
        Self {
            content: watch::Sender::new(Arc::new(content)),
            closed: Arc::default(),
        }
    }

    /// Puts `content` in force.
    pub fn replace(&self, content: Content) {
        self.content.send_replace(Arc::new(content));
    }

    /// `content` for good, closed whenever this is: what a preview decides by.
    #[must_use]
    pub fn held(&self, content: Arc<Content>) -> Self {
        Self {
            content: watch::Sender::new(content),
            closed: Arc::clone(&self.closed),
        }
    }

    /// The content in force now.
    #[must_use]
    pub fn current(&self) -> Arc<Content> {
        Arc::clone(&self.content.borrow())
    }

    /// Says that the content is out of date for too long to decide anything.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Says that it is up to date again.
    pub fn reopen(&self) {
        self.closed.store(false, Ordering::Release);
    }

    /// Whether nothing may be decided by it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}
