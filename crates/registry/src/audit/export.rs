//! Records on their way out: as JSON with the bytes that were hashed, or flat, for a table. CSV is
//! written here; for other table formats the fields are handed out one by one.

use serde_json::{Map, Value};

use super::AuditError;
use super::chain::Link;
use super::read::json_line;
use crate::Digest;

/// Some records that were asked for, ready to be written to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPage {
    /// The records, in the order asked for.
    pub records: Vec<Exported>,
    /// Where the next page starts; none when this is the last one.
    pub next: Option<u64>,
}

/// One record, flat. Every kind has the same columns; what a kind does not have is empty, and
/// what has no column of its own is in `entry`, which is the whole of it, byte for byte: with
/// `previous` its `hash` can be computed again, so that an export can be checked without Weir.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    line: String,
    fields: Vec<Field>,
}

/// One cell of an exported table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// This kind of record has no such thing.
    Empty,
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

/// What a column of an exported table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// [`Field::Number`] or [`Field::Empty`].
    Number,
    /// [`Field::Text`] or [`Field::Empty`].
    Text,
}

/// The columns of the fact that have one in the table, in its order.
const FACTS: [(&str, ColumnKind); 17] = [
    ("kind", ColumnKind::Text),
    ("realm", ColumnKind::Text),
    ("subject", ColumnKind::Text),
    ("dashboard", ColumnKind::Text),
    ("tile", ColumnKind::Text),
    ("policy_revision", ColumnKind::Number),
    ("matched_rules", ColumnKind::Text),
    ("fingerprint", ColumnKind::Text),
    ("snapshot", ColumnKind::Text),
    ("source", ColumnKind::Text),
    ("rows", ColumnKind::Number),
    ("bytes", ColumnKind::Number),
    ("outcome", ColumnKind::Text),
    ("code", ColumnKind::Text),
    ("client", ColumnKind::Text),
    ("origin", ColumnKind::Text),
    ("token_id", ColumnKind::Text),
];

impl Exported {
    /// The table's columns, left to right, with what they hold.
    pub fn columns() -> impl Iterator<Item = (&'static str, ColumnKind)> {
        let before = [
            ("seq", ColumnKind::Number),
            ("at", ColumnKind::Text),
            ("request", ColumnKind::Text),
        ];
        let after = [
            ("entry", ColumnKind::Text),
            ("previous", ColumnKind::Text),
            ("hash", ColumnKind::Text),
        ];
        before.into_iter().chain(FACTS).chain(after)
    }

    /// The first line of a CSV file, without a line end.
    #[must_use]
    pub fn csv_header() -> String {
        let names: Vec<&str> = Self::columns().map(|(name, _)| name).collect();
        names.join(",")
    }

    /// One line of JSON with the stored entry byte for byte, its hash and the one before:
    /// `{"previous":"…","hash":"…","entry":{"seq":1,…}}`.
    #[must_use]
    pub fn json_line(&self) -> &str {
        &self.line
    }

    /// One line of CSV (RFC 4180) without a line end. A cell that a spreadsheet would take for a
    /// formula starts with an apostrophe.
    #[must_use]
    pub fn csv_line(&self) -> String {
        let cells: Vec<String> = self.fields.iter().map(csv_cell).collect();
        cells.join(",")
    }

    /// The cells, in the order of [`Exported::columns`].
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }
}

impl Exported {
    /// A record and the hash it is chained to; `None` where the record before is gone.
    pub(super) fn of(link: Link, previous: Option<Digest>) -> Result<Self, AuditError> {
        let seq = link.seq;
        let unreadable = |_| AuditError::Unreadable { seq };
        let entry: Map<String, Value> = serde_json::from_str(&link.entry).map_err(unreadable)?;
        let fact = entry.get("fact").unwrap_or(&Value::Null);
        let mut fields = vec![
            Field::Number(seq.cast_signed()),
            field(entry.get("at")),
            field(entry.get("request")),
        ];
        fields.extend(
            FACTS
                .iter()
                .map(|(name, kind)| match (field(fact.get(name)), kind) {
                    // A later version may give a name another meaning; the column keeps its type.
                    (Field::Text(_), ColumnKind::Number) => Field::Empty,
                    (Field::Number(number), ColumnKind::Text) => Field::Text(number.to_string()),
                    (field, _) => field,
                }),
        );
        let json = json_line(&link)?;
        let previous = previous.map(|previous| previous.to_string());
        let json = match (&previous, json.strip_prefix('{')) {
            (Some(previous), Some(rest)) => format!(r#"{{"previous":"{previous}",{rest}"#),
            _ => json,
        };
        fields.push(Field::Text(link.entry));
        fields.push(previous.map_or(Field::Empty, Field::Text));
        fields.push(Field::Text(link.hash.to_string()));
        Ok(Self { line: json, fields })
    }
}

fn field(value: Option<&Value>) -> Field {
    match value {
        None | Some(Value::Null) => Field::Empty,
        Some(Value::String(text)) => Field::Text(text.clone()),
        Some(Value::Array(list)) => Field::Text(listed(list)),
        Some(Value::Number(number)) if number.is_i64() => {
            number.as_i64().map_or(Field::Empty, Field::Number)
        }
        Some(other) => Field::Text(other.to_string()),
    }
}

/// A list in one cell: its names with spaces between them, which names do not have.
fn listed(list: &[Value]) -> String {
    let names: Vec<String> = list
        .iter()
        .map(|value| match value {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        })
        .collect();
    names.join(" ")
}

fn csv_cell(field: &Field) -> String {
    let text = match field {
        Field::Empty => return String::new(),
        Field::Number(number) => return number.to_string(),
        Field::Text(text) => text,
    };
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.clone()
    };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
