//! `PostgreSQL`'s server programs, which the registry's tests start for themselves.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::console::{Outcome, Progress};
use crate::run;
use crate::setup::browser::located;
use crate::setup::debian;

/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Finds a `PostgreSQL`, or installs Debian's.
pub(crate) fn prepare(progress: &Progress) -> anyhow::Result<(PathBuf, Outcome)> {
    if let Some((path, version)) = find() {
        return Ok((path, Outcome::Ready(version)));
    }
    debian::install(
        &["postgresql"],
        "the registry's tests start a cluster of their own",
        progress,
    )?;
    let (path, version) = find().context("postgresql was installed but does not start")?;
    Ok((path, Outcome::Done(version)))
}

fn find() -> Option<(PathBuf, String)> {
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin/postgres"));
    debian.chain([located("postgres")]).find_map(|program| {
        let version = run::answer(Command::new(&program).arg("--version"))?;
        Some((program, version))
    })
}
