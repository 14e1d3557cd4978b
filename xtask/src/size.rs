//! `cargo xtask size --source`: which files have grown past the house style's length.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;

use crate::workspace::Workspace;

const LIMIT: usize = 350;
const ROOTS: [&str; 4] = ["crates", "server", "frontend", "xtask"];

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Measure the source files.
    #[arg(long, required = true)]
    source: bool,
}

/// Prints the offenders, longest first; exit code 1 when there are any.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<ExitCode> {
    ensure!(options.source, "say what to measure: --source");
    let mut files = Vec::new();
    for root in ROOTS {
        rust_files(&workspace.path(root), &mut files)?;
    }
    let mut long = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let lines = lines_without_tests(&text);
        if lines > LIMIT {
            long.push((lines, file));
        }
    }
    long.sort_by(|one, other| other.cmp(one));
    for (lines, file) in &long {
        let name = file.strip_prefix(workspace.root()).unwrap_or(file);
        println!("{lines:>5}  {}", name.display());
    }
    println!(
        "{} files are longer than {LIMIT} lines, tests not counted",
        long.len()
    );
    Ok(if long.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Test files are left out: a long list of cases is easy to read.
fn rust_files(directory: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let path = entry?.path();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !is_test {
            rust_files(&path, files)?;
        } else if !is_test && path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The lines before the test module, which house style puts last.
fn lines_without_tests(text: &str) -> usize {
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_at_the_end_are_not_counted() {
        assert_eq!(
            lines_without_tests("one\ntwo\n#[cfg(test)]\nmod tests {}\n"),
            2
        );
    }
}
