use chrono::NaiveTime;

use super::*;

fn columns(kinds: &[CellType]) -> Vec<OutputColumn> {
    let column = |(at, kind): (usize, &CellType)| OutputColumn {
        name: format!("c{at}"),
        cell_type: *kind,
    };
    kinds.iter().enumerate().map(column).collect()
}

fn told(cells: &[Option<&str>]) -> Row {
    let datum = |text: Option<&str>| Datum::builder().set_var_char_value(text.map(str::to_owned));
    let data = cells.iter().map(|text| datum(*text).build()).collect();
    Row::builder().set_data(Some(data)).build()
}

fn one(text: &str, kind: CellType) -> Result<Cell, EngineError> {
    let mut cells = row(&told(&[Some(text)]), &columns(&[kind]))?;
    Ok(cells.remove(0))
}

fn code(text: &str, kind: CellType) -> &'static str {
    one(text, kind).unwrap_err().code()
}

fn info(kind: &str, scale: i32) -> ColumnInfo {
    let info = ColumnInfo::builder().name("c0").r#type(kind).scale(scale);
    info.build().unwrap()
}

fn fit(kind: &str, scale: i32, wanted: CellType) -> bool {
    check(&[info(kind, scale)], &columns(&[wanted])).is_ok()
}

const CENTS: CellType = CellType::Decimal { scale: 2 };

#[test]
fn a_missing_cell_is_null_and_an_empty_one_is_a_text() {
    let kinds = columns(&[CellType::Text, CellType::Text, CellType::Integer]);

    let cells = row(&told(&[None, Some(""), None]), &kinds).unwrap();

    assert_eq!(cells, [Cell::Null, Cell::Text(String::new()), Cell::Null]);
}

#[test]
fn cells_left_away_at_the_end_are_null() {
    let kinds = columns(&[CellType::Integer, CellType::Text]);

    assert_eq!(
        row(&told(&[Some("7")]), &kinds).unwrap(),
        [Cell::Integer(7), Cell::Null]
    );
}

#[test]
fn every_type_is_read() {
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    let time = NaiveTime::from_hms_milli_opt(21, 42, 7, 123).unwrap();
    for (text, kind, cell) in [
        ("true", CellType::Boolean, Cell::Boolean(true)),
        (
            "-9223372036854775808",
            CellType::Integer,
            Cell::Integer(i64::MIN),
        ),
        ("1.5E10", CellType::Double, Cell::Double(1.5e10)),
        ("12.5", CENTS, Cell::Decimal(Decimal::new(1_250, 2))),
        ("-3", CENTS, Cell::Decimal(Decimal::new(-300, 2))),
        ("l'été", CellType::Text, Cell::Text("l'été".to_owned())),
        ("2026-11-21", CellType::Date, Cell::Date(day)),
        (
            "2026-11-21 21:42:07.123",
            CellType::Timestamp,
            Cell::Timestamp(day.and_time(time)),
        ),
        (
            "2026-11-21 21:42:07.123 UTC",
            CellType::Timestamp,
            Cell::Timestamp(day.and_time(time)),
        ),
        (
            "2026-11-21 21:42:07.123999",
            CellType::Timestamp,
            Cell::Timestamp(day.and_time(time)),
        ),
    ] {
        assert_eq!(one(text, kind).unwrap(), cell, "{text}");
    }
}

#[test]
fn doubles_may_be_no_numbers() {
    let Cell::Double(nan) = one("NaN", CellType::Double).unwrap() else {
        panic!("not a double")
    };
    assert!(nan.is_nan());
    assert_eq!(
        one("Infinity", CellType::Double).unwrap(),
        Cell::Double(f64::INFINITY)
    );
    assert_eq!(
        one("-Infinity", CellType::Double).unwrap(),
        Cell::Double(f64::NEG_INFINITY)
    );
}

#[test]
fn decimals_carry_the_promised_digits_and_are_never_rounded() {
    let Cell::Decimal(value) = one("1", CENTS).unwrap() else {
        panic!("not a decimal")
    };
    assert_eq!(value.to_string(), "1.00");

    assert_eq!(code("1.234", CENTS), "number_out_of_range");
    assert_eq!(
        code("99999999999999999999999999999", CENTS),
        "number_out_of_range"
    );
    assert_eq!(
        code("9999999999999999999999999999", CENTS),
        "number_out_of_range"
    );
}

#[test]
fn what_is_not_of_the_promised_type_is_an_error() {
    assert_eq!(
        code("9223372036854775808", CellType::Integer),
        "number_out_of_range"
    );
    for (text, kind) in [
        ("seven", CellType::Integer),
        ("yes", CellType::Boolean),
        ("1,5", CENTS),
        ("21/11/2026", CellType::Date),
        ("2026-11-21T21:42:07", CellType::Timestamp),
        (
            "2026-11-21 21:42:07.123 America/Toronto",
            CellType::Timestamp,
        ),
    ] {
        assert_eq!(code(text, kind), "unexpected_shape", "{text}");
    }
}

#[test]
fn a_value_never_reaches_the_log() {
    let error = one("Jean Tremblay", CellType::Integer).unwrap_err();

    let EngineError::Shape { detail } = error else {
        panic!("{error:?}")
    };
    assert!(!detail.to_string().contains("Jean"), "{detail}");
}

#[test]
fn columns_must_be_as_many_and_of_types_that_fit() {
    assert!(fit("bigint", 0, CellType::Integer));
    assert!(fit("decimal", 0, CellType::Integer));
    assert!(!fit("decimal", 2, CellType::Integer));
    assert!(fit("decimal", 2, CENTS));
    assert!(!fit("decimal", 3, CENTS));
    assert!(fit("integer", 0, CENTS));
    assert!(!fit("double", 0, CENTS));
    assert!(fit("real", 0, CellType::Double));
    assert!(fit("char", 0, CellType::Text));
    assert!(!fit("varbinary", 0, CellType::Text));
    assert!(fit("timestamp with time zone", 0, CellType::Timestamp));
    assert!(fit("unknown", 0, CellType::Date));

    let two = columns(&[CellType::Text, CellType::Text]);
    assert!(check(&[info("varchar", 0)], &two).is_err());
}
