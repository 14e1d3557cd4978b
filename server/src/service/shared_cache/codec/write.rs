//! From an answer to bytes. Lengths come first; numbers are little-endian.

use chrono::Datelike as _;
use weir_query::{Cell, CellType, OutputColumn};

use super::{FORM, kind, tag};
use crate::service::query_cache::Entry;

/// The answer; `None` when something in it is longer than lengths can say.
pub(super) fn entry(entry: &Entry) -> Option<Vec<u8>> {
    let mut bytes = vec![FORM];
    bytes.extend(entry.computed_at.timestamp_micros().to_le_bytes());
    bytes.extend(entry.bytes_read.to_le_bytes());
    bytes.extend(entry.billed_bytes.to_le_bytes());
    bytes.push(u8::from(entry.rows.is_truncated()));
    length(&mut bytes, entry.rows.columns().len())?;
    for declared in entry.rows.columns() {
        column(&mut bytes, declared)?;
    }
    length(&mut bytes, entry.rows.rows().len())?;
    for value in entry.rows.rows().iter().flatten() {
        cell(&mut bytes, value)?;
    }
    Some(bytes)
}

fn length(bytes: &mut Vec<u8>, length: usize) -> Option<()> {
    bytes.extend(u32::try_from(length).ok()?.to_le_bytes());
    Some(())
}

fn text(bytes: &mut Vec<u8>, text: &str) -> Option<()> {
    length(bytes, text.len())?;
    bytes.extend(text.as_bytes());
    Some(())
}

fn column(bytes: &mut Vec<u8>, column: &OutputColumn) -> Option<()> {
    text(bytes, &column.name)?;
    let (kind, scale) = match column.cell_type {
        CellType::Boolean => (kind::BOOLEAN, 0),
        CellType::Integer => (kind::INTEGER, 0),
        CellType::Double => (kind::DOUBLE, 0),
        CellType::Decimal { scale } => (kind::DECIMAL, scale),
        CellType::Text => (kind::TEXT, 0),
        CellType::Date => (kind::DATE, 0),
        CellType::Timestamp => (kind::TIMESTAMP, 0),
    };
    bytes.extend([kind, scale]);
    Some(())
}

fn cell(bytes: &mut Vec<u8>, cell: &Cell) -> Option<()> {
    match cell {
        Cell::Null => bytes.push(tag::NULL),
        Cell::Boolean(false) => bytes.push(tag::FALSE),
        Cell::Boolean(true) => bytes.push(tag::TRUE),
        Cell::Integer(number) => tagged(bytes, tag::INTEGER, number.to_le_bytes()),
        Cell::Double(number) => tagged(bytes, tag::DOUBLE, number.to_le_bytes()),
        Cell::Decimal(number) => tagged(bytes, tag::DECIMAL, number.serialize()),
        Cell::Date(day) => tagged(bytes, tag::DATE, day.num_days_from_ce().to_le_bytes()),
        Cell::Timestamp(moment) => {
            let micros = moment.and_utc().timestamp_micros();
            tagged(bytes, tag::TIMESTAMP, micros.to_le_bytes());
        }
        Cell::Text(words) => {
            bytes.push(tag::TEXT);
            text(bytes, words)?;
        }
    }
    Some(())
}

fn tagged<const N: usize>(bytes: &mut Vec<u8>, tag: u8, value: [u8; N]) {
    bytes.push(tag);
    bytes.extend(value);
}
