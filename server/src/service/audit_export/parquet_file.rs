//! Records as a Parquet file that is handed on while it is written.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field as Column, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use weir_registry::{ColumnKind, Exported, Field};

use super::AuditExportError;

/// How many records a row group has: what is gathered before bytes are handed on.
const ROW_GROUP: usize = 10_000;

/// A Parquet file in the making.
pub(super) struct ParquetFile {
    schema: SchemaRef,
    /// Empty once it is finished.
    writer: Option<ArrowWriter<Vec<u8>>>,
}

impl ParquetFile {
    pub(super) fn new() -> Result<Self, AuditExportError> {
        let columns = Exported::columns().map(|(name, kind)| {
            let kind = match kind {
                ColumnKind::Number => DataType::Int64,
                ColumnKind::Text => DataType::Utf8,
            };
            Column::new(name, kind, true)
        });
        let schema: SchemaRef = Arc::new(Schema::new(columns.collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties))?;
        Ok(Self {
            schema,
            writer: Some(writer),
        })
    }

    /// Adds records; what is complete of the file goes to `bytes`.
    pub(super) fn write(
        &mut self,
        records: &[Exported],
        bytes: &mut Vec<u8>,
    ) -> Result<(), AuditExportError> {
        let batch = batch(&self.schema, records)?;
        if let Some(writer) = &mut self.writer {
            writer.write(&batch)?;
            // The writer counts what it wrote by itself; the buffer only passes it on.
            bytes.append(writer.inner_mut());
        }
        Ok(())
    }

    /// Writes the end of the file.
    pub(super) fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), AuditExportError> {
        if let Some(writer) = self.writer.take() {
            bytes.append(&mut writer.into_inner()?);
        }
        Ok(())
    }
}

impl std::fmt::Debug for ParquetFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetFile").finish_non_exhaustive()
    }
}

fn number(cell: Option<&Field>) -> Option<i64> {
    match cell {
        Some(Field::Number(number)) => Some(*number),
        _ => None,
    }
}

fn text(cell: Option<&Field>) -> Option<&str> {
    match cell {
        Some(Field::Text(text)) => Some(text.as_str()),
        _ => None,
    }
}

fn batch(schema: &SchemaRef, records: &[Exported]) -> Result<RecordBatch, AuditExportError> {
    let columns = Exported::columns().enumerate().map(|(place, (_, kind))| {
        let cells = records.iter().map(|record| record.fields().get(place));
        let column: ArrayRef = match kind {
            ColumnKind::Number => Arc::new(cells.map(number).collect::<Int64Array>()),
            ColumnKind::Text => Arc::new(cells.map(text).collect::<StringArray>()),
        };
        column
    });
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect())?)
}
