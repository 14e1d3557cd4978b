//! Why one row is seen or not.

use serde::Deserialize;
use weir_policy::Locale;

use crate::cli::policy::diff::Sentence;

/// Rows with the key that was asked about, and one explanation.
#[derive(Debug, Deserialize)]
pub(super) struct KeyedRow {
    rows: u64,
    seen: bool,
    verdict: String,
    rule: Option<String>,
    clauses: Vec<Clause>,
}

#[derive(Debug, Deserialize)]
struct Clause {
    rule: String,
    sentence: Sentence,
    truth: String,
    value: Option<String>,
}

/// Prints what became of the rows.
pub(super) fn print(rows: &[KeyedRow], locale: Locale) {
    let say = |en: &'static str, fr: &'static str| match locale {
        Locale::EnCa => en,
        Locale::FrCa => fr,
    };
    if rows.is_empty() {
        println!(
            "{}",
            say("No row has this key.", "Aucune ligne n’a cette clé.")
        );
    }
    for row in rows {
        let seen = if row.seen {
            say("seen", "visible")
        } else {
            say("not seen", "non visible")
        };
        let why = match row.verdict.as_str() {
            "permitted" => say("permitted", "permise"),
            "forbidden" => say("forbidden", "interdite"),
            "withheld" => say(
                "withheld, something is NULL",
                "retenue, une valeur est NULL",
            ),
            _ => say("no rule permits it", "aucune règle ne la permet"),
        };
        let by = row
            .rule
            .as_deref()
            .map_or_else(String::new, |rule| format!(" {} {rule}", say("by", "par")));
        println!(
            "{} {}: {seen}, {why}{by}",
            row.rows,
            say("row(s)", "ligne(s)")
        );
        for clause in &row.clauses {
            let held = clause.value.as_deref();
            let held = held.map_or_else(String::new, |value| {
                format!(" ({} {value})", say("the row has", "la ligne contient"))
            });
            let sentence = clause.sentence.get(locale);
            println!("  {:<7}  {}: {sentence}{held}", clause.truth, clause.rule);
        }
    }
}
