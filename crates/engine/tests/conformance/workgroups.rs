//! What is found out about workgroups before anything is served.

use std::time::Duration;

use athena_sim::{Effect, Fault, WorkGroup};
use weir_engine::{Finding, Profile, QueryEngine, Ran, Severity};

use crate::support::{World, unit};

fn errors(findings: &[Finding]) -> Vec<&str> {
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.what.as_str()).collect()
}

/// What is found when the workgroup is `changed`.
async fn found(changed: impl FnOnce(&mut WorkGroup)) -> Vec<Finding> {
    let world = World::new(|_| ()).await;
    let mut group = WorkGroup::governed("primary");
    changed(&mut group);
    world.sim.set_workgroup(group);
    world.athena.check().await
}

fn only_error(findings: &[Finding], word: &str) {
    let errors = errors(findings);
    assert_eq!(errors.len(), 1, "{findings:?}");
    assert!(
        errors[0].contains(word),
        "{errors:?} should speak of `{word}`"
    );
    assert!(findings.iter().all(|finding| !finding.do_what.is_empty()));
}

#[tokio::test]
async fn a_workgroup_as_it_should_be_has_no_findings() {
    assert_eq!(found(|_| ()).await, []);
}

#[tokio::test]
async fn a_workgroup_that_enforces_nothing_is_an_error() {
    let findings =
        found(|group| group.configuration.enforce_work_group_configuration = Some(false));
    only_error(&findings.await, "enforce");
}

#[tokio::test]
async fn a_workgroup_without_a_limit_of_bytes_is_an_error() {
    let findings = found(|group| group.configuration.bytes_scanned_cutoff_per_query = None);
    only_error(&findings.await, "limit of bytes");
}

#[tokio::test]
async fn results_that_are_not_encrypted_are_an_error() {
    let findings = found(|group| {
        let results = group.configuration.result_configuration.as_mut();
        results.unwrap().encryption_configuration = None;
    });
    only_error(&findings.await, "encrypted");
}

#[tokio::test]
async fn results_without_a_place_are_an_error() {
    let findings = found(|group| {
        let results = group.configuration.result_configuration.as_mut();
        results.unwrap().output_location = None;
    });
    only_error(&findings.await, "location");
}

#[tokio::test]
async fn a_disabled_workgroup_is_an_error() {
    only_error(&found(|group| group.enabled = false).await, "disabled");
}

#[tokio::test]
async fn a_workgroup_that_is_not_there_is_an_error() {
    let world = World::new(|config| {
        let profile = Profile {
            workgroup: "nowhere".to_owned(),
            role_arn: None,
        };
        config.units.insert(unit("auto"), profile);
    })
    .await;

    let findings = world.athena.check().await;

    only_error(&findings, "read");
    assert_eq!(findings[0].workgroup, "nowhere");
}

#[tokio::test]
async fn managed_results_are_as_good_and_never_taken_again() {
    let world = World::new(|config| config.result_reuse = Some(Duration::from_mins(5))).await;
    world.sim.set_workgroup(WorkGroup::managed("primary"));

    let findings = world.athena.check().await;
    let first = world.run("totals").await.unwrap();
    let second = world.run("totals").await.unwrap();

    assert_eq!(errors(&findings), [""; 0]);
    assert_eq!(findings.len(), 1, "a note about reuse: {findings:?}");
    assert_eq!(first.rows, second.rows);
    assert_eq!(second.execution.ran, Ran::Athena);
}

#[tokio::test]
async fn health_asks_about_the_workgroup_once_in_a_while() {
    let world = World::new(|_| ()).await;

    for _ in 0..20 {
        world.athena.health().await.unwrap();
    }

    assert_eq!(world.sim.calls()["GetWorkGroup"].total, 1);
}

#[tokio::test]
async fn health_says_when_athena_is_gone() {
    let world = World::new(|_| ()).await;
    let gone = Fault::always(Effect::ServerError { status: 503 });
    world.sim.inject(gone.of_operation("GetWorkGroup"));

    let error = world.athena.health().await.unwrap_err();

    assert_eq!(error.code(), "engine_unavailable");
}

#[tokio::test]
async fn f35_a_statement_changes_nothing() {
    let world = World::new(|_| ()).await;
    for tile in ["totals", "months", "five", "customers", "everything"] {
        world.run(tile).await.unwrap();
    }

    let queries = world.sim.queries();
    assert_eq!(queries.len(), 5);
    assert!(queries.iter().all(|query| query.sql.starts_with("SELECT ")));
    let calls = world.sim.calls();
    let changing = ["Create", "Update", "Delete", "s3:Put", "s3:Delete"];
    let changes = calls
        .keys()
        .filter(|name| changing.iter().any(|change| name.starts_with(change)));
    assert_eq!(changes.count(), 0, "{calls:?}");
}
