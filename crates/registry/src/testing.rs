//! A temporary `PostgreSQL` for tests, with a database of its own for each of them.
//!
//! The first test that asks starts a cluster in the folder for temporary files; the others, in
//! this process or another, use the same one. It is reached by a socket in a private folder, so
//! there is no port to collide on and nothing to reach from outside. Each test holds a shared
//! lock while it runs. A small process waits until nobody does, stops the cluster and removes it;
//! that holds for tests that were killed too, because a lock ends with its process.

mod cluster;

use std::fmt;
use std::io;
use std::process::Output;
use std::sync::atomic::{AtomicU32, Ordering};

use self::cluster::Cluster;

/// A database of one test, dropped with it.
#[derive(Debug)]
pub struct PostgresDatabase {
    cluster: Cluster,
    name: String,
}

/// Why there is no `PostgreSQL` for a test.
#[derive(Debug)]
pub enum PostgresError {
    /// The programs are not there.
    NotInstalled,
    /// A program said no.
    Program {
        /// Which.
        program: &'static str,
        /// What it said.
        said: String,
    },
    /// Folder, lock or process.
    Io(io::Error),
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl PostgresDatabase {
    /// An empty database, in a cluster that is started where none runs. Blocks meanwhile.
    ///
    /// # Errors
    /// [`PostgresError`] says what to install or what went wrong. Tests fail with it; they are
    /// not skipped.
    pub fn create() -> Result<Self, PostgresError> {
        let cluster = Cluster::lease()?;
        let name = format!(
            "weir_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        // A process of the same number may have left one behind.
        cluster.client("dropdb", &["--force", "--if-exists", &name])?;
        cluster.client("createdb", &[&name])?;
        Ok(Self { cluster, name })
    }

    /// Its address, as the registry takes it.
    #[must_use]
    pub fn url(&self) -> String {
        let folder = self.cluster.socket_folder().display().to_string();
        format!("postgres://weir@localhost/{}?host={folder}", self.name)
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        // What cannot be dropped goes with the cluster.
        drop(
            self.cluster
                .client("dropdb", &["--force", "--if-exists", &self.name]),
        );
    }
}

impl PostgresError {
    fn from_output(program: &'static str, output: &Output) -> Self {
        Self::Program {
            program,
            said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }
    }
}

impl fmt::Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => f.write_str(
                "these tests need PostgreSQL's programs (`initdb`, `pg_ctl`): \
                 `apt-get install postgresql`, or put their folder into PATH",
            ),
            Self::Program { program, said } => write!(f, "`{program}` failed: {said}"),
            Self::Io(_) => f.write_str("the temporary PostgreSQL could not be set up"),
        }
    }
}

impl std::error::Error for PostgresError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(cause) => Some(cause),
            Self::NotInstalled | Self::Program { .. } => None,
        }
    }
}

impl From<io::Error> for PostgresError {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}
