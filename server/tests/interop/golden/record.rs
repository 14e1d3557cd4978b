//! `golden/*.sql`: one statement of each shape, so that a change of what Athena is sent is read
//! before it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use weir_query::Dialect;
use weir_server::content::Content;

use super::corpus::{Question, Source, imagined, questions};
use super::lexicon::shape;
use crate::support::beside;

/// Where a statement is broken into lines: at these, each of which stands behind one space.
const BREAKS: [&str; 7] = [
    "FROM (SELECT ",
    "FROM \"",
    "WHERE ",
    "GROUP BY ",
    "ORDER BY ",
    "LIMIT ",
    "SELECT ",
];

/// One statement of each shape: every clause that is like none before it is shown once.
pub(crate) fn representatives(source: Source) -> Vec<(Question, String)> {
    representatives_of(&source.content())
}

/// The same of any content.
pub(crate) fn representatives_of(content: &Content) -> Vec<(Question, String)> {
    let snapshots = imagined(content);
    let mut seen = BTreeSet::new();
    let statements = questions(content).into_iter().map(|question| {
        let statement = question.statement(Dialect::Athena, &snapshots);
        let text = statement.text().to_owned();
        (question, text)
    });
    statements
        .filter(|(_, text)| {
            let clauses: Vec<_> = lines(text)
                .iter()
                .map(|line| shape_of_clause(line))
                .collect();
            clauses
                .into_iter()
                .filter(|clause| seen.insert(clause.clone()))
                .count()
                > 0
        })
        .collect()
}

/// What a clause is like. Which columns the inner query hands on is told by the outer one; what it
/// makes of them is not.
fn shape_of_clause(line: &str) -> String {
    let shape = shape(line);
    let Some(columns) = shape.strip_prefix("FROM ( SELECT ") else {
        return shape;
    };
    let made = columns.split(", ").filter(|column| column.contains(' '));
    made.filter(|column| column.trim().contains(' ')).collect()
}

/// The text in lines; joined by single spaces they are the text again.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut quoted = false;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        quoted ^= c == '\'';
        let breaks = BREAKS.iter().any(|start| rest.as_str().starts_with(start));
        if c == ' ' && breaks && !quoted {
            lines.push(String::new());
        } else {
            lines.last_mut().unwrap().push(c);
        }
    }
    lines
}

#[test]
fn golden_statements_are_on_record() {
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    let mut count = 0;
    for source in Source::ALL {
        for (question, text) in representatives(source) {
            let lines = lines(&text);
            assert_eq!(lines.join(" "), text);
            let page = pages.entry(question.page.clone()).or_default();
            writeln!(page, "-- {}\n{};\n", question.name, lines.join("\n")).unwrap();
            count += 1;
        }
    }
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden");
    std::fs::create_dir_all(&made).unwrap();
    let mut differ = Vec::new();
    for (page, text) in &pages {
        let file = format!("{page}.sql");
        std::fs::write(made.join(&file), text).unwrap();
        let known = std::fs::read_to_string(beside("golden").join(&file)).unwrap_or_default();
        differ.extend((known != *text).then_some(file));
    }
    assert!(
        differ.is_empty(),
        "{differ:?} in {} say otherwise. If that is meant, copy them from {}.",
        beside("golden").display(),
        made.display()
    );
    assert!(
        (60..=160).contains(&count),
        "{count} are not for people to read"
    );
}

/// A file that no page makes any more would be read in vain.
#[test]
fn every_golden_file_is_of_a_page() {
    let pages: BTreeSet<_> = Source::ALL
        .into_iter()
        .flat_map(|source| {
            let content = source.content();
            let slugs = content
                .dashboards()
                .map(|page| format!("{}.sql", page.slug().as_str()));
            slugs.collect::<Vec<_>>()
        })
        .collect();
    let files = std::fs::read_dir(beside("golden")).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<_> = files
        .filter(|name| Path::new(name).extension().is_some_and(|it| it == "sql"))
        .collect();

    assert_eq!(files, pages);
}
