//! Node packages for the tests, installed under `target/`: a certified identity provider to sign
//! in against, so that Weir's login is not only tested against Weir's own provider, what drives the
//! browser, and the grammar that Athena's SQL has to pass.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::console::{Outcome, Progress};
use crate::run;
use crate::setup::stamp::{self, Inputs};
use crate::setup::{Blocked, debian};
use crate::workspace::Workspace;

const SOURCE: &str = "xtask/node";
const FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// The `node_modules` directory, installed on first use and whenever the lock file changes.
pub(crate) fn prepare(
    workspace: &Workspace,
    progress: &Progress,
) -> anyhow::Result<(PathBuf, Outcome)> {
    let version = system_node(progress)?;
    let digest = Inputs::default()
        .text(&version)
        .path(workspace.root(), SOURCE)?
        .digest();
    let directory = workspace.target("node");
    let modules = directory.join("node_modules");
    let stamp = directory.join("weir-stamp");
    if stamp::matches(&stamp, &digest) && modules.is_dir() {
        return Ok((modules, Outcome::Ready(version)));
    }
    fs::create_dir_all(&directory)?;
    for file in FILES {
        let from = workspace.path(SOURCE).join(file);
        fs::copy(&from, directory.join(file))
            .with_context(|| format!("copying {}", from.display()))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&directory);
    run::quietly(&mut npm, progress)?;
    stamp::write(&stamp, &digest)?;
    Ok((
        modules,
        Outcome::Done(format!("{version}, the packages of {SOURCE}")),
    ))
}

fn system_node(progress: &Progress) -> anyhow::Result<String> {
    if let Some(version) = usable_node() {
        return Ok(version);
    }
    debian::install(
        &["nodejs", "npm"],
        "an OpenID provider for the login test",
        progress,
    )?;
    usable_node().ok_or_else(|| {
        let reason = "no Node of version 18 or later with npm was found";
        Blocked {
            reason: reason.into(),
            command: "node --version && npm --version".into(),
        }
        .into()
    })
}

fn usable_node() -> Option<String> {
    run::answer(Command::new("npm").arg("--version"))?;
    let version = run::answer(Command::new("node").arg("--version"))?;
    let major: u32 = version.strip_prefix('v')?.split('.').next()?.parse().ok()?;
    (major >= 18).then(|| format!("node {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_names_no_registry() {
        let workspace = Workspace::find().unwrap();

        let lock = workspace.read("xtask/node/package-lock.json").unwrap();

        assert!(!lock.contains("\"resolved\""));
        assert!(!lock.contains("registry"));
    }
}
