//! Starting the log.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;

use super::checkpoint::copy::Copy;
use super::gate::Gate;
use super::mover::{Mover, Sealing};
use super::options::AuditOptions;
use super::segment::LogId;
use super::segment::folder::Folder;
use super::segment::write::Segments;
use super::{AuditError, AuditLog, Inner, Tasks};
use crate::Durability;
use crate::database::Database;

/// Commands that may wait for the mover.
const QUEUE: usize = 64;

/// How long one batch may take before it counts as a failure.
const SLOW: Duration = Duration::from_secs(30);

const INSERT_ID: &str = "
INSERT INTO audit_log (id, name)
VALUES (1, $1)
ON CONFLICT (id) DO NOTHING";

const SELECT_ID: &str = "
SELECT name
FROM audit_log
WHERE id = 1";

/// What the log needs to start.
pub(crate) struct Start<'a> {
    pub(crate) database: Database,
    pub(crate) folder: &'a Path,
    pub(crate) data_reads: Durability,
    pub(crate) grace: Duration,
    pub(crate) options: &'a AuditOptions,
}

impl AuditLog {
    /// Makes this process's segment, and moves what dead processes left behind. A database that
    /// does not take it yet is no reason not to start; a damaged log neither, but it takes no
    /// record.
    pub(crate) async fn start(start: Start<'_>) -> Result<Self, AuditError> {
        let Start {
            database,
            folder,
            data_reads,
            grace,
            options,
        } = start;
        let log = log_id(&database).await?;
        let (opened_sender, opened) = mpsc::unbounded_channel();
        let (commands, inbox) = mpsc::channel(QUEUE);
        let segments = Arc::new(Segments::start(
            Folder::open(folder)?,
            log,
            data_reads,
            Gate::new(grace, options.backlog),
            opened_sender,
        )?);
        let sealing = sealing(options);
        let (keys, copy) = (sealing.keys.clone(), sealing.copy.clone());
        let mut mover = Mover::new(
            database.clone(),
            Arc::clone(&segments),
            (opened, inbox),
            sealing,
            // A batch that hangs is found out before the grace is over, but a slow one is not cut
            // off only because the grace is short.
            grace.clamp(Duration::from_secs(5), SLOW),
        )?;
        let forced = segments.force_out()?;
        // It complains by itself, and closes the gate.
        drop(mover.attempt().await);
        let moving = tokio::spawn(mover.run());
        Ok(Self {
            inner: Arc::new(Inner {
                database,
                segments,
                mover: commands,
                tasks: Mutex::new(Some(Tasks { forced, moving })),
                keys,
                copy,
            }),
        })
    }
}

fn sealing(options: &AuditOptions) -> Sealing {
    let own = options.signer.iter().map(|signer| signer.public().clone());
    Sealing {
        keys: own.chain(options.trusted.clone()).collect(),
        signer: options.signer.clone(),
        every: options.checkpoint_every,
        copy: options.checkpoint_copy.as_deref().map(Copy::new),
    }
}

/// The number by which this log knows its own segments. The first process makes it up.
async fn log_id(database: &Database) -> Result<LogId, AuditError> {
    let mut tx = database.write(Durability::Disk).await?;
    sqlx::query(INSERT_ID)
        .bind(LogId::random().to_string())
        .execute(&mut *tx)
        .await?;
    let name: String = sqlx::query_scalar(SELECT_ID).fetch_one(&mut *tx).await?;
    tx.commit().await?;
    LogId::parse(&name).map_err(|_| AuditError::Unnamed)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[INSERT_ID, SELECT_ID];
