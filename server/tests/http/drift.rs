//! A table that is not what its dataset declares any more: what needs it is withheld, nothing else
//! is, and the admins hear of it (invariants 2 and 3).

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use http::StatusCode;
use serde_json::json;
use weir_registry::{DriftStepKind, Fact};

use crate::support::ask::{get, launch};
use crate::support::canaries::Canaries;
use crate::support::world::{HOST, UNITS, Who, World};

const SLUG: &str = "finance-overview";

/// Rows in the first file of a table.
const ROWS: usize = 5 * UNITS.len();

async fn tile(world: &World, tile: &str) -> crate::support::ask::Answer {
    let token = world.token(&Who::analyst("auto"), SLUG);
    let data = format!("/api/v1/dashboards/{SLUG}/tiles/{tile}/data");
    world.send(get(&data).bearer(&token)).await
}

/// The tiles of the page that are in a state.
async fn tiles(world: &World, state: &str) -> Vec<String> {
    let token = world.token(&Who::analyst("auto"), SLUG);
    let page = world.send(launch(SLUG, HOST, &token)).await.ok();
    let tiles = page.text().split("data-tile=\"").skip(1);
    let of_state = tiles.filter(|tile| {
        let tag = tile.split('>').next().unwrap();
        tag.contains(&format!("data-state=\"{state}\""))
    });
    let ids = of_state.map(|tile| tile.split('"').next().unwrap().to_owned());
    ids.collect()
}

async fn look(world: &World) {
    world.app.state().lake.look().await.unwrap();
}

async fn steps(world: &World) -> Vec<(DriftStepKind, String, String)> {
    let records = world.audit().await.into_iter();
    let steps = records.filter_map(|record| match record.fact() {
        Fact::Drift(step) => Some((
            step.step,
            step.dataset.as_str().to_owned(),
            step.column.as_str().to_owned(),
        )),
        _ => None,
    });
    steps.collect()
}

#[tokio::test]
async fn a_lost_column_withholds_what_needs_it_and_nothing_else_until_it_is_back() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let places: StringArray = (0..ROWS).map(|_| Some("somewhere")).collect();
    assert_eq!(tiles(&world, "withheld").await, Vec::<String>::new());

    canaries.change_column("visits", "place", None);
    look(&world).await;

    assert_eq!(tiles(&world, "withheld").await, ["visits"]);
    assert_eq!(tiles(&world, "ready").await.len(), 5);
    let refused = tile(&world, "visits").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.json()["type"], "/problems/schema-drift");
    assert!(!refused.text().contains("place"), "{refused:?}");

    canaries.change_column("visits", "place", Some(Arc::new(places)));
    look(&world).await;

    assert_eq!(
        tiles(&world, "withheld").await,
        Vec::<String>::new(),
        "no older set is shown on which it can't be read"
    );
    // The set from before the loss is shown until the answers of the new one are there.
    let mut looks = 0;
    while tile(&world, "visits").await.ok().json()["rows"][0][0] != "somewhere" {
        looks += 1;
        assert!(looks < 500, "what the table holds by now is never shown");
        tokio::task::yield_now().await;
    }
    let step = |kind| (kind, "gold.visits".to_owned(), "place".to_owned());
    assert_eq!(
        steps(&world).await,
        [step(DriftStepKind::Begin), step(DriftStepKind::End)]
    );
    world.assert_chain().await;
}

#[tokio::test]
async fn invariant_3_a_column_that_a_rule_needs_withholds_the_whole_dataset() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    tiles(&world, "ready").await;

    canaries.change_column("notes", "legal_hold", None);
    look(&world).await;

    assert_eq!(
        tiles(&world, "withheld").await,
        ["total", "share", "by-place", "stacked", "list"],
        "nobody can say any more which rows are under legal hold"
    );
    assert_eq!(tiles(&world, "ready").await, ["visits"]);
}

#[tokio::test]
async fn a_retyped_column_is_never_read_as_what_was_declared() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let digits: StringArray = (0..ROWS).map(|_| Some("12.00")).collect();

    canaries.change_column("visits", "amount", Some(Arc::new(digits)));
    look(&world).await;

    assert_eq!(tiles(&world, "withheld").await, ["visits"]);
}

#[tokio::test]
async fn readers_are_told_in_their_language_and_no_column_is_named() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    canaries.change_column("visits", "amount", None);
    look(&world).await;

    for (locale, words) in [
        (
            "en-CA",
            "has changed, and this view needs a part of it that is missing",
        ),
        (
            "fr-CA",
            "ont changé, et il manque une partie dont cette vue a besoin",
        ),
    ] {
        let path = format!("/embed/{SLUG}/tiles/visits?locale={locale}");
        let shown = world.send(get(&path).bearer(&token)).await.ok();
        assert!(shown.text().contains(words), "{locale}: {}", shown.text());
        assert!(!shown.text().contains("amount"), "{}", shown.text());
    }
}

#[tokio::test]
async fn admins_see_what_differs_and_an_added_column_is_only_a_note() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let governor = world.session(&Who::governor()).await;
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1; ROWS]));
    canaries.change_column("visits", "place", None);
    canaries.change_column("notes", "extra", Some(numbers));
    look(&world).await;

    let answer = world.send(get("/api/v1/drift").cookie(&governor)).await;
    let answer = answer.ok().json();
    let home = world
        .send(get("/admin").page().cookie(&governor))
        .await
        .ok();
    let record = get("/admin/audit?kind=drift").page().cookie(&governor);
    let record = world.send(record).await.ok();

    let lines = answer["drift"].as_array().unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            json!([
                line["dataset"],
                line["column"],
                line["kind"],
                line["withholds"]
            ])
        })
        .collect();
    assert_eq!(
        told,
        [
            json!(["gold.visits", "place", "missing", true]),
            json!(["gold.notes", "extra", "added", false]),
        ]
    );
    assert_eq!(lines[0]["since"], "2026-11-15T12:00:00Z");
    assert!(
        home.text()
            .contains("the column place is not in the table any more")
    );
    assert!(!home.text().contains("extra"), "{}", home.text());
    assert!(
        record
            .text()
            .contains("the column place is not as declared")
    );
    assert_eq!(tiles(&world, "withheld").await, ["visits"]);
}

#[tokio::test]
async fn what_does_not_fit_at_the_start_stops_the_start() {
    let canaries = Canaries::new();
    canaries.change_column("visits", "place", None);

    let error = World::build(&canaries.plan()).await.unwrap_err();

    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("the table has no column `place`"), "{cause}");
}
