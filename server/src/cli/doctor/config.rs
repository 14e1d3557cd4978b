//! `weir doctor --config weir.toml`: whether the engine of a configuration could serve.

use std::path::Path;

use serde_json::json;
use weir_server::app::lake;
use weir_server::config::Config;
use weir_server::service::examine::{Finding, Weight, examine};

use crate::cli::Outcome;

/// Looks at the engine, its workgroups and the tables. Notes are told and are no findings.
pub(super) async fn run(file: &Path, json: bool) -> anyhow::Result<Outcome> {
    let config = Config::load(file)?;
    let lake = lake(&config)?;
    let findings = examine(&config.content, &lake).await;
    if json {
        println!("{}", json!({ "findings": findings }));
    } else {
        print(&findings);
    }
    let bad = findings.iter().any(|one| one.severity > Weight::Note);
    Ok(if bad {
        Outcome::Findings
    } else {
        Outcome::Fine
    })
}

fn print(findings: &[Finding]) {
    for finding in findings {
        let weight = match finding.severity {
            Weight::Note => "note",
            Weight::Warning => "warning",
            Weight::Error => "error",
        };
        println!("{weight}: {}: {}", finding.about, finding.says);
        println!("  change: {}\n", finding.change);
    }
    if findings.is_empty() {
        println!("the engine can be asked, and every dataset has its table");
    }
}
