//! The sample lake, small, seeded once for all tests of one test program.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use weir_engine::lake::seed::{SeedPlan, seed};

/// Rows of `gold.statements`.
const ROWS: u64 = 4_000;

/// The folder of the lake. Test programs run every test in a process of its own, so it is shared
/// through the disk, behind a lock; a newer build of the program seeds it again.
pub(crate) async fn sample() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let name = program.file_stem().unwrap().to_string_lossy().into_owned();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lake-{name}"));
    fs::create_dir_all(&home).unwrap();
    let lock = File::create(home.join("lock")).unwrap();
    lock.lock().unwrap();
    let built = format!("{:?}", fs::metadata(&program).unwrap().modified().unwrap());
    let (stamp, lake) = (home.join("seeded-by"), home.join("lake"));
    if fs::read_to_string(&stamp).is_ok_and(|seeded_by| seeded_by == built) {
        return lake;
    }
    if lake.exists() {
        fs::remove_dir_all(&lake).unwrap();
    }
    seed(
        &SeedPlan {
            dir: lake.clone(),
            rows: ROWS,
            seed: 7,
        },
        &|_| (),
    )
    .await
    .unwrap();
    fs::write(stamp, built).unwrap();
    lake
}
