//! The folders authors write in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use weir_registry::{ContentPath, ContentTree};
use weir_server::content::{Content, ContentError, Finding, folders};

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
    pub(super) fn check(&self, json: bool) -> anyhow::Result<Outcome> {
        let (findings, sentence) = match Content::load(&self.policies, &self.dashboards) {
            Ok(content) => (Vec::new(), summary(&content)),
            Err(ContentError::Flawed(findings)) => {
                let sentence = count(&findings);
                (findings, sentence)
            }
            Err(error) => return Err(error.into()),
        };
        let ok = findings.is_empty();
        if json {
            let said = json!({ "ok": ok, "message": sentence, "findings": findings });
            println!("{said}");
        } else {
            for finding in &findings {
                println!("{finding}");
            }
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
