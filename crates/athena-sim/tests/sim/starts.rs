//! What may be started, and what an idempotency token means.

use athena_sim::{Effect, Fault, Rate};
use serde_json::json;

use crate::support::{World, asking};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_token_stands_for_one_query_and_refuses_another() {
    let world = World::instant().await;
    let token = || json!({ "ClientRequestToken": TOKEN });

    let first = world.start_with("SELECT 1 AS c0", token()).await;
    let again = world.start_with("SELECT 1 AS c0", token()).await;
    let changed = world
        .refused("StartQueryExecution", asking("SELECT 2 AS c0", token()))
        .await;
    let mut elsewhere = token();
    elsewhere["QueryExecutionContext"] = json!({ "Database": "other" });
    let elsewhere = world
        .refused("StartQueryExecution", asking("SELECT 1 AS c0", elsewhere))
        .await;
    let short = json!({ "ClientRequestToken": "short" });
    let short = world
        .refused("StartQueryExecution", asking("SELECT 1 AS c0", short))
        .await;

    assert_eq!(first, again);
    for (kind, message) in [&changed, &elsewhere] {
        assert_eq!(kind, "InvalidRequestException");
        assert_eq!(message, "Idempotent parameters do not match");
    }
    assert_eq!(short.0, "InvalidRequestException");
    assert_eq!(world.sim.queries().len(), 1);
}

#[tokio::test]
async fn a_text_is_measured_in_bytes() {
    let world = World::instant().await;
    let of = |bytes: usize, filling: &str| {
        let start = "SELECT 1 AS c0 -- ";
        let left = bytes - start.len();
        let mut text = format!("{start}{}", filling.repeat(left / filling.len()));
        text.push_str(&" ".repeat(bytes - text.len()));
        text
    };

    let longest = world.run(&of(262_144, "é"), json!({})).await;
    let (kind, message) = world
        .refused("StartQueryExecution", asking(&of(262_145, "é"), json!({})))
        .await;

    assert_eq!(longest["Status"]["State"], "SUCCEEDED");
    assert_eq!(kind, "InvalidRequestException");
    assert!(message.contains("262144"), "{message}");
}

#[tokio::test]
async fn parameters_are_bounded_and_shown_to_whoever_may_look_at_the_query() {
    let world = World::instant().await;
    let with = |parameters: &[String]| json!({ "ExecutionParameters": parameters });
    let start = |parameters: &[String]| asking("SELECT ? AS c0", with(parameters));
    let long = format!("'{}'", "x".repeat(1_023));

    let none = world.refused("StartQueryExecution", start(&[])).await;
    let empty = world
        .refused("StartQueryExecution", start(&[String::new()]))
        .await;
    let too_long = world.refused("StartQueryExecution", start(&[long])).await;
    let id = world
        .start_with("SELECT ? AS c0", with(&["'a ''quoted'' one'".into()]))
        .await;
    let shown = world.ended(&id).await;
    let wrong = world
        .run("SELECT ? AS c0", with(&["unquoted".into()]))
        .await;
    let too_many = world
        .run("SELECT ? AS c0", with(&["1".into(), "2".into()]))
        .await;

    for (kind, _) in [none, empty, too_long] {
        assert_eq!(kind, "InvalidRequestException");
    }
    assert_eq!(shown["ExecutionParameters"], json!(["'a ''quoted'' one'"]));
    assert_eq!(shown["Query"], "SELECT ? AS c0");
    assert_eq!(world.rows(&id).await, [[Some("a 'quoted' one".to_owned())]]);
    assert_eq!(wrong["Status"]["State"], "FAILED");
    assert_eq!(too_many["Status"]["State"], "FAILED");
}

#[tokio::test]
async fn calls_beyond_the_quota_are_refused() {
    let world = World::with(|config| {
        config.limits.starts = Rate {
            per_second: 1,
            burst: 3,
        };
    })
    .await;

    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(
            world
                .call("StartQueryExecution", asking("SELECT 1 AS c0", json!({})))
                .await,
        );
    }

    assert!(answers.iter().take(3).all(|(status, _)| *status == 200));
    let (_, refused) = answers.iter().find(|(status, _)| *status == 400).unwrap();
    assert_eq!(refused["__type"], "ThrottlingException");
    assert_eq!(refused["message"], "Rate exceeded");
    let calls = &world.sim.calls()["StartQueryExecution"];
    let throttled = answers.iter().filter(|(status, _)| *status == 400).count();
    assert_eq!(
        (calls.total, calls.throttled),
        (20, u64::try_from(throttled).unwrap())
    );
}

#[tokio::test]
async fn queries_beyond_the_cap_are_refused_until_one_ends() {
    let world = World::with(|config| config.limits.active_queries = 2).await;
    world.sim.inject(Fault::next(2, Effect::Hang));

    let first = world.start("SELECT 1 AS c0").await;
    world.start("SELECT 2 AS c0").await;
    let third = asking("SELECT 3 AS c0", json!({}));
    let (status, refused) = world.call("StartQueryExecution", third).await;
    world
        .ok("StopQueryExecution", json!({ "QueryExecutionId": first }))
        .await;
    let third = world.run("SELECT 3 AS c0", json!({})).await;

    assert_eq!(status, 400);
    assert_eq!(refused["__type"], "TooManyRequestsException");
    assert_eq!(refused["Reason"], "CONCURRENT_QUERY_LIMIT_EXCEEDED");
    assert_eq!(third["Status"]["State"], "SUCCEEDED");
    assert_eq!(world.sim.peak_active(), 2);
}
