//! What a client owes that has something to take: time. What it takes pays for it, at the slowest pace
//! that is waited for; nothing is saved up for later.

use std::time::Duration;

use tokio::time::Instant;

/// The slowest pace, in bytes a second.
const PACE: u64 = 1_000;

/// How long so many bytes may take.
pub(super) fn worth(bytes: usize) -> Duration {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    Duration::from_millis(bytes.saturating_mul(1_000) / PACE)
}

/// The debt of one answer.
#[derive(Debug)]
pub(super) struct Debt {
    /// Bytes that were given and not taken.
    untaken: usize,
    /// Once they are taken, the client waits for us.
    is_ours: bool,
    late: Duration,
    /// Since when it is the client's turn.
    since: Option<Instant>,
}

impl Debt {
    /// It is the client's turn to ask for the first of it.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            untaken: 0,
            is_ours: false,
            late: Duration::ZERO,
            since: Some(now),
        }
    }

    /// So many bytes more are there to be taken.
    pub(super) fn given(&mut self, bytes: usize, now: Instant) {
        self.untaken += bytes;
        self.is_ours = false;
        self.since.get_or_insert(now);
    }

    /// The client took so many, or never will.
    pub(super) fn taken(&mut self, bytes: usize, now: Instant) {
        self.untaken = self.untaken.saturating_sub(bytes);
        self.late = self.late(now).saturating_sub(worth(bytes));
        self.since = (!self.rests()).then_some(now);
    }

    /// Nothing more is there for now.
    pub(super) fn ours(&mut self, now: Instant) {
        self.is_ours = true;
        self.taken(0, now);
    }

    /// How late the client is.
    pub(super) fn late(&self, now: Instant) -> Duration {
        let since = self.since.map(|since| now.saturating_duration_since(since));
        self.late + since.unwrap_or_default()
    }

    fn rests(&self) -> bool {
        self.is_ours && self.untaken == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn who_takes_a_kilobyte_a_second_is_never_late() {
        let mut now = Instant::now();
        let mut debt = Debt::new(now);
        debt.given(100_000, now);
        for _ in 0..100 {
            now += SECOND;
            debt.taken(1_000, now);
            assert_eq!(debt.late(now), Duration::ZERO);
        }
    }

    #[test]
    fn who_takes_less_is_later_and_later() {
        let mut now = Instant::now();
        let mut debt = Debt::new(now);
        debt.given(100_000, now);
        for _ in 0..30 {
            now += SECOND;
            debt.taken(1, now);
        }
        let late = debt.late(now);
        assert!(late > 29 * SECOND, "{late:?}");
    }

    #[test]
    fn who_took_much_may_not_rest_on_it() {
        let mut now = Instant::now();
        let mut debt = Debt::new(now);
        debt.given(100_000_000, now);
        debt.taken(99_999_000, now);
        now += 30 * SECOND;
        assert_eq!(debt.late(now), 30 * SECOND);
    }

    #[test]
    fn who_waits_for_us_is_not_late() {
        let mut now = Instant::now();
        let mut debt = Debt::new(now);
        debt.given(10, now);
        debt.ours(now);
        debt.taken(10, now);
        now += 1_000 * SECOND;
        assert_eq!(debt.late(now), Duration::ZERO);
        debt.given(10, now);
        now += SECOND;
        assert_eq!(debt.late(now), SECOND);
    }

    #[test]
    fn who_never_asks_for_the_first_of_it_is_late() {
        let began = Instant::now();
        let debt = Debt::new(began);
        assert_eq!(debt.late(began + SECOND), SECOND);
    }
}
