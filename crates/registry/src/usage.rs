//! How much is used: reads and launches of the audit log, summed up by hour.
//!
//! The sums are written in the transaction that moves the records into the log, so that they count
//! each record once, whichever process moves it, and nothing on the way to a chart waits for them.
//! A look through somebody else's eyes is not counted.

mod tally;

use chrono::{DateTime, TimeDelta, Utc};
use weir_policy::BusinessUnit;

pub(crate) use self::tally::Tally;
use crate::database::Database;
use crate::{Durability, Label, StoreError};

const LINES: &str = "
SELECT dashboard, tile, business_unit,
    CAST(SUM(opens) AS BIGINT) AS opens,
    CAST(SUM(reads) AS BIGINT) AS reads,
    CAST(SUM(from_engine) AS BIGINT) AS from_engine,
    CAST(SUM(failed) AS BIGINT) AS failed,
    CAST(SUM(rows_shown) AS BIGINT) AS rows_shown,
    CAST(SUM(bytes_read) AS BIGINT) AS bytes_read
FROM usage_hours
WHERE hour_ms >= $1
AND hour_ms < $2
GROUP BY dashboard, tile, business_unit
ORDER BY dashboard, tile, business_unit";

const PEOPLE: &str = "
SELECT dashboard, business_unit, COUNT(DISTINCT subject) AS people
FROM usage_people
WHERE hour_ms >= $1
AND hour_ms < $2
GROUP BY dashboard, business_unit
ORDER BY dashboard, business_unit";

const EVERYBODY: &str = "
SELECT dashboard, '' AS business_unit, COUNT(DISTINCT subject) AS people
FROM usage_people
WHERE hour_ms >= $1
AND hour_ms < $2
GROUP BY dashboard
ORDER BY dashboard";

const PURGE_HOURS: &str = "
DELETE FROM usage_hours
WHERE hour_ms < $1";

const PURGE_PEOPLE: &str = "
DELETE FROM usage_people
WHERE hour_ms < $1";

/// How long sums are kept: a year and its comparison.
const SUMS_KEPT: TimeDelta = TimeDelta::days(400);

/// How long it is known who the people were.
pub const PEOPLE_KEPT: TimeDelta = TimeDelta::days(31);

/// Where the sums are kept.
#[derive(Debug, Clone)]
pub struct Usage {
    database: Database,
}

/// What was used in a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageReport {
    /// By dashboard, tile and business unit, in this order.
    pub lines: Vec<UsageLine>,
    /// Different people by dashboard and business unit.
    pub people: Vec<PeopleLine>,
    /// Different people by dashboard, whatever their business units.
    pub everybody: Vec<PeopleLine>,
}

/// Sums of one tile for one business unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageLine {
    /// The dashboard.
    pub dashboard: Label,
    /// The tile; `None` for launches of the whole dashboard.
    pub tile: Option<Label>,
    /// The readers' one business unit; `None` for those with none or several.
    pub business_unit: Option<BusinessUnit>,
    /// How often it was launched in a frame.
    pub opens: u64,
    /// How often it was read.
    pub reads: u64,
    /// How many of the reads the engine answered, and not the cache.
    pub from_engine: u64,
    /// How many of the reads failed.
    pub failed: u64,
    /// Rows handed out.
    pub rows: u64,
    /// Bytes that the engine read.
    pub bytes: u64,
}

/// How many different people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleLine {
    /// The dashboard.
    pub dashboard: Label,
    /// Their one business unit; `None` for those with none or several, or for everybody.
    pub business_unit: Option<BusinessUnit>,
    /// How many they were.
    pub people: u64,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    dashboard: String,
    tile: String,
    business_unit: String,
    opens: i64,
    reads: i64,
    from_engine: i64,
    failed: i64,
    rows_shown: i64,
    bytes_read: i64,
}

#[derive(sqlx::FromRow)]
struct PeopleRow {
    dashboard: String,
    business_unit: String,
    people: i64,
}

impl Usage {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// What was used from `from` on and before `to`, in whole hours. It knows what is in the audit
    /// log's chain, which may be a quarter of a second behind.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or holds something else.
    pub async fn between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<UsageReport, StoreError> {
        let mut tx = self.database.snapshot().await?;
        let span = (hour_ms(from), to.timestamp_millis());
        let lines: Vec<LineRow> = sqlx::query_as(LINES)
            .bind(span.0)
            .bind(span.1)
            .fetch_all(&mut *tx)
            .await?;
        let mut counted = Vec::new();
        for sql in [PEOPLE, EVERYBODY] {
            let rows: Vec<PeopleRow> = sqlx::query_as(sql)
                .bind(span.0)
                .bind(span.1)
                .fetch_all(&mut *tx)
                .await?;
            let rows = rows.into_iter().map(PeopleLine::try_from);
            counted.push(rows.collect::<Result<Vec<_>, _>>()?);
        }
        tx.rollback().await?;
        let lines = lines.into_iter().map(UsageLine::try_from);
        Ok(UsageReport {
            lines: lines.collect::<Result<_, _>>()?,
            everybody: counted.pop().unwrap_or_default(),
            people: counted.pop().unwrap_or_default(),
        })
    }

    /// Removes sums of long ago and forgets who people of the month before were; says how many
    /// rows that took.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.database.write(Durability::Process).await?;
        let mut removed = 0;
        for (sql, kept) in [(PURGE_HOURS, SUMS_KEPT), (PURGE_PEOPLE, PEOPLE_KEPT)] {
            let before = (now - kept).timestamp_millis();
            let done = sqlx::query(sql).bind(before).execute(&mut *tx).await?;
            removed += done.rows_affected();
        }
        tx.commit().await?;
        Ok(removed)
    }
}

/// The hour that a moment lies in.
fn hour_ms(at: DateTime<Utc>) -> i64 {
    const HOUR: i64 = 3_600_000;
    at.timestamp_millis().div_euclid(HOUR) * HOUR
}

fn corrupt(column: &'static str) -> StoreError {
    StoreError::Corrupt { column }
}

fn unit(text: &str) -> Result<Option<BusinessUnit>, StoreError> {
    match text {
        "" => Ok(None),
        name => BusinessUnit::parse(name)
            .map(Some)
            .map_err(|_| corrupt("usage_hours.business_unit")),
    }
}

impl TryFrom<LineRow> for UsageLine {
    type Error = StoreError;

    fn try_from(row: LineRow) -> Result<Self, StoreError> {
        let count = |value: i64| u64::try_from(value).map_err(|_| corrupt("usage_hours"));
        let tile = (!row.tile.is_empty()).then(|| Label::parse(row.tile));
        Ok(Self {
            dashboard: Label::parse(row.dashboard).map_err(|_| corrupt("usage_hours.dashboard"))?,
            tile: tile.transpose().map_err(|_| corrupt("usage_hours.tile"))?,
            business_unit: unit(&row.business_unit)?,
            opens: count(row.opens)?,
            reads: count(row.reads)?,
            from_engine: count(row.from_engine)?,
            failed: count(row.failed)?,
            rows: count(row.rows_shown)?,
            bytes: count(row.bytes_read)?,
        })
    }
}

impl TryFrom<PeopleRow> for PeopleLine {
    type Error = StoreError;

    fn try_from(row: PeopleRow) -> Result<Self, StoreError> {
        Ok(Self {
            dashboard: Label::parse(row.dashboard)
                .map_err(|_| corrupt("usage_people.dashboard"))?,
            business_unit: unit(&row.business_unit)?,
            people: u64::try_from(row.people).map_err(|_| corrupt("usage_people"))?,
        })
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    LINES,
    PEOPLE,
    EVERYBODY,
    PURGE_HOURS,
    PURGE_PEOPLE,
    tally::ADD,
    tally::SEEN,
];
