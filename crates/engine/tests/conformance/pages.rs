//! Results in pages: the header once, every row, no call too many.

use athena_sim::{Effect, Fault};

use crate::support::World;

#[tokio::test]
async fn the_header_is_left_out_once_and_no_row_is_lost_between_pages() {
    let world = World::new(|_| ()).await;

    let answer = world.run("everything").await.unwrap();

    let rows = answer.rows.rows();
    assert_eq!(rows.len(), 5_000);
    let mut keys: Vec<String> = rows.iter().map(|row| format!("{:?}", &row[..5])).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 5_000, "a row came twice");
    // 5,001 rows and the header, a thousand at a time.
    assert_eq!(world.sim.calls()["GetQueryResults"].total, 6);
}

#[tokio::test]
async fn a_small_answer_takes_one_page() {
    let world = World::new(|_| ()).await;

    world.run("totals").await.unwrap();

    assert_eq!(world.sim.calls()["GetQueryResults"].total, 1);
}

#[tokio::test]
async fn r3_pages_that_lead_back_to_themselves_are_no_answer() {
    for (after, calls) in [(0, 2), (1, 2), (4, 5)] {
        let world = World::new(|_| ()).await;
        let fault = Fault::always(Effect::SamePage).of_operation("GetQueryResults");
        world.sim.inject(Fault { after, ..fault });

        let error = world.run("everything").await.unwrap_err();

        assert_eq!(error.code(), "engine_unavailable");
        let asked = world.sim.calls()["GetQueryResults"].total;
        assert_eq!(asked, calls, "after {after} pages in order");
    }
}
