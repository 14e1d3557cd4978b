//! One run, from the queue to the booking. It goes on when nobody waits any more: then the query is
//! stopped, watched until it has ended, and what it cost is booked.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_athena::types::{
    QueryExecution, QueryExecutionState, QueryExecutionStatistics as Statistics,
    QueryExecutionStatus as Status, ResultReuseInformation,
};
use tokio::time::Instant;
use weir_policy::BusinessUnit;

use super::door::Door;
use super::failure::{Trouble, judge};
use super::harvest::Harvest;
use super::pace::jittered;
use super::queue::{Place, Queue};
use super::reader::Reader;
use super::start::{NotStarted, Order, start};
use crate::{Booking, Ended, EngineError, Execution, Lane, Ran, Times, billed_bytes};

/// How long a query is watched after it was stopped.
const AFTER_STOP: Duration = Duration::from_mins(2);
/// Before a query that failed is tried once more.
const BEFORE_AGAIN: Duration = Duration::from_millis(300);

/// Everything that a run needs.
#[derive(Debug)]
pub(super) struct Run<H> {
    pub(super) queue: Queue,
    pub(super) door: Arc<Door>,
    pub(super) order: Order,
    pub(super) harvest: H,
    pub(super) unit: Option<BusinessUnit>,
    pub(super) lane: Lane,
}

impl<H: Harvest> Run<H> {
    /// Does all of it, clears away what is left of it, and tells the answer.
    pub(super) async fn drive(self, mut reader: Reader<H::Answer>, booking: Booking) {
        let began = Instant::now();
        let mut attempt = 0;
        let (answer, last) = loop {
            let execution = match self.query(attempt, &mut reader).await {
                Ok(Some(execution)) => execution,
                // Nobody waited any more before anything began.
                Ok(None) => return,
                Err(NotStarted { trouble, perhaps }) => {
                    if perhaps {
                        tracing::error!("nobody can say whether a query was started");
                        booking.settle(book(&QueryExecution::builder().build(), began));
                    }
                    break (Err(trouble.into_error()), None);
                }
            };
            if is(&execution, &QueryExecutionState::Succeeded) {
                // It is paid for, whatever becomes of its rows.
                let booked = book(&execution, began);
                booking.settle(booked.clone());
                let rows = self.rows(&execution, &mut reader).await;
                break (rows.map(|rows| H::answer(rows, booked)), Some(execution));
            }
            let verdict = judge(&execution);
            if verdict.again && attempt == 0 && !reader.is_gone() {
                attempt += 1;
                self.harvest.clear(&self.door, Some(&execution)).await;
                tokio::time::sleep(jittered(BEFORE_AGAIN)).await;
                continue;
            }
            booking.settle(book(&execution, began));
            break (Err(verdict.error), Some(execution));
        };
        self.harvest.clear(&self.door, last.as_ref()).await;
        reader.tell(answer);
    }

    /// One query, from its turn to its end; `None` when the reader left before it began.
    async fn query(
        &self,
        attempt: u32,
        reader: &mut Reader<H::Answer>,
    ) -> Result<Option<QueryExecution>, NotStarted> {
        let (mut place, mut perhaps) = (Place::Last, false);
        loop {
            let turn = self.queue.turn(self.unit.as_ref(), self.lane, place);
            let slot = tokio::select! {
                slot = turn => slot,
                () = reader.gone() => None,
            };
            let Some(slot) = slot else {
                return left(perhaps);
            };
            match start(&self.door, &self.order, attempt, reader).await {
                Ok(id) => {
                    let ended = self.end(&id, reader).await;
                    drop(slot);
                    return Ok(Some(ended));
                }
                Err(not) if matches!(not.trouble, Trouble::Full(_)) => {
                    perhaps |= not.perhaps;
                    self.queue.crowded();
                    self.door.limits.starts.slow_down();
                    place = Place::First;
                }
                Err(not) if matches!(not.trouble, Trouble::TooFast(_)) && reader.is_gone() => {
                    return left(perhaps || not.perhaps);
                }
                Err(not) => {
                    return Err(NotStarted {
                        perhaps: perhaps || not.perhaps,
                        ..not
                    });
                }
            }
        }
    }

    /// Watches a query until it has ended, and stops it when nobody waits any more.
    async fn end(&self, id: &str, reader: &mut Reader<H::Answer>) -> QueryExecution {
        let ended = self.door.watch.ended(id);
        let mut ended = std::pin::pin!(ended);
        tokio::select! {
            ended = &mut ended => return match ended {
                Ok(execution) => execution,
                Err(_) => self.lose(id).await,
            },
            () = reader.gone() => {}
        }
        self.door.stop(id).await;
        match tokio::time::timeout(AFTER_STOP, ended).await {
            Ok(Ok(execution)) => execution,
            _ => self.lose(id).await,
        }
    }

    /// Nobody can say how a query ended. It is stopped, and what is known of it is told.
    async fn lose(&self, id: &str) -> QueryExecution {
        tracing::error!(execution = id, "the end of a query is not known");
        self.door.stop(id).await;
        let seen = self.door.watch.look(id).await;
        seen.unwrap_or_else(|_| QueryExecution::builder().query_execution_id(id).build())
    }

    async fn rows(
        &self,
        execution: &QueryExecution,
        reader: &mut Reader<H::Answer>,
    ) -> Result<H::Rows, EngineError> {
        tokio::select! {
            rows = self.harvest.read(&self.door, execution) => rows,
            () = reader.gone() => Err(EngineError::Deadline),
        }
    }
}

/// Nobody waits any more, and nothing was started, or nobody can say.
fn left(perhaps: bool) -> Result<Option<QueryExecution>, NotStarted> {
    if !perhaps {
        return Ok(None);
    }
    let trouble = Trouble::Lost("nobody waited for the start any more".into());
    Err(NotStarted { trouble, perhaps })
}

fn is(execution: &QueryExecution, state: &QueryExecutionState) -> bool {
    execution.status().and_then(Status::state) == Some(state)
}

/// What a query came to. One that was still running when it was seen last has an unknown end.
fn book(execution: &QueryExecution, began: Instant) -> Execution {
    let outcome = match execution.status().and_then(Status::state) {
        Some(QueryExecutionState::Succeeded) => Ended::Succeeded,
        Some(QueryExecutionState::Failed) => Ended::Failed,
        Some(QueryExecutionState::Cancelled) => Ended::Cancelled,
        _ => Ended::Unknown,
    };
    let statistics = execution.statistics();
    let reused = statistics
        .and_then(Statistics::result_reuse_information)
        .is_some_and(ResultReuseInformation::reused_previous_result);
    let scanned = statistics.and_then(Statistics::data_scanned_in_bytes);
    let scanned_bytes = scanned
        .and_then(|bytes| u64::try_from(bytes).ok())
        .unwrap_or_default();
    Execution {
        id: execution.query_execution_id().map(str::to_owned),
        ran: if reused {
            Ran::AthenaReuse
        } else {
            Ran::Athena
        },
        outcome,
        scanned_bytes,
        billed_bytes: billed_bytes(outcome, reused, scanned_bytes),
        times: statistics.map_or_else(Times::default, times).until(began),
    }
}

fn times(statistics: &Statistics) -> Times {
    let millis = |told: Option<i64>| {
        let told = told.and_then(|told| u64::try_from(told).ok());
        Duration::from_millis(told.unwrap_or_default())
    };
    Times {
        queued: millis(statistics.query_queue_time_in_millis()),
        planning: millis(statistics.query_planning_time_in_millis()),
        running: millis(statistics.engine_execution_time_in_millis()),
        service: millis(statistics.service_processing_time_in_millis())
            + millis(statistics.service_pre_processing_time_in_millis()),
        total: Duration::ZERO,
    }
}

impl Times {
    fn until(self, began: Instant) -> Self {
        Self {
            total: began.elapsed(),
            ..self
        }
    }
}
