//! Arrow columns into the cells of an answer.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Float64Type, Int64Type, Schema,
    TimestampMillisecondType,
};
use arrow::temporal_conversions::{date32_to_datetime, timestamp_ms_to_datetime};
use rust_decimal::Decimal;
use weir_policy::ValueType;
use weir_query::{Cell, CellType, OutputColumn};

use crate::error::{EngineError, ShapeMismatch};
use crate::lake::types;

/// Appends the rows of `batch` to `rows`, at most until there are `most`.
pub(crate) fn append(
    rows: &mut Vec<Vec<Cell>>,
    batch: &RecordBatch,
    columns: &[OutputColumn],
    most: usize,
) -> Result<(), EngineError> {
    let wanted = batch.num_rows().min(most.saturating_sub(rows.len()));
    let batch = batch.slice(0, wanted);
    as_many(&batch, columns)?;
    let first = rows.len();
    rows.resize_with(first + wanted, || Vec::with_capacity(columns.len()));
    for (position, (column, array)) in columns.iter().zip(batch.columns()).enumerate() {
        let cells = cells(array, column.cell_type, position)?;
        for (row, cell) in rows.iter_mut().skip(first).zip(cells) {
            row.push(cell);
        }
    }
    Ok(())
}

/// The same rows, each column in the one Arrow type that its cells are read from. Batches from
/// different files can then be put together.
pub(crate) fn uniform_batch(
    batch: &RecordBatch,
    columns: &[OutputColumn],
) -> Result<RecordBatch, EngineError> {
    as_many(batch, columns)?;
    let mut fields = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for (position, (column, array)) in columns.iter().zip(batch.columns()).enumerate() {
        let array = uniform_or_mismatch(array, column.cell_type, position)?;
        fields.push(Field::new(&column.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &rows)
        .map_err(|error| EngineError::Failed(Box::new(error)))
}

fn as_many(batch: &RecordBatch, columns: &[OutputColumn]) -> Result<(), EngineError> {
    let (promised, got) = (columns.len(), batch.num_columns());
    if promised == got {
        return Ok(());
    }
    Err(mismatch(
        0,
        format!("{promised} columns"),
        format!("{got} columns"),
    ))
}

fn uniform_or_mismatch(
    array: &ArrayRef,
    kind: CellType,
    position: usize,
) -> Result<ArrayRef, EngineError> {
    uniform(array, kind).ok_or_else(|| {
        let got = array.data_type().to_string();
        mismatch(position, kind.name().to_owned(), got)
    })
}

fn cells(array: &ArrayRef, kind: CellType, position: usize) -> Result<Vec<Cell>, EngineError> {
    let array = uniform_or_mismatch(array, kind, position)?;
    let range = 0..array.len();
    let cells = |cell: &dyn Fn(usize) -> Option<Cell>| -> Result<Vec<Cell>, EngineError> {
        let cell_at = |row| {
            if array.is_null(row) {
                return Ok(Cell::Null);
            }
            cell(row).ok_or(EngineError::OutOfRange)
        };
        range.clone().map(cell_at).collect()
    };
    match kind {
        CellType::Boolean => {
            let array = array.as_boolean();
            cells(&|row| Some(Cell::Boolean(array.value(row))))
        }
        CellType::Integer => {
            let array = array.as_primitive::<Int64Type>();
            cells(&|row| Some(Cell::Integer(array.value(row))))
        }
        CellType::Double => {
            let array = array.as_primitive::<Float64Type>();
            cells(&|row| Some(Cell::Double(array.value(row))))
        }
        CellType::Decimal { scale } => {
            let array = array.as_primitive::<Decimal128Type>();
            cells(&|row| decimal(array.value(row), scale))
        }
        CellType::Text => {
            let array = array.as_string::<i32>();
            cells(&|row| Some(Cell::Text(array.value(row).to_owned())))
        }
        CellType::Date => {
            let array = array.as_primitive::<Date32Type>();
            cells(&|row| Some(Cell::Date(date32_to_datetime(array.value(row))?.date())))
        }
        CellType::Timestamp => {
            let array = array.as_primitive::<TimestampMillisecondType>();
            cells(&|row| Some(Cell::Timestamp(timestamp_ms_to_datetime(array.value(row))?)))
        }
    }
}

/// An answer's decimals have at most 28 digits; more is an error, never a rounded number.
fn decimal(steps: i128, scale: u8) -> Option<Cell> {
    Decimal::try_from_i128_with_scale(steps, scale.into())
        .ok()
        .map(Cell::Decimal)
}

/// The array in the one Arrow type its cells are read from; `None` when that would change what
/// the values are, or when one does not fit.
fn uniform(array: &ArrayRef, kind: CellType) -> Option<ArrayRef> {
    use DataType as A;

    let from = match array.data_type() {
        A::Dictionary(_, values) => values.as_ref(),
        other => other,
    };
    let (fits, to) = match kind {
        CellType::Boolean => (from == &A::Boolean, A::Boolean),
        CellType::Integer => (
            from.is_integer() || matches!(from, A::Decimal128(_, 0)),
            A::Int64,
        ),
        CellType::Double => (from.is_numeric(), A::Float64),
        CellType::Decimal { scale } => {
            let scale = i8::try_from(scale).ok()?;
            let exact = matches!(from, A::Decimal128(_, have) if *have <= scale);
            (exact || from.is_integer(), A::Decimal128(38, scale))
        }
        CellType::Text => (
            matches!(from, A::Utf8 | A::LargeUtf8 | A::Utf8View),
            A::Utf8,
        ),
        CellType::Date => (matches!(from, A::Date32 | A::Date64), A::Date32),
        CellType::Timestamp => {
            let truncated = matches!(from, A::Timestamp(..))
                .then(|| types::to_canonical(array, ValueType::Timestamp));
            return truncated?.ok();
        }
    };
    // A column of nothing but NULLs has no type of its own.
    if !fits && from != &A::Null {
        return None;
    }
    if array.data_type() == &to {
        return Some(Arc::clone(array));
    }
    let strict = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(array, &to, &strict).ok()
}

fn mismatch(column: usize, promised: String, got: String) -> EngineError {
    EngineError::Shape {
        detail: ShapeMismatch {
            column,
            promised,
            got,
        },
    }
}

#[cfg(test)]
mod tests;
