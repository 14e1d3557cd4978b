//! What a frame does with its launch token: exchanges it, once, for a token that is worth nothing
//! without the frame's key (attacks E4, E12, J16; failures F57, F63).

use chrono::TimeDelta;
use futures::future::join_all;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use weir_registry::testing::PostgresDatabase;

use crate::support::ask::{Answer, Ask, framed, get, launch, post};
use crate::support::canaries::{Canaries, canary};
use crate::support::frame::{Frame, FrameKey, HOME, b64, dpop, proof_claims};
use crate::support::world::{HOST, Who, World};

const SLUG: &str = "finance-overview";
const BIND: &str = "/embed/finance-overview/bind";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const VALUES: &str = "/api/v1/dashboards/finance-overview/filters/place/values";
const TILE: &str = "/embed/finance-overview/tiles/list";

async fn world() -> (Canaries, World) {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    (canaries, world)
}

fn analyst() -> Who {
    Who::analyst("auto")
}

/// A refusal for want of possession, which says nothing else.
fn unproven(answer: &Answer, why: &str) {
    assert_eq!(
        answer.status,
        StatusCode::UNAUTHORIZED,
        "{why}: {}",
        answer.text()
    );
    assert_eq!(answer.problem(), "invalid-proof", "{why}");
    assert_eq!(
        answer.header("www-authenticate"),
        Some("DPoP error=\"invalid_dpop_proof\", algs=\"ES256\""),
        "{why}"
    );
    assert!(!answer.text().contains("canary"), "{why}");
    assert!(answer.cookies().is_empty(), "{why}");
}

async fn codes(world: &World) -> Vec<String> {
    let denials = world.denials().await;
    denials
        .iter()
        .map(|denial| denial.code.to_string())
        .collect()
}

/// The token that a page carries.
fn token_of(page: &Answer) -> String {
    let (_, rest) = page
        .text()
        .split_once("eyJ")
        .expect("the page has no token");
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let end = rest.find(|c| !is_of_token(c)).unwrap();
    format!("eyJ{}", &rest[..end])
}

#[tokio::test]
async fn a_frame_exchanges_its_token_and_reads_with_proofs() {
    let (_canaries, world) = world().await;
    let (key, token) = (FrameKey::new(), world.token(&analyst(), SLUG));
    world.clock.advance(TimeDelta::seconds(20));
    let bound = world.bind(SLUG, &token, &key).await.ok();
    assert_eq!(bound.header("cache-control"), Some("no-store, private"));
    assert!(bound.cookies().is_empty());
    let said = bound.json();
    let mut names: Vec<_> = said.as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(
        names,
        ["expires_in", "family", "family_ends_in", "now", "token"]
    );
    assert_eq!(
        said["expires_in"], 280,
        "it ends when the launch token does"
    );
    assert_eq!(said["family_ends_in"], 12 * 60 * 60);
    assert_eq!(said["now"], world.clock.now().timestamp());
    let frame = Frame {
        key,
        token: said["token"].as_str().unwrap().to_owned(),
        family: said["family"].as_str().unwrap().to_owned(),
    };
    for target in [LIST, VALUES, TILE, &format!("{LIST}?place=everywhere")] {
        world.send(frame.get(&world, target)).await.ok();
    }
    world.clock.advance(TimeDelta::seconds(280));
    let late = world.send(frame.get(&world, LIST)).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert_eq!(late.problem(), "invalid-token", "over, not unproven");
    world.assert_chain().await;
}

/// A proof that is not one for `GET LIST` with a frame's token: what is on record, and why.
type BadProof = (&'static str, &'static str, String);

/// Proofs about another request, by another key, or that are none.
fn proofs_of_something_else(frame: &Frame, world: &World) -> Vec<BadProof> {
    let (key, now) = (&frame.key, world.clock.now());
    let good = || proof_claims((&Method::GET, LIST), &frame.token, now);
    let claim = |name: &str, value: Value| {
        let mut claims = good();
        claims[name] = value;
        key.sign(&key.header(), &claims)
    };
    let stranger = FrameKey::new();
    let (early, late) = (now - TimeDelta::seconds(61), now + TimeDelta::seconds(61));
    vec![
        ("proof_malformed", "noise", "noise".to_owned()),
        ("proof_malformed", "nothing", String::new()),
        (
            "proof_other_key",
            "a stranger's key",
            stranger.proof((&Method::GET, LIST), &frame.token, now),
        ),
        (
            "proof_signature",
            "a borrowed key",
            stranger.sign(&key.header(), &good()),
        ),
        (
            "proof_method",
            "another method",
            claim("htm", json!("POST")),
        ),
        (
            "proof_address",
            "another tile",
            claim("htu", json!(format!("{HOME}{VALUES}"))),
        ),
        (
            "proof_address",
            "another origin",
            claim("htu", json!(format!("https://evil.example{LIST}"))),
        ),
        (
            "proof_address",
            "with a query",
            claim("htu", json!(format!("{HOME}{LIST}?a=b"))),
        ),
        (
            "proof_token",
            "another token",
            claim("ath", json!(b64([0; 32]))),
        ),
        (
            "proof_time",
            "a minute ago",
            claim("iat", json!(early.timestamp())),
        ),
        (
            "proof_time",
            "in a minute",
            claim("iat", json!(late.timestamp())),
        ),
        ("proof_claims", "a member more", claim("nonce", json!("x"))),
        ("proof_claims", "no id", claim("jti", json!(""))),
    ]
}

/// Proofs with another header than a proof has.
fn proofs_of_another_form(frame: &Frame, world: &World) -> Vec<BadProof> {
    let (key, now) = (&frame.key, world.clock.now());
    let claims = proof_claims((&Method::GET, LIST), &frame.token, now);
    let header = |name: &str, value: Value| {
        let mut header = key.header();
        header[name] = value;
        key.sign(&header, &claims)
    };
    let mut private = key.jwk();
    private["d"] = json!(key.private());
    vec![
        ("proof_algorithm", "none", header("alg", json!("none"))),
        ("proof_algorithm", "EdDSA", header("alg", json!("EdDSA"))),
        ("proof_algorithm", "RS256", header("alg", json!("RS256"))),
        (
            "proof_wrong_type",
            "another type",
            header("typ", json!("JWT")),
        ),
        ("proof_header", "a header more", header("kid", json!("x"))),
        ("proof_key", "a private key", header("jwk", private)),
    ]
}

/// Every one of them.
fn bad_proofs(frame: &Frame, world: &World) -> Vec<BadProof> {
    let mut all = proofs_of_something_else(frame, world);
    all.extend(proofs_of_another_form(frame, world));
    all
}

#[tokio::test]
async fn e12_a_frame_token_is_nothing_without_a_proof_for_this_very_request() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&analyst(), SLUG).await;
    let good = frame
        .key
        .proof((&Method::GET, LIST), &frame.token, world.clock.now());
    let mut expected = Vec::new();
    for (code, why, proof) in bad_proofs(&frame, &world) {
        unproven(
            &world.send(dpop(get(LIST), &frame.token, &proof)).await,
            why,
        );
        expected.push(code);
    }
    let without = get(LIST).header("authorization", &format!("DPoP {}", frame.token));
    unproven(&world.send(without).await, "no proof");
    let twice = dpop(get(LIST), &frame.token, &good).header("dpop", &good);
    unproven(&world.send(twice).await, "two proofs");
    unproven(
        &world.send(get(LIST).bearer(&frame.token)).await,
        "as bearer",
    );
    let beside = get(LIST).bearer(&frame.token).header("dpop", &good);
    unproven(&world.send(beside).await, "as bearer with a proof");
    expected.extend([
        "proof_missing",
        "proof_missing",
        "proof_misplaced",
        "proof_misplaced",
    ]);
    assert!(world.reads().await.is_empty(), "nothing was read");
    assert_eq!(codes(&world).await, expected);

    // None of that used up the good one, which counts once.
    world.send(dpop(get(LIST), &frame.token, &good)).await.ok();
    unproven(
        &world.send(dpop(get(LIST), &frame.token, &good)).await,
        "again",
    );
    assert_eq!(world.reads().await.len(), 1);
    assert_eq!(codes(&world).await.last().unwrap(), "proof_replayed");
}

#[tokio::test]
async fn j16_a_launch_token_is_no_frame_token_and_takes_no_proof_elsewhere() {
    let (_canaries, world) = world().await;
    let (key, token) = (FrameKey::new(), world.token(&analyst(), SLUG));
    let now = world.clock.now();
    let proof = || key.proof((&Method::GET, LIST), &token, now);
    unproven(
        &world.send(dpop(get(LIST), &token, &proof())).await,
        "as DPoP",
    );
    let beside = get(LIST).bearer(&token).header("dpop", &proof());
    unproven(&world.send(beside).await, "with a proof");
    let form_proof = key.proof((&Method::POST, "/embed/finance-overview"), &token, now);
    let form = framed(post("/embed/finance-overview"))
        .header("origin", HOST)
        .form(&[("token", &token), ("proof", &form_proof)]);
    let page = world.send(form).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{}", page.text());
    assert!(world.reads().await.is_empty());
    assert_eq!(codes(&world).await, ["proof_misplaced"; 3]);
    // It is still good for what it is good for.
    world.send(get(LIST).bearer(&token)).await.ok();
}

#[tokio::test]
async fn what_is_no_token_of_weirs_does_not_fill_the_audit() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&analyst(), SLUG).await;
    let forged = format!("{}x", frame.token);
    let noise = [forged.as_str(), "noise", "a.b.c"];
    for token in noise {
        let proof = frame
            .key
            .proof((&Method::GET, LIST), token, world.clock.now());
        for ask in [
            dpop(get(LIST), token, &proof),
            get(LIST).bearer(token),
            post(BIND).bearer(token).header("dpop", &proof),
            dpop(post(BIND), token, &proof),
        ] {
            let answer = world.send(ask).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{token}");
            assert_eq!(answer.problem(), "invalid-token", "{token}");
        }
    }
    assert!(world.denials().await.is_empty());
}

#[tokio::test]
async fn a_spent_launch_token_opens_nothing_any_more() {
    let (_canaries, world) = world().await;
    let (key, token) = (FrameKey::new(), world.token(&analyst(), SLUG));
    // Until it is spent it may be used as often as one likes: a page without script never binds.
    for _ in 0..2 {
        let page = world.send(launch(SLUG, HOST, &token)).await.ok();
        assert_eq!(token_of(&page), token);
        world.send(get(LIST).bearer(&token)).await.ok();
    }
    let read = world.reads().await.len();
    world.bind(SLUG, &token, &key).await.ok();

    let again = world.bind(SLUG, &token, &key).await;
    let with_other_key = world.bind(SLUG, &token, &FrameKey::new()).await;
    let reads = [
        again,
        with_other_key,
        world.send(get(LIST).bearer(&token)).await,
        world.send(get(VALUES).bearer(&token)).await,
        world.send(get(TILE).bearer(&token)).await,
    ];
    for answer in &reads {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
        assert_eq!(answer.problem(), "invalid-token");
    }
    let page = world.send(launch(SLUG, HOST, &token)).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(!page.text().contains("canary"));
    assert_eq!(world.reads().await.len(), read);
    assert_eq!(codes(&world).await, ["token_spent"; 6]);
}

#[tokio::test]
async fn e4_of_a_hundred_binds_of_one_token_one_wins_on_sqlite() {
    let (_canaries, world) = world().await;
    one_of_a_hundred_wins(&world).await;
}

#[tokio::test]
async fn e4_of_a_hundred_binds_of_one_token_one_wins_on_postgres() {
    let canaries = Canaries::new();
    let database = PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}"));
    let segments = tempfile::tempdir().unwrap();
    let mut plan = canaries.plan();
    plan.registry = Some((database.url(), segments.path().join("audit")));
    let world = World::build(&plan).await.unwrap();
    one_of_a_hundred_wins(&world).await;
}

async fn one_of_a_hundred_wins(world: &World) {
    let token = world.token(&analyst(), SLUG);
    let keys: Vec<_> = (0..100).map(|_| FrameKey::new()).collect();
    let binds = keys.iter().map(|key| world.bind(SLUG, &token, key));

    let answers = join_all(binds).await;

    let of = |status| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((of(StatusCode::OK), of(StatusCode::UNAUTHORIZED)), (1, 99));
    assert_eq!(codes(world).await, vec!["token_spent"; 99]);
}

#[tokio::test]
async fn a_bind_that_is_refused_spends_nothing() {
    let (_canaries, world) = world().await;
    let (key, token) = (FrameKey::new(), world.token(&analyst(), SLUG));
    let now = world.clock.now();
    let other = "/embed/claims-operations/bind";
    let bad = |why: &'static str, ask: Ask, status: u16| (why, ask, status);
    let proof = |target: &str| key.proof((&Method::POST, target), &token, now);
    for (why, ask, status) in [
        bad(
            "another dashboard",
            post(other).bearer(&token).header("dpop", &proof(other)),
            404,
        ),
        bad(
            "a body",
            post(BIND)
                .bearer(&token)
                .header("dpop", &proof(BIND))
                .body("x"),
            400,
        ),
        bad("no proof", post(BIND).bearer(&token), 401),
        bad(
            "a proof for another path",
            post(BIND).bearer(&token).header("dpop", &proof(LIST)),
            401,
        ),
        bad("as DPoP", dpop(post(BIND), &token, &proof(BIND)), 401),
        bad("nothing", post(BIND), 401),
        bad("a query", post(&format!("{BIND}?token={token}")), 401),
    ] {
        let answer = world.send(ask).await;
        assert_eq!(answer.status.as_u16(), status, "{why}: {}", answer.text());
    }
    world.bind(SLUG, &token, &key).await.ok();
}

#[tokio::test]
async fn a_frame_token_is_not_bound_again() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&analyst(), SLUG).await;
    let proof = || {
        frame
            .key
            .proof((&Method::POST, BIND), &frame.token, world.clock.now())
    };
    let as_bearer = post(BIND).bearer(&frame.token).header("dpop", &proof());
    unproven(&world.send(as_bearer).await, "as bearer");
    let as_dpop = dpop(post(BIND), &frame.token, &proof());
    unproven(&world.send(as_dpop).await, "as DPoP");
}

#[tokio::test]
async fn a_refreshed_frame_stays_in_its_family() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&analyst(), SLUG).await;
    world.clock.advance(TimeDelta::seconds(240));
    let next = world.token(&analyst(), SLUG);
    let bound = world.bind(SLUG, &next, &frame.key).await.ok().json();
    assert_eq!(bound["family"], frame.family);
    assert_eq!(bound["family_ends_in"], 12 * 60 * 60 - 240);
    assert_eq!(bound["expires_in"], 300);
    // Another viewer, another key: another family.
    let home = world.token(&Who::analyst("home"), SLUG);
    let bound = world.bind(SLUG, &home, &frame.key).await.ok().json();
    assert_ne!(bound["family"], frame.family);
    let other = world.frame(&analyst(), SLUG).await;
    assert_ne!(other.family, frame.family);
}

#[tokio::test]
async fn the_pages_own_form_goes_on_in_the_same_family_with_a_new_key() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&analyst(), SLUG).await;
    world.clock.advance(TimeDelta::seconds(100));
    let path = "/embed/finance-overview";
    let proof = frame
        .key
        .proof((&Method::POST, path), &frame.token, world.clock.now());
    let form = || {
        framed(post(path))
            .header("origin", "null")
            .header("sec-fetch-site", "same-origin")
            .form(&[
                ("token", &frame.token),
                ("proof", &proof),
                ("place", "everywhere"),
            ])
    };
    let page = world.send(form()).await.ok();
    assert!(page.text().contains("everywhere"));
    let token = token_of(&page);
    assert_ne!(
        token, frame.token,
        "the new document can't use a token of the old one's key"
    );

    let bound = world.bind(SLUG, &token, &FrameKey::new()).await.ok().json();
    assert_eq!(bound["family"], frame.family);
    assert_eq!(bound["expires_in"], 200, "it lives no longer for that");
    assert_eq!(bound["family_ends_in"], 12 * 60 * 60 - 100);
    let replayed = world.send(form()).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED);
    assert!(!replayed.text().contains(&canary("auto")));
}

#[tokio::test]
async fn a_frame_token_in_a_form_without_its_proof_opens_nothing() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&analyst(), SLUG).await;
    let form = |pairs: &[(&str, &str)]| {
        framed(post("/embed/finance-overview"))
            .header("origin", "null")
            .header("sec-fetch-site", "same-origin")
            .form(pairs)
    };
    let other = FrameKey::new().proof(
        (&Method::POST, "/embed/finance-overview"),
        &frame.token,
        world.clock.now(),
    );
    for pairs in [
        &[("token", frame.token.as_str())][..],
        &[("token", frame.token.as_str()), ("proof", "noise")],
        &[("token", frame.token.as_str()), ("proof", other.as_str())],
    ] {
        let answer = world.send(form(pairs)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(!answer.text().contains("canary"));
    }
    assert!(world.reads().await.is_empty());
    assert_eq!(
        codes(&world).await,
        ["proof_misplaced", "proof_malformed", "proof_other_key"]
    );
    let in_address = format!("{LIST}?proof=x");
    let answer = world.send(frame.get(&world, &in_address)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn f63_a_session_ends_after_twelve_hours_and_says_so() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&analyst(), SLUG).await;
    world.clock.advance(TimeDelta::seconds(12 * 60 * 60 - 1));
    let next = world.token(&analyst(), SLUG);
    let bound = world.bind(SLUG, &next, &frame.key).await.ok().json();
    assert_eq!(
        (&bound["family"], &bound["family_ends_in"]),
        (&json!(frame.family), &json!(1))
    );
    world.clock.advance(TimeDelta::seconds(1));
    let next = world.token(&analyst(), SLUG);

    let over = world.bind(SLUG, &next, &frame.key).await;

    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
    assert_eq!(over.problem(), "session-ended");
    assert_eq!(
        over.header("www-authenticate"),
        Some("DPoP error=\"invalid_token\", algs=\"ES256\"")
    );
    assert_eq!(codes(&world).await, ["session_ended"]);
    // The click: the same token with a new key begins a new family.
    let anew = world.bind(SLUG, &next, &FrameKey::new()).await.ok().json();
    assert_ne!(anew["family"], frame.family);
    assert_eq!(anew["family_ends_in"], 12 * 60 * 60);
}

#[tokio::test]
async fn e3_a_frame_token_opens_nothing_of_the_browser_realm() {
    let (_canaries, world) = world().await;
    let frame = world.frame(&analyst(), SLUG).await;
    let cookie = world.session(&Who::governor()).await;
    for target in ["/", "/d/finance-overview", "/d/finance-overview/tiles/list"] {
        let answer = world.send(frame.get(&world, target)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{target}");
        assert!(!answer.text().contains("canary"), "{target}");
    }
    for target in ["/admin", "/api/v1/policies/revisions", "/api/v1/audit"] {
        let answer = world.send(frame.get(&world, target).cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{target}");
    }
    assert!(world.reads().await.is_empty());
}
