//! The lake: where gold tables are found, checked, inspected, and (for the sample) written.

mod bounds;
mod catalog_db;
mod data_files;
mod error;
pub mod inspect;
mod objects;
mod parquet_folder;
pub mod seed;
pub(crate) mod types;
mod version;

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use iceberg::io::FileIO;
use weir_policy::DatasetName;
use weir_query::catalog::Source;
use weir_query::{Catalog, Dataset, SnapshotId};

pub(crate) use self::catalog_db::Catalogs;
pub(crate) use self::data_files::DataFiles;
pub use self::error::LakeError;
pub(crate) use self::objects::Objects;
use self::parquet_folder::Listing;
pub(crate) use self::parquet_folder::ParquetFile;
pub(crate) use self::version::{Stored, TableVersion, current, of_metadata, snapshot_number};
use crate::Tables;
use crate::drift::refuse;

/// How many states of one table stay readable for views that began on them.
const KEPT_VERSIONS: usize = 4;

/// Where a lake is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeConfig {
    /// Its folder: `*.db` catalogs, and whatever paths in datasets start from and may not leave.
    pub dir: PathBuf,
}

/// The tables behind a catalog's datasets.
#[derive(Debug)]
pub(crate) struct Lake {
    dir: PathBuf,
    catalogs: Catalogs,
    files: FileIO,
    tables: BTreeMap<DatasetName, GoldTable>,
}

/// One dataset, and the states of its table that can be read, newest first.
#[derive(Debug)]
struct GoldTable {
    dataset: Arc<Dataset>,
    versions: RwLock<VecDeque<Arc<TableVersion>>>,
}

impl Lake {
    /// Finds the table of every dataset. What does not fit before anything was served is refused.
    pub(crate) async fn open(config: &LakeConfig, datasets: &Catalog) -> Result<Self, LakeError> {
        let dir = canonical(&config.dir)?;
        let tables = datasets.datasets().map(|dataset| {
            let versions = RwLock::default();
            (
                dataset.name().clone(),
                GoldTable {
                    dataset: Arc::clone(dataset),
                    versions,
                },
            )
        });
        let lake = Self {
            catalogs: Catalogs::find(&dir).await?,
            dir,
            files: FileIO::new_with_fs(),
            tables: tables.collect(),
        };
        let located = lake.catalogs.tables().await?;
        for table in lake.tables.values() {
            refuse(lake.refresh(table, &located).await?.drift())?;
        }
        Ok(lake)
    }

    /// The current snapshot of every dataset, and where tables are not what was declared. Metadata
    /// is read again only where it moved.
    ///
    /// A dataset whose table can't be read is left out and logged: its tiles fail, the others live.
    pub(crate) async fn tables(&self) -> Result<Tables, LakeError> {
        let located = self.catalogs.tables().await?;
        let (mut set, mut drift) = (Vec::new(), Vec::new());
        for (name, table) in &self.tables {
            match self.refresh(table, &located).await {
                Ok(version) => {
                    set.extend(version.current().map(|now| (name.clone(), now)));
                    drift.extend_from_slice(version.drift());
                }
                Err(error) => {
                    let cause: &(dyn std::error::Error + 'static) = &error;
                    tracing::error!(dataset = %name, error = cause, "dataset left out");
                }
            }
        }
        Ok(Tables {
            snapshots: set.into_iter().collect(),
            drift,
        })
    }

    /// Whether the tables' state can be read at all.
    pub(crate) async fn check(&self) -> Result<(), LakeError> {
        let located = self.catalogs.tables().await?;
        for table in self.tables.values() {
            self.refresh(table, &located).await?;
        }
        Ok(())
    }

    /// The declaration of a dataset, and the state of its table that knows snapshot `id`.
    pub(crate) fn pinned(
        &self,
        dataset: &DatasetName,
        id: &SnapshotId,
    ) -> Option<(Arc<Dataset>, Arc<TableVersion>)> {
        let table = self.tables.get(dataset)?;
        let versions = table
            .versions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let version = versions.iter().find(|version| version.knows(id))?;
        Some((Arc::clone(&table.dataset), Arc::clone(version)))
    }

    async fn refresh(
        &self,
        table: &GoldTable,
        located: &BTreeMap<String, String>,
    ) -> Result<Arc<TableVersion>, LakeError> {
        let schema = table.dataset.schema();
        match table.dataset.source() {
            Source::Catalog => {
                let location = locate(table.dataset.name(), located)?;
                self.iceberg(table, location).await
            }
            Source::IcebergMetadata(path) => {
                let location = self.inside(table.dataset.name(), path)?;
                self.iceberg(table, &location.to_string_lossy()).await
            }
            Source::Parquet(path) => {
                let root = self.inside(table.dataset.name(), path)?;
                // A folder may hold thousands of files.
                let listing = tokio::task::spawn_blocking(move || Listing::of(&root));
                let listing = listing.await.map_err(LakeError::Interrupted)??;
                if let Some(known) = table.newest()
                    && known
                        .current()
                        .is_some_and(|now| now.id == listing.snapshot.id)
                {
                    return Ok(known);
                }
                Ok(table.keep(TableVersion::parquet(schema, listing)?))
            }
        }
    }

    /// The path that a declaration names, which must be in the lake's folder however it is written
    /// and whatever links lead there: who may write declarations may not read the server's disk.
    fn inside(&self, dataset: &DatasetName, path: &str) -> Result<PathBuf, LakeError> {
        let outside = || LakeError::Outside {
            dataset: dataset.clone(),
        };
        let path = self.dir.join(strip_file_scheme(path));
        // Not there, or not to be looked at: one answer, so that nobody can ask what exists.
        let path = fs::canonicalize(path).map_err(|_| outside())?;
        if path.starts_with(&self.dir) {
            Ok(path)
        } else {
            Err(outside())
        }
    }

    async fn iceberg(
        &self,
        table: &GoldTable,
        location: &str,
    ) -> Result<Arc<TableVersion>, LakeError> {
        if let Some(known) = table.newest()
            && let Stored::Iceberg(now) = known.stored()
            && now.metadata_location() == Some(location)
        {
            return Ok(known);
        }
        let schema = table.dataset.schema();
        Ok(table.keep(TableVersion::iceberg(schema, location, &self.files).await?))
    }
}

impl GoldTable {
    fn newest(&self) -> Option<Arc<TableVersion>> {
        self.versions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .front()
            .cloned()
    }

    /// Puts a state in front, and lets go of the oldest.
    fn keep(&self, version: TableVersion) -> Arc<TableVersion> {
        let mut versions = self
            .versions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // Two requests may have read the same new state at once; one of them is enough.
        if let Some(known) = versions.front().filter(|known| known.same_as(&version)) {
            return Arc::clone(known);
        }
        let version = Arc::new(version);
        versions.push_front(Arc::clone(&version));
        versions.truncate(KEPT_VERSIONS);
        version
    }
}

fn locate<'a>(
    dataset: &DatasetName,
    located: &'a BTreeMap<String, String>,
) -> Result<&'a str, LakeError> {
    located
        .get(dataset.as_str())
        .map(String::as_str)
        .ok_or_else(|| LakeError::NoTable {
            dataset: dataset.clone(),
            nearest: nearest(dataset.as_str(), located.keys().map(String::as_str)),
        })
}

/// "; did you mean `…`?", when there is anything close.
pub(crate) fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|name| (strsim::damerau_levenshtein(wanted, name), name))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, name)| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

fn canonical(path: &Path) -> Result<PathBuf, LakeError> {
    fs::canonicalize(path).map_err(|source| LakeError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn strip_file_scheme(path: &str) -> &Path {
    Path::new(path.strip_prefix("file://").unwrap_or(path))
}
