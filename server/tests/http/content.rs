//! A mistake in what authors write is named, with its place and the nearest right word, and nothing
//! is served (invariant 2; failures F22, F29, F32, F34).

use std::error::Error;
use std::fs;

use http::StatusCode;

use crate::support::ask::{get, launch};
use crate::support::canaries::{Canaries, dataset, policy};
use crate::support::world::{HOST, Who, World};

/// Why a world of this content does not start: the whole chain of causes.
async fn refusal(canaries: &Canaries) -> String {
    let error = World::build(&canaries.plan())
        .await
        .map(|_| ())
        .unwrap_err();
    let first: &(dyn Error + 'static) = &error;
    let mut causes = Vec::new();
    let mut next = Some(first);
    while let Some(error) = next {
        causes.push(error.to_string());
        next = error.source();
    }
    causes.join(": ")
}

/// Changes one file and demands that the refusal has all the words.
async fn refused(file: &str, text: &str, words: &[&str]) {
    let canaries = Canaries::new();
    canaries.edit(file, text);
    let refusal = refusal(&canaries).await;
    for word in words {
        assert!(refusal.contains(word), "{word:?} is not in: {refusal}");
    }
}

#[tokio::test]
async fn f29_a_broken_policy_stops_weir_and_is_named() {
    let file = "policies/notes.policy.yaml";
    let good = policy("notes");
    let cases = [
        (
            good.replace("permit: all", "permitt: all"),
            vec!["permitt", "permit"],
        ),
        (
            good.replace("legal_hold", "legal_holt"),
            vec!["legal_holt", "legal_hold"],
        ),
        (
            good.replace("business_units }", "business_unit }"),
            vec!["business_unit"],
        ),
        (good.replace("{ eq: true }", "{ eq: 1 }"), vec!["boolean"]),
        (
            good.replace("gold.notes", "gold.note"),
            vec!["gold.note", "gold.notes"],
        ),
        (
            good.replace("id: litigation-hold", "id: bu-own-rows"),
            vec!["bu-own-rows"],
        ),
        (format!("{good}\n  - [\n"), vec![]),
    ];
    for (text, words) in cases {
        refused(
            file,
            &text,
            &[&["notes.policy.yaml"], words.as_slice()].concat(),
        )
        .await;
    }
}

#[tokio::test]
async fn a_broken_dataset_stops_weir_and_is_named() {
    let file = "dashboards/datasets/notes.dataset.yaml";
    let good = dataset("notes");
    let cases = [
        (
            good.replace("sum: amount", "sum: amont"),
            vec!["amont", "amount"],
        ),
        (
            good.replace("decimal(12,2)", "decimel(12,2)"),
            vec!["decimel"],
        ),
        (good.replace("grain: month", "grain: monht"), vec!["month"]),
        (good.replace("time: day", "tme: day"), vec!["tme", "time"]),
    ];
    for (text, words) in cases {
        refused(
            file,
            &text,
            &[&["notes.dataset.yaml"], words.as_slice()].concat(),
        )
        .await;
    }
}

#[tokio::test]
async fn a_dataset_that_does_not_fit_its_table_stops_weir() {
    let file = "dashboards/datasets/notes.dataset.yaml";
    let with_more = dataset("notes").replace(
        "  legal_hold:",
        "  colour: { type: text, label: { en: Colour, fr: Couleur } }\n  legal_hold:",
    );
    refused(file, &with_more, &["gold.notes", "colour"]).await;
    let of_another_type = dataset("notes").replace("\"decimal(12,2)\"", "integer");
    refused(file, &of_another_type, &["gold.notes", "amount"]).await;
}

#[tokio::test]
async fn f32_a_broken_dashboard_stops_weir_and_is_named() {
    let canaries = Canaries::new();
    let file = "dashboards/finance-overview.dashboard.yaml";
    let good = fs::read_to_string(canaries.path(file)).unwrap();
    let cases = [
        (
            good.replacen("measures: [amount]", "measures: [amout]", 1),
            vec!["amout", "amount"],
        ),
        (
            good.replacen("by: [place]", "by: [plaice]", 1),
            vec!["plaice", "place"],
        ),
        (good.replacen("chart: donut", "chart: pie", 1), vec!["pie"]),
        (good.replacen("id: share", "id: total", 1), vec!["total"]),
        (
            good.replace("dataset: gold.visits", "dataset: gold.visit"),
            vec!["gold.visit", "gold.visits"],
        ),
        (
            good.replacen("column: place", "column: plase", 1),
            vec!["plase", "place"],
        ),
        (
            good.replacen("subtitle:", "sql: SELECT 1\nsubtitle:", 1),
            vec!["sql"],
        ),
    ];
    for (text, words) in cases {
        refused(
            file,
            &text,
            &[&["finance-overview.dashboard.yaml"], words.as_slice()].concat(),
        )
        .await;
    }
}

#[tokio::test]
async fn f34_a_policy_without_a_decision_table_is_refused() {
    let canaries = Canaries::new();
    fs::remove_file(canaries.path("policies/notes.test.yaml")).unwrap();
    let refusal = refusal(&canaries).await;
    assert!(
        refusal.contains("gold.notes") && refusal.contains("test.yaml"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_policy_that_decides_otherwise_than_its_table_is_refused_with_the_case() {
    let file = "policies/notes.policy.yaml";
    let wider = policy("notes").replace(
        "permit: { business_unit: { in: subject.business_units } }",
        "permit: all",
    );
    let words = ["notes.test.yaml", "a newcomer sees nothing"];
    refused(file, &wider, &words).await;
}

#[tokio::test]
async fn a_dataset_declared_in_two_files_is_refused() {
    refused(
        "dashboards/datasets/again.dataset.yaml",
        &dataset("notes"),
        &["gold.notes", "two files"],
    )
    .await;
}

#[tokio::test]
async fn f34_a_dataset_without_a_policy_is_nobodys() {
    let canaries = Canaries::new();
    fs::remove_file(canaries.path("policies/visits.policy.yaml")).unwrap();
    fs::remove_file(canaries.path("policies/visits.test.yaml")).unwrap();
    let world = World::build(&canaries.plan()).await.unwrap();
    for who in [Who::exec(), Who::analyst("auto")] {
        let token = world.token(&who, "finance-overview");
        let page = world
            .send(launch("finance-overview", HOST, &token))
            .await
            .ok();
        assert!(
            page.text()
                .contains("data-tile=\"visits\" data-state=\"withheld\"")
        );
        assert_eq!(page.text().matches("data-state=\"ready\"").count(), 5);
        let data = "/api/v1/dashboards/finance-overview/tiles/visits/data";
        let answer = world.send(get(data).bearer(&token)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.problem(), "withheld");
    }
    assert!(
        world
            .reads()
            .await
            .iter()
            .all(|read| read.tile.as_str() != "visits")
    );
}
