//! Writes the sample lake: four gold tables of an insurer that does not exist.
//!
//! The same seed gives the same rows, in the same data files, byte for byte. What differs between
//! two runs is what Iceberg itself invents: snapshot ids, commit times, and the names of metadata
//! and manifest files.

mod claims;
mod columns;
mod dice;
mod insurer;
mod marker;
mod metrics;
mod risk;
mod slots;
mod statements;
mod tables;
mod write;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use tables::GoldTable;

/// What to write, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedPlan {
    /// Folder of the lake; created when it does not exist.
    pub dir: PathBuf,
    /// Rows of `gold.statements`; the other tables scale with it.
    pub rows: u64,
    /// Seed of all chance.
    pub seed: u64,
}

/// How far a seeding has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedProgress {
    /// The table being written, such as `gold.statements`.
    pub table: &'static str,
    /// Rows written so far, over all tables.
    pub rows: u64,
    /// Rows there will be.
    pub of: u64,
}

/// What was written, or found to be there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeedReport {
    /// Folder of the lake, absolute.
    pub dir: PathBuf,
    /// Tables and their rows.
    pub tables: Vec<SeededTable>,
    /// A finished lake of the same plan was there: nothing was written.
    pub reused: bool,
}

/// One table of a [`SeedReport`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct SeededTable {
    /// Namespace and name.
    pub name: String,
    /// Rows after the last snapshot.
    pub rows: u64,
}

/// Why a lake could not be seeded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The folder holds something that is not a lake of this plan.
    #[error(
        "`{dir}` holds a lake of {found}, not of {wanted}: name another folder, or remove this one"
    )]
    OtherPlan {
        /// The folder.
        dir: PathBuf,
        /// What its marker says.
        found: String,
        /// What was asked for.
        wanted: String,
    },
    /// The folder holds files, but no finished lake: somebody's data, or a seeding that was stopped.
    #[error(
        "`{dir}` is not empty and holds no finished lake: if it is left over from a seeding that \
         was stopped, remove it; otherwise name another folder"
    )]
    NotALake {
        /// The folder.
        dir: PathBuf,
    },
    /// A lake needs rows.
    #[error("a sample lake needs at least {least} rows, not {asked}")]
    TooFewRows {
        /// The smallest number accepted.
        least: u64,
        /// What was asked for.
        asked: u64,
    },
    /// The folder could not be created, listed, or written to.
    #[error("cannot use folder `{dir}`")]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The Iceberg library refused.
    #[error("a table could not be written")]
    Iceberg(#[source] Box<iceberg::Error>),
    /// A column could not be built.
    #[error("rows could not be laid out in columns")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A writing task was stopped with the runtime.
    #[error("writing was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
    /// A data file came back without a description of its contents.
    #[error("a data file was written without rows")]
    NothingWritten,
}

impl From<iceberg::Error> for SeedError {
    fn from(error: iceberg::Error) -> Self {
        Self::Iceberg(Box::new(error))
    }
}

/// Fewer rows leave partitions, and with them tiles, empty.
const LEAST_ROWS: u64 = 2_000;

/// Writes the sample lake of `plan`, or finds that it is there already.
///
/// # Errors
/// [`SeedError`]; a folder that holds anything else is never written to.
pub async fn seed(
    plan: &SeedPlan,
    progress: &(dyn Fn(SeedProgress) + Sync),
) -> Result<SeedReport, SeedError> {
    if plan.rows < LEAST_ROWS {
        return Err(SeedError::TooFewRows {
            least: LEAST_ROWS,
            asked: plan.rows,
        });
    }
    let dir = marker::claim_folder(&plan.dir)?;
    let plan = SeedPlan {
        dir,
        ..plan.clone()
    };
    if let Some(tables) = marker::finished(&plan)? {
        return Ok(SeedReport {
            dir: plan.dir,
            tables,
            reused: true,
        });
    }
    let tables = write_tables(&plan, progress).await?;
    marker::finish(&plan, &tables)?;
    Ok(SeedReport {
        dir: plan.dir,
        tables,
        reused: false,
    })
}

async fn write_tables(
    plan: &SeedPlan,
    progress: &(dyn Fn(SeedProgress) + Sync),
) -> Result<Vec<SeededTable>, SeedError> {
    let catalog = write::catalog(&plan.dir).await?;
    let of = GoldTable::ALL
        .iter()
        .flat_map(|gold| gold.slots(plan.rows))
        .map(|slot| slot.rows)
        .sum();
    let done = AtomicU64::new(0);
    let mut tables = Vec::new();
    for gold in GoldTable::ALL {
        let wrote = |rows| {
            let rows = done.fetch_add(rows, Ordering::Relaxed) + rows;
            progress(SeedProgress {
                table: gold.name(),
                rows,
                of,
            });
        };
        let rows = write::table(&catalog, gold, plan, &wrote).await?;
        tables.push(SeededTable {
            name: format!("gold.{}", gold.name()),
            rows,
        });
    }
    Ok(tables)
}
