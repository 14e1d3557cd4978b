//! What an operator should know about a configuration before it serves: the engine, its workgroups,
//! and whether every dataset's table is there and is what was declared.

use serde::Serialize;
use weir_engine::{Drift, LakeError, Severity};
use weir_query::{Catalog, Dataset};

use super::lake::Lake;
use crate::config::ContentConfig;
use crate::content::Content;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about: `engine`, `content`, `workgroup NAME` or `dataset NAME`.
    pub about: String,
    /// How bad it is.
    pub severity: Weight,
    /// What was found.
    pub says: String,
    /// What to do about it.
    pub change: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Good to know.
    Note,
    /// It works, and could be better.
    Warning,
    /// Nothing is served with it.
    Error,
}

/// Looks at everything, and stops at nothing.
pub async fn examine(content: &ContentConfig, lake: &Lake) -> Vec<Finding> {
    let mut findings = workgroups(lake).await;
    match Content::load(&content.policies, &content.dashboards) {
        Ok(content) => {
            for dataset in content.catalog().datasets() {
                findings.extend(table(lake, dataset).await);
            }
        }
        Err(error) => findings.push(Finding {
            about: "content".to_owned(),
            severity: Weight::Error,
            says: told(&error),
            change: "run `weir policy check` and `weir dashboard check`".to_owned(),
        }),
    }
    findings
}

async fn workgroups(lake: &Lake) -> Vec<Finding> {
    let found = match lake.check().await {
        Ok(found) => found,
        Err(error) => {
            return vec![Finding {
                about: "engine".to_owned(),
                severity: Weight::Error,
                says: told(&error),
                change: "look at `[athena]`, and at what the process may do at AWS".to_owned(),
            }];
        }
    };
    let finding = |found: weir_engine::Finding| Finding {
        about: format!("workgroup {}", found.workgroup),
        severity: match found.severity {
            Severity::Warning => Weight::Warning,
            Severity::Error => Weight::Error,
        },
        says: found.what,
        change: found.do_what,
    };
    found.into_iter().map(finding).collect()
}

/// One dataset by itself, so that one that is broken hides no other.
async fn table(lake: &Lake, dataset: &Dataset) -> Vec<Finding> {
    let about = format!("dataset {}", dataset.name());
    let alone = Catalog::build([dataset.clone()]).unwrap_or_default();
    let engine = match lake.engine(&alone).await {
        Ok(engine) => engine,
        Err(error) => return vec![unfit(about, &error, cure(&error))],
    };
    match engine.tables().await {
        Ok(tables) => {
            let drift = tables.drift.iter();
            drift.map(|drift| note(&about, drift)).collect()
        }
        Err(error) => vec![unfit(about, &error, UNREADABLE)],
    }
}

const UNREADABLE: &str = "make the metadata of the table readable to the process";

fn unfit(about: String, error: &dyn std::error::Error, change: &str) -> Finding {
    Finding {
        about,
        severity: Weight::Error,
        says: told(error),
        change: change.to_owned(),
    }
}

/// A table that can't be read as declared has no engine by now; what is left was added.
fn note(about: &str, drift: &Drift) -> Finding {
    Finding {
        about: about.to_owned(),
        severity: Weight::Note,
        says: drift.to_string(),
        change: "declare it in the dataset if people may ask about it".to_owned(),
    }
}

fn cure(error: &LakeError) -> &'static str {
    match error {
        LakeError::NoColumn { .. } | LakeError::ColumnType { .. } => {
            "declare in the dataset what the table has, or bring it back into the table"
        }
        LakeError::NoTable { .. } | LakeError::Outside { .. } => {
            "name in the dataset a table that is in the lake"
        }
        LakeError::NotIceberg { .. } => "make an Iceberg table of it; Athena can, by CTAS",
        LakeError::Elsewhere { .. } => "leave out `source`",
        _ => UNREADABLE,
    }
}

/// The error and all that it came from.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let causes = causes.map(ToString::to_string);
    let all: Vec<_> = std::iter::once(error.to_string()).chain(causes).collect();
    all.join(": ")
}
