//! The ledger: what each run of a statement was for, how it ended, and what it cost.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use weir_policy::{BusinessUnit, DatasetName};

use super::{Costs, Payer, amount, count};
use crate::database::Write;
use crate::time::from_millis;
use crate::{Digest, Label, RequestId, StoreError};

pub(super) const SELECT: &str = "
SELECT run, at_ms, request, dashboard, tile, business_unit, purpose, policy_revision, dataset,
    snapshot, fingerprint, ran, outcome, execution, scanned_bytes, billed_bytes, queued_ms,
    planning_ms, running_ms, service_ms, total_ms, answer_rows, truncated
FROM executions
WHERE at_ms >= $1
AND at_ms < $2
ORDER BY at_ms, run
LIMIT $3";

/// One run of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The run, by an id that no other has.
    pub run: Label,
    /// When it began.
    pub at: DateTime<Utc>,
    /// What it was for.
    pub asked: Asked,
    /// Who computed it.
    pub ran: RanOn,
    /// How it ended.
    pub outcome: RunEnd,
    /// The engine's own id of it.
    pub execution: Option<Label>,
    /// Bytes read from data files.
    pub scanned_bytes: u64,
    /// Bytes that are paid for.
    pub billed_bytes: u64,
    /// Where the time went.
    pub times: RunTimes,
    /// Rows of the answer; none where nobody waited for them, or there was none.
    pub rows: Option<u64>,
    /// Whether there were more.
    pub truncated: bool,
}

/// What a run was for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The request that caused it.
    pub request: Option<RequestId>,
    /// The dashboard.
    pub dashboard: Option<Label>,
    /// The tile, or `filter:NAME` for the values of a filter.
    pub tile: Option<Label>,
    /// The one business unit of whoever asked.
    pub unit: Option<BusinessUnit>,
    /// Why.
    pub purpose: Purpose,
    /// The policies that decided.
    pub policy_revision: Option<u64>,
    /// The dataset.
    pub dataset: DatasetName,
    /// The state of its table.
    pub snapshot: Label,
    /// The statement.
    pub fingerprint: Digest,
}

/// Why something ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Somebody looked.
    View,
    /// Somebody would soon.
    Prewarm,
    /// A change of policies was counted.
    Governance,
}

/// Who computed an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RanOn {
    /// The engine inside the server.
    Embedded,
    /// Athena.
    Athena,
    /// Athena took an earlier result.
    AthenaReuse,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunEnd {
    /// With rows.
    Succeeded,
    /// Without.
    Failed,
    /// Stopped before its end.
    Cancelled,
    /// Nobody can say. It is billed with what was reserved for it.
    Unknown,
}

/// Where the time of a run went, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunTimes {
    /// In the engine's queue.
    pub queued: u64,
    /// Planning, part of running.
    pub planning: u64,
    /// Computing.
    pub running: u64,
    /// Before and after, at the engine's service.
    pub service: u64,
    /// From the first call to the last row.
    pub total: u64,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    run: String,
    at_ms: i64,
    request: String,
    dashboard: String,
    tile: String,
    business_unit: String,
    purpose: String,
    policy_revision: Option<i64>,
    dataset: String,
    snapshot: String,
    fingerprint: Vec<u8>,
    ran: String,
    outcome: String,
    execution: String,
    scanned_bytes: i64,
    billed_bytes: i64,
    queued_ms: i64,
    planning_ms: i64,
    running_ms: i64,
    service_ms: i64,
    total_ms: i64,
    answer_rows: Option<i64>,
    truncated: i64,
}

impl Costs {
    /// The first `most` runs that began from `from` on and before `to`.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or a row is unreadable.
    pub async fn executions(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .bind(from.timestamp_millis())
            .bind(to.timestamp_millis())
            .bind(i64::from(most))
            .fetch_all(self.database.readers())
            .await?;
        rows.into_iter().map(LedgerEntry::try_from).collect()
    }
}

impl LedgerEntry {
    /// Writes it; says whether it was not there yet.
    pub(super) async fn insert(
        &self,
        tx: &mut Write,
        sql: &'static str,
    ) -> Result<bool, StoreError> {
        let asked = &self.asked;
        let text = |label: &Option<Label>| label.clone().map_or_else(String::new, String::from);
        let request = asked.request.clone();
        let done = sqlx::query(sql)
            .bind(self.run.as_str())
            .bind(self.at.timestamp_millis())
            .bind(request.map_or_else(String::new, String::from))
            .bind(text(&asked.dashboard))
            .bind(text(&asked.tile))
            .bind(asked.unit.as_ref().map_or("", AsRef::as_ref))
            .bind(asked.purpose.word())
            .bind(asked.policy_revision.map(amount))
            .bind(asked.dataset.as_str())
            .bind(asked.snapshot.as_str())
            .bind(asked.fingerprint.as_slice())
            .bind(self.ran.word())
            .bind(self.outcome.word())
            .bind(text(&self.execution))
            .bind(amount(self.scanned_bytes))
            .bind(amount(self.billed_bytes))
            .bind(amount(self.times.queued))
            .bind(amount(self.times.planning))
            .bind(amount(self.times.running))
            .bind(amount(self.times.service))
            .bind(amount(self.times.total))
            .bind(self.rows.map(amount))
            .bind(i64::from(self.truncated))
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Who pays for it.
    #[must_use]
    pub fn payer(&self) -> Payer {
        self.asked.payer()
    }
}

impl Asked {
    /// Who pays for it.
    #[must_use]
    pub fn payer(&self) -> Payer {
        Payer {
            unit: self.unit.clone(),
            dashboard: self.dashboard.clone(),
            prewarm: self.purpose == Purpose::Prewarm,
        }
    }
}

impl Purpose {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Prewarm => "prewarm",
            Self::Governance => "governance",
        }
    }

    fn read(word: &str) -> Option<Self> {
        let all = [Self::View, Self::Prewarm, Self::Governance];
        all.into_iter().find(|one| one.word() == word)
    }
}

impl RanOn {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Athena => "athena",
            Self::AthenaReuse => "athena_reuse",
        }
    }

    fn read(word: &str) -> Option<Self> {
        let all = [Self::Embedded, Self::Athena, Self::AthenaReuse];
        all.into_iter().find(|one| one.word() == word)
    }
}

impl RunEnd {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    fn read(word: &str) -> Option<Self> {
        let all = [
            Self::Succeeded,
            Self::Failed,
            Self::Cancelled,
            Self::Unknown,
        ];
        all.into_iter().find(|one| one.word() == word)
    }
}

impl TryFrom<Row> for LedgerEntry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let number = |value: i64| count("executions", value);
        let revision = row.policy_revision.map(number).transpose()?;
        Ok(Self {
            run: label("executions.run", row.run)?,
            at: from_millis("executions.at_ms", row.at_ms)?,
            asked: Asked {
                request: read_unless_empty("executions.request", row.request, RequestId::parse)?,
                dashboard: read_unless_empty("executions.dashboard", row.dashboard, Label::parse)?,
                tile: read_unless_empty("executions.tile", row.tile, Label::parse)?,
                unit: unit("executions.business_unit", row.business_unit)?,
                purpose: known("executions.purpose", Purpose::read(&row.purpose))?,
                policy_revision: revision,
                dataset: known("executions.dataset", DatasetName::parse(row.dataset).ok())?,
                snapshot: label("executions.snapshot", row.snapshot)?,
                fingerprint: known(
                    "executions.fingerprint",
                    Digest::try_from(row.fingerprint).ok(),
                )?,
            },
            ran: known("executions.ran", RanOn::read(&row.ran))?,
            outcome: known("executions.outcome", RunEnd::read(&row.outcome))?,
            execution: read_unless_empty("executions.execution", row.execution, Label::parse)?,
            scanned_bytes: number(row.scanned_bytes)?,
            billed_bytes: number(row.billed_bytes)?,
            times: RunTimes {
                queued: number(row.queued_ms)?,
                planning: number(row.planning_ms)?,
                running: number(row.running_ms)?,
                service: number(row.service_ms)?,
                total: number(row.total_ms)?,
            },
            rows: row.answer_rows.map(number).transpose()?,
            truncated: row.truncated != 0,
        })
    }
}

fn known<T>(column: &'static str, found: Option<T>) -> Result<T, StoreError> {
    found.ok_or(StoreError::Corrupt { column })
}

pub(super) fn label(column: &'static str, text: String) -> Result<Label, StoreError> {
    known(column, Label::parse(text).ok())
}

/// A unit; none where there is no text.
pub(super) fn unit(column: &'static str, text: String) -> Result<Option<BusinessUnit>, StoreError> {
    read_unless_empty(column, text, BusinessUnit::parse)
}

pub(super) fn read_unless_empty<T, E>(
    column: &'static str,
    text: String,
    parse: impl FnOnce(String) -> Result<T, E>,
) -> Result<Option<T>, StoreError> {
    if text.is_empty() {
        return Ok(None);
    }
    known(column, parse(text).ok()).map(Some)
}
