//! Laws of the port, for each engine.

use std::time::Duration;

use weir_engine::{Deadline, Ended, QueryContext, QueryEngine};
use weir_query::{Cell, Dialect, Principal, Statement};

use crate::support::{World, analyst, booked, executive, soon};

const TILES: [&str; 5] = ["totals", "months", "five", "customers", "everything"];

/// The same cell, where sums of floating point numbers may differ in the last digits.
pub(crate) fn alike(one: &Cell, two: &Cell) -> bool {
    match (one, two) {
        (Cell::Double(one), Cell::Double(two)) => (one - two).abs() <= 1e-9 * one.abs().max(1.0),
        (one, two) => one == two,
    }
}

async fn rows(engine: &dyn QueryEngine, statement: &Statement) -> (Vec<Vec<Cell>>, bool) {
    let answer = engine.run(statement, soon()).await;
    let answer = answer.unwrap_or_else(|error| panic!("{error:?} of {}", statement.text()));
    (answer.rows.rows().to_vec(), answer.rows.is_truncated())
}

#[tokio::test]
async fn engines_give_the_same_rows_to_the_same_people() {
    let world = World::new(|_| ()).await;
    for subject in [executive(), analyst("auto"), analyst("travel")] {
        for tile in TILES {
            let ask = |dialect| world.statement(tile, &subject, dialect);
            let embedded = rows(&world.embedded, &ask(Dialect::DataFusion)).await;
            let athena = rows(&world.athena, &ask(Dialect::Athena)).await;

            assert!(!embedded.0.is_empty(), "`{tile}` should have rows");
            assert_eq!(embedded.0.len(), athena.0.len(), "rows of `{tile}`");
            assert_eq!(embedded.1, athena.1, "truncation of `{tile}`");
            for (one, two) in embedded.0.iter().zip(&athena.0) {
                let equal = one.len() == two.len() && one.iter().zip(two).all(|(a, b)| alike(a, b));
                assert!(equal, "`{tile}`: {one:?} is not {two:?}");
            }
        }
    }
}

#[tokio::test]
async fn engines_find_the_same_snapshots() {
    let world = World::new(|_| ()).await;

    let athena = world.athena.tables().await.unwrap();

    assert_eq!(athena.snapshots, world.snapshots);
    assert_eq!(athena.drift, []);
}

#[tokio::test]
async fn statements_for_another_engine_are_refused() {
    let world = World::new(|_| ()).await;
    for (engine, foreign) in world
        .engines()
        .into_iter()
        .zip([Dialect::Athena, Dialect::DataFusion])
    {
        let statement = world.statement("totals", &executive(), foreign);
        let error = engine.run(&statement, soon()).await.unwrap_err();

        assert_eq!(error.code(), "wrong_dialect", "{engine:?}");
    }
    assert_eq!(world.sim.queries(), []);
}

#[tokio::test]
async fn nothing_begins_after_the_deadline() {
    let world = World::new(|_| ()).await;
    for engine in world.engines() {
        let statement = world.statement("totals", &executive(), engine.dialect());
        let late = QueryContext::unbooked(Deadline::after(Duration::ZERO));
        let error = engine.run(&statement, late).await.unwrap_err();

        assert_eq!(error.code(), "deadline", "{engine:?}");
    }
    assert_eq!(world.sim.queries(), []);
}

#[tokio::test]
async fn a_tile_carries_its_limit_of_rows_and_says_that_there_were_more() {
    let world = World::new(|_| ()).await;
    for engine in world.engines() {
        let statement = world.statement("everything", &executive(), engine.dialect());
        let (rows, truncated) = rows(engine, &statement).await;

        assert_eq!(rows.len(), 5_000, "{engine:?}");
        assert!(truncated, "{engine:?}");
    }
}

#[tokio::test]
async fn a_limit_that_was_asked_for_is_no_truncation() {
    let world = World::new(|_| ()).await;
    for engine in world.engines() {
        let statement = world.statement("five", &executive(), engine.dialect());
        let (rows, truncated) = rows(engine, &statement).await;

        assert_eq!((rows.len(), truncated), (3, false), "{engine:?}");
    }
}

#[tokio::test]
async fn what_a_run_came_to_is_booked_once_and_equals_its_answer() {
    let world = World::new(|_| ()).await;
    for engine in world.engines() {
        let statement = world.statement("totals", &executive(), engine.dialect());
        let (context, booked) = booked(crate::support::PATIENCE);
        let answer = engine.run(&statement, context).await.unwrap();
        let execution = booked.settled().await.expect("nothing was booked");

        assert_eq!(execution, answer.execution);
        assert_eq!(execution.outcome, Ended::Succeeded);
        assert!(execution.scanned_bytes > 0, "{engine:?} read nothing");
    }
}

#[tokio::test]
async fn a_statement_for_a_role_that_is_not_the_units_is_refused() {
    let world = World::new(|_| ()).await;
    let statement = world.tile("totals");
    let foreign = statement.asked_by(Some(Principal::new("arn:aws:iam::1:role/other")));

    let error = world.athena.run(&foreign, soon()).await.unwrap_err();

    assert_eq!(error.code(), "data_denied");
    assert_eq!(world.sim.queries(), []);
}

#[tokio::test]
async fn masked_values_are_the_same_on_both_engines_and_the_key_is_in_no_text() {
    let world = World::new(|_| ()).await;
    let (rows, _) = rows(&world.athena, &world.tile("customers")).await;

    let Cell::Text(masked) = &rows[0][0] else {
        panic!("not a text: {:?}", rows[0][0])
    };
    assert_eq!(masked.len(), 16, "`{masked}` is not a masked value");
    let history = world.sim.queries();
    assert!(!history.is_empty());
    let key = "07".repeat(32);
    assert!(history.iter().all(|query| !query.sql.contains(&key)));
}
