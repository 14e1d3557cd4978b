//! One segment on its way into the database.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::AnyConnection;
use tokio::task::spawn_blocking;

use crate::audit::AuditError;
use crate::audit::segment::StreamId;
use crate::audit::segment::folder::{Folder, Leftover};
use crate::audit::segment::read::{Batch, SegmentReader};
use crate::audit::segment::write::Segment;
use crate::database::Database;

/// Events of one transaction, unless a single submission has more.
const BATCH: usize = 512;

// A segment is moved forward only from where this process thinks it is.
const MARK: &str = "
INSERT INTO audit_streams (stream, moved)
VALUES ($1, $2)
ON CONFLICT (stream)
DO UPDATE SET moved = excluded.moved
WHERE audit_streams.moved = $3";

const SELECT_MARK: &str = "
SELECT moved
FROM audit_streams
WHERE stream = $1";

/// A segment and how far it is moved.
#[derive(Debug)]
pub(super) struct Source {
    stream: StreamId,
    path: PathBuf,
    owner: Owner,
    /// None: how far it is moved must be read from the database first.
    reader: Option<SegmentReader>,
    /// The last line the database has.
    moved: u64,
    /// How far into the file that is, or was when it was known last.
    settled: u64,
}

#[derive(Debug)]
enum Owner {
    /// This process.
    Own(Arc<Segment>),
    /// Nobody any more; held so that no other process takes it.
    Gone { _lock: File },
}

impl Source {
    pub(super) fn own(segment: Arc<Segment>, folder: &Folder) -> Self {
        Self::new(segment.stream, folder, Owner::Own(segment))
    }

    pub(super) fn left(left: Leftover, folder: &Folder) -> Self {
        Self::new(left.stream, folder, Owner::Gone { _lock: left.lock })
    }

    fn new(stream: StreamId, folder: &Folder, owner: Owner) -> Self {
        Self {
            stream,
            path: folder.file(stream),
            owner,
            reader: None,
            moved: 0,
            settled: 0,
        }
    }

    pub(super) fn stream(&self) -> StreamId {
        self.stream
    }

    /// Whether nothing more will be written to it.
    pub(super) fn is_closed(&self) -> bool {
        match &self.owner {
            Owner::Own(segment) => segment.is_closed(),
            Owner::Gone { .. } => true,
        }
    }

    /// Whether the database has everything up to `end`.
    pub(super) fn is_past(&self, end: Option<(StreamId, u64)>) -> bool {
        end.is_some_and(|(stream, line)| stream == self.stream && line <= self.moved)
    }

    /// Goes to where the database is, unless it is there. Returns the bytes of this process's
    /// records that turned out to be moved.
    pub(super) async fn open(&mut self, database: &Database) -> Result<Option<u64>, AuditError> {
        if self.reader.is_some() {
            return Ok(None);
        }
        let moved: Option<i64> = sqlx::query_scalar(SELECT_MARK)
            .bind(self.stream.to_string())
            .fetch_optional(database.readers())
            .await?;
        let moved = moved.and_then(|line| u64::try_from(line).ok()).unwrap_or(0);
        let (path, stream) = (self.path.clone(), self.stream);
        let opened = spawn_blocking(move || {
            let mut reader = SegmentReader::open(&path, stream)?;
            let first = reader.offset();
            reader.skip_to(moved)?;
            Ok::<_, AuditError>((reader, first))
        });
        let (reader, first) = opened.await.map_err(|_| AuditError::Closed)??;
        // The first line was never counted.
        self.settled = self.settled.max(first);
        self.moved = moved;
        self.reader = Some(reader);
        Ok(Some(self.settle()))
    }

    /// The next submissions.
    pub(super) async fn read(&mut self) -> Result<Batch, AuditError> {
        let Some(mut reader) = self.reader.take() else {
            return Ok(Batch::default());
        };
        let read = spawn_blocking(move || {
            let batch = reader.batch(BATCH);
            (reader, batch)
        });
        let (reader, batch) = read.await.map_err(|_| AuditError::Closed)?;
        self.reader = Some(reader);
        batch
    }

    /// Writes down how far it is moved when the transaction is committed. False: it was not where
    /// this process thinks it is.
    pub(super) async fn mark(&self, tx: &mut AnyConnection) -> Result<bool, AuditError> {
        let line = self.reader.as_ref().map_or(self.moved, SegmentReader::line);
        let marked = sqlx::query(MARK)
            .bind(self.stream.to_string())
            .bind(line.cast_signed())
            .bind(self.moved.cast_signed())
            .execute(tx)
            .await?;
        Ok(marked.rows_affected() == 1)
    }

    /// What was read is committed. Returns how many bytes of this process's records that is.
    pub(super) fn advance(&mut self) -> u64 {
        if let Some(reader) = &self.reader {
            self.moved = reader.line();
        }
        self.settle()
    }

    fn settle(&mut self) -> u64 {
        let Some(reader) = &self.reader else {
            return 0;
        };
        let bytes = reader.offset().saturating_sub(self.settled);
        self.settled = self.settled.max(reader.offset());
        match &self.owner {
            Owner::Own(_) => bytes,
            Owner::Gone { .. } => 0,
        }
    }

    /// Whether what was read is committed is not known.
    pub(super) fn forget(&mut self) {
        self.reader = None;
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[MARK, SELECT_MARK];
