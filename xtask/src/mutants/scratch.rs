//! A copy of the checkout in which bugs live for the length of a test run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::list::Mutant;
use crate::console::Progress;
use crate::workspace::Workspace;

/// What cargo-nextest says when a test failed, and when nothing could be run.
const RED: i32 = 100;

/// The copy.
#[derive(Debug)]
pub(super) struct Scratch {
    tree: PathBuf,
    target: PathBuf,
    nextest: PathBuf,
}

/// What the tests said to a bug.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// These failed.
    Caught(Vec<String>),
    /// All passed.
    Survived,
    /// There was nothing to run.
    Unbuilt(String),
}

impl Scratch {
    /// Copies the files that git knows or would take, and whatever is built of the dependencies.
    pub(super) fn make(workspace: &Workspace, nextest: PathBuf) -> anyhow::Result<Self> {
        let home = workspace.target("mutants");
        let (tree, target) = (home.join("tree"), home.join("target"));
        let mut git = workspace.command(
            "git",
            &[
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
        );
        let listed = git.output().context("asking git for the files")?;
        let names = String::from_utf8(listed.stdout)?;
        // Deleted and not committed yet: git lists it, and it is not there.
        let names: BTreeSet<_> = names
            .split('\0')
            .filter(|name| !name.is_empty() && workspace.path(name).exists())
            .collect();
        for name in &names {
            renew(&workspace.path(name), &tree.join(name))?;
        }
        remove_all_but(&names, &tree, &tree)?;
        if !target.exists() {
            warm(&workspace.target("debug"), &target.join("debug"))?;
        }
        Ok(Self {
            tree,
            target,
            nextest,
        })
    }

    /// Does `work` with the bug in the copy, and takes it out again.
    pub(super) fn with<T>(
        &self,
        mutant: &Mutant,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let path = self.tree.join(&mutant.file);
        let whole = fs::read_to_string(&path)?;
        fs::write(&path, mutant.applied(&whole)?)?;
        let result = work();
        fs::write(&path, whole)?;
        result
    }

    /// Builds and runs tests in the copy.
    pub(super) fn test(
        &self,
        package: &str,
        filter: &str,
        progress: &Progress,
    ) -> anyhow::Result<Verdict> {
        let selection: &[&str] = match package {
            "http" => &["--workspace", "--exclude", "xtask", "--test", "http"],
            "weir-engine" => &["--workspace", "--exclude", "xtask", "--lib"],
            alone => &["--package", alone],
        };
        let filter = match package {
            "weir-engine" => format!("package(weir-engine) and ({filter})"),
            _ => filter.to_owned(),
        };
        progress.now(&format!("{package}: {filter}"));
        let mut command = Command::new(&self.nextest);
        command
            .args([
                "nextest",
                "run",
                "--locked",
                "--no-fail-fast",
                "--hide-progress-bar",
            ])
            .args(["--status-level", "fail", "--final-status-level", "fail"])
            .args(["--failure-output", "never"])
            .args(selection)
            .args(["-E", &filter])
            .env("CARGO_TARGET_DIR", &self.target)
            // Nobody looks at these in a debugger, and they take half of the room.
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .env("CARGO_TERM_COLOR", "never")
            .env("RUST_BACKTRACE", "0")
            .current_dir(&self.tree)
            .stdin(Stdio::null());
        let output = command.output().context("starting cargo-nextest")?;
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Ok(Verdict::Survived),
            Some(RED) => Ok(Verdict::Caught(failed(&said))),
            Some(_) => Ok(Verdict::Unbuilt(first_error(&said))),
            None => bail!("cargo-nextest was ended by a signal"),
        }
    }
}

/// The names of the tests that failed, each once.
fn failed(said: &str) -> Vec<String> {
    let lines = said.lines().map(str::trim_start).filter(|line| {
        ["FAIL ", "TIMEOUT ", "ABORT ", "SIGABRT ", "SIGSEGV "]
            .iter()
            .any(|mark| line.starts_with(mark))
    });
    let mut names: Vec<_> = lines
        .filter_map(|line| line.rsplit(' ').next().map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn first_error(said: &str) -> String {
    let line = said.lines().find(|line| line.starts_with("error"));
    line.unwrap_or("no reason was given").to_owned()
}

/// What is built of the dependencies, so that it is not built again: linked where the disk can,
/// with the times it has, by which cargo tells that nothing changed.
fn warm(from: &Path, to: &Path) -> anyhow::Result<()> {
    for folder in [".fingerprint", "build"] {
        if from.join(folder).exists() {
            copy_all(&from.join(folder), &to.join(folder))?;
        }
    }
    let Ok(built) = fs::read_dir(from.join("deps")) else {
        return Ok(());
    };
    for entry in built {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_library = matches!(extension, Some("rlib" | "rmeta" | "so" | "dylib"));
        let target = to.join("deps").join(name);
        if is_library && !name.starts_with("libweir") {
            fs::create_dir_all(to.join("deps"))?;
            if fs::hard_link(&path, &target).is_err() {
                copy(&path, &target)?;
            }
        } else if is_library || extension == Some("d") {
            copy(&path, &target)?;
        }
    }
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Makes `to` what `from` is. A copy that says something else, a bug of an earlier run perhaps, was
/// built like that, so it must get a new time; one that is the same must keep its own.
fn renew(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !to.exists() {
        return copy(from, to);
    }
    let whole = fs::read(from)?;
    if fs::read(to)? != whole {
        fs::write(to, whole)?;
    }
    Ok(())
}

/// Removes files that are not in the checkout any more: a test target is found by its file.
fn remove_all_but(names: &BTreeSet<&str>, folder: &Path, tree: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_all_but(names, &path, tree)?;
        } else if !path
            .strip_prefix(tree)?
            .to_str()
            .is_some_and(|name| names.contains(name))
        {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// A copy with the time of the original.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
    let modified = fs::metadata(from)?.modified()?;
    fs::File::options()
        .append(true)
        .open(to)?
        .set_modified(modified)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_that_failed_are_named_once() {
        let said = "    Starting 3 tests\n        FAIL [   0.02s] (1/3) weir-policy::failures f25_a\n\
                    \x20       FAIL [   0.02s] weir-policy::failures f25_a\n  Summary\n";

        assert_eq!(failed(said), ["f25_a"]);
    }

    #[test]
    fn a_copy_is_touched_only_where_it_says_something_else() {
        let home = std::env::temp_dir().join(format!("weir-scratch-{}", std::process::id()));
        let (from, to) = (home.join("from"), home.join("to"));
        fs::create_dir_all(&home).unwrap();
        fs::write(&from, "whole").unwrap();
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();

        renew(&from, &to).unwrap();
        assert_eq!(time(&to), time(&from));
        let old = std::time::SystemTime::UNIX_EPOCH;
        fs::File::options()
            .append(true)
            .open(&to)
            .unwrap()
            .set_modified(old)
            .unwrap();
        renew(&from, &to).unwrap();
        assert_eq!(time(&to), old);
        fs::write(&to, "a bug").unwrap();
        fs::File::options()
            .append(true)
            .open(&to)
            .unwrap()
            .set_modified(old)
            .unwrap();
        renew(&from, &to).unwrap();

        assert_eq!(fs::read_to_string(&to).unwrap(), "whole");
        assert!(time(&to) > old);
        fs::remove_dir_all(&home).unwrap();
    }

    #[test]
    fn the_reason_why_nothing_was_run_is_handed_on() {
        assert_eq!(
            first_error("x\nerror[E0308]: mismatched types\n"),
            "error[E0308]: mismatched types"
        );
    }
}
