//! What is measured, and how often it fell between which bounds.

/// The upper bounds of the buckets, four to a doubling, from 8 to 65,536: milliseconds, or thousandths
/// of a layout shift. What is larger goes into one more bucket. They are in the registry by their
/// place, so none may be moved.
const BOUNDS: [u32; 53] = [
    8, 10, 11, 13, 16, 19, 23, 27, 32, 38, 45, 54, 64, 76, 91, 108, 128, 152, 181, 215, 256, 304,
    362, 431, 512, 609, 724, 861, 1024, 1218, 1448, 1722, 2048, 2435, 2896, 3444, 4096, 4871, 5793,
    6889, 8192, 9742, 11_585, 13_777, 16_384, 19_484, 23_170, 27_554, 32_768, 38_968, 46_341,
    55_109, 65_536,
];

/// One thing that is measured or counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Until the largest part was painted, in milliseconds.
    Lcp,
    /// Until anything was painted, in milliseconds.
    Fcp,
    /// Until the first byte came, in milliseconds.
    Ttfb,
    /// How long the page took to answer its reader, in milliseconds.
    Inp,
    /// How much the layout shifted, in thousandths.
    Cls,
    /// Pages whose largest part came later than promised.
    Slow,
    /// Errors that a script threw.
    ScriptErrors,
    /// Promises that were rejected and nobody listened.
    PromiseErrors,
}

impl Measure {
    pub(super) const ALL: [Self; 8] = [
        Self::Lcp,
        Self::Fcp,
        Self::Ttfb,
        Self::Inp,
        Self::Cls,
        Self::Slow,
        Self::ScriptErrors,
        Self::PromiseErrors,
    ];

    /// Its name in the registry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lcp => "lcp",
            Self::Fcp => "fcp",
            Self::Ttfb => "ttfb",
            Self::Inp => "inp",
            Self::Cls => "cls",
            Self::Slow => "slow",
            Self::ScriptErrors => "script_errors",
            Self::PromiseErrors => "promise_errors",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// How often a measured value fell into which bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: [u64; BOUNDS.len() + 1],
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: [0; BOUNDS.len() + 1],
        }
    }
}

impl Histogram {
    /// The place of the bucket that `value` falls into.
    #[must_use]
    pub fn bucket(value: u32) -> usize {
        BOUNDS.partition_point(|bound| *bound < value)
    }

    /// The upper bound of every bucket in turn, with how many fell into it; the last has none.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<u32>, u64)> {
        let bounds = BOUNDS.into_iter().map(Some).chain([None]);
        bounds.zip(self.counts)
    }

    /// Counts `many` values of a bucket; there is no such bucket: none are counted.
    pub fn count(&mut self, bucket: usize, many: u64) {
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_add(many);
        }
    }

    /// Counts everything that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, many) in other.counts.iter().enumerate() {
            self.count(bucket, *many);
        }
    }

    /// How many values there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts
            .iter()
            .fold(0, |sum, many| sum.saturating_add(*many))
    }

    /// The value that `percent` of all did not pass, as evenly spread values of its bucket would have
    /// it; the largest bound where it is beyond all bounds. `None` where there were no values.
    #[must_use]
    pub fn quantile(&self, percent: u8) -> Option<u32> {
        let total = u128::from(self.total());
        let rank = (total * u128::from(percent.min(100))).div_ceil(100).max(1);
        let (mut below, mut before) = (0, 0_u128);
        for (bound, many) in self.buckets() {
            let many = u128::from(many);
            let Some(bound) = bound else {
                break;
            };
            if before + many >= rank {
                let part = u128::from(bound - below) * (rank - before) / many.max(1);
                return Some(below + u32::try_from(part).unwrap_or_default());
            }
            (below, before) = (bound, before + many);
        }
        (total > 0).then_some(below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u32]) -> Histogram {
        let mut histogram = Histogram::default();
        for value in values {
            histogram.count(Histogram::bucket(*value), 1);
        }
        histogram
    }

    #[test]
    fn a_value_on_a_bound_belongs_below_it() {
        let place = |value| Histogram::bucket(value);

        assert_eq!([place(0), place(8), place(9), place(10)], [0, 0, 1, 1]);
        assert_eq!(
            [place(65_536), place(65_537), place(u32::MAX)],
            [52, 53, 53]
        );
    }

    #[test]
    fn quantiles_are_within_a_bucket_of_the_truth() {
        let values: Vec<u32> = (1..=4000).collect();
        let histogram = of(&values);

        for (percent, truth) in [(50_u8, 2000_u32), (75, 3000), (95, 3800)] {
            let found = histogram.quantile(percent).unwrap();
            let apart = f64::from(found) / f64::from(truth);
            assert!(
                (0.9..=1.1).contains(&apart),
                "{percent}: {found} for {truth}"
            );
        }
    }

    #[test]
    fn nothing_has_no_quantile_and_what_is_beyond_all_bounds_the_last_of_them() {
        assert_eq!(Histogram::default().quantile(75), None);
        assert_eq!(of(&[600_000]).quantile(75), Some(65_536));
        assert_eq!(of(&[0]).quantile(75), Some(8));
    }

    #[test]
    fn merging_is_counting_both() {
        let mut one = of(&[5, 300, 9000]);
        one.merge(&of(&[300, 300]));

        assert_eq!(one, of(&[5, 300, 300, 300, 9000]));
        assert_eq!(one.total(), 5);
    }

    #[test]
    fn every_measure_is_found_by_its_name() {
        for measure in Measure::ALL {
            assert_eq!(Measure::named(measure.as_str()), Some(measure));
        }
        assert_eq!(Measure::named("fid"), None);
    }
}
