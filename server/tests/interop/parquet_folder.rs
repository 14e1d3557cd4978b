//! A plain folder of Parquet files as a table: its version is its listing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{beside, run_python, run_weir};
use crate::weir::{Deployment, Viewer, Weir};

/// How long a new file may stay unseen; the listing is read twenty times a second.
const PATIENCE: Duration = Duration::from_mins(1);

const CLIENT: &str = r#"
[[embed.clients]]
id = "shop"
dashboards = ["sales"]
business_units = ["online", "stores"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_put_into_a_served_parquet_folder_is_a_new_version_with_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("sales");
    add(&folder, "one", 1, 10);
    let dashboards = dir.path().join("dashboards");
    declare(&folder, &dashboards);
    let weir = Weir::start(&Deployment {
        lake: dir.path(),
        policies: &beside("parquet_folder/policies"),
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
    let token = weir.token("sales", &online).await;

    let before = weir.tile("sales", "amount", &token).await;
    add(&folder, "two", 11, 20);
    let changed = tokio::time::timeout(PATIENCE, async {
        loop {
            let now = weir.tile("sales", "amount", &token).await;
            if now["rows"] != before["rows"] {
                return now;
            }
        }
    });
    let after = changed.await.expect("the new file must be seen");

    // 1.25 times the sum of 1 to 10, and of 1 to 20, without the multiples of three.
    assert_eq!(before["rows"], json!([["46.25", 7]]));
    assert_eq!(after["rows"], json!([["183.75", 14]]));
    let (old, new) = (version(&before), version(&after));
    assert!(
        !old.is_empty() && !new.is_empty() && old != new,
        "{old} then {new}"
    );
}

fn add(folder: &Path, name: &str, first: u32, last: u32) {
    let (first, last) = (first.to_string(), last.to_string());
    let arguments = [folder.to_str().unwrap(), name, &first, &last];
    run_python(&beside("parquet_folder.py"), &arguments);
}

/// What `weir lake inspect` prints of the folder, with the path as an author would write it.
fn declare(folder: &Path, dashboards: &Path) {
    let said = run_weir(&["lake", "inspect", folder.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["tables"][0]["format"], "parquet");
    let printed = report["dataset_yaml"][0].as_str().unwrap();
    let absolute = format!(
        "source: {{ parquet: \"{}\" }}",
        fs::canonicalize(folder).unwrap().display()
    );
    assert!(printed.contains(&absolute), "{printed}");
    fs::create_dir_all(dashboards.join("datasets")).unwrap();
    let text = printed.replace(&absolute, "source: { parquet: sales }");
    fs::write(dashboards.join("datasets/sales.dataset.yaml"), text).unwrap();
    let dashboard = beside("parquet_folder/dashboards/sales.dashboard.yaml");
    fs::copy(dashboard, dashboards.join("sales.dashboard.yaml")).unwrap();
}

fn version(answer: &Value) -> &str {
    answer["snapshots"]["gold.sales"].as_str().unwrap()
}
