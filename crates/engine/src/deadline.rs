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

    /// Whether it is over: then nothing is begun any more, however short it would be.
    pub(crate) fn has_passed(self) -> bool {
        Instant::now() >= self.0
    }

    /// The same moment for the runtime's timers.
    pub(crate) fn instant(self) -> Instant {
        self.0
    }
}
