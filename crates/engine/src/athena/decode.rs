//! Athena's cells, which are all texts, into typed ones. A cell without a text is NULL; an empty
//! text is a text.

use aws_sdk_athena::types::{ColumnInfo, Datum, Row};
use chrono::{Duration, NaiveDate, NaiveDateTime, SubsecRound};
use rust_decimal::Decimal;
use weir_query::{Cell, CellType, OutputColumn};

use crate::error::{EngineError, ShapeMismatch};

/// Whether Athena's columns can be read as those that the statement promises.
pub(super) fn check(got: &[ColumnInfo], promised: &[OutputColumn]) -> Result<(), EngineError> {
    if got.len() != promised.len() {
        let promised = format!("{} columns", promised.len());
        return Err(mismatch(0, promised, format!("{} columns", got.len())));
    }
    for (at, (got, column)) in got.iter().zip(promised).enumerate() {
        if !fits(got, column.cell_type) {
            let promised = column.cell_type.name().to_owned();
            return Err(mismatch(at, promised, got.r#type().to_owned()));
        }
    }
    Ok(())
}

/// Whether a later page has the columns of the first.
pub(super) fn same(first: &[ColumnInfo], later: &[ColumnInfo]) -> Result<(), EngineError> {
    for (at, (first, later)) in first.iter().zip(later).enumerate() {
        let (first, later) = (described(first), described(later));
        if first != later {
            return Err(mismatch(at, first, later));
        }
    }
    Ok(())
}

/// What all pages must say of a column.
fn described(column: &ColumnInfo) -> String {
    let (name, kind) = (column.name(), column.r#type());
    format!("{name} {kind}({}, {})", column.precision(), column.scale())
}

/// Whether values of the column keep what they are when read as `wanted`.
fn fits(got: &ColumnInfo, wanted: CellType) -> bool {
    let kind = got.r#type().to_ascii_lowercase();
    let integer = matches!(
        kind.as_str(),
        "tinyint" | "smallint" | "integer" | "int" | "bigint"
    );
    let decimal = kind == "decimal";
    match wanted {
        // A column of nothing but NULLs has no type of its own.
        _ if kind == "unknown" => true,
        CellType::Boolean => kind == "boolean",
        CellType::Integer => integer || (decimal && got.scale() == 0),
        CellType::Double => {
            integer || decimal || matches!(kind.as_str(), "float" | "real" | "double")
        }
        CellType::Decimal { scale } => integer || (decimal && got.scale() <= i32::from(scale)),
        CellType::Text => matches!(kind.as_str(), "varchar" | "char" | "string"),
        CellType::Date => kind == "date",
        CellType::Timestamp => kind.starts_with("timestamp"),
    }
}

/// One row, as long as `columns`.
pub(super) fn row(row: &Row, columns: &[OutputColumn]) -> Result<Vec<Cell>, EngineError> {
    let data = row.data();
    if data.len() > columns.len() {
        let promised = format!("{} cells", columns.len());
        return Err(mismatch(0, promised, format!("{} cells", data.len())));
    }
    let cells = columns.iter().enumerate().map(|(at, column)| {
        // What is left away at a row's end is NULL too.
        let text = data.get(at).and_then(Datum::var_char_value);
        text.map_or(Ok(Cell::Null), |text| cell(text, column.cell_type, at))
    });
    cells.collect()
}

/// The texts of a row, to be compared with names.
pub(super) fn texts(row: &Row) -> impl Iterator<Item = Option<&str>> {
    row.data().iter().map(Datum::var_char_value)
}

fn cell(text: &str, kind: CellType, at: usize) -> Result<Cell, EngineError> {
    let read = match kind {
        CellType::Boolean => text.parse().ok().map(Cell::Boolean),
        CellType::Integer => return integer(text, at),
        CellType::Double => text.parse().ok().map(Cell::Double),
        CellType::Decimal { scale } => return decimal(text, scale, at),
        CellType::Text => Some(Cell::Text(text.to_owned())),
        CellType::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .map(Cell::Date),
        CellType::Timestamp => timestamp(text).map(Cell::Timestamp),
    };
    read.ok_or_else(|| unreadable(kind, at))
}

fn integer(text: &str, at: usize) -> Result<Cell, EngineError> {
    match text.parse() {
        Ok(value) => Ok(Cell::Integer(value)),
        Err(_) if is_number(text) => Err(EngineError::OutOfRange),
        Err(_) => Err(unreadable(CellType::Integer, at)),
    }
}

/// With exactly `scale` digits after the point, as every engine gives it. An answer's decimals have
/// at most 28 digits; more is an error, never a rounded number.
fn decimal(text: &str, scale: u8, at: usize) -> Result<Cell, EngineError> {
    if !is_number(text) {
        return Err(unreadable(CellType::Decimal { scale }, at));
    }
    let exact = Decimal::from_str_exact(text).map_err(|_| EngineError::OutOfRange)?;
    let mut scaled = exact;
    scaled.rescale(scale.into());
    if scaled.scale() == u32::from(scale) && scaled == exact {
        Ok(Cell::Decimal(scaled))
    } else {
        Err(EngineError::OutOfRange)
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// UTC, truncated to milliseconds. Athena writes a zone only where a column has one.
fn timestamp(text: &str) -> Option<NaiveDateTime> {
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let moment = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    let truncated = moment.trunc_subsecs(3);
    // Truncated, not rounded, also before 1970 and in leap seconds.
    (moment - truncated < Duration::milliseconds(1)).then_some(truncated)
}

fn unreadable(kind: CellType, at: usize) -> EngineError {
    // The value itself is somebody's data: it stays out of logs.
    mismatch(at, kind.name().to_owned(), "another text".to_owned())
}

fn mismatch(column: usize, promised: String, got: String) -> EngineError {
    EngineError::Shape {
        detail: ShapeMismatch {
            column,
            promised,
            got,
        },
    }
}

#[cfg(test)]
mod tests;
