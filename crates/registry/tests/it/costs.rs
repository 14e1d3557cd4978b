use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use proptest::prelude::*;
use weir_policy::{BusinessUnit, DatasetName};
use weir_registry::{
    Alert, Asked, BudgetAlert, BudgetChange, BudgetError, BudgetScope, BudgetStepKind,
    BudgetedScope, CostSums, Fact, LedgerEntry, Limit, Price, ProcessId, Purpose, RanOn, Registry,
    Reserve, Reserved, RunEnd, RunTimes, Settlement, ViewCount,
};

use crate::support::{
    Database, World, assert_intact, at, close, digest, label, person, request, run,
};

on_both_databases! {
    a_budget_is_set_changed_and_removed_on_record,
    nobody_overwrites_a_budget_unseen,
    f77_a_budget_equal_to_the_estimate_admits_the_query,
    every_budget_that_applies_must_have_room,
    concurrent_reservations_never_exceed_a_budget,
    a_run_that_nobody_settles_is_billed_with_what_was_reserved,
    a_run_of_which_nobody_knows_what_it_was_for_is_billed_all_the_same,
    what_never_began_gives_its_reservation_back,
    a_run_is_booked_once_however_often_it_is_settled,
    an_alert_is_raised_once_a_day_and_is_on_record,
    a_run_belongs_to_the_day_it_began_on,
    the_ledger_comes_back_as_it_was_booked,
    what_readers_got_and_what_ran_are_summed_up_together,
    old_rows_are_purged_and_reservations_are_not,
}

const MB: u64 = 1_000_000;

/// Five dollars a terabyte.
fn price() -> Price {
    Price::per_terabyte(5_000_000)
}

/// A day's start on the test's clock, and some seconds.
fn on_day(day: i64, seconds: i64) -> DateTime<Utc> {
    let midnight = at(0).date_naive().and_hms_opt(0, 0, 0).unwrap().and_utc();
    midnight + TimeDelta::days(day) + TimeDelta::seconds(seconds)
}

fn auto() -> BusinessUnit {
    BusinessUnit::parse("auto").unwrap()
}

fn asked() -> Asked {
    Asked {
        request: Some(request(7)),
        dashboard: Some(label("finance-overview")),
        tile: Some(label("premium")),
        unit: Some(auto()),
        purpose: Purpose::View,
        policy_revision: Some(14),
        dataset: DatasetName::parse("gold.statements").unwrap(),
        snapshot: label("5828592803881840765"),
        fingerprint: digest(3),
    }
}

/// Asked by nobody of one unit, for no dashboard.
fn asked_by_others() -> Asked {
    Asked {
        dashboard: None,
        unit: None,
        ..asked()
    }
}

fn change(scope: BudgetScope, seen: Option<u64>) -> BudgetChange {
    BudgetChange {
        scope,
        seen,
        by: person("ada"),
        at: at(0),
        request: request(1),
    }
}

async fn limit(registry: &Registry, scope: BudgetScope, megabytes: u64) {
    let limit = Limit::new(Some(megabytes * MB), None).unwrap();
    let put = registry.costs().put(&change(scope, None), limit).await;
    put.unwrap();
}

fn wish(run: &str, megabytes: u64) -> Reserve {
    Reserve {
        run: label(run),
        at: on_day(0, 60),
        asked: asked(),
        bytes: megabytes * MB,
        price: price(),
        request: request(2),
    }
}

async fn admitted(registry: &Registry, wish: &Reserve) -> bool {
    let said = registry.costs().reserve(wish).await.unwrap();
    matches!(said, Reserved::Admitted)
}

fn ran(run: &str, megabytes: u64) -> LedgerEntry {
    LedgerEntry {
        run: label(run),
        at: on_day(0, 60),
        asked: asked(),
        ran: RanOn::Athena,
        outcome: RunEnd::Succeeded,
        execution: Some(label("a1b2c3d4-0000-4000-8000-000000000001")),
        scanned_bytes: megabytes * MB - 1,
        billed_bytes: megabytes * MB,
        times: RunTimes {
            queued: 1,
            planning: 2,
            running: 30,
            service: 4,
            total: 40,
        },
        rows: Some(12),
        truncated: false,
    }
}

async fn settle(registry: &Registry, ended: Vec<LedgerEntry>) -> Vec<Alert> {
    let settlement = Settlement {
        ended,
        ..Settlement::default()
    };
    let costs = registry.costs();
    let settled = costs.settle(&settlement, price(), &request(9)).await;
    settled.unwrap().alerts
}

async fn facts(registry: &Registry) -> Vec<Fact> {
    let records = registry.audit().list(1, 10_000).await.unwrap();
    records.iter().map(|record| record.fact().clone()).collect()
}

async fn a_budget_is_set_changed_and_removed_on_record(database: Database) {
    let world = World::new(database).await;
    let (costs, replica) = (world.registry.costs(), world.reopened().await);
    let scopes = [
        BudgetScope::All,
        BudgetScope::BusinessUnit(auto()),
        BudgetScope::Dashboard(label("finance-overview")),
        BudgetScope::Prewarm,
    ];
    let small = Limit::new(Some(10 * MB), Some(2_500_000)).unwrap();
    let dollars = Limit::new(None, Some(1_000_000)).unwrap();

    for scope in scopes.clone() {
        let set = costs.put(&change(scope, None), small).await.unwrap();
        assert_eq!(set.limit, small);
    }
    let found = replica.costs().budgets().await.unwrap();
    let of = found.iter().map(|one| one.scope.clone());
    assert_eq!(of.collect::<BTreeSet<_>>(), BTreeSet::from(scopes));
    let all = costs.budget(&BudgetScope::All).await.unwrap().unwrap();
    let seen = change(BudgetScope::All, Some(all.version));
    let changed = replica.costs().put(&seen, dollars).await.unwrap();
    assert!(changed.version > found.iter().map(|one| one.version).max().unwrap());
    let seen = change(BudgetScope::All, Some(changed.version));
    costs.remove(&seen).await.unwrap();

    assert_eq!(costs.budget(&BudgetScope::All).await.unwrap(), None);
    let steps: Vec<_> = facts(&world.registry)
        .await
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::BudgetStep(step) => Some((step.step, step.scope, step.micro_dollars)),
            _ => None,
        })
        .collect();
    assert_eq!(steps.len(), 6);
    let changed = (BudgetStepKind::Set, BudgetedScope::All, Some(1_000_000));
    assert_eq!(steps[4], changed);
    assert_eq!(steps[5].0, BudgetStepKind::Remove);
    assert_intact(&world.registry).await;
}

async fn nobody_overwrites_a_budget_unseen(database: Database) {
    let world = World::new(database).await;
    let costs = world.registry.costs();
    limit(&world.registry, BudgetScope::All, 10).await;
    let more = Limit::new(Some(u64::MAX), None).unwrap();

    let unseen = costs.put(&change(BudgetScope::All, None), more).await;
    let outdated = costs.put(&change(BudgetScope::All, Some(99)), more).await;
    let absent = costs.remove(&change(BudgetScope::Prewarm, None)).await;
    let gone = costs.remove(&change(BudgetScope::Prewarm, Some(1))).await;

    assert!(
        matches!(unseen, Err(BudgetError::Conflict(_))),
        "{unseen:?}"
    );
    assert!(matches!(outdated, Err(BudgetError::Conflict(_))));
    assert!(matches!(absent, Err(BudgetError::Unknown)));
    assert!(matches!(gone, Err(BudgetError::Unknown)));
    let kept = costs.budget(&BudgetScope::All).await.unwrap().unwrap();
    assert_eq!(kept.limit.bytes(), Some(10 * MB));
}

async fn f77_a_budget_equal_to_the_estimate_admits_the_query(database: Database) {
    let world = World::new(database).await;
    let costs = world.registry.costs();
    limit(&world.registry, BudgetScope::BusinessUnit(auto()), 10).await;
    // 10 MB at five dollars a terabyte are 50 millionths of a dollar.
    let dollars = Limit::new(None, Some(50)).unwrap();
    let scope = BudgetScope::Dashboard(label("finance-overview"));
    costs.put(&change(scope, None), dollars).await.unwrap();

    assert!(admitted(&world.registry, &wish("r-1", 10)).await);

    let said = costs.reserve(&wish("r-2", 1)).await.unwrap();
    let Reserved::Refused(over, _) = said else {
        panic!("the budget is full");
    };
    assert_eq!(over.scope, BudgetScope::BusinessUnit(auto()));
    assert_eq!((over.limit_bytes, over.reserved_bytes), (10 * MB, 10 * MB));
    assert_eq!((over.spent_bytes, over.asked_bytes), (0, MB));
}

async fn every_budget_that_applies_must_have_room(database: Database) {
    let world = World::new(database).await;
    limit(&world.registry, BudgetScope::All, 100).await;
    limit(
        &world.registry,
        BudgetScope::Dashboard(label("finance-overview")),
        30,
    )
    .await;
    limit(&world.registry, BudgetScope::Prewarm, 20).await;
    let others = Reserve {
        asked: asked_by_others(),
        ..wish("r-others", 60)
    };
    let ahead = |run: &str, megabytes| Reserve {
        asked: Asked {
            purpose: Purpose::Prewarm,
            ..asked()
        },
        ..wish(run, megabytes)
    };

    assert!(admitted(&world.registry, &others).await);
    assert!(
        !admitted(&world.registry, &ahead("r-warm", 21)).await,
        "prewarm has 20"
    );
    assert!(admitted(&world.registry, &ahead("r-warm", 20)).await);
    assert!(
        !admitted(&world.registry, &wish("r-page", 11)).await,
        "the dashboard has 10 left"
    );
    assert!(admitted(&world.registry, &wish("r-page", 10)).await);
    let elsewhere = |run: &str, megabytes| Reserve {
        asked: asked_by_others(),
        ..wish(run, megabytes)
    };
    assert!(
        !admitted(&world.registry, &elsewhere("r-last", 11)).await,
        "10 are left of all"
    );
    assert!(admitted(&world.registry, &elsewhere("r-last", 10)).await);
}

async fn concurrent_reservations_never_exceed_a_budget(database: Database) {
    let world = World::new(database).await;
    let replicas = [world.reopened().await, world.reopened().await];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 6,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let strategy = (
        10_u64..200,
        proptest::collection::vec((1_u64..60, any::<bool>()), 1..24),
    );
    let mut day = 0;
    for _ in 0..6 {
        use proptest::strategy::ValueTree as _;
        let (most, asks) = strategy.new_tree(&mut runner).unwrap().current();
        day += 1;
        let scope = BudgetScope::All;
        let seen = world.registry.costs().budget(&scope).await.unwrap();
        let change = change(scope, seen.map(|budget| budget.version));
        let most_bytes = Limit::new(Some(most * MB), None).unwrap();
        world
            .registry
            .costs()
            .put(&change, most_bytes)
            .await
            .unwrap();

        let asking = asks.iter().enumerate().map(|(index, (megabytes, other))| {
            let costs = replicas[usize::from(*other)].costs().clone();
            let wish = Reserve {
                at: on_day(day, 60),
                ..wish(&format!("r-{day}-{index}"), *megabytes)
            };
            async move {
                let said = costs.reserve(&wish).await.unwrap();
                (wish.bytes, matches!(said, Reserved::Admitted))
            }
        });
        let answers = join_all(asking).await;

        let of = |admitted: bool| answers.iter().filter(move |one| one.1 == admitted);
        let taken: u64 = of(true).map(|one| one.0).sum();
        assert!(taken <= most * MB, "{taken} of {most} MB: {answers:?}");
        let smallest = of(false).map(|one| one.0).min().unwrap_or(u64::MAX);
        let left = most * MB - taken;
        assert!(
            smallest > left,
            "{smallest} was refused and {left} were left: {answers:?}"
        );
        let standing = world.registry.costs().standings(on_day(day, 61), price());
        assert_eq!(standing.await.unwrap()[0].reserved_bytes, taken);
    }
}

async fn a_run_that_nobody_settles_is_billed_with_what_was_reserved(database: Database) {
    let world = World::new(database).await;
    let costs = world.registry.costs();
    limit(&world.registry, BudgetScope::All, 20).await;
    assert!(admitted(&world.registry, &wish("r-1", 10)).await);
    let sweep = async |seconds| {
        let request = request(9);
        let swept = costs.settle_abandoned(on_day(0, seconds), price(), &request);
        swept.await.unwrap().alerts.len()
    };
    let standing = async || {
        let standings = costs.standings(on_day(0, 2000), price()).await.unwrap();
        (standings[0].spent_bytes, standings[0].reserved_bytes)
    };

    assert_eq!(sweep(60 + 899).await, 0);
    assert_eq!(standing().await, (0, 10 * MB), "it may still be running");

    assert_eq!(sweep(60 + 900).await, 1, "half of the budget is used");
    assert_eq!(standing().await, (10 * MB, 0));
    let booked = costs.executions(on_day(0, 0), on_day(1, 0), 9).await;
    let booked = booked.unwrap().remove(0);
    assert_eq!(booked.at, on_day(0, 60));
    assert_eq!((booked.outcome, booked.asked), (RunEnd::Unknown, asked()));

    // The first one comes back after all: it is billed once.
    settle(&world.registry, vec![ran("r-1", 10)]).await;
    assert_eq!(sweep(4000).await, 0);
    assert_eq!(standing().await, (10 * MB, 0));
}

async fn a_run_of_which_nobody_knows_what_it_was_for_is_billed_all_the_same(database: Database) {
    let world = World::new(database).await;
    let costs = world.registry.costs();
    let scopes = [BudgetScope::All, BudgetScope::BusinessUnit(auto())];
    for scope in scopes {
        limit(&world.registry, scope, 100).await;
    }
    for (number, unreadable) in ["", "what a later version writes"].into_iter().enumerate() {
        assert!(admitted(&world.registry, &wish(&format!("r-{number}"), 10)).await);
        let mut other = world.intruder().await;
        let written =
            format!("UPDATE cost_reservations SET asked = '{unreadable}' WHERE run = 'r-{number}'");
        assert_eq!(run(&mut other, &written).await.unwrap(), 1);
        close(other).await;
    }

    let request = request(9);
    let swept = costs.settle_abandoned(on_day(0, 2000), price(), &request);
    swept.await.unwrap();

    let standings = costs.standings(on_day(0, 2000), price()).await.unwrap();
    assert_eq!(standings.len(), 2);
    for standing in standings {
        let sums = (standing.spent_bytes, standing.reserved_bytes);
        assert_eq!(sums, (20 * MB, 0), "{:?}", standing.budget.scope);
    }
    let booked = costs.executions(on_day(0, 0), on_day(1, 0), 9).await;
    for entry in booked.unwrap() {
        assert_eq!(
            (entry.outcome, entry.billed_bytes),
            (RunEnd::Unknown, 10 * MB)
        );
        assert_eq!(entry.asked.dashboard, asked().dashboard);
        assert_eq!(entry.asked.unit, asked().unit);
    }
}

async fn what_never_began_gives_its_reservation_back(database: Database) {
    let world = World::new(database).await;
    limit(&world.registry, BudgetScope::All, 10).await;
    assert!(admitted(&world.registry, &wish("r-1", 10)).await);
    let settlement = Settlement {
        released: vec![label("r-1")],
        ..Settlement::default()
    };

    let costs = world.registry.costs();
    let settled = costs.settle(&settlement, price(), &request(1)).await;
    settled.unwrap();

    assert!(admitted(&world.registry, &wish("r-2", 10)).await);
}

async fn a_run_is_booked_once_however_often_it_is_settled(database: Database) {
    let world = World::new(database).await;
    limit(&world.registry, BudgetScope::All, 100).await;
    assert!(admitted(&world.registry, &wish("r-1", 20)).await);
    let once = vec![ran("r-1", 12)];

    settle(&world.registry, once.clone()).await;
    settle(&world.registry, once).await;

    let costs = world.registry.costs();
    let standing = costs
        .standings(on_day(0, 99), price())
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (standing.spent_bytes, standing.reserved_bytes),
        (12 * MB, 0)
    );
    let report = costs.between(on_day(0, 0), on_day(1, 0)).await.unwrap();
    assert_eq!(report.lines[0].sums.billed_bytes, 12 * MB);
    assert_eq!(report.lines[0].sums.runs, 1);
}

async fn an_alert_is_raised_once_a_day_and_is_on_record(database: Database) {
    let world = World::new(database).await;
    limit(&world.registry, BudgetScope::All, 100).await;
    let percents =
        |alerts: &[Alert]| -> Vec<u64> { alerts.iter().map(|alert| alert.percent).collect() };

    let quiet = settle(&world.registry, vec![ran("r-1", 49)]).await;
    let half = settle(&world.registry, vec![ran("r-2", 1)]).await;
    let again = settle(&world.registry, vec![ran("r-3", 10)]).await;
    let rest = settle(&world.registry, vec![ran("r-4", 35)]).await;
    let refused = world.registry.costs().reserve(&wish("r-5", 10)).await;
    let twice = world.registry.costs().reserve(&wish("r-6", 10)).await;
    let tomorrow = LedgerEntry {
        at: on_day(1, 0),
        ..ran("r-7", 50)
    };
    let next_day = settle(&world.registry, vec![tomorrow]).await;

    assert_eq!(percents(&quiet), [0; 0]);
    assert_eq!(percents(&half), [50]);
    assert_eq!(percents(&again), [0; 0]);
    assert_eq!(percents(&rest), [80]);
    let Reserved::Refused(_, alerts) = refused.unwrap() else {
        panic!("5 MB are left");
    };
    assert_eq!(percents(&alerts), [100]);
    let Reserved::Refused(_, alerts) = twice.unwrap() else {
        panic!("5 MB are left");
    };
    assert_eq!(percents(&alerts), [0; 0]);
    assert_eq!(percents(&next_day), [50]);
    let recorded: Vec<_> = facts(&world.registry)
        .await
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::BudgetAlert(alert) => Some(alert),
            _ => None,
        })
        .collect();
    let all: Vec<u64> = recorded.iter().map(|alert| alert.percent).collect();
    assert_eq!(all, [50, 80, 100, 50]);
    let first = BudgetAlert {
        scope: BudgetedScope::All,
        percent: 50,
        spent_bytes: 50 * MB,
        limit_bytes: 100 * MB,
    };
    assert_eq!(recorded[0], first);
    let costs = world.registry.costs();
    let report = costs.between(on_day(0, 0), on_day(1, 0)).await.unwrap();
    assert_eq!(percents(&report.alerts), [100, 80, 50]);
    assert_intact(&world.registry).await;
}

async fn a_run_belongs_to_the_day_it_began_on(database: Database) {
    let world = World::new(database).await;
    limit(&world.registry, BudgetScope::All, 10).await;
    let evening = Reserve {
        at: on_day(0, 86_399),
        ..wish("r-1", 10)
    };
    assert!(admitted(&world.registry, &evening).await);
    let morning = Reserve {
        at: on_day(1, 1),
        ..wish("r-2", 10)
    };

    assert!(
        admitted(&world.registry, &morning).await,
        "a new day, a new budget"
    );

    let entry = LedgerEntry {
        at: on_day(0, 86_399),
        ..ran("r-1", 10)
    };
    settle(&world.registry, vec![entry]).await;
    let costs = world.registry.costs();
    let spent = async |moment| {
        let standings = costs.standings(moment, price()).await.unwrap();
        (standings[0].spent_bytes, standings[0].reserved_bytes)
    };
    assert_eq!(spent(on_day(0, 86_399)).await, (10 * MB, 0));
    assert_eq!(spent(on_day(1, 2)).await, (0, 10 * MB));
}

async fn the_ledger_comes_back_as_it_was_booked(database: Database) {
    let world = World::new(database).await;
    let bare = LedgerEntry {
        asked: Asked {
            request: None,
            dashboard: None,
            tile: None,
            unit: None,
            purpose: Purpose::Governance,
            policy_revision: None,
            ..ran("r-2", 1).asked
        },
        at: on_day(0, 61),
        ran: RanOn::Embedded,
        outcome: RunEnd::Cancelled,
        execution: None,
        rows: None,
        truncated: true,
        billed_bytes: 0,
        ..ran("r-2", 1)
    };
    let reused = LedgerEntry {
        at: on_day(0, 62),
        ran: RanOn::AthenaReuse,
        outcome: RunEnd::Failed,
        billed_bytes: 0,
        ..ran("r-3", 1)
    };
    let booked = vec![ran("r-1", 20), bare, reused];

    settle(&world.registry, booked.clone()).await;

    let costs = world.reopened().await.costs().clone();
    let found = costs
        .executions(on_day(0, 0), on_day(1, 0), 100)
        .await
        .unwrap();
    assert_eq!(found, booked);
    let later = costs
        .executions(on_day(0, 61), on_day(1, 0), 1)
        .await
        .unwrap();
    assert_eq!(later, booked[1..2]);
}

fn view(seconds: i64) -> ViewCount {
    ViewCount {
        at: on_day(0, seconds),
        dashboard: label("finance-overview"),
        unit: Some(auto()),
        views: 1,
        views_without_engine: 0,
        computed: 2,
        cached: 9,
        coalesced: 1,
        stale: 3,
        refused: 4,
        failed: 5,
        avoided_scanned: 60 * MB,
        avoided_billed: 100 * MB,
    }
}

async fn what_readers_got_and_what_ran_are_summed_up_together(database: Database) {
    let world = World::new(database).await;
    let hot = ViewCount {
        views_without_engine: 1,
        computed: 0,
        ..view(3599)
    };
    let of_nobody = LedgerEntry {
        asked: Asked {
            unit: None,
            dashboard: None,
            ..ran("r-2", 10).asked
        },
        ..ran("r-2", 10)
    };
    let settlement = Settlement {
        ended: vec![ran("r-1", 20), of_nobody],
        released: Vec::new(),
        views: vec![view(60), hot, view(90_000)],
    };
    let costs = world.registry.costs();

    costs
        .settle(&settlement, price(), &request(1))
        .await
        .unwrap();

    let report = costs
        .between(on_day(0, 1800), on_day(0, 3600))
        .await
        .unwrap();
    let sums = CostSums {
        runs: 1,
        reused: 0,
        scanned_bytes: 20 * MB - 1,
        billed_bytes: 20 * MB,
        views: 2,
        views_without_engine: 1,
        computed: 2,
        cached: 18,
        coalesced: 2,
        stale: 6,
        refused: 8,
        failed: 10,
        avoided_scanned: 120 * MB,
        avoided_billed: 200 * MB,
    };
    assert_eq!(report.lines.len(), 2);
    assert_eq!(
        (&report.lines[0].dashboard, report.lines[0].sums.runs),
        (&None, 1)
    );
    assert_eq!(report.lines[1].unit, Some(auto()));
    assert_eq!(report.lines[1].sums, sums);
    let two = costs.between(on_day(0, 0), on_day(2, 0)).await.unwrap();
    let days: Vec<_> = two
        .days
        .iter()
        .map(|day| (day.day, day.billed_bytes, day.views))
        .collect();
    assert_eq!(days, [(on_day(0, 0), 30 * MB, 2), (on_day(1, 0), 0, 1)]);
}

async fn old_rows_are_purged_and_reservations_are_not(database: Database) {
    let world = World::new(database).await;
    limit(&world.registry, BudgetScope::All, 10).await;
    assert!(admitted(&world.registry, &wish("r-1", 5)).await);
    settle(&world.registry, vec![ran("r-2", 5)]).await;
    let purged = async |moment| world.registry.purge(moment).await.unwrap().costs;

    assert_eq!(purged(on_day(0, 61)).await, 0);
    assert!(
        !admitted(&world.registry, &wish("r-3", 1)).await,
        "5 are spent, 5 reserved"
    );
    assert_eq!(
        purged(on_day(0, 3600)).await,
        0,
        "the reservation is still to be billed"
    );
    assert_eq!(purged(on_day(101, 0)).await, 1, "the ledger's row");
    // An hour, three scopes' days, and the alerts of 50 and 100.
    assert_eq!(purged(on_day(402, 0)).await, 6);
}

/// A page of many cold tiles asks for many reservations at once. Whoever waits for their turn must not
/// take the connections away from the audit, from sessions, or from another's heartbeat.
#[tokio::test]
async fn reservations_that_wait_leave_room_for_everything_else_on_postgres() {
    let world = World::new(Database::Postgres).await;
    let registry = &world.registry;
    let mut other = world.intruder().await;
    run(&mut other, "BEGIN").await.unwrap();
    let turn = "UPDATE cost_turn SET changes = changes WHERE id = 1";
    run(&mut other, turn).await.unwrap();
    let wishes: Vec<_> = (0..24)
        .map(|number| wish(&format!("run-{number}"), 1))
        .collect();

    let waiting = join_all(wishes.iter().map(|wish| registry.costs().reserve(wish)));
    let meanwhile = async {
        let beat = registry.fleet().beat(ProcessId::new([1; 16]), at(0)).await;
        run(&mut other, "COMMIT").await.unwrap();
        beat
    };
    let (said, beat) = tokio::join!(waiting, meanwhile);

    assert_eq!(beat.unwrap(), 1);
    for said in said {
        assert_eq!(said.unwrap(), Reserved::Admitted);
    }
}
