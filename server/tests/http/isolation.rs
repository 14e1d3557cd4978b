//! Nobody sees what another's request left in the cache (failures F1 to F4, F24, F40).

use std::collections::BTreeMap;
use std::str::FromStr as _;

use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::support::ask::{Answer, get, launch};
use crate::support::canaries::{Canaries, canary, held};
use crate::support::lake;
use crate::support::world::{HOST, Plan, UNITS, Who, World};

/// Every data route of one dashboard.
fn data_routes(world: &World, slug: &str) -> Vec<String> {
    let (slug, tiles, filters) = world
        .dashboards()
        .into_iter()
        .find(|d| d.0 == slug)
        .unwrap();
    let root = format!("/api/v1/dashboards/{slug}");
    let tiles = tiles
        .into_iter()
        .map(|tile| format!("{root}/tiles/{tile}/data"));
    let filters = filters
        .into_iter()
        .map(|filter| format!("{root}/filters/{filter}/values"));
    tiles.chain(filters).collect()
}

/// The tiles of one dashboard as HTML.
fn html_routes(world: &World, slug: &str) -> Vec<String> {
    let (slug, tiles, _) = world
        .dashboards()
        .into_iter()
        .find(|d| d.0 == slug)
        .unwrap();
    tiles
        .into_iter()
        .map(|tile| format!("/embed/{slug}/tiles/{tile}"))
        .collect()
}

/// What an answer says, without what belongs to the one request.
fn said(answer: &Answer) -> (StatusCode, String) {
    let mut text = answer.text().to_owned();
    if let Ok(mut body) = serde_json::from_str::<Value>(&text) {
        if let Some(body) = body.as_object_mut() {
            body.remove("source");
            body.remove("request_id");
        }
        text = body.to_string();
    }
    (answer.status, text)
}

type Bodies = BTreeMap<String, (StatusCode, String)>;

async fn read_all(world: &World, who: &Who, slug: &str, routes: &[String]) -> Bodies {
    let token = world.token(who, slug);
    let mut bodies = Bodies::new();
    for route in routes {
        let answer = world.send(get(route).bearer(&token)).await;
        bodies.insert(route.clone(), said(&answer));
    }
    bodies
}

/// F1, F2, F3: on one warm cache everybody reads what they read on a cold one of their own.
async fn reads_are_the_same_warm_and_cold(slug: &str) {
    let plan = Plan::over(lake::sample().await);
    let mut cold = Vec::new();
    for who in Who::everybody() {
        let world = World::build(&plan).await.unwrap();
        let routes = data_routes(&world, slug);
        cold.push((who.clone(), read_all(&world, &who, slug, &routes).await));
    }
    let warm = World::build(&plan).await.unwrap();
    let routes = data_routes(&warm, slug);
    for (who, own) in cold.iter().chain(cold.iter().rev()) {
        let now = read_all(&warm, who, slug, &routes).await;
        assert_eq!(&now, own, "{} reads something else beside others", who.name);
    }
    let analysts: Vec<_> = cold
        .iter()
        .filter(|(who, _)| who.units.len() == 1)
        .collect();
    for (who, own) in &analysts {
        for (other, theirs) in analysts.iter().filter(|(other, _)| other != who) {
            assert_ne!(own, theirs, "{} and {} read the same", who.name, other.name);
        }
    }
    adds_up(&cold);
    warm.assert_chain().await;
}

/// Units are disjoint, so what is added up over them is what an executive sees.
fn adds_up(cold: &[(Who, Bodies)]) {
    let of = |name: &str| &cold.iter().find(|(who, _)| who.name == name).unwrap().1;
    let sums_of = |units: &[&str], route: &str| {
        let mut sums = BTreeMap::new();
        for unit in units {
            let (_, body) = &of(&format!("analyst-{unit}"))[route];
            for (key, value) in cells(body) {
                *sums.entry(key).or_insert(Decimal::ZERO) += value;
            }
        }
        sums
    };
    let mut compared = 0;
    for (route, (_, body)) in of("exec").iter().filter(|(route, _)| is_additive(route)) {
        assert_eq!(cells(body), sums_of(&UNITS, route), "{route}");
        let broker = &of("broker")[route].1;
        assert_eq!(cells(broker), sums_of(&["auto", "home"], route), "{route}");
        compared += cells(body).len();
    }
    assert!(compared > 10, "only {compared} sums were compared");
}

/// Whether a tile shows sums of all its groups: no ratio, and no limit that cuts groups off.
fn is_additive(route: &str) -> bool {
    let additive = [
        "written-premium",
        "claims-incurred",
        "policies-in-force",
        "premium-and-claims-by-month",
        "premium-by-channel",
        "premium-by-region",
        "premium-by-product",
        "claims-opened",
        "opened-and-closed",
        "opened-by-type",
        "closed-by-team",
        "paid-by-region",
        "insured-risks",
        "exposure-by-month",
        "exposure-by-band",
        "exposure-by-region",
        "new-policies",
        "web-quotes",
        "policies-by-day",
        "calls-by-week",
    ];
    route
        .split('/')
        .nth_back(1)
        .is_some_and(|tile| additive.contains(&tile))
        && route.ends_with("/data")
}

/// Every number of an answer, by the texts and dates of its row and by its column.
fn cells(body: &str) -> BTreeMap<(String, String), Decimal> {
    let body: Value = serde_json::from_str(body).unwrap();
    let columns = body["columns"].as_array().unwrap();
    let is_key = |column: &Value| ["text", "date"].contains(&column["type"].as_str().unwrap());
    let mut cells = BTreeMap::new();
    for row in body["rows"].as_array().unwrap() {
        let named = columns.iter().zip(row.as_array().unwrap());
        let keys: Vec<_> = named
            .clone()
            .filter(|(c, _)| is_key(c))
            .map(|(_, v)| v.to_string())
            .collect();
        for (column, value) in named.filter(|(column, _)| !is_key(column)) {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let number = if value.is_null() {
                Decimal::ZERO
            } else {
                Decimal::from_str(&text).unwrap()
            };
            cells.insert((keys.join(" "), column["name"].to_string()), number);
        }
    }
    cells.retain(|_, number| !number.is_zero());
    cells
}

#[tokio::test]
async fn f1_finance_overview_reads_the_same_warm_and_cold_for_everybody() {
    reads_are_the_same_warm_and_cold("finance-overview").await;
}

#[tokio::test]
async fn f1_claims_operations_reads_the_same_warm_and_cold_for_everybody() {
    reads_are_the_same_warm_and_cold("claims-operations").await;
}

#[tokio::test]
async fn f1_risk_exposure_reads_the_same_warm_and_cold_for_everybody() {
    reads_are_the_same_warm_and_cold("risk-exposure").await;
}

#[tokio::test]
async fn f1_daily_metrics_reads_the_same_warm_and_cold_for_everybody() {
    reads_are_the_same_warm_and_cold("daily-metrics").await;
}

/// F4 and invariant 3: a unit's own words, and those under legal hold, in any text of anybody.
fn only_own_canaries(who: &Who, text: &str, at: &str) {
    for unit in UNITS {
        let own = who.roles.contains(&"executive") || who.units.contains(&unit);
        let may = own && !who.roles.contains(&"governance_admin");
        assert!(
            may || !text.contains(&canary(unit)),
            "{} sees {unit} at {at}",
            who.name
        );
        assert!(
            !text.contains(&held(unit)),
            "{} sees what {unit} holds at {at}",
            who.name
        );
    }
}

#[tokio::test]
async fn f4_whoever_was_there_before_a_units_canary_shows_in_its_own_answers_alone() {
    let canaries = Canaries::new();
    let slug = "finance-overview";
    let mut cold: BTreeMap<String, Bodies> = BTreeMap::new();
    let everybody = Who::everybody();
    let mut routes = Vec::new();
    for who in &everybody {
        let world = World::build(&canaries.plan()).await.unwrap();
        routes = [data_routes(&world, slug), html_routes(&world, slug)].concat();
        let own = read_all(&world, who, slug, &routes).await;
        for (route, (_, body)) in &own {
            only_own_canaries(who, body, route);
        }
        cold.insert(who.name.clone(), own);
    }
    // In one order and in the other: of any two people each comes after the other once.
    let backwards: Vec<_> = everybody.iter().rev().cloned().collect();
    for order in [everybody, backwards] {
        let world = World::build(&canaries.plan()).await.unwrap();
        for who in &order {
            let bodies = read_all(&world, who, slug, &routes).await;
            assert_eq!(bodies, cold[&who.name], "{} after others", who.name);
        }
    }
    for unit in UNITS {
        let own = &cold[&format!("analyst-{unit}")];
        for (route, (_, body)) in own.iter().filter(|(route, _)| !route.contains("total")) {
            assert!(
                body.contains(&canary(unit)),
                "{route} of {unit} is empty: {body}"
            );
        }
    }
}

#[tokio::test]
async fn f4_a_page_shows_its_viewers_own_canaries_alone() {
    let canaries = Canaries::new();
    let slug = "finance-overview";
    let world = World::build(&canaries.plan()).await.unwrap();
    let everybody = Who::everybody();
    for who in everybody.iter().chain(everybody.iter().rev()) {
        let token = world.token(who, slug);
        let page = world.send(launch(slug, HOST, &token)).await.ok();
        only_own_canaries(who, page.text(), "the page");
        assert!(page.cookies().is_empty());
    }
}

#[tokio::test]
async fn f40_a_member_and_a_viewer_with_the_same_claims_read_the_same() {
    let canaries = Canaries::new();
    let slug = "finance-overview";
    let world = World::build(&canaries.plan()).await.unwrap();
    let routes = data_routes(&world, slug);
    for who in Who::everybody() {
        let embedded = read_all(&world, &who, slug, &routes).await;
        let cookie = world.session(&who).await;
        for (route, expected) in &embedded {
            let answer = world.send(get(route).cookie(&cookie)).await;
            assert_eq!(&said(&answer), expected, "{} at {route}", who.name);
        }
        let page = world
            .send(get(&format!("/d/{slug}")).cookie(&cookie).page())
            .await
            .ok();
        only_own_canaries(&who, page.text(), "the member's page");
    }
}

#[tokio::test]
async fn concurrent_readers_of_a_cold_dashboard_get_their_own_rows() {
    let canaries = Canaries::new();
    let slug = "finance-overview";
    let world = World::build(&canaries.plan()).await.unwrap();
    let route = format!("/api/v1/dashboards/{slug}/tiles/list/data");
    let everybody = Who::everybody();
    let asks = (0..5).flat_map(|_| &everybody).map(|who| {
        let ask = get(&route).bearer(&world.token(who, slug));
        let answer = world.send(ask);
        async move { (who, answer.await) }
    });
    for (who, answer) in futures::future::join_all(asks).await {
        only_own_canaries(who, answer.text(), &route);
        for unit in &who.units {
            assert!(
                answer.text().contains(&canary(unit)),
                "{} misses {unit}",
                who.name
            );
        }
    }
}

#[tokio::test]
async fn whoever_has_no_permit_is_told_so_on_every_tile_and_reads_nothing() {
    let world = World::of_the_sample_lake().await;
    for who in [Who::newcomer(), Who::governor()] {
        for (slug, tiles, _) in world.dashboards() {
            let token = world.token(&who, &slug);
            let page = world.send(launch(&slug, HOST, &token)).await.ok();
            let withheld = page.text().matches("data-state=\"withheld\"").count();
            assert_eq!(withheld, tiles.len(), "{slug}");
            assert!(!page.text().contains("data-state=\"ready\""), "{slug}");
            for route in data_routes(&world, &slug) {
                let answer = world.send(get(&route).bearer(&token)).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{route}");
                assert_eq!(answer.problem(), "withheld");
            }
        }
    }
    assert!(world.reads().await.is_empty(), "something was read");
    let denials = world.denials().await;
    let named = |denial: &weir_registry::Denial| denial.tile.is_some() && denial.subject.is_some();
    assert!(denials.iter().all(named), "{denials:?}");
    world.assert_chain().await;
}

#[tokio::test]
async fn a_withheld_tile_says_why_in_the_viewers_language() {
    let world = World::of_the_sample_lake().await;
    let grant = World::grant(&Who::newcomer(), "finance-overview");
    let french = weir_identity::EmbedGrant {
        locale: weir_policy::Locale::FrCa,
        ..grant.clone()
    };
    let mut pages = Vec::new();
    for grant in [grant, french] {
        let token = world.mint(grant);
        let route = "/embed/finance-overview/tiles/loss-ratio";
        let tile = world.send(get(route).bearer(&token)).await.ok();
        assert!(
            tile.text().contains("data-state=\"withheld\""),
            "{}",
            tile.text()
        );
        pages.push(tile.text().to_owned());
    }
    assert_ne!(pages[0], pages[1]);
    assert!(pages[1].contains("Ratio sinistres-primes"), "{}", pages[1]);
}
