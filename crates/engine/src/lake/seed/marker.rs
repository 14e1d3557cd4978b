//! `lake.json`, written last: the difference between a lake and what is left of an interrupted one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{SeedError, SeedPlan, SeededTable};

const FILE: &str = "lake.json";

/// Raised whenever the same seed gives other rows than before.
const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    version: u32,
    rows: u64,
    seed: u64,
    tables: Vec<SeededTable>,
}

/// Creates the folder if need be and gives its absolute path.
pub(super) fn claim_folder(dir: &Path) -> Result<PathBuf, SeedError> {
    fs::create_dir_all(dir)
        .and_then(|()| fs::canonicalize(dir))
        .map_err(folder_error(dir))
}

/// The tables of the finished lake that is in the folder already, when it is of this plan.
pub(super) fn finished(plan: &SeedPlan) -> Result<Option<Vec<SeededTable>>, SeedError> {
    let dir = &plan.dir;
    let text = match fs::read_to_string(dir.join(FILE)) {
        Ok(text) => text,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
            let empty = fs::read_dir(dir)
                .map_err(folder_error(dir))?
                .next()
                .is_none();
            return if empty {
                Ok(None)
            } else {
                Err(SeedError::NotALake { dir: dir.clone() })
            };
        }
        Err(source) => return Err(folder_error(dir)(source)),
    };
    let found: Marker =
        serde_json::from_str(&text).map_err(|_| SeedError::NotALake { dir: dir.clone() })?;
    if (found.version, found.rows, found.seed) != (VERSION, plan.rows, plan.seed) {
        let found = describe(found.rows, found.seed, found.version);
        let wanted = describe(plan.rows, plan.seed, VERSION);
        return Err(SeedError::OtherPlan {
            dir: dir.clone(),
            found,
            wanted,
        });
    }
    Ok(Some(found.tables))
}

/// Marks the lake as finished.
pub(super) fn finish(plan: &SeedPlan, tables: &[SeededTable]) -> Result<(), SeedError> {
    let marker = Marker {
        version: VERSION,
        rows: plan.rows,
        seed: plan.seed,
        tables: tables.to_vec(),
    };
    let text = serde_json::to_string_pretty(&marker).map_err(io::Error::from);
    text.and_then(|text| fs::write(plan.dir.join(FILE), text + "\n"))
        .map_err(folder_error(&plan.dir))
}

fn describe(rows: u64, seed: u64, version: u32) -> String {
    format!("{rows} rows from seed {seed} (version {version})")
}

fn folder_error(dir: &Path) -> impl Fn(io::Error) -> SeedError {
    let dir = dir.to_owned();
    move |source| SeedError::Folder {
        dir: dir.clone(),
        source,
    }
}
