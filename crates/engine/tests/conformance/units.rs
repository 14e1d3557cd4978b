//! Business units with workgroups and roles of their own.

use std::error::Error;
use std::iter::successors;
use std::time::Duration;

use athena_sim::{Effect, Fault, SimConfig};
use weir_engine::{AthenaConfig, Deadline, Lane, Profile, QueryContext, QueryEngine};
use weir_query::Principal;

use crate::support::{PATIENCE, World, booked, sample, soon, unit};

const ROLE: &str = "arn:aws:iam::123456789012:role/weir-auto";

fn with_auto(config: &mut AthenaConfig) {
    let profile = Profile {
        workgroup: "auto".to_owned(),
        role_arn: Some(ROLE.to_owned()),
    };
    config.units.insert(unit("auto"), profile);
}

async fn world() -> World {
    over(SimConfig::instant(sample().await)).await
}

async fn over(sim: SimConfig) -> World {
    let world = World::over(sim, with_auto).await;
    world
        .sim
        .set_workgroup(athena_sim::WorkGroup::governed("auto"));
    world
}

fn for_auto() -> QueryContext {
    QueryContext {
        unit: Some(unit("auto")),
        lane: Lane::Interactive,
        ..soon()
    }
}

#[tokio::test]
async fn a_unit_asks_in_its_workgroup_as_its_role_and_the_trail_says_so() {
    let world = world().await;
    let principal = world.athena.principal(Some(&unit("auto")));
    assert!(principal.is_some());
    let statement = world.tile("totals").asked_by(principal);

    world.athena.run(&statement, for_auto()).await.unwrap();

    let query = &world.sim.queries()[0];
    assert_eq!(query.workgroup, "auto");
    assert_eq!(query.principal.as_deref(), Some("weir-auto"));
    let roles = world.sim.assumed_roles();
    assert_eq!(roles.len(), 1, "{roles:?}");
    assert_eq!(roles[0].role_arn, ROLE);
    assert_eq!(roles[0].source_identity.as_deref(), Some("weir"));
    assert_eq!(roles[0].tags["business_unit"], "auto");
}

#[tokio::test]
async fn credentials_of_a_role_are_kept() {
    let world = world().await;
    let principal = world.athena.principal(Some(&unit("auto")));
    for tile in ["totals", "months", "five"] {
        let statement = world.tile(tile).asked_by(principal.clone());
        world.athena.run(&statement, for_auto()).await.unwrap();
    }

    assert_eq!(world.sim.calls()["sts:AssumeRole"].total, 1);
}

/// The SDK takes a session for over some seconds before it is, so that one of a second is never kept.
#[tokio::test]
async fn r5_credentials_of_a_role_are_renewed_and_a_refusal_is_an_error() {
    let mut config = SimConfig::instant(sample().await);
    config.session = Duration::from_secs(1);
    let world = over(config).await;
    let principal = world.athena.principal(Some(&unit("auto")));
    let statement = world.tile("totals").asked_by(principal);
    let assumed = || world.sim.calls()["sts:AssumeRole"].total;

    world.athena.run(&statement, for_auto()).await.unwrap();
    let once = assumed();
    world.athena.run(&statement, for_auto()).await.unwrap();
    let twice = assumed();
    let refusal = Fault::always(Effect::Deny).of_operation("sts:AssumeRole");
    world.sim.inject(refusal);
    let refused = world.athena.run(&statement, for_auto()).await;

    assert!(once < twice, "{once} calls, and then {twice}");
    let error = refused.unwrap_err();
    assert_eq!(error.code(), "engine_unavailable");
    let told = chain(&error);
    assert!(
        told.contains("AccessDenied"),
        "a log should say why: {told}"
    );
    for secret in ["a secret of", "a token of", "ASIA"] {
        assert!(!told.contains(secret), "{told}");
    }
    assert_eq!(world.sim.queries().len(), 2);
}

/// All that a log could show of an error.
fn chain(error: &(dyn Error + 'static)) -> String {
    let all = successors(Some(error), |&error| error.source());
    let told: Vec<_> = all.map(|error| format!("{error} {error:?}")).collect();
    told.join("\n")
}

#[tokio::test]
async fn everybody_else_asks_in_the_default_workgroup_as_nobody_in_particular() {
    let world = world().await;
    assert_eq!(world.athena.principal(Some(&unit("home"))), None);
    assert_eq!(world.athena.principal(None), None);

    let (context, _account) = booked(PATIENCE);
    world
        .athena
        .run(&world.tile("totals"), context)
        .await
        .unwrap();

    let query = &world.sim.queries()[0];
    assert_eq!(
        (query.workgroup.as_str(), &query.principal),
        ("primary", &None)
    );
}

#[tokio::test]
async fn a_units_statement_is_not_answered_for_another_unit() {
    let world = world().await;
    let for_auto_only = world.tile("totals").asked_by(Some(Principal::new(ROLE)));
    let home = QueryContext {
        unit: Some(unit("home")),
        ..QueryContext::unbooked(Deadline::after(PATIENCE))
    };

    let refused = world.athena.run(&for_auto_only, home).await.unwrap_err();
    let unasked = world
        .athena
        .run(&world.tile("totals"), for_auto())
        .await
        .unwrap_err();

    assert_eq!(refused.code(), "data_denied");
    assert_eq!(unasked.code(), "data_denied");
    assert_eq!(world.sim.queries(), []);
}

#[tokio::test]
async fn f10_the_same_question_of_two_roles_has_two_fingerprints() {
    let world = world().await;
    let statement = world.tile("totals");
    let as_auto = statement.clone().asked_by(Some(Principal::new(ROLE)));

    assert_ne!(statement.fingerprint(), as_auto.fingerprint());
}

/// The lake may tell their sessions apart by the tag with the unit's name.
#[tokio::test]
async fn f10_units_that_share_a_role_do_not_share_answers() {
    let world = World::new(|config| {
        with_auto(config);
        let same = config.units[&unit("auto")].clone();
        config.default.role_arn = same.role_arn.clone();
        config.units.insert(unit("home"), same);
    });
    let world = world.await;
    let asked_by = |name: &str| {
        let principal = world.athena.principal(Some(&unit(name)));
        world.tile("totals").asked_by(principal).fingerprint()
    };

    assert_ne!(asked_by("auto"), asked_by("home"));
    assert_ne!(asked_by("auto"), asked_by("travel"), "who has no role");
}
