//! Literals as people of a locale write them.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

use crate::locale::Locale;
use crate::value::Value;

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// The literal, without any article.
pub(super) fn written(value: &Value, locale: Locale) -> String {
    match (value, locale) {
        (Value::Boolean(true), Locale::EnCa) => "yes".to_owned(),
        (Value::Boolean(false), Locale::EnCa) => "no".to_owned(),
        (Value::Boolean(true), Locale::FrCa) => "oui".to_owned(),
        (Value::Boolean(false), Locale::FrCa) => "non".to_owned(),
        (Value::Integer(number), _) => grouped(&number.to_string(), locale),
        (Value::Decimal(number), _) => grouped(&number.to_string(), locale),
        (Value::Text(text), _) => quoted(text, locale),
        (Value::Date(day), _) => date(*day, locale),
        (Value::Timestamp(instant), _) => timestamp(*instant, locale),
    }
}

/// Text in the quotation marks of the language.
pub(super) fn quoted(text: &str, locale: Locale) -> String {
    match locale {
        Locale::EnCa => format!("“{text}”"),
        Locale::FrCa => format!("«\u{a0}{text}\u{a0}»"),
    }
}

/// A number with its thousands apart.
pub(super) fn grouped(number: &str, locale: Locale) -> String {
    let (comma, point) = match locale {
        Locale::EnCa => (",", '.'),
        Locale::FrCa => ("\u{a0}", ','),
    };
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut written = sign.to_owned();
    let length = whole.chars().count();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (length - at).is_multiple_of(3) {
            written.push_str(comma);
        }
        written.push(digit);
    }
    if !fraction.is_empty() {
        written.push(point);
        written.push_str(fraction);
    }
    written
}

fn date(day: NaiveDate, locale: Locale) -> String {
    let month = |names: [&'static str; 12]| {
        let place = usize::try_from(day.month0()).unwrap_or_default();
        names.get(place).copied().unwrap_or_default()
    };
    let (number, year) = (day.day(), day.year());
    match locale {
        Locale::EnCa => format!("{} {number}, {year}", month(MONTHS_EN)),
        Locale::FrCa if number == 1 => format!("1er {} {year}", month(MONTHS_FR)),
        Locale::FrCa => format!("{number} {} {year}", month(MONTHS_FR)),
    }
}

fn timestamp(instant: NaiveDateTime, locale: Locale) -> String {
    let clock = match (instant.second(), instant.nanosecond() / 1_000_000) {
        (0, 0) => instant.format("%H:%M"),
        (_, 0) => instant.format("%H:%M:%S"),
        _ => instant.format("%H:%M:%S%.3f"),
    };
    let day = date(instant.date(), locale);
    match locale {
        Locale::EnCa => format!("{day} at {clock} UTC"),
        Locale::FrCa => format!("{day} à {clock} UTC"),
    }
}
