//! Weir over Athena: the configuration, the same answers as over a folder, tables that drift, and
//! workgroups that nothing is served through. Athena is the simulator, over the sample lake.

use std::collections::BTreeMap;

use athena_sim::{Alteration, Effect, Fault, Running, Sim, SimConfig, WorkGroup};
use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use weir_policy::DatasetName;
use weir_server::app::StartError;

use crate::support::ask::{get, launch};
use crate::support::lake;
use crate::support::replicas::until;
use crate::support::world::{HOST, Plan, Who, World};

async fn sim() -> Running {
    let config = SimConfig::instant(lake::sample().await);
    Sim::start(config).await.unwrap()
}

async fn over(sim: &Running) -> Result<World, StartError> {
    over_content(sim, |_| ()).await
}

/// The repository's content as `change` leaves it, over the simulator.
pub(crate) async fn over_content(
    sim: &Running,
    change: impl FnOnce(&mut Plan),
) -> Result<World, StartError> {
    over_configured(sim, change, |_| ()).await
}

/// The same, with a change of the configuration too; its last table is `[athena]`.
pub(crate) async fn over_configured(
    sim: &Running,
    change: impl FnOnce(&mut Plan),
    configure: impl FnOnce(&mut String),
) -> Result<World, StartError> {
    let mut plan = Plan::over(lake::sample().await);
    change(&mut plan);
    World::build_changed(&plan, |text, _| {
        // Glue knows where the tables are.
        let folder = format!("dir = \"{}\"\n", plan.lake.display());
        assert!(text.contains(&folder));
        *text = text.replace(&folder, "");
        let athena = format!(
            "\n[engine]\nkind = \"athena\"\n[athena]\nregion = \"ca-central-1\"\n\
             workgroup = \"primary\"\nendpoint = \"{}\"\n",
            sim.url()
        );
        text.push_str(&athena);
        configure(text);
    })
    .await
}

/// Every tile that somebody may see, as data.
async fn everything(world: &World, who: &Who) -> Vec<(String, u16, Value)> {
    let session = world.session(who).await;
    let mut all = Vec::new();
    for (slug, tiles, _) in world.dashboards() {
        for tile in tiles {
            let path = format!("/api/v1/dashboards/{slug}/tiles/{tile}/data");
            let answer = world.send(get(&path).cookie(&session)).await;
            let body = answer.json();
            let rows = serde_json::json!([body["columns"], body["rows"], body["snapshots"]]);
            all.push((path, answer.status.as_u16(), rows));
        }
    }
    all
}

#[tokio::test]
async fn everybody_reads_the_same_from_athena_as_from_the_folder() {
    let sim = sim().await;
    let athena = over(&sim).await.unwrap();
    let embedded = World::of_the_sample_lake().await;

    for who in [
        Who::analyst("auto"),
        Who::broker(),
        Who::exec(),
        Who::newcomer(),
    ] {
        let (one, other) = (
            everything(&athena, &who).await,
            everything(&embedded, &who).await,
        );
        for (one, other) in one.iter().zip(&other) {
            assert_eq!(one, other, "{}", who.name);
        }
        assert_eq!(one.len(), other.len());
    }
    assert!(sim.meter().queries > 30, "{:?}", sim.meter());
}

/// Two meters that share no line of code: Weir's ledger and the simulator's.
#[tokio::test]
async fn the_ledger_agrees_with_the_meter_to_the_byte_query_by_query() {
    let sim = sim().await;
    let world = over(&sim).await.unwrap();
    for who in [Who::analyst("auto"), Who::broker(), Who::exec()] {
        everything(&world, &who).await;
    }
    let meter = sim.meter();
    let state = world.app.state();
    let (from, to) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);

    let mut booked = Vec::new();
    for _ in 0..10_000 {
        state.dashboards.cache.ledger().flush().await.unwrap();
        let costs = state.registry.costs();
        booked = costs.executions(from, to, 10_000).await.unwrap();
        if booked.len() as u64 >= meter.queries {
            break;
        }
        tokio::task::yield_now().await;
    }

    let of_ledger: BTreeMap<String, u64> = booked
        .iter()
        .filter_map(|entry| Some((entry.execution.as_ref()?.to_string(), entry.billed_bytes)))
        .collect();
    assert!(meter.billed_bytes > 0);
    assert_eq!(of_ledger, meter.by_execution);
    let billed: u64 = booked.iter().map(|entry| entry.billed_bytes).sum();
    assert_eq!(billed, meter.billed_bytes);
}

#[tokio::test]
async fn a_column_that_glue_does_not_tell_of_any_more_withholds_what_needs_it() {
    let sim = sim().await;
    let world = over(&sim).await.unwrap();
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let dropped = Alteration::DropColumn {
        column: "region".to_owned(),
    };

    sim.alter("gold.statements", &dropped).await.unwrap();
    world.app.state().lake.look().await.unwrap();

    let page = world
        .send(launch("finance-overview", HOST, &token))
        .await
        .ok();
    let withheld = page.text().matches("data-state=\"withheld\"").count();
    let ready = page.text().matches("data-state=\"ready\"").count();
    assert!(
        withheld > 0 && ready > 0,
        "{withheld} withheld, {ready} ready"
    );
}

#[tokio::test]
async fn a_glue_that_fails_in_part_or_in_whole_takes_nothing_away() {
    let sim = sim().await;
    let world = over(&sim).await.unwrap();
    let lake = &world.app.state().lake;
    let known = lake.snapshots.current();
    let glue = |fault: Fault| sim.inject(fault.of_operation("glue:GetTable"));
    let whole = async |who: Who| {
        let token = world.token(&who, "finance-overview");
        let page = world.send(launch("finance-overview", HOST, &token)).await;
        let page = page.ok();
        for state in ["withheld", "error", "pending"] {
            let state = format!("data-state=\"{state}\"");
            assert!(!page.text().contains(&state), "{state}");
        }
    };

    glue(Fault::next(1, Effect::Deny));
    lake.look().await.unwrap();
    assert_eq!(lake.snapshots.current(), known, "one table was not told of");
    whole(Who::analyst("auto")).await;
    glue(Fault::always(Effect::Deny));
    lake.look().await.unwrap_err();
    assert_eq!(lake.snapshots.current(), known, "no table was");
    whole(Who::analyst("home")).await;

    sim.clear_faults();
    sim.alter("gold.statements", &Alteration::Commit)
        .await
        .unwrap();
    lake.look().await.unwrap();
    assert_ne!(lake.snapshots.current(), known);
    whole(Who::analyst("life")).await;
}

/// Somebody expires the snapshot that is shown. Whoever asks next must not run into the same for as
/// long as it takes until the tables are looked at anyway.
#[tokio::test]
async fn a_snapshot_that_is_gone_is_resolved_anew_at_once() {
    let sim = sim().await;
    let seldom = |text: &mut String| {
        let hourly = "snapshot_refresh_ms = 3600000\n";
        *text = text.replace("snapshot_refresh_ms = 1\n", hourly);
        assert!(text.contains(hourly));
    };
    let world = over_configured(&sim, |_| (), seldom).await.unwrap();
    let dataset = DatasetName::parse("gold.statements").unwrap();
    let snapshots = &world.app.state().lake.snapshots;
    let current = || snapshots.current().get(&dataset).unwrap().id.clone();
    let before = current();
    let token = world.token(&Who::analyst("auto"), "finance-overview");
    let mut dashboards = world.dashboards().into_iter();
    let (slug, tiles, _) = dashboards
        .find(|(slug, ..)| slug == "finance-overview")
        .unwrap();
    let path = format!("/api/v1/dashboards/{slug}/tiles/{}/data", tiles[0]);
    let ask = || world.send(get(&path).bearer(&token));
    let stop = CancellationToken::new();

    sim.alter("gold.statements", &Alteration::Commit)
        .await
        .unwrap();
    sim.inject(Fault::always(Effect::Fail {
        category: 2,
        error_type: 1302,
        retryable: false,
        message: String::new(),
    }));
    let asks = async {
        let lost = ask().await;
        sim.clear_faults();
        until(|| current() != before).await;
        stop.cancel();
        (lost, ask().await)
    };
    let ((), (lost, found)) = tokio::join!(world.app.follow_snapshots(stop.clone()), asks);

    assert_eq!(lost.status.as_u16(), 503);
    assert_eq!(lost.problem(), "engine-unavailable");
    let found = found.ok().json();
    assert_eq!(
        found["snapshots"]["gold.statements"],
        current().to_string(),
        "{found}"
    );
}

#[tokio::test]
async fn a_workgroup_whose_limits_anybody_could_go_around_stops_the_start() {
    let sim = sim().await;
    let mut group = WorkGroup::governed("primary");
    group.configuration.enforce_work_group_configuration = Some(false);
    sim.set_workgroup(group);

    let error = over(&sim).await.unwrap_err();

    assert!(matches!(error, StartError::Workgroups(_)), "{error:?}");
    assert!(error.to_string().contains("workgroup `primary`"), "{error}");
}

#[tokio::test]
async fn processes_of_one_registry_count_each_other() {
    let sim = sim().await;
    let first = over(&sim).await.unwrap();
    let crew = &first.app.state().crew;
    crew.beat().await.unwrap();
    assert_eq!(crew.live(), 1);

    let other = weir_registry::ProcessId::new([9; 16]);
    let fleet = first.app.state().registry.fleet();
    fleet.beat(other, first.clock.now()).await.unwrap();
    crew.beat().await.unwrap();
    assert_eq!(crew.live(), 2);

    first.clock.advance(chrono::TimeDelta::minutes(1));
    crew.beat().await.unwrap();
    assert_eq!(crew.live(), 1, "who is not heard of is gone");
}
