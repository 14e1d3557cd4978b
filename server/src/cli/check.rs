//! Checks of what authors wrote, and of what was recorded.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use weir_registry::{ChainStatus, Registry};
use weir_server::content::Content;

use super::Outcome;

/// Policies as code.
#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Reads policies, datasets and dashboards, and runs every decision table.
    Check(Folders),
}

/// Dashboards as code.
#[derive(Debug, Subcommand)]
pub(super) enum Dashboard {
    /// Reads policies, datasets and dashboards, and runs every decision table.
    Check(Folders),
}

/// The audit log.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Walks the hash chain and names the first record that was edited, deleted, moved or cut off.
    Verify(Log),
}

/// Where the documents are.
#[derive(Debug, Args)]
pub(super) struct Folders {
    /// The folder of `*.policy.yaml` and `*.test.yaml`.
    #[arg(long, default_value = "policies")]
    policies: PathBuf,
    /// The folder of `*.dashboard.yaml` and `datasets/`.
    #[arg(long, default_value = "dashboards")]
    dashboards: PathBuf,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// Where the log is.
#[derive(Debug, Args)]
pub(super) struct Log {
    /// The registry's address: `sqlite:///path/to/weir.db`.
    #[arg(long)]
    registry: String,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

impl Policy {
    pub(super) fn run(self) -> Outcome {
        let Self::Check(folders) = self;
        folders.check()
    }
}

impl Dashboard {
    pub(super) fn run(self) -> Outcome {
        let Self::Check(folders) = self;
        folders.check()
    }
}

impl Folders {
    fn check(&self) -> Outcome {
        let (ok, sentence) = match Content::load(&self.policies, &self.dashboards) {
            Ok(content) => (true, summary(&content)),
            Err(error) => (false, format!("{:#}", anyhow::Error::from(error))),
        };
        if self.json {
            println!("{}", json!({ "ok": ok, "message": sentence }));
        } else {
            println!("{sentence}");
        }
        if ok { Outcome::Fine } else { Outcome::Findings }
    }
}

fn summary(content: &Content) -> String {
    format!(
        "{} datasets, {} policies with their decision tables, {} dashboards: all fine",
        content.catalog().datasets().count(),
        content.policies().policies().len(),
        content.dashboards().count(),
    )
}

impl Audit {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let Self::Verify(log) = self;
        let registry = Registry::open(&log.registry)
            .await
            .context("the registry can't be read")?;
        let status = registry
            .audit()
            .verify()
            .await
            .context("the log can't be walked")?;
        let (intact, sentence) = match status {
            ChainStatus::Intact { records, head } => (
                true,
                format!("{records} records, none edited, missing or moved; head {head}"),
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
