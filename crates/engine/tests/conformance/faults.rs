//! Every way in which Athena can misbehave, and the outcome that is documented for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use athena_sim::{Effect, Fault, Limits, Rate, SimConfig, State};
use weir_engine::{Ended, QueryEngine};

use crate::support::{PATIENCE, World, booked, sample};

fn fail(error_type: i32, retryable: bool) -> Effect {
    Effect::Fail {
        category: 1,
        error_type,
        retryable,
        message: "s3://secret-bucket/gold/statements of arn:aws:iam::1:role/secret".to_owned(),
    }
}

#[tokio::test]
async fn failures_that_pass_are_tried_once_more() {
    for (error_type, retryable) in [(233, false), (401, false), (1403, false), (100, true)] {
        let world = World::new(|_| ()).await;
        world
            .sim
            .inject(Fault::next(1, fail(error_type, retryable)));

        let answer = world.run("totals").await;

        assert!(answer.is_ok(), "error type {error_type}: {answer:?}");
        assert_eq!(world.sim.queries().len(), 2, "error type {error_type}");
    }
}

#[tokio::test]
async fn failures_that_stay_are_not_tried_a_third_time() {
    for (error_type, code) in [(233, "snapshot_gone"), (1400, "engine_unavailable")] {
        let world = World::new(|_| ()).await;
        world.sim.inject(Fault::always(fail(error_type, true)));

        let error = world.run("totals").await.unwrap_err();

        assert_eq!(error.code(), code);
        assert_eq!(world.sim.queries().len(), 2, "error type {error_type}");
    }
}

#[tokio::test]
async fn failures_that_would_come_again_are_not_tried_again() {
    for (error_type, code) in [
        (0, "question_too_large"),
        (100, "engine_unavailable"),
        (206, "deadline"),
        (1001, "computation_failed"),
        (1006, "computation_failed"),
        (1500, "data_denied"),
        (1602, "question_too_large"),
    ] {
        let world = World::new(|_| ()).await;
        world.sim.inject(Fault::always(fail(error_type, false)));

        let error = world.run("totals").await.unwrap_err();

        assert_eq!(error.code(), code, "error type {error_type}");
        assert_eq!(world.sim.queries().len(), 1, "error type {error_type}");
        let shown = format!("{error} {}", error.code());
        assert!(!shown.contains("secret"), "f47_f50: {shown}");
    }
}

#[tokio::test]
async fn a_lost_response_starts_no_second_query() {
    let world = World::new(|_| ()).await;
    world.sim.inject(Fault::next(2, Effect::LostResponse));

    world.run("totals").await.unwrap();

    assert_eq!(world.sim.queries().len(), 1);
    assert_eq!(world.sim.calls()["StartQueryExecution"].total, 3);
}

#[tokio::test]
async fn a_lost_response_does_not_lose_a_query_whose_reader_left() {
    let world = World::new(|_| ()).await;
    world
        .sim
        .inject(Fault::next(1, Effect::SlowResponse { ms: 300 }));
    world.sim.inject(Fault::next(1, Effect::LostResponse));
    world.sim.inject(Fault::next(1, Effect::Hang));
    let (context, account) = booked(Duration::from_millis(100));

    let error = world
        .athena
        .run(&world.tile("totals"), context)
        .await
        .unwrap_err();
    let execution = account
        .settled()
        .await
        .expect("it was started, so it is booked");

    assert_eq!(error.code(), "deadline");
    assert_eq!(world.sim.queries().len(), 1);
    assert_eq!(world.sim.queries()[0].state, State::Cancelled);
    assert_eq!(execution.billed_bytes, world.sim.meter().billed_bytes);
}

/// What it cost is on the bill, whoever knows of it.
#[tokio::test]
async fn a_start_whose_answers_are_all_lost_has_an_unknown_end() {
    let world = World::new(|_| ()).await;
    world.sim.inject(Fault::next(4, Effect::LostResponse));
    let (context, account) = booked(Duration::from_secs(30));

    let error = world
        .athena
        .run(&world.tile("totals"), context)
        .await
        .unwrap_err();
    let execution = account.settled().await.expect("it may have begun");

    assert_eq!(error.code(), "engine_unavailable");
    assert_eq!(execution.outcome, Ended::Unknown);
    assert_eq!(execution.id, None);
}

#[tokio::test]
async fn a_query_that_can_no_longer_be_seen_has_an_unknown_end() {
    let world = World::new(|_| ()).await;
    let blind = Fault::always(Effect::Deny).of_operation("GetQueryExecution");
    world.sim.inject(Fault::next(1, Effect::Hang));
    world.sim.inject(blind);
    let (context, account) = booked(Duration::from_secs(30));

    let run = world.athena.run(&world.tile("totals"), context).await;
    let execution = account.settled().await.expect("it began");

    assert!(run.is_err());
    assert_eq!(execution.outcome, Ended::Unknown);
    let stopped = world.sim.queries().remove(0);
    assert_eq!(stopped.state, State::Cancelled, "it costs no more");
    assert_eq!(execution.id, Some(stopped.id));
}

#[tokio::test]
async fn a_start_that_athena_refuses_never_began() {
    let world = World::new(|_| ()).await;
    let (context, account) = booked(Duration::from_secs(30));
    world.sim.inject(Fault::always(Effect::Deny));

    world
        .athena
        .run(&world.tile("totals"), context)
        .await
        .unwrap_err();

    assert_eq!(account.settled().await, None);
}

#[tokio::test]
async fn two_runs_of_one_statement_are_two_queries() {
    let world = World::new(|_| ()).await;

    let first = world.run("totals").await.unwrap();
    let second = world.run("totals").await.unwrap();

    assert_ne!(first.execution.id, second.execution.id);
}

#[tokio::test]
async fn server_errors_pass() {
    let world = World::new(|_| ()).await;
    for (operation, times) in [
        ("StartQueryExecution", 2),
        ("GetQueryExecution", 3),
        ("GetQueryResults", 2),
    ] {
        let fault = Fault::next(times, Effect::ServerError { status: 503 });
        world.sim.inject(fault.of_operation(operation));
    }

    world.run("totals").await.unwrap();

    assert_eq!(world.sim.queries().len(), 1);
}

#[tokio::test]
async fn an_athena_that_is_gone_is_told_in_time() {
    let world = World::new(|_| ()).await;
    world
        .sim
        .inject(Fault::always(Effect::ServerError { status: 500 }));

    let error = world.run("totals").await.unwrap_err();

    assert_eq!(error.code(), "engine_unavailable");
}

#[tokio::test]
async fn f76_throttled_calls_are_made_again_later_and_nobody_sees_an_error() {
    let world = World::new(|_| ()).await;
    for operation in [
        "StartQueryExecution",
        "GetQueryExecution",
        "GetQueryResults",
    ] {
        world
            .sim
            .inject(Fault::next(2, Effect::Throttle).of_operation(operation));
    }

    world.run("totals").await.unwrap();

    assert_eq!(world.sim.queries().len(), 1);
    assert_eq!(world.sim.calls()["StartQueryExecution"].throttled, 2);
}

#[tokio::test]
async fn r1_an_athena_that_throttles_everything_is_asked_less_and_less_until_the_deadline() {
    let world = World::new(|_| ()).await;
    world.sim.inject(Fault::always(Effect::Throttle));
    let (context, account) = booked(Duration::from_secs(2));

    let error = world
        .athena
        .run(&world.tile("totals"), context)
        .await
        .unwrap_err();

    assert_eq!(error.code(), "deadline");
    assert_eq!(account.settled().await, None, "nothing began");
    assert_eq!(world.sim.queries(), []);
    assert_eq!(world.sim.meter().billed_bytes, 0);
    // After 250 ms, 500 ms and a second, more or less, and when the reader leaves.
    let starts = world.sim.calls()["StartQueryExecution"].total;
    assert!((2..=6).contains(&starts), "{starts} starts in two seconds");
}

#[tokio::test]
async fn f76_too_many_queries_wait_in_our_queue() {
    let world = World::new(|_| ()).await;
    world.sim.inject(Fault::next(3, Effect::TooManyQueries));

    world.run("totals").await.unwrap();

    assert_eq!(world.sim.queries().len(), 1);
    assert_eq!(world.sim.calls()["StartQueryExecution"].total, 4);
}

#[tokio::test]
async fn running_may_go_back_to_waiting() {
    let world = World::new(|_| ()).await;
    world
        .sim
        .inject(Fault::next(1, Effect::Bounce { times: 3 }));

    world.run("totals").await.unwrap();
}

/// Runs `count` statements at once, all of which must succeed.
async fn all_at_once(world: World, count: usize) -> World {
    let world = Arc::new(world);
    let runs: Vec<_> = (0..count)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.run("five").await })
        })
        .collect();
    for run in runs {
        run.await.unwrap().unwrap();
    }
    Arc::into_inner(world).unwrap()
}

#[tokio::test]
async fn f76_many_queries_are_looked_at_together_and_within_the_rates() {
    let mut config = SimConfig::instant(sample().await);
    config.latency = athena_sim::Latency {
        p50: Duration::from_millis(1_500),
        p95: Duration::from_secs(2),
        reuse: Duration::ZERO,
    };
    let world = all_at_once(World::over(config, |_| ()).await, 30).await;

    let calls = world.sim.calls();
    assert_eq!(calls["StartQueryExecution"].total, 30);
    assert_eq!(calls["StartQueryExecution"].throttled, 0);
    assert!(calls["BatchGetQueryExecution"].total > 0, "{calls:?}");
    for (operation, calls) in &calls {
        assert_eq!(calls.throttled, 0, "{operation} was too fast: {calls:?}");
    }
    let single = calls
        .get("GetQueryExecution")
        .map_or(0, |calls| calls.total);
    assert!(single <= 100, "{single} single looks at 30 queries");
}

#[tokio::test]
async fn queries_are_looked_at_alone_where_looking_together_is_not_known() {
    let world = World::new(|_| ()).await;
    let unknown = Fault::always(Effect::ServerError { status: 500 });
    world
        .sim
        .inject(unknown.of_operation("BatchGetQueryExecution"));

    let world = all_at_once(world, 20).await;

    assert_eq!(world.sim.queries().len(), 20);
}

#[tokio::test]
async fn f76_no_more_queries_are_active_than_the_quota_allows() {
    let mut config = SimConfig::instant(sample().await);
    config.limits = Limits {
        active_queries: 4,
        ..Limits::default()
    };
    let world = World::over(config, |config| config.quotas.active_queries = 4).await;

    let world = all_at_once(world, 24).await;

    assert!(
        world.sim.peak_active() <= 4,
        "{} at once",
        world.sim.peak_active()
    );
    assert_eq!(world.sim.calls()["StartQueryExecution"].throttled, 0);
}

#[tokio::test]
async fn f76_an_account_that_others_use_too_slows_us_down_and_refuses_nobody() {
    let mut config = SimConfig::instant(sample().await);
    config.limits = Limits {
        active_queries: 2,
        starts: Rate {
            per_second: 20,
            burst: 10,
        },
        ..Limits::default()
    };

    let world = all_at_once(World::over(config, |_| ()).await, 12).await;

    assert_eq!(world.sim.meter().queries, 12);
}

#[tokio::test]
async fn a_share_of_the_quotas_is_kept() {
    let world = World::new(|config| config.quotas.active_queries = 8).await;
    world.athena.share(4);

    let world = all_at_once(world, 12).await;

    assert!(
        world.sim.peak_active() <= 2,
        "{} at once",
        world.sim.peak_active()
    );
}

#[tokio::test]
async fn an_engine_for_other_datasets_waits_in_the_same_queue() {
    let world = World::new(|config| config.quotas.active_queries = 1).await;
    let other = world.athena.reopen(&world.catalog).await.unwrap();
    world
        .sim
        .inject(Fault::next(1, Effect::SlowQueue { ms: 200 }));
    let (one, two) = (world.tile("totals"), world.tile("months"));

    let (first, second) = tokio::join!(
        world.athena.run(&one, crate::support::soon()),
        other.run(&two, crate::support::soon()),
    );

    first.unwrap();
    second.unwrap();
    assert_eq!(world.sim.peak_active(), 1);
}

#[tokio::test]
async fn a_fast_query_is_answered_soon_after_it_ended() {
    let mut config = SimConfig::instant(sample().await);
    config.latency = athena_sim::Latency {
        p50: Duration::from_secs(1),
        p95: Duration::from_millis(1_001),
        reuse: Duration::ZERO,
    };
    let world = World::over(config, |_| ()).await;

    let began = Instant::now();
    world.run("five").await.unwrap();

    let added = began.elapsed().saturating_sub(Duration::from_secs(1));
    assert!(
        added < Duration::from_millis(600),
        "{added:?} more than the query took"
    );
}

/// The reader is told at once, and the query is stopped: nobody could say any more what it costs.
#[tokio::test]
async fn a_query_that_nobody_may_look_at_is_stopped_and_told_as_failed() {
    let world = World::new(|_| ()).await;
    let denied = Fault::always(Effect::Deny);
    world.sim.inject(denied.of_operation("GetQueryExecution"));
    world.sim.inject(Fault::always(Effect::Hang));
    let (context, account) = booked(PATIENCE);

    let began = Instant::now();
    let answer = world.athena.run(&world.tile("totals"), context).await;

    assert!(answer.is_err(), "{answer:?}");
    assert!(began.elapsed() < PATIENCE / 2, "{:?}", began.elapsed());
    assert!(
        account.settled().await.is_some(),
        "it was started, so it is booked"
    );
    assert_eq!(world.sim.queries()[0].state, State::Cancelled);
}
