//! One workgroup, asked as one role: everything that belongs to a profile.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_athena::config::http::HttpResponse;
use aws_sdk_athena::error::{ProvideErrorMetadata, SdkError};
use hmac::Hmac;
use hmac::digest::KeyInit;
use sha2::Sha256;
use weir_policy::BusinessUnit;

use super::config::{AthenaConfig, Quotas};
use super::failure::Trouble;
use super::pace::{Pace, jittered};
use super::watch::Watch;
use crate::aws::{Access, Aws};

/// The oldest result that Athena can take again, in minutes.
const OLDEST_REUSE: u64 = 7 * 24 * 60;
/// How often a call that changes nothing, or the same however often, is repeated.
const REPEATS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// What AWS allows of calls about workgroups; few are made.
const CONTROL_RATE: u32 = 5;
const CONTROL_BURST: u32 = 10;

/// The paces of all calls. They are the account's, so all doors share them.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) starts: Arc<Pace>,
    pub(super) stops: Pace,
    pub(super) polls: Pace,
    pub(super) batches: Pace,
    pub(super) pages: Pace,
    pub(super) control: Pace,
    /// Queries that somebody watches.
    pub(super) in_flight: AtomicUsize,
}

/// The way to Athena for one profile.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) access: Access,
    pub(super) workgroup: String,
    pub(super) catalog: String,
    /// What tokens of starts are made with. It prints nothing of its key.
    pub(super) idempotency: Hmac<Sha256>,
    pub(super) limits: Arc<Limits>,
    pub(super) watch: Arc<Watch>,
    reuse: Option<i32>,
    /// Athena keeps the results itself, and then gives no old ones.
    managed: AtomicBool,
}

impl Limits {
    pub(super) fn new(quotas: Quotas) -> Self {
        let polls = || Pace::new(quotas.polls_per_second, quotas.poll_burst);
        let starts = || Pace::new(quotas.starts_per_second, quotas.start_burst);
        Self {
            starts: Arc::new(starts()),
            stops: starts(),
            polls: polls(),
            pages: polls(),
            batches: Pace::new(quotas.batch_polls_per_second, quotas.batch_burst()),
            control: Pace::new(CONTROL_RATE, CONTROL_BURST),
            in_flight: AtomicUsize::new(0),
        }
    }

    /// How many calls were refused as too many.
    pub(super) fn refused(&self) -> u64 {
        let shared = [
            &self.stops,
            &self.polls,
            &self.batches,
            &self.pages,
            &self.control,
        ];
        let shared = shared.into_iter().map(Pace::refused);
        self.starts.refused() + shared.sum::<u64>()
    }

    pub(super) fn set(&self, quotas: Quotas) {
        for pace in [&*self.starts, &self.stops] {
            pace.set(quotas.starts_per_second, quotas.start_burst);
        }
        for pace in [&self.polls, &self.pages] {
            pace.set(quotas.polls_per_second, quotas.poll_burst);
        }
        self.batches
            .set(quotas.batch_polls_per_second, quotas.batch_burst());
    }
}

impl Door {
    pub(super) fn new(
        config: &AthenaConfig,
        aws: &Aws,
        unit: Option<&BusinessUnit>,
        limits: &Arc<Limits>,
    ) -> Self {
        let access = aws.access(unit).clone();
        let watch = Watch::new(access.athena.clone(), Arc::clone(limits));
        Self {
            access,
            workgroup: config.workgroup(unit).to_owned(),
            catalog: config.catalog.clone(),
            idempotency: keyed(config.idempotency_key),
            limits: Arc::clone(limits),
            watch: Arc::new(watch),
            reuse: config.result_reuse.and_then(minutes),
            managed: AtomicBool::new(false),
        }
    }

    /// How old a result may be that Athena takes again, where it does that at all.
    pub(super) fn reuse_minutes(&self) -> Option<i32> {
        self.reuse.filter(|_| !self.managed.load(Ordering::Relaxed))
    }

    /// Whether old results were asked for in the configuration.
    pub(super) fn wants_reuse(&self) -> bool {
        self.reuse.is_some()
    }

    /// What the workgroup was found to do with results.
    pub(super) fn set_managed(&self, managed: bool) {
        self.managed.store(managed, Ordering::Relaxed);
    }

    /// Stops a query. It may end otherwise first; watching tells.
    pub(super) async fn stop(&self, id: &str) {
        let stop = self.access.athena.stop_query_execution();
        let stop = stop.query_execution_id(id);
        let stopped = repeated(&self.limits.stops, || stop.clone().send());
        if let Err(trouble) = stopped.await {
            let error = trouble.into_error();
            tracing::warn!(
                execution = id,
                error = &error as &dyn std::error::Error,
                "a query could not be stopped"
            );
        }
    }
}

/// A key shorter than the hash's block is padded with zeros (RFC 2104 §2).
fn keyed(key: [u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    for (padded, byte) in block.iter_mut().zip(key) {
        *padded = byte;
    }
    <Hmac<Sha256> as KeyInit>::new(&block.into())
}

/// Repeats a harmless call while its failure may pass, at its pace.
pub(super) async fn repeated<T, E, Call>(pace: &Pace, call: impl Fn() -> Call) -> Result<T, Trouble>
where
    Call: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let mut repeats = 0;
    loop {
        pace.ready().await;
        match call().await.map_err(Trouble::of) {
            Ok(answer) => {
                pace.taken();
                return Ok(answer);
            }
            Err(Trouble::TooFast(_) | Trouble::Full(_)) if repeats < REPEATS => pace.slow_down(),
            Err(Trouble::Lost(_)) if repeats < REPEATS => {
                tokio::time::sleep(jittered(FIRST_PAUSE * 2_u32.pow(repeats))).await;
            }
            Err(trouble) => return Err(trouble),
        }
        repeats += 1;
    }
}

/// Whole minutes, which is what Athena counts in; less than one is none.
fn minutes(age: Duration) -> Option<i32> {
    let minutes = (age.as_secs() / 60).min(OLDEST_REUSE);
    i32::try_from(minutes).ok().filter(|minutes| *minutes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_never_taken_for_longer_than_was_said() {
        assert_eq!(minutes(Duration::from_secs(59)), None);
        assert_eq!(minutes(Duration::from_secs(119)), Some(1));
        assert_eq!(minutes(Duration::from_hours(1)), Some(60));
        assert_eq!(minutes(Duration::MAX), Some(10_080));
    }
}
