//! `weir policy impact`: who gains and who loses which rows by a draft, counted on the data.
//!
//! Counting reads data under rules nobody approved, so there must be a draft that says what they
//! were: a folder is pushed first.

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;

use super::remote::{self, DRAFTS, absent};
use crate::cli::Outcome;
use crate::cli::folders::{Folders, tree};
use crate::cli::server::{Api, Server};

/// Counts the impact of a draft.
#[derive(Debug, Args)]
pub(in crate::cli) struct Impact {
    /// The draft's number; without one, the draft that has the folder's files.
    draft: Option<u64>,
    #[command(flatten)]
    folders: Folders,
    #[command(flatten)]
    server: Server,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

/// What somebody gains and loses in one dataset.
#[derive(Debug, Deserialize)]
struct Counted {
    person: String,
    dataset: String,
    units: Vec<Unit>,
    columns: Vec<Column>,
    tiles: Vec<Tile>,
}

#[derive(Debug, Deserialize)]
struct Unit {
    #[serde(rename = "unit")]
    name: Option<String>,
    before: u64,
    after: u64,
    gained: u64,
    lost: u64,
}

#[derive(Debug, Deserialize)]
struct Column {
    #[serde(rename = "column")]
    name: String,
    before: serde_json::Value,
    after: serde_json::Value,
}

#[derive(Debug, Deserialize)]
struct Tile {
    dashboard: String,
    tile: String,
}

impl Impact {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let draft = match self.draft {
            Some(draft) => draft,
            None => self.draft_of_folder(&api).await?,
        };
        let reply = api.get(&format!("{DRAFTS}/{draft}/impact"), &[]).await;
        let reply = reply.map_err(|error| absent(error, &format!("draft {draft}")))?;
        if self.json {
            println!("{}", reply.body);
            return Ok(Outcome::Fine);
        }
        let counted: Vec<Counted> = reply.read()?;
        if counted.is_empty() {
            println!("Draft {draft} changes nothing for any sample person.");
        }
        counted.iter().for_each(print);
        Ok(Outcome::Fine)
    }

    async fn draft_of_folder(&self, api: &Api) -> anyhow::Result<u64> {
        let content = tree(&self.folders.files()?)?.hash().to_string();
        let mut drafts = remote::drafts(api).await?.into_iter();
        let found = drafts.find(|draft| draft.content == content && draft.state != "published");
        let found = found.context(
            "no draft has exactly the folder's files: push them first (weir policy push)",
        )?;
        Ok(found.id)
    }
}

fn print(counted: &Counted) {
    println!("{} in {}", counted.person, counted.dataset);
    for unit in &counted.units {
        let name = unit.name.as_deref().unwrap_or("all rows");
        let (before, after, gained, lost) = (unit.before, unit.after, unit.gained, unit.lost);
        println!("  {name:<16} {before:>9} -> {after:>9} rows   +{gained} -{lost}");
    }
    for column in &counted.columns {
        let shown = |how: &serde_json::Value| match how.as_object().and_then(|o| o.iter().next()) {
            Some((how, mask)) => format!("{how} ({})", mask.as_str().unwrap_or_default()),
            None => how.as_str().unwrap_or_default().to_owned(),
        };
        let (before, after) = (shown(&column.before), shown(&column.after));
        println!("  column {}: {before} -> {after}", column.name);
    }
    let tiles = counted.tiles.iter();
    let tiles: Vec<_> = tiles
        .map(|tile| format!("{}/{}", tile.dashboard, tile.tile))
        .collect();
    if !tiles.is_empty() {
        println!("  tiles: {}", tiles.join(", "));
    }
}
