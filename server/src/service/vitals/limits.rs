//! How often frames may report. Whoever has a token may tell stories; here they don't get far.

use std::fmt;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::RumConfig;
use crate::service::clients::Wait;

/// The limits of one process.
pub(super) struct Limits {
    /// By family: a renewed token gets nothing anew.
    by_family: DefaultKeyedRateLimiter<String>,
    all: DefaultDirectRateLimiter,
}

impl Limits {
    pub(super) fn new(config: &RumConfig) -> Self {
        let many = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            by_family: RateLimiter::keyed(Quota::per_minute(many(config.per_token_per_minute))),
            all: RateLimiter::direct(Quota::per_second(many(config.per_second))),
        }
    }

    /// Counts one report of a family. What that is refused does not use up what all have.
    pub(super) fn admit(&self, family: &str) -> Result<(), Wait> {
        let now = DefaultClock::default().now();
        let own = self.by_family.check_key(&family.to_owned());
        own.map_err(|until| Wait::of(until.wait_time_from(now)))?;
        let all = self.all.check();
        all.map_err(|until| Wait::of(until.wait_time_from(now)))
    }

    /// Forgets the families that have all of their own again.
    pub(super) fn forget(&self) {
        self.by_family.retain_recent();
        self.by_family.shrink_to_fit();
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("families", &self.by_family.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_token_per_minute: u32, per_second: u32) -> Limits {
        Limits::new(&RumConfig {
            per_token_per_minute,
            per_second,
            ..RumConfig::default()
        })
    }

    #[test]
    fn one_family_is_stopped_and_the_others_are_not() {
        let limits = limits(2, 1000);

        assert_eq!(limits.admit("loud"), Ok(()));
        assert_eq!(limits.admit("loud"), Ok(()));
        let wait = limits.admit("loud").unwrap_err();

        assert!((1..=30).contains(&wait.seconds()), "{wait:?}");
        assert_eq!(limits.admit("calm"), Ok(()));
    }

    #[test]
    fn all_together_are_stopped_too() {
        let limits = limits(1, 5);

        let refused = (0..1000).filter(|n| limits.admit(&format!("f{n}")).is_err());

        assert!(refused.count() > 900);
    }
}
