//! How late the machine is with something small.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Admission;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(20);

/// Tells `admission` how late this very task is, until `stop`. It waits in the same line as all
/// other tasks of the process, so what it feels is what requests feel.
pub async fn keep(admission: Admission, stop: CancellationToken) {
    let look = async || {
        let due = Instant::now() + LOOK;
        tokio::time::sleep_until(due).await;
        due.elapsed()
    };
    while let Some(late) = stop.run_until_cancelled(look()).await {
        admission.felt(late);
    }
}
