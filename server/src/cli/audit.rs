//! `weir audit`: what was recorded.

mod export;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use weir_registry::{ChainStatus, Checkpoint, Verification, Witness};
use weir_server::config::public_keys;

use self::export::Export;
use super::Outcome;
use super::store::Store;

/// The audit log.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Walks the hash chain and names the first record that was edited, deleted, moved or cut off.
    Verify(Log),
    /// Writes records of some time to a file: lines of JSON, CSV or Parquet.
    Export(Export),
}

/// Where the log is.
#[derive(Debug, Args)]
pub(super) struct Log {
    #[command(flatten)]
    store: Store,
    /// A public key of checkpoints, in PEM; may be given several times.
    #[arg(long = "key")]
    keys: Vec<PathBuf>,
    /// A copy of the checkpoints that was kept elsewhere.
    #[arg(long)]
    checkpoints: Option<PathBuf>,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let log = match self {
            Self::Verify(log) => log,
            Self::Export(export) => return export.run().await,
        };
        let found = log.verify().await?;
        let (intact, sentence) = match found.status {
            ChainStatus::Intact { records, head } => (
                true,
                format!(
                    "{records} records, none edited, missing or moved; {} of them sealed by {} \
                     signed checkpoints; head {head}",
                    found.sealed, found.checkpoints
                ),
            ),
            ChainStatus::Broken(fault) => (false, fault.to_string()),
        };
        if log.json {
            println!("{}", json!({ "ok": intact, "message": sentence }));
        } else {
            println!("{sentence}");
        }
        Ok(if intact {
            Outcome::Fine
        } else {
            Outcome::Findings
        })
    }
}

impl Log {
    async fn verify(&self) -> anyhow::Result<Verification> {
        let registry = self.store.open().await?;
        let witness = Witness {
            keys: public_keys(&self.keys)?,
            checkpoints: self.checkpoints()?,
        };
        let found = registry.audit().verify_with(&witness).await;
        registry.close().await?;
        found.context("the log can't be walked")
    }

    fn checkpoints(&self) -> anyhow::Result<Vec<Checkpoint>> {
        let Some(path) = &self.checkpoints else {
            return Ok(Vec::new());
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("`{}` can't be read", path.display()))?;
        Ok(Checkpoint::parse_file(&text)?)
    }
}
