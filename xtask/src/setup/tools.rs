//! Cargo's companions: nextest and cargo-deny, built into `target/tools` when they are missing.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::console::{Outcome, Progress};
use crate::run;
use crate::workspace::Workspace;

/// A cargo subcommand that may have to be built first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    /// The crate and the program.
    pub(crate) name: &'static str,
    /// The word after `cargo`.
    pub(crate) subcommand: &'static str,
}

pub(crate) const NEXTEST: Tool = Tool {
    name: "cargo-nextest",
    subcommand: "nextest",
};
pub(crate) const DENY: Tool = Tool {
    name: "cargo-deny",
    subcommand: "deny",
};

impl Tool {
    /// The program: the one on this machine, or one built from source.
    ///
    /// A tool that can't be had is no error; the caller has another way and the outcome says why.
    pub(crate) fn prepare(
        self,
        workspace: &Workspace,
        progress: &Progress,
    ) -> (Option<PathBuf>, Outcome) {
        let built = workspace.target("tools/bin").join(self.name);
        for program in [PathBuf::from(self.name), built.clone()] {
            if let Some(version) = self.version(&program) {
                return (Some(program), Outcome::Ready(version));
            }
        }
        progress.note(&format!(
            "building {} from source: it is not installed",
            self.name
        ));
        let installed = run::quietly(&mut self.install(workspace), progress);
        drop(fs::remove_dir_all(workspace.target("tools/build")));
        match (installed, self.version(&built)) {
            (Ok(_), Some(version)) => (Some(built), Outcome::Done(version)),
            (Ok(_), None) => (
                None,
                Outcome::Skipped(format!("{} does not start", self.name)),
            ),
            (Err(error), _) => {
                let last = format!("{error:#}");
                let last = last
                    .lines()
                    .rev()
                    .find(|line| line.contains("error"))
                    .unwrap_or("");
                let note = format!("{} could not be built; {}", self.name, last.trim());
                (None, Outcome::Skipped(note))
            }
        }
    }

    /// The program with its subcommand in front, as cargo would call it.
    pub(crate) fn command(self, workspace: &Workspace, program: &PathBuf) -> Command {
        let mut command = workspace.command(program, &[self.subcommand]);
        command.env("CARGO_TARGET_DIR", workspace.target(""));
        command
    }

    fn version(self, program: &PathBuf) -> Option<String> {
        let answer = run::answer(Command::new(program).args([self.subcommand, "--version"]))?;
        answer.lines().next().map(str::to_owned)
    }

    fn install(self, workspace: &Workspace) -> Command {
        let mut command = workspace.cargo(&["install", "--locked", self.name, "--root"]);
        command.arg(workspace.target("tools"));
        command.env("CARGO_TARGET_DIR", workspace.target("tools/build"));
        command
    }
}
