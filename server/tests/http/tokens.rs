//! What passes for an embed token, and where (invariants 7 and 9; failures F36, F42, F53, F56 to F58,
//! F60, F62; attacks J28, J29, E1, E3, E5, E6, E8). Everything that is almost a token is in `forgeries`.

use std::collections::BTreeSet;

use axum::http::header::AUTHORIZATION;
use chrono::TimeDelta;
use http::StatusCode;
use weir_server::router::{self, Audience};

use crate::support::ask::{Answer, Ask, ask, framed, get, launch, post};
use crate::support::canaries::{Canaries, canary};
use crate::support::world::{HOST, Who, World};

const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const VALUES: &str = "/api/v1/dashboards/finance-overview/filters/place/values";
const TILE: &str = "/embed/finance-overview/tiles/list";

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

/// Every place a token can be put.
pub(crate) fn places(token: &str) -> Vec<Ask> {
    vec![
        get(LIST).bearer(token),
        get(VALUES).bearer(token),
        get(TILE).bearer(token),
        launch("finance-overview", HOST, token),
    ]
}

pub(crate) fn refused(answer: &Answer, why: &str) {
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

/// What has ended stays so wherever the clock goes next, as far as it is not put back to when it was
/// good: then what was made since is from the future.
#[tokio::test]
async fn r10_a_clock_that_steps_forward_and_back_brings_nothing_back() {
    let (_canaries, world) = world().await;
    let who = Who::analyst("auto");
    let token = world.token(&who, "finance-overview");
    let cookie = world.session(&who).await;
    let steps = [
        ("half an hour on", TimeDelta::minutes(31)),
        ("two hours back", -TimeDelta::hours(2)),
        ("a year on", TimeDelta::days(365)),
    ];
    for (step, by) in steps {
        world.clock.advance(by);
        for ask in places(&token) {
            refused(&world.send(ask).await, step);
        }
        let answer = world.send(get(LIST).cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{step}");
    }
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

#[tokio::test]
async fn f42_what_a_token_reaches_is_its_dashboard_and_nothing_else() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::exec(), "finance-overview");
    let dashboards = world.dashboards();
    assert!(dashboards.len() > 1);
    let mut reached = BTreeSet::new();
    for route in router::list(&world.app.state().assets) {
        if route.audience == Audience::Anyone {
            continue;
        }
        for target in targets(&route.path, &dashboards) {
            let answer = world
                .send(ask(route.method.clone(), &target).bearer(&token))
                .await;
            let withheld = answer.status == StatusCode::FORBIDDEN && answer.problem() == "withheld";
            if answer.status.is_success() || withheld {
                reached.insert(format!("{} {target}", route.method));
            }
        }
    }
    assert_eq!(reached, of_its_dashboard(&dashboards));
}

type Dashboards = [(String, Vec<String>, Vec<String>)];

/// Every way to fill the places of a path with what there is, of whatever dashboard.
fn targets(path: &str, dashboards: &Dashboards) -> BTreeSet<String> {
    let fill = |paths: BTreeSet<String>, place: &str, values: &BTreeSet<&String>| {
        let filled = paths.iter().flat_map(|path| {
            let values = values.iter().map(|value| path.replace(place, value));
            values.collect::<Vec<_>>()
        });
        filled.collect::<BTreeSet<_>>()
    };
    let slugs = dashboards.iter().map(|(slug, _, _)| slug).collect();
    let tiles = dashboards.iter().flat_map(|(_, tiles, _)| tiles).collect();
    let filters = dashboards
        .iter()
        .flat_map(|(_, _, filters)| filters)
        .collect();
    let paths = fill(BTreeSet::from([path.to_owned()]), "{slug}", &slugs);
    let paths = fill(fill(paths, "{tile}", &tiles), "{filter}", &filters);
    let rest = |path: &String| {
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    paths.iter().map(rest).collect()
}

fn of_its_dashboard(dashboards: &Dashboards) -> BTreeSet<String> {
    let own = dashboards
        .iter()
        .find(|(slug, _, _)| slug == "finance-overview");
    let (slug, tiles, filters) = own.unwrap();
    let api = format!("GET /api/v1/dashboards/{slug}");
    let tiles = tiles.iter().flat_map(|tile| {
        let data = format!("{api}/tiles/{tile}/data");
        [data, format!("GET /embed/{slug}/tiles/{tile}")]
    });
    let filters = filters
        .iter()
        .map(|filter| format!("{api}/filters/{filter}/values"));
    let pulse = format!("GET /embed/{slug}/pulse");
    tiles.chain(filters).chain([pulse]).collect()
}

#[tokio::test]
async fn f60_a_bad_token_is_answered_401_and_kept_by_no_cache() {
    let (_canaries, world) = world().await;
    let expired = world.token(&Who::analyst("auto"), "finance-overview");
    world.clock.advance(TimeDelta::seconds(301));
    for token in [expired.as_str(), "noise", ""] {
        for ask in places(token) {
            refused(&world.send(ask).await, token);
        }
    }
}
