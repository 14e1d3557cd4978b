//! Exports: Athena writes all rows as Parquet, in as many files as it likes and in no order. They are read
//! back, put into the statement's order, and removed.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_athena::types::{QueryExecution, QueryExecutionStatistics as Statistics};
use aws_sdk_s3::primitives::AggregatedBytes;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use weir_query::Statement;

use super::door::Door;
use super::harvest::Harvest;
use super::place::Place;
use crate::context::Perhaps;
use crate::error::Cause;
use crate::export::{Export, Gathered};
use crate::{EngineError, Execution, Held};

/// How long removing files may keep an answer waiting.
const CLEARING: Duration = Duration::from_mins(1);

/// What a statement promises of its export, and where its files lie.
#[derive(Debug)]
pub(super) struct Unload {
    statement: Statement,
    place: Place,
    held: Perhaps,
}

impl Unload {
    pub(super) fn new(statement: &Statement, place: Place, held: &Held) -> Self {
        Self {
            statement: statement.clone(),
            place,
            held: held.perhaps(),
        }
    }
}

#[async_trait]
impl Harvest for Unload {
    type Rows = Gathered;
    type Answer = Export;

    async fn read(&self, door: &Door, _: &QueryExecution) -> Result<Gathered, EngineError> {
        // Whoever left has taken it along, and nothing is read into memory.
        let held = self.held.held().ok_or(EngineError::Deadline)?;
        let none = Gathered::of(&self.statement, held);
        let files = self.place.files(&door.access.s3).await?;
        gathered(none, files.into_iter().map(AggregatedBytes::into_bytes)).await
    }

    fn answer(rows: Gathered, execution: Execution) -> Export {
        rows.into_export(execution)
    }

    async fn clear(&self, door: &Door, execution: Option<&QueryExecution>) {
        let statistics = execution.and_then(QueryExecution::statistics);
        let manifest = statistics.and_then(Statistics::data_manifest_location);
        let clearing = self.place.clear(&door.access.s3, manifest);
        let error: Cause = match tokio::time::timeout(CLEARING, clearing).await {
            Ok(Ok(())) => return,
            Ok(Err(trouble)) => Box::new(trouble.into_error()),
            Err(elapsed) => Box::new(elapsed),
        };
        tracing::error!(
            place = self.place.location(),
            error = &*error as &dyn std::error::Error,
            "files of an export could not be removed"
        );
    }
}

/// The rows of all files, on a thread that may be busy with them. It goes on when nobody waits any
/// more, and holds what is lent to the rows until it has put them away.
async fn gathered(
    none: Gathered,
    files: impl Iterator<Item = Bytes> + Send + 'static,
) -> Result<Gathered, EngineError> {
    let gathered = tokio::task::spawn_blocking(move || gather(none, files));
    let gathered = gathered.await;
    gathered.map_err(|error| EngineError::Failed(Box::new(error)))?
}

/// The rows of all files, in the statement's order.
fn gather(
    mut all: Gathered,
    files: impl IntoIterator<Item = Bytes>,
) -> Result<Gathered, EngineError> {
    for file in files {
        let batches = ParquetRecordBatchReaderBuilder::try_new(file)
            .and_then(ParquetRecordBatchReaderBuilder::build)
            .map_err(|error| EngineError::Unavailable(Box::new(error)))?;
        for batch in batches {
            let batch = batch.map_err(|error| EngineError::Unavailable(Box::new(error)))?;
            all.add(&batch)?;
        }
    }
    all.sorted()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, Decimal128Array, RecordBatch, StringArray, TimestampMicrosecondArray,
        TimestampNanosecondArray,
    };
    use parquet::arrow::ArrowWriter;
    use weir_query::{Cell, CellType, Direction, OutputColumn, SortKey};

    use super::*;
    use crate::Execution;

    fn file(columns: Vec<ArrayRef>) -> Bytes {
        let named = columns.into_iter().enumerate();
        let named = named.map(|(at, array)| (format!("c{at}"), array, true));
        let batch = RecordBatch::try_from_iter_with_nullable(named).unwrap();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        bytes.into()
    }

    fn money(steps: Vec<Option<i128>>) -> ArrayRef {
        let array = Decimal128Array::from(steps);
        Arc::new(array.with_precision_and_scale(38, 2).unwrap())
    }

    fn promised(types: &[CellType]) -> Gathered {
        let column = |(at, kind): (usize, &CellType)| OutputColumn {
            name: format!("column {at}"),
            cell_type: *kind,
        };
        let first = SortKey {
            column: 0,
            direction: Direction::Ascending,
        };
        let columns = types.iter().enumerate().map(column);
        Gathered::for_tests(columns.collect(), vec![first], 10)
    }

    fn rows(gathered: Gathered) -> Vec<Vec<Cell>> {
        let batches = gathered.into_export(Execution::for_tests());
        batches
            .flat_map(|batch| batch.unwrap().rows().to_vec())
            .collect()
    }

    #[test]
    fn rows_of_all_files_come_in_one_order_and_null_is_not_the_empty_text() {
        let one = file(vec![
            Arc::new(StringArray::from(vec![Some("b"), None])),
            Arc::new(TimestampNanosecondArray::from(vec![1_999_999, -1])),
            money(vec![Some(-150), None]),
        ]);
        let two = file(vec![
            Arc::new(StringArray::from(vec!["c", ""])),
            Arc::new(TimestampMicrosecondArray::from(vec![0, 86_400_000_000])),
            money(vec![Some(0), Some(7)]),
        ]);
        let types = [
            CellType::Text,
            CellType::Timestamp,
            CellType::Decimal { scale: 2 },
        ];

        let gathered = gather(promised(&types), [one, two]).unwrap();

        let text = |text: &str| Cell::Text(text.to_owned());
        let at = |millis| {
            let moment = chrono::DateTime::from_timestamp_millis(millis).unwrap();
            Cell::Timestamp(moment.naive_utc())
        };
        let money = |amount: &str| Cell::Decimal(amount.parse().unwrap());
        assert_eq!(
            rows(gathered),
            [
                [text(""), at(86_400_000), money("0.07")],
                [text("b"), at(1), money("-1.50")],
                [text("c"), at(0), money("0.00")],
                [Cell::Null, at(-1), Cell::Null],
            ]
        );
    }

    #[test]
    fn a_file_of_another_shape_is_refused() {
        let numbers = || file(vec![money(vec![Some(1)])]);

        let text = gather(promised(&[CellType::Text]), [numbers()]);
        let two = gather(promised(&[CellType::Double, CellType::Double]), [numbers()]);
        let broken = gather(promised(&[CellType::Text]), [Bytes::from_static(b"PAR1")]);

        assert_eq!(text.unwrap_err().code(), "unexpected_shape");
        assert_eq!(two.unwrap_err().code(), "unexpected_shape");
        assert_eq!(broken.unwrap_err().code(), "engine_unavailable");
    }

    /// The reader leaves while a thread is busy with the rows.
    #[tokio::test]
    async fn what_is_lent_to_rows_is_held_until_the_last_of_them_is_gone() {
        let lent = Arc::new(());
        let mut none = promised(&[CellType::Text]);
        none.lend(Held::of(Arc::clone(&lent)));
        let text: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        let one = file(vec![text]);
        let (tell, told) = tokio::sync::oneshot::channel();
        let (go_on, going_on) = std::sync::mpsc::channel::<()>();
        let mut tell = Some(tell);
        let files = std::iter::once_with(move || {
            tell.take().unwrap().send(()).unwrap();
            going_on.recv().unwrap();
            one
        });

        let reader = tokio::spawn(gathered(none, files));
        told.await.unwrap();
        reader.abort();
        assert!(reader.await.unwrap_err().is_cancelled());

        assert_eq!(Arc::strong_count(&lent), 2, "the thread is still busy");
        go_on.send(()).unwrap();
        while Arc::strong_count(&lent) > 1 {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn no_file_is_no_row() {
        let gathered = gather(promised(&[CellType::Text]), []).unwrap();

        assert_eq!(rows(gathered), [[Cell::Null; 0]; 0]);
    }
}
