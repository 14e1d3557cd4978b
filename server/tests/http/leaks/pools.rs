//! Where random values come from: few enough to meet each other often, and each with a reason.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rust_decimal::Decimal;
use serde_json::json;
use weir_policy::Value;

use super::model::Literal;

/// The columns of a table, in the order of its file; `line` numbers the rows and is never NULL.
pub(crate) const COLUMNS: [&str; 8] = [
    "line", "unit", "word", "flag", "number", "amount", "day", "moment",
];

/// Texts that a careless comparison takes for each other, or for something else than text.
pub(crate) const TEXTS: [&str; 34] = [
    "auto",
    "auto",
    "home",
    "home",
    "life",
    "Auto",
    "AUTO",
    "аuto",
    "ａｕｔｏ",
    "auto\u{200b}",
    "\u{feff}auto",
    "au\u{ad}to",
    "aut",
    "auto2",
    "sant\u{e9}",
    "sante\u{301}",
    "İ",
    "i\u{307}",
    "ı",
    "I",
    "i",
    "ß",
    "ss",
    "ﬁ",
    "fi",
    "%",
    "_",
    "a%",
    "a_to",
    "*",
    "\\",
    "' OR ''='",
    "NULL",
    "\u{1F9CA}",
];

/// Texts that only rows and attributes hold: business units are trimmed and visible.
const STRANGE: [&str; 6] = ["", " ", "auto ", " auto", "\t", "a\u{0}b"];

/// Attribute values and the integer that each is, if it is one.
const INTEGERS: [(&str, Option<i64>); 18] = [
    ("0", Some(0)),
    ("1", Some(1)),
    ("2", Some(2)),
    ("-1", Some(-1)),
    ("-2", Some(-2)),
    ("9223372036854775807", Some(i64::MAX)),
    ("-9223372036854775808", Some(i64::MIN)),
    ("9223372036854775808", None),
    ("01", None),
    ("+1", None),
    (" 1", None),
    ("1.0", None),
    ("1e0", None),
    ("0x1", None),
    ("１", None),
    ("١", None),
    ("true", None),
    ("NaN", None),
];

/// Attribute values and the hundredths that each is, if it is a `decimal(10,2)`.
const AMOUNTS: [(&str, Option<i64>); 16] = [
    ("0", Some(0)),
    ("1", Some(100)),
    ("1.00", Some(100)),
    ("1.000", Some(100)),
    ("0.01", Some(1)),
    ("-0.01", Some(-1)),
    ("-1.5", Some(-150)),
    ("99999999.99", Some(9_999_999_999)),
    ("-99999999.99", Some(-9_999_999_999)),
    ("100000000", None),
    ("0.001", None),
    ("1,5", None),
    (".5", None),
    ("5.", None),
    ("1e2", None),
    ("∞", None),
];

/// Year, month and day.
type Day = (i32, u32, u32);

/// Attribute values and the day that each is, if it is one.
const DAYS: [(&str, Option<Day>); 14] = [
    ("1970-01-01", Some((1970, 1, 1))),
    ("1969-12-31", Some((1969, 12, 31))),
    ("1900-02-28", Some((1900, 2, 28))),
    ("2024-02-29", Some((2024, 2, 29))),
    ("2026-10-31", Some((2026, 10, 31))),
    ("2026-11-01", Some((2026, 11, 1))),
    ("2199-12-31", Some((2199, 12, 31))),
    ("2023-02-29", None),
    ("2026-13-01", None),
    ("2026-1-01", None),
    ("31/10/2026", None),
    ("2026-10-31T00:00:00Z", None),
    ("today", None),
    ("２０２６-10-31", None),
];

/// Attribute values and the milliseconds since 1970 that each is, if it is a timestamp.
const MOMENTS: [(&str, Option<i64>); 9] = [
    ("1970-01-01T00:00:00Z", Some(0)),
    ("1970-01-01T00:00:00.001Z", Some(1)),
    ("1969-12-31T23:59:59.999Z", Some(-1)),
    ("1970-01-01T00:00:00.002", Some(2)),
    ("2199-12-31T23:59:59Z", Some(7_258_118_399_000)),
    ("1970-01-01", None),
    ("1970-01-01T00:00:60Z", None),
    ("1970-01-01T00:00:00+00:00", None),
    ("1970-01-01T25:00:00Z", None),
];

const BOOLEANS: [(&str, Option<bool>); 6] = [
    ("true", Some(true)),
    ("false", Some(false)),
    ("True", None),
    ("1", None),
    ("yes", None),
    ("t", None),
];

pub(crate) fn amount(hundredths: i64) -> Value {
    Value::Decimal(Decimal::new(hundredths, 2))
}

fn date((year, month, day): Day) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub(crate) fn instant(milliseconds: i64) -> NaiveDateTime {
    DateTime::from_timestamp_millis(milliseconds)
        .unwrap()
        .naive_utc()
}

/// What an attribute's text says about a column: `None` when it is not of the column's type.
pub(crate) fn understood(column: &str, text: &str) -> Option<Value> {
    match column {
        "unit" | "word" => Some(Value::Text(text.to_owned())),
        "line" | "number" => look_up(&INTEGERS, text)
            .or(filler(text))
            .map(Value::Integer),
        "amount" => look_up(&AMOUNTS, text)
            .or(filler(text).map(|whole| whole * 100))
            .map(amount),
        "day" => look_up(&DAYS, text).map(|day| Value::Date(date(day))),
        "moment" => look_up(&MOMENTS, text).map(|at| Value::Timestamp(instant(at))),
        "flag" => look_up(&BOOLEANS, text).map(Value::Boolean),
        other => panic!("no column {other}"),
    }
}

/// What the pool says, and plain numbers of four digits, which fill huge sets.
fn look_up<T: Copy>(pool: &[(&str, Option<T>)], text: &str) -> Option<T> {
    pool.iter()
        .find(|(spelled, _)| *spelled == text)
        .and_then(|(_, meant)| *meant)
}

fn filler(text: &str) -> Option<i64> {
    text.parse()
        .ok()
        .filter(|number| (1_000..10_000).contains(number))
}

pub(crate) fn pick<T: Clone>(random: &mut StdRng, pool: &[T]) -> T {
    pool.choose(random).unwrap().clone()
}

/// A text of some pool, mostly of the pool of the column.
pub(crate) fn claim(random: &mut StdRng, column: &str, strange: u32) -> String {
    let valid = |random: &mut StdRng, pool: Vec<(&str, bool)>| {
        let well = !random.random_ratio(strange, 100);
        let pool: Vec<&str> = pool
            .into_iter()
            .filter(|(_, is)| *is == well)
            .map(|(text, _)| text)
            .collect();
        pick(random, &pool).to_owned()
    };
    match column {
        "line" | "number" => valid(random, marked(&INTEGERS)),
        "amount" => valid(random, marked(&AMOUNTS)),
        "day" => valid(random, marked(&DAYS)),
        "moment" => valid(random, marked(&MOMENTS)),
        "flag" => valid(random, marked(&BOOLEANS)),
        _ if random.random_ratio(strange, 100) => pick(random, &STRANGE).to_owned(),
        _ => text(random),
    }
}

fn marked<'a, T>(pool: &[(&'a str, Option<T>)]) -> Vec<(&'a str, bool)> {
    pool.iter()
        .map(|(text, meant)| (*text, meant.is_some()))
        .collect()
}

/// The first texts are met most often.
pub(crate) fn text(random: &mut StdRng) -> String {
    let reach = if random.random_ratio(1, 2) {
        5
    } else {
        TEXTS.len()
    };
    pick(random, &TEXTS[..reach]).to_owned()
}

/// The cell of a row; `None` is NULL.
pub(crate) fn cell(random: &mut StdRng, column: &str) -> Option<Value> {
    if random.random_ratio(1, 6) {
        return None;
    }
    let typed = claim(random, column, 0);
    match column {
        "unit" | "word" => Some(Value::Text(claim(random, column, 10))),
        _ => understood(column, &typed),
    }
}

/// A value that a rule compares the column with.
pub(crate) fn literal(random: &mut StdRng, column: &str) -> Literal {
    let spelled = claim(random, column, 0);
    let value = understood(column, &spelled).unwrap();
    let spelled = match &value {
        Value::Integer(number) => json!(number),
        Value::Boolean(flag) => json!(flag),
        _ => json!(spelled),
    };
    Literal { value, spelled }
}
