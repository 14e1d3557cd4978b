//! Data nobody here wrote: TPC-H's line items in an Iceberg table that pyiceberg made, with a
//! dataset that starts from what `weir lake inspect` prints.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::answers::assert_same;
use crate::support::{beside, run_python, run_weir};
use crate::weir::{Deployment, MASK_KEY, Viewer, Weir};

const CLIENTS: &str = r#"
[[embed.clients]]
id = "shop"
dashboards = ["shipping"]
business_units = []
roles = ["analyst"]
attributes = { ship_mode = "any" }

[[embed.clients]]
id = "audit"
dashboards = ["shipping"]
business_units = []
roles = ["analyst", "auditor"]
attributes = { ship_mode = "any" }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_table_written_by_pyiceberg_is_inspected_declared_governed_and_served() {
    let dir = tempfile::tempdir().unwrap();
    let lake = dir.path().join("lake");
    run_python(&beside("tpch.py"), &["make", lake.to_str().unwrap()]);

    let report = inspect(&lake);
    let dashboards = dir.path().join("dashboards");
    declare(report["dataset_yaml"][0].as_str().unwrap(), &dashboards);
    let weir = Weir::start(&Deployment {
        lake: &lake,
        policies: &beside("tpch/policies"),
        dashboards: &dashboards,
        clients: CLIENTS,
        issuer: "http://127.0.0.1:9",
    })
    .await;

    for (client, role) in [("shop", "analyst"), ("audit", "auditor")] {
        let arguments = ["answers", lake.to_str().unwrap(), MASK_KEY, role];
        let expected = run_python(&beside("tpch.py"), &arguments);
        let expected: Value = serde_json::from_str(&expected).unwrap();
        compare(&weir, client, &expected, &report["tables"][0]).await;
    }
    only_the_auditor_gets_the_tile_of_a_hidden_column(&weir).await;
    nobody_sees_anything_without_the_attribute(&weir).await;
}

fn inspect(lake: &Path) -> Value {
    let said = run_weir(&["lake", "inspect", lake.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_str(&said).unwrap();
    let table = &report["tables"][0];
    assert_eq!(table["name"], "tpch.lineitem");
    assert_eq!(table["format"], "iceberg v2");
    assert_eq!(table["partitioning"], json!(["identity(l_shipmode)"]));
    assert_eq!(table["columns"].as_array().unwrap().len(), 16);
    assert_eq!(table["refusal"], Value::Null);
    let snapshots = table["snapshots"].as_array().unwrap();
    let operations: Vec<_> = snapshots
        .iter()
        .map(|s| s["operation"].as_str().unwrap())
        .collect();
    assert_eq!(operations, ["append", "append", "delete", "overwrite"]);
    let added: u64 = snapshots[..2]
        .iter()
        .map(|s| s["added_rows"].as_u64().unwrap())
        .sum();
    assert_eq!(
        added, 60_175,
        "TPC-H has that many line items at scale 0.01"
    );
    assert!(snapshots[3]["total_rows"].as_u64().unwrap() < added);
    report
}

/// The printed declaration as it is, and one measure more.
fn declare(printed: &str, dashboards: &Path) {
    fs::create_dir_all(dashboards.join("datasets")).unwrap();
    let ratio = "  price_per_unit: { ratio: { of: l_extendedprice_sum, to: l_quantity_sum }, \
                 label: { en: Price per unit, fr: Prix unitaire }, format: { decimals: 2 } }\n";
    let text = format!("{}\n{ratio}", printed.trim_end());
    fs::write(dashboards.join("datasets/lineitem.dataset.yaml"), text).unwrap();
    let dashboard = beside("tpch/dashboards/shipping.dashboard.yaml");
    fs::copy(dashboard, dashboards.join("shipping.dashboard.yaml")).unwrap();
}

async fn compare(weir: &Weir, client: &str, expected: &Value, table: &Value) {
    let token = weir.token("shipping", &rail(client)).await;
    let current = table["snapshots"].as_array().unwrap().last().unwrap();
    for (tile, wanted) in expected.as_object().unwrap() {
        let answer = weir.tile("shipping", tile, &token).await;
        assert_same(&format!("{tile} for {client}"), &answer, wanted);
        assert_eq!(
            answer["snapshots"]["tpch.lineitem"], current["id"],
            "{tile}"
        );
    }
}

async fn only_the_auditor_gets_the_tile_of_a_hidden_column(weir: &Weir) {
    for (client, status) in [("shop", 403), ("audit", 200)] {
        let token = weir.token("shipping", &rail(client)).await;
        let (found, answer) = weir.data("shipping", "tax", &token).await;
        assert_eq!(found, status, "{client}: {answer}");
    }
}

async fn nobody_sees_anything_without_the_attribute(weir: &Weir) {
    let nobody = Viewer {
        attributes: json!({}),
        ..rail("shop")
    };
    let token = weir.token("shipping", &nobody).await;
    let (status, answer) = weir.data("shipping", "totals", &token).await;
    assert_eq!(status, 403, "{answer}");
}

fn rail(client: &str) -> Viewer<'_> {
    Viewer {
        client,
        business_units: &[],
        attributes: json!({ "ship_mode": ["RAIL", "REG AIR"] }),
    }
}
