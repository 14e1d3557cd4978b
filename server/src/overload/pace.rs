//! How late the machine is with something small.

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::Admission;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(20);

/// Tells `admission` how late a small task is, until `stop`.
///
/// What a timer wakes goes first, and what is joined to the main task is in no line at all; neither
/// feels what requests feel. So each look is a task of its own. It comes in as a new connection
/// does, then goes to the back of a worker's line as a request does that had to wait.
pub async fn keep(admission: Admission, stop: CancellationToken) {
    let look = async || {
        tokio::time::sleep(LOOK).await;
        let began = Instant::now();
        let through = tokio::spawn(to_the_back()).await;
        through.map(|()| began.elapsed())
    };
    while let Some(Ok(late)) = stop.run_until_cancelled(look()).await {
        admission.felt(late);
    }
}

/// Goes to the back of the line of the worker that runs this. (`tokio::task::yield_now` waits until
/// the worker has nothing else to do, or looks up from its work.)
pub(super) async fn to_the_back() {
    let mut went = false;
    poll_fn(|cx| {
        if went {
            return Poll::Ready(());
        }
        went = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
