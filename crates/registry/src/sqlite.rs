//! Connections: one that writes, a few that read, and how hard a commit tries.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use crate::RegistryError;

/// Embedded in the binary: a server brings its own schema.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

const READERS: u32 = 4;

/// Where another process still reads, this moves what it can; nothing is lost by that.
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// How much an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A killed process at once, a power cut once the operating system has written it: `SQLite`'s
    /// `synchronous = NORMAL`: the commit is in the write-ahead log, the log is not yet forced out.
    Process,
    /// A power cut too: `synchronous = FULL`, the commit waits for the disk.
    Disk,
}

impl Durability {
    /// Each write says what it needs, so the setting of a shared connection is never assumed.
    /// `IMMEDIATE`: a transaction that would write must not start as a reader, or it fails at the
    /// first write where it should have waited.
    fn begin(self) -> &'static str {
        match self {
            Self::Process => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
            Self::Disk => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
        }
    }
}

/// Why a store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, is locked, full or gone.
    #[error("the registry database did not answer")]
    Database(#[from] sqlx::Error),
    /// A stored value is not what this version writes there.
    #[error("the registry holds an unreadable value in `{column}`")]
    Corrupt {
        /// Table and column.
        column: &'static str,
    },
}

/// The two pools of a registry. `SQLite` has one writer: a pool of one connection queues writers
/// in memory, fairly, where several connections would poll each other's lock with sleeps.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Database {
    /// Connects, creating file and schema where they are missing.
    pub(crate) async fn open(options: SqliteConnectOptions) -> Result<Self, RegistryError> {
        let writer = pool(1).connect_with(options.clone()).await?;
        MIGRATIONS.run(&writer).await?;
        let readers = pool(READERS)
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        Ok(Self { writer, readers })
    }

    /// Starts a transaction that will write.
    pub(crate) async fn write(
        &self,
        durability: Durability,
    ) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with(durability.begin()).await
    }

    /// Connections that cannot change anything.
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Waits for what is under way, moves the write-ahead log into the database file, so that the
    /// one file is all there is to copy, and lets go of it.
    pub(crate) async fn close(&self) -> Result<(), sqlx::Error> {
        self.readers.close().await;
        let moved = if self.writer.is_closed() {
            Ok(())
        } else {
            sqlx::query(CHECKPOINT)
                .execute(&self.writer)
                .await
                .map(drop)
        };
        self.writer.close().await;
        moved
    }
}

/// Reads the registry's address and sets what every connection needs.
pub(crate) fn connect_options(
    url: &str,
    busy_timeout: Duration,
) -> Result<SqliteConnectOptions, RegistryError> {
    if !url.starts_with("sqlite:") {
        return Err(RegistryError::UnsupportedUrl);
    }
    // sqlx gives a database in memory a made-up file name, so it is known by its address.
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    let options = SqliteConnectOptions::from_str(url)?;
    let path = options.get_filename();
    if in_memory || path.as_os_str().is_empty() {
        return Err(RegistryError::NotAFile);
    }
    create_private(path)?;
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // The safe value: writes that may be quicker say so, see `Durability::begin`.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(busy_timeout)
        // A redeemed token is overwritten with zeros, not only unlinked from its page.
        .pragma("secure_delete", "ON"))
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        // A file does not hang up; asking before each use costs more than the write itself.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Sessions and launch tokens are in this file: on Unix nobody else may read it. `SQLite` gives its
/// write-ahead log the same rights.
fn create_private(path: &Path) -> Result<(), RegistryError> {
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(cause) => Err(RegistryError::File {
            path: path.to_path_buf(),
            cause,
        }),
    }
}
