//! From bytes to an answer, or to nothing.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use weir_query::{Cell, CellType, OutputColumn, ResultSet};

use super::{FORM, kind, tag};
use crate::service::query_cache::Entry;

/// The bytes that are still to be read.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The answer, when it is one and nothing follows it.
    pub(super) fn entry(mut self) -> Option<Entry> {
        if self.byte()? != FORM {
            return None;
        }
        let computed_at = self.moment()?;
        let bytes_read = u64::from_le_bytes(self.array()?);
        let billed_bytes = u64::from_le_bytes(self.array()?);
        let truncated = self.truth()?;
        let columns = self.columns()?;
        let rows = self.rows(columns.len())?;
        self.0.is_empty().then(|| Entry {
            rows: ResultSet::new(columns, rows, truncated),
            bytes_read,
            billed_bytes,
            computed_at,
        })
    }

    fn columns(&mut self) -> Option<Vec<OutputColumn>> {
        let many = self.length()?;
        let mut columns = Vec::new();
        for _ in 0..many {
            columns.push(self.column()?);
        }
        Some(columns)
    }

    fn column(&mut self) -> Option<OutputColumn> {
        let name = self.text()?;
        let [kind, scale] = self.array()?;
        let cell_type = match (kind, scale) {
            (kind::BOOLEAN, 0) => CellType::Boolean,
            (kind::INTEGER, 0) => CellType::Integer,
            (kind::DOUBLE, 0) => CellType::Double,
            (kind::DECIMAL, scale) => CellType::Decimal { scale },
            (kind::TEXT, 0) => CellType::Text,
            (kind::DATE, 0) => CellType::Date,
            (kind::TIMESTAMP, 0) => CellType::Timestamp,
            _ => return None,
        };
        Some(OutputColumn { name, cell_type })
    }

    fn rows(&mut self, columns: usize) -> Option<Vec<Vec<Cell>>> {
        let many = self.length()?;
        // Every cell is a byte at least: no more rows are made room for than there are.
        if many.checked_mul(columns.max(1))? > self.0.len() {
            return None;
        }
        let mut rows = Vec::with_capacity(many);
        for _ in 0..many {
            let cells = std::iter::repeat_with(|| self.cell()).take(columns);
            rows.push(cells.collect::<Option<Vec<_>>>()?);
        }
        Some(rows)
    }

    fn cell(&mut self) -> Option<Cell> {
        Some(match self.byte()? {
            tag::NULL => Cell::Null,
            tag::FALSE => Cell::Boolean(false),
            tag::TRUE => Cell::Boolean(true),
            tag::INTEGER => Cell::Integer(i64::from_le_bytes(self.array()?)),
            tag::DOUBLE => Cell::Double(f64::from_le_bytes(self.array()?)),
            tag::DECIMAL => Cell::Decimal(Decimal::deserialize(self.array()?)),
            tag::TEXT => Cell::Text(self.text()?),
            tag::DATE => {
                let days = i32::from_le_bytes(self.array()?);
                Cell::Date(NaiveDate::from_num_days_from_ce_opt(days)?)
            }
            tag::TIMESTAMP => Cell::Timestamp(self.moment()?.naive_utc()),
            _ => return None,
        })
    }

    fn moment(&mut self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(i64::from_le_bytes(self.array()?))
    }

    fn truth(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn text(&mut self) -> Option<String> {
        let length = self.length()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).ok()
    }

    fn byte(&mut self) -> Option<u8> {
        let [byte] = self.array()?;
        Some(byte)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }
}
