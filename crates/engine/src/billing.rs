//! What Athena bills: its published rules, in one function.

use crate::Ended;

/// AWS counts megabytes, and rounds up to them.
const MEGABYTE: u64 = 1_000_000;
/// The least that a query is billed for.
const LEAST_MEGABYTES: u64 = 10;

/// The bytes that a query is paid for by. One that failed costs nothing, neither does one whose
/// result came from an earlier query; one that was cancelled costs what it had scanned, and so does,
/// at least, one whose end is not known.
#[must_use]
pub fn billed_bytes(outcome: Ended, reused: bool, scanned: u64) -> u64 {
    let free = match outcome {
        Ended::Failed => true,
        Ended::Cancelled | Ended::Unknown => scanned == 0,
        Ended::Succeeded => reused,
    };
    if free {
        return 0;
    }
    let megabytes = scanned.div_ceil(MEGABYTE).max(LEAST_MEGABYTES);
    megabytes.saturating_mul(MEGABYTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_queries_are_billed_for_ten_megabytes() {
        assert_eq!(billed_bytes(Ended::Succeeded, false, 0), 10_000_000);
        assert_eq!(billed_bytes(Ended::Succeeded, false, 1), 10_000_000);
        assert_eq!(
            billed_bytes(Ended::Succeeded, false, 10_000_000),
            10_000_000
        );
    }

    #[test]
    fn larger_ones_are_rounded_up_to_a_megabyte() {
        assert_eq!(
            billed_bytes(Ended::Succeeded, false, 10_000_001),
            11_000_000
        );
        assert_eq!(
            billed_bytes(Ended::Succeeded, false, 12_345_678),
            13_000_000
        );
    }

    #[test]
    fn failures_and_reused_results_are_free() {
        assert_eq!(billed_bytes(Ended::Failed, false, 50_000_000), 0);
        assert_eq!(billed_bytes(Ended::Succeeded, true, 50_000_000), 0);
    }

    #[test]
    fn a_cancelled_query_costs_what_it_had_scanned() {
        assert_eq!(billed_bytes(Ended::Cancelled, false, 0), 0);
        assert_eq!(billed_bytes(Ended::Cancelled, false, 1), 10_000_000);
        assert_eq!(
            billed_bytes(Ended::Cancelled, false, 25_000_001),
            26_000_000
        );
    }

    #[test]
    fn a_lake_of_absurd_size_does_not_overflow() {
        assert!(billed_bytes(Ended::Succeeded, false, u64::MAX) > u64::MAX / 2);
    }
}
