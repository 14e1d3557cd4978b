//! Which content is in force. A page view takes it once and keeps it, so that all of a page is
//! decided by one revision.

use std::sync::Arc;

use tokio::sync::watch;

use crate::content::Content;

/// The content in force. Cheap to clone; all clones change together.
#[derive(Debug, Clone)]
pub struct Published(watch::Sender<Arc<Content>>);

impl Published {
    /// Starts with `content`.
    #[must_use]
    pub fn new(content: Content) -> Self {
        Self(watch::Sender::new(Arc::new(content)))
    }

    /// Puts `content` in force.
    pub fn replace(&self, content: Content) {
        self.0.send_replace(Arc::new(content));
    }

    /// The content in force now.
    #[must_use]
    pub fn current(&self) -> Arc<Content> {
        Arc::clone(&self.0.borrow())
    }
}
