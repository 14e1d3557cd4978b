//! Turns are given while tokens last, so every queue here has plenty of them.

use std::task::Poll;

use futures::future::BoxFuture;
use futures::{FutureExt, poll};

use super::*;

fn queue(cap: u32) -> Queue {
    Queue::new(cap, Arc::new(Pace::new(1_000, 100_000)))
}

fn unit(name: &str) -> BusinessUnit {
    BusinessUnit::parse(name).unwrap()
}

/// Somebody of `name` who waits, and stands in line already.
async fn waits(queue: &Queue, name: &str, lane: Lane, place: Place) -> BoxFuture<'static, Slot> {
    let (queue, unit) = (queue.clone(), unit(name));
    let turn = async move { queue.turn(Some(&unit), lane, place).await.unwrap() };
    let mut turn = turn.boxed();
    assert!(poll!(&mut turn).is_pending(), "{name} should have to wait");
    turn
}

async fn slot(queue: &Queue, name: &str, lane: Lane) -> Slot {
    let unit = unit(name);
    queue.turn(Some(&unit), lane, Place::Last).await.unwrap()
}

async fn has_turn(turn: &mut BoxFuture<'static, Slot>) -> Option<Slot> {
    match poll!(turn) {
        Poll::Ready(slot) => Some(slot),
        Poll::Pending => None,
    }
}

/// Lets one query end after the other, and says in which order the waiters had their turns.
async fn order(first: Slot, mut waiting: Vec<(&'static str, BoxFuture<'static, Slot>)>) -> String {
    let mut order = Vec::new();
    let mut current = first;
    while !waiting.is_empty() {
        drop(current);
        let mut next = None;
        for (at, (_, turn)) in waiting.iter_mut().enumerate() {
            if let Some(slot) = has_turn(turn).await {
                assert!(next.is_none(), "two turns for one slot");
                next = Some((at, slot));
            }
        }
        let (at, slot) = next.expect("nobody had a turn");
        order.push(waiting.remove(at).0);
        current = slot;
    }
    order.join(" ")
}

#[tokio::test]
async fn units_take_turns_however_long_one_units_line_is() {
    let queue = queue(1);
    let first = slot(&queue, "home", Lane::Interactive).await;
    let mut waiting = Vec::new();
    for (label, name) in [
        ("a1", "auto"),
        ("a2", "auto"),
        ("a3", "auto"),
        ("h1", "home"),
        ("l1", "life"),
    ] {
        waiting.push((
            label,
            waits(&queue, name, Lane::Interactive, Place::Last).await,
        ));
    }

    assert_eq!(order(first, waiting).await, "a1 h1 l1 a2 a3");
}

#[tokio::test]
async fn whoever_waits_before_a_screen_goes_first() {
    let queue = queue(1);
    let first = slot(&queue, "home", Lane::Interactive).await;
    let waiting = vec![
        (
            "warm1",
            waits(&queue, "auto", Lane::Background, Place::Last).await,
        ),
        (
            "warm2",
            waits(&queue, "auto", Lane::Background, Place::Last).await,
        ),
        (
            "reader",
            waits(&queue, "auto", Lane::Interactive, Place::Last).await,
        ),
    ];

    assert_eq!(order(first, waiting).await, "reader warm1 warm2");
}

#[tokio::test]
async fn work_nobody_waits_for_leaves_half_of_the_room() {
    let queue = queue(4);
    let _one = slot(&queue, "auto", Lane::Background).await;
    let _two = slot(&queue, "auto", Lane::Background).await;

    let mut third = waits(&queue, "auto", Lane::Background, Place::Last).await;
    let _reader = slot(&queue, "auto", Lane::Interactive).await;

    assert!(has_turn(&mut third).await.is_none());
}

#[tokio::test]
async fn who_leaves_the_queue_takes_no_slot() {
    let queue = queue(1);
    let first = slot(&queue, "auto", Lane::Interactive).await;
    let gone = waits(&queue, "auto", Lane::Interactive, Place::Last).await;
    let mut stays = waits(&queue, "auto", Lane::Interactive, Place::Last).await;

    drop(gone);
    drop(first);

    assert!(has_turn(&mut stays).await.is_some());
}

#[tokio::test]
async fn a_turn_that_nobody_takes_up_is_given_on() {
    let queue = queue(1);
    let first = slot(&queue, "auto", Lane::Interactive).await;
    let gone = waits(&queue, "auto", Lane::Interactive, Place::Last).await;
    let mut stays = waits(&queue, "auto", Lane::Interactive, Place::Last).await;

    // The turn is given, and its owner leaves before looking.
    drop(first);
    drop(gone);

    assert!(has_turn(&mut stays).await.is_some());
}

#[tokio::test]
async fn who_was_sent_back_stands_first_in_its_units_line() {
    let queue = queue(1);
    let first = slot(&queue, "home", Lane::Interactive).await;
    let waiting = vec![
        (
            "second",
            waits(&queue, "auto", Lane::Interactive, Place::Last).await,
        ),
        (
            "sent back",
            waits(&queue, "auto", Lane::Interactive, Place::First).await,
        ),
    ];

    assert_eq!(order(first, waiting).await, "sent back second");
}

#[tokio::test]
async fn a_full_athena_makes_the_room_smaller() {
    let queue = queue(3);
    let one = slot(&queue, "auto", Lane::Interactive).await;
    let _two = slot(&queue, "auto", Lane::Interactive).await;
    let refused = slot(&queue, "auto", Lane::Interactive).await;

    queue.crowded();
    drop(refused);
    let mut next = waits(&queue, "auto", Lane::Interactive, Place::First).await;
    assert!(
        has_turn(&mut next).await.is_none(),
        "two are active, as many as Athena takes"
    );
    drop(one);

    assert!(has_turn(&mut next).await.is_some());
}

#[tokio::test]
async fn a_larger_share_lets_more_start_at_once() {
    let queue = queue(1);
    let _one = slot(&queue, "auto", Lane::Interactive).await;
    let mut two = waits(&queue, "auto", Lane::Interactive, Place::Last).await;

    queue.set_cap(2);

    assert!(has_turn(&mut two).await.is_some());
}
