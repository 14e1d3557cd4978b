//! Repeatable chance.
//!
//! Every slot of every table draws from its own stream, so the rows of one month do not depend on
//! how many rows another month had. `ChaCha8` promises the same numbers on every platform and in
//! every release; the arithmetic on top of it is integer only, because the last bit of a floating
//! point result is not portable and these numbers are compared with what other readers compute.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Ten thousand basis points are one.
pub(super) const ONE: i64 = 10_000;

/// Claim severities relative to their mean, by equally likely class: many small claims, few that
/// are nine times the average. The mean is [`ONE`].
const SEVERITY: [i64; 32] = [
    1_500, 1_800, 2_100, 2_400, 2_700, 3_000, 3_300, 3_600, 3_900, 4_200, 4_500, 4_800, 5_100,
    5_400, 5_700, 6_000, 6_400, 6_800, 7_300, 7_800, 8_400, 9_000, 9_700, 10_500, 11_500, 12_800,
    14_500, 17_000, 20_500, 25_800, 35_000, 57_000,
];

/// One stream of chance.
#[derive(Debug)]
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream that belongs to `key` (table, unit, period) under `seed`.
    pub(super) fn new(seed: u64, key: [u64; 3]) -> Self {
        let mut bytes = [0_u8; 32];
        for (chunk, word) in bytes
            .chunks_exact_mut(8)
            .zip([seed, key[0], key[1], key[2]])
        {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(bytes))
    }

    /// A number in `0..bound`, or zero when the bound is zero.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let wide = (u64::from(self.0.next_u32()) * u64::from(bound)) >> 32;
        u32::try_from(wide).unwrap_or(0)
    }

    /// A number in `low..=high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u32::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(1);
        low + i64::from(self.below(width))
    }

    /// True `chance` times in a hundred thousand.
    pub(super) fn happens(&mut self, chance: u32) -> bool {
        self.below(100_000) < chance
    }

    /// The position of a weight, chosen in proportion to it.
    pub(super) fn pick(&mut self, weights: &[u32]) -> usize {
        let total = weights.iter().copied().fold(0_u32, u32::saturating_add);
        choose(weights, self.below(total))
    }

    /// A factor around [`ONE`], bell-shaped between 0.4 and 1.6.
    pub(super) fn bell(&mut self) -> i64 {
        4_000 + self.between(0, 4_000) + self.between(0, 4_000) + self.between(0, 4_000)
    }

    /// A claim's size relative to the mean.
    pub(super) fn severity(&mut self) -> i64 {
        let class = self.below(32);
        let base = SEVERITY.iter().zip(0_u32..).find(|(_, at)| *at == class);
        scale(
            base.map_or(ONE, |(factor, _)| *factor),
            self.between(8_800, 11_200),
        )
    }
}

/// The position at which the running sum of `weights` passes `point`.
pub(super) fn choose(weights: &[u32], point: u32) -> usize {
    let mut left = point;
    for (at, weight) in weights.iter().enumerate() {
        if left < *weight {
            return at;
        }
        left -= weight;
    }
    weights.len().saturating_sub(1)
}

/// `amount` times `factor`, a number of basis points.
pub(super) fn scale(amount: i64, factor: i64) -> i64 {
    amount.saturating_mul(factor) / ONE
}

/// A fixed trait of a thing (a customer's region): a well-spread number that never changes.
pub(super) fn fixed_trait(of: u64, salt: u64) -> u64 {
    // The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
    let mut mixed = of.wrapping_add(salt.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Like [`Dice::pick`], for a fixed trait.
pub(super) fn fixed_pick(weights: &[u32], of: u64, salt: u64) -> usize {
    let total = u64::from(weights.iter().copied().fold(0_u32, u32::saturating_add)).max(1);
    let point = fixed_trait(of, salt) % total;
    choose(weights, u32::try_from(point).unwrap_or(0))
}

/// Splits `total` in proportion to `weights`; the parts add up to `total` exactly.
pub(super) fn share(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let mut seen = 0_u128;
    let mut given = 0_u64;
    weights
        .iter()
        .map(|weight| {
            seen += u128::from(*weight);
            let due = u128::from(total) * seen / sum.max(1);
            let due = u64::try_from(due).unwrap_or(total);
            let part = due.saturating_sub(given);
            given = due;
            part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_the_total() {
        assert_eq!(share(10, &[1, 1, 1]).iter().sum::<u64>(), 10);
        assert_eq!(
            share(260_000, &[34, 26, 12, 10, 8, 4, 6])
                .iter()
                .sum::<u64>(),
            260_000
        );
        assert_eq!(share(5, &[0, 0]), [0, 0]);
    }

    #[test]
    fn severities_average_to_one() {
        let sum: i64 = SEVERITY.iter().sum();

        assert_eq!(sum / 32, ONE, "sum is {sum}");
    }

    #[test]
    fn the_same_key_draws_the_same_numbers() {
        let draw = |key| Dice::new(7, key).between(0, 1_000_000);

        assert_eq!(draw([1, 2, 3]), draw([1, 2, 3]));
        assert_ne!(draw([1, 2, 3]), draw([1, 2, 4]));
    }

    #[test]
    fn picks_stay_inside_the_weights() {
        let mut dice = Dice::new(1, [0; 3]);

        assert!((0..1_000).all(|_| dice.pick(&[1, 0, 3]) != 1));
        assert_eq!(dice.pick(&[]), 0);
    }
}
