//! A Python environment under `target/`: the tests read Iceberg and Parquet with libraries that
//! share no code with Weir, and build tables that nobody here wrote.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::console::{Outcome, Progress};
use crate::run;
use crate::setup::stamp::{self, Inputs};
use crate::setup::{Blocked, debian};
use crate::workspace::Workspace;

const REQUIREMENTS: &str = "xtask/requirements.txt";

/// The interpreter of the environment, made on first use and whenever the requirements change.
pub(crate) fn prepare(
    workspace: &Workspace,
    progress: &Progress,
) -> anyhow::Result<(PathBuf, Outcome)> {
    let version = system_python(progress)?;
    let digest = Inputs::default()
        .text(&version)
        .path(workspace.root(), REQUIREMENTS)?
        .digest();
    let directory = workspace.target("venv");
    let python = directory.join("bin/python");
    let stamp = directory.join("weir-stamp");
    if stamp::matches(&stamp, &digest) && python.is_file() {
        return Ok((python, Outcome::Ready(version)));
    }
    if directory.exists() {
        fs::remove_dir_all(&directory)
            .with_context(|| format!("removing the old {}", directory.display()))?;
    }
    let mut create = workspace.command("python3", &["-m", "venv"]);
    run::quietly(create.arg(&directory), progress)?;
    let mut pip = workspace.command(&python, &["-m", "pip", "install", "--no-input", "-r"]);
    run::quietly(pip.arg(REQUIREMENTS), progress)?;
    stamp::write(&stamp, &digest)?;
    Ok((
        python,
        Outcome::Done(format!("{version}, the packages of {REQUIREMENTS}")),
    ))
}

fn system_python(progress: &Progress) -> anyhow::Result<String> {
    if let Some(version) = usable_python() {
        return Ok(version);
    }
    debian::install(
        &["python3", "python3-venv"],
        "the tests read tables with it",
        progress,
    )?;
    usable_python().ok_or_else(|| {
        let reason = "no Python of version 3.10 or later with the `venv` module was found";
        Blocked {
            reason: reason.into(),
            command: "python3 -m ensurepip --version".into(),
        }
        .into()
    })
}

/// The version, when it is recent enough and can make environments.
fn usable_python() -> Option<String> {
    let script = "import sys, venv, ensurepip; assert sys.version_info >= (3, 10); \
                  print('Python', sys.version.split()[0])";
    run::answer(Command::new("python3").args(["-c", script]))
}
