//! Comparing what Weir answered with what somebody else computed.

use serde_json::Value;

/// How far two doubles may be apart, relative to the larger.
const TOLERANCE: f64 = 1e-9;

/// Whether a tile's columns and rows are the expected ones, in the same order: doubles to one part
/// in a thousand million, everything else exactly.
///
/// # Panics
/// With the first difference.
pub(crate) fn assert_same(what: &str, answer: &Value, expected: &Value) {
    let names: Vec<_> = answer["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["name"])
        .collect();
    let wanted: Vec<_> = expected["columns"].as_array().unwrap().iter().collect();
    assert_eq!(names, wanted, "{what}: the columns");
    let (rows, wanted) = (cells(answer), cells(expected));
    assert!(!rows.is_empty(), "{what}: an empty answer proves nothing");
    assert_eq!(rows.len(), wanted.len(), "{what}: the number of rows");
    for (index, (row, wanted)) in rows.iter().zip(&wanted).enumerate() {
        assert_eq!(row.len(), wanted.len(), "{what}: row {index}");
        let same = row
            .iter()
            .zip(*wanted)
            .all(|(cell, wanted)| same_cell(cell, wanted));
        assert!(
            same,
            "{what}: row {index} is\n  {row:?}\nand must be\n  {wanted:?}"
        );
    }
}

/// The first row that is not the expected one, of two lists of rows; `None` where all are the same.
pub(crate) fn first_difference(rows: &Value, expected: &Value) -> Option<String> {
    let (rows, wanted) = (rows.as_array().unwrap(), expected.as_array().unwrap());
    if rows.len() != wanted.len() {
        return Some(format!("{} rows instead of {}", rows.len(), wanted.len()));
    }
    let same = |row: &Value, wanted: &Value| {
        let (row, wanted) = (row.as_array().unwrap(), wanted.as_array().unwrap());
        let mut cells = row.iter().zip(wanted);
        row.len() == wanted.len() && cells.all(|(cell, wanted)| same_cell(cell, wanted))
    };
    let mut both = rows.iter().zip(wanted);
    let (row, wanted) = both.find(|(row, wanted)| !same(row, wanted))?;
    Some(format!("{row} instead of {wanted}"))
}

fn cells(answer: &Value) -> Vec<&Vec<Value>> {
    answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap())
        .collect()
}

fn same_cell(cell: &Value, wanted: &Value) -> bool {
    match (cell, wanted) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
        }
        _ => cell == wanted,
    }
}

#[test]
fn a_difference_in_the_last_digit_of_a_decimal_is_a_difference() {
    use serde_json::json;

    assert!(same_cell(&json!("1.10"), &json!("1.10")));
    assert!(!same_cell(&json!("1.10"), &json!("1.11")));
    assert!(same_cell(&json!(0.1 + 0.2), &json!(0.3)));
    assert!(!same_cell(&json!(0.300_000_01), &json!(0.3)));
    assert!(!same_cell(&json!(null), &json!(0.0)));
}
