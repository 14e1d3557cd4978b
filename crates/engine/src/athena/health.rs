//! Whether Athena can be asked now, without asking it all the time.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::check::work_group;
use super::door::Door;
use super::failure::Trouble;
use crate::EngineError;
use crate::error::Cause;

/// How long an answer about health is worth repeating.
const KEPT: Duration = Duration::from_secs(30);
/// How long is waited for one.
const PATIENCE: Duration = Duration::from_secs(5);

/// The last answer, and when it came.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Option<(Instant, Result<(), String>)>>);

impl Health {
    /// Reads the workgroup, unless that was done a moment ago.
    pub(super) async fn of(&self, door: &Door) -> Result<(), EngineError> {
        let mut last = self.0.lock().await;
        let told = match last.take() {
            Some((when, told)) if when.elapsed() < KEPT => (when, told),
            _ => (Instant::now(), ask(door).await),
        };
        let answer = told.1.clone();
        *last = Some(told);
        answer.map_err(|reason| EngineError::Unavailable(Cause::from(reason)))
    }
}

async fn ask(door: &Door) -> Result<(), String> {
    match tokio::time::timeout(PATIENCE, work_group(door)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(trouble)) => Err(words(&trouble)),
        Err(_) => Err("Athena does not answer".to_owned()),
    }
}

fn words(trouble: &Trouble) -> String {
    format!("the workgroup cannot be read: {trouble:?}")
}
