//! Values of the policy algebra as the columns of a table can hold them.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, Scalar, StringArray,
    TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, TimeUnit};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use weir_policy::Value;

/// A value beside a column of some type.
#[derive(Debug)]
pub(super) enum Literal {
    /// The column can hold it.
    Exact(Scalar<ArrayRef>),
    /// The column cannot hold it: it lies between this value and the next one.
    JustAbove(Scalar<ArrayRef>),
    /// It is less than anything the column can hold.
    BelowAll,
    /// It is greater than anything the column can hold.
    AboveAll,
    /// It is of another type.
    OtherType,
}

/// What `value` is to a column of canonical type `column`.
pub(super) fn for_column(value: &Value, column: &DataType) -> Literal {
    match (value, column) {
        (Value::Boolean(value), DataType::Boolean) => {
            exact(Arc::new(BooleanArray::from(vec![*value])))
        }
        (Value::Integer(value), DataType::Int64) => exact(Arc::new(Int64Array::from(vec![*value]))),
        (Value::Text(value), DataType::Utf8) => {
            exact(Arc::new(StringArray::from(vec![value.as_str()])))
        }
        (Value::Date(value), DataType::Date32) => match epoch_days(*value) {
            Some(days) => exact(Arc::new(Date32Array::from(vec![days]))),
            None => Literal::OtherType,
        },
        (Value::Timestamp(value), DataType::Timestamp(TimeUnit::Millisecond, None)) => {
            let instant = value.and_utc().timestamp_millis();
            exact(Arc::new(TimestampMillisecondArray::from(vec![instant])))
        }
        (Value::Decimal(value), DataType::Decimal128(precision, scale)) => {
            decimal(*value, *precision, *scale)
        }
        _ => Literal::OtherType,
    }
}

/// Days since 1970-01-01.
pub(super) fn epoch_days(date: NaiveDate) -> Option<i32> {
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// A decimal as a number of steps of a column's scale.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Steps {
    /// A whole number of steps.
    Whole(i128),
    /// Between this number of steps and the next.
    After(i128),
    /// Too many steps to count.
    Beyond {
        /// Which way.
        negative: bool,
    },
}

/// `value` in steps of `10^-scale`.
pub(super) fn steps(value: Decimal, scale: i8) -> Steps {
    let value = value.normalize();
    let shift = i64::from(scale) - i64::from(value.scale());
    let power = |digits: i64| {
        u32::try_from(digits)
            .ok()
            .and_then(|n| 10_i128.checked_pow(n))
    };
    if shift >= 0 {
        let scaled = power(shift).and_then(|factor| value.mantissa().checked_mul(factor));
        return scaled.map_or(
            Steps::Beyond {
                negative: value.is_sign_negative(),
            },
            Steps::Whole,
        );
    }
    // The normalized value has more digits after the point than the column: never whole.
    Steps::After(power(-shift).map_or(0, |divisor| value.mantissa().div_euclid(divisor)))
}

fn decimal(value: Decimal, precision: u8, scale: i8) -> Literal {
    let scalar = |steps: i128| {
        let array = Decimal128Array::from(vec![steps]).with_precision_and_scale(precision, scale);
        array
            .ok()
            .map(|array| Scalar::new(Arc::new(array) as ArrayRef))
    };
    match steps(value, scale) {
        Steps::Whole(steps) => scalar(steps).map_or(Literal::OtherType, Literal::Exact),
        Steps::After(steps) => scalar(steps).map_or(Literal::OtherType, Literal::JustAbove),
        Steps::Beyond { negative: true } => Literal::BelowAll,
        Steps::Beyond { negative: false } => Literal::AboveAll,
    }
}

fn exact(array: ArrayRef) -> Literal {
    Literal::Exact(Scalar::new(array))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_steps_of_the_column() {
        let steps = |text: &str, scale| steps(text.parse().unwrap(), scale);

        assert_eq!(steps("1.5", 2), Steps::Whole(150));
        assert_eq!(steps("1.500", 2), Steps::Whole(150));
        assert_eq!(steps("1.005", 2), Steps::After(100));
        assert_eq!(steps("-1.005", 2), Steps::After(-101));
        assert_eq!(
            steps("79228162514264337593543950335", 28),
            Steps::Beyond { negative: false }
        );
    }
}
