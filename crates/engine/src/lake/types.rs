//! How the types of the lake and the types of a dataset correspond, and the one Arrow type each
//! dataset type is computed in.
//!
//! Whatever a file stores (dictionaries, 32-bit integers, nanoseconds), rows are brought into
//! these types before anything looks at them: SQL, the row filter and the decoder then agree on
//! what a value is.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, TimestampMillisecondArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, TimeUnit, TimestampMicrosecondType, TimestampNanosecondType,
};
use arrow::error::ArrowError;
use iceberg::spec::{PrimitiveType, Type};
use weir_policy::ValueType;

/// The Arrow type that columns of this type are computed in.
pub(crate) fn canonical(kind: ValueType) -> DataType {
    match kind {
        ValueType::Boolean => DataType::Boolean,
        ValueType::Integer => DataType::Int64,
        ValueType::Decimal { precision, scale } => {
            DataType::Decimal128(precision, i8::try_from(scale).unwrap_or(0))
        }
        ValueType::Double => DataType::Float64,
        ValueType::Text => DataType::Utf8,
        ValueType::Date => DataType::Date32,
        // Milliseconds are the finest that every engine keeps.
        ValueType::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, None),
    }
}

/// Brings a column into its canonical type. Values that do not fit are an error, not a NULL.
pub(crate) fn to_canonical(array: &ArrayRef, kind: ValueType) -> Result<ArrayRef, ArrowError> {
    let wanted = canonical(kind);
    if array.data_type() == &wanted {
        return Ok(Arc::clone(array));
    }
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, _) if kind == ValueType::Timestamp => Ok(
            truncate(array.as_primitive::<TimestampMicrosecondType>(), 1_000),
        ),
        DataType::Timestamp(TimeUnit::Nanosecond, _) if kind == ValueType::Timestamp => Ok(
            truncate(array.as_primitive::<TimestampNanosecondType>(), 1_000_000),
        ),
        _ => {
            let strict = CastOptions {
                safe: false,
                ..CastOptions::default()
            };
            cast_with_options(array, &wanted, &strict)
        }
    }
}

/// Truncates towards the past, before 1970 too.
fn truncate<T>(array: &PrimitiveArray<T>, per_millisecond: i64) -> ArrayRef
where
    T: ArrowPrimitiveType<Native = i64>,
{
    let truncated: TimestampMillisecondArray =
        array.unary(|value| value.div_euclid(per_millisecond));
    Arc::new(truncated)
}

/// The dataset type of an Iceberg type, when there is one.
pub(crate) fn of_iceberg(kind: &Type) -> Option<ValueType> {
    let Type::Primitive(kind) = kind else {
        return None;
    };
    Some(match kind {
        PrimitiveType::Boolean => ValueType::Boolean,
        PrimitiveType::Int | PrimitiveType::Long => ValueType::Integer,
        PrimitiveType::Float | PrimitiveType::Double => ValueType::Double,
        PrimitiveType::Decimal { precision, scale } => decimal(*precision, *scale)?,
        PrimitiveType::Date => ValueType::Date,
        PrimitiveType::String => ValueType::Text,
        PrimitiveType::Timestamp
        | PrimitiveType::Timestamptz
        | PrimitiveType::TimestampNs
        | PrimitiveType::TimestamptzNs => ValueType::Timestamp,
        _ => return None,
    })
}

/// The dataset type of an Arrow type, when there is one.
pub(crate) fn of_arrow(kind: &DataType) -> Option<ValueType> {
    Some(match kind {
        DataType::Boolean => ValueType::Boolean,
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32 => ValueType::Integer,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => ValueType::Double,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale) => {
            decimal((*precision).into(), u32::try_from(*scale).ok()?)?
        }
        DataType::Date32 | DataType::Date64 => ValueType::Date,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ValueType::Text,
        DataType::Dictionary(_, values) => of_arrow(values)?,
        DataType::Timestamp(..) => ValueType::Timestamp,
        _ => return None,
    })
}

fn decimal(precision: u32, scale: u32) -> Option<ValueType> {
    let (precision, scale) = (u8::try_from(precision).ok()?, u8::try_from(scale).ok()?);
    (precision <= ValueType::MOST_DIGITS).then_some(ValueType::Decimal { precision, scale })
}

/// Whether a column declared as `declared` can be read from one that holds `found`.
pub(crate) fn readable(declared: ValueType, found: ValueType) -> bool {
    match (declared, found) {
        // More digits than the table has do no harm; other decimals would be other numbers.
        (
            ValueType::Decimal { precision, scale },
            ValueType::Decimal {
                precision: stored,
                scale: stored_scale,
            },
        ) => scale == stored_scale && precision >= stored,
        _ => declared == found,
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{DictionaryArray, Int32Array, TimestampMicrosecondArray};
    use arrow::datatypes::Int8Type;

    use super::*;

    #[test]
    fn timestamps_are_truncated_towards_the_past() {
        let stored: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![
            Some(1_999),
            Some(-1),
            None,
        ]));

        let read = to_canonical(&stored, ValueType::Timestamp).unwrap();

        let expected = TimestampMillisecondArray::from(vec![Some(1), Some(-1), None]);
        assert_eq!(read.as_ref(), &expected as &dyn Array);
    }

    #[test]
    fn dictionaries_and_narrow_integers_become_plain() {
        let words: DictionaryArray<Int8Type> = ["a", "b", "a"].into_iter().collect();
        let words = to_canonical(&(Arc::new(words) as ArrayRef), ValueType::Text).unwrap();
        let counts: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
        let counts = to_canonical(&counts, ValueType::Integer).unwrap();

        assert_eq!(words.as_string::<i32>().value(2), "a");
        assert_eq!(counts.data_type(), &DataType::Int64);
    }

    #[test]
    fn a_decimal_may_be_declared_wider_but_not_otherwise() {
        let decimal = |precision, scale| ValueType::Decimal { precision, scale };

        assert!(readable(decimal(14, 2), decimal(12, 2)));
        assert!(!readable(decimal(10, 2), decimal(12, 2)));
        assert!(!readable(decimal(12, 3), decimal(12, 2)));
        assert!(!readable(ValueType::Double, ValueType::Integer));
    }
}
