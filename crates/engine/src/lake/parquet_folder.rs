//! A folder of plain Parquet files as a table.
//!
//! It has no snapshots, so its version is the hash of its listing: relative path, size and time of
//! change of every file. Old versions cannot be read once files changed; a listing that is still
//! pinned by a running view fails to open what is gone, and never mixes versions silently when
//! files are only added.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use weir_query::{Snapshot, SnapshotId};

use super::LakeError;

/// One file of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParquetFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its length when it was listed.
    pub(crate) size: u64,
}

/// A folder, or a single file, as it was listed at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) files: Vec<ParquetFile>,
    pub(crate) snapshot: Snapshot,
}

impl Listing {
    /// Lists `root` and everything below it that ends in `.parquet`. Names that begin with a dot
    /// or an underscore are left out: writers put what is not finished there.
    pub(crate) fn of(root: &Path) -> Result<Self, LakeError> {
        let mut found = Vec::new();
        if root.is_file() {
            found.push(root.to_owned());
        } else {
            walk(root, &mut found)?;
        }
        found.sort();
        if found.is_empty() {
            return Err(LakeError::NoTables {
                path: root.to_owned(),
            });
        }
        Self::hash(root, found)
    }

    fn hash(root: &Path, found: Vec<PathBuf>) -> Result<Self, LakeError> {
        let mut hasher = blake3::Hasher::new();
        let mut newest = DateTime::<Utc>::UNIX_EPOCH;
        let mut files = Vec::new();
        for path in found {
            let unreadable = |source| LakeError::Unreadable {
                path: path.clone(),
                source,
            };
            let metadata = fs::metadata(&path).map_err(unreadable)?;
            let modified = metadata.modified().map_err(unreadable)?;
            newest = newest.max(DateTime::from(modified));
            let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            // Lengths first, so that no two listings run into the same bytes.
            hasher.update(&name.len().to_le_bytes());
            hasher.update(name.as_bytes());
            hasher.update(&metadata.len().to_le_bytes());
            hasher.update(&since.as_nanos().to_le_bytes());
            files.push(ParquetFile {
                size: metadata.len(),
                path,
            });
        }
        let hex = hasher.finalize().to_hex();
        let id = SnapshotId::parse(hex.as_str()).ok_or_else(|| LakeError::NoTables {
            path: root.to_owned(),
        })?;
        Ok(Self {
            files,
            snapshot: Snapshot {
                id,
                committed_at: newest,
                unreadable: BTreeSet::new(),
            },
        })
    }

    /// The Arrow schema of the first file; the others are held to it when they are read.
    pub(crate) fn schema(&self) -> Result<SchemaRef, LakeError> {
        let path = self
            .files
            .first()
            .map(|file| file.path.clone())
            .unwrap_or_default();
        Ok(footer(&path)?.schema().clone())
    }

    /// Rows of all files together.
    pub(crate) fn rows(&self) -> Result<u64, LakeError> {
        self.files.iter().try_fold(0, |sum, file| {
            let rows = footer(&file.path)?.metadata().file_metadata().num_rows();
            Ok(sum + u64::try_from(rows).unwrap_or(0))
        })
    }
}

fn footer(path: &Path) -> Result<ArrowReaderMetadata, LakeError> {
    let file = fs::File::open(path).map_err(|source| LakeError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|source| {
        LakeError::Parquet {
            path: path.to_owned(),
            source: Box::new(source),
        }
    })
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) -> Result<(), LakeError> {
    let unreadable = |source| LakeError::Unreadable {
        path: dir.to_owned(),
        source,
    };
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(['.', '_']) {
            continue;
        }
        let path = entry.path();
        // Whoever put a link into the lake does not widen it.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "parquet") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_folder_changes_with_its_files() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("day=1")).unwrap();
        fs::write(dir.path().join("day=1/a.parquet"), "x").unwrap();
        fs::write(dir.path().join("_temporary.parquet"), "unfinished").unwrap();

        let first = Listing::of(dir.path()).unwrap();
        let again = Listing::of(dir.path()).unwrap();
        fs::write(dir.path().join("day=1/b.parquet"), "y").unwrap();
        let grown = Listing::of(dir.path()).unwrap();

        assert_eq!(first.snapshot, again.snapshot);
        assert_ne!(first.snapshot.id, grown.snapshot.id);
        assert_eq!((first.files.len(), grown.files.len()), (1, 2));
    }
}
