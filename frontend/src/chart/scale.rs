//! Value scales: round numbers around the data, and where a value falls between them.

/// How many labels a value axis has at most.
pub const MAX_TICKS: usize = 5;

/// Round numbers that enclose `min..=max`, ascending, at most `max_count` (at least two).
///
/// The first and the last are the axis' domain. Steps are 1, 2, 2.5 or 5 times a power of ten.
/// Not-a-number and infinite ends count as zero; equal ends open up to a whole step.
#[must_use]
pub fn nice_ticks(min: f64, max: f64, max_count: usize) -> Vec<f64> {
    let (low, high) = ordered(min, max);
    let intervals = max_count.clamp(2, 20) - 1;
    let mut step = round_step((high - low) / as_f64(intervals));
    let mut best: Option<Rungs> = None;
    // The three next round steps: the one that wastes least of the plot wins, the finest of equals.
    for _ in 0..4 {
        let rungs = Rungs::around(low, high, step);
        // A single interval has no grid line inside: it reads as no scale at all.
        let fits = rungs.count <= as_f64(intervals) && (rungs.count > 1.0 || intervals == 1);
        if fits
            && best
                .as_ref()
                .is_none_or(|best| rungs.length() < best.length() * 0.999)
        {
            best = Some(rungs);
        }
        step = next_step(step);
    }
    best.unwrap_or_else(|| Rungs::around(low, high, high - low))
        .values()
}

/// Like [`nice_ticks`], with zero on the axis: for bars.
#[must_use]
pub fn nice_ticks_from_zero(min: f64, max: f64, max_count: usize) -> Vec<f64> {
    nice_ticks(min.min(0.0), max.max(0.0), max_count)
}

/// Where `value` falls between `min` (0) and `max` (1), clamped.
#[must_use]
pub fn fraction(value: f64, min: f64, max: f64) -> f64 {
    let width = max - min;
    if !value.is_finite() || !width.is_finite() || width <= 0.0 {
        return 0.0;
    }
    ((value - min) / width).clamp(0.0, 1.0)
}

/// Counts on a chart are far below 2^32.
#[must_use]
pub(crate) fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Amounts beyond this can't be told apart on a screen, and would overflow the arithmetic.
const HUGE: f64 = 1e300;

fn ordered(min: f64, max: f64) -> (f64, f64) {
    let tame = |end: f64| {
        if end.is_finite() {
            end.clamp(-HUGE, HUGE)
        } else {
            0.0
        }
    };
    let (a, b) = (tame(min), tame(max));
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    if high - low > low.abs().max(high.abs()) * 1e-9 {
        return (low, high);
    }
    // One value only: zero gets a unit above it, anything else reaches to zero.
    if low == 0.0 {
        (0.0, 1.0)
    } else {
        (low.min(0.0), high.max(0.0))
    }
}

/// The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `raw`.
fn round_step(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.max(f64::MIN_POSITIVE * 1e9).log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= raw * (1.0 - 1e-9))
        .unwrap_or(power * 10.0)
}

fn next_step(step: f64) -> f64 {
    round_step(step * 1.1)
}

/// Multiples of `step` from `first * step` on, `count` intervals.
#[derive(Debug, Clone, Copy)]
struct Rungs {
    first: f64,
    count: f64,
    step: f64,
}

impl Rungs {
    fn around(low: f64, high: f64, step: f64) -> Self {
        // A hair of slack, so that 0.3 / 0.1 does not count as a little more than three.
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil();
        Self {
            first,
            count: (last - first).max(1.0),
            step,
        }
    }

    fn length(&self) -> f64 {
        self.count * self.step
    }

    fn values(&self) -> Vec<f64> {
        let mut ticks = Vec::new();
        let mut index = 0.0;
        while index <= self.count {
            // Multiplied, not added up: sums drift. Adding zero turns -0 into 0.
            ticks.push((self.first + index) * self.step + 0.0);
            index += 1.0;
        }
        ticks
    }
}
