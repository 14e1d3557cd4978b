use super::*;

const STATEMENTS: &str = r#"
dataset: gold.statements
label: { en: Statements, fr: Relevés }
time: day
columns:
  day: { type: date, label: { en: Day, fr: Jour } }
  unit: { type: text, label: { en: Unit, fr: Unité } }
  premium: { type: "decimal(12,2)", label: { en: Premium, fr: Prime } }
dimensions:
  month: { column: day, grain: month, label: { en: Month, fr: Mois } }
measures:
  premium: { sum: premium, label: { en: Premium, fr: Prime }, format: { currency: CAD } }
"#;

fn refused(from: &str, to: &str) -> String {
    let text = STATEMENTS.replace(from, to);
    assert_ne!(text, STATEMENTS, "the replacement changed nothing");
    Dataset::from_yaml("s.dataset.yaml", &text)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_dataset_is_read_with_its_columns_dimensions_and_measures() {
    let dataset = Dataset::from_yaml("s.dataset.yaml", STATEMENTS).unwrap();

    assert_eq!(dataset.name().as_str(), "gold.statements");
    assert_eq!(dataset.columns().count(), 3);
    assert_eq!(dataset.measures.len(), 1);
    assert_eq!(dataset.source(), &Source::Catalog);
}

#[test]
fn mistakes_name_file_path_and_the_nearest_name() {
    insta::assert_snapshot!(refused("column: day, grain", "column: dya, grain"), @"s.dataset.yaml: dimensions.month.column: no column `dya`; did you mean `day`?");
    insta::assert_snapshot!(refused("sum: premium", "sum: unit"), @"s.dataset.yaml: measures.premium.sum: column `unit` is text, expected a number");
    insta::assert_snapshot!(refused("sum: premium,", ""), @"s.dataset.yaml: measures.premium: expected exactly one of `sum`, `min`, `max`, `count_distinct`, `count: rows`, `ratio`");
    insta::assert_snapshot!(refused("time: day", "time: unit"), @"s.dataset.yaml: time: column `unit` is text, expected date");
}

#[test]
fn unknown_and_duplicate_keys_and_a_missing_language_are_refused() {
    assert!(refused("time: day", "tiem: day").contains("tiem"));
    assert!(refused("fr: Relevés", "fr: Relevés, es: x").contains("es"));
    assert!(refused(", fr: Relevés", "").contains("fr"));
    let twice = refused("  unit: {", "  day: {");
    assert!(twice.contains("day"), "{twice}");
}

#[test]
fn a_dataset_may_be_about_some_rows_of_its_table_only() {
    let text = STATEMENTS.replace("time: day", "time: day\nonly: { unit: auto }");
    let dataset = Dataset::from_yaml("s.dataset.yaml", &text).unwrap();

    assert_eq!(dataset.only().to_string(), "unit = auto");
    assert!(refused("time: day", "time: day\nonly: { untt: auto }").contains("only.untt"));
}
