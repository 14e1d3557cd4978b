//! Workgroups: what they enforce.

use athena_sim::WorkGroup;
use serde_json::{Value, json};

use crate::support::{World, asking};

fn to(location: &str, group: &str) -> Value {
    json!({ "WorkGroup": group, "ResultConfiguration": { "OutputLocation": location } })
}

fn location(query: &Value) -> &str {
    query["ResultConfiguration"]["OutputLocation"]
        .as_str()
        .unwrap()
}

#[tokio::test]
async fn an_enforced_workgroup_decides_where_results_go_and_another_is_asked_first() {
    let world = World::instant().await;
    let configuration = json!({ "EnforceWorkGroupConfiguration": false });
    let open = json!({ "Name": "open", "Configuration": configuration });
    world.ok("CreateWorkGroup", open).await;

    let enforced = world
        .run("SELECT 1 AS c0", to("s3://mine/x/", "primary"))
        .await;
    let asked = world.run("SELECT 1 AS c0", to("s3://mine/x", "open")).await;
    let nowhere = asking("SELECT 1 AS c0", json!({ "WorkGroup": "open" }));
    let (kind, why) = world.refused("StartQueryExecution", nowhere).await;

    assert!(
        location(&enforced).starts_with("s3://athena-results/primary/"),
        "{enforced}"
    );
    assert!(location(&asked).starts_with("s3://mine/x/"), "{asked}");
    assert_eq!(location(&asked).rsplit('.').next(), Some("csv"), "{asked}");
    assert_eq!(kind, "InvalidRequestException");
    assert!(why.starts_with("No output location provided"), "{why}");
}

#[tokio::test]
async fn a_workgroup_that_manages_results_takes_no_location() {
    let world = World::instant().await;
    world.sim.set_workgroup(WorkGroup::managed("kept"));

    let (kind, _) = world
        .refused(
            "StartQueryExecution",
            asking("SELECT 1 AS c0", to("s3://mine/x/", "kept")),
        )
        .await;
    let id = world
        .start_with("SELECT 1 AS c0", json!({ "WorkGroup": "kept" }))
        .await;
    let query = world.ended(&id).await;

    assert_eq!(kind, "InvalidRequestException");
    assert!(query.get("ResultConfiguration").is_none(), "{query}");
    assert_eq!(query["ManagedQueryResultsConfiguration"]["Enabled"], true);
    assert_eq!(world.rows(&id).await.len(), 1);
}

#[tokio::test]
async fn workgroups_are_created_changed_listed_and_disabled() {
    let world = World::instant().await;
    let cutoff = |bytes: u64| json!({ "BytesScannedCutoffPerQuery": bytes });
    let small = json!({ "Name": "auto", "Configuration": cutoff(9_999_999) });
    let (too_small, _) = world.refused("CreateWorkGroup", small).await;
    let auto = json!({ "Name": "auto", "Configuration": cutoff(10_000_000) });
    world.ok("CreateWorkGroup", auto.clone()).await;
    let (twice, _) = world.refused("CreateWorkGroup", auto).await;
    let group = async || {
        let said = world
            .ok("GetWorkGroup", json!({ "WorkGroup": "auto" }))
            .await;
        said["WorkGroup"].clone()
    };

    let before = group().await;
    let updates = json!({
        "RemoveBytesScannedCutoffPerQuery": true,
        "ResultConfigurationUpdates": { "OutputLocation": "s3://auto/" },
    });
    let update = json!({
        "WorkGroup": "auto", "State": "DISABLED", "ConfigurationUpdates": updates,
    });
    world.ok("UpdateWorkGroup", update).await;
    let after = group().await;
    let start = asking("SELECT 1 AS c0", json!({ "WorkGroup": "auto" }));
    let (disabled, why) = world.refused("StartQueryExecution", start).await;
    let list = world.ok("ListWorkGroups", json!({})).await;
    let (unknown, _) = world
        .refused("GetWorkGroup", json!({ "WorkGroup": "x" }))
        .await;

    for kind in [too_small, twice, disabled, unknown] {
        assert_eq!(kind, "InvalidRequestException");
    }
    assert!(why.contains("disabled"), "{why}");
    assert_eq!(
        before["Configuration"]["BytesScannedCutoffPerQuery"],
        10_000_000
    );
    assert_eq!(
        before["Configuration"]["EnforceWorkGroupConfiguration"],
        true
    );
    assert!(
        after["Configuration"]
            .get("BytesScannedCutoffPerQuery")
            .is_none(),
        "{after}"
    );
    assert_eq!(after["State"], "DISABLED");
    assert_eq!(list["WorkGroups"].as_array().unwrap().len(), 2);
}
