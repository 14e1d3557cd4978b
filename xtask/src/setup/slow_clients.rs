//! slowhttptest, which plays thousands of slow clients.

use std::path::PathBuf;

use anyhow::Context;

use crate::console::{Outcome, Progress};
use crate::setup::{browser, debian};

const NAME: &str = "slowhttptest";

/// Finds it, or installs Debian's.
pub(crate) fn prepare(progress: &Progress) -> anyhow::Result<(PathBuf, Outcome)> {
    if let Some(path) = find() {
        return Ok((path, Outcome::Ready(String::new())));
    }
    debian::install(&[NAME], "it plays slow clients", progress)?;
    let path = find().context("slowhttptest was installed but is not there")?;
    Ok((path, Outcome::Done(String::new())))
}

/// It has no harmless way to be asked for its version.
fn find() -> Option<PathBuf> {
    Some(browser::located(NAME)).filter(|path| path.is_file())
}
