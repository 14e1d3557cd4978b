//! Who goes first. When a crowd asks several processes the same, the quickest would take every lease,
//! and more than its part of the engine's quotas can start in time, while the others wait for it. So a
//! process that has much to do asks a little later. Where there are no quotas, nobody waits: the pause
//! of each would only make more of them.

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
#[derive(Debug, Clone)]
pub(super) struct Busy {
    in_hand: Arc<AtomicU32>,
    has_quotas: bool,
}

/// One of them. Dropped, it is none any more.
#[derive(Debug)]
pub(super) struct OneMore(Busy);

impl Busy {
    pub(super) fn new(has_quotas: bool) -> Self {
        let in_hand = Arc::default();
        Self {
            in_hand,
            has_quotas,
        }
    }

    /// Takes one more in hand, and says how long to let those go first who have less to do.
    pub(super) fn one_more(&self) -> (OneMore, Duration) {
        let others = self.in_hand.load(Ordering::Relaxed);
        let pause = if self.has_quotas {
            pause(others)
        } else {
            Duration::ZERO
        };
        (self.at_once(), pause)
    }

    /// The same without letting anybody go first.
    pub(super) fn at_once(&self) -> OneMore {
        self.in_hand.fetch_add(1, Ordering::Relaxed);
        OneMore(self.clone())
    }
}

impl Drop for OneMore {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Ordering::Relaxed);
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
        let busy = Busy::new(true);
        let (one, other) = (busy.one_more(), busy.at_once());
        assert_eq!(busy.in_hand.load(Ordering::Relaxed), 2);

        drop((one, other));

        assert_eq!(busy.in_hand.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn nobody_waits_for_an_engine_that_has_no_quotas() {
        for (has_quotas, first) in [(true, FOR_EACH), (false, Duration::ZERO)] {
            let busy = Busy::new(has_quotas);
            let _in_hand: Vec<_> = (0..=LITTLE).map(|_| busy.at_once()).collect();

            let (_one_more, pause) = busy.one_more();

            assert_eq!(pause, first, "{has_quotas}");
        }
    }
}
