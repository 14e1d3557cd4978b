//! Three ways to a compiler for the browser half, tried in this order: the target is installed;
//! rustup installs it; Debian's packages bring a compiler with its library source.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::console::Progress;
use crate::run;
use crate::setup::{Blocked, debian};
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
/// A closed network sometimes drops packets instead of refusing them.
const DOWNLOAD_PATIENCE: Duration = Duration::from_mins(3);

/// The way that works on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// The toolchain has the target.
    Toolchain,
    /// Debian's compiler builds the standard library too; linked by rust-lld where one was found.
    Debian { linker: Option<PathBuf> },
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toolchain => write!(f, "the toolchain's own {TARGET} target"),
            Self::Debian { .. } => write!(f, "Debian's rustc-web, with the library from source"),
        }
    }
}

impl Route {
    /// Finds a way, and installs what it takes.
    pub(crate) fn prepare(progress: &Progress) -> anyhow::Result<Self> {
        if target_is_installed() {
            return Ok(Self::Toolchain);
        }
        if add_target(progress) {
            return Ok(Self::Toolchain);
        }
        if !debian::is_debian() {
            return Err(Blocked {
                reason: format!("the Rust toolchain has no {TARGET} target"),
                command: format!("rustup target add {TARGET}"),
            }
            .into());
        }
        debian::install(&PACKAGES, "a compiler for WebAssembly", progress)?;
        Ok(Self::Debian { linker: rust_lld() })
    }

    /// The cargo command that builds the browser half.
    pub(crate) fn build(&self, workspace: &Workspace) -> Command {
        let words = "build --locked --lib -p weir-frontend --features hydrate \
                     --profile wasm-release --target wasm32-unknown-unknown";
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut command = match self {
            Self::Toolchain => workspace.cargo(&words),
            Self::Debian { linker } => debian_cargo(workspace, &words, linker.as_deref()),
        };
        command.env("CARGO_TARGET_DIR", workspace.target("wasm"));
        command
    }
}

fn debian_cargo(workspace: &Workspace, words: &[&str], linker: Option<&Path>) -> Command {
    let mut command = workspace.command("/usr/bin/cargo", words);
    command.args([
        "-Z",
        "build-std=std,panic_abort",
        "-Z",
        "build-std-features=",
    ]);
    let mut path = std::ffi::OsString::from("/usr/bin:");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    command.env("PATH", path).env("RUSTC_BOOTSTRAP", "1");
    // `cargo run` points this at the libraries of the toolchain that built xtask.
    command.env_remove("LD_LIBRARY_PATH");
    if let Some(linker) = linker {
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    command
}

fn target_is_installed() -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    run::answer(&mut rustc).is_some_and(|directory| Path::new(&directory).is_dir())
}

fn add_target(progress: &Progress) -> bool {
    if run::answer(Command::new("rustup").arg("--version")).is_none() {
        return false;
    }
    progress.note(&format!(
        "asking rustup for the {TARGET} target: the compiler lacks it"
    ));
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    let added = run::quietly_within(&mut rustup, progress, DOWNLOAD_PATIENCE);
    if added.is_err() {
        progress.note("rustup could not fetch it; looking for another way");
    }
    added.is_ok() && target_is_installed()
}

/// The linker that comes with rustup's toolchains; Debian's compiler has none for WebAssembly.
fn rust_lld() -> Option<PathBuf> {
    let sysroot = run::answer(Command::new("rustc").args(["--print", "sysroot"]))?;
    let version = run::answer(Command::new("rustc").arg("-vV"))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))?;
    let linker = Path::new(&sysroot)
        .join("lib/rustlib")
        .join(host)
        .join("bin/rust-lld");
    linker.is_file().then_some(linker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_compiler_builds_the_library_and_links_with_the_given_linker() {
        let workspace = Workspace::find().unwrap();
        let route = Route::Debian {
            linker: Some(PathBuf::from("/opt/rust-lld")),
        };

        let command = route.build(&workspace);

        assert_eq!(command.get_program(), "/usr/bin/cargo");
        assert!(run::shown(&command).ends_with("-Z build-std-features="));
        let linker = command
            .get_envs()
            .find(|(name, _)| *name == "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER");
        assert_eq!(linker.unwrap().1.unwrap(), "/opt/rust-lld");
    }

    #[test]
    fn the_toolchain_builds_without_unstable_options() {
        let workspace = Workspace::find().unwrap();

        let command = run::shown(&Route::Toolchain.build(&workspace));

        assert!(!command.contains("-Z"), "{command}");
        assert!(command.contains("--profile wasm-release"), "{command}");
    }
}
