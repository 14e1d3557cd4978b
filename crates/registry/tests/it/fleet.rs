use weir_registry::ProcessId;

use crate::support::{Database, World, at};

on_both_databases! {
    every_live_process_is_counted_once_however_often_it_beats,
    a_process_that_is_not_heard_of_is_counted_no_more,
    a_process_that_leaves_is_gone_at_once,
    processes_that_beat_at_the_same_time_all_count,
}

fn process(number: u8) -> ProcessId {
    ProcessId::new([number; 16])
}

async fn every_live_process_is_counted_once_however_often_it_beats(database: Database) {
    let world = World::new(database).await;
    let fleet = world.registry.fleet();

    assert_eq!(fleet.beat(process(1), at(0)).await.unwrap(), 1);
    assert_eq!(fleet.beat(process(1), at(10)).await.unwrap(), 1);
    assert_eq!(fleet.beat(process(2), at(12)).await.unwrap(), 2);
    assert_eq!(fleet.beat(process(1), at(20)).await.unwrap(), 2);
}

async fn a_process_that_is_not_heard_of_is_counted_no_more(database: Database) {
    let world = World::new(database).await;
    let fleet = world.registry.fleet();
    fleet.beat(process(1), at(0)).await.unwrap();

    assert_eq!(fleet.beat(process(2), at(39)).await.unwrap(), 2);
    assert_eq!(fleet.beat(process(2), at(40)).await.unwrap(), 1);
    assert_eq!(
        fleet.beat(process(1), at(41)).await.unwrap(),
        2,
        "who comes back counts again"
    );
}

async fn a_process_that_leaves_is_gone_at_once(database: Database) {
    let world = World::new(database).await;
    let fleet = world.registry.fleet();
    fleet.beat(process(1), at(0)).await.unwrap();
    fleet.beat(process(2), at(0)).await.unwrap();

    fleet.leave(process(1)).await.unwrap();
    fleet.leave(process(3)).await.unwrap();

    assert_eq!(fleet.beat(process(2), at(1)).await.unwrap(), 1);
}

async fn processes_that_beat_at_the_same_time_all_count(database: Database) {
    let world = World::new(database).await;
    let mut beats = tokio::task::JoinSet::new();
    for number in 0..20 {
        let fleet = world.registry.fleet().clone();
        beats.spawn(async move { fleet.beat(process(number), at(0)).await.unwrap() });
    }
    let most = beats.join_all().await.into_iter().max();

    assert_eq!(most, Some(20));
}
