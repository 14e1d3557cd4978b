//! Faults on demand: what goes wrong, for which calls or queries, and how often.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Something that is to go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What.
    #[serde(flatten)]
    pub effect: Effect,
    /// Of which operation; where nothing is said, `StartQueryExecution`.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only for queries in whose text this stands.
    #[serde(default)]
    pub sql: Option<String>,
    /// Only in this workgroup.
    #[serde(default)]
    pub workgroup: Option<String>,
    /// How many that fit are left alone first.
    #[serde(default)]
    pub after: u32,
    /// How often; where nothing is said, until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// The call is refused: `ThrottlingException`, "Rate exceeded".
    Throttle,
    /// The call is refused: `AccessDeniedException`.
    Deny,
    /// The start is refused: `TooManyRequestsException`.
    TooManyQueries,
    /// The call is refused: `InternalServerException`, with this status.
    ServerError {
        /// 500, 502, 503 or 504.
        status: u16,
    },
    /// The call does what it does, and the connection breaks instead of answering.
    LostResponse,
    /// The answer comes late.
    SlowResponse {
        /// By so many milliseconds.
        ms: u64,
    },
    /// A page of `GetQueryResults` leads back to itself: its `NextToken` is its own.
    SamePage,
    /// The query ends as FAILED.
    Fail {
        /// 1 system, 2 user, 3 other.
        category: i32,
        /// As the service's reference numbers it.
        error_type: i32,
        /// What the service says about trying again.
        #[serde(default)]
        retryable: bool,
        /// What it says.
        #[serde(default)]
        message: String,
    },
    /// The query stays in the queue longer.
    SlowQueue {
        /// By so many milliseconds.
        ms: u64,
    },
    /// The query goes from RUNNING back to QUEUED, and on. It stays in each until somebody looks.
    Bounce {
        /// How often.
        times: u32,
    },
    /// The query never ends, unless it is stopped.
    Hang,
}

impl Fault {
    /// A fault of every call or query, until it is cleared.
    #[must_use]
    pub fn always(effect: Effect) -> Self {
        Self {
            effect,
            operation: None,
            sql: None,
            workgroup: None,
            after: 0,
            times: None,
        }
    }

    /// A fault of the next `times` calls or queries.
    #[must_use]
    pub fn next(times: u32, effect: Effect) -> Self {
        Self {
            times: Some(times),
            ..Self::always(effect)
        }
    }

    /// The same, for another operation than `StartQueryExecution`.
    #[must_use]
    pub fn of_operation(self, operation: &str) -> Self {
        Self {
            operation: Some(operation.to_owned()),
            ..self
        }
    }

    /// The same, only for queries in whose text `fragment` stands.
    #[must_use]
    pub fn of_sql(self, fragment: &str) -> Self {
        Self {
            sql: Some(fragment.to_owned()),
            ..self
        }
    }

    fn fits(&self, call: &Call<'_>) -> bool {
        let operation = self.operation.as_deref().unwrap_or(START);
        let sql = |fragment: &String| call.sql.is_some_and(|sql| sql.contains(fragment.as_str()));
        let group = |wanted: &String| call.workgroup == Some(wanted.as_str());
        operation == call.operation
            && self.sql.as_ref().is_none_or(sql)
            && self.workgroup.as_ref().is_none_or(group)
    }
}

/// The operation that queries begin with.
pub(crate) const START: &str = "StartQueryExecution";

/// What is known of a call before it is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a str,
    pub(crate) sql: Option<&'a str>,
    pub(crate) workgroup: Option<&'a str>,
}

/// What was asked for and is not used up.
#[derive(Debug, Default)]
pub(crate) struct Planned(Vec<Fault>);

impl Planned {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.0.clone()
    }

    /// The effects on one call, each counted as used.
    pub(crate) fn take(&mut self, call: &Call<'_>) -> Effects {
        let mut effects = Effects::default();
        for fault in self.0.iter_mut().filter(|fault| fault.fits(call)) {
            if fault.after > 0 {
                fault.after -= 1;
            } else if fault.times != Some(0) {
                fault.times = fault.times.map(|times| times - 1);
                effects.0.push(fault.effect.clone());
            }
        }
        self.0.retain(|fault| fault.times != Some(0));
        effects
    }
}

/// What goes wrong with one call and the query it starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Effects(Vec<Effect>);

impl Effects {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Effect> {
        self.0.iter()
    }

    pub(crate) fn loses_response(&self) -> bool {
        self.0.contains(&Effect::LostResponse)
    }

    pub(crate) fn leads_back(&self) -> bool {
        self.0.contains(&Effect::SamePage)
    }

    pub(crate) fn hangs(&self) -> bool {
        self.0.contains(&Effect::Hang)
    }

    /// How late the answer comes.
    pub(crate) fn response_delay(&self) -> Duration {
        self.sum(|effect| match effect {
            Effect::SlowResponse { ms } => *ms,
            _ => 0,
        })
    }

    /// How much longer the query stays in the queue.
    pub(crate) fn queue_delay(&self) -> Duration {
        self.sum(|effect| match effect {
            Effect::SlowQueue { ms } => *ms,
            _ => 0,
        })
    }

    pub(crate) fn bounces(&self) -> u32 {
        let bounces = self.0.iter().map(|effect| match effect {
            Effect::Bounce { times } => *times,
            _ => 0,
        });
        bounces.sum()
    }

    fn sum(&self, millis: impl Fn(&Effect) -> u64) -> Duration {
        Duration::from_millis(self.0.iter().map(millis).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(sql: &str) -> Call<'_> {
        Call {
            operation: START,
            sql: Some(sql),
            workgroup: Some("auto"),
        }
    }

    #[test]
    fn a_fault_is_used_up_after_so_many_calls_that_fit() {
        let mut planned = Planned::default();
        let fault = Fault::next(1, Effect::Hang).of_sql("risk");
        planned.add(Fault { after: 1, ..fault });

        let hangs: Vec<bool> = ["risk", "claims", "risk", "risk"]
            .map(|sql| planned.take(&start(sql)).hangs())
            .to_vec();

        assert_eq!(hangs, [false, false, true, false]);
    }

    #[test]
    fn faults_read_from_json_as_documented() {
        let text = r#"{ "effect": "fail", "category": 2, "error_type": 233, "times": 1 }"#;
        let fault: Fault = serde_json::from_str(text).unwrap();

        assert_eq!(fault.times, Some(1));
        assert!(matches!(
            fault.effect,
            Effect::Fail {
                error_type: 233,
                retryable: false,
                ..
            }
        ));
    }
}
