//! Computing ahead: the distinct questions of what was seen, and nothing that is nobody's.

use athena_sim::{Sim, SimConfig};
use weir_registry::{Actor, BudgetChange, BudgetScope, Limit, RequestId, Source};

use super::athena::over_content;
use crate::support::ask::{get, launch};
use crate::support::canaries::{Canaries, row};
use crate::support::lake;
use crate::support::world::{HOST, Plan, Who, World};

const SLUG: &str = "finance-overview";

async fn warmed(canaries: &Canaries) -> World {
    let plan: Plan = canaries.plan();
    World::build_changed(&plan, |text, _| {
        text.push_str("[prewarm]\nenabled = true\nat_once = 3\n");
    })
    .await
    .unwrap()
}

async fn opens(world: &World, who: &Who) {
    let token = world.token(who, SLUG);
    world.send(launch(SLUG, HOST, &token)).await.ok();
}

fn person(unit: &'static str, number: usize) -> Who {
    Who {
        name: format!("analyst-{unit}-{number}"),
        ..Who::analyst(unit)
    }
}

/// Another snapshot, found by Weir.
async fn arrive(world: &World, canaries: &Canaries) {
    let rows = [row("auto", "later", 5_000, Some(false), 10)];
    canaries.add("notes", "second", &rows);
    world.app.state().lake.look().await.unwrap();
}

async fn round(world: &World) {
    let prewarm = &world.app.state().prewarm;
    prewarm.round(&prewarm.ground()).await;
}

#[tokio::test]
async fn after_a_new_snapshot_everybody_seen_reads_new_data_from_the_cache() {
    let canaries = Canaries::new();
    let world = warmed(&canaries).await;
    for number in 0..5 {
        opens(&world, &person("auto", number)).await;
    }
    opens(&world, &Who::analyst("home")).await;
    arrive(&world, &canaries).await;

    round(&world).await;

    let before = world.reads().await.len();
    let token = world.token(&person("auto", 9), SLUG);
    let page = world.send(launch(SLUG, HOST, &token)).await.ok();
    opens(&world, &Who::analyst("home")).await;
    let reads = world.reads().await.split_off(before);
    assert!(page.text().contains("later"), "the newest data is shown");
    assert_eq!(reads.len(), 14, "six tiles and a sparkline each");
    assert!(
        reads.iter().all(|read| read.source == Source::Cache),
        "{reads:?}"
    );
    world.assert_chain().await;
}

#[tokio::test]
async fn a_question_is_computed_once_and_not_for_each_person() {
    let canaries = Canaries::new();
    let world = warmed(&canaries).await;
    for number in 0..5 {
        opens(&world, &person("auto", number)).await;
    }
    arrive(&world, &canaries).await;
    let governor = world.session(&Who::governor()).await;

    round(&world).await;

    let answer = world.send(get("/api/v1/prewarm").cookie(&governor)).await;
    let answer = answer.ok().json();
    assert_eq!(
        answer["views_remembered"], 1,
        "five people of one kind: {answer}"
    );
    // Six tiles and a sparkline; three of them ask the same, and the visits did not change.
    assert_eq!(answer["questions"], 5, "{answer}");
    assert_eq!((&answer["held"], &answer["warmed"]), (&1.into(), &4.into()));
    assert_eq!((&answer["failed"], &answer["left"]), (&0.into(), &0.into()));
    assert_eq!(answer["ended"], "2026-11-15T12:00:00Z");
}

#[tokio::test]
async fn what_is_superseded_is_left() {
    let canaries = Canaries::new();
    let world = warmed(&canaries).await;
    opens(&world, &Who::analyst("auto")).await;
    let prewarm = &world.app.state().prewarm;
    arrive(&world, &canaries).await;
    let old = prewarm.ground();
    canaries.add("notes", "third", &[row("auto", "last", 1, Some(false), 11)]);
    world.app.state().lake.look().await.unwrap();

    prewarm.round(&old).await;

    let coverage = prewarm.coverage();
    assert_eq!((coverage.warmed, coverage.failed), (0, 0), "{coverage:?}");
    assert_eq!(coverage.left, 4, "{coverage:?}");
}

#[tokio::test]
async fn a_lake_in_trouble_is_not_asked_on_and_on() {
    let canaries = Canaries::new();
    let world = warmed(&canaries).await;
    for unit in ["auto", "home"] {
        opens(&world, &Who::analyst(unit)).await;
    }
    arrive(&world, &canaries).await;
    canaries.lose("notes");

    round(&world).await;

    let coverage = world.app.state().prewarm.coverage();
    assert_eq!(coverage.warmed, 0, "{coverage:?}");
    assert!((5..=7).contains(&coverage.failed), "{coverage:?}");
    assert!(coverage.left > 0, "{coverage:?}");
}

#[tokio::test]
async fn where_nobody_looked_yet_the_sample_people_stand_for_everybody() {
    let world = World::build_changed(
        &Plan::over(crate::support::lake::sample().await),
        |text, _| text.push_str("[prewarm]\nenabled = true\n"),
    )
    .await
    .unwrap();

    round(&world).await;

    let coverage = world.app.state().prewarm.coverage();
    assert_eq!(coverage.views_remembered, 0);
    assert!(coverage.questions > 100, "{coverage:?}");
    assert_eq!(coverage.warmed, coverage.questions, "{coverage:?}");
    assert_eq!(
        world.reads().await,
        [],
        "warming is no read: nobody saw anything"
    );
    opens(&world, &Who::analyst("auto")).await;
    let reads = world.reads().await;
    assert!(
        reads.iter().all(|read| read.source == Source::Cache),
        "{reads:?}"
    );
}

#[tokio::test]
async fn it_is_off_where_answers_cost_nothing_unless_somebody_wants_it() {
    let canaries = Canaries::new();
    let world = World::build(&canaries.plan()).await.unwrap();
    opens(&world, &Who::analyst("auto")).await;
    let stop = tokio_util::sync::CancellationToken::new();

    world.app.keep_warm(stop).await;

    let coverage = world.app.state().prewarm.coverage();
    assert!(!coverage.enabled);
    assert_eq!((coverage.views_remembered, coverage.began), (0, None));
}

/// Two queries of 10 MB, the least that Athena bills, fit into 25 MB. Readers have budgets of their own.
#[tokio::test]
async fn warming_is_paid_by_a_budget_of_its_own_and_ends_with_it() {
    let config = SimConfig::instant(lake::sample().await);
    let sim = Sim::start(config).await.unwrap();
    let world = over_content(&sim, |_| ()).await.unwrap();
    let coverage = || world.app.state().prewarm.coverage();

    round(&world).await;
    assert!(coverage().enabled, "it is on where answers are billed");
    assert!(coverage().questions > 20, "{:?}", coverage());
    assert_eq!(sim.meter().queries, 0, "nobody agreed to pay for it");

    let change = BudgetChange {
        scope: BudgetScope::Prewarm,
        seen: None,
        by: Actor {
            issuer: "https://idp.example".to_owned(),
            sub: "governor-1".to_owned(),
            name: "Governor".to_owned(),
        },
        at: world.clock.now(),
        request: RequestId::parse("r-1").unwrap(),
    };
    let limit = Limit::new(Some(25_000_000), None).unwrap();
    let costs = world.app.state().registry.costs();
    costs.put(&change, limit).await.unwrap();
    round(&world).await;

    assert_eq!(coverage().warmed, 2, "{:?}", coverage());
    assert_eq!(sim.meter().billed_bytes, 20_000_000);
    let reached = coverage();
    let all = reached.held + reached.warmed + reached.failed + reached.left;
    assert_eq!(all, reached.questions, "{reached:?}");
    opens(&world, &Who::analyst("auto")).await;
    assert!(
        sim.meter().queries > 2,
        "a reader's page is not its business"
    );
}
