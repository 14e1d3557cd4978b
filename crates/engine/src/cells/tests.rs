use arrow::array::{
    BooleanArray, Decimal128Array, DictionaryArray, Int64Array, NullArray, StringViewArray,
    TimestampNanosecondArray,
};
use arrow::datatypes::Int32Type;

use super::*;

fn decoded(array: impl Array + 'static, kind: CellType) -> Result<Vec<Cell>, EngineError> {
    let array: ArrayRef = Arc::new(array);
    cells(&array, kind, 0)
}

#[test]
fn every_text_encoding_reads_the_same() {
    let view = StringViewArray::from(vec![Some("a"), None, Some("")]);
    let coded: DictionaryArray<Int32Type> = [Some("a"), None, Some("")].into_iter().collect();

    let expected = [
        Cell::Text("a".to_owned()),
        Cell::Null,
        Cell::Text(String::new()),
    ];
    assert_eq!(decoded(view, CellType::Text).unwrap(), expected);
    assert_eq!(decoded(coded, CellType::Text).unwrap(), expected);
}

#[test]
fn timestamps_lose_what_is_finer_than_a_millisecond() {
    let array = TimestampNanosecondArray::from(vec![1_999_999, -1]);

    let cells = decoded(array, CellType::Timestamp).unwrap();

    let at = |millis| Cell::Timestamp(timestamp_ms_to_datetime(millis).unwrap());
    assert_eq!(cells, [at(1), at(-1)]);
}

#[test]
fn a_whole_decimal_may_be_an_integer_but_not_a_broken_one() {
    let sum = |scale| {
        let array = Decimal128Array::from(vec![42]);
        array.with_precision_and_scale(38, scale).unwrap()
    };

    assert_eq!(
        decoded(sum(0), CellType::Integer).unwrap(),
        [Cell::Integer(42)]
    );
    assert!(decoded(sum(2), CellType::Integer).is_err());
    assert!(decoded(sum(4), CellType::Decimal { scale: 2 }).is_err());
    let widened = decoded(sum(0), CellType::Decimal { scale: 2 }).unwrap();
    assert_eq!(widened, [Cell::Decimal("42.00".parse().unwrap())]);
}

#[test]
fn decimals_beyond_twenty_eight_digits_are_out_of_range() {
    let array = Decimal128Array::from(vec![i128::MAX])
        .with_precision_and_scale(38, 2)
        .unwrap();

    let error = decoded(array, CellType::Decimal { scale: 2 }).unwrap_err();

    assert_eq!(error.code(), "number_out_of_range");
}

#[test]
fn a_column_of_nothing_but_nulls_fits_every_type() {
    for kind in [
        CellType::Text,
        CellType::Integer,
        CellType::Date,
        CellType::Boolean,
    ] {
        assert_eq!(
            decoded(NullArray::new(2), kind).unwrap(),
            [Cell::Null, Cell::Null]
        );
    }
}

#[test]
fn a_column_of_another_type_is_a_mismatch() {
    let flags = BooleanArray::from(vec![true]);
    let counts = Int64Array::from(vec![1]);

    assert_eq!(
        decoded(flags, CellType::Integer).unwrap_err().code(),
        "unexpected_shape"
    );
    assert_eq!(
        decoded(counts, CellType::Text).unwrap_err().code(),
        "unexpected_shape"
    );
}
