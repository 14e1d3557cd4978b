//! Checks of what authors wrote, and of what was recorded.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use weir_registry::{ChainStatus, Checkpoint, Verification, Witness};
use weir_server::config::public_keys;
use weir_server::content::{Content, ContentError, Finding};

use super::Outcome;
use super::export::Export;
use super::policy_test::Test;
use super::store::Store;
use super::who::WhoCouldSee;

/// Policies as code.
#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Reads policies, datasets and dashboards, and runs every decision table.
    Check(Folders),
    /// Runs every case of every decision table, and says which rule decided where one fails.
    Test(Test),
    /// Says who could see a dataset, a column or a unit's rows at some time, and who let them.
    WhoCouldSee(WhoCouldSee),
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
    /// Writes records of some time to a file: lines of JSON, CSV or Parquet.
    Export(Export),
}

/// Where the documents are.
#[derive(Debug, Args)]
pub(super) struct Folders {
    /// The folder of `*.policy.yaml` and `*.test.yaml`.
    #[arg(long, default_value = "policies")]
    pub(super) policies: PathBuf,
    /// The folder of `*.dashboard.yaml` and `datasets/`.
    #[arg(long, default_value = "dashboards")]
    pub(super) dashboards: PathBuf,
    /// Says the outcome as JSON.
    #[arg(long)]
    pub(super) json: bool,
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

impl Policy {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::WhoCouldSee(question) => question.run().await,
            Self::Check(folders) => folders.check(),
            Self::Test(test) => test.run(),
        }
    }
}

impl Dashboard {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let Self::Check(folders) = self;
        folders.check()
    }
}

impl Folders {
    fn check(&self) -> anyhow::Result<Outcome> {
        let (findings, sentence) = match Content::load(&self.policies, &self.dashboards) {
            Ok(content) => (Vec::new(), summary(&content)),
            Err(ContentError::Flawed(findings)) => {
                let sentence = count(&findings);
                (findings, sentence)
            }
            Err(error) => return Err(error.into()),
        };
        let ok = findings.is_empty();
        if self.json {
            let said = json!({ "ok": ok, "message": sentence, "findings": findings });
            println!("{said}");
        } else {
            findings.iter().for_each(|finding| println!("{finding}"));
            println!("{sentence}");
        }
        Ok(if ok { Outcome::Fine } else { Outcome::Findings })
    }
}

fn count(findings: &[Finding]) -> String {
    let files: BTreeSet<_> = findings.iter().map(|finding| &finding.file).collect();
    match (findings.len(), files.len()) {
        (1, _) => "1 finding".to_owned(),
        (many, 1) => format!("{many} findings in one file"),
        (many, files) => format!("{many} findings in {files} files"),
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
