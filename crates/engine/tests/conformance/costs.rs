//! What is booked is what is billed, however a run ends.

use std::sync::Arc;
use std::time::Duration;

use athena_sim::{Effect, Fault, Latency, SimConfig, State};
use weir_engine::{Ended, QueryEngine, Ran};

use crate::support::{World, booked, sample, until};

#[tokio::test]
async fn our_ledger_is_the_simulators_meter_to_the_byte() {
    let world = World::new(|_| ()).await;
    let mut ours = 0;
    for tile in ["totals", "months", "five", "customers", "everything"] {
        let (context, booked) = booked(crate::support::PATIENCE);
        world.athena.run(&world.tile(tile), context).await.unwrap();
        ours += booked.settled().await.unwrap().billed_bytes;
    }
    world.sim.inject(Fault::next(1, fail(1001)));
    let (context, account) = booked(crate::support::PATIENCE);
    world
        .athena
        .run(&world.tile("totals"), context)
        .await
        .unwrap_err();
    ours += account.settled().await.unwrap().billed_bytes;

    let meter = world.sim.meter();
    assert_eq!(meter.queries, 6);
    assert_eq!(ours, meter.billed_bytes);
    assert!(
        ours >= 50_000_000,
        "five queries cost at least 10 MB each: {ours}"
    );
}

fn fail(error_type: i32) -> Effect {
    Effect::Fail {
        category: 2,
        error_type,
        retryable: false,
        message: "as asked for".to_owned(),
    }
}

#[tokio::test]
async fn a_run_whose_reader_leaves_is_stopped_and_booked() {
    let world = World::new(|_| ()).await;
    world.sim.inject(Fault::next(1, Effect::Hang));
    let world = Arc::new(world);
    let (context, account) = booked(crate::support::PATIENCE);
    let running = {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.athena.run(&world.tile("totals"), context).await })
    };
    until("the query runs", || world.sim.queries().len() == 1).await;

    running.abort();
    let execution = account
        .settled()
        .await
        .expect("it was started, so it is booked");

    assert_eq!(execution.outcome, Ended::Cancelled);
    let query = &world.sim.queries()[0];
    assert_eq!(query.state, State::Cancelled);
    assert_eq!(execution.id.as_ref(), Some(&query.id));
    assert_eq!(execution.billed_bytes, world.sim.meter().billed_bytes);
}

#[tokio::test]
async fn a_hanging_query_ends_with_the_deadline_and_is_booked() {
    let world = World::new(|_| ()).await;
    world.sim.inject(Fault::next(1, Effect::Hang));
    let (context, account) = booked(Duration::from_millis(400));

    let error = world
        .athena
        .run(&world.tile("totals"), context)
        .await
        .unwrap_err();
    let execution = account.settled().await.unwrap();

    assert_eq!(error.code(), "deadline");
    assert_eq!(execution.outcome, Ended::Cancelled);
    assert_eq!(world.sim.queries()[0].state, State::Cancelled);
    assert_eq!(execution.billed_bytes, world.sim.meter().billed_bytes);
}

#[tokio::test]
async fn r2_a_query_that_hangs_is_stopped_once_and_its_place_is_free_again() {
    for effect in [Effect::Hang, Effect::SlowQueue { ms: 60_000 }] {
        let world = World::new(|config| config.quotas.active_queries = 1).await;
        world.sim.inject(Fault::always(effect));
        let (context, account) = booked(Duration::from_millis(400));

        let error = world
            .athena
            .run(&world.tile("totals"), context)
            .await
            .unwrap_err();
        let execution = account.settled().await.expect("it was started");
        world.sim.clear_faults();
        world.run("months").await.unwrap();

        assert_eq!(error.code(), "deadline");
        assert_eq!(execution.outcome, Ended::Cancelled);
        assert_eq!(world.sim.calls()["StopQueryExecution"].total, 1);
        let queries = world.sim.queries();
        let states: Vec<State> = queries.iter().map(|query| query.state).collect();
        assert_eq!(states, [State::Cancelled, State::Succeeded]);
        assert_eq!(world.sim.peak_active(), 1);
    }
}

#[tokio::test]
async fn who_leaves_before_a_query_began_costs_nothing() {
    let world = World::new(|config| config.quotas.active_queries = 1).await;
    world.sim.inject(Fault::next(1, Effect::Hang));
    let world = Arc::new(world);
    let first = {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.run("totals").await })
    };
    until("the first query runs", || world.sim.queries().len() == 1).await;

    let (context, account) = booked(Duration::from_millis(100));
    let error = world
        .athena
        .run(&world.tile("months"), context)
        .await
        .unwrap_err();

    assert_eq!(error.code(), "deadline");
    assert_eq!(account.settled().await, None);
    assert_eq!(world.sim.queries().len(), 1, "the second was never started");
    first.abort();
}

#[tokio::test]
async fn a_result_taken_from_an_earlier_query_costs_nothing() {
    let world = World::new(|config| config.result_reuse = Some(Duration::from_mins(5))).await;

    let first = world.run("totals").await.unwrap();
    let second = world.run("totals").await.unwrap();

    assert_eq!(first.execution.ran, Ran::Athena);
    assert_eq!(second.execution.ran, Ran::AthenaReuse);
    assert_eq!(second.execution.billed_bytes, 0);
    assert_eq!(second.rows, first.rows);
    assert_eq!(first.execution.billed_bytes, world.sim.meter().billed_bytes);
}

#[tokio::test]
async fn without_being_told_to_no_earlier_result_is_taken() {
    let world = World::new(|_| ()).await;

    world.run("totals").await.unwrap();
    let second = world.run("totals").await.unwrap();

    assert_eq!(second.execution.ran, Ran::Athena);
}

#[tokio::test]
async fn a_query_beyond_the_workgroups_limit_is_cut_off_and_booked() {
    let world = World::new(|_| ()).await;
    let mut group = athena_sim::WorkGroup::governed("primary");
    group.configuration.bytes_scanned_cutoff_per_query = Some(1);
    world.sim.set_workgroup(group);
    let (context, account) = booked(crate::support::PATIENCE);

    let error = world
        .athena
        .run(&world.tile("totals"), context)
        .await
        .unwrap_err();
    let execution = account.settled().await.unwrap();

    assert_eq!(error.code(), "scan_limit");
    assert_eq!(execution.outcome, Ended::Cancelled);
    assert!(execution.billed_bytes > 0, "what was scanned is paid for");
    assert_eq!(execution.billed_bytes, world.sim.meter().billed_bytes);
}

#[tokio::test]
async fn the_time_of_a_run_is_told_apart() {
    let mut config = SimConfig::new(sample().await);
    config.latency = Latency {
        p50: Duration::from_millis(150),
        p95: Duration::from_millis(200),
        reuse: Duration::ZERO,
    };
    let world = World::over(config, |_| ()).await;

    let times = world.run("totals").await.unwrap().execution.times;

    assert!(times.running > Duration::ZERO, "{times:?}");
    assert!(times.planning <= times.running, "{times:?}");
    assert!(times.total >= times.running, "{times:?}");
}
