//! Taking rows along: the same rows as on the screen, for whoever has the right, on record first
//! (invariants 1, 4 and 10; attacks E6, E7; no file is a way around).

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use weir_identity::{EmbedGrant, Right};
use weir_registry::{ExportFormat, ReadOutcome};

use crate::support::ask::{Answer, ask, get, launch, with_query};
use crate::support::canaries::{Canaries, HOSTILE, canary, held};
use crate::support::world::{HOST, UNITS, Who, World};

const SLUG: &str = "finance-overview";

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let plan = canaries.plan();
    let world = World::build_changed(&plan, |text, _| {
        text.push_str("\n[exports]\nroles = [\"executive\"]\n");
    });
    (canaries, world.await.unwrap())
}

fn file(slug: &str, tile: &str) -> String {
    format!("/api/v1/dashboards/{slug}/tiles/{tile}/export?format=csv")
}

fn data(slug: &str, tile: &str) -> String {
    format!("/api/v1/dashboards/{slug}/tiles/{tile}/data")
}

/// A token that carries both rights.
fn token(world: &World, who: &Who, slug: &str) -> String {
    world.mint(EmbedGrant {
        rights: BTreeSet::from(Right::ALL),
        ..World::grant(who, slug)
    })
}

/// What the file says below its first line; no text of it is guarded.
fn lines(answer: &Answer) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(answer.body.as_ref());
    let records = reader.records().map(Result::unwrap);
    let record = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    records.map(record).collect()
}

/// The rows of a tile's JSON, spelled as in a file.
fn spelled(answer: &Answer) -> Vec<Vec<String>> {
    let cell = |cell: &Value| match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap().to_string(),
        other => other.to_string(),
    };
    let rows = answer.json()["rows"].as_array().unwrap().clone();
    let rows = rows.iter().map(|row| row.as_array().unwrap().iter());
    rows.map(|row| row.map(cell).collect()).collect()
}

/// Ratios may differ in their last digits: sums of them are added up in another order each time.
fn same(shown: &[Vec<String>], exported: &[Vec<String>], place: &str) {
    let rounded = |cell: &String| match cell.parse::<f64>() {
        Ok(number) if cell.len() > 12 => format!("{number:.9}"),
        _ => cell.clone(),
    };
    let rounded = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
        let rows = rows.iter();
        rows.map(|row| row.iter().map(rounded).collect()).collect()
    };
    assert_eq!(rounded(shown), rounded(exported), "{place}");
}

#[tokio::test]
async fn an_export_holds_the_readers_rows_and_nobody_elses() {
    let (_canaries, world) = world().await;
    for unit in UNITS {
        let token = token(&world, &Who::analyst(unit), SLUG);

        let answer = world
            .send(get(&file(SLUG, "list")).bearer(&token))
            .await
            .ok();

        let text = answer.text();
        assert!(text.contains(&canary(unit)), "{unit}: {text}");
        for other in UNITS {
            assert!(
                other == unit || !text.contains(&canary(other)),
                "{unit}: {text}"
            );
            assert!(!text.contains(&held(other)), "{unit}: {text}");
        }
    }
}

/// Every tile of the repository, for one person of each kind: a file is what the screen shows.
#[tokio::test]
async fn a_file_has_the_rows_of_its_tile() {
    let world = World::of_the_sample_lake().await;
    let mut compared = 0;
    for who in [
        Who::analyst("auto"),
        Who::broker(),
        Who::exec(),
        Who::newcomer(),
    ] {
        for (slug, tiles, _) in world.dashboards() {
            let token = token(&world, &who, &slug);
            for tile in tiles {
                let shown = world.send(get(&data(&slug, &tile)).bearer(&token)).await;
                let exported = world.send(get(&file(&slug, &tile)).bearer(&token)).await;

                let place = format!("{} {slug} {tile}", who.name);
                assert_eq!(shown.status, exported.status, "{place}");
                if shown.status == StatusCode::OK && shown.json()["truncated"] == json!(false) {
                    same(&spelled(&shown), &lines(&exported), &place);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 20, "only {compared} tiles were compared");
}

#[tokio::test]
async fn an_export_is_on_record_with_what_it_was() {
    let (_canaries, world) = world().await;
    let token = token(&world, &Who::analyst("auto"), SLUG);

    let answer = world
        .send(get(&file(SLUG, "list")).bearer(&token))
        .await
        .ok();

    let name = answer.header("content-disposition").unwrap();
    assert_eq!(name, "attachment; filename=\"finance-overview-list.csv\"");
    assert_eq!(answer.header("weir-truncated"), Some("false"));
    let reads = world.reads().await;
    let [read] = reads.as_slice() else {
        panic!("{reads:?}");
    };
    assert_eq!(read.export, Some(ExportFormat::Csv));
    assert_eq!(read.outcome, ReadOutcome::Answered);
    assert_eq!(read.rows, lines(&answer).len() as u64);
    assert_eq!(read.tile.as_str(), "list");
    world.assert_chain().await;
}

#[tokio::test]
async fn e6_whoever_may_look_may_not_take_along_without_the_right() {
    let (_canaries, world) = world().await;
    let looks = world.token(&Who::analyst("auto"), SLUG);
    let takes_workbooks = world.mint(EmbedGrant {
        rights: BTreeSet::from([Right::ExportXlsx]),
        ..World::grant(&Who::analyst("auto"), SLUG)
    });
    for token in [&looks, &takes_workbooks] {
        let refused = world.send(get(&file(SLUG, "list")).bearer(token)).await;

        let refused = refused.expect(StatusCode::FORBIDDEN);
        assert_eq!(refused.problem(), "export-not-allowed");
    }
    let denials = world.denials().await;
    let codes: Vec<_> = denials.iter().map(|denial| denial.code.as_str()).collect();
    assert_eq!(codes, ["export-not-allowed"; 2]);
    assert_eq!(world.reads().await.len(), 0, "nothing was read");
}

#[tokio::test]
async fn members_take_along_by_their_role_and_by_nothing_else() {
    let (_canaries, world) = world().await;
    for (who, status) in [
        (Who::exec(), StatusCode::OK),
        (Who::analyst("auto"), StatusCode::FORBIDDEN),
        (Who::governor(), StatusCode::FORBIDDEN),
    ] {
        let session = world.session(&who).await;
        let ask = get(&file(SLUG, "list")).cookie(&session);

        assert_eq!(world.send(ask).await.status, status, "{}", who.name);
    }
}

/// The address of the file that the menu of `tile` offers.
fn offered(page: &Answer, tile: &str) -> Option<String> {
    let path = format!("/tiles/{tile}/export?");
    let mut buttons = page.text().split("<button ").skip(1);
    let button = buttons.find(|button| button.contains("data-export") && button.contains(&path))?;
    let (_, href) = button.split_once("data-href=\"")?;
    Some(href.split_once('"')?.0.replace("&amp;", "&"))
}

#[tokio::test]
async fn the_menu_offers_the_file_to_whoever_may_take_it_along_and_to_nobody_else() {
    let (_canaries, world) = world().await;
    let analyst = Who::analyst("auto");
    let (may, may_not) = (token(&world, &analyst, SLUG), world.token(&analyst, SLUG));
    // The second is of the same kind as the first, and shown pieces that were drawn before.
    for (token, offers) in [(&may, true), (&may_not, false), (&may, true)] {
        let page = world.send(launch(SLUG, HOST, token)).await.ok();
        assert_eq!(offered(&page, "list").is_some(), offers);
        let part = get(&format!("/embed/{SLUG}/tiles/list")).bearer(token);
        let part = world.send(part).await.ok();
        assert_eq!(offered(&part, "list").is_some(), offers);
    }
    for (who, offers) in [(Who::exec(), true), (analyst, false)] {
        let session = world.session(&who).await;
        let page = get(&format!("/d/{SLUG}")).cookie(&session).page();
        let page = world.send(page).await.ok();
        assert_eq!(offered(&page, "list").is_some(), offers, "{}", who.name);
    }
}

#[tokio::test]
async fn the_file_in_the_menu_holds_what_the_page_was_asked_for() {
    let (_canaries, world) = world().await;
    let session = world.session(&Who::exec()).await;
    let mut files = BTreeSet::new();
    for query in [
        "",
        "period=2026-10-01..2026-10-07",
        "place=everywhere",
        "place=everywhere&place=nowhere%20%26%20else&locale=fr-CA",
    ] {
        let path = format!("/d/{SLUG}?{query}");
        let page = world.send(get(&path).cookie(&session).page()).await.ok();
        let href = offered(&page, "list").unwrap();

        let file = world.send(get(&href).cookie(&session)).await.ok();

        let shown = get(&format!("{}?{query}", data(SLUG, "list"))).cookie(&session);
        let shown = world.send(shown).await.ok();
        same(&spelled(&shown), &lines(&file), query);
        files.insert(file.text().to_owned());
    }
    assert!(files.len() > 1, "every question has the same answer");
}

/// One file at a time is computed and held; this one is, because nobody reads it.
#[tokio::test]
async fn who_finds_no_place_for_a_file_in_time_is_told_when_to_come_again() {
    let canaries = Canaries::new();
    let plan = canaries.plan();
    let world = World::build_changed(&plan, |text, _| {
        let timing = "snapshot_refresh_ms = 1\nquery_deadline_ms = 2000";
        *text = text.replace("snapshot_refresh_ms = 1", timing);
    });
    let world = world.await.unwrap();
    let token = token(&world, &Who::analyst("auto"), SLUG);
    let ask = || get(&file(SLUG, "list")).bearer(&token);
    let unread = world.stream(ask()).await;
    assert_eq!(unread.status(), StatusCode::OK);

    let refused = world.send(ask()).await;

    let refused = refused.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.problem(), "overloaded");
    assert_eq!(refused.header("retry-after"), Some("10"));
    drop(unread);
    world.send(ask()).await.ok();
}

#[tokio::test]
async fn a_link_on_another_site_makes_no_member_take_rows_along() {
    let (_canaries, world) = world().await;
    let session = world.session(&Who::exec()).await;
    let from = async |site: &str| {
        let ask = get(&file(SLUG, "list")).cookie(&session);
        world.send(ask.header("sec-fetch-site", site)).await.status
    };

    assert_eq!(from("cross-site").await, StatusCode::FORBIDDEN);
    assert_eq!(from("same-site").await, StatusCode::FORBIDDEN);
    assert_eq!(world.reads().await.len(), 0);
    assert_eq!(from("same-origin").await, StatusCode::OK);
    assert_eq!(from("none").await, StatusCode::OK);
}

#[tokio::test]
async fn e6_no_token_no_session_no_file() {
    let (_canaries, world) = world().await;
    let token = token(&world, &Who::analyst("auto"), SLUG);
    let path = file(SLUG, "list");

    assert_eq!(
        world.send(get(&path)).await.status,
        StatusCode::UNAUTHORIZED
    );
    world.clock.advance(chrono::TimeDelta::hours(1));
    let expired = world.send(get(&path).bearer(&token)).await;

    assert_eq!(expired.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.reads().await.len(), 0);
}

#[tokio::test]
async fn e1_a_token_takes_nothing_of_another_dashboard() {
    let (_canaries, world) = world().await;
    let token = token(&world, &Who::analyst("auto"), SLUG);

    let other = file("claims-operations", "elsewhere");
    assert_eq!(
        world.send(get(&other).bearer(&token)).await.status,
        StatusCode::NOT_FOUND
    );
    let unknown = file(SLUG, "nothing");
    assert_eq!(
        world.send(get(&unknown).bearer(&token)).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn e7_a_locked_filter_holds_in_files_too() {
    let (_canaries, world) = world().await;
    let token = world.locked(&Who::analyst("auto"), SLUG, "place", &["everywhere"]);
    let path = file(SLUG, "list");

    let answer = world.send(get(&path).bearer(&token)).await.ok();
    let wider = with_query(
        &data(SLUG, "list").replace("/data", "/export"),
        &[("format", "csv"), ("place", &canary("auto"))],
    );
    let refused = world.send(get(&wider).bearer(&token)).await;

    assert!(lines(&answer).iter().all(|line| line[0] == "everywhere"));
    assert!(!answer.text().contains(&canary("auto")));
    assert!(
        !refused.text().contains(&canary("auto")),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn a_format_that_is_missing_twice_there_or_unknown_is_refused() {
    let (_canaries, world) = world().await;
    let token = token(&world, &Who::analyst("auto"), SLUG);
    for query in [
        "",
        "?format=",
        "?format=xlsx",
        "?format=csv&format=xlsx",
        "?Format=csv",
    ] {
        let path = data(SLUG, "list").replace("/data", "/export") + query;

        let refused = world.send(get(&path).bearer(&token)).await;

        assert_eq!(
            refused.expect(StatusCode::BAD_REQUEST).problem(),
            "invalid-parameter"
        );
    }
}

#[tokio::test]
async fn e10_what_was_revoked_or_locked_can_not_be_taken_along() {
    let (_canaries, world) = world().await;
    let token = token(&world, &Who::analyst("auto"), SLUG);
    let admin = world.session(&Who::governor()).await;
    let lock = ask(Method::PUT, &format!("/api/v1/lockdowns/dashboard:{SLUG}"))
        .cookie(&admin)
        .header("origin", "https://weir.example")
        .header("sec-fetch-site", "same-origin")
        .json(&json!({ "reason": "a test of files" }));
    let locked = world.send(lock).await;
    assert!(locked.status.is_success(), "{}", locked.text());

    let refused = world.send(get(&file(SLUG, "list")).bearer(&token)).await;

    assert!(!refused.status.is_success(), "{}", refused.text());
    assert!(!refused.text().contains(&canary("auto")));
}

/// The text of the test lake that others tried to get run.
#[tokio::test]
async fn c5_hostile_text_is_quoted_and_stays_text() {
    let (_canaries, world) = world().await;
    let token = token(&world, &Who::analyst("auto"), SLUG);

    let answer = world
        .send(get(&file(SLUG, "list")).bearer(&token))
        .await
        .ok();

    assert!(lines(&answer).iter().any(|line| line[0] == HOSTILE));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
}
