//! Runs that nobody settled: the process that had begun them was killed, or ended before they did.
//! Whatever they cost is on the provider's bill, so they are billed with all that was reserved.

use chrono::{DateTime, Utc};

use super::ledger::label;
use super::reserve::HELD;
use super::settle::{Settled, Settlement};
use super::{CostError, Costs, LedgerEntry, Price, RanOn, RunEnd, RunTimes, count};
use crate::revisions::read;
use crate::time::from_millis;
use crate::{RequestId, StoreError};

pub(super) const ABANDONED: &str = "
SELECT run, asked, bytes, expires_at_ms
FROM cost_reservations
WHERE expires_at_ms <= $1
ORDER BY run
LIMIT 500";

#[derive(sqlx::FromRow)]
struct Row {
    run: String,
    asked: String,
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
            row.into_settlement(&mut settlement)?;
        }
        if settlement.ended.is_empty() && settlement.released.is_empty() {
            return Ok(Settled::default());
        }
        self.settle(&settlement, price, request).await
    }
}

impl Row {
    fn into_settlement(self, settlement: &mut Settlement) -> Result<(), StoreError> {
        let run = label("cost_reservations.run", self.run)?;
        // An older version did not write down what a reservation was for.
        let Some(asked) = read(&self.asked) else {
            settlement.released.push(run);
            return Ok(());
        };
        let ended = from_millis("cost_reservations.expires_at_ms", self.expires_at_ms)?;
        settlement.ended.push(LedgerEntry {
            run,
            at: ended - HELD,
            asked,
            ran: RanOn::Athena,
            outcome: RunEnd::Unknown,
            execution: None,
            scanned_bytes: 0,
            billed_bytes: count("cost_reservations.bytes", self.bytes)?,
            times: RunTimes::default(),
            rows: None,
            truncated: false,
        });
        Ok(())
    }
}
