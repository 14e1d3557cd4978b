//! A small dataset and short ways to say things about it.

use std::collections::BTreeMap;

use weir_policy::{
    AttributeName, ColumnName, DatasetName, DatasetSchema, PolicySet, Revision, RoleName, Subject,
    Value, ValueType, document,
};

pub(crate) type Row = BTreeMap<ColumnName, Value>;

pub(crate) fn column(name: &str) -> ColumnName {
    ColumnName::parse(name).unwrap()
}

pub(crate) fn schema() -> DatasetSchema {
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

pub(crate) fn schema_of(columns: &[(&str, ValueType)]) -> DatasetSchema {
    DatasetSchema::new(
        DatasetName::parse("gold.things").unwrap(),
        columns.iter().map(|(name, kind)| (column(name), *kind)),
    )
}

/// A set with one policy; `rules` are the items of the list, one rule per line.
pub(crate) fn policies(rules: &[impl AsRef<str>]) -> PolicySet {
    let list: Vec<String> = rules
        .iter()
        .map(|rule| format!("  - {}\n", rule.as_ref()))
        .collect();
    let list = list.concat();
    let text = format!(
        "dataset: gold.things\nrules:\n{}",
        if list.is_empty() { "  []\n" } else { &list }
    );
    let policy = document::policy_from_yaml("things.policy.yaml", &text, &schema())
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    PolicySet::build(Revision::new(7), [policy]).unwrap()
}

pub(crate) fn subject() -> Subject {
    Subject::new("https://idp.example", "u-1")
}

pub(crate) fn role(name: &str) -> RoleName {
    RoleName::parse(name).unwrap()
}

pub(crate) fn attribute(name: &str) -> AttributeName {
    AttributeName::parse(name).unwrap()
}
