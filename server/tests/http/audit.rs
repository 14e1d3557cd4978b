//! No audit, no read (invariant 10; failure F75).

use http::StatusCode;
use serde_json::json;
use weir_registry::{ReadOutcome, Realm, Source};

use crate::support::ask::{Ask, get, launch, post};
use crate::support::canaries::Canaries;
use crate::support::world::{CRM, HOST, Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const VALUES: &str = "/api/v1/dashboards/finance-overview/filters/place/values";
const TILE: &str = "/embed/finance-overview/tiles/list";

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

#[tokio::test]
async fn f75_every_read_is_on_record_from_the_engine_and_from_the_cache_alike() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    let first = world.send(get(LIST).bearer(&token)).await.ok();
    let second = world.send(get(LIST).bearer(&token)).await.ok();
    assert_eq!(
        (&first.json()["source"], &second.json()["source"]),
        (&json!("engine"), &json!("cache"))
    );
    let reads = world.reads().await;
    let [cold, warm] = reads.as_slice() else {
        panic!("{reads:?}")
    };
    assert_eq!((cold.source, warm.source), (Source::Engine, Source::Cache));
    assert!(cold.bytes > 0 && warm.bytes == 0);
    assert_eq!(cold.fingerprint, warm.fingerprint);
    for read in [cold, warm] {
        assert_eq!(read.realm, Realm::Embed);
        assert_eq!(read.dashboard.as_str(), SLUG);
        assert_eq!(read.tile.as_str(), "list");
        assert_eq!(read.rows, 3);
        assert_eq!(read.outcome, ReadOutcome::Answered);
        let rules: Vec<_> = read.matched_rules.iter().map(ToString::to_string).collect();
        assert!(rules.contains(&"bu-own-rows".to_owned()), "{rules:?}");
        assert_eq!(
            first.json()["snapshots"]["gold.notes"],
            read.snapshot.as_str()
        );
    }
    let requests: Vec<_> = world
        .audit()
        .await
        .iter()
        .map(|r| r.event().request().to_string())
        .collect();
    assert_eq!(requests[0], first.header("x-request-id").unwrap());
    assert_eq!(requests[1], second.header("x-request-id").unwrap());
    world.assert_chain().await;
}

#[tokio::test]
async fn a_page_view_puts_every_tile_it_shows_on_record_before_its_first_byte() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    for _ in 0..2 {
        let before = world.reads().await.len();
        let page = world.send(launch(SLUG, HOST, &token)).await.ok();
        let reads = world.reads().await.split_off(before);
        for tile in ["total", "share", "by-place", "stacked", "list", "visits"] {
            assert!(
                page.text()
                    .contains(&format!("data-tile=\"{tile}\" data-state=\"ready\""))
            );
            assert!(
                reads.iter().any(|read| read.tile.as_str() == tile),
                "{tile} is not on record"
            );
        }
        // The sparkline of the key figure is a read of its own.
        assert_eq!(
            reads
                .iter()
                .filter(|read| read.tile.as_str() == "total")
                .count(),
            2
        );
    }
    let cookie = world.session(&Who::analyst("auto")).await;
    world
        .send(get("/d/finance-overview").cookie(&cookie).page())
        .await
        .ok();
    let browser = world
        .reads()
        .await
        .into_iter()
        .filter(|read| read.realm == Realm::Browser)
        .count();
    assert!(browser >= 7, "{browser}");
    world.assert_chain().await;
}

#[tokio::test]
async fn lists_of_filter_values_are_reads_too() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    world.send(get(VALUES).bearer(&token)).await.ok();
    world.send(get(VALUES).bearer(&token)).await.ok();
    let reads = world.reads().await;
    assert_eq!(reads.len(), 2);
    assert!(
        reads
            .iter()
            .all(|read| read.tile.as_str() == "filter:place"),
        "{reads:?}"
    );
    world.send(launch(SLUG, HOST, &token)).await.ok();
    let listed = world
        .reads()
        .await
        .into_iter()
        .filter(|read| read.tile.as_str() == "filter:place");
    assert_eq!(
        listed.count(),
        3,
        "values that stand in the page are on record"
    );
}

#[tokio::test]
async fn one_person_is_one_subject_in_the_audit_and_two_persons_are_two() {
    let (_canaries, world) = world().await;
    for who in [
        Who::analyst("auto"),
        Who::analyst("home"),
        Who::analyst("auto"),
    ] {
        let token = world.token(&who, SLUG);
        world.send(get(LIST).bearer(&token)).await.ok();
    }
    let subjects: Vec<_> = world
        .reads()
        .await
        .into_iter()
        .map(|read| read.subject)
        .collect();
    assert_eq!(subjects[0], subjects[2]);
    assert_ne!(subjects[0], subjects[1]);
}

#[tokio::test]
async fn f7_the_same_name_in_another_realm_is_another_subject() {
    let (_canaries, world) = world().await;
    let who = Who::analyst("auto");
    let token = world.token(&who, SLUG);
    world.send(get(LIST).bearer(&token)).await.ok();
    let cookie = world.session(&who).await;
    world.send(get(LIST).cookie(&cookie)).await.ok();
    let reads = world.reads().await;
    assert_ne!(reads[0].subject, reads[1].subject);
}

#[tokio::test]
async fn f75_when_nothing_can_be_recorded_nothing_is_shown_not_even_from_the_cache() {
    let (_canaries, world) = world().await;
    let who = Who::analyst("auto");
    let token = world.token(&who, SLUG);
    let cookie = world.session(&who).await;
    let asks = || -> Vec<Ask> {
        vec![
            get(LIST).bearer(&token),
            get(VALUES).bearer(&token),
            get(TILE).bearer(&token),
            launch(SLUG, HOST, &token),
            get(LIST).cookie(&cookie),
            get("/d/finance-overview").cookie(&cookie).page(),
        ]
    };
    for ask in asks() {
        world.send(ask).await.ok();
    }
    world.app.state().registry.close().await.unwrap();
    for ask in asks() {
        let answer = world.send(ask).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert!(
            !answer.text().contains("canary") && !answer.text().contains("everywhere"),
            "{}",
            answer.text()
        );
    }
    let withheld = world.token(&Who::newcomer(), SLUG);
    let answer = world.send(get(LIST).bearer(&withheld)).await;
    assert_eq!(
        answer.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "a refusal is on record or it is no answer"
    );
    let wish = json!({ "dashboard": SLUG, "subject": { "sub": "u" }, "business_units": ["auto"], "origin": HOST });
    let mint = world
        .send(post("/api/v1/embed-tokens").basic(CRM.0, CRM.1).json(&wish))
        .await;
    assert_eq!(mint.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(mint.problem(), "audit-unavailable");
    let ready = world
        .send(get("/readyz"))
        .await
        .expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.json()["status"], "unavailable");
    world.send(get("/healthz")).await.ok();
}

#[tokio::test]
async fn a_streamed_tile_that_cannot_be_recorded_is_an_error_and_not_a_skeleton() {
    let canaries = Canaries::new();
    let mut plan = canaries.plan();
    plan.first_paint_wait_ms = 0;
    let world = World::build(&plan).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    // The head is answered while the log still takes records; then the log ends.
    let request = launch(SLUG, HOST, &token).build();
    let response = tower::ServiceExt::oneshot(world.app.router(), request)
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    world.app.state().registry.close().await.unwrap();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    let text = std::str::from_utf8(&body).unwrap();
    assert_eq!(text.matches("data-state=\"error\"").count(), 6, "{text}");
    assert!(
        !text.contains("canary"),
        "rows were shown that are not on record"
    );
    assert!(text.ends_with("</html>"));
}
