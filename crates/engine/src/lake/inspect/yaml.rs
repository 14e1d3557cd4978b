//! A dataset declaration to start from: it loads as it is, and says what to look at.

use std::fmt::Write as _;

use weir_policy::{ColumnName, DatasetName, ValueType};

use super::report::{ColumnReport, TableReport};

/// The declaration of a dataset over `table`, ready to be edited.
///
/// French labels repeat the English ones, and every number is offered as a sum: both are for a
/// person to correct. Columns that a dataset cannot have are left as comments.
#[must_use]
pub fn to_dataset_yaml(table: &TableReport) -> String {
    let name = DatasetName::parse(table.name.clone());
    let name = name.map_or_else(
        |_| super::suggested_name(&table.name),
        |name| name.to_string(),
    );
    let title = words(name.rsplit('.').next().unwrap_or(&name));
    let mut text = String::new();
    text.push_str(
        "# Made by `weir lake inspect`. Edit labels and formats, and remove what nobody\n",
    );
    text.push_str("# should see. Nothing is shown before a policy permits it.\n");
    put(&mut text, &format!("dataset: {name}"));
    put(&mut text, &format!("label: {}", label(&title)));
    put(&mut text, &format!("source: {}", table.source));
    let usable: Vec<(&ColumnReport, ValueType)> = table.columns.iter().filter_map(usable).collect();
    if let Some((date, _)) = usable.iter().find(|(_, kind)| *kind == ValueType::Date) {
        put(&mut text, &format!("time: {}", date.name));
    }
    columns(&mut text, table);
    dimensions(&mut text, &usable);
    measures(&mut text, &usable);
    text
}

/// `text` in quotes that YAML reads back unchanged.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn usable(column: &ColumnReport) -> Option<(&ColumnReport, ValueType)> {
    ColumnName::parse(column.name.clone()).ok()?;
    Some((column, column.kind?))
}

fn columns(text: &mut String, table: &TableReport) {
    put(text, "columns:");
    for column in &table.columns {
        if let Some((_, kind)) = usable(column) {
            let label = label(&words(&column.name));
            put(
                text,
                &format!("  {}: {{ type: \"{kind}\", label: {label} }}", column.name),
            );
        } else {
            // On one line, whatever the name holds: a comment ends where its line ends.
            let name = column.name.escape_debug();
            put(
                text,
                &format!("  # {name} ({}) cannot be a dataset column", column.stored),
            );
        }
    }
}

fn dimensions(text: &mut String, usable: &[(&ColumnReport, ValueType)]) {
    let mut lines = Vec::new();
    for (column, kind) in usable {
        let name = &column.name;
        let label = label(&words(name));
        match kind {
            ValueType::Text | ValueType::Boolean => {
                lines.push(format!("  {name}: {{ column: {name}, label: {label} }}"));
            }
            ValueType::Date => lines.push(format!(
                "  {name}_month: {{ column: {name}, grain: month, label: {label} }}"
            )),
            _ => {}
        }
    }
    section(text, "dimensions", &lines);
}

fn measures(text: &mut String, usable: &[(&ColumnReport, ValueType)]) {
    let mut lines = vec![format!(
        "  row_count: {{ count: rows, label: {}, format: integer }}",
        label("Rows")
    )];
    for (column, kind) in usable {
        let format = match kind {
            ValueType::Integer => "integer".to_owned(),
            ValueType::Decimal { scale, .. } => format!("{{ decimals: {scale} }}"),
            ValueType::Double => "{ decimals: 2 }".to_owned(),
            _ => continue,
        };
        let name = &column.name;
        let label = label(&words(name));
        lines.push(format!(
            "  {name}_sum: {{ sum: {name}, label: {label}, format: {format} }}"
        ));
    }
    section(text, "measures", &lines);
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    put(text, &format!("{title}:"));
    for line in lines {
        put(text, line);
    }
}

fn label(english: &str) -> String {
    let text = quoted(english);
    format!("{{ en: {text}, fr: {text} }}")
}

/// `written_premium` as "Written premium".
fn words(name: &str) -> String {
    let spaced = name.replace('_', " ");
    let mut letters = spaced.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => name.to_owned(),
    }
}

fn put(text: &mut String, line: &str) {
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{line}");
}
