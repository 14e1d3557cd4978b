//! The folders authors write in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use weir_registry::{ContentPath, ContentTree};
use weir_server::content::{Content, folders};

use super::Outcome;

/// Where the documents are.
#[derive(Debug, Clone, Args)]
pub(super) struct Folders {
    /// The folder of `*.policy.yaml` and `*.test.yaml`.
    #[arg(long, default_value = "policies")]
    pub(super) policies: PathBuf,
    /// The folder of `*.dashboard.yaml` and `datasets/`.
    #[arg(long, default_value = "dashboards")]
    pub(super) dashboards: PathBuf,
}

impl Folders {
    /// Weir's folders below `dir`.
    pub(super) fn below(dir: &std::path::Path) -> Self {
        Self {
            policies: dir.join("policies"),
            dashboards: dir.join("dashboards"),
        }
    }

    /// Reads and checks everything.
    pub(super) fn content(&self) -> anyhow::Result<Content> {
        Ok(Content::load(&self.policies, &self.dashboards)?)
    }

    /// Weir's files byte for byte, by the path each is known under.
    pub(super) fn files(&self) -> anyhow::Result<BTreeMap<String, String>> {
        Ok(folders(&self.policies, &self.dashboards)?)
    }

    /// The outcome of checking everything together, for people or programs.
    pub(super) fn check(&self, json: bool) -> Outcome {
        let (ok, sentence) = match self.content() {
            Ok(content) => (true, summary(&content)),
            Err(error) => (false, format!("{error:#}")),
        };
        if json {
            println!("{}", json!({ "ok": ok, "message": sentence }));
        } else {
            println!("{sentence}");
        }
        if ok { Outcome::Fine } else { Outcome::Findings }
    }
}

/// Files as the registry keeps them.
pub(super) fn tree(files: &BTreeMap<String, String>) -> anyhow::Result<ContentTree> {
    let files = files
        .iter()
        .map(|(path, text)| Ok((ContentPath::parse(path.as_str())?, text.clone())));
    let files = files.collect::<Result<Vec<_>, weir_registry::ContentPathError>>()?;
    Ok(ContentTree::new(files)?)
}

fn summary(content: &Content) -> String {
    format!(
        "{} datasets, {} policies with their decision tables, {} dashboards: all fine",
        content.catalog().datasets().count(),
        content.policies().policies().len(),
        content.dashboards().count(),
    )
}
