//! Tables as Glue tells of them: which snapshot is current, what drifted, and what a question will
//! take.

use std::sync::Arc;

use athena_sim::{Alteration, Sim, SimConfig};
use weir_engine::{AthenaEngine, LakeError, QueryEngine, Tables};
use weir_policy::DatasetName;
use weir_query::{Catalog, Dataset, Dialect, Snapshot};

use crate::support::{World, analyst, config, executive, sample, soon};

const TABLE: &str = "gold.statements";

fn snapshot(tables: &Tables) -> &Snapshot {
    let name = DatasetName::parse(TABLE).unwrap();
    tables.snapshots.get(&name).unwrap()
}

fn told(tables: &Tables) -> Vec<String> {
    tables.drift.iter().map(ToString::to_string).collect()
}

fn column(name: &str) -> String {
    name.to_owned()
}

/// The world after Glue says something else of its table.
async fn altered(alteration: Alteration) -> (World, Result<Tables, String>) {
    let world = World::new(|_| ()).await;
    world.sim.alter(TABLE, &alteration).await.unwrap();
    let tables = world.athena.tables().await;
    (world, tables.map_err(|error| error.code().to_owned()))
}

#[tokio::test]
async fn both_engines_know_the_same_snapshots() {
    let world = World::new(|_| ()).await;

    let athena = world.athena.tables().await.unwrap();

    assert_eq!(athena, world.embedded.tables().await.unwrap());
}

#[tokio::test]
async fn a_new_snapshot_is_found_and_the_one_before_can_still_be_estimated() {
    let (world, tables) = altered(Alteration::Commit).await;
    let old = world.tile("totals");

    let estimate = world.athena.estimate(&old).await.unwrap().unwrap();

    assert_ne!(snapshot(&tables.unwrap()).id, *old.scan().snapshot());
    assert!(estimate.files > 0);
}

#[tokio::test]
async fn a_dropped_a_retyped_and_an_added_column_are_told_by_name() {
    let retype = Alteration::RetypeColumn {
        column: column("legal_hold"),
        to: "string".to_owned(),
    };
    let (world, _) = altered(retype).await;
    for alteration in [
        Alteration::DropColumn {
            column: column("region"),
        },
        Alteration::AddColumn {
            column: column("extra"),
            of: "long".to_owned(),
        },
    ] {
        world.sim.alter(TABLE, &alteration).await.unwrap();
    }

    let tables = world.athena.tables().await.unwrap();

    assert_eq!(
        told(&tables),
        [
            "gold.statements: column `legal_hold` is declared boolean and is text in the table",
            "gold.statements: column `region` is not in the table",
            "gold.statements: the table has a column `extra` that is not declared",
        ]
    );
    let unreadable = snapshot(&tables).unreadable.iter();
    let unreadable: Vec<_> = unreadable.map(ToString::to_string).collect();
    assert_eq!(unreadable, ["legal_hold", "region"]);

    world.sim.alter(TABLE, &Alteration::Restore).await.unwrap();
    let healed = world.athena.tables().await.unwrap();
    assert_eq!(told(&healed), Vec::<String>::new());
}

#[tokio::test]
async fn what_drifted_before_the_start_stops_it() {
    let world = World::new(|_| ()).await;
    let dropped = Alteration::DropColumn {
        column: column("region"),
    };
    world.sim.alter(TABLE, &dropped).await.unwrap();

    let error = world.athena.reopen(&world.catalog).await.unwrap_err();

    assert!(matches!(error, LakeError::NoColumn { .. }), "{error}");
}

#[tokio::test]
async fn a_table_that_is_gone_or_no_iceberg_table_says_so() {
    for (alteration, word) in [
        (Alteration::Gone, "no table of this name"),
        (Alteration::NotIceberg, "not an Iceberg table"),
    ] {
        let (world, tables) = altered(alteration).await;

        assert_eq!(tables, Err("lake_unreachable".to_owned()));
        let error = world.athena.reopen(&world.catalog).await.unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        assert!(error.is_about_declarations());
    }
}

#[tokio::test]
async fn a_dataset_that_names_a_file_is_not_for_athena() {
    let sim = Sim::start(SimConfig::instant(sample().await))
        .await
        .unwrap();
    let text = "dataset: gold.statements\nlabel: { en: A, fr: B }\nsource: { parquet: a }\n\
                columns: { region: { type: text, label: { en: A, fr: B } } }";
    let dataset = Dataset::from_yaml("a.dataset.yaml", text).unwrap();
    let catalog = Catalog::build([dataset]).unwrap();

    let error = AthenaEngine::open(config(&sim), &catalog, None).await;

    let error = error.unwrap_err();
    assert!(matches!(error, LakeError::Elsewhere { .. }), "{error}");
}

/// F77 in part: what a budget is asked for is never less than what is billed.
#[tokio::test]
async fn f77_an_estimate_names_the_files_that_are_opened_and_no_less_than_is_billed() {
    let world = World::new(|_| ()).await;
    for subject in [executive(), analyst("auto"), analyst("travel")] {
        for tile in ["totals", "months", "five", "customers"] {
            let statement = world.statement(tile, &subject, Dialect::Athena);
            let same = world.statement(tile, &subject, Dialect::DataFusion);
            let opened = world.embedded.run(&same, soon()).await.unwrap();

            let estimate = world.athena.estimate(&statement).await.unwrap().unwrap();
            let answer = world.athena.run(&statement, soon()).await.unwrap();

            let execution = answer.execution;
            assert_eq!(estimate.files, opened.files_read, "{tile}");
            assert!(
                estimate.billed_bytes >= execution.billed_bytes,
                "{tile}: {estimate:?} {execution:?}"
            );
            assert!(
                estimate.scanned_bytes > 0 && estimate.scanned_bytes < 4 * execution.scanned_bytes,
                "{tile}: {estimate:?} {execution:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_estimate_asks_nobody() {
    let world = World::new(|_| ()).await;
    let statement = Arc::new(world.tile("totals"));
    let before = world.sim.calls();

    for _ in 0..20 {
        world.athena.estimate(&statement).await.unwrap();
    }

    assert_eq!(world.sim.calls(), before);
}
