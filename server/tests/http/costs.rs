//! What answers cost: budgets that hold, a ledger that misses nothing, and the ladder from fresh over
//! stale to refused (failures F76, F77; invariant 13).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use futures::future::join_all;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use weir_engine::{
    Answer as EngineAnswer, Booking, Ended, EngineError, Estimate, Execution, Export, QueryContext,
    QueryEngine, Ran, Tables, Times,
};
use weir_policy::BusinessUnit;
use weir_query::{Dialect, Principal, Statement};
use weir_registry::{Fact, LedgerEntry, Purpose, RanOn, ReadOutcome, RunEnd, Source};

use crate::support::ask::{Answer, Ask, ask, get, launch, post};
use crate::support::canaries::{Canaries, row};
use crate::support::world::{HOST, Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";
const FRESH: &str = "fresharrival";

/// What the billing engine charges for each run.
const BILL: u64 = 10_000_000;

/// What an engine does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Answers,
    Fails,
    Hangs,
}

/// The embedded engine with a bill for each run, as an engine elsewhere has it.
#[derive(Debug)]
struct Billing {
    engine: Arc<dyn QueryEngine>,
    mood: Arc<Mutex<Mood>>,
    /// Bytes that were billed: the meter at the provider's.
    meter: Arc<AtomicUsize>,
    starts: Arc<AtomicUsize>,
}

/// The world's hold on its engine.
struct Engine {
    mood: Arc<Mutex<Mood>>,
    meter: Arc<AtomicUsize>,
    starts: Arc<AtomicUsize>,
}

impl Engine {
    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn starts(&self) -> usize {
        self.starts.load(Ordering::SeqCst)
    }

    fn meter(&self) -> u64 {
        self.meter.load(Ordering::SeqCst) as u64
    }
}

/// A run: it is billed and booked however it ends.
struct Bill {
    booking: Option<Booking>,
    meter: Arc<AtomicUsize>,
    outcome: Ended,
}

impl Bill {
    fn execution(&self) -> Execution {
        let billed = if self.outcome == Ended::Failed {
            0
        } else {
            BILL
        };
        Execution {
            id: Some("a1b2c3d4-0000-4000-8000-000000000001".to_owned()),
            ran: Ran::Athena,
            outcome: self.outcome,
            scanned_bytes: 1234,
            billed_bytes: billed,
            times: Times::default(),
        }
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        let execution = self.execution();
        let billed = usize::try_from(execution.billed_bytes).unwrap();
        self.meter.fetch_add(billed, Ordering::SeqCst);
        if let Some(booking) = self.booking.take() {
            booking.settle(execution);
        }
    }
}

#[async_trait::async_trait]
impl QueryEngine for Billing {
    fn dialect(&self) -> Dialect {
        self.engine.dialect()
    }

    fn principal(&self, unit: Option<&BusinessUnit>) -> Option<Principal> {
        self.engine.principal(unit)
    }

    async fn tables(&self) -> Result<Tables, EngineError> {
        self.engine.tables().await
    }

    async fn estimate(&self, _: &Statement) -> Result<Option<Estimate>, EngineError> {
        Ok(Some(Estimate {
            files: 1,
            scanned_bytes: 1234,
            billed_bytes: BILL,
        }))
    }

    async fn run(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<EngineAnswer, EngineError> {
        self.starts.fetch_add(1, Ordering::SeqCst);
        let mut bill = Bill {
            booking: Some(context.booking),
            meter: Arc::clone(&self.meter),
            outcome: Ended::Cancelled,
        };
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Answers => {}
            Mood::Fails => {
                bill.outcome = Ended::Failed;
                return Err(EngineError::Deadline);
            }
            Mood::Hangs => std::future::pending().await,
        }
        let inner = QueryContext::unbooked(context.deadline);
        let mut answer = self.engine.run(statement, inner).await?;
        bill.outcome = Ended::Succeeded;
        answer.execution = bill.execution();
        Ok(answer)
    }

    async fn export(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Export, EngineError> {
        self.engine.export(statement, context).await
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.engine.health().await
    }
}

/// A world whose engine bills. Nobody waits long for it, and what nobody waits for is stopped at once.
async fn billed(canaries: &Canaries) -> (World, Engine) {
    let plan = canaries.plan();
    let world = World::build_changed(&plan, |text, _| {
        let timing = "snapshot_refresh_ms = 1\nquery_deadline_ms = 2000\nabandon_after_ms = 0";
        *text = text.replace("snapshot_refresh_ms = 1", timing);
    });
    let world = world.await.unwrap();
    let publisher = &world.app.state().governance.publisher;
    let content = publisher.published.current();
    let engine = publisher.lake.engine(content.catalog()).await.unwrap();
    let hold = Engine {
        mood: Arc::new(Mutex::new(Mood::Answers)),
        meter: Arc::default(),
        starts: Arc::default(),
    };
    publisher.engine.replace(Arc::new(Billing {
        engine,
        mood: Arc::clone(&hold.mood),
        meter: Arc::clone(&hold.meter),
        starts: Arc::clone(&hold.starts),
    }));
    (world, hold)
}

async fn admin(world: &World, ask: Ask) -> Answer {
    let cookie = world.session(&Who::governor()).await;
    let ask = ask.header("sec-fetch-site", "same-origin").cookie(&cookie);
    world.send(ask).await
}

async fn budget(world: &World, scope: &str, limit: Value) -> Answer {
    let target = format!("/api/v1/budgets/{scope}");
    admin(
        world,
        ask(Method::PUT, &target.replace(' ', "%20")).json(&limit),
    )
    .await
}

async fn costs(world: &World) -> Value {
    // What began at this very moment is not before it.
    world.clock.advance(TimeDelta::seconds(1));
    admin(world, get("/api/v1/costs")).await.ok().json()
}

/// What is in the ledger once everything that ended is booked.
async fn ledger(world: &World) -> Vec<LedgerEntry> {
    let keeper = world.app.state().dashboards.cache.ledger().clone();
    keeper.flush().await.unwrap();
    let (from, to) = (
        chrono::DateTime::UNIX_EPOCH,
        chrono::DateTime::<chrono::Utc>::MAX_UTC,
    );
    let costs = world.app.state().registry.costs();
    costs.executions(from, to, 1000).await.unwrap()
}

async fn until(what: impl AsyncFn() -> bool) {
    while !what().await {
        tokio::task::yield_now().await;
    }
}

/// Everything that began is booked, also what was stopped.
async fn all_booked(world: &World, engine: &Engine) -> Vec<LedgerEntry> {
    until(async || ledger(world).await.len() == engine.starts()).await;
    ledger(world).await
}

/// Adds a row that everybody of auto sees, and waits until Weir has found it.
async fn arrive(world: &World, canaries: &Canaries, file: &str) {
    let snapshots = &world.app.state().dashboards.snapshots;
    let before = snapshots.current();
    canaries.add("notes", file, &[row("auto", FRESH, 5_000, Some(false), 10)]);
    let stop = CancellationToken::new();
    let found = async {
        while *snapshots.current() == *before {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    tokio::join!(world.app.follow_snapshots(stop.clone()), found);
}

#[tokio::test]
async fn every_run_is_in_the_ledger_with_its_bill_and_the_meter_agrees_to_the_byte() {
    let canaries = Canaries::new();
    let (world, engine) = billed(&canaries).await;
    let (auto, home) = (
        world.token(&Who::analyst("auto"), SLUG),
        world.token(&Who::analyst("home"), SLUG),
    );
    for token in [&auto, &home] {
        world.send(launch(SLUG, HOST, token)).await.ok();
    }
    let cold = costs(&world).await["total"].clone();
    world.send(launch(SLUG, HOST, &auto)).await.ok();

    let booked = all_booked(&world, &engine).await;

    let billed: u64 = booked.iter().map(|entry| entry.billed_bytes).sum();
    assert!(billed > 0);
    assert_eq!(billed, engine.meter());
    for entry in &booked {
        assert_eq!(
            (entry.ran, entry.outcome),
            (RanOn::Athena, RunEnd::Succeeded)
        );
        assert_eq!(entry.asked.purpose, Purpose::View);
        assert_eq!(entry.asked.dashboard.as_ref().unwrap().as_str(), SLUG);
        assert!(entry.asked.tile.is_some() && entry.asked.request.is_some());
        assert!(entry.rows.is_some() && entry.asked.policy_revision.is_some());
    }
    let costs = costs(&world).await;
    let total = &costs["total"];
    assert_eq!(total["billed_bytes"], json!(billed));
    assert_eq!(total["runs"], json!(engine.starts()));
    assert_eq!(total["views"], json!(3), "{total}");
    assert_eq!(total["bytes_per_view"], json!(billed / 3));
    let units: Vec<_> = costs["business_units"].as_array().unwrap().clone();
    let auto = units.iter().find(|unit| unit["business_unit"] == "auto");
    let auto = auto.unwrap();
    assert_eq!(
        (&auto["views"], &auto["view_hit_rate"]),
        (&json!(2), &json!("0.5000"))
    );
    let more = |name: &str| total[name].as_u64().unwrap() - cold[name].as_u64().unwrap();
    assert!(more("cached") > 0, "the second look of auto was free");
    assert_eq!(more("avoided_bytes"), more("cached") * BILL);
    assert_eq!(more("billed_bytes"), 0);
    assert_eq!(costs["price_per_tb"], "5.000000");
}

#[tokio::test]
async fn the_embedded_engine_bills_nothing_and_its_runs_are_in_the_ledger() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    assert_eq!(
        budget(&world, "all", json!({ "bytes_per_day": 0 }))
            .await
            .status,
        StatusCode::CREATED
    );
    let token = world.token(&Who::analyst("auto"), SLUG);

    world.send(get(LIST).bearer(&token)).await.ok();

    until(async || ledger(&world).await.len() == 1).await;
    let entry = ledger(&world).await.remove(0);
    assert_eq!((entry.ran, entry.billed_bytes), (RanOn::Embedded, 0));
    assert!(entry.scanned_bytes > 0);
}

#[tokio::test]
async fn f77_a_budget_equal_to_the_estimate_admits_the_query_and_not_a_byte_more() {
    let canaries = Canaries::new();
    let (world, engine) = billed(&canaries).await;
    let set = budget(
        &world,
        "business_unit:auto",
        json!({ "bytes_per_day": BILL }),
    )
    .await;
    assert_eq!(set.status, StatusCode::CREATED);
    let (auto, home) = (
        world.token(&Who::analyst("auto"), SLUG),
        world.token(&Who::analyst("home"), SLUG),
    );
    let other = "/api/v1/dashboards/finance-overview/tiles/stacked/data?locale=fr-CA";

    world.send(get(LIST).bearer(&auto)).await.ok();
    let refused = world.send(get(other).bearer(&auto)).await;
    let cached = world.send(get(LIST).bearer(&auto)).await.ok();

    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.problem(), "budget-spent");
    assert!(
        refused.text().contains("budget du jour est épuisé"),
        "{}",
        refused.text()
    );
    // Noon: twelve hours until the next day.
    assert_eq!(refused.header("retry-after"), Some("43200"));
    assert_eq!(cached.json()["source"], "cache");
    world.send(get(other).bearer(&home)).await.ok();
    assert_eq!(engine.starts(), 2);
    let outcomes: Vec<_> = world
        .reads()
        .await
        .iter()
        .map(|read| read.outcome)
        .collect();
    assert_eq!(outcomes[1], ReadOutcome::Refused);
    all_booked(&world, &engine).await;
    let facts = world.audit().await;
    let alerts: Vec<_> = facts
        .iter()
        .filter_map(|record| match record.fact() {
            Fact::BudgetAlert(alert) => Some(alert.percent),
            _ => None,
        })
        .collect();
    assert_eq!(alerts, [100, 50, 80]);
    world.clock.advance(TimeDelta::hours(12));
    let auto = world.token(&Who::analyst("auto"), SLUG);
    world.send(get(other).bearer(&auto)).await.ok();
    world.assert_chain().await;
}

#[tokio::test]
async fn a_page_without_budget_says_so_at_each_tile_in_the_readers_language_and_nothing_internal() {
    let canaries = Canaries::new();
    let (world, engine) = billed(&canaries).await;
    budget(
        &world,
        "dashboard:finance-overview",
        json!({ "dollars_per_day": "0.00001" }),
    )
    .await;
    let cookie = world.session(&Who::analyst("auto")).await;

    for (locale, words) in [
        ("en-CA", "Today’s budget is spent"),
        ("fr-CA", "Budget du jour épuisé"),
    ] {
        let target = format!("/d/{SLUG}?locale={locale}");
        let page = world.send(get(&target).cookie(&cookie).page()).await.ok();
        assert!(page.text().contains(words), "{}", page.text());
        assert!(page.text().contains("data-state=\"error\""));
        for internal in ["bytes", "10000000", "dashboard:finance", "reserve"] {
            let body = page.text().split("<main").nth(1).unwrap();
            assert!(!body.contains(internal), "{internal}");
        }
    }
    assert_eq!(engine.starts(), 0);
    let reads = world.reads().await;
    assert!(
        reads
            .iter()
            .all(|read| read.outcome == ReadOutcome::Refused)
    );
    let total = costs(&world).await["total"].clone();
    assert_eq!(total["refused"], json!(reads.len()), "{total}");
}

/// Invariant 13: the whole page on the older set, marked, as long as its answers are kept.
#[tokio::test]
async fn a_spent_budget_shows_the_older_set_whole_and_marked() {
    let canaries = Canaries::new();
    let (world, engine) = billed(&canaries).await;
    let token = async || world.token(&Who::analyst("auto"), SLUG);
    world.send(launch(SLUG, HOST, &token().await)).await.ok();
    let spent = json!({ "bytes_per_day": engine.meter() });
    arrive(&world, &canaries, "second").await;
    // Later than an older set is shown anyway.
    world.clock.advance(TimeDelta::minutes(10));
    budget(&world, "all", spent).await;
    let (before, seen) = (engine.starts(), world.reads().await.len());

    for _ in 0..3 {
        let page = world.send(launch(SLUG, HOST, &token().await)).await.ok();
        assert!(!page.text().contains(FRESH));
        assert!(
            !page.text().contains("data-state=\"error\""),
            "{}",
            page.text()
        );
    }
    let tile = world
        .send(get(LIST).bearer(&token().await))
        .await
        .ok()
        .json();

    assert_eq!(tile["source"], "stale");
    assert!(tile["age_seconds"].as_i64().unwrap() >= 600, "{tile}");
    assert_eq!(engine.starts(), before);
    let reads = world.reads().await.split_off(seen);
    assert!(
        reads.iter().all(|read| read.source == Source::Stale),
        "{reads:?}"
    );
}

/// A hanging engine shows stale data with its age, and a failing one does.
#[tokio::test]
async fn f76_an_engine_that_hangs_or_fails_shows_older_data_with_its_age() {
    for mood in [Mood::Hangs, Mood::Fails] {
        let canaries = Canaries::new();
        let (world, engine) = billed(&canaries).await;
        let token = async || world.token(&Who::analyst("auto"), SLUG);
        world.send(launch(SLUG, HOST, &token().await)).await.ok();
        engine.is(mood);
        arrive(&world, &canaries, "second").await;
        let soon = world.send(launch(SLUG, HOST, &token().await)).await.ok();
        assert!(!soon.text().contains("data-state=\"error\""), "{mood:?}");
        // Behind that page the new set is asked for, which does not come.
        until(async || engine.starts() > 0).await;
        let cache = &world.app.state().dashboards.cache;
        let account = weir_server::service::account::Account::governance();
        until(async || cache.is_in_trouble(&account)).await;
        world.clock.advance(TimeDelta::minutes(30));

        let page = world.send(launch(SLUG, HOST, &token().await)).await.ok();
        let tile = world
            .send(get(LIST).bearer(&token().await))
            .await
            .ok()
            .json();

        assert!(
            !page.text().contains("data-state=\"error\""),
            "{mood:?}: {}",
            page.text()
        );
        assert!(page.text().contains("trust stale"), "{mood:?}");
        assert_eq!(tile["source"], "stale", "{mood:?}");
        assert!(tile["age_seconds"].as_i64().unwrap() >= 1800, "{tile}");
    }
}

#[tokio::test]
async fn what_the_last_reader_left_is_stopped_and_its_bill_is_booked() {
    let canaries = Canaries::new();
    let (world, engine) = billed(&canaries).await;
    engine.is(Mood::Hangs);
    let token = world.token(&Who::analyst("auto"), SLUG);
    let mut leaving = Box::pin(world.send(get(LIST).bearer(&token)));
    let mut staying = Box::pin(world.send(get(LIST).bearer(&token)));
    let began = until(async || engine.starts() == 1);
    tokio::select! {
        _ = &mut leaving => panic!("it hangs"),
        _ = &mut staying => panic!("it hangs"),
        () = began => {}
    }

    drop(leaving);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(engine.meter(), 0, "somebody still waits");
    drop(staying);

    let booked = all_booked(&world, &engine).await;
    assert_eq!(booked.len(), 1);
    assert_eq!(booked[0].outcome, RunEnd::Cancelled);
    assert_eq!(booked[0].billed_bytes, engine.meter());
    assert_eq!(booked[0].rows, None);
}

#[tokio::test]
async fn a_page_that_is_closed_while_it_arrives_stops_its_runs() {
    let canaries = Canaries::new();
    let (world, engine) = billed(&canaries).await;
    engine.is(Mood::Hangs);
    let cookie = world.session(&Who::analyst("auto")).await;
    let ask = get(&format!("/d/{SLUG}")).cookie(&cookie).page();
    let opening = world.app.router().oneshot(ask.build());
    let mut opening = Box::pin(opening);
    let began = until(async || engine.starts() >= 4);
    tokio::select! {
        _ = &mut opening => panic!("its first paint waits"),
        () = began => {}
    }
    drop(opening);

    let booked = all_booked(&world, &engine).await;

    assert!(
        booked
            .iter()
            .all(|entry| entry.outcome == RunEnd::Cancelled)
    );
    assert_eq!(booked.len() as u64 * BILL, engine.meter());
}

/// However many look at once, each statement runs once (F76), and all of them get figures.
#[tokio::test]
async fn f76_a_crowd_that_opens_a_cold_page_runs_each_statement_once() {
    let canaries = Canaries::new();
    let (world, engine) = billed(&canaries).await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    let crowd = (0..200).map(|_| world.send(get(LIST).bearer(&token)));

    let answers = join_all(crowd).await;

    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    assert_eq!(engine.starts(), 1);
    let total = costs(&world).await["total"].clone();
    assert_eq!(total["computed"], json!(1), "{total}");
    let others = total["coalesced"].as_u64().unwrap() + total["cached"].as_u64().unwrap();
    assert_eq!(others, 199, "{total}");
    assert_eq!(total["views"], json!(0), "a tile by itself is no view");
}

#[tokio::test]
async fn budgets_are_set_seen_and_removed_by_whoever_saw_them() {
    let canaries = Canaries::new();
    let (world, _engine) = billed(&canaries).await;
    let limit = json!({ "bytes_per_day": 5_000_000_000_u64, "dollars_per_day": "2.50" });

    let made = budget(&world, "all", limit.clone()).await;
    let unseen = budget(&world, "all", limit.clone()).await;
    let tag = made.header("etag").unwrap().to_owned();
    let target = "/api/v1/budgets/all";
    let again = ask(Method::PUT, target)
        .header("if-match", &tag)
        .json(&limit);
    let changed = admin(&world, again).await.ok();
    let outdated = ask(Method::DELETE, target).header("if-match", &tag);
    let conflict = admin(&world, outdated).await;

    assert_eq!(made.status, StatusCode::CREATED);
    let body = made.json();
    assert_eq!(body["limit_bytes"], json!(5_000_000_000_u64));
    assert_eq!(body["dollars_per_day"], "2.500000");
    assert_eq!(unseen.problem(), "precondition-required");
    assert_eq!(conflict.problem(), "budget-conflict");
    for (scope, wish) in [
        ("dashboard:gone", limit.clone()),
        ("business_unit: ", limit.clone()),
        ("everything", limit.clone()),
        ("prewarm", json!({})),
        ("prewarm", json!({ "dollars_per_day": "-1" })),
    ] {
        let refused = budget(&world, scope, wish.clone()).await;
        assert_eq!(refused.problem(), "budget-invalid", "{scope} {wish}");
    }
    let seen = changed.header("etag").unwrap();
    let gone = admin(&world, ask(Method::DELETE, target).header("if-match", seen)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let list = admin(&world, get("/api/v1/budgets")).await.ok().json();
    assert_eq!(list["budgets"], json!([]));
}

/// The portal's page: figures for people, budgets by form, and nobody overwrites unseen.
#[tokio::test]
async fn an_admin_sees_what_answers_cost_and_sets_budgets_by_form() {
    let canaries = Canaries::new();
    let (world, _engine) = billed(&canaries).await;
    let token = world.token(&Who::analyst("auto"), SLUG);
    world.send(launch(SLUG, HOST, &token)).await.ok();
    let page = async |locale: &str| {
        let target = format!("/admin/costs?locale={locale}");
        admin(&world, get(&target).page()).await.ok()
    };
    let set =
        async |fields: &[(&str, &str)]| admin(&world, post("/admin/costs/set").form(fields)).await;
    let fields = [("scope", "all"), ("gigabytes", "0,1"), ("dollars", "")];

    let made = set(&fields).await;
    let unseen = set(&fields).await;
    let nonsense = set(&[("scope", "prewarm"), ("gigabytes", "much")]).await;
    let english = page("en-CA").await;
    let french = page("fr-CA").await;

    assert_eq!(made.status, StatusCode::SEE_OTHER);
    assert_eq!(unseen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unseen.text().contains("changed this budget meanwhile"));
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nonsense.text().contains("value=\"much\""));
    for words in ["For a thousand views", "100\u{a0}MB", "50\u{a0}MB", "50%"] {
        assert!(
            english.text().contains(words),
            "{words}: {}",
            english.text()
        );
    }
    for words in [
        "Pour mille consultations",
        "100\u{a0}Mo",
        "50\u{a0}%",
        "Coûts",
    ] {
        assert!(french.text().contains(words), "{words}: {}", french.text());
    }
    let (_, version) = english
        .text()
        .split_once("name=\"version\" value=\"")
        .unwrap();
    let version = version.split('"').next().unwrap();
    let remove = post("/admin/costs/remove").form(&[("scope", "all"), ("version", version)]);
    assert_eq!(admin(&world, remove).await.status, StatusCode::SEE_OTHER);
    assert!(page("en-CA").await.text().contains("Nothing has a budget"));
}
