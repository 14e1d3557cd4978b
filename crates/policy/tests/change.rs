//! Is a change widening? Against an oracle that knows nothing of how that is decided: a pool of
//! people and rows, each asked under the old and under the new rules.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail by panicking, and say how long they took"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::time::Instant;

use support::{Row, attribute, column, policies, role, schema, schema_of, subject};
use weir_policy::change::{Change, ColumnChange, Gain, Policies, RuleChange, Widening, compare};
use weir_policy::{
    BusinessUnit, ColumnAccess, Grant, PolicySet, Revision, Subject, Value, ValueType, document,
    resolve,
};

/// Repeatable dice.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    fn some<'a>(&mut self, of: &[&'a str]) -> Vec<&'a str> {
        of.iter().copied().filter(|_| self.roll(3) == 0).collect()
    }
}

const UNITS: [&str; 3] = ["auto", "home", "life"];
const REGIONS: [&str; 4] = ["mtl", "que", "m", "zz"];
const ROLES: [&str; 3] = ["analyst", "executive", "auditor"];
const LEVELS: [&str; 3] = ["low", "high", "top"];

/// Conditions on rows that look at constants only.
const ATOMS: [&str; 14] = [
    "held: { eq: true }",
    "held: { eq: false }",
    "held: { is_null: true }",
    "unit: { eq: auto }",
    "unit: { in: [auto, home] }",
    "unit: { ne: life }",
    "region: { like_prefix: m }",
    "region: { ge: n }",
    "region: { is_null: false }",
    "amount: { ge: 2 }",
    "amount: { between: [1, 3] }",
    "premium: { lt: 0.02 }",
    "day: { gt: 2026-01-01 }",
    "region: { not_in: [mtl, zz] }",
];
/// Those that ask the subject.
const HOLES: [&str; 4] = [
    "unit: { in: subject.business_units }",
    "unit: { not_in: subject.business_units }",
    "region: { in: subject.attributes.region }",
    "amount: { in: subject.attributes.amounts }",
];

#[derive(Debug, Clone)]
enum Rows {
    Every,
    Atom(&'static str),
    All(Vec<Rows>),
    Any(Vec<Rows>),
    Not(Box<Rows>),
}

#[derive(Debug, Clone)]
enum Condition {
    Role(&'static str),
    Unit(&'static str),
    Level(&'static str),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

#[derive(Debug, Clone)]
enum Effect {
    Permit(Rows),
    Forbid(Rows),
    Hide(&'static str),
    Mask(&'static str, &'static str),
}

#[derive(Debug, Clone)]
struct Rule {
    effect: Effect,
    when: Option<Condition>,
    unless: Option<Condition>,
}

fn list<T: Display>(parts: &[T]) -> String {
    parts
        .iter()
        .map(T::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

impl Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("all"),
            Self::Atom(text) => write!(f, "{{ {text} }}"),
            Self::All(parts) => write!(f, "{{ all: [{}] }}", list(parts)),
            Self::Any(parts) => write!(f, "{{ any: [{}] }}", list(parts)),
            Self::Not(part) => write!(f, "{{ not: {part} }}"),
        }
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(name) => write!(f, "{{ role: {name} }}"),
            Self::Unit(name) => write!(f, "{{ business_unit: {name} }}"),
            Self::Level(level) => write!(f, "{{ attribute: {{ clearance: {{ eq: {level} }} }} }}"),
            Self::All(parts) => write!(f, "{{ all: [{}] }}", list(parts)),
            Self::Any(parts) => write!(f, "{{ any: [{}] }}", list(parts)),
            Self::Not(part) => write!(f, "{{ not: {part} }}"),
        }
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.effect {
            Effect::Permit(rows) => write!(f, "permit: {rows}")?,
            Effect::Forbid(rows) => write!(f, "forbid: {rows}")?,
            Effect::Hide(column) => write!(f, "hide: [{column}]")?,
            Effect::Mask(column, mask) => write!(f, "mask: {{ column: {column}, with: {mask} }}")?,
        }
        if let Some(when) = &self.when {
            write!(f, ", when: {when}")?;
        }
        match &self.unless {
            Some(unless) => write!(f, ", unless: {unless}"),
            None => Ok(()),
        }
    }
}

fn rows(dice: &mut Dice, depth: usize) -> Rows {
    match dice.roll(if depth == 0 { 8 } else { 12 }) {
        0..=4 => Rows::Atom(dice.pick(&ATOMS)),
        5..=7 => Rows::Atom(dice.pick(&HOLES)),
        8 => Rows::Not(Box::new(rows(dice, depth - 1))),
        9 => Rows::Any(vec![rows(dice, depth - 1), rows(dice, depth - 1)]),
        _ => Rows::All(vec![rows(dice, depth - 1), rows(dice, depth - 1)]),
    }
}

fn condition(dice: &mut Dice, depth: usize) -> Condition {
    match dice.roll(if depth == 0 { 6 } else { 9 }) {
        0..=2 => Condition::Role(dice.pick(&ROLES)),
        3 => Condition::Unit(dice.pick(&UNITS)),
        4 | 5 => Condition::Level(dice.pick(&LEVELS)),
        6 => Condition::Not(Box::new(condition(dice, depth - 1))),
        7 => Condition::Any(vec![condition(dice, depth - 1), condition(dice, depth - 1)]),
        _ => Condition::All(vec![condition(dice, depth - 1), condition(dice, depth - 1)]),
    }
}

const MASKS: [(&str, &str); 7] = [
    ("unit", "hash"),
    ("unit", "partial"),
    ("region", "null"),
    ("region", "partial"),
    ("premium", "{ bucket: 10 }"),
    ("premium", "{ bucket: 25 }"),
    ("premium", "{ bucket: 20 }"),
];

fn rule(dice: &mut Dice) -> Rule {
    let effect = match dice.roll(8) {
        0 => Effect::Permit(Rows::Every),
        1..=3 => Effect::Permit(rows(dice, 2)),
        4 | 5 => Effect::Forbid(rows(dice, 2)),
        6 => Effect::Hide(dice.pick(&["premium", "region"])),
        _ => {
            let (column, mask) = dice.pick(&MASKS);
            Effect::Mask(column, mask)
        }
    };
    let when = (dice.roll(2) == 0).then(|| condition(dice, 2));
    let unless = (dice.roll(4) == 0).then(|| condition(dice, 1));
    Rule {
        effect,
        when,
        unless,
    }
}

fn rules(dice: &mut Dice) -> Vec<Rule> {
    let count = 2 + dice.roll(5);
    let mut rules: Vec<Rule> = (0..count).map(|_| rule(dice)).collect();
    let when = Some(Condition::Role(dice.pick(&ROLES)));
    rules.push(Rule {
        effect: Effect::Permit(rows(dice, 1)),
        when,
        unless: None,
    });
    rules
}

fn set_of(rules: &[Rule]) -> PolicySet {
    let rules: Vec<String> = rules
        .iter()
        .enumerate()
        .map(|(at, rule)| format!("{{ id: r{at}, {rule} }}"))
        .collect();
    policies(&rules)
}

fn compared(old: &PolicySet, new: &PolicySet) -> Change {
    let schema = schema();
    compare(
        &Policies::new(old, [&schema]),
        &Policies::new(new, [&schema]),
    )
}

fn people(dice: &mut Dice, count: usize) -> Vec<Subject> {
    (0..count)
        .map(|_| {
            let units = dice.some(&["auto", "home", "life", "wealth"]);
            subject()
                .with_business_units(units.into_iter().map(|u| BusinessUnit::parse(u).unwrap()))
                .with_roles(
                    dice.some(&["analyst", "executive", "auditor", "guest"])
                        .into_iter()
                        .map(role),
                )
                .with_attribute(attribute("region"), dice.some(&REGIONS))
                .with_attribute(attribute("amounts"), dice.some(&["1", "2", "3", "two"]))
                .with_attribute(
                    attribute("clearance"),
                    dice.some(&["low", "high", "top", "none"]),
                )
        })
        .collect()
}

fn things(dice: &mut Dice, count: usize) -> Vec<Row> {
    let cells: [(&str, ValueType, &[&str]); 6] = [
        ("unit", ValueType::Text, &["auto", "home", "life", "wealth"]),
        (
            "region",
            ValueType::Text,
            &["mtl", "que", "m", "zz", "a", ""],
        ),
        ("amount", ValueType::Integer, &["0", "1", "2", "3", "4"]),
        (
            "premium",
            ValueType::Decimal {
                precision: 12,
                scale: 2,
            },
            &["0.01", "0.02", "5"],
        ),
        ("day", ValueType::Date, &["2026-01-01", "2026-01-02"]),
        ("held", ValueType::Boolean, &["true", "false"]),
    ];
    (0..count)
        .map(|_| {
            let mut row = Row::new();
            for (name, kind, values) in &cells {
                if dice.roll(4) > 0 {
                    row.insert(
                        column(name),
                        Value::parse(dice.pick(values), *kind).unwrap(),
                    );
                }
            }
            row
        })
        .collect()
}

/// Greater shows less. Written down once more, so that the order itself is tested.
fn shown(grant: &Grant, name: &str) -> (u8, String) {
    match grant.access(&column(name)) {
        ColumnAccess::Visible => (0, String::new()),
        ColumnAccess::Hidden => (9, String::new()),
        ColumnAccess::Masked(mask) => match mask.to_string() {
            mask if mask == "partial" => (2, mask),
            mask if mask == "hash" => (3, mask),
            mask if mask == "null" => (4, mask),
            bucket => (1, bucket),
        },
    }
}

fn shows_more(before: &Grant, after: &Grant) -> bool {
    ["unit", "region", "premium"].into_iter().any(|name| {
        match (shown(before, name), shown(after, name)) {
            // 20 is a multiple of 10; no other pair of these is.
            ((1, before), (1, after)) => {
                before != after && (before.as_str(), after.as_str()) != ("bucket(10)", "bucket(20)")
            }
            ((before, _), (after, _)) => after < before,
        }
    })
}

/// What the pool knows: whether somebody in it sees a row or a column that they did not see.
fn gains(old: &PolicySet, new: &PolicySet, people: &[Subject], things: &[Row]) -> bool {
    people.iter().any(|person| {
        let Ok(after) = resolve(new, person, &schema()) else {
            return false;
        };
        let before = resolve(old, person, &schema()).ok();
        things.iter().any(|row| {
            let cell = |c: &weir_policy::ColumnName| row.get(c).cloned();
            after.rows().admits(&cell)
                && before
                    .as_ref()
                    .is_none_or(|before| !before.rows().admits(&cell) || shows_more(before, &after))
        })
    })
}

/// Changes that can only show more, never less. `None` where the rules offer no place for one.
type Mutation = fn(&mut Vec<Rule>, &mut Dice) -> Option<()>;

fn one(rules: &mut [Rule], dice: &mut Dice, wanted: fn(&Rule) -> bool) -> Option<usize> {
    let places: Vec<usize> = (0..rules.len()).filter(|at| wanted(&rules[*at])).collect();
    (!places.is_empty()).then(|| dice.pick(&places))
}

fn is_permit(rule: &Rule) -> bool {
    matches!(rule.effect, Effect::Permit(_))
}

fn is_forbid(rule: &Rule) -> bool {
    matches!(rule.effect, Effect::Forbid(_))
}

fn is_limit(rule: &Rule) -> bool {
    matches!(rule.effect, Effect::Hide(_) | Effect::Mask(..))
}

fn with_unless(rule: &mut Rule, spared: Condition) {
    rule.unless = Some(match rule.unless.take() {
        Some(unless) => Condition::Any(vec![unless, spared]),
        None => spared,
    });
}

const WIDENINGS: [(&str, Mutation); 16] = [
    ("a forbid is dropped", |rules, dice| {
        let at = one(rules, dice, is_forbid)?;
        rules.remove(at);
        Some(())
    }),
    ("a hide or mask is dropped", |rules, dice| {
        let at = one(rules, dice, is_limit)?;
        rules.remove(at);
        Some(())
    }),
    ("a permit is added", |rules, dice| {
        let when = Some(condition(dice, 1));
        rules.push(Rule {
            effect: Effect::Permit(rows(dice, 1)),
            when,
            unless: None,
        });
        Some(())
    }),
    ("a permit loses its `when`", |rules, dice| {
        let at = one(rules, dice, |rule| is_permit(rule) && rule.when.is_some())?;
        rules[at].when = None;
        Some(())
    }),
    ("a permit loses its `unless`", |rules, dice| {
        let at = one(rules, dice, |rule| is_permit(rule) && rule.unless.is_some())?;
        rules[at].unless = None;
        Some(())
    }),
    ("a permit's `when` gets an alternative", |rules, dice| {
        let at = one(rules, dice, |rule| is_permit(rule) && rule.when.is_some())?;
        let when = rules[at].when.take()?;
        rules[at].when = Some(Condition::Any(vec![when, condition(dice, 1)]));
        Some(())
    }),
    ("a permit covers other rows too", |rules, dice| {
        let at = one(rules, dice, is_permit)?;
        let Effect::Permit(covered) = &mut rules[at].effect else {
            return None;
        };
        if matches!(covered, Rows::Every) {
            return None;
        }
        *covered = Rows::Any(vec![covered.clone(), Rows::Atom(dice.pick(&ATOMS))]);
        Some(())
    }),
    ("a permit covers every row", |rules, dice| {
        let at = one(rules, dice, is_permit)?;
        rules[at].effect = Effect::Permit(Rows::Every);
        Some(())
    }),
    ("a forbid covers fewer rows", |rules, dice| {
        let at = one(rules, dice, is_forbid)?;
        let Effect::Forbid(covered) = &mut rules[at].effect else {
            return None;
        };
        *covered = Rows::All(vec![covered.clone(), Rows::Atom(dice.pick(&ATOMS))]);
        Some(())
    }),
    ("a forbid spares NULL", |rules, dice| {
        let at = one(rules, dice, is_forbid)?;
        let Effect::Forbid(covered) = &mut rules[at].effect else {
            return None;
        };
        let known = dice.pick(&[
            "held: { is_null: false }",
            "region: { is_null: false }",
            "unit: { is_null: false }",
            "amount: { is_null: false }",
        ]);
        *covered = Rows::All(vec![covered.clone(), Rows::Atom(known)]);
        Some(())
    }),
    ("a forbid spares somebody", |rules, dice| {
        let at = one(rules, dice, is_forbid)?;
        with_unless(&mut rules[at], condition(dice, 1));
        Some(())
    }),
    ("a hide or mask spares somebody", |rules, dice| {
        let at = one(rules, dice, is_limit)?;
        with_unless(&mut rules[at], condition(dice, 1));
        Some(())
    }),
    ("a forbid gets a narrower `when`", |rules, dice| {
        let at = one(rules, dice, is_forbid)?;
        let more = condition(dice, 1);
        rules[at].when = Some(match rules[at].when.take() {
            Some(when) => Condition::All(vec![when, more]),
            None => more,
        });
        Some(())
    }),
    ("a hide becomes a mask", |rules, dice| {
        let at = one(rules, dice, |rule| matches!(rule.effect, Effect::Hide(_)))?;
        let Effect::Hide(column) = rules[at].effect else {
            return None;
        };
        rules[at].effect = Effect::Mask(column, "null");
        Some(())
    }),
    ("a mask is weakened", |rules, dice| {
        let weaker = |mask| match mask {
            "null" => Some("hash"),
            "hash" => Some("partial"),
            "{ bucket: 20 }" => Some("{ bucket: 10 }"),
            _ => None,
        };
        let at = one(rules, dice, |rule| {
            matches!(
                rule.effect,
                Effect::Mask(_, "null" | "hash" | "{ bucket: 20 }")
            )
        })?;
        let Effect::Mask(column, mask) = rules[at].effect else {
            return None;
        };
        rules[at].effect = Effect::Mask(column, weaker(mask)?);
        Some(())
    }),
    ("everybody may see one more unit", |rules, _| {
        let effect = Effect::Permit(Rows::Atom("unit: { eq: life }"));
        rules.push(Rule {
            effect,
            when: None,
            unless: None,
        });
        Some(())
    }),
];

/// Changes of any kind.
fn shaken(rules: &[Rule], dice: &mut Dice) -> Vec<Rule> {
    let mut shaken = rules.to_vec();
    let at = dice.roll(shaken.len());
    match dice.roll(6) {
        0 => shaken[at].when = Some(condition(dice, 2)),
        1 => shaken[at].unless = Some(condition(dice, 2)),
        2 => shaken[at].when = shaken[at].unless.take(),
        3 => shaken[at] = rule(dice),
        4 => {
            shaken.remove(at);
        }
        _ => match &mut shaken[at].effect {
            Effect::Permit(covered) | Effect::Forbid(covered)
                if !matches!(covered, Rows::Every) =>
            {
                *covered = Rows::Not(Box::new(covered.clone()));
            }
            _ => shaken.push(rule(dice)),
        },
    }
    shaken
}

/// A proof must stand before the real resolution.
fn check_witnesses(change: &Change, old: &PolicySet, new: &PolicySet) {
    for witness in change.witnesses() {
        let person = witness.subject.subject();
        let (Gain::Row { row } | Gain::Column { row, .. }) = &witness.gain;
        let cell = |c: &weir_policy::ColumnName| row.get(c).cloned().flatten();
        let after = resolve(new, &person, &schema()).unwrap();
        assert!(after.rows().admits(&cell), "{witness}");
        let before = resolve(old, &person, &schema()).ok();
        let row_gained = before
            .as_ref()
            .is_none_or(|before| !before.rows().admits(&cell));
        let is_row = matches!(witness.gain, Gain::Row { .. });
        assert_eq!(row_gained, is_row, "{witness}");
        assert!(
            row_gained || before.is_some_and(|before| shows_more(&before, &after)),
            "{witness}"
        );
    }
}

#[test]
fn every_generated_widening_is_caught_and_its_mirror_is_none() {
    let mut dice = Dice(3);
    let (people, things) = (people(&mut dice, 40), things(&mut dice, 60));
    let mut caught: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..40 {
        let old_rules = rules(&mut dice);
        for (name, mutate) in &WIDENINGS {
            let mut new_rules = old_rules.clone();
            if mutate(&mut new_rules, &mut dice).is_none() {
                continue;
            }
            let (old, new) = (set_of(&old_rules), set_of(&new_rules));
            let change = compared(&old, &new);
            check_witnesses(&change, &old, &new);
            let text = || format!("{name}:\n{}\n->\n{}", list(&old_rules), list(&new_rules));
            if gains(&old, &new, &people, &things) {
                assert!(change.is_widening(), "not caught: {}", text());
                assert!(
                    change.witnesses().count() > 0,
                    "without a witness: {}",
                    text()
                );
                *caught.entry(name).or_default() += 1;
            }
            let mirror = compared(&new, &old);
            assert!(
                !mirror.is_widening(),
                "narrows, but {:?}: {}",
                mirror.witnesses().next(),
                text()
            );
        }
    }
    let total: usize = caught.values().sum();
    assert!(total >= 200, "only {total} widenings: {caught:?}");
    assert_eq!(
        caught.len(),
        WIDENINGS.len(),
        "a kind was never seen: {caught:?}"
    );
    println!("{total} widenings: {caught:#?}");
}

#[test]
fn whatever_changes_a_gain_in_the_pool_is_a_widening() {
    let mut dice = Dice(11);
    let (people, things) = (people(&mut dice, 40), things(&mut dice, 60));
    let mut seen = 0;
    for _ in 0..250 {
        let old_rules = rules(&mut dice);
        let new_rules = shaken(&old_rules, &mut dice);
        let (old, new) = (set_of(&old_rules), set_of(&new_rules));
        let change = compared(&old, &new);
        check_witnesses(&change, &old, &new);
        if gains(&old, &new, &people, &things) {
            seen += 1;
            assert!(
                change.is_widening(),
                "{}\n->\n{}",
                list(&old_rules),
                list(&new_rules)
            );
        }
    }
    assert!(seen >= 60, "only {seen}");
}

/// Rewrites that say the same.
fn reworded(rules: &[Rule], dice: &mut Dice) -> Vec<Rule> {
    let mut reworded = Vec::new();
    for rule in rules {
        let mut rule = rule.clone();
        rule.when = match rule.when {
            Some(when) if dice.roll(2) == 0 => {
                Some(Condition::Not(Box::new(Condition::Not(Box::new(when)))))
            }
            Some(Condition::Any(mut parts) | Condition::All(mut parts)) if parts.len() == 1 => {
                parts.pop()
            }
            when => when,
        };
        if dice.roll(3) == 0
            && let Some(unless) = rule.unless.take()
        {
            let spared = Condition::Not(Box::new(unless));
            rule.when = Some(match rule.when.take() {
                Some(when) => Condition::All(vec![spared, when]),
                None => spared,
            });
        }
        match &mut rule.effect {
            Effect::Permit(covered) | Effect::Forbid(covered)
                if !matches!(covered, Rows::Every) =>
            {
                match dice.roll(4) {
                    0 => *covered = Rows::Not(Box::new(Rows::Not(Box::new(covered.clone())))),
                    1 => *covered = Rows::All(vec![covered.clone(), covered.clone()]),
                    // In two equal halves, which only together cover the rows.
                    2 => {
                        let half = |atom| Rows::All(vec![covered.clone(), Rows::Atom(atom)]);
                        let first = half("amount: { lt: 2 }");
                        let second = Rows::Any(vec![
                            half("amount: { ge: 2 }"),
                            half("amount: { is_null: true }"),
                        ]);
                        let mut other = rule.clone();
                        (rule.effect, other.effect) = match rule.effect {
                            Effect::Permit(_) => (Effect::Permit(first), Effect::Permit(second)),
                            _ => (Effect::Forbid(first), Effect::Forbid(second)),
                        };
                        reworded.push(other);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        reworded.push(rule);
    }
    let by = dice.roll(reworded.len());
    reworded.rotate_left(by);
    reworded
}

#[test]
fn saying_the_same_in_other_words_widens_nothing() {
    let mut dice = Dice(23);
    for _ in 0..80 {
        let old_rules = rules(&mut dice);
        let new_rules = reworded(&old_rules, &mut dice);
        let (old, new) = (set_of(&old_rules), set_of(&new_rules));
        for change in [compared(&old, &new), compared(&new, &old)] {
            assert!(
                !change.is_widening(),
                "{:?}\n{}\n->\n{}",
                change.datasets[0].widening,
                list(&old_rules),
                list(&new_rules)
            );
        }
    }
}

fn witnesses(old: &[&str], new: &[&str]) -> Vec<String> {
    let change = compared(&policies(old), &policies(new));
    change.witnesses().map(ToString::to_string).collect()
}

const OWN: &str =
    "{ id: own, permit: { unit: { in: subject.business_units } }, when: { role: analyst } }";
const HOLD: &str = "{ id: hold, forbid: { held: { eq: true } } }";

#[test]
fn a_widening_for_null_alone_is_caught() {
    let spared = "{ id: hold, forbid: { held: { eq: true }, not: { held: { is_null: true } } } }";
    assert_eq!(
        witnesses(&[OWN, HOLD], &[OWN, spared]),
        [
            "analyst of other unit would see rows with held NULL, unit \"other unit\" in `gold.things`"
        ]
    );
    assert_eq!(witnesses(&[OWN, spared], &[OWN, HOLD]), [""; 0]);
}

#[test]
fn a_widening_for_an_absent_attribute_alone_is_caught() {
    let open = "{ id: open, permit: all, when: { role: analyst } }";
    let asks = "{ id: asks, forbid: { region: { in: subject.attributes.region }, \
                all: [{ held: { is_null: true } }, { held: { is_null: false } }] } }";
    assert_eq!(
        witnesses(&[open, asks], &[open]),
        ["analyst would see every row in `gold.things`"]
    );
    let hidden = "{ id: hidden, hide: [premium], when: { attribute: { clearance: { eq: low } } } }";
    let by_role = "{ id: hidden, hide: [premium], when: { attribute: { clearance: { eq: low } }, \
                   not: { role: analyst } } }";
    assert_eq!(
        witnesses(&[open, hidden], &[open, by_role]),
        ["analyst would see `premium` visible, it was hidden in `gold.things`"]
    );
}

#[test]
fn columns_that_come_or_are_shown_better_are_widenings() {
    let open = "{ id: open, permit: all }";
    let (hash, partial) = (
        "{ id: m, mask: { column: unit, with: hash } }",
        "{ id: m, mask: { column: unit, with: partial } }",
    );
    assert_eq!(
        witnesses(&[open, hash], &[open, partial]),
        [
            "somebody without a role would see `unit` masked (partial), it was masked (hash) in `gold.things`"
        ]
    );
    assert_eq!(witnesses(&[open, partial], &[open, hash]), [""; 0]);
    let bucket =
        |width| format!("{{ id: m, mask: {{ column: premium, with: {{ bucket: {width} }} }} }}");
    for (old, new, widens) in [
        (10, 20, false),
        (20, 10, true),
        (10, 25, true),
        (25, 25, false),
    ] {
        let (old, new) = (bucket(old), bucket(new));
        assert_eq!(
            !witnesses(&[open, &old], &[open, &new]).is_empty(),
            widens,
            "{old} {new}"
        );
    }

    let set = policies(&[open]);
    let (before, after) = (schema_of(&[("unit", ValueType::Text)]), schema());
    let narrow = document::policy_from_yaml(
        "p",
        "dataset: gold.things\nrules: [{ id: open, permit: all }]",
        &before,
    );
    let narrow = PolicySet::build(Revision::new(1), [narrow.unwrap()]).unwrap();
    let change = compare(
        &Policies::new(&narrow, [&before]),
        &Policies::new(&set, [&after]),
    );
    assert!(change.is_widening());
    assert_eq!(change.datasets[0].columns.len(), 5);
    assert!(matches!(
        change.datasets[0].columns[0],
        ColumnChange::Added { .. }
    ));
    let back = compare(
        &Policies::new(&set, [&after]),
        &Policies::new(&narrow, [&before]),
    );
    assert!(!back.is_widening());
}

#[test]
fn a_dataset_that_gets_its_first_policy_is_opened_by_it() {
    let (none, some) = (
        PolicySet::build(Revision::new(1), []).unwrap(),
        policies(&[OWN]),
    );
    let change = compared(&none, &some);
    assert!(change.is_widening());
    assert!(!compared(&some, &none).is_widening());
    let shut = policies(&[
        "{ id: never, permit: { all: [{ held: { is_null: true } }, { held: { eq: true } }] } }",
    ]);
    assert!(
        !compared(&none, &shut).is_widening(),
        "it opens no row that there could be"
    );
}

#[test]
fn rules_are_compared_by_what_they_mean() {
    let reworded = "{ id: own, when: { not: { not: { role: analyst } } }, permit: { any: [{ unit: { in: \
                    subject.business_units } }] } }";
    let spelled = "{ id: hold, forbid: { not: { held: { eq: false } } } }";
    let change = compared(&policies(&[OWN, HOLD]), &policies(&[spelled, reworded]));
    assert!(change.is_empty(), "{change:#?}");

    let changed =
        "{ id: own, permit: { unit: { in: subject.business_units } }, when: { role: executive } }";
    let added = "{ id: more, hide: [region] }";
    let change = compared(&policies(&[OWN, HOLD]), &policies(&[changed, added]));
    let rules = &change.datasets[0].rules;
    assert!(matches!(&rules[0], RuleChange::Changed { old, .. } if old.id().as_str() == "own"));
    assert!(matches!(&rules[1], RuleChange::Added(rule) if rule.id().as_str() == "more"));
    assert!(matches!(&rules[2], RuleChange::Removed(rule) if rule.id().as_str() == "hold"));
    assert!(matches!(change.datasets[0].widening, Widening::Proven(_)));
}

/// Fifty rules, each for a role and unit of its own.
fn many(weaker: Option<usize>) -> PolicySet {
    let mut rules: Vec<String> = (0..40)
        .map(|at| {
            let low = i32::from(weaker != Some(at));
            format!(
                "{{ id: p{at}, permit: {{ unit: {{ eq: unit-{} }}, amount: {{ ge: {low} }}, region: \
                 {{ in: subject.attributes.region }} }}, when: {{ role: role_{} }} }}",
                at % 20,
                at / 2
            )
        })
        .collect();
    rules.extend((0..5).map(|at| {
        format!(
            "{{ id: f{at}, forbid: {{ held: {{ eq: true }} }}, unless: {{ role: role_{at} }} }}"
        )
    }));
    rules.extend((0..5).map(|at| {
        format!("{{ id: h{at}, hide: [premium], unless: {{ attribute: {{ clearance: {{ eq: level-{at} }} }} }} }}")
    }));
    policies(&rules)
}

#[test]
fn fifty_rules_are_compared_within_a_second() {
    let (base, wider) = (many(None), many(Some(7)));
    for (old, new, widens) in [
        (&base, &wider, true),
        (&wider, &base, false),
        (&base, &base, false),
    ] {
        let start = Instant::now();
        let change = compared(old, new);
        println!("{:?}", start.elapsed());
        assert_eq!(
            change.is_widening(),
            widens,
            "{:?}",
            change.datasets[0].widening
        );
        assert_ne!(change.datasets[0].widening, Widening::Unproven);
    }
}

/// Whether anybody fits three hundred conditions on eighty roles is a hard question.
#[test]
fn what_cannot_be_decided_in_time_counts_as_widening() {
    let mut dice = Dice(5);
    let clauses: Vec<String> = (0..380)
        .map(|_| {
            let literals: Vec<String> = (0..3)
                .map(|_| {
                    let role = format!("{{ role: r{} }}", dice.roll(80));
                    if dice.roll(2) == 0 {
                        role
                    } else {
                        format!("{{ not: {role} }}")
                    }
                })
                .collect();
            format!("{{ any: [{}] }}", literals.join(", "))
        })
        .collect();
    let hard = format!(
        "{{ id: hard, permit: all, when: {{ all: [{}] }} }}",
        clauses.join(", ")
    );
    let none = PolicySet::build(Revision::new(1), []).unwrap();
    let start = Instant::now();
    let change = compared(&none, &policies(&[hard]));
    println!("{:?}", start.elapsed());
    assert_eq!(change.datasets[0].widening, Widening::Unproven);
    assert!(change.is_widening());
}
