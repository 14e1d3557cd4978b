//! `weir audit export`: a part of the log as a file.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use weir_registry::Registry;
use weir_server::service::audit_export::{AuditExporter, ExportFormat, Span};

use crate::cli::Outcome;
use crate::cli::store::Store;
use crate::cli::when;

/// Writes records of the log to a file.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    #[command(flatten)]
    store: Store,
    /// From when on: a moment such as `2026-03-01T09:30:00Z`, or the start of a day in UTC.
    #[arg(long, value_parser = when::start)]
    from: Option<DateTime<Utc>>,
    /// Up to when, that moment excluded: a moment, or the start of a day in UTC.
    #[arg(long, value_parser = when::start)]
    to: Option<DateTime<Utc>>,
    /// Lines of JSON, or a table.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// The file to write; the standard output unless named.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Says how many records were written as JSON, where a file is named.
    #[arg(long)]
    json: bool,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// One record a line, the stored entry byte for byte.
    Jsonl,
    /// A table for spreadsheets.
    Csv,
    /// A table for everything else.
    Parquet,
}

impl From<Format> for ExportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Jsonl => Self::Jsonl,
            Format::Csv => Self::Csv,
            Format::Parquet => Self::Parquet,
        }
    }
}

impl Export {
    pub(in crate::cli) async fn run(self) -> anyhow::Result<Outcome> {
        if self.out.is_none()
            && matches!(self.format, Format::Parquet)
            && io::stdout().is_terminal()
        {
            bail!("Parquet is nothing to look at: name a file with `--out`");
        }
        let registry = self.store.open().await?;
        let written = self.write(&registry).await;
        registry.close().await?;
        let records = written?;
        let Some(path) = &self.out else {
            return Ok(Outcome::Fine);
        };
        if self.json {
            let said = serde_json::json!({ "ok": true, "records": records, "file": path });
            println!("{said}");
        } else {
            println!("{records} records in `{}`", path.display());
        }
        Ok(Outcome::Fine)
    }

    async fn write(&self, registry: &Registry) -> anyhow::Result<u64> {
        let span = Span {
            from: self.from,
            to: self.to,
        };
        let audit = registry.audit().clone();
        let exporter = AuditExporter::new(audit, span, self.format.into())?;
        let Some(path) = &self.out else {
            return copy(exporter, io::stdout().lock()).await;
        };
        // Under another name until it is whole, so that nobody takes a part for it.
        let part = unfinished(path);
        let file = File::create(&part);
        let file = file.with_context(|| format!("`{}` can't be written", part.display()))?;
        let records = copy(exporter, BufWriter::new(&file)).await?;
        file.sync_all()?;
        std::fs::rename(&part, path)
            .with_context(|| format!("`{}` can't be written", path.display()))?;
        Ok(records)
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

async fn copy(mut exporter: AuditExporter, mut to: impl Write) -> anyhow::Result<u64> {
    // Shown where the standard error is a terminal.
    let style = ProgressStyle::with_template("{spinner} {pos} records, {per_sec}")?;
    let progress = ProgressBar::new_spinner().with_style(style);
    while let Some(part) = exporter.next().await? {
        to.write_all(&part.bytes)?;
        progress.inc(u64::try_from(part.records)?);
    }
    to.flush()?;
    progress.finish_and_clear();
    Ok(progress.position())
}
