//! One door to either database: `SQLite` in a file, or `PostgreSQL`, chosen by the address.
//!
//! Every statement of this crate is written once, with `$1` placeholders and columns of whole
//! numbers, text, bytes and NULL, and means the same on both. What differs is here: how a
//! connection is set up, how a transaction begins and what its commit waits for. One statement has
//! values without names on `SQLite`: the large INSERT of the audit, for speed.

mod address;

use std::fmt;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Transaction};

pub(crate) use self::address::{Address, Kind};
use crate::RegistryError;

/// Embedded in the binary: a server brings its own schema.
static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// `SQLite` has one writer: a pool of one connection queues writers in memory, fairly, where
/// several connections would poll each other's lock with sleeps.
const SQLITE_WRITERS: u32 = 1;
const POSTGRES_WRITERS: u32 = 4;
const READERS: u32 = 4;

/// Where another process still reads, this moves what it can; nothing is lost by that.
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// `SQLITE_CORRUPT` and `SQLITE_NOTADB`.
const DAMAGED: [Option<&str>; 2] = [Some("11"), Some("26")];

/// A transaction that may write.
pub(crate) type Write = Transaction<'static, Any>;

/// How much an acknowledged write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A killed process at once, a power cut once the operating system has written it. `SQLite`:
    /// `synchronous = NORMAL`, the commit is in the write-ahead log, the log is not yet forced
    /// out. `PostgreSQL`: `synchronous_commit = off`, the server forces it out within its
    /// `wal_writer_delay`; a crash of the database server may lose it too.
    Process,
    /// A power cut too, the commit waits for the disk. `SQLite`: `synchronous = FULL`.
    /// `PostgreSQL`: `synchronous_commit = on`, replicas included where the server has some.
    Disk,
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

/// The two pools of a registry.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    kind: Kind,
    /// Where the database calls out, if it can.
    listen: Option<ListenUrl>,
    writer: AnyPool,
    readers: AnyPool,
}

/// It may hold a password: it stays out of logs.
#[derive(Clone)]
struct ListenUrl(String);

impl fmt::Debug for ListenUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Database {
    /// Connects and brings the schema up to date. A missing file is created, a missing
    /// `PostgreSQL` database is not.
    pub(crate) async fn open(address: &Address) -> Result<Self, RegistryError> {
        sqlx::any::install_default_drivers();
        let kind = address.kind();
        let writers = match kind {
            Kind::Sqlite => SQLITE_WRITERS,
            Kind::Postgres => POSTGRES_WRITERS,
        };
        if kind == Kind::Sqlite {
            check_file(address).await?;
        }
        let writer = pool(kind, writers, address.writer_setup())
            .connect_with(address.options())
            .await?;
        let schema = match kind {
            Kind::Sqlite => &SQLITE,
            Kind::Postgres => &POSTGRES,
        };
        bring_up_to_date(schema, &writer).await?;
        let readers = pool(kind, READERS, address.reader_setup())
            .connect_with(address.options())
            .await?;
        Ok(Self {
            kind,
            listen: address.listen_url().map(ListenUrl),
            writer,
            readers,
        })
    }

    /// Starts a transaction that will write. On `SQLite` it is alone until it ends; on
    /// `PostgreSQL` it sees what is committed at each of its statements, so a decision needs a
    /// row lock or one statement that decides.
    pub(crate) async fn write(&self, durability: Durability) -> Result<Write, sqlx::Error> {
        begin_on(&self.writer, begin(self.kind, durability)).await
    }

    /// Starts a transaction that reads the database as it was at one moment.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Any>, sqlx::Error> {
        let begin = match self.kind {
            Kind::Sqlite => "BEGIN",
            Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        begin_on(&self.readers, begin).await
    }

    /// Whether the indexes of a table name all of its rows and nothing else. The chain vouches for
    /// records, not for what they are found by. `PostgreSQL` is
    /// asked nothing: its own `amcheck` and page checksums are for that.
    pub(crate) async fn indexes_hold(
        &self,
        conn: &mut AnyConnection,
        table: &'static str,
    ) -> Result<bool, sqlx::Error> {
        match self.kind {
            Kind::Postgres => Ok(true),
            Kind::Sqlite => {
                let check = format!("PRAGMA integrity_check('{table}')");
                let said: String = sqlx::query_scalar(&check).fetch_one(conn).await?;
                Ok(said == "ok")
            }
        }
    }

    /// A connection that cannot change anything.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Any>, sqlx::Error> {
        self.readers.acquire().await
    }

    /// Where to listen for what the database calls out; `SQLite` does not.
    pub(crate) fn listen_url(&self) -> Option<&str> {
        self.listen.as_ref().map(|ListenUrl(url)| url.as_str())
    }

    /// Connections that cannot change anything.
    pub(crate) fn readers(&self) -> &AnyPool {
        &self.readers
    }

    /// Waits for what is under way and lets go of the database. On `SQLite` it first moves the
    /// write-ahead log into the database file, so that the one file is all there is to copy.
    pub(crate) async fn close(&self) -> Result<(), sqlx::Error> {
        drain(&self.readers).await;
        let moved = if self.writer.is_closed() || self.kind == Kind::Postgres {
            Ok(())
        } else {
            sqlx::query(CHECKPOINT)
                .execute(&self.writer)
                .await
                .map(drop)
        };
        drain(&self.writer).await;
        moved
    }
}

/// Says what is wrong with a file that is no database, or not a whole one. A pool would ask it again
/// and again for five seconds, and then know only that time is over.
async fn check_file(address: &Address) -> Result<(), sqlx::Error> {
    let asked = async {
        let mut conn = AnyConnection::connect_with(&address.options()).await?;
        conn.execute(&*address.writer_setup()).await?;
        conn.close().await
    };
    match asked.await {
        Err(sqlx::Error::Database(said)) if DAMAGED.contains(&said.code().as_deref()) => {
            Err(sqlx::Error::Database(said))
        }
        // Whatever else it is, the pool finds out, and some of it passes.
        _ => Ok(()),
    }
}

async fn bring_up_to_date(schema: &Migrator, writer: &AnyPool) -> Result<(), RegistryError> {
    let newest = schema.iter().map(|migration| migration.version).max();
    schema.run(writer).await.map_err(|refused| match refused {
        MigrateError::VersionMissing(migration) if Some(migration) > newest => {
            RegistryError::Newer { migration }
        }
        other => RegistryError::Schema(other),
    })
}

/// Starts a transaction on one of the connections.
///
/// Where a write fails for want of room, `SQLite` takes the transaction back by itself. The driver's
/// own `ROLLBACK` fails then, and from that moment it takes the connection for one inside a
/// transaction: such a connection is closed, and another one made.
async fn begin_on(pool: &AnyPool, begin: &'static str) -> Result<Write, sqlx::Error> {
    match pool.begin_with(begin).await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            // What it says to that does not matter: it is gone from the pool.
            drop(pool.acquire().await?.close().await);
            pool.begin_with(begin).await
        }
        other => other,
    }
}

/// Closes every connection. A pool looks for idle ones before it waits for the last that is under
/// way, so that one, handed back meanwhile, would stay open; hence again until there is none.
async fn drain(pool: &AnyPool) {
    pool.close().await;
    while pool.size() > 0 {
        tokio::task::yield_now().await;
        pool.close().await;
    }
}

/// Each write says what it needs, so the setting of a shared connection is never assumed.
/// `IMMEDIATE`: a transaction that would write must not start as a reader, or it fails at the
/// first write where it should have waited.
fn begin(kind: Kind, durability: Durability) -> &'static str {
    match (kind, durability) {
        (Kind::Sqlite, Durability::Process) => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
        (Kind::Sqlite, Durability::Disk) => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
        (Kind::Postgres, Durability::Process) => "BEGIN; SET LOCAL synchronous_commit = off",
        (Kind::Postgres, Durability::Disk) => "BEGIN; SET LOCAL synchronous_commit = on",
    }
}

fn pool(kind: Kind, connections: u32, setup: String) -> AnyPoolOptions {
    let setup: std::sync::Arc<str> = setup.into();
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        .after_connect(move |conn, _| {
            let setup = std::sync::Arc::clone(&setup);
            Box::pin(async move { conn.execute(&*setup).await.map(drop) })
        });
    match kind {
        Kind::Postgres => options,
        // A file does not hang up; asking before each use costs more than the write itself.
        Kind::Sqlite => options
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None),
    }
}
