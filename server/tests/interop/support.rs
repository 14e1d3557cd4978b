//! What the tests need of the machine: programs, folders, ports.

use std::ffi::OsStr;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A variable that `cargo xtask test` sets.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told about the machine by their environment, and ask it here alone"
)]
fn told(name: &str) -> PathBuf {
    match std::env::var(name) {
        Ok(path) if !path.is_empty() => PathBuf::from(path),
        _ => panic!("{name} is not set: run the tests by `cargo xtask test`"),
    }
}

/// What `cargo xtask test` says in a variable, as it stands there.
pub(crate) fn told_text(name: &str) -> String {
    told(name).into_os_string().into_string().unwrap()
}

/// The Python interpreter with pyiceberg, `DuckDB` and tpchgen.
pub(crate) fn python() -> PathBuf {
    told("WEIR_PYTHON")
}

/// Where `oidc-provider` is installed.
pub(crate) fn node_modules() -> PathBuf {
    told("WEIR_NODE_MODULES")
}

/// The built browser half.
pub(crate) fn site() -> PathBuf {
    told("WEIR_SITE")
}

/// The `weir` binary.
pub(crate) fn weir_binary() -> PathBuf {
    told("WEIR_BIN")
}

/// A path below the root of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A file beside these tests.
pub(crate) fn beside(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/interop")
        .join(path)
}

/// Runs one of the Python scripts beside these tests and gives what it printed.
pub(crate) fn run_python<A: AsRef<OsStr>>(script: &Path, arguments: &[A]) -> String {
    // `-B`: a test leaves nothing behind in the source tree.
    succeed(Command::new(python()).arg("-B").arg(script).args(arguments))
}

/// Runs `weir` and gives what it printed.
pub(crate) fn run_weir<A: AsRef<OsStr>>(arguments: &[A]) -> String {
    succeed(Command::new(weir_binary()).args(arguments))
}

/// Runs a command that must succeed and gives what it printed.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?} can't run: {e}"));
    let (said, moaned) = (
        output.stdout,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(
        output.status.success(),
        "{command:?} ended with {}:\n{moaned}",
        output.status
    );
    String::from_utf8(said).unwrap()
}

/// Different ports that were free a moment ago.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let taken: [TcpListener; N] =
        std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    taken.map(|listener| {
        listener
            .local_addr()
            .as_ref()
            .map(SocketAddr::port)
            .unwrap()
    })
}

/// A process that ends with the test.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
