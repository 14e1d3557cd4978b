//! What was heard, read back.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::any::AnyRow;
use sqlx::{FromRow as _, Row as _};
use weir_policy::BusinessUnit;

use super::{DAY_MS, Histogram, Measure, Series, Vitals, day, slot_ms};
use crate::{Label, StoreError};

pub(super) const LINES: &str = "
SELECT dashboard, business_unit, host, weir_release, measure, bucket,
    CAST(SUM(seen) AS BIGINT) AS seen
FROM vital_days
WHERE day >= $1
AND day <= $2
GROUP BY dashboard, business_unit, host, weir_release, measure, bucket
ORDER BY dashboard, business_unit, host, weir_release, measure, bucket";

pub(super) const DAYS: &str = "
SELECT day, measure, bucket, CAST(SUM(seen) AS BIGINT) AS seen
FROM vital_days
WHERE day >= $1
AND day <= $2
AND measure IN ('lcp', 'slow')
GROUP BY day, measure, bucket
ORDER BY day, measure, bucket";

pub(super) const PACES: &str = "
SELECT dashboard, business_unit, host, weir_release,
    CAST(SUM(loads) AS BIGINT) AS loads,
    CAST(SUM(slow) AS BIGINT) AS slow
FROM vital_paces
WHERE slot_ms >= $1
AND slot_ms <= $2
GROUP BY dashboard, business_unit, host, weir_release
ORDER BY dashboard, business_unit, host, weir_release";

/// What was measured in a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VitalsReport {
    /// By whose pages they were, in order.
    pub series: Vec<(Series, VitalSums)>,
    /// By day, for all pages, in order; of these the largest paint alone.
    pub days: Vec<DayVitals>,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayVitals {
    /// The day (UTC).
    pub day: NaiveDate,
    /// What was measured on it.
    pub sums: VitalSums,
}

/// Histograms and counts of some pages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VitalSums {
    /// Until the largest part was painted.
    pub lcp: Histogram,
    /// Until anything was painted.
    pub fcp: Histogram,
    /// Until the first byte came.
    pub ttfb: Histogram,
    /// How long pages took to answer their readers.
    pub inp: Histogram,
    /// How much layouts shifted.
    pub cls: Histogram,
    /// Pages whose largest part came later than promised.
    pub slow: u64,
    /// Errors that scripts threw.
    pub script_errors: u64,
    /// Promises that were rejected and nobody listened.
    pub promise_errors: u64,
}

/// Pages of a while, and how many of them were slower than promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// Pages whose largest paint is known.
    pub loads: u64,
    /// Those of them that were slow.
    pub slow: u64,
}

impl Pace {
    /// Counts what `other` counted.
    pub fn merge(&mut self, other: Self) {
        self.loads = self.loads.saturating_add(other.loads);
        self.slow = self.slow.saturating_add(other.slow);
    }
}

impl VitalSums {
    /// Counts `many` of a measure; `bucket` is where a measured value fell.
    pub fn count(&mut self, measure: Measure, bucket: usize, many: u64) {
        let counter = match measure {
            Measure::Lcp => return self.lcp.count(bucket, many),
            Measure::Fcp => return self.fcp.count(bucket, many),
            Measure::Ttfb => return self.ttfb.count(bucket, many),
            Measure::Inp => return self.inp.count(bucket, many),
            Measure::Cls => return self.cls.count(bucket, many),
            Measure::Slow => &mut self.slow,
            Measure::ScriptErrors => &mut self.script_errors,
            Measure::PromiseErrors => &mut self.promise_errors,
        };
        *counter = counter.saturating_add(many);
    }

    /// Counts everything that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        self.lcp.merge(&other.lcp);
        self.fcp.merge(&other.fcp);
        self.ttfb.merge(&other.ttfb);
        self.inp.merge(&other.inp);
        self.cls.merge(&other.cls);
        self.count(Measure::Slow, 0, other.slow);
        self.count(Measure::ScriptErrors, 0, other.script_errors);
        self.count(Measure::PromiseErrors, 0, other.promise_errors);
    }

    /// Pages whose largest paint is known, and how many of them were slow.
    #[must_use]
    pub fn pace(&self) -> Pace {
        Pace {
            loads: self.lcp.total(),
            slow: self.slow,
        }
    }
}

impl Vitals {
    /// What was measured on the days (UTC) from that of `from` to that of `to`.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or holds something else.
    pub async fn between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<VitalsReport, StoreError> {
        let mut tx = self.database.snapshot().await?;
        let span = (day(from), day(to));
        let ask = |sql| sqlx::query(sql).bind(span.0).bind(span.1);
        let lines = ask(LINES).fetch_all(&mut *tx).await?;
        let days = ask(DAYS).fetch_all(&mut *tx).await?;
        tx.rollback().await?;
        let mut by_series: BTreeMap<Series, VitalSums> = BTreeMap::new();
        for row in &lines {
            count(by_series.entry(series(row)?).or_default(), row)?;
        }
        let mut by_day: BTreeMap<NaiveDate, VitalSums> = BTreeMap::new();
        for row in &days {
            count(by_day.entry(date(row)?).or_default(), row)?;
        }
        let days = by_day.into_iter();
        Ok(VitalsReport {
            series: by_series.into_iter().collect(),
            days: days.map(|(day, sums)| DayVitals { day, sums }).collect(),
        })
    }

    /// How pages went from `since` until `now`, in whole five minutes.
    ///
    /// # Errors
    /// As [`Vitals::between`].
    pub async fn pace(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Series, Pace)>, StoreError> {
        let mut conn = self.database.reader().await?;
        let rows = sqlx::query(PACES)
            .bind(slot_ms(since))
            .bind(slot_ms(now))
            .fetch_all(&mut *conn)
            .await?;
        let line = |row: &AnyRow| {
            let pace = Pace {
                loads: number(row, "loads")?,
                slow: number(row, "slow")?,
            };
            Ok((series(row)?, pace))
        };
        rows.iter().map(line).collect()
    }
}

fn count(sums: &mut VitalSums, row: &AnyRow) -> Result<(), StoreError> {
    let measure: String = row.try_get("measure")?;
    let measure = Measure::named(&measure).ok_or_else(|| corrupt("vital_days.measure"))?;
    let bucket = usize::try_from(number(row, "bucket")?).unwrap_or(usize::MAX);
    sums.count(measure, bucket, number(row, "seen")?);
    Ok(())
}

fn date(row: &AnyRow) -> Result<NaiveDate, StoreError> {
    let day: i64 = row.try_get("day")?;
    let midnight = DateTime::from_timestamp_millis(day.saturating_mul(DAY_MS));
    let midnight = midnight.ok_or_else(|| corrupt("vital_days.day"))?;
    Ok(midnight.date_naive())
}

fn series(row: &AnyRow) -> Result<Series, StoreError> {
    let (dashboard, unit, host, release) = <(String, String, String, String)>::from_row(row)?;
    let label = |text: String| Label::parse(text).map_err(|_| corrupt("vital_days"));
    let unit = (!unit.is_empty()).then(|| BusinessUnit::parse(unit));
    Ok(Series {
        dashboard: label(dashboard)?,
        business_unit: unit.transpose().map_err(|_| corrupt("vital_days"))?,
        host: label(host)?,
        release: label(release)?,
    })
}

fn number(row: &AnyRow, column: &'static str) -> Result<u64, StoreError> {
    let value: i64 = row.try_get(column)?;
    u64::try_from(value).map_err(|_| corrupt(column))
}

fn corrupt(column: &'static str) -> StoreError {
    StoreError::Corrupt { column }
}
