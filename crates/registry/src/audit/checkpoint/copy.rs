//! The copy of the checkpoints in a file outside the database. Keep it, or ship it, where whoever
//! may write to the database may not write.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Checkpoint;
use crate::audit::AuditError;

/// A file with one checkpoint on each line.
#[derive(Debug, Clone)]
pub(in crate::audit) struct Copy {
    path: PathBuf,
}

impl Copy {
    pub(in crate::audit) fn new(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
        }
    }

    /// What it holds; nothing while it does not exist.
    pub(in crate::audit) fn read(&self) -> Result<Vec<Checkpoint>, AuditError> {
        let text = match fs::read_to_string(&self.path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(|cause| AuditError::segment(&self.path, cause))?,
        };
        Checkpoint::parse_file(&text).map_err(|cause| AuditError::Copy {
            path: self.path.clone(),
            cause,
        })
    }

    /// Adds checkpoints and waits for the disk.
    pub(in crate::audit) fn add(&self, checkpoints: &[Checkpoint]) -> Result<(), AuditError> {
        let mut text = String::new();
        for checkpoint in checkpoints {
            text.push_str(&serde_json::to_string(checkpoint)?);
            text.push('\n');
        }
        self.try_add(text.as_bytes())
            .map_err(|cause| AuditError::segment(&self.path, cause))
    }

    fn try_add(&self, text: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        // Two processes may share it: what one adds stays in one piece.
        file.lock()?;
        let unfinished = unfinished(&fs::read(&self.path)?);
        if unfinished > 0 {
            let length = file.metadata()?.len();
            file.set_len(length.saturating_sub(unfinished))?;
        }
        file.write_all(text)?;
        file.sync_all()
    }
}

/// How many bytes stand behind the last line feed: a process was killed while it wrote them.
fn unfinished(bytes: &[u8]) -> u64 {
    let tail = bytes.iter().rev().take_while(|byte| **byte != b'\n');
    u64::try_from(tail.count()).unwrap_or(u64::MAX)
}
