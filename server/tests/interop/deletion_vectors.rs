//! A table whose deleted rows would come back is refused before anything is served.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{beside, free_ports, run_python, run_weir, weir_binary};
use crate::weir::{Deployment, write_config};

#[test]
fn weir_does_not_start_over_a_table_with_deletion_vectors_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let lake = dir.path().join("lake");
    run_python(&beside("deletion_vectors.py"), &[&lake]);
    let said = run_weir(&["lake", "inspect", lake.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_str(&said).unwrap();
    let dashboards = dir.path().join("dashboards");
    fs::create_dir_all(dashboards.join("datasets")).unwrap();
    let printed = report["dataset_yaml"][0].as_str().unwrap();
    fs::write(dashboards.join("datasets/sales.dataset.yaml"), printed).unwrap();
    let [port] = free_ports();
    let deployment = Deployment {
        lake: &lake,
        policies: &beside("parquet_folder/policies"),
        dashboards: &dashboards,
        clients: "",
        issuer: "http://127.0.0.1:9",
    };
    let config = write_config(dir.path(), &format!("http://127.0.0.1:{port}"), &deployment);

    let ended = Command::new(weir_binary())
        .arg("serve")
        .arg("--config")
        .arg(config)
        .output();

    let ended = ended.unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(
        report["tables"][0]["refusal"]
            .as_str()
            .unwrap()
            .contains("deletion vectors")
    );
    for part in [
        "gold.sales",
        "format v3 table with deletion vectors",
        "rewrite it without them",
    ] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}
