//! How often AWS may be called: a token bucket, and a pause after every "too fast".

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

/// How long nobody calls after the first "too fast"; it doubles with each that follows.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// It tells what is left of the burst, too.
type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, StateInformationMiddleware>;

/// The pace of one kind of call.
#[derive(Debug)]
pub(super) struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    limiter: Arc<Limiter>,
    per_second: u32,
    pause: Duration,
    closed_until: Option<Instant>,
    refused: u64,
}

impl Pace {
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        Self(Mutex::new(State {
            limiter: limiter(per_second, burst, u32::MAX),
            per_second: per_second.max(1),
            pause: FIRST_PAUSE,
            closed_until: None,
            refused: 0,
        }))
    }

    /// Another pace from now on. What was saved up so far is kept as far as the burst allows, and
    /// not a call more: AWS counts on, whatever the shares are.
    pub(super) fn set(&self, per_second: u32, burst: u32) {
        let mut state = self.state();
        state.limiter = limiter(per_second, burst, saved(&state.limiter));
        state.per_second = per_second.max(1);
    }

    /// Calls a second in the long run, at least one.
    pub(super) fn per_second(&self) -> u32 {
        self.state().per_second
    }

    /// Takes a token; or says how long there will be none.
    pub(super) fn try_take(&self) -> Result<(), Duration> {
        let mut state = self.state();
        if let Some(until) = state.closed_until {
            let now = Instant::now();
            if now < until {
                return Err(until - now);
            }
            state.closed_until = None;
        }
        let limiter = Arc::clone(&state.limiter);
        drop(state);
        match limiter.check() {
            Ok(_) => Ok(()),
            Err(early) => Err(early.wait_time_from(MonotonicClock.now())),
        }
    }

    /// Waits for a token.
    pub(super) async fn ready(&self) {
        while let Err(wait) = self.try_take() {
            tokio::time::sleep(wait).await;
        }
    }

    /// AWS said "too fast", whoever else is calling it: nobody calls for a while.
    pub(super) fn slow_down(&self) {
        let mut state = self.state();
        state.refused += 1;
        let now = Instant::now();
        // Calls that were under way together are refused together; that is one refusal.
        if state.closed_until.is_none_or(|until| until <= now) {
            state.closed_until = Some(now + jittered(state.pause));
            state.pause = (state.pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// How many times AWS said "too fast".
    pub(super) fn refused(&self) -> u64 {
        self.state().refused
    }

    /// AWS took a call.
    pub(super) fn taken(&self) {
        self.state().pause = FIRST_PAUSE;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `pause`, a fifth more or less, so that replicas do not come back together.
pub(super) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.8..=1.2))
}

/// A twentieth stays unused: calls that leave evenly may arrive in bunches. Of the burst, at most
/// `saved` may leave at once.
fn limiter(per_second: u32, burst: u32, saved: u32) -> Arc<Limiter> {
    let interval = Duration::from_secs(1) / per_second.max(1) * 20 / 19;
    let burst = NonZeroU32::new(burst / 20 * 19 + burst % 20).unwrap_or(NonZeroU32::MIN);
    let quota = Quota::with_period(interval)
        .unwrap_or(Quota::per_second(NonZeroU32::MIN))
        .allow_burst(burst);
    let limiter = RateLimiter::direct_with_clock(quota, MonotonicClock).with_middleware();
    if let Some(spent) = NonZeroU32::new(burst.get().saturating_sub(saved)) {
        // No more than the burst, and nobody else has it yet: it is taken.
        drop(limiter.check_n(spent));
    }
    Arc::new(limiter)
}

/// How many calls may leave at once.
fn saved(limiter: &Limiter) -> u32 {
    let and_others = |state: StateSnapshot| state.remaining_burst_capacity().saturating_add(1);
    limiter.check().map_or(0, and_others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_at_once(pace: &Pace) -> usize {
        std::iter::repeat_with(|| pace.try_take())
            .take_while(Result::is_ok)
            .count()
    }

    #[test]
    fn a_burst_is_taken_at_once_and_no_more() {
        let taken = taken_at_once(&Pace::new(1, 80));

        assert!(
            (70..=80).contains(&taken),
            "{taken} tokens of a burst of 80"
        );
    }

    #[test]
    fn who_comes_too_early_hears_how_long_to_wait() {
        let pace = Pace::new(1, 1);
        pace.try_take().unwrap();

        let wait = pace.try_take().unwrap_err();

        assert!(wait > Duration::from_millis(500), "only {wait:?}");
        assert!(wait <= Duration::from_millis(1_100), "as long as {wait:?}");
    }

    #[test]
    fn after_too_fast_nobody_calls_and_the_pause_grows() {
        let pace = Pace::new(1_000, 1_000);

        pace.slow_down();
        let first = pace.try_take().unwrap_err();
        // Another call of the same moment was refused too.
        pace.slow_down();
        let still = pace.try_take().unwrap_err();
        pace.state().closed_until = Some(Instant::now());
        pace.slow_down();
        let second = pace.try_take().unwrap_err();

        assert!(still <= first, "one moment's refusals count once");
        assert!(first <= Duration::from_millis(300), "{first:?}");
        assert!(second >= Duration::from_millis(390), "{second:?}");
    }

    #[test]
    fn a_share_is_smaller_at_once() {
        let pace = Pace::new(1_000, 1_000);
        pace.set(1, 1);

        assert_eq!(taken_at_once(&pace), 1);
    }

    #[test]
    fn another_share_keeps_what_was_saved_and_gives_nothing() {
        let pace = Pace::new(1, 80);
        while pace
            .state()
            .limiter
            .check()
            .unwrap()
            .remaining_burst_capacity()
            > 30
        {}

        pace.set(1, 60);
        let of_a_smaller_burst = taken_at_once(&pace);
        pace.set(1, 80);

        assert!(
            (29..=31).contains(&of_a_smaller_burst),
            "{of_a_smaller_burst}"
        );
        assert!(taken_at_once(&pace) <= 1, "nothing was saved");
    }
}
