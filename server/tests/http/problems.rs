//! Errors say what to do and nothing about the inside (invariant 12; failures F47 to F52).

use std::collections::BTreeSet;
use std::fs;

use http::{Method, StatusCode};
use weir_identity::EmbedGrant;
use weir_policy::Locale;
use weir_server::problem::Slug;

use crate::support::ask::{Answer, ask, get, launch, post};
use crate::support::canaries::Canaries;
use crate::support::lake;
use crate::support::world::{HOST, Plan, Who, World, repository};

/// Words of the inside, in small letters.
const INSIDE: [&str; 24] = [
    "select ",
    " from ",
    "where ",
    "\"gold\"",
    "gold.",
    "notes@",
    "legal_hold",
    "business_unit",
    "notes",
    "parquet",
    "iceberg",
    "datafusion",
    "arrow",
    "sqlite",
    "sqlx",
    "schema",
    "snapshot",
    "/tmp",
    "/work",
    ".rs",
    "panicked",
    "backtrace",
    "os error",
    "127.0.0.1",
];

fn nothing_inside(answer: &Answer, what: &str) {
    let text = answer.text().to_lowercase();
    // A page's style and script are the same for everybody.
    let body = text
        .split_once("<body>")
        .map_or(text.as_str(), |(_, body)| body);
    for word in INSIDE {
        let prose = word == " from " || word == "where ";
        assert!(
            prose || !body.contains(word),
            "{what} says {word:?}: {body}"
        );
    }
}

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

#[tokio::test]
async fn every_kind_of_refusal_is_a_problem_document_for_programs_and_a_page_for_people() {
    let (_canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let withheld = world.token(&Who::newcomer(), "finance-overview");
    let list = "/api/v1/dashboards/finance-overview/tiles/list/data";
    let cases = || {
        [
            (get("/no-such-page"), 404, "not-found"),
            (ask(Method::DELETE, "/healthz"), 405, "method-not-allowed"),
            (
                ask(Method::PUT, "/embed/finance-overview"),
                405,
                "method-not-allowed",
            ),
            (get("/auth/callback"), 400, "sign-in-failed"),
            (get("/login"), 503, "identity-provider-unavailable"),
            (post("/api/v1/embed-tokens"), 401, "client-unauthorized"),
            (post("/logout"), 401, "sign-in-required"),
            (
                get("/embed/finance-overview/tiles/list"),
                401,
                "invalid-token",
            ),
            (get("/embed/finance-overview"), 403, "origin-not-allowed"),
            (
                get("/embed/finance-overview?code=x").header("sec-fetch-dest", "iframe"),
                410,
                "code-spent",
            ),
            (get("/signed-out?theme=x"), 400, "invalid-parameter"),
            (get(list).bearer(&withheld), 403, "withheld"),
            (
                get(&format!("{list}?x=1")).bearer(&token),
                400,
                "invalid-parameter",
            ),
        ]
    };
    for ((program, status, code), (person, ..)) in cases().into_iter().zip(cases()) {
        let answer = world.send(program).await;
        assert_eq!(answer.status.as_u16(), status, "{code}: {}", answer.text());
        assert_eq!(answer.problem(), code);
        nothing_inside(&answer, code);
        let page = world.send(person.page()).await;
        assert_eq!(page.status.as_u16(), status, "{code}");
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{code}"
        );
        nothing_inside(&page, code);
        if code != "sign-in-required" {
            assert!(
                page.text().contains(page.header("x-request-id").unwrap()),
                "{code}: {}",
                page.text()
            );
        }
    }
}

#[tokio::test]
async fn problems_speak_the_language_of_the_address_else_of_the_browser_else_english() {
    let (_canaries, world) = world().await;
    let title = |answer: &Answer| answer.json()["title"].as_str().unwrap().to_owned();
    let (english, french) = ("Not found", "Introuvable");
    let cases = [
        (get("/nowhere"), english),
        (get("/nowhere?locale=fr-CA"), french),
        (get("/nowhere?locale=de-DE"), english),
        (
            get("/nowhere").header("accept-language", "fr-CA,fr;q=0.9,en;q=0.8"),
            french,
        ),
        (
            get("/nowhere").header("accept-language", "de, FR;q=0.5"),
            french,
        ),
        (
            get("/nowhere").header("accept-language", "en-GB,fr"),
            english,
        ),
        (get("/nowhere").header("accept-language", "é"), english),
        (
            get("/nowhere?locale=en-CA").header("accept-language", "fr"),
            english,
        ),
    ];
    for (ask, expected) in cases {
        let answer = world.send(ask).await;
        assert_eq!(title(&answer), expected);
        assert_eq!(answer.problem(), "not-found");
    }
    let page = world.send(get("/nowhere?locale=fr-CA").page()).await;
    assert!(page.text().contains("lang=\"fr-CA\"") && page.text().contains("Introuvable"));
}

#[tokio::test]
async fn f6_the_request_id_is_weirs_own_whatever_the_client_sends() {
    let (_canaries, world) = world().await;
    let mut ids = BTreeSet::new();
    for _ in 0..3 {
        let answer = world
            .send(get("/healthz").header("x-request-id", "mine"))
            .await
            .ok();
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert!(
            id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id}"
        );
        assert!(ids.insert(id));
    }
}

#[tokio::test]
async fn f49_a_lost_file_is_one_broken_tile_in_the_viewers_language_and_the_others_live() {
    let (canaries, world) = world().await;
    canaries.lose("visits");
    let grant = World::grant(&Who::analyst("auto"), "finance-overview");
    let token = world.mint(EmbedGrant {
        locale: Locale::FrCa,
        ..grant
    });
    let page = world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    for tile in ["total", "share", "by-place", "stacked", "list"] {
        assert!(
            page.text()
                .contains(&format!("data-tile=\"{tile}\" data-state=\"ready\"")),
            "{tile}"
        );
    }
    let (_, broken) = page
        .text()
        .split_once("data-tile=\"visits\" data-state=\"error\"")
        .unwrap();
    assert!(
        broken.contains(page.header("x-request-id").unwrap()),
        "no request id: {broken}"
    );
    assert!(broken.contains("Visites"), "{broken}");
    assert!(
        !broken.contains("Try again"),
        "an English sentence in a French page"
    );
    assert!(page.text().contains("settled"));
    nothing_inside_the_tile(broken);

    let data = "/api/v1/dashboards/finance-overview/tiles/visits/data?locale=fr-CA";
    let answer = world.send(get(data).bearer(&token)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.problem(), "engine-unavailable");
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(
        answer.json()["title"],
        Slug::EngineUnavailable.title(weir_query::Locale::FrCa)
    );
    nothing_inside(&answer, "a lost file");
    let failed = world
        .reads()
        .await
        .into_iter()
        .filter(|read| read.tile.as_str() == "visits");
    assert!(failed.clone().count() == 2 && failed.into_iter().all(|read| read.rows == 0));
    world.assert_chain().await;
}

fn nothing_inside_the_tile(html: &str) {
    let html = html
        .split_once("<script")
        .map_or(html, |(tile, _)| tile)
        .to_lowercase();
    for word in INSIDE
        .iter()
        .filter(|word| !["where ", " from "].contains(word))
    {
        assert!(!html.contains(word), "the tile says {word:?}: {html}");
    }
}

#[tokio::test]
async fn f52_an_error_is_not_kept_and_heals_with_its_cause() {
    let (canaries, world) = world().await;
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let data = "/api/v1/dashboards/finance-overview/tiles/visits/data";
    let path = canaries.path("lake/visits/first.parquet");
    let aside = canaries.path("aside");
    fs::rename(&path, &aside).unwrap();
    world
        .send(get(data).bearer(&token))
        .await
        .expect(StatusCode::SERVICE_UNAVAILABLE);
    let ready = world.send(get("/readyz")).await.ok();
    assert_eq!(ready.json()["status"], "degraded");
    fs::rename(&aside, &path).unwrap();
    world.send(get(data).bearer(&token)).await.ok();
    let ready = world.send(get("/readyz")).await.ok();
    assert_eq!(ready.json()["status"], "ready");
}

#[tokio::test]
async fn every_problem_is_explained_in_the_documentation_and_no_other() {
    let folder = repository().join("docs/problems");
    let files =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let documented: BTreeSet<_> = names
        .filter(|name| name != "README.md")
        .map(|name| name.replace(".md", ""))
        .collect();
    let known: BTreeSet<_> = Slug::ALL
        .iter()
        .map(|slug| slug.as_str().to_owned())
        .collect();
    assert_eq!(documented, known);
}

#[tokio::test]
async fn every_problem_says_something_else_in_each_language() {
    let mut titles = BTreeSet::new();
    for slug in Slug::ALL {
        for locale in [weir_query::Locale::EnCa, weir_query::Locale::FrCa] {
            assert!(
                titles.insert(slug.title(locale)),
                "{} is said twice",
                slug.title(locale)
            );
            assert!(
                slug.sentence(locale).ends_with('.'),
                "{}",
                slug.sentence(locale)
            );
        }
        assert_ne!(
            slug.sentence(weir_query::Locale::EnCa),
            slug.sentence(weir_query::Locale::FrCa)
        );
    }
}

#[tokio::test]
async fn f47_no_page_and_no_answer_of_the_sample_lake_shows_a_statement() {
    let world = World::build(&Plan::over(lake::sample().await))
        .await
        .unwrap();
    for (slug, tiles, _) in world.dashboards() {
        let token = world.token(&Who::analyst("auto"), &slug);
        let page = world.send(launch(&slug, HOST, &token)).await.ok();
        for word in ["SELECT", "legal_hold", "@", "datafusion", "parquet"] {
            let body = page.text().split_once("<body>").unwrap().1;
            let body = body.replace("@media", "").replace("@container", "");
            assert!(word == "@" || !body.contains(word), "{slug} says {word}");
        }
        for tile in tiles {
            let data = format!("/api/v1/dashboards/{slug}/tiles/{tile}/data");
            let answer = world.send(get(&data).bearer(&token)).await.ok();
            assert!(!answer.text().contains("SELECT") && !answer.text().contains("legal_hold"));
        }
    }
}
