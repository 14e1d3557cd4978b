//! Rows as JSON, written straight out of the answer: no cell is copied on the way.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use weir_query::Cell;

use crate::service::query_cache::Entry;

/// The largest integer up to which a double holds every one: 2^53.
const EXACT: u64 = 1 << 53;

/// The rows of an answer, each a list of its cells.
#[derive(Debug)]
pub(super) struct Rows(pub(super) Arc<Entry>);

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.0.rows.rows().iter();
        serializer.collect_seq(rows.map(|row| Row(row)))
    }
}

struct Row<'a>(&'a [Cell]);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Written))
    }
}

/// JSON numbers are doubles to most readers, so only what a double holds exactly is one.
struct Written<'a>(&'a Cell);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Cell::Null => serializer.serialize_unit(),
            Cell::Boolean(value) => serializer.serialize_bool(*value),
            Cell::Integer(value) if value.unsigned_abs() > EXACT => serializer.collect_str(value),
            Cell::Integer(value) => serializer.serialize_i64(*value),
            Cell::Double(value) => serializer.serialize_f64(*value),
            Cell::Decimal(value) => serializer.collect_str(value),
            Cell::Text(value) => serializer.serialize_str(value),
            Cell::Date(value) => serializer.collect_str(value),
            Cell::Timestamp(value) => {
                serializer.collect_str(&value.format("%Y-%m-%dT%H:%M:%S%.3fZ"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use serde_json::{Value, json};

    use super::*;

    fn written(cell: &Cell) -> Value {
        serde_json::to_value(Written(cell)).unwrap()
    }

    #[test]
    fn a_cell_is_written_so_that_nobody_reads_another_value() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        let exact = i64::try_from(EXACT).unwrap();
        for (cell, expected) in [
            (Cell::Null, Value::Null),
            (Cell::Boolean(true), json!(true)),
            (Cell::Integer(exact), json!(exact)),
            (Cell::Integer(exact + 1), json!((exact + 1).to_string())),
            (Cell::Integer(-exact - 1), json!((-exact - 1).to_string())),
            (Cell::Integer(i64::MIN), json!(i64::MIN.to_string())),
            (Cell::Double(0.5), json!(0.5)),
            (Cell::Double(f64::NAN), Value::Null),
            (Cell::Double(f64::INFINITY), Value::Null),
            (Cell::Decimal("1204.50".parse().unwrap()), json!("1204.50")),
            (
                Cell::Text("\"</script>\u{2028}".to_owned()),
                json!("\"</script>\u{2028}"),
            ),
            (Cell::Date(day), json!("2026-11-02")),
            (
                Cell::Timestamp(day.and_hms_milli_opt(3, 4, 5, 60).unwrap()),
                json!("2026-11-02T03:04:05.060Z"),
            ),
        ] {
            assert_eq!(written(&cell), expected, "{cell:?}");
        }
    }
}
