//! What must not pass, and who stops it: a gate that lets everything through proves nothing. Where
//! only one oracle stops something, the others have a hole there.

use super::corpus::Source;
use super::oracles::Oracle::{self, Lexicon, Sqlglot, Trino};
use super::record::representatives;

/// From what in a good statement, to what, and who refuses it.
type Control = (&'static str, &'static str, &'static [Oracle]);

/// The good statement is the table of the largest customers, as an analyst sees it.
const CONTROLS: &[Control] = &[
    (" LIMIT 20", " LIMIT 5 OFFSET 2", &[Trino, Lexicon]),
    (" LIMIT 20", " OFFSET 2 LIMIT 5", &[Lexicon]),
    (" LIMIT 20", " FETCH FIRST 5 ROWS ONLY", &[Lexicon]),
    (" LIMIT 20", "", &[Lexicon]),
    (" LIMIT 20", " LIMIT 20; SELECT 1", &[Sqlglot, Lexicon]),
    (" LIMIT 20", " LIMIT 20 -- more", &[Lexicon]),
    (" LIMIT 20", " /* more */ LIMIT 20", &[Lexicon]),
    (
        "\"region\" AS c1",
        "\"region\"::varchar AS c1",
        &[Trino, Lexicon],
    ),
    ("\"region\" AS c1", "`region` AS c1", &[Sqlglot, Lexicon]),
    ("\"region\" AS c1", "1abc AS c1", &[Sqlglot, Lexicon]),
    ("\"region\" AS c1", "* EXCLUDE (region)", &[Trino, Lexicon]),
    (
        "\"region\" AS c1",
        "concat(\"region\", NULL) AS c1",
        &[Lexicon],
    ),
    (
        "\"region\" AS c1",
        "no_such_function(\"region\") AS c1",
        &[Lexicon],
    ),
    ("\"region\" AS c1", "DECIMAL '1.10' AS c1", &[Lexicon]),
    ("\"region\" AS c1", "0.1 AS c1", &[Lexicon]),
    ("\"region\" AS c1", "7 / 2 AS c1", &[Lexicon]),
    ("\"region\" AS c1", "INTERVAL '1 month' AS c1", &[Lexicon]),
    ("\"region\" AS c1", "TRY(\"region\") AS c1", &[Lexicon]),
    (
        "\"region\" AS c1",
        "TIMESTAMP '2026-01-01 00:00:00 UTC' AS c1",
        &[Lexicon],
    ),
    ("\"region\" AS c1", "DATE '2026-1-1' AS c1", &[Lexicon]),
    (
        "\"legal_hold\" = FALSE",
        "\"region\" ILIKE 'a'",
        &[Trino, Lexicon],
    ),
    (
        "\"legal_hold\" = FALSE",
        "\"region\" == 'a'",
        &[Trino, Lexicon],
    ),
    ("\"legal_hold\" = FALSE", "\"region\" LIKE 'a'", &[Lexicon]),
    (
        "\"legal_hold\" = FALSE",
        "\"region\" = 'a",
        &[Trino, Sqlglot, Lexicon],
    ),
    (" FOR VERSION AS OF ", " VERSION AS OF ", &[Trino, Lexicon]),
    (
        " FOR VERSION AS OF 5828592803881840765",
        "",
        &[Sqlglot, Lexicon],
    ),
    (
        " FOR VERSION AS OF 5828592803881840765",
        " TABLESAMPLE BERNOULLI (10)",
        &[Sqlglot, Lexicon],
    ),
    (" FOR VERSION AS OF ", " FOR TIMESTAMP AS OF ", &[Lexicon]),
    (
        "\"gold\".\"statements\"",
        "\"gold\".\"statements$snapshots\", \"gold\".\"statements\"",
        &[Sqlglot, Lexicon],
    ),
    (
        " WHERE (\"business_unit\"",
        " AND (\"business_unit\"",
        &[Trino, Sqlglot],
    ),
    (" GROUP BY 1, 2", " GROUP BY ALL", &[Trino, Lexicon]),
    (
        " GROUP BY 1, 2",
        " GROUP BY 1, 2 QUALIFY row_number() OVER () = 1",
        &[Trino, Sqlglot, Lexicon],
    ),
    (" DESC NULLS LAST", " DESC", &[Lexicon]),
    ("SELECT ", "UNLOAD (SELECT ", &[Trino, Sqlglot, Lexicon]),
    ("SELECT ", "SELEC ", &[Trino, Sqlglot, Lexicon]),
];

#[test]
fn what_athena_would_refuse_or_read_otherwise_is_refused() {
    let golden = representatives(Source::Repository);
    let (_, good) = golden
        .iter()
        .find(|(question, _)| {
            question
                .name
                .starts_with("finance-overview/top-customers as")
        })
        .unwrap();
    let forged: Vec<_> = CONTROLS
        .iter()
        .map(|(from, to, _)| good.replacen(from, to, 1))
        .collect();
    let unchanged: Vec<_> = CONTROLS
        .iter()
        .zip(&forged)
        .filter(|(_, text)| *text == good)
        .collect();
    assert!(unchanged.is_empty(), "not found in {good}: {unchanged:#?}");

    let answers = Oracle::ALL.map(|oracle| (oracle, oracle.refusals(&forged)));

    let mut wrong = Vec::new();
    for (index, (_, to, expected)) in CONTROLS.iter().enumerate() {
        let refused = answers
            .iter()
            .filter(|(_, refusals)| refusals[index].is_some());
        let refused: Vec<_> = refused.map(|(oracle, _)| *oracle).collect();
        if refused != *expected {
            wrong.push(format!(
                "`{to}` is refused by {refused:?}, expected {expected:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(CONTROLS.iter().all(|(_, _, refused)| !refused.is_empty()));
}
