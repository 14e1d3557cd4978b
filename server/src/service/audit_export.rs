//! A part of the audit log as a file: lines of JSON, a table as CSV or Parquet. Read page by page
//! and written as it is read, so that a log of any length takes the same memory.

mod parquet_file;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use weir_registry::{AuditError, AuditLog, AuditOrder, AuditQuery, Exported};

use self::parquet_file::ParquetFile;

/// How many records are read at once.
const PAGE: u32 = 1000;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// One record a line, the stored entry byte for byte.
    Jsonl,
    /// A table for spreadsheets.
    Csv,
    /// A table for everything else.
    Parquet,
}

/// Which records: those that happened from one moment on, up to another and not at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// From when on; from the first record where there is none.
    pub from: Option<DateTime<Utc>>,
    /// Up to when; up to the last where there is none.
    pub to: Option<DateTime<Utc>>,
}

/// Why an export ends early. What was written of it is not whole.
#[derive(Debug, thiserror::Error)]
pub enum AuditExportError {
    /// The log can't be read.
    #[error("the audit log can't be read")]
    Audit(#[from] AuditError),
    /// The table can't be written.
    #[error("the table can't be written")]
    Table(#[from] parquet::errors::ParquetError),
    /// A page of records makes no table.
    #[error("a page of records makes no table")]
    Batch(#[from] arrow::error::ArrowError),
}

/// An export on its way.
#[derive(Debug)]
pub struct AuditExporter {
    audit: AuditLog,
    query: AuditQuery,
    file: File,
    step: Step,
}

#[derive(Debug)]
enum File {
    Jsonl,
    Csv,
    Parquet(Box<ParquetFile>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Start,
    Pages,
    Done,
}

/// The next part of the file.
#[derive(Debug)]
pub struct Part {
    /// Its bytes; may be none while a table is being gathered.
    pub bytes: Vec<u8>,
    /// How many records were read for it.
    pub records: usize,
}

impl ExportFormat {
    /// Its name, which is how the file's name ends, too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// What HTTP calls it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

impl AuditExporter {
    /// Begins an export; nothing is read yet.
    ///
    /// # Errors
    /// [`AuditExportError::Table`] when no table can be begun.
    pub fn new(
        audit: AuditLog,
        span: Span,
        format: ExportFormat,
    ) -> Result<Self, AuditExportError> {
        Ok(Self {
            audit,
            query: AuditQuery {
                from: span.from,
                to: span.to,
                order: AuditOrder::OldestFirst,
                limit: PAGE,
                ..AuditQuery::default()
            },
            file: match format {
                ExportFormat::Jsonl => File::Jsonl,
                ExportFormat::Csv => File::Csv,
                ExportFormat::Parquet => File::Parquet(Box::new(ParquetFile::new()?)),
            },
            step: Step::Start,
        })
    }

    /// The next part; `None` behind the last.
    ///
    /// # Errors
    /// [`AuditExportError`]; then the file is not whole.
    pub async fn next(&mut self) -> Result<Option<Part>, AuditExportError> {
        let mut bytes = Vec::new();
        match self.step {
            Step::Done => return Ok(None),
            Step::Start if matches!(self.file, File::Csv) => {
                bytes.extend(Exported::csv_header().into_bytes());
                bytes.extend(b"\r\n");
            }
            Step::Start | Step::Pages => {}
        }
        let page = self.audit.export_matching(&self.query).await?;
        self.write(&page.records, &mut bytes)?;
        self.query.after = page.next.or(self.query.after);
        self.step = Step::Pages;
        if page.next.is_none() {
            self.step = Step::Done;
            if let File::Parquet(file) = &mut self.file {
                file.finish(&mut bytes)?;
            }
        }
        Ok(Some(Part {
            bytes,
            records: page.records.len(),
        }))
    }

    fn write(&mut self, records: &[Exported], bytes: &mut Vec<u8>) -> Result<(), AuditExportError> {
        match &mut self.file {
            File::Jsonl => {
                for record in records {
                    bytes.extend(record.json_line().as_bytes());
                    bytes.push(b'\n');
                }
            }
            File::Csv => {
                for record in records {
                    bytes.extend(record.csv_line().into_bytes());
                    bytes.extend(b"\r\n");
                }
            }
            File::Parquet(file) => file.write(records, bytes)?,
        }
        Ok(())
    }
}
