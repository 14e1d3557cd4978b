use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;
use weir_query::ResultSet;

use super::*;
use crate::service::query_cache::{Entry, Origin};

fn fetched() -> Fetched {
    let entry = Entry {
        rows: ResultSet::new(Vec::new(), Vec::new(), false),
        bytes_read: 7,
        billed_bytes: 0,
        computed_at: chrono::DateTime::UNIX_EPOCH,
    };
    Fetched {
        entry: Arc::new(entry),
        origin: Origin::Engine,
    }
}

/// Says when it was dropped before its end.
struct Stopped(Arc<AtomicBool>);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A computation that ends when it is told to, and how to see that it was stopped.
fn computation() -> (
    oneshot::Sender<Outcome>,
    Arc<AtomicBool>,
    impl Future<Output = Outcome> + Send + 'static,
) {
    let (end, ended) = oneshot::channel();
    let stopped = Arc::new(AtomicBool::new(false));
    let guard = Stopped(Arc::clone(&stopped));
    let work = async move {
        let _guard = guard;
        ended.await.unwrap_or(Err(FetchError::BrokenOff))
    };
    (end, stopped, work)
}

fn key() -> &'static str {
    "one fingerprint"
}

/// Longer than any test.
const PATIENT: Duration = Duration::from_hours(1);

async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn all_who_ask_at_the_same_time_wait_for_one_computation() {
    let flights = Flights::new(PATIENT);
    let (end, _, work) = computation();
    let (first, began) = flights.begin(key(), || work);
    assert!(began);
    let unused = || async { panic!("computed twice") };
    let (second, began) = flights.begin(key(), unused);
    assert!(!began);
    let third = flights.join(&key()).unwrap();

    end.send(Ok(fetched())).unwrap();

    for waiter in [first, second, third] {
        assert_eq!(waiter.outcome().await.unwrap().entry.bytes_read, 7);
    }
    until(|| flights.join(&key()).is_none()).await;
}

#[tokio::test]
async fn what_the_last_waiter_left_is_stopped() {
    let flights = Flights::new(Duration::ZERO);
    let (_end, stopped, work) = computation();
    let (first, _) = flights.begin(key(), || work);
    let second = flights.join(&key()).unwrap();

    drop(first);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!stopped.load(Ordering::SeqCst), "somebody waits");

    drop(second);
    until(|| stopped.load(Ordering::SeqCst)).await;
    assert!(flights.join(&key()).is_none());
}

#[tokio::test]
async fn whoever_comes_back_in_time_finds_it_still_running() {
    let flights = Flights::new(PATIENT);
    let (end, stopped, work) = computation();
    let (first, _) = flights.begin(key(), || work);
    drop(first);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }

    let again = flights.join(&key()).unwrap();

    assert!(!stopped.load(Ordering::SeqCst));
    end.send(Ok(fetched())).unwrap();
    assert!(again.outcome().await.is_ok());
}

#[tokio::test]
async fn an_error_is_told_to_all_and_kept_for_nobody() {
    let flights = Flights::new(PATIENT);
    let (end, _, work) = computation();
    let (first, _) = flights.begin(key(), || work);
    let second = flights.join(&key()).unwrap();

    end.send(Err(FetchError::BrokenOff)).unwrap();

    assert!(first.outcome().await.is_err());
    assert!(second.outcome().await.is_err());
    until(|| flights.join(&key()).is_none()).await;
    let (again, began) = flights.begin(key(), || async { Ok(fetched()) });
    assert!(began);
    assert!(again.outcome().await.is_ok());
}

#[tokio::test]
async fn a_computation_that_panics_leaves_nobody_waiting() {
    let flights = Flights::new(PATIENT);
    let (waiter, _) = flights.begin(key(), || async { panic!("on purpose") });

    let outcome = waiter.outcome().await;

    assert!(matches!(outcome, Err(FetchError::BrokenOff)));
    until(|| flights.join(&key()).is_none()).await;
}
