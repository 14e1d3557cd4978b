//! Taking access back: tokens revoked, dashboards locked, on every route, in every process, and for
//! whoever is looking at that very moment (invariant 9; failure F61; attacks E10, E13).

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use futures::StreamExt as _;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tempfile::TempDir;
use tower::ServiceExt as _;
use weir_registry::testing::PostgresDatabase;
use weir_registry::{Fact, LockdownStep};

use crate::support::ask::{Answer, Ask, ask, get, launch, post};
use crate::support::canaries::{Canaries, canary};
use crate::support::starts::Starts;
use crate::support::world::{BOARD, CRM, HOST, Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const VALUES: &str = "/api/v1/dashboards/finance-overview/filters/place/values";
const TILE: &str = "/embed/finance-overview/tiles/list";
const PULSE: &str = "/embed/finance-overview/pulse";
const PAGE: &str = "/d/finance-overview";
const MEMBERS_TILE: &str = "/d/finance-overview/tiles/list";

/// How long another process may take (invariant 9).
const EVERYWHERE: Duration = Duration::from_secs(5);

/// Two processes on one registry.
struct Pair {
    one: World,
    other: World,
    url: String,
    _canaries: Canaries,
    _home: TempDir,
    _database: Option<PostgresDatabase>,
}

#[derive(Debug, Clone, Copy)]
enum Database {
    Sqlite,
    Postgres,
}

impl Pair {
    async fn on(database: Database) -> Self {
        Self::with(database, 60).await
    }

    async fn with(database: Database, grace_s: u64) -> Self {
        let (canaries, home) = (Canaries::new(), TempDir::new().unwrap());
        let database = match database {
            Database::Sqlite => None,
            Database::Postgres => {
                Some(PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}")))
            }
        };
        let sqlite = || format!("sqlite://{}/weir.db", home.path().display());
        let url = database.as_ref().map_or_else(sqlite, PostgresDatabase::url);
        let mut plan = canaries.plan();
        plan.grace_s = grace_s;
        plan.registry = Some((url.clone(), home.path().join("one")));
        let one = World::build(&plan).await.unwrap();
        plan.registry = Some((url.clone(), home.path().join("other")));
        let other = World::build(&plan).await.unwrap();
        Self {
            one,
            other,
            url,
            _canaries: canaries,
            _home: home,
            _database: database,
        }
    }

    /// Later by some seconds, for both.
    fn later(&self, seconds: i64) {
        for world in [&self.one, &self.other] {
            world.clock.advance(TimeDelta::seconds(seconds));
        }
    }
}

async fn admin(world: &World, ask: Ask) -> Answer {
    let cookie = world.session(&Who::governor()).await;
    let ask = ask.header("sec-fetch-site", "same-origin").cookie(&cookie);
    world.send(ask).await
}

async fn revoke(world: &World, target: Value) -> Answer {
    let body = json!({ "target": target, "reason": "A laptop was stolen" });
    admin(world, post("/api/v1/embed-tokens/revoke").json(&body)).await
}

async fn lock(world: &World, scope: &str) -> Answer {
    let target = format!("/api/v1/lockdowns/{scope}");
    let body = json!({ "reason": "The numbers are wrong" });
    admin(world, ask(Method::PUT, &target).json(&body)).await
}

async fn lift(world: &World, scope: &str) -> Answer {
    let target = format!("/api/v1/lockdowns/{scope}");
    admin(world, ask(Method::DELETE, &target)).await
}

fn claim(token: &str, name: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims[name].as_str().unwrap().to_owned()
}

/// Everything a viewer can ask for.
fn viewers_asks(token: &str) -> [Ask; 5] {
    [
        get(LIST).bearer(token),
        get(VALUES).bearer(token),
        get(TILE).bearer(token),
        launch(SLUG, HOST, token),
        get(PULSE).bearer(token),
    ]
}

/// Everything a member can ask for.
fn members_asks(cookie: &str) -> [Ask; 4] {
    [
        get(LIST).cookie(cookie),
        get(VALUES).cookie(cookie),
        get(MEMBERS_TILE).cookie(cookie),
        get(PAGE).cookie(cookie).page(),
    ]
}

async fn all_refused(world: &World, asks: impl IntoIterator<Item = Ask>, status: u16) {
    for ask in asks {
        let what = format!("{ask:?}");
        let answer = world.send(ask).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text());
        assert!(
            !answer.text().contains("canary"),
            "{what}: {}",
            answer.text()
        );
    }
}

async fn all_good(world: &World, asks: impl IntoIterator<Item = Ask>) {
    for ask in asks {
        let what = format!("{ask:?}");
        let answer = world.send(ask).await;
        assert!(answer.status.is_success(), "{what}: {}", answer.text());
    }
}

/// Waits until another process refuses too.
async fn refused_soon(world: &World, ask: impl Fn() -> Ask, problem: &str) {
    let refused = async {
        loop {
            let answer = world.send(ask()).await;
            if answer.status != StatusCode::OK {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    let answer = tokio::time::timeout(EVERYWHERE, refused).await;
    let answer = answer.expect("it is still shown after five seconds");
    assert_eq!(answer.problem(), problem);
}

async fn good_soon(world: &World, ask: impl Fn() -> Ask) {
    let good = async {
        while world.send(ask()).await.status != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(EVERYWHERE, good)
        .await
        .expect("it is still refused after five seconds");
}

#[tokio::test]
async fn e10_f61_what_is_revoked_ends_everywhere_on_sqlite() {
    what_is_revoked_ends_everywhere(Database::Sqlite).await;
}

#[tokio::test]
async fn e10_f61_what_is_revoked_ends_everywhere_on_postgres() {
    what_is_revoked_ends_everywhere(Database::Postgres).await;
}

/// What names a token.
type Target = fn(&str) -> Value;

/// Whatever is named: here at once, on the other process within five seconds, on every route and
/// whatever is cached; and a token of later is good.
async fn what_is_revoked_ends_everywhere(database: Database) {
    let pair = Pair::on(database).await;
    let who = Who::analyst("auto");
    let jti = |token: &str| json!({ "jti": claim(token, "jti") });
    let others: [Target; 6] = [
        |token| json!({ "family": claim(token, "family") }),
        |token| json!({ "subject": { "issuer": "weir:embed:crm", "sub": claim(token, "sub") } }),
        |_| json!({ "business_unit": "auto" }),
        |_| json!({ "dashboard": SLUG }),
        |_| json!({ "client": CRM.0 }),
        |_| json!({ "all": true }),
    ];
    let targets = std::iter::once(jti as Target).chain(others);
    for target in targets {
        let token = pair.one.token(&who, SLUG);
        for world in [&pair.one, &pair.other] {
            all_good(world, viewers_asks(&token)).await;
        }
        let target = target(&token);

        let answer = revoke(&pair.one, target.clone()).await.ok();

        assert_eq!(answer.json()["revocation"]["target"], target);
        all_refused(&pair.one, viewers_asks(&token), 401).await;
        let list = pair.one.send(get(LIST).bearer(&token)).await;
        assert_eq!(list.problem(), "access-revoked");
        refused_soon(&pair.other, || get(LIST).bearer(&token), "access-revoked").await;
        all_refused(&pair.other, viewers_asks(&token), 401).await;
        pair.later(2);
        let fresh = pair.other.token(&who, SLUG);
        all_good(&pair.one, viewers_asks(&fresh)).await;
    }
    pair.one.assert_chain().await;
}

/// Nothing is revoked that was not named.
#[tokio::test]
async fn e10_a_revocation_ends_what_it_names_and_nothing_else() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let auto = world.token(&Who::analyst("auto"), SLUG);
    let home = world.token(&Who::analyst("home"), SLUG);
    let claims = world.token(&Who::analyst("auto"), "claims-operations");
    let exec = world.token(&Who::exec(), SLUG);

    revoke(&world, json!({ "jti": claim(&auto, "jti") }))
        .await
        .ok();
    for token in [&home, &exec] {
        world.send(get(LIST).bearer(token)).await.ok();
    }
    revoke(&world, json!({ "client": BOARD.0 })).await.ok();
    world.send(get(LIST).bearer(&home)).await.ok();
    let refused = world.send(get(LIST).bearer(&exec)).await;
    assert_eq!(refused.problem(), "access-revoked");
    revoke(&world, json!({ "dashboard": SLUG })).await.ok();
    let pulse = get("/embed/claims-operations/pulse").bearer(&claims);
    world.send(pulse).await.expect(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn e10_a_restart_forgets_no_revocation() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    revoke(&world, json!({ "all": true })).await.ok();
    lock(&world, "dashboard:claims-operations").await.ok();

    let world = world.restarted().await;

    let refused = world.send(get(LIST).bearer(&token)).await;
    assert_eq!(refused.problem(), "access-revoked");
    let locks = admin(&world, get("/api/v1/lockdowns")).await.ok().json();
    assert_eq!(
        locks["lockdowns"][0]["scope"],
        "dashboard:claims-operations"
    );
    let known = admin(&world, get("/api/v1/revocations")).await.ok().json();
    let [revocation] = known["revocations"].as_array().unwrap().as_slice() else {
        panic!("{known}")
    };
    assert_eq!(revocation["target"], json!({ "all": true }));
    assert_eq!(revocation["by"]["sub"], "governor-1");
    assert_eq!(revocation["reason"], "A laptop was stolen");
}

/// RFC 7009 §2.2: whether there is such a token, and whose it is, is not told.
#[tokio::test]
async fn e13_a_client_revokes_its_own_and_learns_nothing_of_others() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let mine = world.token(&Who::analyst("auto"), SLUG);
    let mine_too = world.token(&Who::analyst("auto"), SLUG);
    let theirs = world.token(&Who::exec(), SLUG);
    let as_crm = async |target: Value| {
        let body = json!({ "target": target, "reason": "Signed out of the CRM" });
        let ask = post("/api/v1/embed-tokens/revoke").basic(CRM.0, CRM.1);
        let answer = world.send(ask.json(&body)).await.ok();
        answer.text().to_owned()
    };

    let nobody = "0193a5c0-7a3b-7c1d-9e2f-0123456789ab";
    let said = [
        as_crm(json!({ "jti": claim(&theirs, "jti") })).await,
        as_crm(json!({ "jti": nobody })).await,
        as_crm(json!({ "family": nobody })).await,
        as_crm(json!({ "subject": { "issuer": "weir:embed:board", "sub": "exec" } })).await,
        as_crm(json!({ "subject": { "sub": "nobody" } })).await,
        as_crm(json!({ "jti": claim(&mine, "jti") })).await,
    ];
    assert!(said.iter().all(|text| *text == said[0]), "{said:?}");
    world.send(get(LIST).bearer(&theirs)).await.ok();
    world.send(get(LIST).bearer(&mine_too)).await.ok();
    let refused = world.send(get(LIST).bearer(&mine)).await;
    assert_eq!(refused.problem(), "access-revoked");

    as_crm(json!({ "subject": { "sub": "analyst-auto" } })).await;
    let refused = world.send(get(LIST).bearer(&mine_too)).await;
    assert_eq!(refused.problem(), "access-revoked");
    for target in [
        json!({ "all": true }),
        json!({ "client": CRM.0 }),
        json!({ "dashboard": SLUG }),
        json!({ "business_unit": "auto" }),
    ] {
        let body = json!({ "target": target, "reason": "All of it" });
        let ask = post("/api/v1/embed-tokens/revoke").basic(CRM.0, CRM.1);
        let answer = world.send(ask.json(&body)).await;
        assert_eq!(answer.problem(), "invalid-parameter", "{target}");
    }
    world.send(get(LIST).bearer(&theirs)).await.ok();
}

#[tokio::test]
async fn a_wish_that_is_not_understood_revokes_and_locks_nothing() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let reason = "why";
    for body in [
        json!({ "target": { "all": true } }),
        json!({ "target": { "all": true }, "reason": " " }),
        json!({ "target": { "all": false }, "reason": reason }),
        json!({ "target": { "all": true }, "reason": reason, "until": "2030-01-01" }),
        json!({ "target": { "all": true, "client": "crm" }, "reason": reason }),
        json!({ "target": {}, "reason": reason }),
        json!({ "target": "all", "reason": reason }),
        json!({ "target": { "everything": true }, "reason": reason }),
        json!({ "target": { "jti": "*" }, "reason": reason }),
        json!({ "target": { "dashboard": "gone" }, "reason": reason }),
        json!({ "target": { "subject": { "sub": "u" } }, "reason": reason }),
        json!({ "target": { "subject": { "issuer": "i", "sub": "" } }, "reason": reason }),
        json!({ "target": { "subject": { "issuer": "i", "sub": "u", "x": 1 } }, "reason": reason }),
        json!({ "target": { "subject": ["i", "u"] }, "reason": reason }),
        json!([{ "all": true }, reason]),
    ] {
        let answer = admin(&world, post("/api/v1/embed-tokens/revoke").json(&body)).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 422),
            "{body}: {}",
            answer.text()
        );
    }
    for scope in [
        "",
        "everything",
        "dashboard:gone",
        "dashboard:",
        "tile:x",
        "business_unit:",
    ] {
        let answer = lock(&world, scope).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 404),
            "{scope}: {}",
            answer.text()
        );
    }
    all_good(&world, viewers_asks(&token)).await;
    let audit = world.audit().await;
    let done = |fact: &Fact| matches!(fact, Fact::Revoke(_) | Fact::Lock(_));
    assert!(!audit.iter().any(|record| done(record.fact())));
}

#[tokio::test]
async fn f61_a_lockdown_shuts_viewers_and_members_out_on_sqlite() {
    a_lockdown_shuts_out(Database::Sqlite).await;
}

#[tokio::test]
async fn f61_a_lockdown_shuts_viewers_and_members_out_on_postgres() {
    a_lockdown_shuts_out(Database::Postgres).await;
}

async fn a_lockdown_shuts_out(database: Database) {
    let pair = Pair::on(database).await;
    let who = Who::analyst("auto");
    let token = pair.one.token(&who, SLUG);
    let cookie = pair.one.session(&who).await;
    for scope in ["all", "dashboard:finance-overview", "business_unit:auto"] {
        for world in [&pair.one, &pair.other] {
            all_good(world, viewers_asks(&token)).await;
            all_good(world, members_asks(&cookie)).await;
        }

        let answer = lock(&pair.one, scope).await.ok();

        assert_eq!(answer.json()["scope"], scope);
        all_refused(&pair.one, viewers_asks(&token), 403).await;
        all_refused(&pair.one, members_asks(&cookie), 403).await;
        refused_soon(&pair.other, || get(LIST).bearer(&token), "locked-down").await;
        all_refused(&pair.other, members_asks(&cookie), 403).await;
        // The portal is where it is opened again.
        admin(&pair.one, get("/admin").page()).await.ok();
        lift(&pair.other, scope)
            .await
            .expect(StatusCode::NO_CONTENT);
        all_good(&pair.other, viewers_asks(&token)).await;
        good_soon(&pair.one, || get(LIST).bearer(&token)).await;
    }
    pair.one.assert_chain().await;
}

#[tokio::test]
async fn a_lockdown_closes_what_it_names_and_nothing_else() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let auto = world.token(&Who::analyst("auto"), SLUG);
    let home = world.token(&Who::analyst("home"), SLUG);
    let pulse = "/embed/claims-operations/pulse";
    let elsewhere = world.token(&Who::analyst("auto"), "claims-operations");

    lock(&world, "dashboard:finance-overview").await.ok();
    let answer = world.send(get(pulse).bearer(&elsewhere)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    lift(&world, "dashboard:finance-overview").await;

    lock(&world, "business_unit:home").await.ok();
    world.send(get(LIST).bearer(&auto)).await.ok();
    let locked = world.send(get(LIST).bearer(&home)).await;
    assert_eq!(locked.problem(), "locked-down");
}

#[tokio::test]
async fn a_locked_dashboard_says_so_in_the_readers_language() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let cookie = world.session(&Who::analyst("auto")).await;
    lock(&world, "all").await.ok();
    for (locale, words) in [
        ("en-CA", "closed for the time being"),
        ("fr-CA", "fermé pour le moment"),
    ] {
        let page = get(&format!("{PAGE}?locale={locale}"))
            .cookie(&cookie)
            .page();
        let frame = launch(SLUG, HOST, &token).header("accept-language", locale);
        for ask in [page, frame] {
            let answer = world.send(ask).await.expect(StatusCode::FORBIDDEN);
            assert!(answer.text().contains(words), "{locale}: {}", answer.text());
            assert_eq!(
                answer.header("content-type"),
                Some("text/html; charset=utf-8")
            );
        }
    }
}

/// Every step and every refusal, once, and nothing for a pulse that is fine.
#[tokio::test]
async fn every_step_is_on_record_and_a_good_pulse_is_not() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let before = world.audit().await.len();
    for _ in 0..3 {
        let pulse = world.send(get(PULSE).bearer(&token)).await;
        assert_eq!(pulse.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(world.audit().await.len(), before);

    lock(&world, "all").await.ok();
    lock(&world, "all").await.ok();
    world.send(get(LIST).bearer(&token)).await;
    lift(&world, "all").await;
    lift(&world, "all").await;

    let audit = world.audit().await;
    let steps = audit.iter().filter_map(|record| match record.fact() {
        Fact::Lock(lock) => Some(lock.step),
        _ => None,
    });
    assert_eq!(
        steps.collect::<Vec<_>>(),
        [LockdownStep::Put, LockdownStep::Lift]
    );
    let denials = world.denials().await;
    let [denial] = denials.as_slice() else {
        panic!("{denials:?}")
    };
    assert_eq!(denial.code.as_str(), "locked-down");
    assert_eq!(
        denial.dashboard.as_ref().map(weir_registry::Label::as_str),
        Some(SLUG)
    );
}

#[tokio::test]
async fn a_pulse_is_for_the_tokens_own_dashboard() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    for slug in ["claims-operations", "nowhere"] {
        let pulse = get(&format!("/embed/{slug}/pulse")).bearer(&token);
        assert_eq!(world.send(pulse).await.problem(), "not-found");
    }
    world.clock.advance(TimeDelta::seconds(301));
    let over = world.send(get(PULSE).bearer(&token)).await;
    assert_eq!(over.problem(), "invalid-token");
}

#[tokio::test]
async fn e10_revoking_a_subject_signs_them_out_and_nobody_else() {
    let canaries = Canaries::new();
    let plan = canaries.plan();
    let world = World::build(&plan).await.unwrap();
    let mine = world.session(&Who::analyst("auto")).await;
    let theirs = world.session(&Who::analyst("home")).await;

    let target = json!({ "subject": { "issuer": plan.issuer, "sub": "analyst-auto" } });
    revoke(&world, target).await.ok();

    let signed_out = world.send(get(LIST).cookie(&mine)).await;
    assert_eq!(signed_out.problem(), "sign-in-required");
    world.send(get(LIST).cookie(&theirs)).await.ok();
    let audit = world.audit().await;
    let ended = audit.iter().find_map(|record| match record.fact() {
        Fact::Revoke(revoke) => Some(revoke.sessions),
        _ => None,
    });
    assert_eq!(ended, Some(1));
    world.clock.advance(TimeDelta::seconds(1));
    let again = world.session(&Who::analyst("auto")).await;
    world.send(get(LIST).cookie(&again)).await.ok();
}

/// A world whose engine answers nothing before it is let, and whose pages do not wait.
async fn with_a_slow_engine(canaries: &Canaries) -> (World, Arc<Starts>) {
    let mut plan = canaries.plan();
    plan.first_paint_wait_ms = 0;
    let world = World::build(&plan).await.unwrap();
    let starts = Arc::new(Starts::new());
    starts.hold();
    starts.count(&world).await;
    (world, starts)
}

/// Opens a page and reads its first bytes.
async fn begun(world: &World, ask: Ask) -> (String, axum::body::BodyDataStream) {
    let response = world.app.router().oneshot(ask.build()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut body: axum::body::BodyDataStream = Body::into_data_stream(response.into_body());
    let first = body.next().await.unwrap().unwrap();
    (String::from_utf8(first.to_vec()).unwrap(), body)
}

async fn rest(mut body: axum::body::BodyDataStream) -> String {
    let mut text = String::new();
    while let Some(part) = body.next().await {
        text.push_str(std::str::from_utf8(&part.unwrap()).unwrap());
    }
    text
}

/// What may become of access while a page arrives.
#[derive(Debug, Clone, Copy)]
enum Stop {
    Revoke,
    Lock,
}

/// The page ends at once, while the engine still computes: each place that was waiting says why, in
/// the reader's language, and no row follows (as attack P25).
#[tokio::test]
async fn f61_a_page_that_is_still_arriving_ends_when_its_reader_is_shut_out() {
    for (stop, words) in [
        (Stop::Revoke, "Your access to this view was ended."),
        (Stop::Lock, "This dashboard was closed for the time being."),
    ] {
        for is_member in [false, true] {
            let canaries = Canaries::new();
            let (world, _starts) = with_a_slow_engine(&canaries).await;
            let who = Who::analyst("auto");
            let ask = if is_member {
                get(PAGE).cookie(&world.session(&who).await).page()
            } else {
                launch(SLUG, HOST, &world.token(&who, SLUG))
            };
            let what = format!("{stop:?}, member: {is_member}");
            let (first, body) = begun(&world, ask).await;
            let waiting = first.matches("data-state=\"pending\"").count();
            assert!(waiting > 0, "{what}: nothing is late");

            let issuer = if is_member {
                "http://127.0.0.1:1"
            } else {
                "weir:embed:crm"
            };
            let subject = json!({ "subject": { "issuer": issuer, "sub": who.name } });
            match stop {
                Stop::Revoke => revoke(&world, subject).await.ok(),
                Stop::Lock => lock(&world, "dashboard:finance-overview").await.ok(),
            };

            let rest = rest(body).await;
            let ended = rest.matches("data-state=\"withheld\"").count();
            assert_eq!(ended, waiting, "{what}: {rest}");
            assert!(rest.contains(words), "{what}: {rest}");
            assert!(!rest.contains("canary"), "{what}: {rest}");
            assert!(rest.contains("</html>"), "{what}: the document has no end");
            assert!(world.reads().await.is_empty(), "{what}");
            let code = match stop {
                Stop::Revoke => "access-revoked",
                Stop::Lock => "locked-down",
            };
            let denials = world.denials().await;
            let told = denials.iter().filter(|denial| denial.code.as_str() == code);
            assert_eq!(told.count(), 1, "{what}: {denials:?}");
        }
    }
}

/// Somebody else's revocation ends nobody's page, and loses no tile of it.
#[tokio::test]
async fn a_page_that_is_still_arriving_goes_on_when_others_are_shut_out() {
    let canaries = Canaries::new();
    let (world, starts) = with_a_slow_engine(&canaries).await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    let (first, body) = begun(&world, launch(SLUG, HOST, &token)).await;
    let waiting = first.matches("data-state=\"pending\"").count();

    revoke(&world, json!({ "client": BOARD.0 })).await.ok();
    lock(&world, "dashboard:claims-operations").await.ok();
    starts.go_on();

    let rest = rest(body).await;
    assert_eq!(
        rest.matches("data-state=\"ready\"").count(),
        waiting,
        "{rest}"
    );
    assert!(rest.contains(&canary("auto")), "{rest}");
}

/// One tile, asked for by a program, and computed when its reader is shut out already.
#[tokio::test]
async fn f61_an_answer_under_way_is_not_given_to_somebody_who_was_shut_out() {
    for target in [LIST, VALUES, TILE] {
        let canaries = Canaries::new();
        let (world, starts) = with_a_slow_engine(&canaries).await;
        let token = world.token(&Who::analyst("auto"), SLUG);

        let asking = world.send(get(target).bearer(&token));
        let shutting = async {
            lock(&world, "all").await.ok();
            starts.go_on();
        };
        let (answer, ()) = tokio::join!(asking, shutting);

        assert_eq!(answer.problem(), "locked-down", "{target}");
        assert!(!answer.text().contains("canary"), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f61_who_cannot_know_lets_nobody_in_after_the_grace_on_sqlite() {
    who_cannot_know_lets_nobody_in(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f61_who_cannot_know_lets_nobody_in_after_the_grace_on_postgres() {
    who_cannot_know_lets_nobody_in(Database::Postgres).await;
}

/// The audit takes everything, but what was revoked can't be read: viewers are let in for the grace
/// and no longer, and again when it can.
async fn who_cannot_know_lets_nobody_in(database: Database) {
    let pair = Pair::with(database, 1).await;
    let world = &pair.one;
    let token = world.token(&Who::analyst("auto"), SLUG);
    all_good(world, viewers_asks(&token)).await;
    sqlx::any::install_default_drivers();
    let mut intruder = AnyConnection::connect(&pair.url).await.unwrap();
    let away = "ALTER TABLE revocations RENAME TO elsewhere";
    intruder.execute(away).await.unwrap();

    let refused = loop {
        let answer = world.send(get(LIST).bearer(&token)).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(refused.problem(), "registry-unavailable");
    all_refused(world, viewers_asks(&token), 503).await;
    let back = "ALTER TABLE elsewhere RENAME TO revocations";
    intruder.execute(back).await.unwrap();
    good_soon(world, || get(LIST).bearer(&token)).await;
}

/// Two processes of one registry, one of which is cut off from it: what is revoked at the other holds
/// there too, because nobody is let in who can't be asked about.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r12_a_process_that_is_cut_off_from_the_registry_lets_nobody_in() {
    let (canaries, home) = (Canaries::new(), TempDir::new().unwrap());
    let database = PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}"));
    sqlx::any::install_default_drivers();
    let mut keeper = AnyConnection::connect(&database.url()).await.unwrap();
    let role = format!("distant_{}", std::process::id());
    // A process of the same number may have left one behind.
    for words in [
        format!("DROP ROLE IF EXISTS {role}"),
        format!("CREATE ROLE {role} LOGIN SUPERUSER"),
    ] {
        keeper.execute(words.as_str()).await.unwrap();
    }
    let mut plan = canaries.plan();
    plan.grace_s = 1;
    plan.registry = Some((database.url(), home.path().join("near")));
    let mut master = String::new();
    let near = World::build_changed(&plan, |_, home| {
        master = fs::read_to_string(home.path().join("master.key")).unwrap();
    });
    let near = near.await.unwrap();
    let url = database.url().replace("//weir@", &format!("//{role}@"));
    plan.registry = Some((url, home.path().join("distant")));
    let distant = World::build_changed(&plan, |_, home| {
        fs::write(home.path().join("master.key"), &master).unwrap();
    });
    let distant = distant.await.unwrap();
    let token = near.token(&Who::analyst("auto"), SLUG);
    for world in [&near, &distant] {
        all_good(world, viewers_asks(&token)).await;
    }

    for words in [
        format!("ALTER ROLE {role} NOLOGIN"),
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"),
    ] {
        keeper.execute(words.as_str()).await.unwrap();
    }
    revoke(&near, json!({ "all": true })).await.ok();

    all_refused(&near, viewers_asks(&token), 401).await;
    let shut = async {
        let mut open = true;
        while open {
            open = false;
            for ask in viewers_asks(&token) {
                open |= distant.send(ask).await.status.is_success();
            }
        }
    };
    let shut = tokio::time::timeout(EVERYWHERE, shut).await;
    shut.expect("somebody is let in after five seconds");
    all_refused(&distant, viewers_asks(&token), 503).await;
}

const STOP: &str = "/admin/stop-access";

/// A form of the portal, as an admin's browser sends it.
async fn sent(world: &World, step: &str, fields: &[(&str, &str)]) -> Answer {
    let ask = post(&format!("{STOP}/{step}")).page().form(fields);
    admin(world, ask).await
}

/// Plain forms, no script: a reason is asked for, everything is asked about once more, and what an
/// admin writes is text wherever it is shown.
#[tokio::test]
async fn the_portal_closes_and_opens_again_by_plain_forms() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let shown = async || admin(&world, get(STOP).page()).await.ok().text().to_owned();
    assert!(shown().await.contains("Nothing is closed."));
    let (everything, reason) = (("scope", "all"), ("close_reason", "<b>leak</b> & more"));

    let no_reason = sent(&world, "lock", &[everything, ("close_reason", " ")]).await;
    assert_eq!(no_reason.status, StatusCode::UNPROCESSABLE_ENTITY);
    let asked = sent(&world, "lock", &[everything, reason]).await.ok();
    assert!(
        asked.text().contains("Close every dashboard?"),
        "{}",
        asked.text()
    );
    world.send(get(LIST).bearer(&token)).await.ok();
    let done = sent(&world, "lock", &[everything, reason, ("sure", "yes")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);

    let refused = world.send(get(LIST).bearer(&token)).await;
    assert_eq!(refused.problem(), "locked-down");
    let page = shown().await;
    assert!(!page.contains("<b>leak"), "{page}");
    assert!(
        page.contains("&lt;b&gt;leak&lt;/b&gt; &amp; more") && page.contains("governor-1"),
        "{page}"
    );
    let lifted = sent(&world, "lift", &[everything]).await;
    assert_eq!(lifted.status, StatusCode::SEE_OTHER);
    world.send(get(LIST).bearer(&token)).await.ok();
}

#[tokio::test]
async fn the_portal_revokes_by_plain_forms_and_keeps_what_was_written() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    let reason = ("revoke_reason", "A laptop was stolen");

    for wrong in ["subject", "jti", "dashboard:gone"] {
        let answer = sent(&world, "revoke", &[("target", wrong), reason]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        let kept = answer.text().contains("A laptop was stolen");
        assert!(kept, "{wrong}: what was written is gone");
    }
    let asked = sent(&world, "revoke", &[("target", "all"), reason])
        .await
        .ok();
    assert!(
        asked.text().contains("Revoke every token?"),
        "{}",
        asked.text()
    );
    world.send(get(LIST).bearer(&token)).await.ok();
    let person = [
        ("target", "subject"),
        ("issuer", "weir:embed:crm"),
        ("name", "analyst-auto"),
        reason,
    ];
    let done = sent(&world, "revoke", &person).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);

    let refused = world.send(get(LIST).bearer(&token)).await;
    assert_eq!(refused.problem(), "access-revoked");
    let page = admin(&world, get(STOP).page()).await.ok();
    assert!(
        page.text().contains("analyst-auto (weir:embed:crm)"),
        "{}",
        page.text()
    );
}

/// Who has to find out what is wrong goes on looking through others' eyes.
#[tokio::test]
async fn an_admins_preview_goes_on_while_everything_is_locked() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    let cookie = world.session(&Who::governor()).await;
    let as_admin = |ask: Ask| ask.header("sec-fetch-site", "same-origin").cookie(&cookie);
    let wish = json!({
        "claims": { "roles": ["analyst"], "business_units": ["auto"] }, "dashboard": SLUG,
    });
    let begun = world
        .send(as_admin(post("/api/v1/view-as").json(&wish)))
        .await;
    let begun = begun.expect(StatusCode::CREATED).json();
    lock(&world, "all").await.ok();

    let picture = begun["sides"][0]["href"].as_str().unwrap();
    let picture = world.send(as_admin(get(picture).page())).await.ok();

    assert!(
        picture.text().contains(&canary("auto")),
        "{}",
        picture.text()
    );
}
