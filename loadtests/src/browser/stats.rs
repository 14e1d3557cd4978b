//! Percentiles, and how sure one can be of a ratio of them.

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// How often samples are drawn anew.
const DRAWS: usize = 2000;

/// The same samples give the same interval.
const SEED: u64 = 7;

/// The part of the draws that the interval holds.
const SURE: f64 = 0.95;

/// The value that `share` of the values do not exceed; none of none.
#[must_use]
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let place = share.clamp(0.0, 1.0) * to_float(last);
    let at = |index: usize| sorted.get(index.min(last)).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(to_index(place.floor())), at(to_index(place.ceil())));
    low + (high - low) * place.fract()
}

/// One percentile of one kind of page divided by that of another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// As measured.
    pub value: f64,
    /// Where 95 % of the draws begin.
    pub low: f64,
    /// Where they end.
    pub high: f64,
}

impl Ratio {
    /// The ratio with its bootstrap interval: both sides are drawn anew, with replacement.
    #[must_use]
    pub fn of(above: &[f64], below: &[f64], share: f64) -> Self {
        let mut random = StdRng::seed_from_u64(SEED);
        let mut draw = |values: &[f64]| -> Vec<f64> {
            let one = |_| values.get(random.random_range(0..values.len())).copied();
            (0..values.len()).filter_map(one).collect()
        };
        let ratios: Vec<f64> = (0..DRAWS)
            .map(|_| percentile(&draw(above), share) / percentile(&draw(below), share))
            .collect();
        Self {
            value: percentile(above, share) / percentile(below, share),
            low: percentile(&ratios, (1.0 - SURE) / 2.0),
            high: percentile(&ratios, f64::midpoint(1.0, SURE)),
        }
    }
}

/// Numbers of samples are far below where a float loses whole numbers.
fn to_float(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a list: never negative, and whole"
)]
fn to_index(place: f64) -> usize {
    place as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_between_their_neighbours() {
        let values = [40.0, 10.0, 30.0, 20.0];

        assert!((percentile(&values, 0.5) - 25.0).abs() < 1e-9);
        assert!((percentile(&values, 0.0) - 10.0).abs() < 1e-9);
        assert!((percentile(&values, 1.0) - 40.0).abs() < 1e-9);
        assert!((percentile(&values, 0.75) - 32.5).abs() < 1e-9);
        assert!(percentile(&[], 0.5).is_nan());
    }

    #[test]
    fn a_ratio_lies_in_its_interval_and_few_samples_say_less_than_many() {
        let spread = |count: u32| {
            (0..count)
                .map(|n| 100.0 + f64::from(n % 10))
                .collect::<Vec<_>>()
        };

        let few = Ratio::of(&spread(10), &spread(10), 0.75);
        let many = Ratio::of(&spread(1000), &spread(1000), 0.75);

        assert!(few.low <= few.value && few.value <= few.high, "{few:?}");
        assert!(
            many.high - many.low < few.high - few.low,
            "{few:?} {many:?}"
        );
    }

    #[test]
    fn the_same_samples_give_the_same_interval() {
        let (above, below) = ([3.0, 4.0, 5.0], [1.0, 2.0, 3.0]);

        assert_eq!(
            Ratio::of(&above, &below, 0.5),
            Ratio::of(&above, &below, 0.5)
        );
    }
}
