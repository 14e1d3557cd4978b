//! The client never supplies SQL, identifiers or predicates (invariant 1; failures F14 to F16, F39,
//! F44; attacks P7 to P10).

use http::StatusCode;

use crate::support::ask::{framed, get, launch, post, with_query};
use crate::support::canaries::{Canaries, HOSTILE, canary, held};
use crate::support::world::{HOST, UNITS, Who, World};

const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

/// What people send who want more than they get.
const ATTACKS: [&str; 30] = [
    "1=1",
    "' OR ''='",
    "' OR '1'='1' --",
    "x') OR (1=1",
    "\\' OR 1=1 --",
    "auto' UNION SELECT * FROM \"gold\".\"notes\" --",
    "'; DROP TABLE notes; --",
    "/*",
    "*/",
    ";",
    "?",
    "`",
    "\"",
    "'",
    "%",
    "_",
    "*",
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}",
    "\u{2bc} OR 1=1",
    "\u{ff07} OR 1=1",
    "NULL",
    "true",
    "canaryhome",
    "home",
    "(SELECT place FROM notes LIMIT 1)",
    "query_to_xml('select 1')",
    "$partitions",
    "../../../etc/passwd",
    "9999999999999999999999",
];

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

fn nothing_of_others(text: &str, attack: &str) {
    for unit in UNITS.iter().filter(|unit| **unit != "auto") {
        assert!(
            !text.contains(&canary(unit)) || attack.contains(&canary(unit)),
            "{attack}: {text}"
        );
    }
    assert!(
        UNITS.iter().all(|unit| !text.contains(&held(unit))),
        "{attack}: {text}"
    );
}

#[tokio::test]
async fn f14_a_hostile_filter_value_is_a_value_that_no_row_has() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    for attack in ATTACKS {
        let target = with_query(LIST, &[("place", attack)]);
        let answer = world.send(get(&target).bearer(&token)).await.ok();
        let rows = answer.json()["rows"].clone();
        assert_eq!(rows, serde_json::json!([]), "{attack}");
    }
    assert_eq!(world.reads().await.len(), ATTACKS.len());
}

#[tokio::test]
async fn f14_a_hostile_value_that_a_row_has_finds_that_row_and_no_other() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let target = with_query(LIST, &[("place", HOSTILE)]);
    let answer = world.send(get(&target).bearer(&token)).await.ok();
    assert_eq!(
        answer.json()["rows"],
        serde_json::json!([[HOSTILE, "1.00"]])
    );
}

#[tokio::test]
async fn f15_hostile_values_of_every_other_parameter_are_refused_before_anything_is_read() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    for attack in ATTACKS {
        for name in ["from", "to", "period", "locale", "theme"] {
            let target = with_query(LIST, &[(name, attack)]);
            let answer = world.send(get(&target).bearer(&token)).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}={attack}");
            assert_eq!(answer.problem(), "invalid-parameter");
            assert!(
                !answer
                    .text()
                    .contains(&serde_json::json!(attack).to_string()),
                "{attack} is repeated"
            );
        }
    }
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn f39_parameters_nobody_declared_are_refused_whatever_they_are_called() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let names = [
        "business_unit",
        "legal_hold",
        "amount",
        "sql",
        "query",
        "where",
        "filters",
        "filter",
        "order",
        "order_by",
        "sort",
        "limit",
        "offset",
        "columns",
        "measures",
        "group_by",
        "tile",
        "dataset",
        "snapshot",
        "as_of",
        "rls",
        "role",
        "roles",
        "force",
        "refresh",
        "dashboard_load_id",
        "__proto__",
        "constructor",
        "Place",
        "place ",
        "place[]",
        "place.eq",
        "",
        "token",
        "code",
        "business_units",
        "subject",
        "1=1",
    ];
    for name in names {
        let target = with_query(LIST, &[(name, "everywhere")]);
        let answer = world.send(get(&target).bearer(&token)).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{name:?}: {}",
            answer.text()
        );
        answer.problem();
    }
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn f44_a_hostile_or_unknown_name_in_the_path_is_not_found() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let attacks =
        ATTACKS
            .into_iter()
            .chain([":tile", "{tile}", "List", "list ", "elsewhere", "total.."]);
    for attack in attacks {
        let name: String = url::form_urlencoded::byte_serialize(attack.as_bytes()).collect();
        let name = name.replace('+', "%20");
        for target in [
            format!("/api/v1/dashboards/finance-overview/tiles/{name}/data"),
            format!("/api/v1/dashboards/finance-overview/filters/{name}/values"),
            format!("/api/v1/dashboards/{name}/tiles/list/data"),
            format!("/embed/finance-overview/tiles/{name}"),
            format!("/embed/{name}/tiles/list"),
        ] {
            let answer = world.send(get(&target).bearer(&token)).await;
            assert_eq!(
                answer.status,
                StatusCode::NOT_FOUND,
                "{target}: {}",
                answer.text()
            );
            assert_eq!(answer.problem(), "not-found");
        }
    }
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn p10_values_that_are_not_of_their_type_are_refused() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let queries = [
        "from=2026-02-30",
        "from=2026-1-1",
        "from=9999999-01-01",
        "from=2026-10-05T00:00:00Z",
        "from=%D9%A1%D9%A2%D9%A3%D9%A4-01-01",
        "from=2026-10-09&to=2026-10-01",
        "from=2026-10-01&from=2026-10-02",
        "period=2026-10-01",
        "period=2026-10-01..",
        "locale=de-DE",
        "locale=fr",
        "theme=Dark",
        "place=%00",
        "place=%FF%FE",
        "place=a%0D%0ASet-Cookie:%20a=b",
    ];
    for query in queries {
        let answer = world
            .send(get(&format!("{LIST}?{query}")).bearer(&token))
            .await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{query}: {}",
            answer.text()
        );
        answer.problem();
    }
    let long = with_query(LIST, &[("place", &"a".repeat(257))]);
    world
        .send(get(&long).bearer(&token))
        .await
        .expect(StatusCode::BAD_REQUEST);
    let longest = with_query(LIST, &[("place", &"a".repeat(9_000))]);
    world
        .send(get(&longest).bearer(&token))
        .await
        .expect(StatusCode::URI_TOO_LONG);
    let many: Vec<_> = (0..65).map(|n| ("place", n.to_string())).collect();
    let many: Vec<_> = many
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    world
        .send(get(&with_query(LIST, &many)).bearer(&token))
        .await
        .expect(StatusCode::BAD_REQUEST);
    assert!(world.reads().await.is_empty());
}

#[tokio::test]
async fn hostile_parameters_of_a_launch_are_refused_or_find_nothing_of_others() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    for attack in ATTACKS {
        for name in ["place", "from", "sql", "business_unit"] {
            let form = [("token", token.as_str()), (name, attack)];
            let ask = framed(post("/embed/finance-overview"))
                .header("origin", HOST)
                .form(&form);
            let answer = world.send(ask).await;
            let refused = answer.status == StatusCode::BAD_REQUEST;
            assert!(
                refused != (name == "place"),
                "{name}={attack}: {}",
                answer.status
            );
            nothing_of_others(answer.text(), attack);
        }
    }
}

#[tokio::test]
async fn f69_a_hostile_value_of_a_row_is_text_on_every_page() {
    let (_canaries, world) = world().await;
    let who = Who::analyst("auto");
    let token = world.token(&who, "finance-overview");
    let embedded = world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    let cookie = world.session(&who).await;
    let member = world
        .send(get("/d/finance-overview").cookie(&cookie).page())
        .await
        .ok();
    for page in [embedded, member] {
        assert!(
            !page.text().contains("<img"),
            "markup of a value stands in the page"
        );
        assert!(
            page.text().contains("&lt;img"),
            "the value is not in the page at all"
        );
    }
}

#[tokio::test]
async fn e7_what_a_token_fixes_narrows_every_answer_and_cannot_be_left() {
    let (_canaries, world) = world().await;
    let who = Who::analyst("auto");
    let token = world.locked(
        &who,
        "finance-overview",
        "place",
        &["everywhere", "nowhere"],
    );
    let answer = world.send(get(LIST).bearer(&token)).await.ok();
    assert_eq!(
        answer.json()["rows"],
        serde_json::json!([["everywhere", "100.00"]])
    );

    let inside = world
        .send(get(&format!("{LIST}?place=nowhere")).bearer(&token))
        .await
        .ok();
    assert_eq!(inside.json()["rows"], serde_json::json!([]));

    let outside = world
        .send(get(&format!("{LIST}?place={}", canary("auto"))).bearer(&token))
        .await;
    assert_eq!(outside.status, StatusCode::BAD_REQUEST);
    assert_eq!(outside.problem(), "invalid-parameter");

    let values = "/api/v1/dashboards/finance-overview/filters/place/values";
    let values = world.send(get(values).bearer(&token)).await.ok();
    assert!(values.text().contains("everywhere"));
    assert!(
        !values.text().contains(&canary("auto")),
        "{}",
        values.text()
    );

    let page = world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    let tiles = page.text().split("data-tile=\"").skip(1);
    assert!(
        tiles.clone().all(|tile| !tile.contains(&canary("auto"))),
        "a tile leaves what the token fixes"
    );
    assert!(tiles.last().unwrap().contains("everywhere"));
}

#[tokio::test]
async fn an_empty_list_of_fixed_values_lets_nothing_through() {
    let (_canaries, world) = world().await;
    let token = world.locked(&Who::analyst("auto"), "finance-overview", "place", &[]);
    let answer = world.send(get(LIST).bearer(&token)).await.ok();
    assert_eq!(answer.json()["rows"], serde_json::json!([]));
}
