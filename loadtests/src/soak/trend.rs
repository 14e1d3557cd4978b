//! Whether something grows.

use crate::number::ratio;

/// A straight line through samples that a few odd ones don't bend: the median of the slopes between
/// all pairs (Theil and Sen).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// How much it grows in one unit of time.
    pub slope: f64,
    /// Its middle.
    pub median: f64,
    /// How long it was looked at.
    pub span: f64,
}

impl Trend {
    /// The trend of samples by time. What comes before a third of the time is left out: caches and
    /// pools fill then.
    #[must_use]
    pub fn of(samples: &[(f64, f64)]) -> Self {
        let first = samples.first().map_or(0.0, |(at, _)| *at);
        let last = samples.last().map_or(0.0, |(at, _)| *at);
        let settled = first + (last - first) / 3.0;
        let kept: Vec<_> = samples
            .iter()
            .copied()
            .filter(|(at, _)| *at >= settled)
            .collect();
        let mut slopes = Vec::new();
        for (number, (at, value)) in kept.iter().enumerate() {
            let later = kept.iter().skip(number + 1);
            let later = later.filter(|(then, _)| then > at);
            slopes.extend(later.map(|(then, other)| (other - value) / (then - at)));
        }
        Self {
            slope: median(slopes),
            median: median(kept.iter().map(|(_, value)| *value).collect()),
            span: last - settled,
        }
    }

    /// How much it grew while it was looked at, in parts of its middle.
    #[must_use]
    pub fn growth(&self) -> f64 {
        ratio(self.slope * self.span, self.median)
    }
}

/// The middle of some numbers; zero of none.
pub(super) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(value: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        (0..300).map(f64::from).map(|at| (at, value(at))).collect()
    }

    #[test]
    fn what_fills_at_first_and_then_stays_does_not_grow() {
        let trend = Trend::of(&samples(|at| 100.0 + at.min(60.0)));

        assert!(trend.growth().abs() < 1e-9, "{trend:?}");
        assert!((trend.median - 160.0).abs() < 1e-9);
    }

    #[test]
    fn a_leak_is_seen_through_noise_and_odd_samples() {
        let leak = |at: f64| {
            let odd = if at.rem_euclid(37.0) < 1.0 {
                500.0
            } else {
                0.0
            };
            100.0 + at / 10.0 + (at * 7.3).sin() + odd
        };

        let trend = Trend::of(&samples(leak));

        // A tenth in each unit of time, two hundred of them, over a middle of about 120.
        assert!((0.15..0.18).contains(&trend.growth()), "{trend:?}");
    }

    #[test]
    fn nothing_has_no_trend() {
        assert!(Trend::of(&[]).growth().is_nan());
        assert!(Trend::of(&[(0.0, 5.0)]).growth().abs() < 1e-9);
    }
}
