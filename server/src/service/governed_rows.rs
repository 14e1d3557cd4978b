//! Rows for those who decide about rows: counted by the values of columns, under a grant like every
//! other question (invariant 4).

use std::sync::Arc;

use weir_engine::EngineError;
use weir_policy::{ColumnName, Grant, Value};
use weir_query::{Cell, Dataset, SnapshotSet, TileQuery, compile};

use super::account::Account;
use super::costs::FetchError;
use super::query_cache::QueryCache;

/// Combinations of values of `by` under `grant`, at most `limit`, each with its number of rows last.
///
/// # Errors
/// When they can't be computed, or the dataset has no snapshot.
pub(super) async fn rows_by(
    cache: &QueryCache,
    snapshots: &SnapshotSet,
    dataset: &Arc<Dataset>,
    grant: &Grant,
    by: &[ColumnName],
    limit: u32,
) -> Result<Vec<Vec<Cell>>, FetchError> {
    let question = TileQuery::rows_by(dataset, by, limit);
    let Some(snapshot) = snapshots.get(dataset.name()) else {
        return Err(EngineError::SnapshotGone.into());
    };
    let Ok(query) = question.under(&Arc::new(grant.clone())) else {
        return Ok(Vec::new());
    };
    let statement = compile(&query, cache.dialect(), snapshot).asked_by(cache.principal(None));
    if !snapshot.can_answer(statement.scan()) {
        return Err(EngineError::Drifted.into());
    }
    let fetched = cache.fetch(&statement, &Account::governance()).await?;
    Ok(fetched.entry.rows.rows().to_vec())
}

/// A cell as policies compare it; `None` for NULL and for what they can't compare.
pub(super) fn comparable(cell: &Cell) -> Option<Value> {
    match cell {
        Cell::Boolean(known) => Some(Value::Boolean(*known)),
        Cell::Integer(number) => Some(Value::Integer(*number)),
        Cell::Decimal(number) => Some(Value::Decimal(*number)),
        Cell::Text(text) => Some(Value::Text(text.clone())),
        Cell::Date(day) => Some(Value::Date(*day)),
        Cell::Timestamp(moment) => Some(Value::Timestamp(*moment)),
        Cell::Null | Cell::Double(_) => None,
    }
}

/// The count in the last column of a row.
pub(super) fn count(row: &[Cell]) -> u64 {
    match row.last() {
        Some(Cell::Integer(count)) => u64::try_from(*count).unwrap_or_default(),
        _ => 0,
    }
}
