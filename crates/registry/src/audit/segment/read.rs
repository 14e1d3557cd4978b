//! Reading a segment from its file, line by line, while somebody may still write to it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{BrokenLine, StreamId, Tip, read_first, read_next, skip_next};
use crate::audit::AuditError;
use crate::audit::chain::Fault;
use crate::audit::event::AuditEvent;

/// Reads one segment, forward only.
#[derive(Debug)]
pub(in crate::audit) struct SegmentReader {
    stream: StreamId,
    path: PathBuf,
    file: BufReader<File>,
    /// Where the next line starts.
    offset: u64,
    tip: Tip,
}

/// Some submissions in a row.
#[derive(Debug, Default)]
pub(in crate::audit) struct Batch {
    pub(in crate::audit) events: Vec<AuditEvent>,
    /// What stands behind them, if it is not the next line.
    pub(in crate::audit) fault: Option<Fault>,
}

impl SegmentReader {
    /// Opens a segment and reads its first line.
    pub(in crate::audit) fn open(path: &Path, stream: StreamId) -> Result<Self, AuditError> {
        let file = File::open(path).map_err(|cause| AuditError::segment(path, cause))?;
        let mut reader = Self {
            stream,
            path: path.to_path_buf(),
            file: BufReader::with_capacity(256 * 1024, file),
            offset: 0,
            tip: Tip {
                line: 0,
                hash: crate::Digest::zero(),
            },
        };
        let line = reader.next_line()?.unwrap_or_default();
        match read_first(&line) {
            Ok((tip, owner)) if owner.stream == stream => reader.tip = tip,
            _ => return Err(AuditError::Damaged(reader.fault(0))),
        }
        Ok(reader)
    }

    /// The number of the last line that was read.
    pub(in crate::audit) fn line(&self) -> u64 {
        self.tip.line
    }

    /// How far into the file that is.
    pub(in crate::audit) fn offset(&self) -> u64 {
        self.offset
    }

    /// Passes over the lines up to number `line`.
    pub(in crate::audit) fn skip_to(&mut self, line: u64) -> Result<(), AuditError> {
        while self.tip.line < line {
            let next = self.tip.line + 1;
            let found = self.next_line()?;
            // The database has this line, so a file that ends before it was cut.
            let found = found.ok_or(AuditError::Damaged(self.fault(next)))?;
            self.tip = skip_next(&self.tip, &found)
                .map_err(|BrokenLine| AuditError::Damaged(self.fault(next)))?;
        }
        Ok(())
    }

    /// The submissions that follow, until they have `events` events between them. None: the
    /// segment ends here, or what follows is not whole yet.
    pub(in crate::audit) fn batch(&mut self, events: usize) -> Result<Batch, AuditError> {
        let mut batch = Batch::default();
        while batch.events.len() < events {
            let before = self.offset;
            let Some(line) = self.next_line()? else { break };
            let Ok((tip, mut read)) = read_next(&self.tip, &line) else {
                batch.fault = Some(self.fault(self.tip.line + 1));
                // It is found again, however often somebody looks.
                self.go_back(before)?;
                break;
            };
            self.tip = tip;
            batch.events.append(&mut read);
        }
        Ok(batch)
    }

    /// The next line without its line feed; none while there is no line feed. Nothing is kept of
    /// a line that is not whole: its writer may take it back.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>, AuditError> {
        self.try_line()
            .map_err(|cause| AuditError::segment(&self.path, cause))
    }

    fn try_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = self.file.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            self.file.seek(SeekFrom::Start(self.offset))?;
            return Ok(None);
        }
        self.offset += u64::try_from(read).unwrap_or(u64::MAX);
        Ok(Some(line))
    }

    fn go_back(&mut self, offset: u64) -> Result<(), AuditError> {
        self.offset = offset;
        self.file
            .seek(SeekFrom::Start(offset))
            .map(drop)
            .map_err(|cause| AuditError::segment(&self.path, cause))
    }

    fn fault(&self, line: u64) -> Fault {
        Fault::Segment {
            stream: self.stream,
            line,
        }
    }
}
