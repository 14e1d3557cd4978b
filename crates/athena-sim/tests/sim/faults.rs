//! Faults on demand.

use std::time::{Duration, Instant};

use athena_sim::{Effect, Fault, Latency};
use serde_json::json;

use crate::support::{World, asking};

fn start() -> serde_json::Value {
    let token = "0123456789abcdef0123456789abcdef";
    asking("SELECT 1 AS c0", json!({ "ClientRequestToken": token }))
}

#[tokio::test]
async fn calls_are_throttled_and_broken_as_often_as_was_asked() {
    let world = World::instant().await;
    world
        .sim
        .inject(Fault::next(1, Effect::Throttle).of_operation("GetWorkGroup"));
    world
        .sim
        .inject(Fault::next(1, Effect::ServerError { status: 503 }));
    let group = || json!({ "WorkGroup": "primary" });

    let (throttled, said) = world.call("GetWorkGroup", group()).await;
    let (broken, failed) = world.call("StartQueryExecution", start()).await;

    assert_eq!(
        (throttled, &said["__type"]),
        (400, &json!("ThrottlingException"))
    );
    assert_eq!(
        (broken, &failed["__type"]),
        (503, &json!("InternalServerException"))
    );
    world.ok("GetWorkGroup", group()).await;
    world.ok("StartQueryExecution", start()).await;
}

#[tokio::test]
async fn a_lost_response_leaves_a_query_that_its_token_finds() {
    let world = World::instant().await;
    world.sim.inject(Fault::next(1, Effect::LostResponse));

    let lost = async {
        let response = world.send("StartQueryExecution", &start()).await?;
        response.bytes().await
    };
    let lost = lost.await;
    let found = world.ok("StartQueryExecution", start()).await;

    assert!(lost.is_err(), "{lost:?}");
    let queries = world.sim.queries();
    assert_eq!(queries.len(), 1);
    assert_eq!(found["QueryExecutionId"], queries[0].id.as_str());
}

#[tokio::test]
async fn a_page_leads_back_to_itself_where_that_was_asked_for() {
    let world = World::instant().await;
    let id = world.start("SELECT 1 AS c0").await;
    world.ended(&id).await;
    world
        .sim
        .inject(Fault::next(2, Effect::SamePage).of_operation("GetQueryResults"));
    let page = async |token: &serde_json::Value| {
        let asked = json!({ "QueryExecutionId": id, "NextToken": token });
        world.ok("GetQueryResults", asked).await
    };

    let first = page(&json!(null)).await;
    let second = page(&first["NextToken"]).await;
    let last = page(&second["NextToken"]).await;

    assert!(first["NextToken"].is_string(), "{first}");
    assert_eq!(first, second);
    assert_eq!(last["ResultSet"], first["ResultSet"]);
    assert!(last["NextToken"].is_null(), "{last}");
}

#[tokio::test]
async fn a_role_is_refused_as_often_as_was_asked() {
    let world = World::instant().await;
    world
        .sim
        .inject(Fault::next(1, Effect::Deny).of_operation("sts:AssumeRole"));
    let form = [
        ("Action", "AssumeRole"),
        ("RoleArn", "arn:aws:iam::000000000000:role/weir-auto"),
        ("RoleSessionName", "weir-auto"),
    ];
    let assume = async || {
        let call = world.client.post(world.sim.url()).form(&form);
        let said = call.send().await.unwrap();
        (said.status().as_u16(), said.text().await.unwrap())
    };

    let (refused, why) = assume().await;
    let (assumed, _) = assume().await;

    assert_eq!((refused, assumed), (400, 200));
    assert!(why.contains("<Code>AccessDenied</Code>"), "{why}");
    assert_eq!(world.sim.calls()["sts:AssumeRole"].throttled, 1);
    assert_eq!(world.sim.assumed_roles().len(), 1);
}

#[tokio::test]
async fn every_kind_of_failure_can_be_had_and_none_is_billed() {
    let world = World::instant().await;
    for (category, error_type, retryable) in [(1, 100, true), (2, 233, false), (3, 1403, true)] {
        world.sim.inject(Fault::next(
            1,
            Effect::Fail {
                category,
                error_type,
                retryable,
                message: "ordered".to_owned(),
            },
        ));

        let query = world.run("SELECT 1 AS c0", json!({})).await;

        let error = &query["Status"]["AthenaError"];
        assert_eq!(query["Status"]["State"], "FAILED");
        assert_eq!(error["ErrorCategory"], category);
        assert_eq!(error["ErrorType"], error_type);
        assert_eq!(error["Retryable"], retryable);
        assert_eq!(error["ErrorMessage"], "ordered");
    }
    assert_eq!(world.sim.meter().billed_bytes, 0);
}

#[tokio::test]
async fn a_running_query_goes_back_into_the_queue() {
    let world = World::instant().await;
    world
        .sim
        .inject(Fault::next(1, Effect::Bounce { times: 1 }));
    let id = world.start("SELECT 1 AS c0").await;

    for state in ["RUNNING", "QUEUED", "RUNNING", "SUCCEEDED"] {
        world.until(&id, state).await;
    }
}

#[tokio::test]
async fn only_queries_that_are_meant_hang() {
    let world = World::instant().await;
    world.sim.inject(Fault::always(Effect::Hang).of_sql("c7"));

    let hanging = world.start("SELECT 1 AS c7").await;
    let other = world.run("SELECT 1 AS c0", json!({})).await;

    assert_eq!(other["Status"]["State"], "SUCCEEDED");
    assert_eq!(world.query(&hanging).await["Status"]["State"], "QUEUED");
    world.sim.reset();
    assert!(world.sim.queries().is_empty());
}

#[tokio::test]
async fn a_slow_queue_shows_in_the_statistics() {
    let world = World::instant().await;
    world
        .sim
        .inject(Fault::next(1, Effect::SlowQueue { ms: 120 }));

    let query = world.run("SELECT 1 AS c0", json!({})).await;

    let statistics = &query["Statistics"];
    assert!(
        statistics["QueryQueueTimeInMillis"].as_u64().unwrap() >= 120,
        "{statistics}"
    );
    assert!(
        statistics["TotalExecutionTimeInMillis"].as_u64().unwrap()
            >= statistics["QueryQueueTimeInMillis"].as_u64().unwrap()
    );
}

#[tokio::test]
async fn queries_take_as_long_as_the_curve_says() {
    let millis = Duration::from_millis;
    let world = World::with(|config| {
        config.latency = Latency {
            p50: millis(60),
            p95: millis(60),
            reuse: Duration::ZERO,
        };
    })
    .await;
    let began = Instant::now();

    let query = world.run("SELECT 1 AS c0", json!({})).await;

    assert!(began.elapsed() >= millis(60));
    assert!(
        query["Statistics"]["TotalExecutionTimeInMillis"]
            .as_u64()
            .unwrap()
            >= 59
    );
}

#[tokio::test]
async fn other_programs_order_faults_and_read_the_meter_over_http() {
    let world = World::instant().await;
    let url = |path: &str| format!("{}/sim/{path}", world.sim.url());
    let fault = json!({ "effect": "throttle", "operation": "GetQueryExecution", "times": 1 });
    let planned = world
        .client
        .post(url("faults"))
        .json(&fault)
        .send()
        .await
        .unwrap();
    assert!(planned.status().is_success(), "{planned:?}");

    let asked = json!({ "QueryExecutionId": "x" });
    let (kind, _) = world.refused("GetQueryExecution", asked).await;
    world.run("SELECT 1 AS c0", json!({})).await;
    let read = async |path: &str| {
        let response = world.client.get(url(path)).send().await.unwrap();
        response.json::<serde_json::Value>().await.unwrap()
    };

    assert_eq!(kind, "ThrottlingException");
    assert_eq!(read("meter").await["billed_bytes"], 10_000_000);
    let calls = read("calls").await;
    assert_eq!(calls["operations"]["GetQueryExecution"]["throttled"], 1);
    assert_eq!(calls["operations"]["StartQueryExecution"]["total"], 1);
    assert_eq!(calls["peak_active_queries"], 1);
    world.client.post(url("reset")).send().await.unwrap();
    assert_eq!(read("meter").await["queries"], 0);
}
