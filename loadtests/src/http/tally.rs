//! What came of a round: latencies by kind, failures by reason, and how both went over time.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::Kind;
use super::line::Failure;
use crate::number::float;

/// The longest time that is told from longer ones, in microseconds.
const LONGEST: u64 = 60_000_000;

/// Everything of one round.
#[derive(Clone)]
pub struct Tally {
    kinds: BTreeMap<Kind, Count>,
    failures: BTreeMap<(Kind, Failure), u64>,
    shed: Histogram<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            kinds: BTreeMap::new(),
            failures: BTreeMap::new(),
            shed: histogram(),
        }
    }
}

#[derive(Clone)]
struct Count {
    took: Histogram<u64>,
    bytes: u64,
}

impl Default for Count {
    fn default() -> Self {
        Self {
            took: histogram(),
            bytes: 0,
        }
    }
}

/// A histogram of microseconds that keeps three digits.
#[expect(
    clippy::expect_used,
    reason = "bounds from one up and three digits are always taken"
)]
pub(super) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).expect("these bounds are valid")
}

/// Puts a duration into a histogram, in microseconds.
pub(super) fn note(histogram: &mut Histogram<u64>, took: Duration) {
    let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST);
    histogram.saturating_record(micros.clamp(1, LONGEST));
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quantiles = self.kinds().map(|kind| (kind, self.quantiles(kind)));
        f.debug_map().entries(quantiles).finish()
    }
}

/// How long something takes, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quantiles {
    /// How many there were.
    pub count: u64,
    /// Half take at most this.
    pub p50: f64,
    /// Nine of ten.
    pub p90: f64,
    /// Ninety-nine of a hundred.
    pub p99: f64,
    /// All but one of a thousand.
    pub p999: f64,
    /// All.
    pub max: f64,
}

impl Quantiles {
    pub(super) fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| millis(histogram.value_at_quantile(quantile));
        Self {
            count: histogram.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: millis(histogram.max()),
        }
    }
}

fn millis(micros: u64) -> f64 {
    float(micros) / 1000.0
}

impl Tally {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One action, or one part of one. What fails counts in no latency of its kind, so that quick
    /// refusals don't look like speed.
    pub fn record(&mut self, kind: Kind, took: Duration, end: Result<u64, Failure>) {
        match end {
            Ok(bytes) => {
                let count = self.kinds.entry(kind).or_default();
                note(&mut count.took, took);
                count.bytes += bytes;
            }
            Err(failure) => {
                if failure == Failure::Shed {
                    note(&mut self.shed, took);
                }
                *self.failures.entry((kind, failure)).or_default() += 1;
            }
        }
    }

    /// The kinds that succeeded at least once.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.kinds.keys().copied()
    }

    /// How long actions of this kind took.
    #[must_use]
    pub fn quantiles(&self, kind: Kind) -> Quantiles {
        let count = self.kinds.get(&kind);
        count.map_or_else(Quantiles::default, |count| Quantiles::of(&count.took))
    }

    /// The latency in milliseconds of each of these quantiles.
    #[must_use]
    pub fn curve(&self, kind: Kind, quantiles: &[f64]) -> Vec<f64> {
        let Some(count) = self.kinds.get(&kind) else {
            return Vec::new();
        };
        let at = |quantile: &f64| millis(count.took.value_at_quantile(*quantile));
        quantiles.iter().map(at).collect()
    }

    /// Bytes of an answer of this kind, on average.
    #[must_use]
    pub fn bytes(&self, kind: Kind) -> f64 {
        let count = self.kinds.get(&kind);
        count.map_or(0.0, |count| {
            float(count.bytes) / float(count.took.len().max(1))
        })
    }

    /// Failures by kind and reason.
    pub fn failures(&self) -> impl Iterator<Item = (Kind, &Failure, u64)> + '_ {
        self.failures
            .iter()
            .map(|((kind, failure), count)| (*kind, failure, *count))
    }

    /// How long those waited for their answer that were told to come again.
    #[must_use]
    pub fn shed(&self) -> Quantiles {
        Quantiles::of(&self.shed)
    }

    /// How many failed, shed ones among them or not.
    #[must_use]
    pub fn failed(&self, shed: Shed) -> u64 {
        self.failures()
            .filter(|(_, failure, _)| shed == Shed::Counts || **failure != Failure::Shed)
            .map(|(_, _, count)| count)
            .sum()
    }

    /// The reasons of all failures, as a sentence's end.
    #[must_use]
    pub fn reasons(&self) -> String {
        let said = self
            .failures()
            .map(|(kind, failure, count)| format!("{count} × {kind}: {failure}"));
        said.collect::<Vec<_>>().join("; ")
    }
}

/// Whether what Weir refused for want of room counts as failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shed {
    /// It does.
    Counts,
    /// It does not: that is what overload is answered with.
    DoesNot,
}

/// One second of a round, by when actions were due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Second {
    /// Which, from 0 on.
    pub at: u64,
    /// How many actions were due.
    pub due: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How long they took.
    pub took: Quantiles,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_and_failures_are_kept_apart() {
        let mut tally = Tally::new();
        for millis in 1..=100 {
            tally.record(Kind::Tile, Duration::from_millis(millis), Ok(10));
        }
        tally.record(Kind::Tile, Duration::from_micros(1), Err(Failure::Shed));
        tally.record(Kind::Open, Duration::from_secs(15), Err(Failure::Late));

        let found = tally.quantiles(Kind::Tile);

        assert_eq!(found.count, 100);
        assert!((found.p50 - 50.0).abs() < 0.1, "{found:?}");
        assert!((found.p99 - 99.0).abs() < 0.1, "{found:?}");
        assert_eq!(tally.failed(Shed::Counts), 2);
        assert_eq!(tally.failed(Shed::DoesNot), 1);
        assert_eq!(
            tally.reasons(),
            "1 × open: no answer in time; 1 × tile: shed (there was no room)"
        );
    }
}
