//! The hard maximum age of an answer, counted from when it was computed, wherever it was since.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use weir_query::Fingerprint;

use super::Entry;
use crate::clock::Clock;

/// When answers are gone.
#[derive(Debug)]
pub(super) struct HardAge {
    max_age: Duration,
    clock: Clock,
}

impl HardAge {
    pub(super) fn new(max_age: Duration, clock: Clock) -> Self {
        Self { max_age, clock }
    }

    fn remaining(&self, entry: &Entry) -> Duration {
        let age = (self.clock.now() - entry.computed_at).to_std();
        self.max_age.saturating_sub(age.unwrap_or_default())
    }
}

impl Expiry<Fingerprint, Arc<Entry>> for HardAge {
    fn expire_after_create(
        &self,
        _: &Fingerprint,
        entry: &Arc<Entry>,
        _: Instant,
    ) -> Option<Duration> {
        Some(self.remaining(entry))
    }

    fn expire_after_update(
        &self,
        _: &Fingerprint,
        entry: &Arc<Entry>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(self.remaining(entry))
    }
}
