//! When actions are due. All of it is decided before the first is sent.

use std::fmt;
use std::time::Duration;

use rand::Rng as _;
use rand::rngs::StdRng;
use serde::Deserialize;

/// How actions follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// As people come who know nothing of each other: sometimes several at once.
    #[default]
    Poisson,
    /// With equal pauses.
    Constant,
}

/// How many actions a second, from beginning to end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Actions a second at the beginning.
    pub from: f64,
    /// Actions a second at the end; between the two the pace changes evenly.
    pub to: f64,
    /// How long.
    pub lasts: Duration,
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}", self.from)?;
        if (self.to - self.from).abs() > f64::EPSILON {
            write!(f, " to {:.0}", self.to)?;
        }
        write!(f, " actions a second for {} s", self.lasts.as_secs())
    }
}

impl Pace {
    /// Always the same.
    #[must_use]
    pub fn constant(rate: f64, lasts: Duration) -> Self {
        Self {
            from: rate,
            to: rate,
            lasts,
        }
    }

    /// When each action is due, from the beginning of the round.
    #[must_use]
    pub fn instants(&self, arrivals: Arrivals, chance: &mut StdRng) -> Vec<Duration> {
        let mut instants = Vec::new();
        let mut count = 0.0;
        loop {
            count += match arrivals {
                Arrivals::Constant => 1.0,
                // The pause between independent arrivals is exponentially distributed.
                Arrivals::Poisson => -(1.0 - chance.random::<f64>()).ln(),
            };
            match self.when(count) {
                Some(at) if at < self.lasts => instants.push(at),
                _ => return instants,
            }
        }
    }

    /// When `count` actions are due, if ever: the time until which the pace adds up to so many.
    fn when(&self, count: f64) -> Option<Duration> {
        let seconds = self.lasts.as_secs_f64();
        let growth = (self.to - self.from) / seconds;
        let at = if growth.abs() < 1e-9 {
            count / self.from
        } else {
            let inner = self.from.mul_add(self.from, 2.0 * growth * count);
            (inner.sqrt() - self.from) / growth
        };
        Duration::try_from_secs_f64(at).ok()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;
    use crate::number::{length, whole};

    fn instants(pace: Pace, arrivals: Arrivals) -> Vec<f64> {
        let instants = pace.instants(arrivals, &mut StdRng::seed_from_u64(1));
        instants.iter().map(Duration::as_secs_f64).collect()
    }

    #[test]
    fn a_constant_pace_has_equal_pauses() {
        let pace = Pace::constant(4.0, Duration::from_secs(2));

        let due = instants(pace, Arrivals::Constant);

        let millis: Vec<_> = due.iter().map(|at| whole(at * 1000.0)).collect();
        assert_eq!(millis, [250, 500, 750, 1000, 1250, 1500, 1750]);
    }

    #[test]
    fn poisson_arrivals_have_the_rate_on_average_and_no_order() {
        let pace = Pace::constant(100.0, Duration::from_secs(100));

        let due = instants(pace, Arrivals::Poisson);

        assert!((9_600..10_400).contains(&due.len()), "{}", due.len());
        assert!(due.is_sorted());
        // The deviation of exponential pauses is as large as their mean.
        let pauses = due.windows(2).map(|pair| pair[1] - pair[0]);
        let variance = pauses.map(|pause| (pause - 0.01).powi(2)).sum::<f64>() / length(&due);
        assert!((0.008..0.012).contains(&variance.sqrt()), "{variance}");
    }

    #[test]
    fn a_ramp_has_as_many_in_each_part_as_it_says() {
        let pace = Pace {
            from: 10.0,
            to: 50.0,
            lasts: Duration::from_secs(20),
        };

        let due = instants(pace, Arrivals::Constant);

        let first = due.iter().filter(|at| **at < 10.0).count();
        let second = due.len() - first;
        assert!((198..=201).contains(&first), "{first}");
        assert!((398..=401).contains(&second), "{second}");
    }

    #[test]
    fn a_ramp_down_to_nothing_ends() {
        let pace = Pace {
            from: 10.0,
            to: 0.0,
            lasts: Duration::from_secs(10),
        };

        assert_eq!(instants(pace, Arrivals::Constant).len(), 49);
    }
}
