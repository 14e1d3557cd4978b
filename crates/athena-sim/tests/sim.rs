//! The simulator over HTTP, call by call.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::{Value, json};

mod support;

use crate::support::World;

#[tokio::test]
async fn a_query_runs_and_its_rows_come_with_a_header() {
    let world = World::instant().await;
    let table = world.pinned("statements").await;
    let sql = format!(
        "SELECT \"business_unit\" AS c0, SUM(CAST(\"written_premium\" AS decimal(38,2))) AS c1, \
         COUNT(*) AS c2 FROM (SELECT \"business_unit\", \"written_premium\" FROM {table} \
         WHERE TRUE) AS t GROUP BY 1 ORDER BY 1 ASC NULLS LAST LIMIT 5001"
    );

    let id = world.start(&sql).await;
    let query = world.ended(&id).await;
    let results = world
        .ok("GetQueryResults", json!({ "QueryExecutionId": id }))
        .await;

    assert_eq!(query["Status"]["State"], "SUCCEEDED", "{query}");
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
    let count: Value = results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"].clone();
    assert_eq!(count[1]["Type"], "decimal");
    assert_eq!(
        (&count[1]["Precision"], &count[1]["Scale"]),
        (&json!(38), &json!(2))
    );
    assert_eq!(world.sim.meter().billed_bytes, 10_000_000);
    assert_eq!(world.sim.meter().scanned_bytes, scanned);
}
