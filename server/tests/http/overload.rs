//! More is asked for than can be answered: who waits, who is told so, and how (D1, D2).

use http::{Method, StatusCode};
use weir_policy::BusinessUnit;
use weir_server::overload::Class;

use crate::support::ask::{get, launch};
use crate::support::canaries::Canaries;
use crate::support::frame::dpop;
use crate::support::world::{HOST, Plan, Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const VALUES: &str = "/api/v1/dashboards/finance-overview/filters/place/values";

/// A Weir that works on one request at a time, and lets none wait.
async fn busy(plan: &Plan) -> World {
    let one_at_a_time = |text: &mut String, _: &tempfile::TempDir| {
        let wait = "longest_wait_ms = 60000";
        assert!(text.contains(wait));
        *text = text.replace(wait, "longest_wait_ms = 0\nmost_at_once = 1");
    };
    World::build_changed(plan, one_at_a_time).await.unwrap()
}

#[tokio::test]
async fn d1_who_comes_when_there_is_too_much_to_do_is_told_at_once_and_in_their_language() {
    let canaries = Canaries::new();
    let world = busy(&canaries.plan()).await;
    let who = Who::analyst("auto");
    let (token, cookie) = (world.token(&who, SLUG), world.session(&who).await);
    let admission = &world.app.state().dashboards.admission;
    world.send(get(LIST).bearer(&token)).await.ok();
    let held = admission.turn(Class::Page, None).await.unwrap();

    let page = world
        .send(launch(SLUG, HOST, &token).header("accept-language", "fr-CA"))
        .await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.text().contains("Trop de demandes en ce moment"),
        "{}",
        page.text()
    );
    for path in [LIST, VALUES] {
        let answer = world.send(get(path).bearer(&token)).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.problem(), "overloaded");
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3).contains(&seconds), "{seconds}");
    }
    let member = world
        .send(get("/d/finance-overview").cookie(&cookie).page())
        .await;
    assert_eq!(member.status, StatusCode::SERVICE_UNAVAILABLE);
    for path in ["/healthz", "/readyz", "/.well-known/jwks.json"] {
        world.send(get(path)).await.ok();
    }

    drop(held);
    world.send(get(LIST).bearer(&token)).await.ok();
    world.send(launch(SLUG, HOST, &token)).await.ok();
    let load = admission.load();
    assert_eq!(load.working, 0, "whoever was answered holds nothing");
    let [pages, tiles, ..] = load.classes;
    assert_eq!((pages.refused, tiles.refused), (2, 2));
}

#[tokio::test]
async fn d1_where_there_is_too_much_to_do_nobody_looks_at_a_proof_and_it_is_good_later() {
    let canaries = Canaries::new();
    let world = busy(&canaries.plan()).await;
    let frame = world.frame(&Who::analyst("auto"), SLUG).await;
    let now = world.clock.now();
    let good = frame.key.proof((&Method::GET, LIST), &frame.token, now);
    let admission = &world.app.state().dashboards.admission;
    world.send(frame.get(&world, LIST)).await.ok();
    let held = admission.turn(Class::Page, None).await.unwrap();

    for proof in [good.as_str(), "noise"] {
        let answer = world.send(dpop(get(LIST), &frame.token, proof)).await;
        assert_eq!(answer.problem(), "overloaded");
        assert!(answer.header("retry-after").is_some());
    }
    let forged = format!("{}x", frame.token);
    let answer = world.send(dpop(get(LIST), &forged, &good)).await;
    assert_eq!(
        answer.problem(),
        "invalid-token",
        "a token is always looked at"
    );

    drop(held);
    let answer = world.send(dpop(get(LIST), &frame.token, &good)).await;
    answer.ok();
    let again = world.send(dpop(get(LIST), &frame.token, &good)).await;
    assert_eq!(again.problem(), "invalid-proof", "it serves once");
}

/// A page that waits for the engine leaves its turn to others.
#[tokio::test]
async fn d1_waiting_for_the_engine_is_not_work() {
    let canaries = Canaries::new();
    let mut plan = canaries.plan();
    plan.first_paint_wait_ms = 0;
    let world = busy(&plan).await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    // Sent, and its late tiles not read yet.
    let streaming = world.stream(launch(SLUG, HOST, &token)).await;
    let load = world.app.state().dashboards.admission.load();
    assert_eq!(load.working, 0);
    let page = axum::body::to_bytes(streaming.into_body(), usize::MAX)
        .await
        .unwrap();
    assert!(String::from_utf8_lossy(&page).contains("settled"));
}

/// A hundred readers of one unit and one of another, on a machine that works on one at a time.
#[tokio::test]
async fn d2_one_reader_of_a_small_unit_does_not_wait_for_a_hundred_of_another() {
    let canaries = Canaries::new();
    let world = World::build_changed(&canaries.plan(), |text, _| {
        *text = text.replace("longest_wait_ms", "most_at_once = 1\nlongest_wait_ms");
    })
    .await
    .unwrap();
    let (heavy, light) = (Who::analyst("auto"), Who::analyst("home"));
    for who in [&heavy, &light] {
        let token = world.token(who, SLUG);
        world.send(get(LIST).bearer(&token)).await.ok();
    }
    let admission = world.app.state().dashboards.admission.clone();
    let unit = BusinessUnit::parse("other").unwrap();
    let held = admission.turn(Class::Page, Some(&unit)).await.unwrap();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let ask = |who: &Who| {
        let token = world.token(who, SLUG);
        let answer = world.send(get(LIST).bearer(&token));
        let done = &done;
        async move {
            answer.await.ok();
            done.fetch_add(1, std::sync::atomic::Ordering::SeqCst)
        }
    };
    let crowd = futures::future::join_all((0..100).map(|_| ask(&heavy)));
    let release = async {
        while admission.load().classes[1].waiting < 101 {
            tokio::task::yield_now().await;
        }
        drop(held);
    };
    let alone = async {
        while admission.load().classes[1].waiting < 100 {
            tokio::task::yield_now().await;
        }
        ask(&light).await
    };
    let (_, before, ()) = futures::join!(crowd, alone, release);
    assert!(before < 10, "{before} of the crowd were answered first");
}
