//! The sample lake: the same rows on every machine, made once.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use super::Tools;
use crate::progress::Progress;

/// What the rows are drawn from.
const SEED: &str = "7";

/// Makes the lake unless it is complete; `lake.json` is written last.
pub(super) async fn prepare(
    tools: &Tools,
    rows: u64,
    progress: &Progress,
) -> anyhow::Result<PathBuf> {
    let lake = tools.out.join(format!("lake-{rows}"));
    if lake.join("lake.json").is_file() {
        return Ok(lake);
    }
    if lake.exists() {
        std::fs::remove_dir_all(&lake).with_context(|| format!("removing {}", lake.display()))?;
    }
    progress.note(&format!(
        "making the sample lake of {rows} rows in {}",
        lake.display()
    ));
    let output = Command::new(&tools.weir)
        .args(["lake", "seed", "--json", "--seed", SEED, "--rows"])
        .arg(rows.to_string())
        .arg("--dir")
        .arg(&lake)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("starting {}", tools.weir.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the lake was not made: {said}");
    Ok(lake)
}
