//! What the service would bill: the published rules, kept apart from whatever a client computes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::execution::State;

/// Scanned bytes are rounded up to whole megabytes …
const MEGABYTE: u64 = 1_000_000;

/// … of which a query that ran is billed at least so many.
const LEAST: u64 = 10;

/// What all queries came to so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Meter {
    /// Queries that have ended.
    pub queries: u64,
    /// Bytes that were read for them.
    pub scanned_bytes: u64,
    /// Bytes that are paid for.
    pub billed_bytes: u64,
    /// What is paid for, by workgroup.
    pub by_workgroup: BTreeMap<String, u64>,
    /// What is paid for, by query.
    pub by_execution: BTreeMap<String, u64>,
}

impl Meter {
    pub(crate) fn record(&mut self, id: &str, workgroup: &str, ended: &Ended) {
        let billed = ended.billed_bytes();
        self.queries += 1;
        self.scanned_bytes += ended.scanned_bytes;
        self.billed_bytes += billed;
        *self.by_workgroup.entry(workgroup.to_owned()).or_default() += billed;
        self.by_execution.insert(id.to_owned(), billed);
    }
}

/// How a query ended, as far as the bill is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) state: State,
    pub(crate) reused: bool,
    pub(crate) scanned_bytes: u64,
}

impl Ended {
    /// Failures are free, and so are results taken from earlier queries. What was cancelled is paid
    /// for as far as it came.
    fn billed_bytes(&self) -> u64 {
        let free = match self.state {
            State::Succeeded => self.reused,
            State::Cancelled => self.scanned_bytes == 0,
            State::Failed | State::Queued | State::Running => true,
        };
        if free {
            return 0;
        }
        self.scanned_bytes.div_ceil(MEGABYTE).max(LEAST) * MEGABYTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_is_billed_by_the_megabyte_from_ten_on() {
        let billed = |state, reused, scanned_bytes| {
            Ended {
                state,
                reused,
                scanned_bytes,
            }
            .billed_bytes()
        };

        assert_eq!(billed(State::Succeeded, false, 0), 10_000_000);
        assert_eq!(billed(State::Succeeded, false, 10_000_001), 11_000_000);
        assert_eq!(billed(State::Succeeded, true, 0), 0);
        assert_eq!(billed(State::Failed, false, 50_000_000), 0);
        assert_eq!(billed(State::Cancelled, false, 0), 0);
        assert_eq!(billed(State::Cancelled, false, 1), 10_000_000);
    }
}
