//! Where the registry is, and what every connection to it needs.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::RegistryError;

/// Which database is behind the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A registry's address, read and checked.
#[derive(Clone)]
pub(crate) struct Address {
    kind: Kind,
    options: AnyConnectOptions,
    setup: String,
    folder: Option<PathBuf>,
}

impl Address {
    /// Reads `sqlite:///path/to/weir.db` or `postgres://user@host/database`. The file of the
    /// first is made where it is missing.
    pub(crate) fn parse(url: &str, busy_timeout: Duration) -> Result<Self, RegistryError> {
        if url.starts_with("sqlite:") {
            Self::sqlite(url, busy_timeout)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::postgres(url, busy_timeout)
        } else {
            Err(RegistryError::UnsupportedUrl)
        }
    }

    fn sqlite(url: &str, busy_timeout: Duration) -> Result<Self, RegistryError> {
        // sqlx gives a database in memory a made-up file name, so it is known by its address.
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        let options = SqliteConnectOptions::from_str(url)?;
        let path = options.get_filename();
        if in_memory || path.as_os_str().is_empty() {
            return Err(RegistryError::NotAFile);
        }
        create_private(path)?;
        Ok(Self {
            kind: Kind::Sqlite,
            options: AnyConnectOptions::from_str(&file_url(path)?)?,
            setup: format!(
                // A redeemed token is overwritten with zeros, not only unlinked from its page.
                // FULL is the safe value: writes that may be quicker say so.
                "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;",
                busy_timeout.as_millis()
            ),
            folder: Some(path.parent().map_or_else(PathBuf::new, Path::to_path_buf)),
        })
    }

    fn postgres(url: &str, busy_timeout: Duration) -> Result<Self, RegistryError> {
        Ok(Self {
            kind: Kind::Postgres,
            options: AnyConnectOptions::from_str(url)?,
            setup: format!(
                // A process that hangs in the middle of a step must not hold up all others.
                "SET idle_in_transaction_session_timeout = 30000; SET lock_timeout = {}; SET client_min_messages = warning; \
                 SET default_transaction_isolation = 'read committed';",
                busy_timeout.as_millis()
            ),
            folder: None,
        })
    }

    /// The folder of the file, where there is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn options(&self) -> AnyConnectOptions {
        self.options.clone()
    }

    /// Where to listen for what the database calls out; `SQLite` does not.
    pub(crate) fn listen_url(&self) -> Option<String> {
        (self.kind == Kind::Postgres).then(|| self.options.database_url.to_string())
    }

    /// What a connection that may write runs first.
    pub(crate) fn writer_setup(&self) -> String {
        self.setup.clone()
    }

    /// What a connection that may only read runs first.
    pub(crate) fn reader_setup(&self) -> String {
        let read_only = match self.kind {
            Kind::Sqlite => "PRAGMA query_only = ON;",
            Kind::Postgres => "SET default_transaction_read_only = on;",
        };
        format!("{} {read_only}", self.setup)
    }

    /// The same address with one more thing that every connection runs first.
    #[cfg(test)]
    pub(crate) fn with_setup(mut self, sql: &str) -> Self {
        self.setup.push_str(sql);
        self
    }
}

/// The file's address in the only spelling that survives being read as a URL twice.
fn file_url(path: &Path) -> Result<String, RegistryError> {
    let absolute = std::path::absolute(path).map_err(|cause| RegistryError::File {
        path: path.to_path_buf(),
        cause,
    })?;
    let mut url = String::from("sqlite://");
    for character in absolute.to_string_lossy().chars() {
        match character {
            '%' => url.push_str("%25"),
            '?' => url.push_str("%3F"),
            '#' => url.push_str("%23"),
            _ => url.push(character),
        }
    }
    Ok(url)
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
