//! Random rules, askers, rows and choices.

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::json;
use weir_policy::Value;

use super::model::{Asker, ClaimText, Effect, Literal, Mask, ROLES, Row, Rows, Rule, UNITS, Who};
use super::pools::{self, COLUMNS, TEXTS, pick};
use super::table::{Chosen, FILTERS};

/// The attributes, each with the column whose pool its values come from.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("words", "word"),
    ("numbers", "number"),
    ("amounts", "amount"),
    ("days", "day"),
    ("moments", "moment"),
    ("flags", "flag"),
];

const ROLE_NAMES: [&str; 3] = ["analyst", "executive", "auditor"];

/// Up to `most` things of `make`.
fn some<T>(random: &mut StdRng, most: usize, mut make: impl FnMut(&mut StdRng) -> T) -> Vec<T> {
    let count = random.random_range(1..=most);
    (0..count).map(|_| make(random)).collect()
}

fn chance(random: &mut StdRng, percent: u32) -> bool {
    random.random_ratio(percent, 100)
}

/// A table: mostly small, sometimes empty.
pub(crate) fn rows(random: &mut StdRng) -> Vec<Row> {
    let count = if chance(random, 5) {
        0
    } else {
        random.random_range(1..40)
    };
    let row = |line: i64, random: &mut StdRng| {
        let mut row = Row::from([("line", Value::Integer(line))]);
        for column in COLUMNS.into_iter().filter(|column| *column != "line") {
            row.extend(pools::cell(random, column).map(|value| (column, value)));
        }
        row
    };
    (0..count).map(|line| row(line, random)).collect()
}

pub(crate) fn rules(random: &mut StdRng) -> Vec<Rule> {
    let mut rules: Vec<_> = if chance(random, 4) {
        Vec::new()
    } else {
        some(random, 6, rule)
    };
    if chance(random, 60) {
        let effect = Effect::Permit(rows_of(random, 2));
        rules.push(Rule {
            effect,
            when: None,
            unless: None,
        });
    }
    rules
}

fn rule(random: &mut StdRng) -> Rule {
    let effect = match random.random_range(0..100) {
        0..10 => Effect::Permit(Rows::Everything),
        10..55 => Effect::Permit(rows_of(random, 2)),
        55..82 => Effect::Forbid(rows_of(random, 2)),
        82..88 => {
            let mut columns = some(random, 2, |random| pick(random, &COLUMNS[1..]));
            columns.sort_unstable();
            columns.dedup();
            Effect::Hide(columns)
        }
        _ => mask(random),
    };
    let condition = |random: &mut StdRng, percent| chance(random, percent).then(|| who(random, 2));
    Rule {
        effect,
        when: condition(random, 40),
        unless: condition(random, 20),
    }
}

fn mask(random: &mut StdRng) -> Effect {
    match random.random_range(0..4) {
        0 => Effect::Mask(pick(random, &["unit", "word"]), Mask::Hash),
        1 => Effect::Mask(pick(random, &["unit", "word"]), Mask::Partial),
        2 => {
            let width = pick(random, &[100, 200, 1_000]);
            Effect::Mask(pick(random, &["number", "amount"]), Mask::Bucket(width))
        }
        _ => Effect::Mask(pick(random, &COLUMNS[1..]), Mask::Null),
    }
}

fn rows_of(random: &mut StdRng, depth: u32) -> Rows {
    let column = pick(random, &COLUMNS);
    match random.random_range(0..100) {
        0..18 if depth > 0 => {
            let parts = some(random, 3, |random| rows_of(random, depth - 1));
            if chance(random, 50) {
                Rows::All(parts)
            } else {
                Rows::Any(parts)
            }
        }
        18..26 if depth > 0 => Rows::Not(Box::new(rows_of(random, depth - 1))),
        26..34 => Rows::IsNull(column, chance(random, 50)),
        34..50 => Rows::Claim(pick(random, &["unit", "word"]), chance(random, 70), UNITS),
        50..70 => claimed(random),
        70..82 => members(random, column),
        82..86 => Rows::Prefix(pick(random, &["unit", "word"]), pools::text(random)),
        86..90 if column != "flag" => {
            let (one, other) = (bound(random, column), bound(random, column));
            let (low, high) = if one.value <= other.value {
                (one, other)
            } else {
                (other, one)
            };
            Rows::Between(column, low, high)
        }
        _ => {
            let operators: &[&str] = if column == "flag" {
                &["eq", "ne"]
            } else {
                &["eq", "ne", "lt", "le", "gt", "ge"]
            };
            Rows::Compare(column, pick(random, operators), bound(random, column))
        }
    }
}

/// A literal that may bound a range. `DataFusion` counts how many integers lie in a range, and in a
/// build that checks for overflow it panics over the range of all of them.
fn bound(random: &mut StdRng, column: &str) -> Literal {
    loop {
        let literal = pools::literal(random, column);
        if literal.value != Value::Integer(i64::MIN) {
            return literal;
        }
    }
}

/// A column against an attribute: of its own type, or of one that it can't be.
fn claimed(random: &mut StdRng) -> Rows {
    let (mut attribute, column) = pick(random, &ATTRIBUTES);
    if chance(random, 5) {
        attribute = pick(random, &["words", "flags"]);
    }
    Rows::Claim(column, chance(random, 70), attribute)
}

/// A column against a list, sometimes a very long one.
fn members(random: &mut StdRng, column: &'static str) -> Rows {
    let mut literals = some(random, 4, |random| pools::literal(random, column));
    if chance(random, 3) && matches!(column, "number" | "word") {
        literals.extend((1_000..2_200).map(|number| filler(column, number)));
    }
    Rows::In(column, chance(random, 65), literals)
}

fn filler(column: &str, number: i64) -> Literal {
    let (value, spelled) = if column == "number" {
        (Value::Integer(number), json!(number))
    } else {
        (Value::Text(number.to_string()), json!(number.to_string()))
    };
    Literal { value, spelled }
}

fn who(random: &mut StdRng, depth: u32) -> Who {
    match random.random_range(0..100) {
        0..10 if depth > 0 => Who::All(some(random, 2, |random| who(random, depth - 1))),
        10..25 if depth > 0 => Who::Any(some(random, 2, |random| who(random, depth - 1))),
        25..40 if depth > 0 => Who::Not(Box::new(who(random, depth - 1))),
        40..60 => Who::Claim(ROLES, some(random, 2, |random| pick(random, &ROLE_NAMES))),
        60..75 => Who::Claim(UNITS, some(random, 2, |random| pick(random, &TEXTS))),
        _ => Who::Claim("words", some(random, 2, |random| pick(random, &TEXTS))),
    }
}

/// Somebody with some claims: absent, empty, blank, look-alike, of the wrong type, or thousands.
pub(crate) fn asker(random: &mut StdRng) -> Asker {
    let mut asker = Asker::default();
    let texts = |texts: Vec<String>| texts.into_iter().map(ClaimText).collect();
    if chance(random, 85) {
        let units = some(random, 3, pools::text);
        asker.claims.insert(UNITS, texts(units));
    }
    if chance(random, 80) {
        let roles = some(random, 2, |random| pick(random, &ROLE_NAMES).to_owned());
        asker.claims.insert(ROLES, texts(roles));
    }
    for (attribute, column) in ATTRIBUTES {
        let mut values = match random.random_range(0..10) {
            0 => continue,
            1 => vec![String::new(); random.random_range(0..2)],
            _ => {
                let strange = if chance(random, 12) { 50 } else { 0 };
                some(random, 4, |random| pools::claim(random, column, strange))
            }
        };
        if chance(random, 2) && matches!(attribute, "words" | "numbers" | "amounts") {
            let count = random.random_range(1_000..3_000);
            values.extend((1_000..1_000 + count).map(|number: i32| number.to_string()));
        }
        asker.claims.insert(attribute, texts(values));
    }
    asker
}

/// What the reader chooses on the page: mostly nothing.
pub(crate) fn chosen(random: &mut StdRng) -> Chosen {
    let mut chosen = Chosen::new();
    if chance(random, 25) {
        let column = pick(random, &FILTERS);
        let values = some(random, 3, |random| pools::literal(random, column).value);
        chosen.insert(column, values.into_iter().collect());
    }
    chosen
}
