//! What host pages load, and what a frame says when it can't be opened (failures F60, F64).

use http::StatusCode;

use crate::support::ask::{framed, get, post};
use crate::support::canaries::Canaries;
use crate::support::world::{HOST, World};

#[tokio::test]
async fn a_pinned_sdk_never_changes_and_any_page_may_load_it() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();

    let version = world.send(get("/sdk/version.json")).await.ok();
    let said = version.json();
    let pinned = world.send(get(said["url"].as_str().unwrap())).await.ok();
    let newest = world.send(get("/sdk/weir.js")).await.ok();

    assert_eq!(said["integrity"], "sha384-1");
    assert_eq!(pinned.text(), newest.text());
    let cached = pinned.header("cache-control").unwrap();
    assert!(cached.contains("immutable"), "{cached}");
    let cached = newest.header("cache-control").unwrap();
    assert!(!cached.contains("immutable"), "{cached}");
    for answer in [&version, &pinned, &newest] {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
}

#[tokio::test]
async fn the_sdk_is_sent_packed_to_whoever_takes_that() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let sdk = async |encodings: &str| {
        let ask = get("/sdk/weir.js").header("accept-encoding", encodings);
        let answer = world.send(ask).await.ok();
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        let kind = answer.header("content-type").unwrap();
        assert!(kind.starts_with("text/javascript"), "{kind}");
        let encoding = answer.header("content-encoding").map(str::to_owned);
        (encoding, answer.body)
    };

    let (packed, plain) = (sdk("gzip, br").await, sdk("gzip").await);

    assert_eq!(
        (packed.0.as_deref(), plain.0.as_deref()),
        (Some("br"), None)
    );
    assert_ne!(packed.1, plain.1);
}

#[tokio::test]
async fn an_sdk_of_another_version_is_not_there() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();

    for name in ["weir.0.js", "manifest.json", "..%2Fmanifest.json"] {
        let answer = world.send(get(&format!("/sdk/{name}"))).await;

        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn f64_a_launch_that_fails_asks_its_page_again_in_the_languages_and_colours_of_the_launch() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let fields = [("token", "spent"), ("locale", "fr-CA"), ("theme", "dark")];

    let ask = framed(post("/embed/finance-overview"))
        .header("origin", HOST)
        .header("accept-language", "en-CA")
        .form(&fields);
    let answer = world.send(ask).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let page = answer.text();
    assert!(page.contains("<html lang=\"fr-CA\" data-realm=\"embed\" data-theme=\"dark\""));
    assert!(
        page.contains("data-code=\"invalid-token\" data-next=\"now\""),
        "{page}"
    );
}
