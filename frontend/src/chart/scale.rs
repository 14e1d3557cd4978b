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
    loop {
        let first = (low / step).floor();
        let last = (high / step).ceil();
        let count = last - first;
        if count <= as_f64(intervals) {
            return ladder(first, count.max(1.0), step);
        }
        step = next_step(step);
    }
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

fn ladder(first: f64, count: f64, step: f64) -> Vec<f64> {
    let mut ticks = Vec::new();
    let mut index = 0.0;
    while index <= count {
        // Multiplying instead of adding up keeps 0.3 from becoming 0.30000000000000004 twice over.
        ticks.push((first + index) * step + 0.0);
        index += 1.0;
    }
    ticks
}
