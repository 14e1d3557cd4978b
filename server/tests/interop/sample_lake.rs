//! "Each number shown equals the one computed straight from the Parquet files by an independent
//! reader": every tile of the four sample dashboards, for one unit, two units and all seven.

use serde_json::{Value, json};
use weir_engine::lake::seed::{SeedPlan, seed};

use crate::answers::assert_same;
use crate::support::{beside, repository, run_python};
use crate::weir::{Deployment, MASK_KEY, Viewer, Weir};

const ALL_UNITS: [&str; 7] = [
    "auto",
    "home",
    "life",
    "travel",
    "commercial",
    "group_benefits",
    "wealth",
];

const CRM: &str = r#"
[[embed.clients]]
id = "crm"
dashboards = ["finance-overview", "claims-operations", "risk-exposure", "daily-metrics"]
business_units = ["auto", "home", "life", "travel", "commercial", "group_benefits", "wealth"]
roles = ["analyst"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_tile_shows_the_numbers_an_independent_reader_computes() {
    let lake = tempfile::tempdir().unwrap();
    let plan = SeedPlan {
        dir: lake.path().join("lake"),
        rows: 260_000,
        seed: 7,
    };
    seed(&plan, &|_| ()).await.unwrap();
    let (policies, dashboards) = (repository("policies"), repository("dashboards"));
    let weir = Weir::start(&Deployment {
        lake: &plan.dir,
        policies: &policies,
        dashboards: &dashboards,
        clients: CRM,
        issuer: "http://127.0.0.1:9",
    })
    .await;

    let mut compared = Vec::new();
    for units in [&["auto"][..], &["auto", "home"], &ALL_UNITS] {
        let mut arguments = vec![plan.dir.to_str().unwrap(), MASK_KEY];
        arguments.extend(units);
        let expected = run_python(&beside("sample_lake.py"), &arguments);
        let expected: Value = serde_json::from_str(&expected).unwrap();
        compared.push(compare(&weir, units, &expected).await);
    }

    let all = tiles_in(&dashboards);
    assert_eq!(
        compared,
        [all, all, all],
        "every tile of every dashboard was compared"
    );
}

/// Compares every expected tile and says how many there were.
async fn compare(weir: &Weir, units: &[&str], expected: &Value) -> usize {
    let viewer = Viewer {
        client: "crm",
        business_units: units,
        attributes: json!({}),
    };
    let mut compared = 0;
    for (dashboard, tiles) in expected.as_object().unwrap() {
        let token = weir.token(dashboard, &viewer).await;
        for (tile, wanted) in tiles.as_object().unwrap() {
            let answer = weir.tile(dashboard, tile, &token).await;
            assert_same(
                &format!("{dashboard}/{tile} for {units:?}"),
                &answer,
                wanted,
            );
            compared += 1;
        }
    }
    compared
}

fn tiles_in(dashboards: &std::path::Path) -> usize {
    let files = std::fs::read_dir(dashboards)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let texts = files
        .filter(|path| path.is_file())
        .map(|path| std::fs::read_to_string(path).unwrap());
    texts.map(|text| text.matches("\n  - id: ").count()).sum()
}
