//! Results in pages: the header once, every row, no call too many.

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
