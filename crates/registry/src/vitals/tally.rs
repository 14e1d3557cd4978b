//! What was heard, summed up on its way into the registry.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::AnyConnection;

use super::{Histogram, Measure, Pace, Series, day, slot_ms};

pub(super) const SEEN: &str = "
INSERT INTO vital_days (
    day, dashboard, business_unit, host, weir_release, measure, bucket, seen
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (day, dashboard, business_unit, host, weir_release, measure, bucket) DO UPDATE
SET seen = vital_days.seen + excluded.seen";

pub(super) const PACES: &str = "
INSERT INTO vital_paces (
    slot_ms, dashboard, business_unit, host, weir_release, loads, slow
)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (slot_ms, dashboard, business_unit, host, weir_release) DO UPDATE
SET loads = vital_paces.loads + excluded.loads,
    slow = vital_paces.slow + excluded.slow";

/// What one browser said of one page: milliseconds, thousandths of a shift, counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Until the largest part was painted.
    pub lcp: Option<u32>,
    /// Until anything was painted.
    pub fcp: Option<u32>,
    /// Until the first byte came.
    pub ttfb: Option<u32>,
    /// How long it took to answer its reader.
    pub inp: Option<u32>,
    /// How much its layout shifted.
    pub cls: Option<u32>,
    /// Whether the largest part came later than promised.
    pub slow: bool,
    /// Errors that a script threw.
    pub script_errors: u32,
    /// Promises that were rejected and nobody listened.
    pub promise_errors: u32,
}

/// Sums of pages, by day and by five minutes. The order of its keys is the order in which they are
/// written, so two processes never wait for each other's lines.
#[derive(Debug, Clone, Default)]
pub struct VitalTally {
    seen: BTreeMap<(i64, Series, Measure, usize), u64>,
    paces: BTreeMap<(i64, Series), Pace>,
}

impl Load {
    /// What it measured, each with its value.
    #[must_use]
    pub fn measured(&self) -> Vec<(Measure, u32)> {
        let all = [
            (Measure::Lcp, self.lcp),
            (Measure::Fcp, self.fcp),
            (Measure::Ttfb, self.ttfb),
            (Measure::Inp, self.inp),
            (Measure::Cls, self.cls),
        ];
        let known = all.into_iter();
        known
            .filter_map(|(measure, value)| Some((measure, value?)))
            .collect()
    }

    /// What it counted, each with how many; what did not happen is left out.
    #[must_use]
    pub fn counted(&self) -> Vec<(Measure, u64)> {
        let all = [
            (Measure::Slow, u64::from(self.slow)),
            (Measure::ScriptErrors, u64::from(self.script_errors)),
            (Measure::PromiseErrors, u64::from(self.promise_errors)),
        ];
        all.into_iter().filter(|(_, many)| *many > 0).collect()
    }
}

impl VitalTally {
    /// Counts one page.
    pub fn count(&mut self, at: DateTime<Utc>, series: &Series, load: &Load) {
        let day = day(at);
        let measured = load.measured().into_iter();
        let measured = measured.map(|(measure, value)| (measure, Histogram::bucket(value), 1));
        let counted = load.counted().into_iter();
        let counted = counted.map(|(measure, many)| (measure, 0, many));
        for (measure, bucket, many) in measured.chain(counted) {
            let seen = self.seen.entry((day, series.clone(), measure, bucket));
            add(seen.or_default(), many);
        }
        if load.lcp.is_some() {
            let pace = Pace {
                loads: 1,
                slow: u64::from(load.slow),
            };
            let slot = self.paces.entry((slot_ms(at), series.clone()));
            slot.or_default().merge(pace);
        }
    }

    /// Counts everything that `other` counted.
    pub fn merge(&mut self, other: Self) {
        for (key, many) in other.seen {
            add(self.seen.entry(key).or_default(), many);
        }
        for (key, pace) in other.paces {
            self.paces.entry(key).or_default().merge(pace);
        }
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.paces.is_empty()
    }

    pub(super) async fn write(&self, conn: &mut AnyConnection) -> Result<(), sqlx::Error> {
        for ((day, series, measure, bucket), many) in &self.seen {
            let query = sqlx::query(SEEN).bind(*day);
            named(query, series)
                .bind(measure.as_str())
                .bind(i64::try_from(*bucket).unwrap_or(i64::MAX))
                .bind(amount(*many))
                .execute(&mut *conn)
                .await?;
        }
        for ((slot, series), pace) in &self.paces {
            let query = sqlx::query(PACES).bind(*slot);
            named(query, series)
                .bind(amount(pace.loads))
                .bind(amount(pace.slow))
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }
}

type Query<'a> = sqlx::query::Query<'a, sqlx::Any, sqlx::any::AnyArguments<'a>>;

fn named<'a>(query: Query<'a>, series: &'a Series) -> Query<'a> {
    query
        .bind(series.dashboard.as_str())
        .bind(series.business_unit.as_ref().map_or("", AsRef::as_ref))
        .bind(series.host.as_str())
        .bind(series.release.as_str())
}

fn add(sum: &mut u64, many: u64) {
    *sum = sum.saturating_add(many);
}

fn amount(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
