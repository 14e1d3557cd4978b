//! `weir doctor --config`: what would keep the engine from serving, before it does.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use weir_engine::MaskKey;
use weir_server::config::ContentConfig;
use weir_server::service::examine::{Finding, Weight, examine};
use weir_server::service::lake::Lake;

use crate::support::canaries::Canaries;

async fn examined(canaries: &Canaries) -> Vec<Finding> {
    let lake = Lake::embedded(canaries.path("lake"), MaskKey::new([7; 32]));
    let content = ContentConfig {
        policies: canaries.path("policies"),
        dashboards: canaries.path("dashboards"),
    };
    examine(&content, &lake).await
}

#[tokio::test]
async fn where_all_is_well_nothing_is_found() {
    assert_eq!(examined(&Canaries::new()).await, []);
}

#[tokio::test]
async fn every_dataset_is_looked_at_whatever_the_others_have() {
    let canaries = Canaries::new();
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1; 35]));
    canaries.change_column("notes", "extra", Some(numbers));
    canaries.change_column("visits", "place", None);

    let found = examined(&canaries).await;

    let told: Vec<_> = found
        .iter()
        .map(|one| (one.about.as_str(), one.severity))
        .collect();
    assert_eq!(
        told,
        [
            ("dataset gold.notes", Weight::Note),
            ("dataset gold.visits", Weight::Error),
        ]
    );
    assert!(found[0].says.contains("`extra` that is not declared"));
    assert!(found[1].says.contains("the table has no column `place`"));
    assert!(found[1].change.contains("bring it back into the table"));
}

#[tokio::test]
async fn a_content_that_cannot_be_read_is_a_finding_too() {
    let canaries = Canaries::new();
    canaries.edit(
        "policies/notes.policy.yaml",
        "dataset: gold.notes\nrules: 7\n",
    );

    let found = examined(&canaries).await;

    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].about, "content");
    assert!(found[0].says.contains("notes.policy.yaml"), "{found:?}");
}
