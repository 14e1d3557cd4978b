//! A new snapshot: the old set is shown whole and marked, then the new one, never a mixture
//! (invariant 13; failure F13; attack P13).

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use weir_query::SnapshotSet;
use weir_registry::Source;

use crate::support::ask::{Answer, get, launch};
use crate::support::canaries::{Canaries, row};
use crate::support::world::{HOST, Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const FRESH: &str = "fresharrival";

/// The tiles of the page that ask the table which gets a new snapshot.
const TILES: [&str; 4] = ["share", "by-place", "stacked", "list"];

/// Adds rows of every unit and waits until Weir has found them.
async fn arrive(world: &World, canaries: &Canaries) {
    let before = current(world);
    canaries.add(
        "notes",
        "second",
        &[row("auto", FRESH, 5_000, Some(false), 10)],
    );
    let stop = CancellationToken::new();
    let found = async {
        while *current(world) == *before {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    tokio::join!(world.app.follow_snapshots(stop.clone()), found);
}

fn current(world: &World) -> Arc<SnapshotSet> {
    world.app.state().dashboards.snapshots.current()
}

/// Whether the page shows the new rows: in all tiles, or in none.
fn is_new(page: &Answer) -> bool {
    let mut tiles = page
        .text()
        .split("data-tile=\"")
        .skip(1)
        .collect::<Vec<_>>();
    tiles.retain(|tile| TILES.iter().any(|id| tile.starts_with(&format!("{id}\""))));
    assert_eq!(tiles.len(), TILES.len());
    let new = tiles.iter().filter(|tile| tile.contains(FRESH)).count();
    assert!(
        new == 0 || new == TILES.len(),
        "{new} tiles are new and the others old"
    );
    new > 0
}

fn amounts(answer: &Answer) -> (bool, Value, Value) {
    let body = answer.json();
    let rows = body["rows"].as_array().unwrap();
    let new = rows.iter().any(|row| row[0] == FRESH);
    (
        new,
        body["snapshots"]["gold.notes"].clone(),
        body["source"].clone(),
    )
}

#[tokio::test]
async fn invariant_13_the_old_set_is_shown_whole_then_the_new_one() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let open = async || world.send(launch(SLUG, HOST, &token)).await.ok();
    assert!(!is_new(&open().await));
    assert!(!is_new(&open().await));
    let old = world.send(get(LIST).bearer(&token)).await.ok();
    let (_, old_id, _) = amounts(&old);

    arrive(&world, &canaries).await;

    let before = world.reads().await.len();
    let stale = open().await;
    assert!(
        !is_new(&stale),
        "nobody waits for a new snapshot while the old one is at hand"
    );
    let reads = world.reads().await.split_off(before);
    assert!(
        reads.iter().all(|read| read.source == Source::Stale),
        "{reads:?}"
    );
    assert!(
        reads
            .iter()
            .filter(|read| read.tile.as_str() == "list")
            .all(|read| old_id == read.snapshot.as_str())
    );

    let mut looks = 0;
    while !is_new(&open().await) {
        looks += 1;
        assert!(looks < 500, "the new set never comes");
        // A look from the cache waits for nothing, and the runtime has one thread.
        tokio::task::yield_now().await;
    }
    for _ in 0..3 {
        assert!(is_new(&open().await), "the old set comes back");
    }
    let (new, id, source) = amounts(&world.send(get(LIST).bearer(&token)).await.ok());
    assert!(
        new && id != old_id && source == json!("cache"),
        "{id} {source}"
    );
    world.assert_chain().await;
}

#[tokio::test]
async fn a_stale_tile_says_so_and_keeps_the_snapshot_it_was_computed_on() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let (_, old_id, _) = amounts(&world.send(get(LIST).bearer(&token)).await.ok());
    arrive(&world, &canaries).await;
    let mut looks = 0;
    loop {
        let (new, id, source) = amounts(&world.send(get(LIST).bearer(&token)).await.ok());
        assert_eq!(
            new,
            id != old_id,
            "rows of one snapshot under the name of another"
        );
        assert_eq!(source == json!("stale"), !new);
        if new {
            break;
        }
        looks += 1;
        assert!(looks < 500, "the new set never comes");
        // A look from the cache waits for nothing, and the runtime has one thread.
        tokio::task::yield_now().await;
    }
    assert!(
        looks > 0,
        "the first look after the arrival waited for the engine"
    );
}

#[tokio::test]
async fn p13_a_refresh_is_computed_for_each_reader_under_the_own_grant() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let (auto, home) = (
        world.token(&Who::analyst("auto"), SLUG),
        world.token(&Who::analyst("home"), SLUG),
    );
    for token in [&auto, &home] {
        world.send(get(LIST).bearer(token)).await.ok();
    }
    arrive(&world, &canaries).await;
    for _ in 0..50 {
        for (token, may) in [(&auto, true), (&home, false)] {
            let answer = world.send(get(LIST).bearer(token)).await.ok();
            assert!(may || !answer.text().contains(FRESH));
        }
    }
}

#[tokio::test]
async fn an_old_set_is_not_shown_for_ever() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let who = Who::analyst("auto");
    world
        .send(get(LIST).bearer(&world.token(&who, SLUG)))
        .await
        .ok();
    arrive(&world, &canaries).await;
    world.clock.advance(TimeDelta::seconds(301));
    let (new, _, source) = amounts(
        &world
            .send(get(LIST).bearer(&world.token(&who, SLUG)))
            .await
            .ok(),
    );
    assert!(new && source == json!("engine"), "{source}");
}

#[tokio::test]
async fn whoever_saw_nothing_yet_begins_on_the_new_set() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    arrive(&world, &canaries).await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    assert!(is_new(&world.send(launch(SLUG, HOST, &token)).await.ok()));
}
