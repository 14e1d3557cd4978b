//! One query: what was asked, how far it is, what it came to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::AbortHandle;
use weir_engine::development::BytesRead;

use crate::meter;
use crate::results::Output;
use crate::workgroup::{EngineVersion, ResultConfiguration};

/// How far a query is. RUNNING may go back to QUEUED; the last three are for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It waits.
    Queued,
    /// It is computed.
    Running,
    /// It has rows.
    Succeeded,
    /// It has none.
    Failed,
    /// Somebody, or a limit, stopped it.
    Cancelled,
}

impl State {
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// Why a query failed, as the service tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AthenaError {
    /// 1 system, 2 user, 3 other.
    pub(crate) error_category: i32,
    pub(crate) error_type: i32,
    pub(crate) retryable: bool,
    pub(crate) error_message: String,
}

/// Which tables a query means.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Context {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) catalog: Option<String>,
}

/// Where the time of a query went.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    pub(crate) queued: Duration,
    pub(crate) planning: Duration,
    pub(crate) service: Duration,
}

/// One query.
#[derive(Debug)]
pub(crate) struct Execution {
    pub(crate) id: String,
    pub(crate) query: String,
    pub(crate) parameters: Vec<String>,
    pub(crate) context: Context,
    pub(crate) workgroup: String,
    /// Where its results go; `None` where the service keeps them.
    pub(crate) results: Option<ResultConfiguration>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) principal: Option<String>,
    pub(crate) unloads: bool,
    pub(crate) repeatable: bool,
    pub(crate) state: State,
    /// Whether somebody was told of this state.
    pub(crate) seen: AtomicBool,
    pub(crate) reason: Option<String>,
    pub(crate) error: Option<AthenaError>,
    pub(crate) submitted: DateTime<Utc>,
    pub(crate) completed: Option<DateTime<Utc>>,
    pub(crate) began: Instant,
    pub(crate) total: Option<Duration>,
    pub(crate) spent: Spent,
    pub(crate) read: BytesRead,
    pub(crate) scanned: Option<u64>,
    pub(crate) reused: bool,
    pub(crate) manifest: Option<String>,
    pub(crate) output: Option<Arc<Output>>,
    pub(crate) driver: Option<AbortHandle>,
}

impl Execution {
    pub(crate) fn scanned_bytes(&self) -> u64 {
        self.scanned.unwrap_or_else(|| self.read.bytes())
    }

    /// Where the file with its results lies.
    pub(crate) fn output_location(&self) -> Option<String> {
        let prefix = self.results.as_ref()?.output_location.as_deref()?;
        let slash = if prefix.ends_with('/') { "" } else { "/" };
        let ending = if self.unloads { "" } else { ".csv" };
        Some(format!("{prefix}{slash}{}{ending}", self.id))
    }

    /// The bill's view of its end.
    pub(crate) fn ended(&self) -> meter::Ended {
        meter::Ended {
            state: self.state,
            reused: self.reused,
            scanned_bytes: self.scanned_bytes(),
        }
    }

    /// As `GetQueryExecution` shows it, parameters too.
    pub(crate) fn described(&self) -> Value {
        self.seen.store(true, Ordering::Relaxed);
        let mut shown = json!({
            "QueryExecutionId": self.id,
            "Query": self.query,
            "StatementType": "DML",
            "SubstatementType": if self.unloads { "UNLOAD" } else { "SELECT" },
            "QueryExecutionContext": self.context,
            "WorkGroup": self.workgroup,
            "EngineVersion": EngineVersion::third(),
            "Status": self.status(),
            "Statistics": self.statistics(),
            "ResultReuseConfiguration": { "ResultReuseByAgeConfiguration": {
                "Enabled": self.max_age.is_some(),
                "MaxAgeInMinutes": self.max_age.map(|age| age.as_secs() / 60),
            }},
        });
        if !self.parameters.is_empty() {
            put(&mut shown, "ExecutionParameters", json!(self.parameters));
        }
        match &self.results {
            Some(results) => {
                let location = self.output_location();
                let results = ResultConfiguration {
                    output_location: location,
                    ..results.clone()
                };
                put(&mut shown, "ResultConfiguration", json!(results));
            }
            None => put(
                &mut shown,
                "ManagedQueryResultsConfiguration",
                json!({ "Enabled": true }),
            ),
        }
        without_nulls(shown)
    }

    fn status(&self) -> Value {
        let seconds = |time: DateTime<Utc>| {
            // As floating point, which is how the protocol writes times.
            #[expect(
                clippy::cast_precision_loss,
                reason = "milliseconds of this century fit"
            )]
            let seconds = time.timestamp_millis() as f64 / 1_000.0;
            seconds
        };
        json!({
            "State": self.state,
            "StateChangeReason": self.reason,
            "SubmissionDateTime": seconds(self.submitted),
            "CompletionDateTime": self.completed.map(seconds),
            "AthenaError": self.error,
        })
    }

    pub(crate) fn statistics(&self) -> Value {
        let mut shown = self.timeline();
        put(
            &mut shown,
            "DataScannedInBytes",
            self.scanned_bytes().into(),
        );
        put(&mut shown, "DataManifestLocation", json!(self.manifest));
        let reuse = json!({ "ReusedPreviousResult": self.reused });
        put(&mut shown, "ResultReuseInformation", reuse);
        shown
    }

    /// The parts of the time, which add up to the whole.
    pub(crate) fn timeline(&self) -> Value {
        let total = self.total.unwrap_or_else(|| self.began.elapsed());
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let engine = total
            .saturating_sub(self.spent.queued)
            .saturating_sub(self.spent.service);
        json!({
            "TotalExecutionTimeInMillis": millis(total),
            "QueryQueueTimeInMillis": millis(self.spent.queued),
            "QueryPlanningTimeInMillis": millis(self.spent.planning.min(engine)),
            "EngineExecutionTimeInMillis": millis(engine),
            "ServicePreProcessingTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": millis(self.spent.service),
        })
    }
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

/// The protocol leaves out what is not there.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            let kept = kept.map(|(name, value)| (name, without_nulls(value)));
            Value::Object(kept.collect())
        }
        other => other,
    }
}
