use weir_engine::EngineError;

use super::*;

const PATIENCE: Duration = Duration::from_secs(7);

fn nobody() -> Payer {
    (None, None)
}

fn failure() -> FetchError {
    EngineError::Deadline.into()
}

fn seconds(many: u64) -> Duration {
    Duration::from_secs(many)
}

#[test]
fn a_failure_is_trouble_until_something_is_answered_or_half_a_minute_is_over() {
    let (mut known, start) = (Known::default(), Instant::now());
    assert!(!known.is_in_trouble(start, PATIENCE));

    known.learn(start, nobody(), Some(&failure()));
    assert!(known.is_in_trouble(start, PATIENCE));
    known.learn(start + seconds(1), nobody(), None);
    assert!(!known.is_in_trouble(start + seconds(1), PATIENCE));

    known.learn(start + seconds(2), nobody(), Some(&failure()));
    assert!(known.is_in_trouble(start + seconds(31), PATIENCE));
    assert!(!known.is_in_trouble(start + seconds(32), PATIENCE));
}

#[test]
fn a_question_that_is_itself_at_fault_is_no_trouble() {
    let (mut known, start) = (Known::default(), Instant::now());

    known.learn(start, nobody(), Some(&EngineError::OutOfRange.into()));

    assert!(!known.is_in_trouble(start, PATIENCE));
}

#[test]
fn an_engine_that_hangs_is_in_trouble_and_one_that_answers_others_is_not() {
    let (mut known, start) = (Known::default(), Instant::now());
    known.running.insert(1, start);
    assert!(!known.is_in_trouble(start + PATIENCE, PATIENCE));
    let late = start + PATIENCE + seconds(1);
    assert!(known.is_in_trouble(late, PATIENCE));

    known.learn(late, nobody(), None);
    assert!(!known.is_in_trouble(late, PATIENCE), "others are answered");

    known.running.clear();
    known.running.insert(2, late + seconds(1));
    assert!(known.is_in_trouble(late + seconds(9), PATIENCE));
}

#[test]
fn an_engine_in_trouble_is_tried_now_and_then() {
    let (mut known, start) = (Known::default(), Instant::now());

    assert!(known.may_try(start));
    assert!(!known.may_try(start + seconds(4)));
    assert!(known.may_try(start + TRIED_EVERY));
}
