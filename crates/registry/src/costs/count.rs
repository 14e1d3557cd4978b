//! How readers came by their answers, summed up by hour. Statistics: a killed process loses those of
//! its last second.

use chrono::{DateTime, Utc};
use sqlx::AnyConnection;
use weir_policy::BusinessUnit;

use super::{amount, hour_ms};
use crate::Label;

pub(super) const VIEWS: &str = "
INSERT INTO cost_hours (
    hour_ms, dashboard, business_unit, runs, reused, scanned_bytes, billed_bytes,
    views, views_without_engine, computed, cached, coalesced, stale, refused, failed,
    avoided_scanned, avoided_billed
)
VALUES ($1, $2, $3, 0, 0, 0, 0, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (hour_ms, dashboard, business_unit) DO UPDATE
SET views = cost_hours.views + excluded.views,
    views_without_engine = cost_hours.views_without_engine + excluded.views_without_engine,
    computed = cost_hours.computed + excluded.computed,
    cached = cost_hours.cached + excluded.cached,
    coalesced = cost_hours.coalesced + excluded.coalesced,
    stale = cost_hours.stale + excluded.stale,
    refused = cost_hours.refused + excluded.refused,
    failed = cost_hours.failed + excluded.failed,
    avoided_scanned = cost_hours.avoided_scanned + excluded.avoided_scanned,
    avoided_billed = cost_hours.avoided_billed + excluded.avoided_billed";

/// What one look at a dashboard came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewCount {
    /// When it began.
    pub at: DateTime<Utc>,
    /// The dashboard.
    pub dashboard: Label,
    /// The reader's one business unit.
    pub unit: Option<BusinessUnit>,
    /// Whole pages that were opened; none for a tile that was asked for by itself.
    pub views: u64,
    /// Those of them for which no engine ran and nobody waited for one.
    pub views_without_engine: u64,
    /// Answers that an engine computed for this look.
    pub computed: u64,
    /// Answers from the cache.
    pub cached: u64,
    /// Answers that somebody else was waiting for already.
    pub coalesced: u64,
    /// Answers from the cache for data that was superseded.
    pub stale: u64,
    /// Answers that a budget refused.
    pub refused: u64,
    /// Answers that failed.
    pub failed: u64,
    /// Bytes that were read when the answers from the cache were computed.
    pub avoided_scanned: u64,
    /// Bytes that were billed then.
    pub avoided_billed: u64,
}

impl ViewCount {
    /// Adds it to the sums, in somebody's transaction.
    pub(super) async fn add(&self, conn: &mut AnyConnection) -> Result<(), sqlx::Error> {
        sqlx::query(VIEWS)
            .bind(hour_ms(self.at))
            .bind(self.dashboard.as_str())
            .bind(self.unit.as_ref().map_or("", AsRef::as_ref))
            .bind(amount(self.views))
            .bind(amount(self.views_without_engine))
            .bind(amount(self.computed))
            .bind(amount(self.cached))
            .bind(amount(self.coalesced))
            .bind(amount(self.stale))
            .bind(amount(self.refused))
            .bind(amount(self.failed))
            .bind(amount(self.avoided_scanned))
            .bind(amount(self.avoided_billed))
            .execute(conn)
            .await?;
        Ok(())
    }
}
