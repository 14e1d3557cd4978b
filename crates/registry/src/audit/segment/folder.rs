//! The folder with the segments of every process that shares it, and who of them still lives.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use super::{LogId, StreamId, Tip, read_first, write_first};
use crate::audit::AuditError;

const SUFFIX: &str = "segment";

/// Where segments lie. Only the owner of the process may look inside.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Folder {
    path: PathBuf,
}

/// A segment that was just made. It is locked for as long as the file is open: that is how other
/// processes know that its owner lives.
#[derive(Debug)]
pub(in crate::audit) struct Created {
    pub(in crate::audit) file: File,
    pub(in crate::audit) tip: Tip,
    pub(in crate::audit) bytes: u64,
}

/// A segment whose owner is gone, locked by whoever found it.
#[derive(Debug)]
pub(in crate::audit) struct Leftover {
    pub(in crate::audit) stream: StreamId,
    pub(in crate::audit) lock: File,
}

impl Folder {
    /// Makes the folder where it is missing.
    pub(in crate::audit) fn open(path: &Path) -> Result<Self, AuditError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(path)
            .map_err(|cause| AuditError::segment(path, cause))?;
        Ok(Self {
            path: path.to_path_buf(),
        })
    }

    pub(in crate::audit) fn path(&self) -> &Path {
        &self.path
    }

    pub(in crate::audit) fn file(&self, stream: StreamId) -> PathBuf {
        self.path.join(format!("{stream}.{SUFFIX}"))
    }

    /// Makes a segment. Its first line and its name are on the disk when this returns.
    pub(in crate::audit) fn create(
        &self,
        log: LogId,
        stream: StreamId,
    ) -> Result<Created, AuditError> {
        let path = self.file(stream);
        self.try_create(log, stream, &path)
            .map_err(|cause| AuditError::segment(&path, cause))
    }

    fn try_create(&self, log: LogId, stream: StreamId, path: &Path) -> io::Result<Created> {
        // It gets its real name when it is whole and locked, so that nobody takes it for a
        // leftover before.
        let draft = self.path.join(format!("{stream}.new"));
        let mut options = fs::OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        let mut line = Vec::new();
        let tip = write_first(log, stream, &mut line);
        let made = file
            .lock()
            .and_then(|()| file.write_all(&line))
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&draft, path))
            .and_then(|()| self.sync());
        if let Err(cause) = made {
            // It holds nothing anybody waits for.
            drop(fs::remove_file(&draft));
            return Err(cause);
        }
        Ok(Created {
            file,
            tip,
            bytes: u64::try_from(line.len()).unwrap_or(u64::MAX),
        })
    }

    /// The segments of this log whose owners are gone, the parts of each process in order.
    pub(in crate::audit) fn leftovers(&self, log: LogId) -> Result<Vec<Leftover>, AuditError> {
        let mut found = Vec::new();
        for entry in self.entries()? {
            let Some(stream) = stream_of(&entry) else {
                continue;
            };
            let path = self.file(stream);
            match claim(&path, log) {
                Ok(Some(lock)) => found.push(Leftover { stream, lock }),
                Ok(None) => {}
                Err(cause) => return Err(AuditError::segment(&path, cause)),
            }
        }
        found.sort_by_key(|leftover| leftover.stream);
        Ok(found)
    }

    fn entries(&self) -> Result<Vec<PathBuf>, AuditError> {
        fs::read_dir(&self.path)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(|cause| AuditError::segment(&self.path, cause))
    }

    /// Removes a segment the database has in full. Where the removal is undone by a power cut,
    /// the database still knows that.
    pub(in crate::audit) fn remove(&self, stream: StreamId) -> Result<(), AuditError> {
        let path = self.file(stream);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(AuditError::segment(&path, cause))
            }
            _ => Ok(()),
        }
    }

    /// A file is on the disk when its folder is.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

fn stream_of(path: &Path) -> Option<StreamId> {
    if path.extension()? != SUFFIX {
        return None;
    }
    StreamId::parse(path.file_stem()?.to_str()?).ok()
}

/// The lock of a segment whose owner is gone, if it is one of this log.
fn claim(path: &Path, log: LogId) -> io::Result<Option<File>> {
    let file = match File::open(path) {
        // Its owner or another process finished with it meanwhile.
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(cause)) => return Err(cause),
        Ok(()) => {}
    }
    let mut line = Vec::new();
    BufReader::new(&file).read_until(b'\n', &mut line)?;
    line.pop();
    match read_first(&line) {
        Ok((_, owner)) if owner.log != log => {
            tracing::warn!(
                file = %path.display(),
                "an audit segment of another registry is left alone"
            );
            Ok(None)
        }
        // A damaged first line is found again, and named, by whoever moves the segment.
        _ => Ok(Some(file)),
    }
}
