//! `cargo xtask test --mutants`: puts known bugs in, one at a time, and demands that the tests
//! which are there to catch them do.
//!
//! The list is `xtask/mutants.toml`. Nothing happens in the checkout itself: a copy of it lives in
//! `target/mutants`, with a target folder of its own that starts from what is built already.

mod list;
mod scratch;

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use self::list::Mutant;
use self::scratch::{Scratch, Verdict};
use crate::console::{self, Console, Outcome, Progress};
use crate::setup::tools::NEXTEST;
use crate::workspace::Workspace;

/// What became of one bug.
#[derive(Debug)]
struct Tried<'a> {
    mutant: &'a Mutant,
    verdict: Verdict,
    took: Duration,
}

/// Tries every bug whose name contains `only`, and fails when one survives.
pub(crate) fn run(workspace: &Workspace, only: &str) -> anyhow::Result<()> {
    let mut console = Console::new();
    let result = all(workspace, only, &mut console);
    console.summary();
    result
}

fn all(workspace: &Workspace, only: &str, console: &mut Console) -> anyhow::Result<()> {
    let mutants = list::read(workspace)?;
    let mutants: Vec<_> = mutants
        .iter()
        .filter(|mutant| mutant.name.contains(only))
        .collect();
    if mutants.is_empty() {
        bail!("no mutant has `{only}` in its name");
    }
    let nextest = console.obtain(
        "nextest",
        "it tells a red test from a bug that does not build",
        |progress| Ok(NEXTEST.prepare(workspace, progress)),
    )?;
    let nextest = nextest.context("mutants need cargo-nextest, which could not be had")?;
    let scratch = console.obtain(
        "copy",
        "bugs are put into a copy, never into the checkout",
        |_| {
            let scratch = Scratch::make(workspace, nextest)?;
            Ok((scratch, Outcome::Done("target/mutants".to_owned())))
        },
    )?;
    console.step(
        "health",
        "without a bug the same tests must pass",
        |progress| {
            for package in packages(&mutants) {
                let of_it = mutants.iter().filter(|mutant| mutant.package == package);
                let tests: Vec<_> = of_it.map(|mutant| format!("({})", mutant.tests)).collect();
                progress.now(package);
                match scratch.test(package, &tests.join(" or "), progress)? {
                    Verdict::Survived => {}
                    other => bail!("the tests of {package} do not pass without a bug: {other:?}"),
                }
            }
            Ok(Outcome::Done(String::new()))
        },
    )?;
    let tried = console.obtain("bugs", "each must turn its tests red", |progress| {
        let tried = try_each(&scratch, &mutants, progress)?;
        Ok((tried, Outcome::Done(String::new())))
    })?;
    report(&tried)
}

fn packages<'a>(mutants: &[&'a Mutant]) -> Vec<&'a str> {
    let mut packages: Vec<_> = mutants
        .iter()
        .map(|mutant| mutant.package.as_str())
        .collect();
    packages.dedup();
    packages
}

fn try_each<'a>(
    scratch: &Scratch,
    mutants: &[&'a Mutant],
    progress: &Progress,
) -> anyhow::Result<Vec<Tried<'a>>> {
    let mut tried = Vec::new();
    for (done, mutant) in (0_u64..).zip(mutants) {
        progress.counted(done, mutants.len() as u64, &mutant.name);
        let began = Instant::now();
        let verdict = scratch.with(mutant, || {
            scratch.test(&mutant.package, &mutant.tests, progress)
        })?;
        let line = Tried {
            mutant,
            verdict,
            took: began.elapsed(),
        };
        progress.note(&line.told());
        tried.push(line);
    }
    Ok(tried)
}

impl Tried<'_> {
    fn told(&self) -> String {
        let verdict = match &self.verdict {
            Verdict::Caught(tests) => {
                let first = tests.first().map_or("", String::as_str);
                format!("caught {} times: {first}", tests.len())
            }
            Verdict::Survived => "SURVIVED".to_owned(),
            Verdict::Unbuilt(why) => format!("DOES NOT BUILD: {why}"),
        };
        format!(
            "{:<44} {:>7}  {verdict}",
            self.mutant.name,
            console::seconds(self.took)
        )
    }
}

fn report(tried: &[Tried<'_>]) -> anyhow::Result<()> {
    let missed: Vec<_> = tried
        .iter()
        .filter(|one| !matches!(one.verdict, Verdict::Caught(_)))
        .collect();
    println!(
        "\n{} of {} bugs were caught.",
        tried.len() - missed.len(),
        tried.len()
    );
    for one in &missed {
        println!(
            "  {}: {}\n    {}",
            one.mutant.name,
            one.mutant.bug,
            one.told()
        );
    }
    if missed.is_empty() {
        Ok(())
    } else {
        bail!("the tests miss {} bugs", missed.len())
    }
}
