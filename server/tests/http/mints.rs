//! What a registered client may have signed, and what not (attacks E11, C6; failures F23, F45).

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::ask::{Answer, get, post};
use crate::support::canaries::{Canaries, canary};
use crate::support::world::{CRM, HOST, World};

const MINT: &str = "/api/v1/embed-tokens";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

fn wish() -> Value {
    json!({
        "dashboard": "finance-overview",
        "subject": { "sub": "u-123", "name": "Somebody" },
        "business_units": ["auto"],
        "origin": HOST,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut wish = wish();
    wish[name] = value;
    wish
}

async fn mint(world: &World, wish: &Value) -> Answer {
    world.send(post(MINT).basic(CRM.0, CRM.1).json(wish)).await
}

#[tokio::test]
async fn a_registered_client_gets_a_token_a_lifetime_and_a_launch_url_and_nothing_else() {
    let (_canaries, world) = world().await;
    let answer = mint(&world, &wish()).await.ok();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store, private"));
    let body = answer.json();
    let names: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["expires_in", "launch_url", "token"]);
    assert_eq!(body["expires_in"], 300);
    let url = body["launch_url"].as_str().unwrap();
    let code = url
        .strip_prefix("https://weir.example/embed/finance-overview?code=")
        .unwrap();
    assert_eq!(code.len(), 43);
    let token = body["token"].as_str().unwrap();
    assert!(!url.contains(token));
    let rows = world.send(get(LIST).bearer(token)).await.ok();
    assert!(rows.text().contains(&canary("auto")) && !rows.text().contains(&canary("home")));
    let kinds: Vec<_> = world
        .audit()
        .await
        .iter()
        .map(|record| record.fact().kind())
        .collect();
    assert_eq!(kinds, ["mint", "data_read"]);
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_gets_a_challenge() {
    let (_canaries, world) = world().await;
    let asks = [
        post(MINT),
        post(MINT).basic(CRM.0, "a guess"),
        post(MINT).basic(CRM.0, ""),
        post(MINT).basic("nobody", CRM.1),
        post(MINT).basic("", ""),
        post(MINT).basic("board", CRM.1),
        post(MINT).bearer("x"),
        post(MINT).header("authorization", "Basic"),
        post(MINT).header("authorization", "Basic %%%"),
        post(MINT).basic(CRM.0, CRM.1).basic(CRM.0, CRM.1),
    ];
    for ask in asks {
        let answer = world.send(ask.json(&wish())).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Basic realm=\"weir\", charset=\"UTF-8\"")
        );
        assert_eq!(answer.problem(), "client-unauthorized");
        assert!(!answer.text().contains("eyJ"));
    }
    assert!(
        world
            .audit()
            .await
            .iter()
            .all(|record| record.fact().kind() != "mint")
    );
}

#[tokio::test]
async fn f23_a_wish_that_is_not_understood_names_the_field() {
    let (_canaries, world) = world().await;
    let mut without_origin = wish();
    without_origin.as_object_mut().unwrap().remove("origin");
    let cases = [
        (with("rls", json!("1=1")), "/rls"),
        (with("roles", json!(["executive"])), "/roles"),
        (with("business_unit", json!(["auto"])), "/business_unit"),
        (with("__proto__", json!({})), "/__proto__"),
        (
            with("subject", json!({ "sub": "u", "email": "a@b" })),
            "/subject/email",
        ),
        (with("subject", json!("u-123")), "/subject"),
        (with("business_units", json!("auto")), "/business_units"),
        (
            with("business_units", json!(["auto", 1])),
            "/business_units/1",
        ),
        (with("locale", json!("de-DE")), "/locale"),
        (with("origin", json!("https://crm.example/page")), "/origin"),
        (with("origin", json!("*")), "/origin"),
        (with("origin", json!("http://crm.example")), "/origin"),
        (with("rights", json!(["everything"])), "/rights/0"),
        (with("expires_in", json!("300")), "/expires_in"),
        (with("dashboard", json!("../admin")), "/dashboard"),
        (without_origin, ""),
    ];
    for (wish, pointer) in cases {
        let answer = mint(&world, &wish).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wish}: {}",
            answer.text()
        );
        assert_eq!(answer.problem(), "mint-invalid");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{wish}");
    }
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"dashboard\":\"a\",\"dashboard\":\"b\"}",
    ] {
        let answer = world.send(post(MINT).basic(CRM.0, CRM.1).body(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    assert!(
        world
            .audit()
            .await
            .iter()
            .all(|record| record.fact().kind() != "mint")
    );
}

#[tokio::test]
async fn e11_a_client_asserts_nothing_beyond_its_registration() {
    let (_canaries, world) = world().await;
    let cases = [
        (
            with("business_units", json!(["auto", "wealth"])),
            "/business_units/1",
        ),
        (with("business_units", json!(["Auto"])), "/business_units/0"),
        (
            with("business_units", json!(["auto "])),
            "/business_units/0",
        ),
        (with("origin", json!("https://evil.example")), "/origin"),
        (with("dashboard", json!("risk-exposure")), "/dashboard"),
        (
            with("rights", json!(["export_csv", "export_xlsx"])),
            "/rights/1",
        ),
        (
            with("attributes", json!({ "clearance": ["confidential"] })),
            "/attributes/clearance",
        ),
        (with("expires_in", json!(301)), "/expires_in"),
        (with("expires_in", json!(0)), "/expires_in"),
    ];
    for (wish, pointer) in &cases {
        let answer = mint(&world, wish).await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "{wish}: {}",
            answer.text()
        );
        assert_eq!(answer.problem(), "mint-forbidden");
        assert_eq!(answer.json()["errors"][0]["pointer"], *pointer, "{wish}");
        assert!(
            !answer.text().contains("evil"),
            "a value of the request is repeated"
        );
    }
    assert_eq!(world.denials().await.len(), cases.len());
    assert!(
        world
            .audit()
            .await
            .iter()
            .all(|record| record.fact().kind() == "denial")
    );
}

#[tokio::test]
async fn a_client_may_assert_less_and_the_viewer_then_sees_less() {
    let (_canaries, world) = world().await;
    let minted = mint(&world, &with("business_units", json!([])))
        .await
        .ok()
        .json();
    let answer = world
        .send(get(LIST).bearer(minted["token"].as_str().unwrap()))
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.problem(), "withheld");
}

#[tokio::test]
async fn f45_parameters_must_be_filters_of_a_dashboard_that_exists() {
    let (_canaries, world) = world().await;
    let cases = [
        with("parameters", json!({ "nowhere": ["x"] })),
        with("parameters", json!({ "business_unit": ["auto"] })),
        with("parameters", json!({ "place": ["a".repeat(257)] })),
        with("parameters", json!({ "place": "everywhere" })),
        with("parameters", json!({ "from": ["2026-10-01"] })),
        with("dashboard", json!("gone")),
    ];
    for wish in cases {
        let answer = mint(&world, &wish).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{wish}: {}",
            answer.text()
        );
        assert_eq!(answer.problem(), "mint-invalid");
    }
    assert!(
        world
            .audit()
            .await
            .iter()
            .all(|record| record.fact().kind() != "mint")
    );
}

#[tokio::test]
async fn e7_parameters_of_a_mint_narrow_what_the_token_shows() {
    let (_canaries, world) = world().await;
    let wish = with("parameters", json!({ "place": ["everywhere"] }));
    let minted = mint(&world, &wish).await.ok().json();
    let token = minted["token"].as_str().unwrap();
    let rows = world.send(get(LIST).bearer(token)).await.ok().json()["rows"].clone();
    assert_eq!(rows, json!([["everywhere", "100.00"]]));
    let left = format!("{LIST}?place={}", canary("auto"));
    let answer = world.send(get(&left).bearer(token)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_token_that_cannot_fit_is_a_wish_that_can_be_corrected() {
    let (_canaries, world) = world().await;
    let values: Vec<_> = (0..30).map(|n| format!("{n}{}", "a".repeat(200))).collect();
    let answer = mint(&world, &with("parameters", json!({ "place": values }))).await;
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        answer.text()
    );
    assert_eq!(answer.problem(), "mint-invalid");
}
