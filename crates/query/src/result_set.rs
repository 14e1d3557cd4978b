//! The rows that come back: typed, bounded, and the same whatever engine computed them.

use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use serde::Serialize;

/// The type of an output column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CellType {
    /// `true` or `false`.
    Boolean,
    /// 64-bit signed.
    Integer,
    /// 64-bit floating point; ratios and averages.
    Double,
    /// Exact, with a fixed number of digits after the point.
    Decimal {
        /// Digits after the point.
        scale: u8,
    },
    /// UTF-8.
    Text,
    /// A calendar day.
    Date,
    /// UTC, truncated to milliseconds: the finest that every engine keeps.
    Timestamp,
}

impl CellType {
    /// The name used in the JSON answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Double => "double",
            Self::Decimal { .. } => "decimal",
            Self::Text => "text",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
        }
    }
}

/// One value. `Null` is not the empty text.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// SQL `NULL`.
    Null,
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A floating point number.
    Double(f64),
    /// An exact decimal.
    Decimal(Decimal),
    /// A text.
    Text(String),
    /// A day.
    Date(NaiveDate),
    /// A UTC instant.
    Timestamp(NaiveDateTime),
}

impl Cell {
    /// The value as a number for geometry; `None` for NULL, texts and days.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        use rust_decimal::prelude::ToPrimitive;
        match self {
            Self::Integer(value) => value.to_f64(),
            Self::Double(value) => Some(*value).filter(|value| value.is_finite()),
            Self::Decimal(value) => value.to_f64(),
            _ => None,
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.capacity(),
            _ => 0,
        }
    }
}

/// Name and type of an output column, in the order of the statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputColumn {
    /// The dimension's or measure's name.
    pub name: String,
    /// The type of its cells.
    #[serde(rename = "type")]
    pub cell_type: CellType,
}

/// The answer to one statement.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultSet {
    columns: Vec<OutputColumn>,
    rows: Vec<Vec<Cell>>,
    truncated: bool,
}

impl ResultSet {
    /// Rows as the engine decoded them; each as long as `columns`.
    #[must_use]
    pub fn new(columns: Vec<OutputColumn>, rows: Vec<Vec<Cell>>, truncated: bool) -> Self {
        Self {
            columns,
            rows,
            truncated,
        }
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[OutputColumn] {
        &self.columns
    }

    /// The rows, in the order the statement asked for.
    #[must_use]
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// Whether the engine had more rows than a tile may carry.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// What the rows weigh in memory, for a cache that counts bytes.
    #[must_use]
    pub fn approximate_bytes(&self) -> usize {
        let cells = self.rows.iter().flatten();
        let heap: usize = cells.map(Cell::heap_bytes).sum();
        let row = size_of::<Vec<Cell>>() + self.columns.len() * size_of::<Cell>();
        size_of::<Self>() + self.rows.len() * row + heap
    }
}
