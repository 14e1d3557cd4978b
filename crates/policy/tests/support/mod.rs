//! A small dataset and short ways to say things about it.

use std::collections::BTreeMap;

use weir_policy::{
    AttributeName, BusinessUnit, ColumnName, DatasetName, DatasetSchema, PolicySet, Revision,
    RoleName, Scalar, Subject, Value, ValueType, document,
};

pub type Row = BTreeMap<ColumnName, Value>;

pub fn column(name: &str) -> ColumnName {
    ColumnName::parse(name).unwrap()
}

pub fn schema() -> DatasetSchema {
    schema_of(&[
        ("unit", ValueType::Text),
        ("region", ValueType::Text),
        ("amount", ValueType::Integer),
        (
            "premium",
            ValueType::Decimal {
                precision: 12,
                scale: 2,
            },
        ),
        ("day", ValueType::Date),
        ("held", ValueType::Boolean),
    ])
}

pub fn schema_of(columns: &[(&str, ValueType)]) -> DatasetSchema {
    DatasetSchema::new(
        DatasetName::parse("gold.things").unwrap(),
        columns.iter().map(|(name, kind)| (column(name), *kind)),
    )
}

/// A set with one policy; `rules` are the items of the list, one rule per line.
pub fn policies(rules: &[impl AsRef<str>]) -> PolicySet {
    let list: String = rules
        .iter()
        .map(|rule| format!("  - {}\n", rule.as_ref()))
        .collect();
    let text = format!(
        "dataset: gold.things\nrules:\n{}",
        if list.is_empty() { "  []\n" } else { &list }
    );
    let policy = document::policy_from_yaml("things.policy.yaml", &text, &schema())
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    PolicySet::build(Revision::new(7), [policy]).unwrap()
}

pub fn subject() -> Subject {
    Subject::new("https://idp.example", "u-1")
}

pub fn units(units: &[&str]) -> Subject {
    subject().with_business_units(units.iter().map(|unit| BusinessUnit::parse(*unit).unwrap()))
}

pub fn role(name: &str) -> RoleName {
    RoleName::parse(name).unwrap()
}

pub fn attribute(name: &str) -> AttributeName {
    AttributeName::parse(name).unwrap()
}

/// A row; every cell is spelled as in a document, `~` is NULL.
pub fn row(cells: &[(&str, &str)]) -> Row {
    let schema = schema();
    cells
        .iter()
        .filter(|(_, text)| *text != "~")
        .map(|(name, text)| {
            let kind = schema.column(&column(name)).unwrap();
            let scalar = match kind {
                ValueType::Text => Scalar::Quoted(text),
                _ => Scalar::Plain(text),
            };
            (column(name), Value::from_scalar(scalar, kind).unwrap())
        })
        .collect()
}
