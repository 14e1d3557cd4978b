//! `weir policy test`: every case of every decision table, for people and for build servers.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use weir_policy::decision_table::CaseOutcome;
use weir_server::content::Content;

use crate::cli::Outcome;
use crate::cli::folders::Folders;

/// Runs decision tables.
#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    #[command(flatten)]
    folders: Folders,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
    /// Writes the outcome as XML that build servers read (`JUnit`) into this file, too.
    #[arg(long)]
    junit: Option<PathBuf>,
}

impl Test {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let Folders {
            policies,
            dashboards,
        } = &self.folders;
        let outcomes = Content::decisions(policies, dashboards)?;
        if let Some(path) = &self.junit {
            write_junit(path, &outcomes)?;
        }
        if self.json {
            println!("{}", serde_json::to_string(&outcomes)?);
        } else {
            print(&outcomes);
        }
        Ok(if outcomes.iter().all(CaseOutcome::passed) {
            Outcome::Fine
        } else {
            Outcome::Findings
        })
    }
}

fn print(outcomes: &[CaseOutcome]) {
    for outcome in outcomes {
        let word = if outcome.passed() { "ok    " } else { "FAILED" };
        println!("{word}  {}: {}", outcome.file(), outcome.name());
        for failure in outcome.failures() {
            println!("        {failure}");
        }
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    println!("{} cases, {failed} failed", outcomes.len());
}

/// One suite per file, in the order of the files.
fn write_junit(path: &Path, outcomes: &[CaseOutcome]) -> anyhow::Result<()> {
    let mut report = Report::new("weir policy test");
    for of_file in outcomes.chunk_by(|one, next| one.file() == next.file()) {
        let Some(first) = of_file.first() else {
            continue;
        };
        let mut suite = TestSuite::new(first.file());
        suite.add_test_cases(of_file.iter().map(test_case));
        report.add_test_suite(suite);
    }
    let xml = report
        .to_string()
        .context("the report can't be written as XML")?;
    std::fs::write(path, xml).with_context(|| format!("`{}` can't be written", path.display()))
}

fn test_case(outcome: &CaseOutcome) -> TestCase {
    let status = if outcome.passed() {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(outcome.failures().join("; "));
        status
    };
    TestCase::new(outcome.name(), status)
}
