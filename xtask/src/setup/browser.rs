//! Chromium, which the browser tests drive.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::console::{Outcome, Progress};
use crate::run;
use crate::setup::debian;

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// Finds a Chromium, or installs Debian's.
pub(crate) fn prepare(progress: &Progress) -> anyhow::Result<(PathBuf, Outcome)> {
    if let Some((path, version)) = find() {
        return Ok((path, Outcome::Ready(version)));
    }
    debian::install(&["chromium"], "the browser tests drive it", progress)?;
    let (path, version) = find().context("chromium was installed but does not start")?;
    Ok((path, Outcome::Done(version)))
}

fn find() -> Option<(PathBuf, String)> {
    let chosen = std::env::var_os("WEIR_CHROMIUM");
    let known = NAMES.iter().chain([&MAC]).map(OsStr::new);
    chosen.as_deref().into_iter().chain(known).find_map(|name| {
        let version = run::answer(Command::new(name).arg("--version"))?;
        Some((located(name), version))
    })
}

/// The full path of a program, so that a test needs no search path.
pub(crate) fn located(name: impl AsRef<Path>) -> PathBuf {
    let name = name.as_ref();
    let directories = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&directories).map(|directory| directory.join(name));
    found
        .into_iter()
        .find(|path| path.is_file())
        .unwrap_or_else(|| name.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_the_search_path_gets_its_full_path() {
        assert!(located("cargo").is_absolute());
    }

    #[test]
    fn an_unknown_program_keeps_its_name() {
        assert_eq!(
            located("weir-no-such-program"),
            Path::new("weir-no-such-program")
        );
    }
}
