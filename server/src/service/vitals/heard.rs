//! What this process heard: what waits to be written, and everything since it began.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use weir_policy::BusinessUnit;
use weir_registry::{Histogram, Label, Load, Series, VitalSums, VitalTally};

use crate::config::Promise;

/// What was heard.
#[derive(Debug)]
pub(super) struct Heard {
    max_series: usize,
    sums: Mutex<Sums>,
    taken: AtomicU64,
    refused: AtomicU64,
    unreadable: AtomicU64,
    without_series: AtomicU64,
    not_written: AtomicU64,
}

#[derive(Debug, Default)]
struct Sums {
    waiting: VitalTally,
    /// The day that `series` is for.
    day: NaiveDate,
    series: BTreeSet<Series>,
    since_start: BTreeMap<(Label, Option<BusinessUnit>), (VitalSums, u64)>,
}

/// What a process heard since it began. Every number only grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VitalsSnapshot {
    /// What is promised.
    pub promise: Promise,
    /// Reports that were counted.
    pub taken: u64,
    /// Reports that came too often.
    pub refused: u64,
    /// Bodies that were no reports.
    pub unreadable: u64,
    /// Reports that were not counted, because there were too many combinations that day.
    pub without_series: u64,
    /// How often the registry did not take what was heard; it is tried again.
    pub not_written: u64,
    /// By dashboard and business unit: as many as there are of both, and none that a browser made up.
    pub pages: Vec<HeardPages>,
}

/// What was heard of one dashboard's pages for one business unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardPages {
    /// The dashboard.
    pub dashboard: Label,
    /// The readers' one business unit; `None` for those with none or several.
    pub business_unit: Option<BusinessUnit>,
    /// Histograms and counts.
    pub sums: VitalSums,
    /// All times until the largest paint together, in milliseconds.
    pub lcp_sum_ms: u64,
}

impl Heard {
    pub(super) fn new(max_series: usize) -> Self {
        Self {
            max_series,
            sums: Mutex::default(),
            taken: AtomicU64::default(),
            refused: AtomicU64::default(),
            unreadable: AtomicU64::default(),
            without_series: AtomicU64::default(),
            not_written: AtomicU64::default(),
        }
    }

    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn could_not_read(&self) {
        self.unreadable.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a page, unless that would be one series too many for the day.
    pub(super) fn take(&self, at: DateTime<Utc>, series: Series, load: &Load) {
        let has_room = self.lock().count(at, series, load, self.max_series);
        let counter = if has_room {
            &self.taken
        } else {
            &self.without_series
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// What is to be written now.
    pub(super) fn waiting(&self) -> VitalTally {
        std::mem::take(&mut self.lock().waiting)
    }

    /// It was not written.
    pub(super) fn put_back(&self, tally: VitalTally) {
        self.lock().waiting.merge(tally);
        self.not_written.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self, promise: Promise) -> VitalsSnapshot {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let pages = self.lock().since_start.clone().into_iter();
        let page = |((dashboard, business_unit), (sums, lcp_sum_ms))| HeardPages {
            dashboard,
            business_unit,
            sums,
            lcp_sum_ms,
        };
        VitalsSnapshot {
            promise,
            taken: count(&self.taken),
            refused: count(&self.refused),
            unreadable: count(&self.unreadable),
            without_series: count(&self.without_series),
            not_written: count(&self.not_written),
            pages: pages.map(page).collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sums> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sums {
    fn count(&mut self, at: DateTime<Utc>, series: Series, load: &Load, most: usize) -> bool {
        let today = at.date_naive();
        if self.day != today {
            self.day = today;
            self.series.clear();
        }
        if self.series.len() >= most && !self.series.contains(&series) {
            return false;
        }
        self.waiting.count(at, &series, load);
        let key = (series.dashboard.clone(), series.business_unit.clone());
        let (sums, lcp_ms) = self.since_start.entry(key).or_default();
        for (measure, value) in load.measured() {
            sums.count(measure, Histogram::bucket(value), 1);
        }
        for (measure, many) in load.counted() {
            sums.count(measure, 0, many);
        }
        *lcp_ms = lcp_ms.saturating_add(load.lcp.unwrap_or_default().into());
        self.series.insert(series);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RumConfig;

    fn series(host: &str) -> Series {
        Series {
            dashboard: Label::parse("finance-overview").unwrap(),
            business_unit: Some(BusinessUnit::parse("auto").unwrap()),
            host: Label::parse(host).unwrap(),
            release: Label::parse("1").unwrap(),
        }
    }

    fn load(lcp: u32) -> Load {
        Load {
            lcp: Some(lcp),
            ..Load::default()
        }
    }

    #[test]
    fn there_are_no_more_series_in_a_day_than_allowed_and_known_ones_go_on() {
        let heard = Heard::new(2);
        let today = "2026-11-15T12:00:00Z".parse().unwrap();
        let tomorrow = "2026-11-16T00:00:00Z".parse().unwrap();

        for host in ["a", "b", "c", "a"] {
            heard.take(today, series(host), &load(100));
        }
        let after_a_day = heard.snapshot(RumConfig::default().promise());
        heard.take(tomorrow, series("c"), &load(300));
        let later = heard.snapshot(RumConfig::default().promise());

        assert_eq!((after_a_day.taken, after_a_day.without_series), (3, 1));
        assert_eq!((later.taken, later.without_series), (4, 1));
        assert_eq!(later.pages.len(), 1, "{later:?}");
        assert_eq!(later.pages[0].lcp_sum_ms, 600);
        assert_eq!(later.pages[0].sums.lcp.total(), 4);
    }

    #[test]
    fn what_was_not_written_waits_with_what_comes() {
        let heard = Heard::new(10);
        let now = "2026-11-15T12:00:00Z".parse().unwrap();
        heard.take(now, series("a"), &load(100));

        let taken = heard.waiting();
        assert!(heard.waiting().is_empty());
        heard.put_back(taken);
        heard.take(now, series("b"), &load(100));

        assert!(!heard.waiting().is_empty());
        let said = heard.snapshot(RumConfig::default().promise());
        assert_eq!((said.taken, said.not_written), (2, 1));
    }
}
