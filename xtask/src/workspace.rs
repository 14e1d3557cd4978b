//! Where things are, and how cargo is called on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// The checkout this program was built from.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The directory above `xtask/`.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().context("xtask has no directory above it")?;
        Ok(Self {
            root: root.to_path_buf(),
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.root.join("target").join(relative)
    }

    /// The file's text, with its name in the error.
    pub(crate) fn read(&self, relative: &str) -> anyhow::Result<String> {
        let path = self.path(relative);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }

    /// `cargo …` on this workspace, with everything under `target/`.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("cargo", arguments);
        command.env("CARGO_TARGET_DIR", self.target(""));
        command
    }

    /// Any program, started in the workspace root.
    pub(crate) fn command(
        &self,
        program: impl AsRef<std::ffi::OsStr>,
        arguments: &[&str],
    ) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root);
        // What cargo told xtask about xtask is not for others. Build scripts look at it: with it
        // there, everything above them is built again whenever the next cargo is called by hand.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_PKG_") {
                command.env_remove(name);
            }
        }
        command
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("CARGO_MANIFEST_PATH");
        command
    }
}
