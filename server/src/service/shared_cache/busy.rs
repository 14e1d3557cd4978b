//! Who goes first. When a crowd asks several processes the same, the quickest would take every lease,
//! and more than its part of the engine's quotas can start in time, while the others wait for it. So a
//! process that has much to do asks a little later.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// So many questions are nothing to wait for: a page or two.
const LITTLE: u32 = 16;

/// By how much later a process asks for each question more that it has. A hundred a second are more than
/// any engine here can start.
const FOR_EACH: Duration = Duration::from_millis(10);

/// Nobody waits longer: so many questions take longer than that.
const MOST: Duration = Duration::from_secs(3);

/// How many questions this process has in hand. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Busy(Arc<AtomicU32>);

/// One of them. Dropped, it is none any more.
#[derive(Debug)]
pub(super) struct OneMore(Busy);

impl Busy {
    /// Takes one more in hand, and says how long to let those go first who have less to do.
    pub(super) fn one_more(&self) -> (OneMore, Duration) {
        let others = self.0.load(Ordering::Relaxed);
        (self.at_once(), pause(others))
    }

    /// The same without letting anybody go first.
    pub(super) fn at_once(&self) -> OneMore {
        self.0.fetch_add(1, Ordering::Relaxed);
        OneMore(self.clone())
    }
}

impl Drop for OneMore {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn pause(others: u32) -> Duration {
    MOST.min(FOR_EACH * others.saturating_sub(LITTLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_more_to_do_asks_later_and_never_much_later() {
        assert_eq!(pause(0), Duration::ZERO);
        assert_eq!(pause(LITTLE), Duration::ZERO);
        assert_eq!(pause(LITTLE + 10), FOR_EACH * 10);
        assert_eq!(pause(u32::MAX), MOST);
    }

    #[test]
    fn what_is_over_is_not_in_hand_any_more() {
        let busy = Busy::default();
        let (one, other) = (busy.one_more(), busy.at_once());
        assert_eq!(busy.0.load(Ordering::Relaxed), 2);

        drop((one, other));

        assert_eq!(busy.0.load(Ordering::Relaxed), 0);
    }
}
