//! Who else reads Athena's SQL: each is given all texts at once and says of each why it refuses it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use weir_query::Dialect;

use super::corpus::{Source, imagined, questions};
use super::lexicon;
use crate::support::{beside, node_modules, run_python, succeed};

/// A reader of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Oracle {
    /// Trino's grammar: what Athena's engine 3 is made from.
    Trino,
    /// sqlglot's Athena dialect.
    Sqlglot,
    /// The words and signs of our own statements.
    Lexicon,
}

impl Oracle {
    pub(crate) const ALL: [Self; 3] = [Self::Trino, Self::Sqlglot, Self::Lexicon];

    /// Of each text why it is refused; `None` of those that are not.
    pub(crate) fn refusals(self, texts: &[String]) -> Vec<Option<String>> {
        let answers: Vec<Option<String>> = match self {
            Self::Trino => with_file(texts, |file| {
                let mut node = Command::new("node");
                node.arg(beside("golden/grammar.mjs"));
                succeed(node.arg(node_modules()).arg(file))
            }),
            Self::Sqlglot => with_file(texts, |file| {
                run_python(
                    &beside("golden/oracle.py"),
                    &["parse".as_ref(), file.as_os_str()],
                )
            }),
            Self::Lexicon => return texts.iter().map(|text| lexicon::refusal(text)).collect(),
        };
        assert_eq!(answers.len(), texts.len(), "{self:?} answered not all");
        answers
    }
}

/// The rows that `DuckDB` answers each text with, over the files of `lake`.
pub(crate) fn duckdb_rows(texts: &[String], lake: &Path, mask_key: &str) -> Vec<Value> {
    with_file(texts, |file| {
        let script = beside("golden/oracle.py");
        let words = [
            "run".as_ref(),
            file.as_os_str(),
            lake.as_os_str(),
            mask_key.as_ref(),
        ];
        run_python(&script, &words)
    })
}

fn with_file<A: serde::de::DeserializeOwned>(
    texts: &[String],
    ask: impl FnOnce(&Path) -> String,
) -> A {
    let file = tempfile::NamedTempFile::new().unwrap();
    serde_json::to_writer(file.as_file(), texts).unwrap();
    serde_json::from_str(&ask(file.path())).unwrap()
}

/// Our own list sees every text, and by that what its values are; the others see one of each shape.
#[test]
fn golden_statements_are_read_by_trino_sqlglot_and_our_own_list() {
    for source in Source::ALL {
        let content = source.content();
        let snapshots = imagined(&content);
        let texts: Vec<_> = questions(&content)
            .iter()
            .map(|question| question.statement(Dialect::Athena, &snapshots))
            .map(|statement| statement.text().to_owned())
            .collect();
        assert!(texts.len() > 500, "{source:?}: only {} texts", texts.len());
        assert_passed(Oracle::Lexicon, &texts);
        let mut shapes = BTreeSet::new();
        let fresh = |text: &String| shapes.insert(lexicon::shape(text));
        let shapes: Vec<_> = texts.into_iter().filter(fresh).collect();
        assert!(
            shapes.len() > 400,
            "{source:?}: only {} shapes",
            shapes.len()
        );
        assert_passed(Oracle::Trino, &shapes);
        assert_passed(Oracle::Sqlglot, &shapes);
    }
}

fn assert_passed(oracle: Oracle, texts: &[String]) {
    let refusals = oracle.refusals(texts);
    let refused = refusals.iter().zip(texts);
    let refused: Vec<_> = refused
        .filter_map(|(why, text)| Some((why.as_ref()?, text)))
        .collect();
    assert!(refused.is_empty(), "{oracle:?} refuses {refused:#?}");
}
