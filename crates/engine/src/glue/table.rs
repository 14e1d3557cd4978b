//! One table: the states of its metadata that can be asked about, newest first, and the data files
//! of a few snapshots.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use iceberg::spec::TableMetadata;
use tokio::sync::OnceCell;
use weir_query::{Dataset, Snapshot, SnapshotId};

use crate::drift::{Drift, unreadable};
use crate::lake::{DataFiles, LakeError, Objects, current, of_metadata, snapshot_number};

/// A table's metadata. With thousands of snapshots it has a few megabytes.
const MOST_BYTES: u64 = 64 << 20;

/// How many states are kept for views that began on them.
const KEPT_VERSIONS: usize = 4;

/// Of how many snapshots the data files are known.
const KEPT_SNAPSHOTS: usize = 3;

/// One dataset, and what is known of its table.
#[derive(Debug)]
pub(super) struct GlueTable {
    dataset: Arc<Dataset>,
    versions: RwLock<VecDeque<Arc<Version>>>,
    files: RwLock<VecDeque<(i64, Once)>>,
}

/// Read by whoever comes first; the others wait for it.
type Once = Arc<OnceCell<DataFiles>>;

/// One state of a table's metadata.
#[derive(Debug)]
pub(super) struct Version {
    location: String,
    metadata: TableMetadata,
    pub(super) drift: Vec<Drift>,
}

impl Version {
    async fn read(
        objects: &Objects,
        dataset: &Dataset,
        location: String,
    ) -> Result<Self, LakeError> {
        let bytes = objects.get(&location, MOST_BYTES).await?;
        let metadata: TableMetadata =
            serde_json::from_slice(&bytes).map_err(|cause| LakeError::Object {
                location: location.clone(),
                source: cause.into(),
            })?;
        Ok(Self {
            drift: of_metadata(dataset.schema(), &metadata),
            location,
            metadata,
        })
    }

    /// The snapshot that new views read.
    pub(super) fn current(&self) -> Option<Snapshot> {
        current(&self.metadata, unreadable(&self.drift))
    }
}

impl GlueTable {
    pub(super) fn new(dataset: Arc<Dataset>) -> Self {
        Self {
            dataset,
            versions: RwLock::default(),
            files: RwLock::default(),
        }
    }

    /// The state at `location`, read unless it is known. A new snapshot's data files are read before
    /// anybody hears of it, so that no view waits for them.
    pub(super) async fn refresh(
        &self,
        objects: &Objects,
        location: String,
    ) -> Result<Arc<Version>, LakeError> {
        if let Some(known) = self.newest()
            && known.location == location
        {
            return Ok(known);
        }
        let version = Arc::new(Version::read(objects, &self.dataset, location).await?);
        self.keep(Arc::clone(&version));
        if let Some(now) = version.current()
            && let Err(error) = self.files(objects, &now.id).await
        {
            let (dataset, error) = (self.dataset.name(), &error as &dyn std::error::Error);
            tracing::warn!(%dataset, error, "what a table's files cost can't be estimated yet");
        }
        Ok(version)
    }

    /// The data files of a snapshot; `None` for one that is not known, or not any more.
    pub(super) async fn files(
        &self,
        objects: &Objects,
        id: &SnapshotId,
    ) -> Result<Option<FilesOf>, LakeError> {
        let Some((number, version)) = self.knowing(id) else {
            return Ok(None);
        };
        let Some(snapshot) = version.metadata.snapshot_by_id(number) else {
            return Ok(None);
        };
        let once = self.once(number);
        let schema = self.dataset.schema();
        once.get_or_try_init(|| DataFiles::load(objects, schema, &version.metadata, snapshot))
            .await?;
        Ok(Some(FilesOf(once)))
    }

    fn knowing(&self, id: &SnapshotId) -> Option<(i64, Arc<Version>)> {
        let number = snapshot_number(id)?;
        let versions = self.versions.read();
        let versions = versions.unwrap_or_else(PoisonError::into_inner);
        let knows = |version: &&Arc<Version>| version.metadata.snapshot_by_id(number).is_some();
        Some((number, Arc::clone(versions.iter().find(knows)?)))
    }

    fn newest(&self) -> Option<Arc<Version>> {
        let versions = self.versions.read();
        let versions = versions.unwrap_or_else(PoisonError::into_inner);
        versions.front().cloned()
    }

    fn keep(&self, version: Arc<Version>) {
        let versions = self.versions.write();
        let mut versions = versions.unwrap_or_else(PoisonError::into_inner);
        versions.push_front(version);
        versions.truncate(KEPT_VERSIONS);
    }

    fn once(&self, snapshot: i64) -> Once {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = files.iter().find(|(known, _)| *known == snapshot) {
            return Arc::clone(known);
        }
        let once = Once::default();
        files.push_front((snapshot, Arc::clone(&once)));
        files.truncate(KEPT_SNAPSHOTS);
        once
    }
}

/// The data files of a snapshot, read.
#[derive(Debug)]
pub(super) struct FilesOf(Once);

impl FilesOf {
    pub(super) fn get(&self) -> Option<&DataFiles> {
        self.0.get()
    }
}
