//! A server of Redis' protocol, which the tests of several processes start for themselves.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::console::{Outcome, Progress};
use crate::run;
use crate::setup::browser::located;
use crate::setup::debian;

/// Finds a Redis or a Valkey, or installs Debian's Redis.
pub(crate) fn prepare(progress: &Progress) -> anyhow::Result<(PathBuf, Outcome)> {
    if let Some((path, version)) = find() {
        return Ok((path, Outcome::Ready(version)));
    }
    debian::install(
        &["redis-server"],
        "the tests of several processes share a cache of their own",
        progress,
    )?;
    let (path, version) = find().context("redis-server was installed but does not start")?;
    Ok((path, Outcome::Done(version)))
}

fn find() -> Option<(PathBuf, String)> {
    ["redis-server", "valkey-server"]
        .into_iter()
        .map(located)
        .find_map(|program| {
            let version = run::answer(Command::new(&program).arg("--version"))?;
            Some((program, version))
        })
}
