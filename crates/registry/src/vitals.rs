//! How fast pages were for those who looked at them, as their browsers measured it: histograms by
//! day, and what became of the promise in the last hours.
//!
//! Every process adds what it heard ([`Vitals::add`]), in one transaction and by increments, so that
//! processes that share a registry add up. Statistics: a killed process loses what it heard in its
//! last seconds. Nothing here is about a person; whose pages they were is said by dashboard,
//! business unit, host and release ([`Series`]).

mod histogram;
mod report;
mod tally;

use chrono::{DateTime, TimeDelta, Utc};
use weir_policy::BusinessUnit;

pub use self::histogram::{Histogram, Measure};
pub use self::report::{DayVitals, Pace, VitalSums, VitalsReport};
pub use self::tally::{Load, VitalTally};
use crate::database::Database;
use crate::{Durability, Label, StoreError};

const PURGE_DAYS: &str = "
DELETE FROM vital_days
WHERE day < $1";

const PURGE_PACES: &str = "
DELETE FROM vital_paces
WHERE slot_ms < $1";

/// How long histograms are kept: a quarter and a little.
const DAYS_KEPT: TimeDelta = TimeDelta::days(100);

/// How long the counts by five minutes are kept: longer than anybody looks back by them.
const PACES_KEPT: TimeDelta = TimeDelta::days(5);

const DAY_MS: i64 = 86_400_000;
const SLOT_MS: i64 = 300_000;

/// What browsers measured. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Vitals {
    database: Database,
}

/// Whose pages: what a histogram is kept for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// The dashboard.
    pub dashboard: Label,
    /// The readers' one business unit; `None` for those with none or several.
    pub business_unit: Option<BusinessUnit>,
    /// The origin of the page around the frame.
    pub host: Label,
    /// The release of Weir that made the page.
    pub release: Label,
}

impl Vitals {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Adds what was heard.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses; then nothing was added.
    pub async fn add(&self, tally: &VitalTally) -> Result<(), StoreError> {
        let mut tx = self.database.write(Durability::Process).await?;
        tally.write(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Removes what is too old to be asked for, and says how many rows that took.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.database.write(Durability::Process).await?;
        let mut removed = 0;
        for (sql, before) in [
            (PURGE_DAYS, day(now - DAYS_KEPT)),
            (PURGE_PACES, slot_ms(now - PACES_KEPT)),
        ] {
            let done = sqlx::query(sql).bind(before).execute(&mut *tx).await?;
            removed += done.rows_affected();
        }
        tx.commit().await?;
        Ok(removed)
    }
}

/// The day that a moment lies in, counted from 1970-01-01 UTC.
fn day(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().div_euclid(DAY_MS)
}

/// The five minutes that a moment lies in, by their first millisecond.
fn slot_ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().div_euclid(SLOT_MS) * SLOT_MS
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    PURGE_DAYS,
    PURGE_PACES,
    tally::SEEN,
    tally::PACES,
    report::LINES,
    report::DAYS,
    report::PACES,
];
