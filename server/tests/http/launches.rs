//! Opening a dashboard in a frame (failures F60, F64, F65, F68; attacks C2, E4, E5).

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::json;

use crate::support::ask::{Answer, Ask, framed, get, launch, post};
use crate::support::canaries::{Canaries, canary};
use crate::support::world::{CRM, HOST, Who, World};

const SLUG: &str = "finance-overview";

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

fn posted(token: &str) -> Ask {
    post("/embed/finance-overview").form(&[("token", token)])
}

/// The value of one directive of the content security policy.
fn directive<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let policy = answer.header("content-security-policy").unwrap();
    let mut directives = policy.split(';').map(str::trim);
    let found = directives.find_map(|directive| directive.strip_prefix(name));
    found
        .unwrap_or_else(|| panic!("no {name} in {policy}"))
        .trim()
}

fn nonce(answer: &Answer) -> &str {
    let (_, rest) = directive(answer, "script-src")
        .split_once("'nonce-")
        .unwrap();
    rest.split_once('\'').unwrap().0
}

async fn launch_path(world: &World) -> String {
    let wish = json!({
        "dashboard": SLUG, "subject": { "sub": "u-1" }, "business_units": ["auto"], "origin": HOST,
    });
    let ask = post("/api/v1/embed-tokens").basic(CRM.0, CRM.1).json(&wish);
    let minted = world.send(ask).await.ok().json();
    let url = minted["launch_url"].as_str().unwrap();
    url.strip_prefix("https://weir.example").unwrap().to_owned()
}

#[tokio::test]
async fn c2_a_form_from_anywhere_but_the_tokens_origin_is_refused() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    let origins = [
        "null",
        "https://evil.example",
        "http://crm.example",
        "https://crm.example:8443",
        "https://crm.example.evil.example",
        "https://sub.crm.example",
        "https://CRM.example",
        "https://crm.example/",
        "",
    ];
    for origin in origins {
        for site in ["cross-site", "same-site", "none"] {
            let ask = framed(posted(&token))
                .header("origin", origin)
                .header("sec-fetch-site", site);
            let answer = world.send(ask).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin} {site}");
            assert!(!answer.text().contains("canary"));
        }
    }
    let answer = world.send(framed(posted(&token))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "no origin");
    assert!(world.reads().await.is_empty());
    let denials = world.denials().await;
    assert_eq!(denials.len(), origins.len() * 3 + 1);
    assert!(
        denials
            .iter()
            .all(|denial| denial.code.as_str() == "wrong_origin")
    );
}

#[tokio::test]
async fn c2_a_launch_that_is_not_for_a_frame_is_refused() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    let path = launch_path(&world).await;
    let bare = world.send(posted(&token).header("origin", HOST)).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN);
    assert_eq!(bare.problem(), "origin-not-allowed");
    for dest in [
        "document", "object", "embed", "empty", "script", "", "IFRAME",
    ] {
        let form = posted(&token)
            .header("origin", HOST)
            .header("sec-fetch-dest", dest);
        assert_eq!(
            world.send(form).await.status,
            StatusCode::FORBIDDEN,
            "{dest}"
        );
        let code = get(&path).header("sec-fetch-dest", dest);
        assert_eq!(
            world.send(code).await.status,
            StatusCode::FORBIDDEN,
            "{dest}"
        );
    }
    assert!(world.reads().await.is_empty());
    // The code was not spent by what was refused.
    world.send(framed(get(&path))).await.ok();
}

#[tokio::test]
async fn the_pages_own_filter_form_is_accepted() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    let form = [
        ("token", token.as_str()),
        ("place", "everywhere"),
        ("period", "2026-10-01..2026-10-31"),
    ];
    let ask = framed(post("/embed/finance-overview")).form(&form);
    let answer = world
        .send(
            ask.header("origin", "null")
                .header("sec-fetch-site", "same-origin"),
        )
        .await
        .ok();
    let (head, _) = answer.text().split_once("data-tile=\"visits\"").unwrap();
    let (_, list) = head.split_once("data-tile=\"list\"").unwrap();
    assert!(
        list.contains("everywhere") && !list.contains(&canary("auto")),
        "the filter does not narrow"
    );
}

#[tokio::test]
async fn f65_a_dashboard_may_be_framed_by_the_tokens_origin_and_nobody_else() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    let answer = world.send(launch(SLUG, HOST, &token)).await.ok();
    assert_eq!(directive(&answer, "frame-ancestors"), HOST);
    assert_eq!(answer.header("x-frame-options"), None);
    assert_eq!(
        answer.header("cross-origin-resource-policy"),
        Some("cross-origin")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store, private"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(answer.header("strict-transport-security").is_some());
    for (directive_name, value) in [
        ("default-src", "'none'"),
        ("base-uri", "'none'"),
        ("object-src", "'none'"),
        ("form-action", "'self'"),
    ] {
        assert_eq!(directive(&answer, directive_name), value);
    }
    assert!(
        !answer
            .header("content-security-policy")
            .unwrap()
            .contains("unsafe-inline")
    );
}

#[tokio::test]
async fn f65_everything_outside_the_embed_realm_is_framed_by_nobody() {
    let (_canaries, world) = world().await;
    let cookie = world.session(&Who::analyst("auto")).await;
    let routes = [
        "/",
        "/d/finance-overview",
        "/d/finance-overview/tiles/list",
        "/signed-out",
        "/login",
        "/healthz",
        "/auth/callback",
        "/no-such-page",
        "/api/v1/dashboards/finance-overview/tiles/list/data",
    ];
    for route in routes {
        for cookie in [None, Some(&cookie)] {
            let ask = get(route).page();
            let ask = if let Some(cookie) = cookie {
                ask.cookie(cookie)
            } else {
                ask
            };
            let answer = world.send(ask).await;
            assert_eq!(directive(&answer, "frame-ancestors"), "'none'", "{route}");
            assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{route}");
            assert_eq!(
                answer.header("referrer-policy"),
                Some("no-referrer"),
                "{route}"
            );
            assert!(
                answer.header("cache-control").unwrap().contains("no-store"),
                "{route}"
            );
        }
    }
}

#[tokio::test]
async fn f68_every_script_and_style_carries_a_nonce_that_is_fresh_each_time() {
    let (_canaries, world) = world().await;
    let who = Who::analyst("auto");
    let token = world.token(&who, SLUG);
    let cookie = world.session(&who).await;
    let mut nonces = std::collections::BTreeSet::new();
    let asks = || {
        [
            launch(SLUG, HOST, &token),
            launch(SLUG, HOST, "noise"),
            get("/").page(),
            get("/").page().cookie(&cookie),
            get("/d/finance-overview").page().cookie(&cookie),
            get("/signed-out").page(),
            get("/no-such-page").page(),
        ]
    };
    for ask in asks().into_iter().chain(asks()) {
        let answer = world.send(ask).await;
        let nonce = nonce(&answer);
        assert!(nonce.len() >= 22, "{nonce}");
        assert!(nonces.insert(nonce.to_owned()), "a nonce was used twice");
        let carried = format!("nonce=\"{nonce}\"");
        for element in ["<script", "<style"] {
            for (at, _) in answer.text().match_indices(element) {
                let tag = answer.text()[at..].split('>').next().unwrap();
                assert!(tag.contains(&carried), "{tag}");
            }
        }
        for handler in [
            " onload=",
            " onclick=",
            " onerror=\"",
            " style=\"",
            "javascript:",
        ] {
            assert!(!answer.text().contains(handler), "{handler}");
        }
    }
}

#[tokio::test]
async fn a_page_whose_tiles_come_late_ends_settled_with_every_tile_once() {
    let canaries = Canaries::new();
    let mut plan = canaries.plan();
    plan.first_paint_wait_ms = 0;
    let world = World::build(&plan).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    for attempt in ["cold", "warm"] {
        let answer = world.send(launch(SLUG, HOST, &token)).await.ok();
        for tile in ["total", "share", "by-place", "stacked", "list", "visits"] {
            let ready = format!("data-tile=\"{tile}\" data-state=\"ready\"");
            assert_eq!(
                answer.text().matches(&ready).count(),
                1,
                "{tile} {attempt}: {}",
                answer.text()
            );
        }
        assert!(answer.text().contains("settled"), "{attempt}");
        assert!(answer.text().ends_with("</html>"), "{attempt}");
    }
    world.assert_chain().await;
}

#[tokio::test]
async fn e4_a_launch_code_works_once() {
    let (_canaries, world) = world().await;
    let path = launch_path(&world).await;
    let first = world.send(framed(get(&path))).await.ok();
    assert!(first.text().contains(&canary("auto")));
    assert_eq!(directive(&first, "frame-ancestors"), HOST);
    let again = world
        .send(framed(get(&path)))
        .await
        .expect(StatusCode::GONE);
    assert_eq!(
        again.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(again.text().contains("<h1"), "{}", again.text());
    assert!(!again.text().contains("canary"));
    let problem = world
        .send(get(&path).header("sec-fetch-dest", "iframe"))
        .await;
    assert_eq!(problem.problem(), "code-spent");
}

#[tokio::test]
async fn e4_of_many_at_once_one_gets_in() {
    let (_canaries, world) = world().await;
    let path = launch_path(&world).await;
    let asks = (0..20).map(|_| world.send(framed(get(&path))));
    let answers = futures::future::join_all(asks).await;
    let of = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((of(StatusCode::OK), of(StatusCode::GONE)), (1, 19));
}

#[tokio::test]
async fn e5_a_launch_code_lives_for_a_minute() {
    let (_canaries, world) = world().await;
    let (early, late) = (launch_path(&world).await, launch_path(&world).await);
    world.clock.advance(TimeDelta::seconds(59));
    world.send(framed(get(&early))).await.ok();
    world.clock.advance(TimeDelta::seconds(2));
    world
        .send(framed(get(&late)))
        .await
        .expect(StatusCode::GONE);
    let codes: Vec<_> = world
        .denials()
        .await
        .iter()
        .map(|denial| denial.code.to_string())
        .collect();
    assert_eq!(codes, ["code_expired"]);
}

#[tokio::test]
async fn a_code_that_nobody_was_given_is_a_code_that_was_used() {
    let (_canaries, world) = world().await;
    let used = launch_path(&world).await;
    world.send(framed(get(&used))).await.ok();
    let mut bodies = Vec::new();
    for path in [
        used.as_str(),
        "/embed/finance-overview?code=nobody",
        "/embed/finance-overview?code=",
    ] {
        let answer = world
            .send(get(path).header("sec-fetch-dest", "iframe"))
            .await;
        assert_eq!(answer.status, StatusCode::GONE, "{path}");
        let mut body = answer.json();
        body.as_object_mut().unwrap().remove("request_id");
        bodies.push(body);
    }
    assert!(
        bodies.windows(2).all(|pair| pair[0] == pair[1]),
        "{bodies:?}"
    );
}

#[tokio::test]
async fn a_code_for_one_dashboard_opens_no_other_and_is_spent_by_trying() {
    let (_canaries, world) = world().await;
    let path = launch_path(&world).await;
    let other = path.replace(SLUG, "claims-operations");
    world
        .send(framed(get(&other)))
        .await
        .expect(StatusCode::NOT_FOUND);
    world
        .send(framed(get(&path)))
        .await
        .expect(StatusCode::GONE);
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn a_form_that_is_no_form_is_refused() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    let twice = [("token", token.as_str()), ("token", token.as_str())];
    let asks = [
        framed(post("/embed/finance-overview"))
            .header("origin", HOST)
            .json(&json!({ "token": token })),
        framed(post("/embed/finance-overview"))
            .header("origin", HOST)
            .form(&twice),
        framed(post("/embed/finance-overview"))
            .header("origin", HOST)
            .form(&[("token", &token), ("code", "x")]),
        framed(post("/embed/finance-overview?token=x"))
            .header("origin", HOST)
            .form(&[]),
    ];
    for ask in asks {
        let answer = world.send(ask).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
    let large = framed(post("/embed/finance-overview"))
        .header("origin", HOST)
        .form(&[("token", &"a".repeat(70_000))]);
    let answer = world.send(large).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(world.reads().await.is_empty());
}
