//! The second row filter, below SQL: the grant's predicate on every batch that is read.
//!
//! It is written against Arrow's kernels and shares no code with the SQL compiler, so that a
//! mistake in either is caught by the other. Kleene's logic throughout; only rows of which the
//! predicate is exactly true pass (invariant 3).

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Datum, RecordBatch, RecordBatchOptions,
    Scalar,
};
use arrow::compute::filter_record_batch;
use arrow::compute::kernels::{boolean, cmp};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use weir_policy::{ColumnName, Comparison, Predicate, Value};

use super::literal::{self, Literal};

/// Lets through the rows a predicate admits, and of those the columns that were asked for.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    predicate: Arc<Predicate>,
    output: SchemaRef,
}

impl Gate {
    /// A gate that keeps the columns of `output`. Batches must carry these and the columns that
    /// `predicate` reads, in canonical types.
    pub(super) fn new(predicate: Arc<Predicate>, output: SchemaRef) -> Self {
        Self { predicate, output }
    }

    /// The schema of what passes.
    pub(super) fn output(&self) -> SchemaRef {
        Arc::clone(&self.output)
    }

    /// The admitted rows of `batch`.
    pub(super) fn admit(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let admitted = match self.predicate.as_ref() {
            Predicate::Always => batch.clone(),
            predicate => filter_record_batch(batch, &exactly_true(&truth(predicate, batch)?))?,
        };
        let columns = self
            .output
            .fields()
            .iter()
            .map(|field| column(&admitted, field.name()).cloned())
            .collect::<Result<Vec<_>, _>>()?;
        // A query that only counts rows asks for no column at all.
        let options = RecordBatchOptions::new().with_row_count(Some(admitted.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.output), columns, &options)
    }
}

/// Unknown is not true.
fn exactly_true(truth: &BooleanArray) -> BooleanArray {
    match truth.nulls() {
        Some(known) => BooleanArray::new(truth.values() & known.inner(), None),
        None => truth.clone(),
    }
}

/// The predicate's truth for each row; NULL is unknown.
pub(super) fn truth(
    predicate: &Predicate,
    batch: &RecordBatch,
) -> Result<BooleanArray, ArrowError> {
    match predicate {
        Predicate::Always => Ok(constant(true, batch.num_rows())),
        Predicate::Never => Ok(constant(false, batch.num_rows())),
        Predicate::Compare {
            column: name,
            op,
            value,
        } => compare(column(batch, name.as_str())?, *op, value),
        Predicate::In {
            column: name,
            values,
        } => membership(column(batch, name.as_str())?, values, batch.num_rows()),
        Predicate::IsNull(name) => boolean::is_null(column(batch, name.as_str())?),
        Predicate::LikePrefix {
            column: name,
            prefix,
        } => Ok(prefixed(column(batch, name.as_str())?, prefix)),
        Predicate::All(parts) => fold(parts, batch, true, boolean::and_kleene),
        Predicate::Any(parts) => fold(parts, batch, false, boolean::or_kleene),
        Predicate::Not(part) => boolean::not(&truth(part, batch)?),
    }
}

type Join = fn(&BooleanArray, &BooleanArray) -> Result<BooleanArray, ArrowError>;

fn fold(
    parts: &[Predicate],
    batch: &RecordBatch,
    neutral: bool,
    join: Join,
) -> Result<BooleanArray, ArrowError> {
    let start = constant(neutral, batch.num_rows());
    parts
        .iter()
        .try_fold(start, |known, part| join(&known, &truth(part, batch)?))
}

/// Nothing is in the empty set, not even NULL; otherwise this is a disjunction of equalities.
fn membership(
    array: &ArrayRef,
    values: &BTreeSet<Value>,
    rows: usize,
) -> Result<BooleanArray, ArrowError> {
    values
        .iter()
        .try_fold(constant(false, rows), |known, value| {
            boolean::or_kleene(&known, &compare(array, Comparison::Eq, value)?)
        })
}

fn compare(array: &ArrayRef, op: Comparison, value: &Value) -> Result<BooleanArray, ArrowError> {
    match literal::for_column(value, array.data_type()) {
        Literal::Exact(scalar) => apply(array, op, &scalar),
        Literal::JustAbove(scalar) => between_steps(array, op, &scalar),
        Literal::BelowAll => Ok(known_where_present(array, above(op))),
        Literal::AboveAll => Ok(known_where_present(array, below(op))),
        // A comparison across types is unknown, as it is to the interpreter.
        Literal::OtherType => Ok(BooleanArray::new_null(array.len())),
    }
}

fn apply(
    array: &ArrayRef,
    op: Comparison,
    scalar: &Scalar<ArrayRef>,
) -> Result<BooleanArray, ArrowError> {
    let (left, right): (&dyn Datum, &dyn Datum) = (array, scalar);
    match op {
        Comparison::Eq => cmp::eq(left, right),
        Comparison::Lt => cmp::lt(left, right),
        Comparison::Le => cmp::lt_eq(left, right),
        Comparison::Gt => cmp::gt(left, right),
        Comparison::Ge => cmp::gt_eq(left, right),
    }
}

/// Compares with a value that lies between `scalar` and the next value the column can hold.
fn between_steps(
    array: &ArrayRef,
    op: Comparison,
    scalar: &Scalar<ArrayRef>,
) -> Result<BooleanArray, ArrowError> {
    match op {
        Comparison::Eq => Ok(known_where_present(array, false)),
        Comparison::Lt | Comparison::Le => apply(array, Comparison::Le, scalar),
        Comparison::Gt | Comparison::Ge => apply(array, Comparison::Gt, scalar),
    }
}

/// What `column op value` is when every value of the column is greater.
fn above(op: Comparison) -> bool {
    matches!(op, Comparison::Gt | Comparison::Ge)
}

/// What it is when every value of the column is less.
fn below(op: Comparison) -> bool {
    matches!(op, Comparison::Lt | Comparison::Le)
}

fn known_where_present(array: &ArrayRef, known: bool) -> BooleanArray {
    let values = constant(known, array.len());
    BooleanArray::new(values.values().clone(), array.logical_nulls())
}

fn prefixed(array: &ArrayRef, prefix: &str) -> BooleanArray {
    if array.data_type() != &DataType::Utf8 {
        return BooleanArray::new_null(array.len());
    }
    let mut builder = BooleanBuilder::with_capacity(array.len());
    for text in array.as_string::<i32>() {
        builder.append_option(text.map(|text| text.starts_with(prefix)));
    }
    builder.finish()
}

fn constant(known: bool, rows: usize) -> BooleanArray {
    BooleanArray::from(vec![known; rows])
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, ArrowError> {
    batch
        .column_by_name(name)
        .ok_or_else(|| ArrowError::SchemaError(format!("column {name} was not read")))
}

/// The columns that must be read for `output` to pass the gate.
pub(super) fn columns_read(output: &SchemaRef, predicate: &Predicate) -> BTreeSet<ColumnName> {
    let asked = output
        .fields()
        .iter()
        .filter_map(|field| ColumnName::parse(field.name()).ok());
    asked.chain(predicate.columns()).collect()
}
