//! What frames report of their pages, and what admins see of it.

use chrono::TimeDelta;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::ask::{Answer, get, post, with_query};
use crate::support::canaries::Canaries;
use crate::support::frame::{Frame, FrameKey};
use crate::support::world::{BOARD, CRM, HOST, Who, World};

const SLUG: &str = "finance-overview";
const OTHER_SLUG: &str = "claims-operations";
const RELEASE: &str = env!("CARGO_PKG_VERSION");

async fn world_with(rum: &str) -> (Canaries, World) {
    let canaries = Canaries::new();
    let plan = canaries.plan();
    let world = World::build_changed(&plan, |text, _| text.push_str(rum)).await;
    (canaries, world.unwrap())
}

async fn world() -> (Canaries, World) {
    world_with("").await
}

async fn tell(world: &World, frame: &Frame, report: &Value) -> Answer {
    let ask = frame.ask(world, Method::POST, "/rum").json(report);
    world.send(ask).await
}

fn page(lcp_ms: u32) -> Value {
    json!({
        "release": RELEASE, "lcp_ms": lcp_ms, "fcp_ms": lcp_ms / 2, "ttfb_ms": 20, "inp_ms": 40,
        "cls_thousandths": 12, "script_errors": 1, "promise_errors": 0,
    })
}

async fn vitals(world: &World, query: &[(&str, &str)]) -> Value {
    let governor = world.session(&Who::governor()).await;
    let ask = get(&with_query("/api/v1/vitals", query)).cookie(&governor);
    world.send(ask).await.ok().json()
}

/// The line of a list whose `name` is `value`.
fn line<'a>(list: &'a Value, name: &str, value: &Value) -> &'a Value {
    let mut lines = list.as_array().unwrap().iter();
    lines
        .find(|line| &line[name] == value)
        .unwrap_or_else(|| panic!("no {name} {value} in {list}"))
}

#[tokio::test]
async fn what_frames_report_is_told_by_dashboard_unit_host_release_and_day() {
    let (_canaries, world) = world().await;
    let auto = world.frame(&Who::analyst("auto"), SLUG).await;
    let home = world.frame(&Who::analyst("home"), OTHER_SLUG).await;
    let several = world.frame(&Who::broker(), SLUG).await;
    for (frame, lcp_ms) in [(&auto, 400), (&auto, 500), (&home, 5000), (&several, 900)] {
        let told = tell(&world, frame, &page(lcp_ms)).await;
        told.expect(StatusCode::NO_CONTENT);
    }
    let other_release = json!({ "release": "0.0.0-made-up", "ttfb_ms": 3 });
    let told = tell(&world, &auto, &other_release).await;
    told.expect(StatusCode::NO_CONTENT);

    let answer = vitals(&world, &[]).await;

    assert_eq!(answer["lcp_budget_ms"], 2200);
    assert_eq!(answer["objective"], "0.75");
    let total = &answer["total"];
    assert_eq!(total["loads"], 4, "the fifth has no largest paint: {total}");
    assert_eq!(
        (&total["kept"], &total["fast_enough"]),
        (&json!(true), &json!("0.75"))
    );
    assert_eq!(total["script_errors"], 4);
    assert_eq!(total["burn"]["last_hour"], "1");
    let p75 = total["lcp_ms"]["p75"].as_u64().unwrap();
    assert!((862..=1024).contains(&p75), "{p75}");
    let claims = line(&answer["dashboards"], "dashboard", &json!(OTHER_SLUG));
    assert_eq!(
        (&claims["loads"], &claims["kept"]),
        (&json!(1), &json!(false))
    );
    assert_eq!(claims["burn"]["last_3_days"], "4");
    let units = &answer["business_units"];
    assert_eq!(line(units, "business_unit", &json!("auto"))["loads"], 2);
    assert_eq!(line(units, "business_unit", &Value::Null)["loads"], 1);
    assert_eq!(line(&answer["hosts"], "host", &json!(HOST))["loads"], 4);
    let releases = &answer["releases"];
    assert_eq!(line(releases, "release", &json!(RELEASE))["loads"], 4);
    let made_up = line(releases, "release", &json!("other"));
    assert_eq!(
        (&made_up["loads"], &made_up["kept"]),
        (&json!(0), &Value::Null)
    );
    assert!(!answer.to_string().contains("made-up"), "{answer}");
    let today = world.clock.now().date_naive().to_string();
    assert_eq!(line(&answer["days"], "day", &json!(today))["loads"], 4);
    let buckets = answer["lcp_distribution"].as_array().unwrap();
    let loads = buckets
        .iter()
        .map(|bucket| bucket["loads"].as_u64().unwrap());
    assert_eq!(loads.sum::<u64>(), 4);
    assert!(
        !answer.to_string().contains("analyst"),
        "nobody is named: {answer}"
    );
}

#[tokio::test]
async fn vitals_outlive_the_process_and_the_hour_passes() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&Who::analyst("auto"), SLUG).await;
    tell(&world, &frame, &page(3000)).await;
    world.app.state().real_users.flush().await.unwrap();
    let world = world.restarted().await;
    world.clock.advance(TimeDelta::hours(2));

    let later = vitals(&world, &[]).await;
    world.clock.advance(TimeDelta::days(4));
    let days_later = vitals(&world, &[]).await;
    let tomorrow = world.clock.now() + TimeDelta::days(1);
    let only_then = vitals(
        &world,
        &[
            ("from", &tomorrow.to_rfc3339()),
            ("to", &tomorrow.to_rfc3339()),
        ],
    )
    .await;

    assert_eq!(later["total"]["burn"]["last_hour"], Value::Null);
    assert_eq!(later["total"]["burn"]["last_6_hours"], "4");
    assert_eq!(days_later["total"]["burn"]["last_3_days"], Value::Null);
    assert_eq!(days_later["total"]["loads"], 1);
    assert_eq!(only_then["total"]["loads"], 0);
    assert_eq!(only_then["days"], json!([]));
}

/// The body says numbers and nothing else; whose page it was is in the token.
#[tokio::test]
async fn a_report_is_whole_numbers_in_known_fields_and_nothing_else() {
    let (_canaries, world) = world_with("[rum]\nper_token_per_minute = 100\n").await;
    let frame = world.frame(&Who::analyst("auto"), SLUG).await;
    let raw = |body: String, kind: &str| {
        let ask = frame.ask(&world, Method::POST, "/rum");
        ask.header("content-type", kind).body(body)
    };
    for body in [
        String::new(),
        "{}".to_owned(),
        r#"{"release":"1","lcp_ms":-1}"#.to_owned(),
        r#"{"release":"1","lcp_ms":1e9999}"#.to_owned(),
        r#"{"release":"1","lcp_ms":0.5}"#.to_owned(),
        r#"{"release":"1","dashboard":"claims-operations"}"#.to_owned(),
        r#"{"release":"1","business_unit":"home"}"#.to_owned(),
        r#"{"release":"1","message":"TypeError: secret"}"#.to_owned(),
        format!(r#"{{"release":"{}"}}"#, "x".repeat(900)) + "}",
    ] {
        let refused = world.send(raw(body.clone(), "application/json")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(refused.problem(), "invalid-request", "{body}");
        assert!(!refused.text().contains("secret"), "{}", refused.text());
    }
    let long = format!(r#"{{"release":"{}"}}"#, "x".repeat(2000));
    let too_large = world.send(raw(long, "application/json")).await;
    assert_eq!(too_large.problem(), "too-large");
    let beacon = world
        .send(raw(page(1).to_string(), "text/plain;charset=UTF-8"))
        .await;
    assert_eq!(beacon.problem(), "unsupported-media-type");

    let heard = world.app.state().real_users.snapshot();
    assert_eq!((heard.taken, heard.unreadable), (0, 9), "{heard:?}");
    assert_eq!(vitals(&world, &[]).await["total"]["loads"], 0);
}

#[tokio::test]
async fn a_report_needs_a_token_and_a_proof_of_its_own() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&Who::analyst("auto"), SLUG).await;
    let body = page(100);
    let now = world.clock.now();
    let bare = world.send(post("/rum").json(&body)).await;
    assert_eq!(bare.problem(), "invalid-token");
    let member = world.session(&Who::governor()).await;
    let cookie = world.send(post("/rum").json(&body).cookie(&member)).await;
    assert_eq!(
        cookie.problem(),
        "invalid-token",
        "the embed realm reads no cookie"
    );
    let stolen = Frame {
        key: FrameKey::new(),
        ..frame.clone()
    };
    assert_eq!(
        tell(&world, &stolen, &body).await.problem(),
        "invalid-proof"
    );
    let proof = frame.key.proof((&Method::POST, "/rum"), &frame.token, now);
    let once = || {
        let ask = post("/rum").json(&body).header("dpop", &proof);
        ask.header("authorization", &format!("DPoP {}", frame.token))
    };
    world.send(once()).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(
        world.send(once()).await.problem(),
        "invalid-proof",
        "replayed"
    );
    world.clock.advance(TimeDelta::seconds(301));
    assert_eq!(tell(&world, &frame, &body).await.problem(), "invalid-token");
    let gone = world.frame(&Who::analyst("auto"), "gone").await;
    assert_eq!(tell(&world, &gone, &body).await.problem(), "not-found");

    assert_eq!(world.app.state().real_users.snapshot().taken, 1);
}

#[tokio::test]
async fn whoever_reports_without_end_waits_and_others_do_not() {
    let (_canaries, world) = world_with("[rum]\nper_token_per_minute = 3\n").await;
    let loud = world.frame(&Who::analyst("auto"), SLUG).await;
    let calm = world.frame(&Who::analyst("home"), SLUG).await;
    for _ in 0..3 {
        let told = tell(&world, &loud, &page(1)).await;
        told.expect(StatusCode::NO_CONTENT);
    }
    let records = world.audit().await.len();

    let refused = tell(&world, &loud, &page(1)).await;

    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.problem(), "too-many-requests");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    let told = tell(&world, &calm, &page(1)).await;
    told.expect(StatusCode::NO_CONTENT);
    let heard = world.app.state().real_users.snapshot();
    assert_eq!((heard.taken, heard.refused), (4, 1), "{heard:?}");
    assert_eq!(
        world.audit().await.len(),
        records,
        "noise does not fill the audit"
    );
}

#[tokio::test]
async fn all_frames_together_get_no_further_than_the_process_allows() {
    let (_canaries, world) =
        world_with("[rum]\nper_second = 1\nper_token_per_minute = 1000\n").await;
    let frame = world.frame(&Who::analyst("auto"), SLUG).await;
    let mut refused = 0;
    for _ in 0..40 {
        let told = tell(&world, &frame, &page(1)).await;
        refused += usize::from(told.status == StatusCode::TOO_MANY_REQUESTS);
    }

    assert!(refused > 0, "forty reports in much less than forty seconds");
}

#[tokio::test]
async fn there_are_no_more_histograms_than_allowed() {
    let (_canaries, world) = world_with("[rum]\nmax_series = 1\n").await;
    let auto = world.frame(&Who::analyst("auto"), SLUG).await;
    let home = world.frame(&Who::analyst("home"), SLUG).await;
    for frame in [&auto, &home, &auto] {
        let told = tell(&world, frame, &page(1)).await;
        told.expect(StatusCode::NO_CONTENT);
    }

    let heard = world.app.state().real_users.snapshot();

    assert_eq!((heard.taken, heard.without_series), (2, 1), "{heard:?}");
    assert_eq!(vitals(&world, &[]).await["total"]["loads"], 2);
}

#[tokio::test]
async fn a_page_says_whether_it_is_to_report_and_none_does_where_nobody_listens() {
    let facts = |page: &Answer| -> Value {
        let (_, rest) = page.text().split_once("id=\"weir-frame\"").unwrap();
        let (_, rest) = rest.split_once('>').unwrap();
        serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
    };
    let (_canaries, world) = world_with("[rum]\nrelease = \"2026.11.3\"\n").await;
    let who = Who::analyst("auto");
    let launch = |world: &World| crate::support::ask::launch(SLUG, HOST, &world.token(&who, SLUG));
    let page = world.send(launch(&world)).await.ok();
    assert_eq!(facts(&page)["reports"], "2026.11.3");

    let (_canaries, deaf) = world_with("[rum]\nsample = 0\n").await;
    let page = deaf.send(launch(&deaf)).await.ok();
    assert_eq!(facts(&page)["reports"], Value::Null);
    let frame = deaf.frame(&who, SLUG).await;
    assert_eq!(
        tell(&deaf, &frame, &json!({ "release": "1" }))
            .await
            .problem(),
        "not-found"
    );
}

#[tokio::test]
async fn vitals_are_for_admins_and_for_a_time_that_ends_after_it_starts() {
    let (_canaries, world) = world().await;
    let governor = world.session(&Who::governor()).await;
    let analyst = world.session(&Who::analyst("auto")).await;
    let backwards = "/api/v1/vitals?from=2026-10-02T00:00:00Z&to=2026-10-01T00:00:00Z";

    let refused = world.send(get(backwards).cookie(&governor)).await;
    let hidden = world.send(get("/api/v1/vitals").cookie(&analyst)).await;

    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
    assert_eq!(hidden.problem(), "not-found");
}

#[tokio::test]
async fn admins_read_about_speed_in_both_languages_and_without_a_script() {
    let (_canaries, world) = world().await;
    let governor = world.session(&Who::governor()).await;
    let shown = async |locale: &str| {
        let ask = get(&format!("/admin/vitals?locale={locale}&days=30"));
        world.send(ask.cookie(&governor).page()).await.ok()
    };
    let nothing = shown("en-CA").await;
    assert!(
        nothing.text().contains("No frame reported anything"),
        "{}",
        nothing.text()
    );
    let frame = world.frame(&Who::analyst("auto"), SLUG).await;
    for lcp_ms in [400, 2600, 2600] {
        tell(&world, &frame, &page(lcp_ms)).await;
    }

    let (en, fr) = (shown("en-CA").await, shown("fr-CA").await);

    for words in [
        "33.3% of 3 pages were fast enough.",
        "Promised: 75.0% of pages",
        "Promised: 2.2\u{a0}s",
        "Not kept",
        "Far too fast",
        "2.67\u{a0}×",
        HOST,
    ] {
        assert!(en.text().contains(words), "no `{words}` in {}", en.text());
    }
    for words in [
        "Rapidité",
        "Non tenu",
        "Engagement\u{a0}: 2,2\u{a0}s",
        "2,67\u{a0}fois",
        "33,3\u{a0}%",
    ] {
        assert!(fr.text().contains(words), "no `{words}` in {}", fr.text());
    }
    for page in [&en, &fr] {
        assert!(!page.text().contains("<script") && !page.text().contains(" style="));
    }
}

/// The board's readers come from another client, and their pages are told apart by unit as ever.
#[tokio::test]
async fn readers_of_all_units_are_of_none_in_particular() {
    let (_canaries, world) = world().await;
    assert_ne!(CRM.0, BOARD.0);
    let exec = world.frame(&Who::exec(), SLUG).await;
    tell(&world, &exec, &page(700))
        .await
        .expect(StatusCode::NO_CONTENT);

    let heard = world.app.state().real_users.snapshot();

    assert_eq!(heard.pages.len(), 1);
    assert_eq!(heard.pages[0].business_unit, None);
    assert_eq!(heard.pages[0].lcp_sum_ms, 700);
    assert_eq!(heard.pages[0].sums.pace().loads, 1);
}
