//! Attacks on who sees what that belong to no single feature, each named after its row (failures
//! F2, F5, F9 to F11, F24, F33; attacks P11, P12, P14, P29, P30, A7, A8).

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Value, json};
use weir_policy::{BusinessUnit, RoleName};
use weir_registry::{DataRead, Source};

use crate::support::ask::{Answer, get, launch, post, with_query};
use crate::support::canaries::{Canaries, canary, policy, row};
use crate::support::world::{CRM, HOST, UNITS, Who, World, repository};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const VALUES: &str = "/api/v1/dashboards/finance-overview/filters/place/values";

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

fn fingerprints(reads: &[DataRead]) -> BTreeSet<String> {
    reads
        .iter()
        .map(|read| read.fingerprint.to_string())
        .collect()
}

/// The same tile for tokens that differ in nothing but the unit: other keys, other rows.
#[tokio::test]
async fn f2_p12_tokens_that_differ_in_the_unit_alone_have_keys_of_their_own() {
    let (_canaries, world) = world().await;
    for unit in UNITS {
        let mut grant = World::grant(&Who::analyst("auto"), SLUG);
        grant.business_units = BTreeSet::from([BusinessUnit::parse(unit).unwrap()]);
        let token = world.mint(grant);
        for _ in 0..2 {
            let answer = world.send(get(LIST).bearer(&token)).await.ok();
            for other in UNITS {
                assert_eq!(
                    answer.text().contains(&canary(other)),
                    other == unit,
                    "{unit}"
                );
            }
        }
    }
    let reads = world.reads().await;
    assert_eq!(fingerprints(&reads).len(), UNITS.len());
    let cached = reads.iter().filter(|read| read.source == Source::Cache);
    assert_eq!(cached.count(), UNITS.len(), "each key was met once more");
}

/// Values that hold what separates values elsewhere are single values.
#[tokio::test]
async fn p12_a_unit_named_like_two_units_is_neither() {
    let (_canaries, world) = world().await;
    for name in [
        "auto,home",
        "auto', 'home",
        "auto|home",
        "auto\u{200b}",
        "AUTO",
        "auto OR 1=1",
    ] {
        let mut grant = World::grant(&Who::analyst("auto"), SLUG);
        grant.business_units = BTreeSet::from([BusinessUnit::parse(name).unwrap()]);
        let token = world.mint(grant);
        let answer = world.send(get(LIST).bearer(&token)).await.ok();
        assert_eq!(answer.json()["rows"], json!([]), "{name}");
    }
    let reads = world.reads().await;
    assert_eq!(
        fingerprints(&reads).len(),
        6,
        "each name has a key of its own"
    );
}

/// Fifty readers of fifty units, all at once and in a scrambled order, on a cold process.
#[tokio::test]
async fn f9_fifty_units_at_once_on_a_cold_process_never_meet() {
    let canaries = Canaries::new();
    let unit = |number: usize| format!("u{number:02}");
    let only = |number: usize| format!("only{number:02}end");
    for table in ["notes", "visits"] {
        let rows: Vec<_> = (0..50)
            .map(|n| row(&unit(n), &only(n), 100, Some(false), 10))
            .collect();
        canaries.add(table, "fifty", &rows);
    }
    let world = World::build(&canaries.plan()).await.unwrap();
    let tiles = ["list", "share", "by-place", "stacked", "visits"];
    let asks = (0..250).map(|step| {
        // 37 and 250 have no factor in common: every pair once, neighbours far apart.
        let pair = step * 37 % 250;
        let (number, tile) = (pair / 5, tiles[pair % 5]);
        let mut grant = World::grant(&Who::analyst("auto"), SLUG);
        grant.business_units = BTreeSet::from([BusinessUnit::parse(unit(number)).unwrap()]);
        let token = world.mint(grant);
        let path = format!("/api/v1/dashboards/{SLUG}/tiles/{tile}/data");
        let answer = world.send(get(&path).bearer(&token));
        async move { (number, answer.await.ok()) }
    });
    for (number, answer) in futures::future::join_all(asks).await {
        for other in 0..50 {
            let shows = answer.text().contains(&only(other));
            assert_eq!(shows, other == number, "unit {number}: {}", answer.text());
        }
    }
    world.assert_chain().await;
}

/// What is kept of an answer is its rows: whoever meets them gets headers of their own.
#[tokio::test]
async fn f5_a_cached_answer_brings_nothing_of_the_request_that_caused_it() {
    let (_canaries, world) = world().await;
    let who = Who::analyst("auto");
    let session = world.session(&who).await;
    let token = world.token(&who, SLUG);

    let caused = world.send(get(LIST).cookie(&session)).await.ok();
    let cached = world.send(get(LIST).bearer(&token)).await.ok();

    assert_eq!(cached.json()["source"], "cache");
    assert_eq!(cached.json()["rows"], caused.json()["rows"]);
    assert_eq!(cached.cookies(), Vec::<&str>::new());
    let (_, secret) = session.split_once('=').unwrap();
    for (name, value) in &cached.headers {
        assert!(!value.to_str().unwrap().contains(secret), "{name}");
    }
    let id = cached.header("x-request-id");
    assert!(
        id.is_some() && id != caused.header("x-request-id"),
        "{id:?}"
    );
}

/// The rules are asked with the claims of this request, not of the person's last one.
#[tokio::test]
async fn f10_the_same_person_in_another_role_is_judged_anew() {
    let (_canaries, world) = world().await;
    let with = |role: &str| {
        let mut grant = World::grant(&Who::analyst("auto"), SLUG);
        grant.roles = BTreeSet::from([RoleName::parse(role).unwrap()]);
        world.mint(grant)
    };
    let sees = async |role: &str| {
        let answer = world.send(get(LIST).bearer(&with(role))).await;
        let units = UNITS
            .iter()
            .filter(|unit| answer.text().contains(&canary(unit)));
        (answer.status, units.count())
    };
    for _ in 0..2 {
        assert_eq!(sees("analyst").await, (StatusCode::OK, 1));
        assert_eq!(sees("executive").await, (StatusCode::OK, 7));
        assert_eq!(sees("visitor").await, (StatusCode::FORBIDDEN, 0));
    }
}

/// There are no handles to answers, only keys that are made anew from the rights of whoever asks:
/// a renewed token finds its answer, and no other token that answer.
#[tokio::test]
async fn f11_a_renewed_token_finds_its_own_answer_and_nobody_elses() {
    let (_canaries, world) = world().await;
    let who = Who::analyst("auto");
    let first = world
        .send(get(LIST).bearer(&world.token(&who, SLUG)))
        .await
        .ok();
    let second = world
        .send(get(LIST).bearer(&world.token(&who, SLUG)))
        .await
        .ok();
    let other = world
        .send(get(LIST).bearer(&world.token(&Who::analyst("home"), SLUG)))
        .await
        .ok();
    assert_eq!(second.json()["source"], "cache");
    assert_eq!(first.json()["rows"], second.json()["rows"]);
    assert_eq!(other.json()["source"], "engine");
    assert_ne!(first.json()["rows"], other.json()["rows"]);
}

/// Of many at the same moment those with equal rights share one question, and no others.
#[tokio::test]
async fn p14_only_readers_with_equal_rights_are_coalesced() {
    let (_canaries, world) = world().await;
    let asks = (0..30).map(|step| {
        let unit = ["auto", "home", "life"][step % 3];
        let mut grant = World::grant(&Who::analyst(unit), SLUG);
        grant.viewer = weir_identity::ViewerId::parse(format!("person-{step}")).unwrap();
        let token = world.mint(grant);
        let answer = world.send(get(LIST).bearer(&token));
        async move { (unit, answer.await.ok()) }
    });
    for (unit, answer) in futures::future::join_all(asks).await {
        for other in UNITS {
            assert_eq!(
                answer.text().contains(&canary(other)),
                other == unit,
                "{unit}"
            );
        }
    }
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for read in world.reads().await {
        let engine = usize::from(read.source == Source::Engine);
        *asked.entry(read.fingerprint.to_string()).or_default() += engine;
    }
    assert_eq!(asked.values().copied().collect::<Vec<_>>(), [1, 1, 1]);
}

/// Every read behind a page stands under the reader's own rule, sparklines and filters included.
#[tokio::test]
async fn f24_p29_every_read_of_every_page_is_under_the_readers_rules() {
    let world = World::of_the_sample_lake().await;
    for (slug, tiles, _) in world.dashboards() {
        let who = Who::analyst("auto");
        let before = world.reads().await.len();
        world
            .send(launch(&slug, HOST, &world.token(&who, &slug)))
            .await
            .ok();
        let cookie = world.session(&who).await;
        world
            .send(get(&format!("/d/{slug}")).cookie(&cookie).page())
            .await
            .ok();
        let reads = world.reads().await.split_off(before);
        for tile in &tiles {
            let of_it = reads
                .iter()
                .filter(|read| read.tile.as_str() == tile.as_str());
            assert!(
                of_it.count() >= 2,
                "{slug}/{tile} was not read in both realms"
            );
        }
        for read in &reads {
            assert!(
                !read.matched_rules.is_empty(),
                "{slug}/{} is under no rule",
                read.tile
            );
        }
    }
}

/// A masked column shows its mask wherever it is shown, and answers no question about itself.
#[tokio::test]
async fn p11_a_masked_column_shows_its_mask_and_cannot_be_asked() {
    let (canaries, _) = world().await;
    let masked = policy("notes") + "  - id: masked\n    mask: { column: place, with: hash }\n";
    canaries.change_policy(&masked);
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let cookie = world.session(&Who::analyst("auto")).await;
    let mut answers = vec![
        world.send(launch(SLUG, HOST, &token)).await.ok(),
        world
            .send(get("/d/finance-overview").cookie(&cookie).page())
            .await
            .ok(),
    ];
    for tile in ["list", "share", "by-place", "stacked"] {
        let path = format!("/api/v1/dashboards/{SLUG}/tiles/{tile}/data");
        answers.push(world.send(get(&path).bearer(&token)).await.ok());
        let asked = with_query(&path, &[("place", &canary("auto"))]);
        let refused = world.send(get(&asked).bearer(&token)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
        assert_eq!(refused.problem(), "withheld");
        let missing = with_query(&path, &[("place", "nowhere")]);
        let missing = world.send(get(&missing).bearer(&token)).await;
        assert_eq!(
            missing.status, refused.status,
            "there is no telling one from the other"
        );
    }
    answers.push(world.send(get(VALUES).bearer(&token)).await.ok());
    for answer in answers {
        let told = notes_only(&answer);
        assert!(!told.contains(&canary("auto")), "{told}");
    }
}

/// The page without the tile of the other table, whose places are in the clear.
fn notes_only(answer: &Answer) -> String {
    let parts = answer.text().split("data-tile=\"");
    parts.filter(|part| !part.starts_with("visits\"")).collect()
}

/// A registered client speaks for its readers. By itself it has no rows.
#[tokio::test]
async fn p30_a_client_reads_nothing_with_its_own_secret() {
    let (_canaries, world) = world().await;
    for path in [
        LIST,
        VALUES,
        "/embed/finance-overview/tiles/list",
        "/d/finance-overview",
        "/",
    ] {
        let answer = world.send(get(path).basic(CRM.0, CRM.1)).await;
        assert_eq!(
            answer.status,
            StatusCode::UNAUTHORIZED,
            "{path}: {}",
            answer.text()
        );
    }
    assert!(world.reads().await.is_empty());
}

/// One module asks the engine, and it takes compiled statements only (invariant 4).
#[test]
fn f33_one_place_in_the_server_asks_the_engine() {
    // The second of each only hands on what the first asks, to the engine that is current.
    assert_eq!(
        saying(".run(statement"),
        ["compute.rs", "current_engine.rs"]
    );
    assert_eq!(
        saying("engine.export(statement"),
        ["export.rs"],
        "of `query_cache`"
    );
}

/// The files of the server in which `words` stand.
fn saying(words: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![repository().join("server/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            if text.contains(words) {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

const DRAFTS: &str = "/api/v1/policies/drafts";

async fn send(world: &World, cookie: &str, ask: crate::support::ask::Ask) -> Answer {
    world
        .send(ask.header("sec-fetch-site", "same-origin").cookie(cookie))
        .await
}

async fn files(world: &World, cookie: &str) -> Value {
    let revision = send(world, cookie, get("/api/v1/policies/revisions/1"))
        .await
        .ok();
    revision.json()["files"].clone()
}

/// A step that is sent twice is done once.
#[tokio::test]
async fn a7_a_step_that_is_sent_twice_is_done_once() {
    let (_canaries, world) = world().await;
    let cookie = world.session(&Who::governor()).await;
    let other = world
        .session(&Who {
            name: "governor-2".to_owned(),
            ..Who::governor()
        })
        .await;
    let mut files = files(&world, &cookie).await;
    let narrower = policy("notes") + "  - id: not-that\n    forbid: { place: { eq: there } }\n";
    files["policies/notes.policy.yaml"] = json!(narrower);
    let table = "policy: gold.notes\ngiven: [{ id: one, business_unit: auto }]\n\
                 cases: [{ name: nobody, as: { roles: [none] }, sees: denied }]\n";
    files["policies/notes.test.yaml"] = json!(table);
    let wish = json!({ "title": "Not there", "base": 1, "files": files });
    let draft = send(&world, &cookie, post(DRAFTS).json(&wish))
        .await
        .expect(StatusCode::CREATED);
    let id = draft.json()["id"].clone();
    let mut tag = draft.header("etag").unwrap().to_owned();
    for (who, step) in [
        (&cookie, "submit"),
        (&other, "approve"),
        (&other, "publish"),
    ] {
        let again = || {
            let ask = post(&format!("{DRAFTS}/{id}/{step}")).header("if-match", &tag);
            send(&world, who, ask.json(&json!({})))
        };
        let once = again().await;
        assert_eq!(once.status, StatusCode::OK, "{step}: {}", once.text());
        let twice = again().await;
        assert_eq!(
            twice.status,
            StatusCode::CONFLICT,
            "{step}: {}",
            twice.text()
        );
        if let Some(newer) = once.header("etag") {
            tag = newer.to_owned();
        }
    }
    let revisions = send(&world, &cookie, get("/api/v1/policies/revisions"))
        .await
        .ok();
    assert_eq!(
        revisions.json()["revisions"].as_array().unwrap().len(),
        2,
        "{}",
        revisions.text()
    );
}

/// Policies that are made to break their reader are refused as a whole, and nothing of them stays.
#[tokio::test]
async fn a8_policies_made_to_break_their_reader_are_refused_and_change_nothing() {
    let (_canaries, world) = world().await;
    let cookie = world.session(&Who::governor()).await;
    let whole = files(&world, &cookie).await;
    let head = "dataset: gold.notes\nrules:\n";
    let deep = format!(
        "{head}  - {{ id: a, permit: {}{} }}\n",
        "{ not: ".repeat(9_000),
        "}".repeat(9_000)
    );
    let bomb =
        "a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\n";
    let twice = format!("{head}  - {{ id: a, permit: all }}\n  - {{ id: a, permit: all }}\n");
    let bidi = format!("{head}  - {{ id: \"a\u{202e}b\", permit: all }}\n");
    let unknown = format!("{head}  - {{ id: a, permit: all, whom: everybody }}\n");
    let long = format!(
        "{head}  - {{ id: a, permit: all }} # {}\n",
        "x".repeat(2 << 20)
    );
    for hostile in [deep, bomb.to_owned(), twice, bidi, unknown, long] {
        let mut files = whole.clone();
        files["policies/notes.policy.yaml"] = json!(hostile);
        let wish = json!({ "title": "Hostile", "base": 1, "files": files });
        let created = send(&world, &cookie, post(DRAFTS).json(&wish)).await;
        if created.status == StatusCode::CREATED {
            let id = created.json()["id"].clone();
            let ask = post(&format!("{DRAFTS}/{id}/submit"));
            let ask = ask
                .header("if-match", created.header("etag").unwrap())
                .json(&json!({}));
            let refused = send(&world, &cookie, ask).await;
            assert_eq!(refused.problem(), "content-invalid", "{hostile:.200}");
        } else {
            assert!(
                created.status.is_client_error(),
                "{}: {hostile:.200}",
                created.status
            );
        }
    }
    let token = world.token(&Who::analyst("auto"), SLUG);
    let answer = world.send(get(LIST).bearer(&token)).await.ok();
    assert_eq!(answer.json()["policy_revision"], 1);
}
