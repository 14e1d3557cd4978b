//! Whole numbers as numbers to compute with, and back.

/// A count as a number to compute with.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts, bytes and microseconds here are far below 2^53"
)]
#[must_use]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// The length of something as a number to compute with.
#[must_use]
pub fn length<T>(all: &[T]) -> f64 {
    float(all.len() as u64)
}

/// The nearest whole number that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates, and negative numbers become 0"
)]
#[must_use]
pub fn whole(number: f64) -> u64 {
    number.round() as u64
}

/// One number divided by another; without anything to divide by, not a number.
#[must_use]
pub fn ratio(part: f64, of: f64) -> f64 {
    if of > 0.0 { part / of } else { f64::NAN }
}
