//! From the start of a query to its rows and its bill.

use athena_sim::{Effect, Fault, WorkGroup};
use serde_json::{Value, json};
use weir_engine::MaskKey;

use crate::support::World;

fn by_unit(table: &str) -> String {
    format!(
        "SELECT \"business_unit\" AS c0, SUM(CAST(\"written_premium\" AS decimal(38,2))) AS c1, \
         COUNT(*) AS c2 FROM (SELECT \"business_unit\", \"written_premium\" FROM {table} \
         WHERE TRUE) AS t GROUP BY 1 ORDER BY 1 ASC NULLS LAST LIMIT 5001"
    )
}

#[tokio::test]
async fn a_query_runs_and_its_rows_come_with_a_header() {
    let world = World::instant().await;
    let id = world
        .start(&by_unit(&world.pinned("statements").await))
        .await;

    let query = world.ended(&id).await;
    let results = world
        .ok("GetQueryResults", json!({ "QueryExecutionId": id }))
        .await;

    assert_eq!(query["Status"]["State"], "SUCCEEDED", "{query}");
    assert_eq!(query["SubstatementType"], "SELECT");
    let scanned = query["Statistics"]["DataScannedInBytes"].as_u64().unwrap();
    assert!(scanned > 0, "{query}");
    let rows = results["ResultSet"]["Rows"].as_array().unwrap();
    assert_eq!(
        rows.len(),
        8,
        "a header and seven business units: {results}"
    );
    assert_eq!(rows[0]["Data"][0]["VarCharValue"], "c0");
    assert_eq!(rows[1]["Data"][0]["VarCharValue"], "auto");
    let columns = &results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"];
    assert_eq!(columns[1]["Type"], "decimal");
    assert_eq!(
        (&columns[1]["Precision"], &columns[1]["Scale"]),
        (&json!(38), &json!(2))
    );
    assert_eq!(world.sim.meter().billed_bytes, 10_000_000);
    assert_eq!(world.sim.meter().scanned_bytes, scanned);
}

#[tokio::test]
async fn literals_of_every_type_are_written_as_athena_writes_them() {
    let world = World::instant().await;
    let id = world
        .start(
            "SELECT 1 AS c0, CAST('1.10' AS decimal(3,2)) AS c1, 1E0 AS c2, TRUE AS c3, \
             'é' AS c4, '' AS c5, CAST(NULL AS varchar) AS c6, DATE '2026-01-31' AS c7, \
             TIMESTAMP '2026-01-31 04:05:06.000' AS c8",
        )
        .await;
    world.ended(&id).await;

    let [row] = world.rows(&id).await.try_into().unwrap();
    let shown: Vec<_> = row
        .iter()
        .map(|cell| cell.as_deref().unwrap_or("NULL"))
        .collect();

    assert_eq!(
        shown,
        [
            "1",
            "1.10",
            "1.0",
            "true",
            "é",
            "",
            "NULL",
            "2026-01-31",
            "2026-01-31 04:05:06.000"
        ]
    );
}

#[tokio::test]
async fn more_rows_than_a_page_come_in_several() {
    let world = World::instant().await;
    let table = world.pinned("statements").await;
    let sql = format!(
        "SELECT \"statement_date\" AS c0, \"customer_id\" AS c1, COUNT(*) AS c2 FROM (SELECT \
         \"statement_date\", \"customer_id\" FROM {table} WHERE TRUE) AS t GROUP BY 1, 2 \
         ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST LIMIT 2500"
    );
    let id = world.start(&sql).await;
    world.ended(&id).await;

    let first = world
        .ok("GetQueryResults", json!({ "QueryExecutionId": id }))
        .await;
    let rows = world.rows(&id).await;
    let other = world.start("SELECT 1 AS c0").await;
    world.ended(&other).await;
    let token = json!({ "QueryExecutionId": other, "NextToken": first["NextToken"] });
    let (kind, _) = world.refused("GetQueryResults", token).await;
    let page = json!({ "QueryExecutionId": id, "MaxResults": 1_001 });
    let (too_large, _) = world.refused("GetQueryResults", page).await;

    assert_eq!(first["ResultSet"]["Rows"].as_array().unwrap().len(), 1_000);
    assert_eq!(rows.len(), 2_500);
    assert!(rows.is_sorted());
    assert_eq!(kind, "InvalidRequestException");
    assert_eq!(too_large, "InvalidRequestException");
}

#[tokio::test]
async fn what_is_not_in_the_subset_fails_as_a_syntax_error() {
    let world = World::instant().await;

    let offset = world
        .run("SELECT 1 AS c0 LIMIT 5 OFFSET 2", json!({}))
        .await;
    let unpinned = world
        .run("SELECT \"a\" FROM \"gold\".\"statements\"", json!({}))
        .await;

    for query in [&offset, &unpinned] {
        assert_eq!(query["Status"]["State"], "FAILED");
        assert_eq!(query["Status"]["AthenaError"]["ErrorCategory"], 2);
        assert_eq!(query["Status"]["AthenaError"]["ErrorType"], 1006);
        assert_eq!(query["Status"]["AthenaError"]["Retryable"], false);
    }
    let why = offset["Status"]["StateChangeReason"].as_str().unwrap();
    assert!(why.contains("mismatched input 'OFFSET'"), "{why}");
    assert_eq!(world.sim.meter().billed_bytes, 0);
}

#[tokio::test]
async fn what_is_not_there_fails_by_its_kind() {
    let world = World::instant().await;
    let failed = async |sql: &str| {
        let query = world.run(sql, json!({})).await;
        assert_eq!(query["Status"]["State"], "FAILED", "{query}");
        query["Status"]["AthenaError"]["ErrorType"]
            .as_i64()
            .unwrap()
    };
    let table = world.pinned("statements").await;

    let column =
        format!("SELECT \"x\" AS c0 FROM (SELECT \"x\" FROM {table} WHERE TRUE) AS t LIMIT 1");
    assert_eq!(failed(&column).await, 1006);
    let table = "\"gold\".\"x\" FOR VERSION AS OF 1";
    let table =
        format!("SELECT \"x\" AS c0 FROM (SELECT \"x\" FROM {table} WHERE TRUE) AS t LIMIT 1");
    assert_eq!(failed(&table).await, 1301);
    let snapshot = by_unit("\"gold\".\"statements\" FOR VERSION AS OF 1");
    assert_eq!(failed(&snapshot).await, 233);
}

#[tokio::test]
async fn a_stopped_query_stays_stopped_and_costs_what_was_read() {
    let world = World::instant().await;
    world.sim.inject(Fault::next(1, Effect::Hang));
    let id = world.start("SELECT 1 AS c0").await;
    let asked = || json!({ "QueryExecutionId": id });

    let (early, why) = world.refused("GetQueryResults", asked()).await;
    world.ok("StopQueryExecution", asked()).await;
    world.ok("StopQueryExecution", asked()).await;
    let query = world.query(&id).await;
    let (late, _) = world.refused("GetQueryResults", asked()).await;

    assert_eq!(early, "InvalidRequestException");
    assert!(why.contains("not yet finished"), "{why}");
    assert_eq!(query["Status"]["State"], "CANCELLED");
    assert_eq!(
        query["Status"]["StateChangeReason"],
        "Query cancelled by user"
    );
    assert_eq!(late, "InvalidRequestException");
    assert_eq!(world.sim.meter().by_execution[&id], 0, "nothing was read");
}

#[tokio::test]
async fn a_query_beyond_the_cutoff_is_cancelled_and_billed() {
    let world = World::instant().await;
    let mut group = WorkGroup::governed("small");
    group.configuration.bytes_scanned_cutoff_per_query = Some(1);
    world.sim.set_workgroup(group);
    let sql = by_unit(&world.pinned("statements").await);

    let query = world.run(&sql, json!({ "WorkGroup": "small" })).await;

    assert_eq!(query["Status"]["State"], "CANCELLED");
    let why = query["Status"]["StateChangeReason"].as_str().unwrap();
    assert!(why.contains("Bytes scanned limit was exceeded"), "{why}");
    assert!(query["Statistics"]["DataScannedInBytes"].as_u64().unwrap() > 1);
    assert_eq!(world.sim.meter().by_workgroup["small"], 10_000_000);
}

#[tokio::test]
async fn a_result_is_taken_again_for_free_where_everything_is_the_same() {
    let world = World::instant().await;
    world.sim.set_workgroup(WorkGroup::governed("auto"));
    world.sim.set_workgroup(WorkGroup::managed("kept"));
    let sql = by_unit(&world.pinned("statements").await);
    let age = |minutes: u64, group: &str| {
        let by_age = json!({ "Enabled": true, "MaxAgeInMinutes": minutes });
        json!({
            "WorkGroup": group,
            "ResultReuseConfiguration": { "ResultReuseByAgeConfiguration": by_age },
        })
    };
    let reused = |query: &Value| {
        query["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"] == true
    };

    let first = world.run(&sql, age(60, "primary")).await;
    let id = world.start_with(&sql, age(60, "primary")).await;
    let again = world.ended(&id).await;
    let plain = world.run(&sql, json!({})).await;
    let no_age = world.run(&sql, age(0, "primary")).await;
    let elsewhere = world.run(&sql, age(60, "auto")).await;
    world.run(&sql, age(60, "kept")).await;
    let kept = world.run(&sql, age(60, "kept")).await;

    assert!(reused(&again), "{again}");
    assert_eq!(again["Statistics"]["DataScannedInBytes"], 0);
    assert_eq!(world.sim.meter().by_execution[&id], 0);
    assert_eq!(world.rows(&id).await.len(), 7);
    for other in [first, plain, no_age, elsewhere, kept] {
        assert!(!reused(&other), "{other}");
    }
}

#[tokio::test]
async fn rows_without_an_order_are_not_taken_again() {
    let world = World::instant().await;
    let table = world.pinned("statements").await;
    let sql = format!(
        "SELECT \"region\" AS c0 FROM (SELECT \"region\" FROM {table} WHERE TRUE) AS t LIMIT 3"
    );
    let reuse = || {
        let by_age = json!({ "Enabled": true, "MaxAgeInMinutes": 60 });
        json!({ "ResultReuseConfiguration": { "ResultReuseByAgeConfiguration": by_age } })
    };

    world.run(&sql, reuse()).await;
    world.run(&sql, reuse()).await;

    assert!(world.sim.queries().iter().all(|query| !query.reused));
}

#[tokio::test]
async fn the_hash_mask_of_athena_is_the_embedded_engines() {
    let world = World::instant().await;
    let key = "ab".repeat(32);
    let sql = "SELECT lower(substr(to_hex(hmac_sha256(to_utf8('customer-7'), from_hex(?))), 1, 16)) \
               AS c0";

    let id = world
        .start_with(sql, json!({ "ExecutionParameters": [format!("'{key}'")] }))
        .await;
    world.ended(&id).await;

    let masked = MaskKey::new([0xab; 32]).mask("customer-7");
    assert_eq!(world.rows(&id).await, [[Some(masked)]]);
}

#[tokio::test]
async fn queries_are_listed_newest_first() {
    let world = World::instant().await;
    let mut started = Vec::new();
    for _ in 0..3 {
        started.push(world.start("SELECT 1 AS c0").await);
    }

    let first = world
        .ok("ListQueryExecutions", json!({ "MaxResults": 2 }))
        .await;
    let asked = json!({ "MaxResults": 2, "NextToken": first["NextToken"] });
    let second = world.ok("ListQueryExecutions", asked).await;

    started.reverse();
    assert_eq!(first["QueryExecutionIds"], json!(started[..2]));
    assert_eq!(second["QueryExecutionIds"], json!(started[2..]));
    assert!(second.get("NextToken").is_none());
}
