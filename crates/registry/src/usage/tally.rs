//! Records of one batch, counted before they are added to the sums.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AnyConnection;
use weir_policy::BusinessUnit;

use super::hour_ms;
use crate::audit::event::{AuditEvent, DataRead, Fact, ReadOutcome, Source};
use crate::{Digest, Label};

pub(super) const ADD: &str = "
INSERT INTO usage_hours (
    hour_ms, dashboard, tile, business_unit,
    opens, reads, from_engine, failed, rows_shown, bytes_read
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (hour_ms, dashboard, tile, business_unit) DO UPDATE
SET opens = usage_hours.opens + excluded.opens,
    reads = usage_hours.reads + excluded.reads,
    from_engine = usage_hours.from_engine + excluded.from_engine,
    failed = usage_hours.failed + excluded.failed,
    rows_shown = usage_hours.rows_shown + excluded.rows_shown,
    bytes_read = usage_hours.bytes_read + excluded.bytes_read";

pub(super) const SEEN: &str = "
INSERT INTO usage_people (hour_ms, dashboard, business_unit, subject)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING";

/// What one line of the sums is about: hour, dashboard, tile, business unit.
type Cell<'a> = (i64, &'a str, &'a str, &'a str);

#[derive(Debug, Default)]
struct Counts {
    opens: i64,
    reads: i64,
    from_engine: i64,
    failed: i64,
    rows: i64,
    bytes: i64,
}

/// The counts of a batch.
#[derive(Debug, Default)]
pub(crate) struct Tally<'a> {
    cells: BTreeMap<Cell<'a>, Counts>,
    people: BTreeSet<(i64, &'a str, &'a str, &'a [u8])>,
}

impl<'a> Tally<'a> {
    pub(crate) fn of(events: &'a [AuditEvent]) -> Self {
        let mut tally = Self::default();
        for event in events {
            let hour = hour_ms(event.at());
            match event.fact() {
                Fact::DataRead(read) if read.view_as.is_none() => tally.read(hour, read),
                Fact::Launch(launch) => {
                    let who = (&launch.subject, launch.business_unit.as_ref());
                    tally.counts(hour, &launch.dashboard, "", who).opens += 1;
                }
                _ => {}
            }
        }
        tally
    }

    fn read(&mut self, hour: i64, read: &'a DataRead) {
        let who = (&read.subject, read.business_unit.as_ref());
        let counts = self.counts(hour, &read.dashboard, read.tile.as_str(), who);
        let amount = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        counts.reads += 1;
        counts.from_engine += i64::from(read.source == Source::Engine);
        counts.failed += i64::from(read.outcome == ReadOutcome::Failed);
        counts.rows = counts.rows.saturating_add(amount(read.rows));
        counts.bytes = counts.bytes.saturating_add(amount(read.bytes));
    }

    fn counts(
        &mut self,
        hour: i64,
        dashboard: &'a Label,
        tile: &'a str,
        (subject, unit): (&'a Digest, Option<&'a BusinessUnit>),
    ) -> &mut Counts {
        let unit = unit.map_or("", BusinessUnit::as_str);
        let dashboard = dashboard.as_str();
        self.people
            .insert((hour, dashboard, unit, subject.as_slice()));
        self.cells.entry((hour, dashboard, tile, unit)).or_default()
    }

    /// Adds the counts to the sums, in somebody's transaction. Whoever calls holds the end of the
    /// audit log's chain, so two processes never wait for each other's lines.
    pub(crate) async fn add(&self, conn: &mut AnyConnection) -> Result<(), sqlx::Error> {
        for ((hour, dashboard, tile, unit), counts) in &self.cells {
            sqlx::query(ADD)
                .bind(*hour)
                .bind(*dashboard)
                .bind(*tile)
                .bind(*unit)
                .bind(counts.opens)
                .bind(counts.reads)
                .bind(counts.from_engine)
                .bind(counts.failed)
                .bind(counts.rows)
                .bind(counts.bytes)
                .execute(&mut *conn)
                .await?;
        }
        for (hour, dashboard, unit, subject) in &self.people {
            sqlx::query(SEEN)
                .bind(*hour)
                .bind(*dashboard)
                .bind(*unit)
                .bind(*subject)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }
}
