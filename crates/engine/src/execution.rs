//! What one run of a statement came to: how it ended, what it read, what is billed for it.

use std::time::Duration;

use tokio::sync::oneshot;

/// One run, at its end. Told exactly once, also when nobody waits for its rows any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// The engine's own id of it, for logs and the ledger; readers never see it.
    pub id: Option<String>,
    /// Who computed it.
    pub ran: Ran,
    /// How it ended.
    pub outcome: Ended,
    /// Bytes read from data files.
    pub scanned_bytes: u64,
    /// Bytes that are paid for, by the engine's published rules.
    pub billed_bytes: u64,
    /// Where the time went.
    pub times: Times,
}

#[cfg(test)]
impl Execution {
    /// A run that took and cost nothing.
    pub(crate) fn for_tests() -> Self {
        Self {
            id: None,
            ran: Ran::Embedded,
            outcome: Ended::Succeeded,
            scanned_bytes: 0,
            billed_bytes: 0,
            times: Times::default(),
        }
    }
}

/// Who computed an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ran {
    /// The engine inside the server.
    Embedded,
    /// Athena.
    Athena,
    /// Athena took the result of an earlier query.
    AthenaReuse,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ended {
    /// With rows.
    Succeeded,
    /// Without.
    Failed,
    /// Stopped before its end: nobody waited any more, the time was up, or a limit was met.
    Cancelled,
    /// Nobody can say: the engine was told to begin, or may have been, and does not answer any more.
    /// What it cost is not known either.
    Unknown,
}

/// Where the time of a run went. What an engine does not tell is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Waiting in the engine's queue.
    pub queued: Duration,
    /// Planning, part of `running`.
    pub planning: Duration,
    /// Computing.
    pub running: Duration,
    /// Before and after computing, at the engine's service.
    pub service: Duration,
    /// From the first call to the last row, as Weir saw it.
    pub total: Duration,
}

/// Where a run tells what it came to. It is told even when the run's future was dropped.
#[derive(Debug)]
pub struct Booking(Option<oneshot::Sender<Execution>>);

/// The other end of a [`Booking`].
#[derive(Debug)]
pub struct Booked(oneshot::Receiver<Execution>);

impl Booking {
    /// A booking and where it arrives.
    #[must_use]
    pub fn open() -> (Self, Booked) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), Booked(receiver))
    }

    /// A booking that nobody reads.
    #[must_use]
    pub fn ignored() -> Self {
        Self(None)
    }

    /// Tells what the run came to. Every engine does so once, at the end.
    pub fn settle(self, execution: Execution) {
        if let Some(sender) = self.0 {
            // Whoever kept accounts may be gone; then there are none.
            sender.send(execution).ok();
        }
    }
}

impl Booked {
    /// What the run came to; `None` when it never began.
    pub async fn settled(self) -> Option<Execution> {
        self.0.await.ok()
    }
}
