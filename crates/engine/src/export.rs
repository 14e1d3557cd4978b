//! All rows of a statement, far more than a tile may carry. They stay in Arrow's columns, which take a
//! fraction of the memory, and become cells a few thousand at a time, as they are asked for.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::compute::{
    SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch,
};
use arrow::error::ArrowError;
use weir_query::{Direction, OutputColumn, ResultSet, SortKey, Statement};

use crate::error::Cause;
use crate::{EngineError, Execution, Held, cells};

/// The most that one export's rows may weigh in memory. To sort them takes three times as much.
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// How many rows become cells at a time.
const BATCH_ROWS: usize = 8_192;

/// All rows of a statement, in its order, and what they cost; what was lent to them is given back with
/// it. It yields them batch by batch; after an
/// error there is nothing more to be had.
pub struct Export {
    columns: Vec<OutputColumn>,
    batches: std::vec::IntoIter<RecordBatch>,
    rows: usize,
    truncated: bool,
    execution: Execution,
    _held: Held,
}

impl Export {
    /// The columns of every batch.
    #[must_use]
    pub fn columns(&self) -> &[OutputColumn] {
        &self.columns
    }

    /// How many rows there are in all batches together.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether there were more rows than an export may carry.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// What computing them came to.
    #[must_use]
    pub fn execution(&self) -> &Execution {
        &self.execution
    }
}

impl Iterator for Export {
    type Item = Result<ResultSet, EngineError>;

    /// The next rows. Only the last batch says that there were more rows than may be carried.
    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        let truncated = self.truncated && self.batches.len() == 0;
        let mut rows = Vec::new();
        let read = cells::append(&mut rows, &batch, &self.columns, batch.num_rows());
        if read.is_err() {
            self.batches = Vec::new().into_iter();
        }
        Some(read.map(|()| ResultSet::new(self.columns.clone(), rows, truncated)))
    }
}

/// The rows are somebody's data: they are not printed.
impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("rows", &self.rows)
            .field("truncated", &self.truncated)
            .field("execution", &self.execution)
            .finish_non_exhaustive()
    }
}

/// Rows on their way into an export.
#[derive(Debug)]
pub(crate) struct Gathered {
    columns: Vec<OutputColumn>,
    order: Vec<SortKey>,
    row_limit: usize,
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    held: Held,
}

impl Gathered {
    /// No rows yet of what `statement` promises; `held` is lent to those that will come.
    pub(crate) fn of(statement: &Statement, held: Held) -> Self {
        Self {
            columns: statement.columns().to_vec(),
            order: statement.order().to_vec(),
            row_limit: usize::try_from(statement.row_limit()).unwrap_or(usize::MAX),
            batches: Vec::new(),
            rows: 0,
            bytes: 0,
            held,
        }
    }

    /// No rows yet of what a statement could promise.
    #[cfg(test)]
    pub(crate) fn for_tests(
        columns: Vec<OutputColumn>,
        order: Vec<SortKey>,
        row_limit: usize,
    ) -> Self {
        Self {
            columns,
            order,
            row_limit,
            batches: Vec::new(),
            rows: 0,
            bytes: 0,
            held: Held::nothing(),
        }
    }

    /// What is lent to them.
    pub(crate) fn held(&self) -> Held {
        self.held.clone()
    }

    /// Lends something else to them.
    #[cfg(test)]
    pub(crate) fn lend(&mut self, held: Held) {
        self.held = held;
    }

    /// Takes in some rows more.
    pub(crate) fn add(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let batch = cells::uniform_batch(batch, &self.columns)?;
        self.bytes = self.bytes.saturating_add(weight(&batch).map_err(failed)?);
        if self.bytes > MOST_BYTES {
            let cause: Cause = format!("an export weighs more than {MOST_BYTES} bytes").into();
            return Err(EngineError::TooLarge(cause));
        }
        self.rows += batch.num_rows();
        self.batches.push(batch);
        Ok(())
    }

    /// Whether there are more rows than may be carried: then no others need to be looked at, if these
    /// came in their order.
    pub(crate) fn is_full(&self) -> bool {
        self.rows > self.row_limit
    }

    /// The same rows as the statement sorts them; they came in any order.
    pub(crate) fn sorted(mut self) -> Result<Self, EngineError> {
        if let Some(first) = self.batches.first() {
            let all = concat_batches(&first.schema(), &self.batches).map_err(failed)?;
            self.batches.clear();
            self.batches
                .push(sorted(&all, &self.order).map_err(failed)?);
        }
        Ok(self)
    }

    /// Cuts off what may not be carried.
    pub(crate) fn into_export(self, execution: Execution) -> Export {
        let mut left = self.row_limit;
        let mut batches = Vec::new();
        for batch in &self.batches {
            let end = batch.num_rows().min(left);
            left -= end;
            let offsets = (0..end).step_by(BATCH_ROWS);
            batches.extend(offsets.map(|offset| batch.slice(offset, BATCH_ROWS.min(end - offset))));
        }
        Export {
            columns: self.columns,
            batches: batches.into_iter(),
            rows: self.rows.min(self.row_limit),
            truncated: self.rows > self.row_limit,
            execution,
            _held: self.held,
        }
    }
}

/// What the rows of a batch take, and not the buffers that it shares with others.
fn weight(batch: &RecordBatch) -> Result<usize, ArrowError> {
    let weights = batch.columns().iter();
    let weights = weights.map(|array| array.to_data().get_slice_memory_size());
    weights.sum()
}

fn sorted(batch: &RecordBatch, order: &[SortKey]) -> Result<RecordBatch, ArrowError> {
    let key = |key: &SortKey| {
        Some(SortColumn {
            values: Arc::clone(batch.columns().get(key.column)?),
            options: Some(SortOptions {
                descending: key.direction == Direction::Descending,
                nulls_first: false,
            }),
        })
    };
    let keys: Vec<SortColumn> = order.iter().filter_map(key).collect();
    if keys.is_empty() {
        return Ok(batch.clone());
    }
    take_record_batch(batch, &lexsort_to_indices(&keys, None)?)
}

fn failed(error: ArrowError) -> EngineError {
    EngineError::Failed(Box::new(error))
}

#[cfg(test)]
mod tests;
