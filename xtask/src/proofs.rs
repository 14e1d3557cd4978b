//! Holds `docs/proofs.md`, and the rows in `docs/ARCHITECTURE.md`, against the tests they name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::workspace::Workspace;

/// The rows that must have a test or a reason, by their letter.
const ROWS: [(&str, &[std::ops::RangeInclusive<u32>]); 7] = [
    ("F", &[1..=5, 9..=13, 17..=35, 47..=52, 61..=61, 75..=78]),
    ("P", &[1..=30]),
    ("A", &[1..=12]),
    ("L", &[1..=45]),
    ("H", &[1..=27]),
    ("D", &[1..=10]),
    ("R", &[1..=18]),
];

/// Names of functions in the sources of the tests.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("fn ").skip(1).map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                rest.get(..end.unwrap_or(rest.len())).unwrap().to_owned()
            });
            found.extend(names);
        }
    }
}

/// What stands in backquotes.
fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.split('`').skip(1).step_by(2)
}

/// `f12_…`, `invariant_4_…`: nothing else is spelled like that.
fn is_named_after_a_row(text: &str) -> bool {
    let name = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let (first, rest) = text.split_once('_').unwrap_or((text, ""));
    let row = first
        .get(1..)
        .is_some_and(|number| number.parse::<u32>().is_ok());
    name && (row || first == "invariant") && rest.len() > 12
}

fn page() -> (Workspace, String) {
    let workspace = Workspace::find().unwrap();
    let page = workspace.read("docs/proofs.md").unwrap();
    (workspace, page)
}

#[test]
fn every_test_that_the_page_names_exists() {
    let (workspace, page) = page();
    let mut known = BTreeSet::new();
    for folder in ["crates", "server", "frontend"] {
        functions(&workspace.path(folder), &mut known);
    }
    let mut named: Vec<_> = quoted(&page)
        .filter(|text| {
            text.len() > 20 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
        .collect();

    let architecture = workspace.read("docs/ARCHITECTURE.md").unwrap();
    named.extend(quoted(&architecture).filter(|text| is_named_after_a_row(text)));

    assert!(
        named.len() > 120,
        "only {} tests were found on the page",
        named.len()
    );
    let missing: Vec<_> = named
        .iter()
        .filter(|name| !known.contains(**name))
        .collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

#[test]
fn every_row_has_a_test_or_a_reason() {
    let (_, page) = page();
    let mut told = BTreeSet::new();
    let lines = page
        .lines()
        .filter(|line| line.starts_with('|') || line.starts_with("Not ") || !line.starts_with('#'));
    for line in lines {
        let line = line
            .strip_prefix("| ")
            .map_or(line, |row| row.split(" |").next().unwrap());
        let words = line
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty());
        let words: Vec<_> = words.collect();
        told.extend(words.iter().map(|word| (*word).to_owned()));
        // "F17 to F22"
        for range in words.windows(3).filter(|range| range.get(1) == Some(&"to")) {
            if let [from, _, to] = range
                && let (Some(first), Some(last)) = (number(from), number(to))
            {
                told.extend((first..=last).map(|row| format!("F{row}")));
            }
        }
    }
    let missing: Vec<_> = ROWS
        .iter()
        .flat_map(|(letter, ranges)| {
            ranges
                .iter()
                .cloned()
                .flatten()
                .map(move |row| format!("{letter}{row}"))
        })
        .filter(|row| !told.contains(row))
        .collect();
    assert!(
        missing.is_empty(),
        "these rows have neither test nor reason: {missing:?}"
    );
}

fn number(row: &str) -> Option<u32> {
    row.strip_prefix('F')?.parse().ok()
}
