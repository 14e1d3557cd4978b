//! Column by column instead of row by row: the writers fill these and hand Arrow whole arrays.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::error::ArrowError;
use chrono::NaiveDate;

use super::insurer;

/// Dates.
#[derive(Debug, Default)]
pub(super) struct Dates(Vec<i32>);

impl Dates {
    pub(super) fn push(&mut self, on: NaiveDate) {
        self.0.push(insurer::epoch_days(on));
    }

    pub(super) fn finish(self) -> ArrayRef {
        Arc::new(Date32Array::from(self.0))
    }
}

/// Microsecond timestamps without a zone (UTC by convention).
#[derive(Debug, Default)]
pub(super) struct Instants(Vec<i64>);

impl Instants {
    /// The instant `seconds` after the midnight that begins `on`.
    pub(super) fn push(&mut self, on: NaiveDate, seconds: i64) {
        let midnight = i64::from(insurer::epoch_days(on)) * 86_400;
        self.0.push((midnight + seconds) * 1_000_000);
    }

    pub(super) fn finish(self) -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(self.0))
    }
}

/// Words out of a fixed list.
#[derive(Debug, Default)]
pub(super) struct Words(Vec<&'static str>);

impl Words {
    pub(super) fn push(&mut self, word: &'static str) {
        self.0.push(word);
    }

    pub(super) fn finish(self) -> ArrayRef {
        Arc::new(StringArray::from(self.0))
    }
}

/// Counts.
#[derive(Debug, Default)]
pub(super) struct Counts(Vec<i64>);

impl Counts {
    pub(super) fn push(&mut self, count: i64) {
        self.0.push(count);
    }

    pub(super) fn finish(self) -> ArrayRef {
        Arc::new(Int64Array::from(self.0))
    }
}

/// Amounts of hundredths (money in cents, days in hundredths of a day).
#[derive(Debug, Default)]
pub(super) struct Hundredths(Vec<Option<i128>>);

impl Hundredths {
    pub(super) fn push(&mut self, amount: i64) {
        self.0.push(Some(i128::from(amount)));
    }

    pub(super) fn push_option(&mut self, amount: Option<i64>) {
        self.0.push(amount.map(i128::from));
    }

    pub(super) fn finish(self, precision: u8) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(
            Decimal128Array::from(self.0).with_precision_and_scale(precision, 2)?,
        ))
    }
}

/// Yes, no, or not known.
#[derive(Debug, Default)]
pub(super) struct Flags(Vec<Option<bool>>);

impl Flags {
    /// A legal hold: about six rows in a thousand, unknown for one in a thousand.
    pub(super) fn push_legal_hold(&mut self, dice: &mut super::dice::Dice) {
        self.0.push(match dice.below(1_000) {
            0..6 => Some(true),
            6 => None,
            _ => Some(false),
        });
    }

    pub(super) fn finish(self) -> ArrayRef {
        Arc::new(BooleanArray::from(self.0))
    }
}

/// The word at `position`, or the empty word.
pub(super) fn word(words: &[&'static str], position: usize) -> &'static str {
    words.get(position).copied().unwrap_or_default()
}
