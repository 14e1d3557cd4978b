//! Real clients of Athena, each in its own process.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::World;

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told about the machine by their environment"
)]
fn python() -> PathBuf {
    match std::env::var("WEIR_PYTHON") {
        Ok(path) if !path.is_empty() => PathBuf::from(path),
        _ => panic!("WEIR_PYTHON is not set: run the tests by `cargo xtask test`"),
    }
}

/// What `client` reads of the statements by business unit, after all it checks itself.
async fn read_by(client: &'static str) -> Value {
    let world = World::instant().await;
    let (url, table) = (world.sim.url(), world.pinned("statements").await);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sim/clients.py");
    let run = move || {
        // `-B`: a test leaves nothing behind in the source tree.
        let mut command = Command::new(python());
        command
            .arg("-B")
            .arg(script)
            .args([url.as_str(), &table, client]);
        command.output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let moaned = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{client}:\n{moaned}");
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read, expected(&world).await, "{client}");
    read
}

/// The same, by the plain protocol.
async fn expected(world: &World) -> Value {
    let queries = world.sim.queries();
    let by_unit = queries
        .iter()
        .find(|query| query.sql.contains("AS premium"))
        .unwrap();
    let rows = world.rows(&by_unit.id).await;
    let row = |row: &Vec<Option<String>>| {
        let [unit, premium, lines] = [0, 1, 2].map(|column| row[column].clone().unwrap());
        json!([unit, premium, lines.parse::<u64>().unwrap()])
    };
    rows.iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_starts_polls_pages_stops_and_meets_the_errors_of_the_model() {
    assert_eq!(read_by("boto3").await.as_array().unwrap().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn pyathena_reads_rows_dictionaries_and_frames() {
    assert_eq!(read_by("pyathena").await.as_array().unwrap().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn awswrangler_reads_frames_without_ctas() {
    assert_eq!(read_by("awswrangler").await.as_array().unwrap().len(), 7);
}
