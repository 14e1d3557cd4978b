//! What passes for an embed token, and where (invariants 7 and 9; failures F36, F42, F53, F56 to F58,
//! F60, F62; attacks J1 to J29, E1, E3, E5, E6, E8).

use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use ed25519_dalek::{Signer as _, SigningKey};
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::ask::{Answer, Ask, framed, get, launch, post};
use crate::support::canaries::{Canaries, canary};
use crate::support::configuration::signing_key;
use crate::support::world::{HOST, Who, World};

const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const VALUES: &str = "/api/v1/dashboards/finance-overview/filters/place/values";
const TILE: &str = "/embed/finance-overview/tiles/list";

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

/// Header and claims of a good token.
fn parts(token: &str) -> (Value, Value) {
    let part = |index| {
        let part: &str = token.split('.').nth(index).unwrap();
        serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap()
    };
    (part(0), part(1))
}

fn sign(key: &SigningKey, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
    let signature = BASE64.encode(key.sign(message.as_bytes()).to_bytes());
    format!("{message}.{signature}")
}

/// A good token with one thing changed, signed with the right key.
fn changed(token: &str, change: impl Fn(&mut Value, &mut Value)) -> String {
    let (mut header, mut claims) = parts(token);
    change(&mut header, &mut claims);
    sign(&signing_key(), &header.to_string(), &claims.to_string())
}

type Forgeries = Vec<(&'static str, String)>;

/// Everything that is not a token of Weir, with what is wrong with it.
fn forgeries(good: &str, now: i64) -> Forgeries {
    [
        wrongly_written(good),
        wrongly_signed(good),
        wrong_headers(good),
        wrong_claims(good, now),
    ]
    .concat()
}

fn wrongly_written(good: &str) -> Forgeries {
    vec![
        ("nothing", String::new()),
        ("noise", "noise".to_owned()),
        ("cut off", good[..good.len() - 2].to_owned()),
        ("longer by a dot", format!("{good}.")),
        ("padded", format!("{good}=")),
    ]
}

fn wrongly_signed(good: &str) -> Forgeries {
    let (header, claims) = parts(good);
    let (header, stranger) = (header.to_string(), SigningKey::from_bytes(&[17; 32]));
    let unsigned = format!(
        "{}.{}.",
        BASE64.encode(r#"{"alg":"none"}"#),
        BASE64.encode(claims.to_string())
    );
    let mut widened = claims.clone();
    widened["business_units"] = json!(["auto", "home"]);
    let widened = BASE64.encode(widened.to_string());
    let signature = good.rsplit('.').next().unwrap();
    vec![
        ("unsigned", unsigned),
        (
            "claims of another",
            format!("{}.{widened}.{signature}", BASE64.encode(&header)),
        ),
        (
            "a stranger's key",
            sign(&stranger, &header, &claims.to_string()),
        ),
    ]
}

fn wrong_headers(good: &str) -> Forgeries {
    let with = |name: &str, value: Value| changed(good, |header, _| header[name] = value.clone());
    vec![
        ("a key in its header", with("jwk", json!({ "kty": "OKP" }))),
        ("an unknown key", with("kid", json!("../../dev/null"))),
        ("another algorithm", with("alg", json!("HS256"))),
        ("another type", with("typ", json!("JWT"))),
        ("critical extensions", with("crit", json!(["b64"]))),
    ]
}

fn wrong_claims(good: &str, now: i64) -> Forgeries {
    let (header, claims) = parts(good);
    let with = |name: &str, value: Value| changed(good, |_, claims| claims[name] = value.clone());
    let without = |name: &str| {
        changed(good, |_, claims| {
            claims.as_object_mut().unwrap().remove(name);
        })
    };
    let tomorrow = changed(good, |_, claims| {
        claims["iat"] = json!(now + 86_400);
        claims["exp"] = json!(now + 86_500);
    });
    let twice = claims
        .to_string()
        .replacen('{', &format!("{{\"exp\":{},", now + 299), 1);
    vec![
        ("another audience", with("aud", json!("weir"))),
        ("two audiences", with("aud", json!(["weir-embed", "evil"]))),
        ("no audience", without("aud")),
        (
            "another issuer",
            with("iss", json!("https://weir.example/")),
        ),
        ("no issuer", without("iss")),
        ("no end", without("exp")),
        (
            "an end that is a text",
            with("exp", json!((now + 60).to_string())),
        ),
        ("an end that is a fraction", with("exp", json!(1.0e10))),
        ("a long life", with("exp", json!(now + 86_400))),
        ("a beginning tomorrow", tomorrow),
        ("an unknown claim", with("rls", json!("1=1"))),
        (
            "an end twice",
            sign(&signing_key(), &header.to_string(), &twice),
        ),
        (
            "four kilobytes of roles",
            with("roles", json!(vec!["analyst"; 600])),
        ),
    ]
}

/// Every place a token can be put.
fn places(token: &str) -> Vec<Ask> {
    vec![
        get(LIST).bearer(token),
        get(VALUES).bearer(token),
        get(TILE).bearer(token),
        launch("finance-overview", HOST, token),
    ]
}

fn refused(answer: &Answer, why: &str) {
    assert_eq!(
        answer.status,
        StatusCode::UNAUTHORIZED,
        "{why}: {}",
        answer.text()
    );
    assert_eq!(
        answer.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\""),
        "{why}"
    );
    assert_eq!(
        answer.header("cache-control"),
        Some("no-store, private"),
        "{why}"
    );
    assert!(answer.cookies().is_empty(), "{why}");
    assert!(!answer.text().contains("canary"), "{why}");
}

#[tokio::test]
async fn f58_nothing_but_a_token_of_weirs_own_opens_anything() {
    let (_canaries, world) = world().await;
    let good = world.token(&Who::analyst("auto"), "finance-overview");
    for ask in places(&good) {
        world.send(ask).await.ok();
    }
    let read = world.reads().await.len();
    let again = changed(&good, |_, _| ());
    world.send(get(LIST).bearer(&again)).await.ok();
    for (why, forged) in forgeries(&good, world.clock.now().timestamp()) {
        for ask in places(&forged) {
            refused(&world.send(ask).await, why);
        }
    }
    assert_eq!(world.reads().await.len(), read + 1);
}

#[tokio::test]
async fn f53_an_expired_token_beside_a_good_session_is_an_expired_token() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    world.clock.advance(TimeDelta::seconds(300));
    let cookie = world.session(&Who::exec()).await;
    world.send(get(LIST).cookie(&cookie)).await.ok();
    let read = world.reads().await.len();
    for ask in places(&token) {
        refused(&world.send(ask.cookie(&cookie)).await, "expired");
    }
    for garbled in [
        "Bearer",
        "Bearer ",
        "Basic eDp5",
        "bearer x",
        "Token x",
        "x",
        "",
    ] {
        for route in [LIST, VALUES, TILE] {
            let ask = get(route)
                .header(AUTHORIZATION.as_str(), garbled)
                .cookie(&cookie);
            refused(&world.send(ask).await, garbled);
        }
    }
    assert_eq!(world.reads().await.len(), read);
    let expired = world
        .denials()
        .await
        .iter()
        .filter(|d| d.code.as_str() == "expired")
        .count();
    assert_eq!(
        expired, 4,
        "an expired token was once ours, so it is worth a record"
    );
}

#[tokio::test]
async fn a_token_works_to_its_last_second_and_not_longer() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    world.clock.advance(TimeDelta::seconds(299));
    world.send(get(LIST).bearer(&token)).await.ok();
    world.clock.advance(TimeDelta::seconds(1));
    refused(&world.send(get(LIST).bearer(&token)).await, "expired");
}

#[tokio::test]
async fn j28_two_authorization_headers_are_none() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    for route in [LIST, VALUES, TILE] {
        let answer = world.send(get(route).bearer(&token).bearer(&token)).await;
        refused(&answer, "two headers");
    }
}

#[tokio::test]
async fn the_scheme_of_a_token_is_written_in_any_case() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let ask = get(LIST).header(AUTHORIZATION.as_str(), &format!("{scheme} {token}"));
        world.send(ask).await.ok();
    }
}

#[tokio::test]
async fn f62_a_token_in_an_address_is_refused_even_beside_a_good_credential() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let cookie = world.session(&Who::analyst("auto")).await;
    for route in [
        LIST,
        VALUES,
        TILE,
        "/embed/finance-overview",
        "/",
        "/d/finance-overview",
    ] {
        let target = format!("{route}?token={token}");
        for ask in [
            get(&target),
            get(&target).bearer(&token),
            get(&target).cookie(&cookie),
        ] {
            let answer = world.send(framed(ask)).await;
            assert!(
                answer.status.is_client_error(),
                "{route}: {}",
                answer.status
            );
            assert!(!answer.text().contains(&canary("auto")), "{route}");
            assert!(!answer.text().contains(&token), "{route} repeats the token");
        }
    }
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn invariant_7_a_session_opens_nothing_in_the_embed_realm() {
    let (_canaries, world) = world().await;
    let cookie = world.session(&Who::exec()).await;
    let tile = world.send(get(TILE).cookie(&cookie)).await;
    refused(&tile, "a session");
    let by_form = framed(post("/embed/finance-overview"))
        .header("origin", HOST)
        .form(&[]);
    refused(&world.send(by_form.cookie(&cookie)).await, "a session");
    let by_code = framed(get("/embed/finance-overview")).cookie(&cookie);
    refused(&world.send(by_code).await, "a session");
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn invariant_7_the_embed_realm_answers_the_same_with_and_without_cookies() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let cookie = world.session(&Who::exec()).await;
    for route in [LIST, VALUES, TILE] {
        world.send(get(route).bearer(&token)).await.ok();
        let bare = world.send(get(route).bearer(&token)).await.ok();
        let beside = world
            .send(get(route).bearer(&token).cookie(&cookie))
            .await
            .ok();
        assert_eq!(bare.body, beside.body, "{route}");
        assert!(
            bare.cookies().is_empty() && beside.cookies().is_empty(),
            "{route}"
        );
    }
    let page = world
        .send(launch("finance-overview", HOST, &token).cookie(&cookie))
        .await
        .ok();
    assert!(page.cookies().is_empty());
    assert!(!page.text().contains(&canary("home")));
}

#[tokio::test]
async fn e3_an_embed_token_opens_nothing_of_the_browser_realm() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::exec(), "finance-overview");
    for route in ["/", "/d/finance-overview", "/d/finance-overview/tiles/list"] {
        let answer = world.send(get(route).bearer(&token)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{route}");
        assert!(!answer.text().contains("canary"), "{route}");
    }
    let name = weir_server::guard::session_cookie(world.app.state());
    let as_cookie = world
        .send(get(LIST).cookie(&format!("{name}={token}")))
        .await;
    assert_eq!(as_cookie.status, StatusCode::UNAUTHORIZED);
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn f36_another_dashboard_looks_like_one_that_does_not_exist() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::exec(), "claims-operations");
    let own = "/api/v1/dashboards/claims-operations/tiles/elsewhere/data";
    world.send(get(own).bearer(&token)).await.ok();
    let routes = [
        "/api/v1/dashboards/SLUG/tiles/list/data",
        "/api/v1/dashboards/SLUG/filters/place/values",
        "/embed/SLUG/tiles/list",
    ];
    for route in routes {
        let mut bodies = Vec::new();
        for slug in ["finance-overview", "no-such-dashboard"] {
            let answer = world
                .send(get(&route.replace("SLUG", slug)).bearer(&token))
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{route}");
            answer.problem();
            let mut body = answer.json();
            body.as_object_mut().unwrap().remove("request_id");
            bodies.push(body);
        }
        assert_eq!(bodies[0], bodies[1], "{route}");
    }
    for slug in ["finance-overview", "no-such-dashboard"] {
        let answer = world.send(launch(slug, HOST, &token)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{slug}");
    }
    let tile_of_another = "/api/v1/dashboards/claims-operations/tiles/list/data";
    let answer = world.send(get(tile_of_another).bearer(&token)).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(world.reads().await.len(), 1);
}
