//! Rows as Athena writes them: every cell text, NULL told apart from the empty text.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit,
    TimestampMillisecondType,
};
use arrow::temporal_conversions::{date32_to_datetime, timestamp_ms_to_datetime};
use serde_json::{Value, json};
use weir_engine::development::Batches;

use crate::wire::Refusal;

/// The most rows of a page, the header among them.
pub(crate) const PAGE: usize = 1_000;

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    name: String,
    kind: &'static str,
    precision: i32,
    scale: i32,
}

/// The rows of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    columns: Vec<Column>,
    rows: Vec<Vec<Option<String>>>,
    header: bool,
}

impl Output {
    /// The rows of `batches`, under these names.
    pub(crate) fn of(batches: &Batches, names: &[String]) -> Result<Self, String> {
        let fields = batches.schema.fields().iter();
        let columns: Result<Vec<_>, _> = fields
            .zip(names)
            .map(|(field, name)| column(name, field.data_type()))
            .collect();
        let mut rows = Vec::new();
        for batch in &batches.batches {
            let cells: Result<Vec<Vec<Option<String>>>, String> =
                batch.columns().iter().map(cells).collect();
            let mut cells: Vec<_> = cells?.into_iter().map(Vec::into_iter).collect();
            for _ in 0..batch.num_rows() {
                rows.push(cells.iter_mut().filter_map(Iterator::next).collect());
            }
        }
        Ok(Self {
            columns: columns?,
            rows,
            header: true,
        })
    }

    /// What an `UNLOAD` answers: how many rows it wrote, in no row.
    pub(crate) fn unloaded() -> Self {
        Self {
            columns: vec![Column {
                name: "rows".to_owned(),
                kind: "bigint",
                precision: 19,
                scale: 0,
            }],
            rows: Vec::new(),
            header: false,
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The page from `offset` on, and where the next one begins. The header is the first row.
    pub(crate) fn page(
        &self,
        offset: usize,
        most: usize,
    ) -> Result<(Value, Option<usize>), Refusal> {
        let of = self.rows.len() + usize::from(self.header);
        if offset > of {
            return Err(Refusal::invalid("Invalid next token"));
        }
        let header = || self.columns.iter().map(|c| Some(c.name.clone())).collect();
        let all = self.header.then(header).into_iter();
        let all = all.chain(self.rows.iter().cloned());
        let rows: Vec<Value> = all
            .skip(offset)
            .take(most)
            .map(|row| datums(&row))
            .collect();
        let end = offset + rows.len();
        let page = json!({
            "Rows": rows,
            "ResultSetMetadata": { "ColumnInfo": self.columns.iter().map(described).collect::<Vec<_>>() },
        });
        Ok((page, (end < of).then_some(end)))
    }

    /// The file that lies in S3: every cell in quotes, except NULL.
    pub(crate) fn csv(&self) -> String {
        let mut text = String::new();
        let header: Vec<_> = self.columns.iter().map(|c| Some(c.name.clone())).collect();
        for row in std::iter::once(&header).chain(&self.rows) {
            let cells: Vec<String> = row.iter().map(|cell| quoted(cell.as_deref())).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }
}

fn quoted(cell: Option<&str>) -> String {
    cell.map_or_else(String::new, |cell| {
        format!("\"{}\"", cell.replace('"', "\"\""))
    })
}

fn datums(row: &[Option<String>]) -> Value {
    let datum = |cell: &Option<String>| match cell {
        Some(text) => json!({ "VarCharValue": text }),
        None => json!({}),
    };
    json!({ "Data": row.iter().map(datum).collect::<Vec<_>>() })
}

fn described(column: &Column) -> Value {
    json!({
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        "Type": column.kind,
        "Precision": column.precision,
        "Scale": column.scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": column.kind == "varchar",
    })
}

fn column(name: &str, kind: &DataType) -> Result<Column, String> {
    let (kind, precision, scale) = match kind {
        DataType::Boolean => ("boolean", 0, 0),
        DataType::Int64 => ("bigint", 19, 0),
        DataType::Float64 => ("double", 17, 0),
        DataType::Decimal128(precision, scale) => {
            ("decimal", i32::from(*precision), i32::from(*scale))
        }
        DataType::Utf8 | DataType::Utf8View => ("varchar", i32::MAX, 0),
        DataType::Date32 => ("date", 0, 0),
        DataType::Timestamp(TimeUnit::Millisecond, None) => ("timestamp", 3, 0),
        DataType::Null => ("unknown", 0, 0),
        other => return Err(format!("a column of type {other} in the answer")),
    };
    Ok(Column {
        name: name.to_owned(),
        kind,
        precision,
        scale,
    })
}

fn cells(array: &ArrayRef) -> Result<Vec<Option<String>>, String> {
    let cells = |text: &dyn Fn(usize) -> Option<String>| -> Vec<Option<String>> {
        let present = |row: usize| array.is_valid(row).then(|| text(row)).flatten();
        (0..array.len()).map(present).collect()
    };
    Ok(match array.data_type() {
        DataType::Boolean => cells(&|row| Some(array.as_boolean().value(row).to_string())),
        DataType::Int64 => {
            cells(&|row| Some(array.as_primitive::<Int64Type>().value(row).to_string()))
        }
        DataType::Float64 => {
            cells(&|row| Some(double(array.as_primitive::<Float64Type>().value(row))))
        }
        DataType::Decimal128(..) => {
            cells(&|row| Some(array.as_primitive::<Decimal128Type>().value_as_string(row)))
        }
        DataType::Utf8 => cells(&|row| Some(array.as_string::<i32>().value(row).to_owned())),
        DataType::Utf8View => cells(&|row| Some(array.as_string_view().value(row).to_owned())),
        DataType::Date32 => cells(&|row| {
            let date = date32_to_datetime(array.as_primitive::<Date32Type>().value(row))?;
            Some(date.format("%Y-%m-%d").to_string())
        }),
        DataType::Timestamp(TimeUnit::Millisecond, None) => cells(&|row| {
            let instant = array.as_primitive::<TimestampMillisecondType>().value(row);
            let instant = timestamp_ms_to_datetime(instant)?;
            Some(instant.format("%Y-%m-%d %H:%M:%S%.3f").to_string())
        }),
        DataType::Null => vec![None; array.len()],
        other => return Err(format!("a column of type {other} in the answer")),
    })
}

/// As Java writes doubles: `1.0`, `1.0E-5`, `1.2345678E7`, `NaN`, `Infinity`.
fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        let text = value.to_string();
        return if text.contains('.') {
            text
        } else {
            format!("{text}.0")
        };
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(rows: usize) -> Output {
        let column = column("c0", &DataType::Int64).unwrap();
        Output {
            columns: vec![column],
            rows: (0..rows).map(|row| vec![Some(row.to_string())]).collect(),
            header: true,
        }
    }

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (value, text) in [
            (1.0, "1.0"),
            (-0.001, "-0.001"),
            (0.000_5, "5.0E-4"),
            (12_345_678.0, "1.2345678E7"),
            (1e21, "1.0E21"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(double(value), text);
        }
    }

    #[test]
    fn the_header_counts_and_stands_on_the_first_page_only() {
        let output = output(1_500);

        let (first, next) = output.page(0, PAGE).unwrap();
        let (second, end) = output.page(next.unwrap(), PAGE).unwrap();

        assert_eq!(first["Rows"].as_array().unwrap().len(), 1_000);
        assert_eq!(first["Rows"][0]["Data"][0]["VarCharValue"], "c0");
        assert_eq!(second["Rows"].as_array().unwrap().len(), 501);
        assert_eq!(second["Rows"][0]["Data"][0]["VarCharValue"], "999");
        assert_eq!(end, None);
    }

    #[test]
    fn null_and_the_empty_text_are_told_apart_in_both_forms() {
        let mut output = output(0);
        output.rows = vec![
            vec![None],
            vec![Some(String::new())],
            vec![Some("a\"b".into())],
        ];

        let (page, _) = output.page(1, PAGE).unwrap();

        assert_eq!(page["Rows"][0]["Data"][0], json!({}));
        assert_eq!(page["Rows"][1]["Data"][0], json!({ "VarCharValue": "" }));
        assert_eq!(output.csv(), "\"c0\"\n\n\"\"\n\"a\"\"b\"\n");
    }
}
