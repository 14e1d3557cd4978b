//! How much is used: counted for everybody, told of nobody.

use chrono::TimeDelta;
use http::StatusCode;

use crate::support::ask::{get, launch};
use crate::support::canaries::Canaries;
use crate::support::world::{HOST, Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

fn person(unit: &'static str, number: usize) -> Who {
    Who {
        name: format!("analyst-{unit}-{number}"),
        ..Who::analyst(unit)
    }
}

#[tokio::test]
async fn admins_see_how_much_is_used_and_not_by_whom() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let readers = (0..6).map(|number| person("auto", number));
    for who in readers.chain([person("home", 0)]) {
        let token = world.token(&who, SLUG);
        world.send(launch(SLUG, HOST, &token)).await.ok();
        world.send(get(LIST).bearer(&token)).await.ok();
    }
    // Records that were asked for are in the log, and so are their sums.
    let reads = world.reads().await.len() as u64;
    world.clock.advance(TimeDelta::minutes(1));
    let governor = world.session(&Who::governor()).await;

    let answer = world.send(get("/api/v1/usage").cookie(&governor)).await;
    let answer = answer.ok().json();

    let board = &answer["dashboards"][0];
    assert_eq!(board["dashboard"], SLUG, "{answer}");
    assert_eq!((&board["people"], &board["opens"]), (&7.into(), &7.into()));
    assert_eq!(board["reads"], reads);
    assert_eq!(
        board["business_units"],
        serde_json::json!([]),
        "one person of home would be told by subtraction: {board}"
    );
    assert_eq!(board["others"]["reads"], reads);
    let list = board["tiles"].as_array().unwrap();
    let list = list.iter().find(|tile| tile["tile"] == "list").unwrap();
    assert_eq!(list["reads"], 14, "once on the page, once as data: {list}");
    assert!(!answer.to_string().contains("analyst"), "{answer}");
}

#[tokio::test]
async fn usage_is_asked_for_a_time_that_ends_after_it_starts() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let governor = world.session(&Who::governor()).await;
    let backwards = "/api/v1/usage?from=2026-10-02T00:00:00Z&to=2026-10-01T00:00:00Z";

    let refused = world.send(get(backwards).cookie(&governor)).await;

    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
}
