//! Columns are who their field id says they are, wherever they stand and whatever they are called:
//! a reader that goes by place hands out one column's values, and another unit's rows.

use std::fs;

use serde_json::{Value, json};

use crate::answers::assert_same;
use crate::support::{beside, run_python, run_weir};
use crate::weir::{Deployment, Viewer, Weir};

const CLIENT: &str = r#"
[[embed.clients]]
id = "shop"
dashboards = ["evolved"]
business_units = ["online", "stores"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_were_moved_renamed_and_added_keep_their_values_and_their_policy() {
    let dir = tempfile::tempdir().unwrap();
    let lake = dir.path().join("lake");
    run_python(&beside("evolved.py"), &["make", lake.to_str().unwrap()]);
    let dashboards = dir.path().join("dashboards");
    fs::create_dir_all(dashboards.join("datasets")).unwrap();
    let said = run_weir(&["lake", "inspect", lake.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_str(&said).unwrap();
    let printed = report["dataset_yaml"][0].as_str().unwrap();
    fs::write(dashboards.join("datasets/evolved.dataset.yaml"), printed).unwrap();
    let dashboard = beside("evolved/dashboards/evolved.dashboard.yaml");
    fs::copy(dashboard, dashboards.join("evolved.dashboard.yaml")).unwrap();
    let weir = Weir::start(&Deployment {
        lake: &lake,
        policies: &beside("evolved/policies"),
        dashboards: &dashboards,
        clients: CLIENT,
        issuer: "http://127.0.0.1:9",
    })
    .await;

    let online = Viewer {
        client: "shop",
        business_units: &["online"],
        attributes: json!({}),
    };
    let token = weir.token("evolved", &online).await;
    let expected = run_python(&beside("evolved.py"), &["answers"]);
    let expected: Value = serde_json::from_str(&expected).unwrap();

    for (tile, wanted) in expected.as_object().unwrap() {
        let answer = weir.tile("evolved", tile, &token).await;
        assert_same(tile, &answer, wanted);
    }
}
