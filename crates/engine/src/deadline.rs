//! When an answer is no longer worth having.

use std::time::Duration;

use tokio::time::Instant;

/// A point in time after which work is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// The moment `patience` from now.
    #[must_use]
    pub fn after(patience: Duration) -> Self {
        Self(Instant::now() + patience)
    }

    /// The same moment for the runtime's timers.
    pub(crate) fn instant(self) -> Instant {
        self.0
    }
}
