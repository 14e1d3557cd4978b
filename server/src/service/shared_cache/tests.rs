use std::sync::Mutex;

use chrono::{DateTime, Utc};
use weir_query::ResultSet;

use super::*;

const TERMS: Terms = Terms {
    timeout: Duration::from_millis(50),
    max_value_bytes: 1 << 20,
    lease: Duration::from_secs(3),
    max_age: Duration::from_hours(1),
    has_quotas: false,
};

#[test]
fn an_answer_ages_from_when_it_was_computed_and_one_from_the_future_is_none() {
    let now: DateTime<Utc> = "2026-11-15T12:00:00Z".parse().unwrap();
    let clock = Arc::new(Mutex::new(now));
    let told = Arc::clone(&clock);
    let shared = SharedCache(Arc::new(Parts {
        server: Server::new("redis://127.0.0.1:1/", TERMS.timeout).unwrap(),
        sealer: Sealer::new(&MasterKey::generate(), ""),
        terms: TERMS,
        clock: Clock::from_fn(move || *told.lock().unwrap()),
        counters: Counters::default(),
        busy: Busy::new(TERMS.has_quotas),
        tasks: TaskTracker::new(),
    }));
    let entry = Entry {
        rows: ResultSet::new(Vec::new(), Vec::new(), false),
        bytes_read: 0,
        billed_bytes: 0,
        computed_at: now,
    };
    let remaining_at = |seconds| {
        *clock.lock().unwrap() = now + TimeDelta::seconds(seconds);
        shared.remaining(&entry).map(|left| left.as_secs())
    };

    assert_eq!(remaining_at(0), Some(3_600));
    assert_eq!(remaining_at(600), Some(3_000));
    assert_eq!(remaining_at(3_600), None);
    assert_eq!(remaining_at(-9), Some(3_600));
    assert_eq!(remaining_at(-11), None);
}
