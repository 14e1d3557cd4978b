//! Exports: all rows, in one order, on both engines; and nothing of them stays in S3.

use std::sync::Arc;
use std::time::Duration;

use athena_sim::{Effect, Fault, Sim, SimConfig, State, WorkGroup};
use weir_engine::{
    AthenaEngine, Deadline, EmbeddedEngine, Ended, EngineError, Export, Held, LakeConfig, MaskKey,
    QueryContext, QueryEngine,
};
use weir_policy::{PolicySet, Revision, document, resolve};
use weir_query::{
    Catalog, Cell, Dashboard, Dataset, Dialect, Locked, Statement, compile, compile_export,
};

use crate::laws::alike;
use crate::support::{PATIENCE, World, analyst, booked, config, executive, sample, soon, until};

/// All rows of an export, and whether there were more.
fn rows(export: Result<Export, EngineError>) -> (Vec<Vec<Cell>>, bool) {
    let export = export.unwrap_or_else(|error| panic!("{error:?}"));
    let (promised, truncated) = (export.rows(), export.is_truncated());
    let mut rows = Vec::new();
    for batch in export {
        let batch = batch.unwrap();
        assert!(batch.rows().len() <= 8_192, "a batch is small");
        rows.extend(batch.rows().to_vec());
    }
    assert_eq!(rows.len(), promised);
    (rows, truncated)
}

fn same(one: &[Vec<Cell>], two: &[Vec<Cell>]) {
    assert_eq!(one.len(), two.len());
    for (one, two) in one.iter().zip(two) {
        let equal = one.len() == two.len() && one.iter().zip(two).all(|(a, b)| alike(a, b));
        assert!(equal, "{one:?} is not {two:?}");
    }
}

fn failing(error_type: i32) -> Effect {
    Effect::Fail {
        category: 2,
        error_type,
        retryable: false,
        message: "as asked for".to_owned(),
    }
}

/// All rows of `everything`, for Athena.
fn everything(world: &World) -> Statement {
    world.export("everything", &executive(), Dialect::Athena)
}

#[tokio::test]
async fn engines_export_the_same_rows_in_the_same_order() {
    let world = World::new(|_| ()).await;
    for subject in [executive(), analyst("auto")] {
        for tile in ["totals", "months", "five", "customers", "everything"] {
            let ask = |dialect| world.export(tile, &subject, dialect);
            let statement = ask(Dialect::DataFusion);
            let (embedded, cut) = rows(world.embedded.export(&statement, soon()).await);
            let statement = ask(Dialect::Athena);
            let (athena, also) = rows(world.athena.export(&statement, soon()).await);

            assert!(!embedded.is_empty(), "`{tile}` should have rows");
            assert_eq!((cut, also), (false, false), "`{tile}`");
            same(&embedded, &athena);
        }
    }
}

#[tokio::test]
async fn an_export_begins_with_the_rows_of_its_tile_and_goes_on_where_that_is_cut() {
    let world = World::new(|_| ()).await;
    for engine in world.engines() {
        let dialect = engine.dialect();
        let shown = world.statement("everything", &executive(), dialect);
        let shown = engine.run(&shown, soon()).await.unwrap().rows;
        let all = world.export("everything", &executive(), dialect);

        let (rows, truncated) = rows(engine.export(&all, soon()).await);

        assert!(shown.is_truncated() && !truncated);
        assert!(rows.len() > 5_000, "{} rows", rows.len());
        same(shown.rows(), &rows[..5_000]);
    }
}

#[tokio::test]
async fn what_an_export_came_to_is_booked_once_as_it_is_billed() {
    let world = World::new(|_| ()).await;
    for engine in world.engines() {
        let statement = world.export("everything", &executive(), engine.dialect());
        let (context, account) = booked(PATIENCE);

        let export = engine.export(&statement, context).await.unwrap();

        let execution = account.settled().await.expect("nothing was booked");
        assert_eq!(&execution, export.execution());
        assert_eq!(execution.outcome, Ended::Succeeded);
        assert!(execution.scanned_bytes > 0, "{engine:?} read nothing");
        assert_eq!(execution.billed_bytes, world.sim.meter().billed_bytes);
    }
}

#[tokio::test]
async fn athena_is_asked_to_unload_the_vetted_text_and_nothing_stays_in_s3() {
    let world = World::new(|_| ()).await;
    let statement = everything(&world);

    for _ in 0..2 {
        world.athena.export(&statement, soon()).await.unwrap();
    }

    let queries = world.sim.queries();
    let [one, two] = queries.as_slice() else {
        panic!("not two queries: {queries:?}")
    };
    let begin = format!(
        "UNLOAD ({}) TO 's3://athena-results/primary/weir-exports/",
        statement.text()
    );
    assert!(one.sql.starts_with(&begin), "{}", one.sql);
    let end = "/' WITH (format = 'PARQUET', compression = 'ZSTD')";
    assert!(one.sql.ends_with(end), "{}", one.sql);
    assert_ne!(one.sql, two.sql, "each has a prefix of its own");
    assert!(
        world.sim.calls()["s3:GetObject"].total >= 4,
        "files were read"
    );
    assert_eq!(world.sim.objects(), [""; 0]);
}

#[tokio::test]
async fn an_export_that_fails_leaves_nothing_and_costs_nothing() {
    let world = World::new(|_| ()).await;
    world.sim.inject(Fault::next(1, failing(1001)));
    let (context, account) = booked(PATIENCE);

    let error = world.athena.export(&everything(&world), context).await;

    assert_eq!(error.unwrap_err().code(), "computation_failed");
    assert_eq!(account.settled().await.unwrap().billed_bytes, 0);
    assert_eq!(world.sim.objects(), [""; 0]);
}

#[tokio::test]
async fn a_second_attempt_finds_its_prefix_empty() {
    let world = World::new(|_| ()).await;
    // Athena fails when the files are already there.
    world.sim.inject(Fault::next(1, failing(1400)));

    let (rows, _) = rows(world.athena.export(&everything(&world), soon()).await);

    assert!(rows.len() > 5_000);
    assert_eq!(world.sim.queries().len(), 2);
    assert_eq!(world.sim.objects(), [""; 0]);
}

#[tokio::test]
async fn an_export_that_nobody_waits_for_is_stopped_booked_and_cleared_away() {
    let world = World::new(|_| ()).await;
    world.sim.inject(Fault::next(1, Effect::Hang));
    let world = Arc::new(world);
    let (context, account) = booked(PATIENCE);
    let running = {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.athena.export(&everything(&world), context).await })
    };
    until("the query runs", || world.sim.queries().len() == 1).await;

    running.abort();
    let execution = account.settled().await.expect("it was started");

    assert_eq!(execution.outcome, Ended::Cancelled);
    assert_eq!(world.sim.queries()[0].state, State::Cancelled);
    assert_eq!(execution.billed_bytes, world.sim.meter().billed_bytes);
    until("its place is looked at", || {
        world.sim.calls().contains_key("s3:ListObjectsV2")
    })
    .await;
    assert_eq!(world.sim.objects(), [""; 0]);
}

#[tokio::test]
async fn files_that_cannot_be_read_are_removed_all_the_same() {
    let world = World::new(|_| ()).await;
    let broken = Fault::always(Effect::ServerError { status: 503 });
    world.sim.inject(broken.of_operation("s3:GetObject"));

    let error = world.athena.export(&everything(&world), soon()).await;

    assert_eq!(error.unwrap_err().code(), "engine_unavailable");
    assert_eq!(world.sim.objects(), [""; 0]);
}

#[tokio::test]
async fn r4_files_that_break_off_or_never_come_are_no_export_and_nothing_stays() {
    let never = Effect::SlowResponse { ms: 60_000 };
    for (effect, patience, code) in [
        (Effect::LostResponse, PATIENCE, "engine_unavailable"),
        (never, Duration::from_secs(2), "deadline"),
    ] {
        let world = World::new(|_| ()).await;
        let fault = Fault::always(effect).of_operation("s3:GetObject");
        world.sim.inject(fault);
        let (context, account) = booked(patience);

        let error = world.athena.export(&everything(&world), context).await;

        assert_eq!(error.unwrap_err().code(), code);
        let execution = account.settled().await.expect("it was started");
        assert_eq!(execution.outcome, Ended::Succeeded, "it is paid for");
        let asked = world.sim.calls().contains_key("s3:GetObject");
        assert!(asked, "{code}: no file was asked for");
        until("nothing stays", || world.sim.objects().is_empty()).await;
    }
}

#[tokio::test]
async fn results_that_athena_keeps_itself_are_no_place_for_an_export() {
    let world = World::new(|_| ()).await;
    world.sim.set_workgroup(WorkGroup::managed("primary"));

    let error = world.athena.export(&everything(&world), soon()).await;

    assert_eq!(error.unwrap_err().code(), "no_export_place");
    assert_eq!(world.sim.queries(), []);
}

#[tokio::test]
async fn exports_are_not_shown_and_tiles_are_not_exported() {
    let world = World::new(|_| ()).await;
    for engine in world.engines() {
        let shown = world.statement("totals", &executive(), engine.dialect());
        let export = world.export("totals", &executive(), engine.dialect());
        let foreign = match engine.dialect() {
            Dialect::Athena => Dialect::DataFusion,
            Dialect::DataFusion => Dialect::Athena,
        };
        let foreign = world.export("totals", &executive(), foreign);
        let late = QueryContext::unbooked(Deadline::after(Duration::ZERO));

        let codes = [
            engine.run(&export, soon()).await.unwrap_err().code(),
            engine.export(&shown, soon()).await.unwrap_err().code(),
            engine.export(&foreign, soon()).await.unwrap_err().code(),
            engine.export(&export, late).await.unwrap_err().code(),
        ];

        let refused = "statement_refused";
        assert_eq!(codes, [refused, refused, "wrong_dialect", "deadline"]);
    }
    assert_eq!(world.sim.queries(), []);
}

const METRICS: &str = "
dataset: gold.agg_daily_metrics
label: { en: Metrics, fr: Indicateurs }
columns:
  metric_date: { type: date, label: { en: Day, fr: Jour } }
  business_unit: { type: text, label: { en: Unit, fr: Unité } }
  metric_type: { type: text, label: { en: Metric, fr: Indicateur } }
  dimension_value: { type: text, label: { en: Value, fr: Valeur } }
  metric_value: { type: 'decimal(14,2)', label: { en: Amount, fr: Montant } }
  metric_count: { type: integer, label: { en: Count, fr: Nombre } }
  computed_at: { type: timestamp, label: { en: Computed, fr: Calculé } }
dimensions:
  day: { column: metric_date, label: { en: Day, fr: Jour } }
  unit: { column: business_unit, label: { en: Unit, fr: Unité } }
  value: { column: dimension_value, label: { en: Value, fr: Valeur } }
  computed: { column: computed_at, label: { en: Computed, fr: Calculé } }
measures:
  premium:
    sum: metric_value
    only: { metric_type: written_premium }
    label: { en: Premium, fr: Prime }
    format: { currency: CAD }
  count: { sum: metric_count, label: { en: Count, fr: Nombre }, format: integer }
  claims:
    sum: metric_value
    only: { metric_type: claims_count }
    label: { en: Claims, fr: Sinistres }
    format: { currency: CAD }
  ratio:
    ratio: { of: premium, to: claims }
    label: { en: Ratio, fr: Rapport }
    format: percent
";

const EACH: &str = "
dashboard: metrics
title: { en: Metrics, fr: Indicateurs }
subtitle: { en: Metrics, fr: Indicateurs }
tiles:
  - id: each
    title: { en: Each, fr: Chacun }
    dataset: gold.agg_daily_metrics
    chart: table
    width: 12
    by: [computed, day, unit, value]
    measures: [premium, count, ratio]
    order: { by: premium, direction: descending }
";

/// Every row of the metrics, with a column of every type.
fn metrics(catalog: &Catalog, dialect: Dialect, snapshots: &weir_query::SnapshotSet) -> Statement {
    let tiles = Dashboard::from_yaml("metrics.dashboard.yaml", EACH, catalog).unwrap();
    let bound = tiles.bind(&Locked::new(), &[], chrono::NaiveDate::MIN);
    let question = tiles.tiles()[0].question(&bound.unwrap());
    let schema = question.dataset().schema().clone();
    let rules = "dataset: gold.agg_daily_metrics\nrules:\n  - { id: all, permit: all }\n";
    let policy = document::policy_from_yaml("p.policy.yaml", rules, &schema).unwrap();
    let policies = PolicySet::build(Revision::new(1), vec![policy]).unwrap();
    let grant = Arc::new(resolve(&policies, &executive(), &schema).unwrap());
    let query = question.under(&grant).unwrap();
    let snapshot = snapshots.get(schema.name()).unwrap();
    assert_ne!(
        compile(&query, dialect, snapshot).fingerprint(),
        compile_export(&query, dialect, snapshot).fingerprint()
    );
    compile_export(&query, dialect, snapshot)
}

#[tokio::test]
async fn days_moments_decimals_doubles_and_nulls_are_exported_alike() {
    let dataset = Dataset::from_yaml("metrics.dataset.yaml", METRICS).unwrap();
    let catalog = Catalog::build([dataset]).unwrap();
    let dir = sample().await;
    let sim = Sim::start(SimConfig::instant(dir.clone())).await.unwrap();
    let lake = LakeConfig { dir };
    let embedded = EmbeddedEngine::open(&lake, &catalog, MaskKey::new([7; 32]));
    let embedded = embedded.await.unwrap();
    let athena = AthenaEngine::open(config(&sim), &catalog, None)
        .await
        .unwrap();
    let snapshots = embedded.tables().await.unwrap().snapshots;

    let statement = metrics(&catalog, Dialect::DataFusion, &snapshots);
    let (expected, _) = rows(embedded.export(&statement, soon()).await);
    let statement = metrics(&catalog, Dialect::Athena, &snapshots);
    let (exported, _) = rows(athena.export(&statement, soon()).await);

    same(&expected, &exported);
    assert!(exported.len() > 1_000, "{} rows", exported.len());
    let some = |kind: fn(&Cell) -> bool| exported.iter().flatten().any(kind);
    assert!(some(|cell| matches!(cell, Cell::Timestamp(_))));
    assert!(some(|cell| matches!(cell, Cell::Date(_))));
    assert!(some(|cell| matches!(cell, Cell::Decimal(_))));
    assert!(some(|cell| matches!(cell, Cell::Double(_))));
    assert!(some(|cell| matches!(cell, Cell::Null)));
    assert_eq!(exported.last().unwrap()[4], Cell::Null, "NULLs come last");
}

/// Invariant of whoever counts exports: the place is free when the rows are gone, not before.
#[tokio::test]
async fn what_is_lent_to_an_export_is_given_back_with_its_rows() {
    let world = World::new(|_| ()).await;
    for engine in world.engines() {
        let statement = world.export("everything", &executive(), engine.dialect());
        let place = Arc::new(());
        let lent = || QueryContext {
            held: Held::of(Arc::clone(&place)),
            ..soon()
        };

        let export = engine.export(&statement, lent()).await.unwrap();

        assert!(Arc::strong_count(&place) > 1, "the rows are there");
        drop(export);
        let is_free = || Arc::strong_count(&place) == 1;
        until("the place is free", is_free).await;

        let leaving = tokio::time::timeout(Duration::from_millis(20), async {
            drop(engine.export(&statement, lent()).await);
        });
        // In time or not.
        let _ = leaving.await;
        until("the place of whoever left is free", is_free).await;
    }
}
