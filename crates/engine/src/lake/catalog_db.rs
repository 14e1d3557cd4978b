//! The `SQLite` catalogs of a lake folder.
//!
//! iceberg-rust and pyiceberg keep the same table `iceberg_tables`, under whatever catalog name
//! their writer chose. Weir only reads it, so it reads the table itself instead of opening a
//! catalog: no name to configure, no chance to write.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::LakeError;

/// The `SQLite` files of one lake folder that hold an Iceberg catalog.
#[derive(Debug)]
pub(crate) struct Catalogs(Vec<CatalogFile>);

#[derive(Debug)]
struct CatalogFile {
    path: PathBuf,
    pool: SqlitePool,
}

impl Catalogs {
    /// Finds the catalogs in `dir`; none is fine.
    pub(crate) async fn find(dir: &Path) -> Result<Self, LakeError> {
        let mut found = Vec::new();
        for path in database_files(dir)? {
            let options = SqliteConnectOptions::new().filename(&path).read_only(true);
            let pool = SqlitePoolOptions::new()
                .max_connections(1)
                .connect_lazy_with(options);
            let file = CatalogFile { path, pool };
            if file.is_catalog().await? {
                found.push(file);
            }
        }
        Ok(Self(found))
    }

    /// Every table (`namespace.name`) and the location of its current metadata.
    pub(crate) async fn tables(&self) -> Result<BTreeMap<String, String>, LakeError> {
        let mut tables = BTreeMap::new();
        for file in &self.0 {
            for (table, location) in file.tables().await? {
                if let Some(first) = tables.insert(table.clone(), location.clone()) {
                    return Err(LakeError::Ambiguous {
                        table,
                        first,
                        second: location,
                    });
                }
            }
        }
        Ok(tables)
    }
}

impl CatalogFile {
    async fn is_catalog(&self) -> Result<bool, LakeError> {
        let sql = "SELECT count(*) FROM sqlite_master WHERE name = 'iceberg_tables'";
        let count: i64 = sqlx::query_scalar(sql)
            .fetch_one(&self.pool)
            .await
            .map_err(|e| self.error(e))?;
        Ok(count > 0)
    }

    async fn tables(&self) -> Result<Vec<(String, String)>, LakeError> {
        let sql = "SELECT table_namespace || '.' || table_name, metadata_location \
                   FROM iceberg_tables WHERE metadata_location IS NOT NULL ORDER BY 1";
        sqlx::query_as(sql)
            .fetch_all(&self.pool)
            .await
            .map_err(|e| self.error(e))
    }

    fn error(&self, source: sqlx::Error) -> LakeError {
        LakeError::Catalog {
            path: self.path.clone(),
            source: Box::new(source),
        }
    }
}

fn database_files(dir: &Path) -> Result<Vec<PathBuf>, LakeError> {
    let unreadable = |source| LakeError::Unreadable {
        path: dir.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_database = path.extension().is_some_and(|ending| {
            ["db", "sqlite", "sqlite3"]
                .iter()
                .any(|known| ending == *known)
        });
        if is_database && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
