//! Whoever waits for an answer, and may leave.

use tokio::sync::oneshot;

use crate::EngineError;

/// Where the answer goes, for as long as somebody waits for it.
#[derive(Debug)]
pub(super) struct Reader<T>(oneshot::Sender<Result<T, EngineError>>);

/// Where the answer arrives. Dropping it is leaving.
pub(super) type Arrival<T> = oneshot::Receiver<Result<T, EngineError>>;

impl<T> Reader<T> {
    pub(super) fn new() -> (Self, Arrival<T>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }

    pub(super) fn is_gone(&self) -> bool {
        self.0.is_closed()
    }

    /// Comes true when nobody waits any more.
    pub(super) async fn gone(&mut self) {
        self.0.closed().await;
    }

    pub(super) fn tell(self, answer: Result<T, EngineError>) {
        if let Err(Err(error)) = self.0.send(answer) {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "nobody hears of a failure"
            );
        }
    }
}
