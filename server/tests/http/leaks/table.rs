//! Tables of random rows, the content around them, and what a tile of it must show.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use chrono::{Datelike as _, NaiveDate};
use parquet::arrow::ArrowWriter;
use rust_decimal::Decimal;
use weir_engine::MaskKey;
use weir_policy::Value;

use super::model::{Mask, Row};

/// The tables; rows of one must never come out of another.
pub(crate) const TABLES: [&str; 2] = ["rows", "more"];

pub(crate) const SLUG: &str = "leaks";

/// A tile: what it groups by, what it counts and sums, and how it is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tile {
    pub(crate) id: &'static str,
    pub(crate) table: &'static str,
    /// The dimensions, each with its column.
    pub(crate) by: &'static [(&'static str, &'static str)],
    pub(crate) measures: &'static [&'static str],
    /// Most rows first, and no more than so many groups.
    pub(crate) most: Option<usize>,
}

/// One of each shape.
pub(crate) const TILES: [Tile; 10] = [
    tile("each", "rows", &[("line", "line")], &["count"]),
    tile("total", "rows", &[], &["amount"]),
    tile("units", "rows", &[("unit", "unit")], &["count", "amount"]),
    Tile {
        most: Some(3),
        ..tile("words", "rows", &[("word", "word")], &["count"])
    },
    tile("months", "rows", &[("month", "day")], &["count"]),
    tile(
        "cells",
        "rows",
        &[("flag", "flag"), ("number", "number")],
        &["amount"],
    ),
    tile(
        "moments",
        "rows",
        &[("moment", "moment"), ("day", "day")],
        &["count"],
    ),
    tile(
        "range",
        "rows",
        &[("unit", "unit")],
        &["least", "greatest", "words"],
    ),
    tile("amounts", "rows", &[("amount", "amount")], &["count"]),
    tile("other", "more", &[("line", "line")], &["count"]),
];

/// The filters, each on the column of its name.
pub(crate) const FILTERS: [&str; 3] = ["unit", "word", "number"];

const fn tile(
    id: &'static str,
    table: &'static str,
    by: &'static [(&'static str, &'static str)],
    measures: &'static [&'static str],
) -> Tile {
    Tile {
        id,
        table,
        by,
        measures,
        most: None,
    }
}

/// What narrows a page beside its rules: values by filter.
pub(crate) type Chosen = BTreeMap<&'static str, BTreeSet<Value>>;

/// What must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Nothing may be told.
    Withheld,
    /// These rows in this order; `None` is NULL.
    Rows(Vec<Vec<Option<String>>>),
    /// A masked value has no place in its column's type: the bucket of its smallest number starts
    /// below it. Nobody relies on what is shown then, so it is no trial.
    NoPlace,
}

/// A lake of random rows.
pub(crate) fn write(lake: &Path, table: &str, rows: &[Row]) {
    fn cells<'a, T>(
        rows: &'a [Row],
        column: &'static str,
        read: impl Fn(&'a Value) -> T + 'a,
    ) -> impl Iterator<Item = Option<T>> + 'a {
        rows.iter().map(move |row| row.get(column).map(&read))
    }
    let amounts: Decimal128Array = cells(rows, "amount", |value| match value {
        Value::Decimal(amount) => amount.mantissa(),
        other => panic!("{other:?}"),
    })
    .collect();
    let text =
        |column| -> ArrayRef { Arc::new(cells(rows, column, as_text).collect::<StringArray>()) };
    let integer =
        |column| -> ArrayRef { Arc::new(cells(rows, column, as_integer).collect::<Int64Array>()) };
    let flags: BooleanArray = cells(rows, "flag", |value| *value == Value::Boolean(true)).collect();
    let days: Date32Array = cells(rows, "day", |value| match value {
        Value::Date(day) => day.num_days_from_ce() - 719_163,
        other => panic!("{other:?}"),
    })
    .collect();
    // Finer than anybody may see, so that cutting it is tried.
    let moments: TimestampMicrosecondArray = cells(rows, "moment", |value| match value {
        Value::Timestamp(at) => at.and_utc().timestamp_micros() + 999,
        other => panic!("{other:?}"),
    })
    .collect();
    let columns: [(&str, ArrayRef); 8] = [
        ("line", integer("line")),
        ("unit", text("unit")),
        ("word", text("word")),
        ("flag", Arc::new(flags)),
        ("number", integer("number")),
        (
            "amount",
            Arc::new(amounts.with_precision_and_scale(10, 2).unwrap()),
        ),
        ("day", Arc::new(days)),
        ("moment", Arc::new(moments)),
    ];
    let columns = columns.map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let folder = lake.join(table);
    fs::create_dir_all(&folder).unwrap();
    let file = File::create(folder.join("first.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn as_text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    }
}

fn as_integer(value: &Value) -> i64 {
    match value {
        Value::Integer(number) => *number,
        other => panic!("{other:?} is no integer"),
    }
}

/// The description of a table.
pub(crate) fn dataset(table: &str) -> String {
    format!(
        "
dataset: gold.{table}
label: {{ en: Rows, fr: Lignes }}
source: {{ parquet: {table} }}
columns:
  line: {{ type: integer, label: {{ en: Line, fr: Ligne }} }}
  unit: {{ type: text, label: {{ en: Unit, fr: Unité }} }}
  word: {{ type: text, label: {{ en: Word, fr: Mot }} }}
  flag: {{ type: boolean, label: {{ en: Flag, fr: Drapeau }} }}
  number: {{ type: integer, label: {{ en: Number, fr: Nombre }} }}
  amount: {{ type: 'decimal(10,2)', label: {{ en: Amount, fr: Montant }} }}
  day: {{ type: date, label: {{ en: Day, fr: Jour }} }}
  moment: {{ type: timestamp, label: {{ en: Moment, fr: Moment }} }}
dimensions:
  line: {{ column: line, label: {{ en: Line, fr: Ligne }} }}
  unit: {{ column: unit, label: {{ en: Unit, fr: Unité }} }}
  word: {{ column: word, label: {{ en: Word, fr: Mot }} }}
  flag: {{ column: flag, label: {{ en: Flag, fr: Drapeau }} }}
  number: {{ column: number, label: {{ en: Number, fr: Nombre }} }}
  amount: {{ column: amount, label: {{ en: Amount, fr: Montant }} }}
  day: {{ column: day, label: {{ en: Day, fr: Jour }} }}
  month: {{ column: day, grain: month, label: {{ en: Month, fr: Mois }} }}
  moment: {{ column: moment, label: {{ en: Moment, fr: Moment }} }}
measures:
  count: {{ count: rows, format: integer, label: {{ en: Rows, fr: Lignes }} }}
  amount: {{ sum: amount, format: {{ currency: CAD }}, label: {{ en: Amount, fr: Montant }} }}
  least: {{ min: number, format: integer, label: {{ en: Least, fr: Minimum }} }}
  greatest: {{ max: number, format: integer, label: {{ en: Greatest, fr: Maximum }} }}
  words: {{ count_distinct: word, format: integer, label: {{ en: Words, fr: Mots }} }}
"
    )
}

/// The dashboard with every tile and filter.
pub(crate) fn dashboard() -> String {
    let filters = FILTERS.map(|column| {
        format!("  - {{ id: {column}, label: {{ en: F, fr: F }}, dataset: gold.rows, column: {column} }}\n")
    });
    let tiles = TILES.map(|tile| {
        let by: Vec<_> = tile.by.iter().map(|(name, _)| *name).collect();
        let chart = if by.is_empty() { "kpi".to_owned() } else { format!("table\n    by: {by:?}") };
        let most = tile.most.map(|most| {
            format!("    order: {{ by: count, direction: descending }}\n    limit: {most}\n")
        });
        format!(
            "  - id: {}\n    title: {{ en: T, fr: T }}\n    dataset: gold.{}\n    chart: {chart}\n    \
             width: 6\n    measures: {:?}\n{}",
            tile.id, tile.table, tile.measures, most.unwrap_or_default()
        )
    });
    format!(
        "dashboard: {SLUG}\ntitle: {{ en: Leaks, fr: Fuites }}\nsubtitle: {{ en: None, fr: Aucune }}\n\
         filters:\n{}tiles:\n{}",
        filters.concat(),
        tiles.concat()
    )
}

/// What a tile must show of the rows that may be seen, to whom the columns are masked like this.
pub(crate) fn expected(
    tile: &Tile,
    seen: &[&Row],
    masks: &BTreeMap<&'static str, Mask>,
    chosen: &Chosen,
) -> Expected {
    let mask = |column: &str| masks.get(column).copied();
    let cut = |name: &str, column: &str| name != column;
    let closed = tile.by.iter().any(|(name, column)| match mask(column) {
        Some(Mask::Hidden) => true,
        Some(_) => cut(name, column),
        None => false,
    });
    if closed || chosen.keys().any(|column| mask(column).is_some()) {
        return Expected::Withheld;
    }
    let kept: Vec<_> = tile
        .measures
        .iter()
        .filter(|measure| reads(measure).is_none_or(|column| mask(column) != Some(Mask::Hidden)))
        .collect();
    if kept.is_empty()
        || kept
            .iter()
            .any(|m| reads(m).is_some_and(|c| mask(c).is_some()))
    {
        return Expected::Withheld;
    }
    let rows = seen.iter().filter(|row| passes(row, chosen));
    let mut groups: BTreeMap<Vec<NullsLast>, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let Some(key) = tile.by.iter().map(|by| key(row, by, mask(by.1))).collect() else {
            return Expected::NoPlace;
        };
        groups.entry(key).or_default().push(row);
    }
    if tile.by.is_empty() {
        groups.entry(Vec::new()).or_default();
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    if let Some(most) = tile.most {
        groups.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
        groups.truncate(most);
    }
    let shown = groups.iter().map(|(key, rows)| {
        let measures = kept.iter().map(|measure| value_of(measure, rows));
        key.iter()
            .map(|key| key.0.as_ref().map(shown))
            .chain(measures)
            .collect()
    });
    Expected::Rows(shown.collect())
}

/// The values that a filter must offer: those of the rows that may be seen.
pub(crate) fn offered(
    column: &'static str,
    seen: &[&Row],
    masks: &BTreeMap<&'static str, Mask>,
) -> Expected {
    let mask = masks.get(column).copied();
    if mask == Some(Mask::Hidden) {
        return Expected::Withheld;
    }
    let mut groups: BTreeMap<NullsLast, usize> = BTreeMap::new();
    for row in seen {
        let Some(key) = key(row, &(column, column), mask) else {
            return Expected::NoPlace;
        };
        *groups.entry(key).or_default() += 1;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    let shown =
        |(key, rows): (NullsLast, usize)| vec![key.0.as_ref().map(shown), Some(rows.to_string())];
    Expected::Rows(groups.into_iter().map(shown).collect())
}

fn passes(row: &Row, chosen: &Chosen) -> bool {
    let mut filters = chosen.iter();
    filters.all(|(column, values)| row.get(column).is_some_and(|held| values.contains(held)))
}

/// The column a measure reads, if it reads one.
fn reads(measure: &str) -> Option<&'static str> {
    match measure {
        "count" => None,
        "amount" => Some("amount"),
        "least" | "greatest" => Some("number"),
        "words" => Some("word"),
        other => panic!("no measure {other}"),
    }
}

fn value_of(measure: &str, rows: &[&Row]) -> Option<String> {
    let of = |column: &str| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .collect::<BTreeSet<_>>()
    };
    match measure {
        "count" => Some(rows.len().to_string()),
        "words" => Some(of("word").len().to_string()),
        "least" => of("number").first().map(|value| shown(value)),
        "greatest" => of("number").last().map(|value| shown(value)),
        _ => {
            let amounts = rows.iter().filter_map(|row| match row.get("amount") {
                Some(Value::Decimal(amount)) => Some(*amount),
                _ => None,
            });
            amounts
                .reduce(|sum, amount| sum + amount)
                .map(|sum| shown(&Value::Decimal(sum)))
        }
    }
}

/// Values in their order, NULL after all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NullsLast(Option<Value>);

impl PartialOrd for NullsLast {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NullsLast {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let place = |key: &Self| (key.0.is_none(), key.0.clone());
        place(self).cmp(&place(other))
    }
}

/// What a row is grouped under; `None` when the masked value does not fit the column.
fn key(row: &Row, (name, column): &(&str, &str), mask: Option<Mask>) -> Option<NullsLast> {
    let held = row.get(column);
    let Some(mask) = mask else {
        let cut = |value: &Value| match value {
            Value::Date(day) if name != column => Value::Date(first_of_month(*day)),
            other => other.clone(),
        };
        return Some(NullsLast(held.map(cut)));
    };
    let masked = match (mask, held) {
        (Mask::Null | Mask::Hidden, _) | (_, None) => None,
        (Mask::Hash, Some(value)) => Some(Value::Text(hashing().mask(&as_text(value)))),
        (Mask::Partial, Some(value)) => {
            let first: String = as_text(value).chars().take(1).collect();
            Some(Value::Text(format!("{first}...")))
        }
        (Mask::Bucket(width), Some(value)) => Some(bucket(value, width)?),
    };
    Some(NullsLast(masked))
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap()
}

/// The key of the test worlds, made as the server makes it.
fn hashing() -> MaskKey {
    use sha2::Digest as _;
    MaskKey::new(sha2::Sha256::digest("the mask key of the tests, 32 bytes or more").into())
}

fn bucket(value: &Value, width: i64) -> Option<Value> {
    match value {
        Value::Integer(number) => {
            let (number, width) = (i128::from(*number), i128::from(width / 100));
            let low = number.div_euclid(width) * width;
            i64::try_from(low).ok().map(Value::Integer)
        }
        Value::Decimal(amount) => {
            let low = amount.mantissa().div_euclid(i128::from(width)) * i128::from(width);
            let fits = low.unsigned_abs() < 10_000_000_000;
            fits.then(|| Value::Decimal(Decimal::from_i128_with_scale(low, 2)))
        }
        other => panic!("{other:?} has no bucket"),
    }
}

/// A value as the JSON answers spell it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(amount) => amount.to_string(),
        Value::Text(text) => text.clone(),
        Value::Date(day) => day.to_string(),
        Value::Timestamp(at) => at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
    }
}
