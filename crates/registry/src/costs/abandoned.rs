//! Runs that nobody settled: the process that had begun them was killed, or ended before they did.
//! Whatever they cost is on the provider's bill, so they are billed with all that was reserved.

use chrono::{DateTime, Utc};
use weir_policy::{BusinessUnit, DatasetName};

use super::ledger::label;
use super::reserve::HELD;
use super::settle::{Settled, Settlement};
use super::{Asked, CostError, Costs, LedgerEntry, Price, Purpose, RanOn, RunEnd, RunTimes, count};
use crate::revisions::read;
use crate::time::from_millis;
use crate::{Digest, Label, RequestId, StoreError};

pub(super) const ABANDONED: &str = "
SELECT run, asked, dashboard, business_unit, prewarm, bytes, expires_at_ms
FROM cost_reservations
WHERE expires_at_ms <= $1
ORDER BY run
LIMIT 500";

/// The dataset of a run of which nobody knows what it read, and its snapshot.
const NO_DATASET: &str = "weir.unknown";
const NO_SNAPSHOT: &str = "unknown";

#[derive(sqlx::FromRow)]
struct Row {
    run: String,
    asked: String,
    dashboard: String,
    business_unit: String,
    prewarm: i64,
    bytes: i64,
    expires_at_ms: i64,
}

impl Costs {
    /// Bills runs that nobody settled in time, and says which budgets were used up to a part by it.
    /// A word about them that comes later changes nothing.
    ///
    /// # Errors
    /// [`CostError`]; nothing is booked then.
    pub async fn settle_abandoned(
        &self,
        now: DateTime<Utc>,
        price: Price,
        request: &RequestId,
    ) -> Result<Settled, CostError> {
        let rows: Vec<Row> = sqlx::query_as(ABANDONED)
            .bind(now.timestamp_millis())
            .fetch_all(self.database.readers())
            .await?;
        let mut settlement = Settlement::default();
        for row in rows {
            settlement.ended.push(row.into_entry()?);
        }
        if settlement.ended.is_empty() {
            return Ok(Settled::default());
        }
        self.settle(&settlement, price, request).await
    }
}

impl Row {
    fn into_entry(self) -> Result<LedgerEntry, StoreError> {
        let ended = from_millis("cost_reservations.expires_at_ms", self.expires_at_ms)?;
        Ok(LedgerEntry {
            at: ended - HELD,
            asked: read(&self.asked).map_or_else(|| self.whoever_pays(), Ok)?,
            billed_bytes: count("cost_reservations.bytes", self.bytes)?,
            run: label("cost_reservations.run", self.run)?,
            ran: RanOn::Athena,
            outcome: RunEnd::Unknown,
            execution: None,
            scanned_bytes: 0,
            times: RunTimes::default(),
            rows: None,
            truncated: false,
        })
    }

    /// What a run was for of which only the payer is known: an older version did not write down
    /// more, or another one writes it differently.
    fn whoever_pays(&self) -> Result<Asked, StoreError> {
        let corrupt = || StoreError::Corrupt {
            column: "cost_reservations.asked",
        };
        Ok(Asked {
            request: None,
            dashboard: Label::parse(&self.dashboard).ok(),
            tile: None,
            unit: BusinessUnit::parse(self.business_unit.clone()).ok(),
            purpose: if self.prewarm == 0 {
                Purpose::View
            } else {
                Purpose::Prewarm
            },
            policy_revision: None,
            dataset: DatasetName::parse(NO_DATASET).map_err(|_| corrupt())?,
            snapshot: Label::parse(NO_SNAPSHOT).map_err(|_| corrupt())?,
            fingerprint: Digest::zero(),
        })
    }
}
