use super::*;

const MONEY: ValueType = ValueType::Decimal {
    precision: 12,
    scale: 2,
};

fn plain(text: &str, column: ValueType) -> Result<Value, ValueError> {
    Value::from_scalar(Scalar::Plain(text), column)
}

fn quoted(text: &str, column: ValueType) -> Result<Value, ValueError> {
    Value::from_scalar(Scalar::Quoted(text), column)
}

#[test]
fn types_have_one_spelling_each() {
    for spelling in [
        "boolean",
        "integer",
        "decimal(12,2)",
        "double",
        "text",
        "date",
        "timestamp",
    ] {
        assert_eq!(spelling.parse::<ValueType>().unwrap().to_string(), spelling);
    }
    for wrong in [
        "int",
        "decimal",
        "decimal(0,0)",
        "decimal(29,2)",
        "decimal(2,3)",
        "TEXT",
        "",
    ] {
        assert!(wrong.parse::<ValueType>().is_err(), "{wrong}");
    }
}

#[test]
fn decimals_are_exact_or_refused() {
    let a_tenth = Value::Decimal(Decimal::new(10, 2));
    assert_eq!(plain("0.1", MONEY), Ok(a_tenth.clone()));
    assert_eq!(quoted("0.10", MONEY), Ok(a_tenth));
    assert_eq!(
        plain("9999999999.99", MONEY),
        Ok(Value::Decimal(Decimal::new(999_999_999_999, 2)))
    );
    for too_much in ["0.105", "10000000000", "123456789012345678901234567890"] {
        assert!(
            matches!(plain(too_much, MONEY), Err(ValueError::DoesNotFit { .. })),
            "{too_much}"
        );
    }
    for wrong in [
        "1e3", ".5", "5.", "+1", "1,5", " 1", "١٢", "NaN", ".inf", "0x10", "-",
    ] {
        assert!(
            matches!(plain(wrong, MONEY), Err(ValueError::Type { .. })),
            "{wrong}"
        );
    }
}

#[test]
fn integers_are_canonical_and_never_text() {
    assert_eq!(plain("-42", ValueType::Integer), Ok(Value::Integer(-42)));
    assert_eq!(
        plain("9223372036854775807", ValueType::Integer),
        Ok(Value::Integer(i64::MAX))
    );
    for wrong in ["9223372036854775808", "007", "+7", "1.0", "1_000", "", "-"] {
        assert!(plain(wrong, ValueType::Integer).is_err(), "{wrong}");
    }
    assert!(quoted("42", ValueType::Integer).is_err());
    assert_eq!(
        Value::parse("42", ValueType::Integer),
        Ok(Value::Integer(42))
    );
}

#[test]
fn text_comes_from_yaml_strings_only() {
    assert_eq!(
        plain("auto", ValueType::Text),
        Ok(Value::Text("auto".to_owned()))
    );
    assert_eq!(
        plain("no", ValueType::Text),
        Ok(Value::Text("no".to_owned()))
    );
    assert_eq!(
        quoted("12", ValueType::Text),
        Ok(Value::Text("12".to_owned()))
    );
    assert_eq!(
        quoted("null", ValueType::Text),
        Ok(Value::Text("null".to_owned()))
    );
    for number in [
        "12", "1.5", "1e3", "-3", ".5", "0x1f", "0o7", ".inf", "-.INF", ".nan", "true",
    ] {
        assert!(plain(number, ValueType::Text).is_err(), "{number}");
    }
    for string in ["-", ".", "1.2.3", "2026-01-01", "12a", "e5", "inf", "nan"] {
        assert!(plain(string, ValueType::Text).is_ok(), "{string}");
    }
}

#[test]
fn null_is_never_an_operand() {
    for null in ["", "~", "null", "Null", "NULL"] {
        assert_eq!(plain(null, ValueType::Text), Err(ValueError::Null));
    }
}

#[test]
fn days_and_instants_are_iso_and_exist() {
    assert!(plain("2026-02-28", ValueType::Date).is_ok());
    for wrong in [
        "2026-02-29",
        "2026-2-3",
        "26-02-03",
        "9999999-01-01",
        "2026/02/03",
        "today",
    ] {
        assert!(plain(wrong, ValueType::Date).is_err(), "{wrong}");
    }
    let whole = plain("2026-01-31T08:30:00Z", ValueType::Timestamp).unwrap();
    assert_eq!(
        plain("2026-01-31T08:30:00.000", ValueType::Timestamp),
        Ok(whole.clone())
    );
    assert_eq!(whole.to_string(), "2026-01-31T08:30:00.000Z");
    let tenths = plain("2026-01-31T08:30:00.5Z", ValueType::Timestamp).unwrap();
    assert_eq!(tenths.to_string(), "2026-01-31T08:30:00.500Z");
    for wrong in [
        "2026-01-31 08:30:00",
        "2026-01-31T08:30:00.0001",
        "2026-01-31T08:30:60Z",
        "2026-01-31T08:30:00+01:00",
    ] {
        assert!(plain(wrong, ValueType::Timestamp).is_err(), "{wrong}");
    }
}

#[test]
fn doubles_cannot_be_compared() {
    assert_eq!(plain("1.5", ValueType::Double), Err(ValueError::Double));
    assert!(!ValueType::Double.is_comparable());
}

#[test]
fn literals_read_without_quotes_only_when_nothing_else_reads_like_that() {
    let text = |text: &str| Value::Text(text.to_owned()).to_string();
    assert_eq!(text("auto"), "auto");
    assert_eq!(text("true"), "\"true\"");
    assert_eq!(text("12"), "\"12\"");
    assert_eq!(text("a b"), "\"a b\"");
    assert_eq!(text("\u{202e}x"), "\"\\u{202e}x\"");
    assert_eq!(text("é"), "\"é\"");
}
