//! Who could see: whatever the rules, nobody who sees is left out, and whoever is named is real.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests may fail by panicking"
)]

mod support;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use support::{Row, attribute, column, policies, role, schema, subject};
use weir_policy::change::Shown;
use weir_policy::who::{Certainty, Question, Way, who_could_see};
use weir_policy::{
    BusinessUnit, ColumnAccess, PolicySet, Subject, Value, opened_by_forgetting, resolve,
};

const UNITS: [&str; 3] = ["auto", "home", "life"];
const ROLES: [&str; 4] = ["analyst", "guest", "officer", "other"];
const LEVELS: [&str; 4] = ["low", "high", "3", " "];

fn conditions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        select(ROLES.to_vec()).prop_map(|role| format!("{{ role: {role} }}")),
        (select(ROLES.to_vec()), select(ROLES.to_vec()))
            .prop_map(|(one, other)| format!("{{ role: {{ in: [{one}, {other}] }} }}")),
        select(UNITS.to_vec()).prop_map(|unit| format!("{{ business_unit: {unit} }}")),
        select(vec!["low", "high"])
            .prop_map(|level| format!("{{ attribute: {{ clearance: {{ eq: {level} }} }} }}")),
        Just("{ attribute: { region: { in: [low, \"3\"] } } }".to_owned()),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            several
                .clone()
                .prop_map(|parts| format!("{{ all: [{}] }}", parts.join(", "))),
            several.prop_map(|parts| format!("{{ any: [{}] }}", parts.join(", "))),
            inner.prop_map(|part| format!("{{ not: {part} }}")),
        ]
    })
}

fn rows() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => Just("{ unit: { in: subject.business_units } }".to_owned()),
        1 => Just("{ unit: { not_in: subject.business_units } }".to_owned()),
        1 => Just("{ region: { in: subject.attributes.region } }".to_owned()),
        1 => Just("{ amount: { in: subject.attributes.clearance } }".to_owned()),
        1 => select(UNITS.to_vec()).prop_map(|unit| format!("{{ unit: {{ eq: {unit} }} }}")),
        1 => select(UNITS.to_vec()).prop_map(|unit| format!("{{ unit: {{ ne: {unit} }} }}")),
        1 => Just("{ amount: { gt: 1 } }".to_owned()),
        1 => Just("{ held: { eq: true } }".to_owned()),
        1 => Just("{ region: { is_null: true } }".to_owned()),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        let several = proptest::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            several
                .clone()
                .prop_map(|parts| format!("{{ all: [{}] }}", parts.join(", "))),
            several.prop_map(|parts| format!("{{ any: [{}] }}", parts.join(", "))),
            inner.prop_map(|part| format!("{{ not: {part} }}")),
        ]
    })
}

fn effects() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just("permit: all".to_owned()),
        4 => rows().prop_map(|rows| format!("permit: {rows}")),
        2 => rows().prop_map(|rows| format!("forbid: {rows}")),
        1 => Just("hide: [region]".to_owned()),
        1 => Just("mask: { column: region, with: hash }".to_owned()),
        1 => Just("mask: { column: region, with: partial }".to_owned()),
    ]
}

fn rules() -> impl Strategy<Value = Vec<String>> {
    let clause = proptest::option::of((any::<bool>(), conditions()));
    let rule = (effects(), clause).prop_map(|(effect, clause)| match clause {
        None => effect,
        Some((true, condition)) => format!("{effect}, when: {condition}"),
        Some((false, condition)) => format!("{effect}, unless: {condition}"),
    });
    proptest::collection::vec(rule, 1..6).prop_map(|rules| {
        let numbered = rules.iter().enumerate();
        let numbered = numbered.map(|(number, rule)| format!("{{ id: r{number}, {rule} }}"));
        numbered.collect()
    })
}

fn people() -> impl Strategy<Value = Subject> {
    let some = |texts: &[&'static str]| subsequence(texts.to_vec(), 0..=texts.len());
    (some(&UNITS), some(&ROLES), some(&LEVELS), some(&LEVELS)).prop_map(
        |(units, roles, clearance, region)| {
            subject()
                .with_business_units(
                    units
                        .into_iter()
                        .map(|unit| BusinessUnit::parse(unit).unwrap()),
                )
                .with_roles(roles.into_iter().map(role))
                .with_attribute(attribute("clearance"), clearance)
                .with_attribute(attribute("region"), region)
        },
    )
}

fn things() -> impl Strategy<Value = Row> {
    let unit = select(vec!["auto", "home", "life", "space"]);
    let region = proptest::option::of(select(vec!["low", "3", "there"]));
    let amount = proptest::option::of(0_i64..5);
    let held = proptest::option::of(any::<bool>());
    (unit, region, amount, held).prop_map(|(unit, region, amount, held)| {
        let text = |text: &str| Value::Text(text.to_owned());
        let cells = [
            ("unit", Some(text(unit))),
            ("region", region.map(text)),
            ("amount", amount.map(Value::Integer)),
            ("held", held.map(Value::Boolean)),
        ];
        let cells = cells.into_iter();
        cells
            .filter_map(|(name, value)| Some((column(name), value?)))
            .collect()
    })
}

fn questions(row: &Row) -> [Question; 4] {
    let rows = Some((column("unit"), row[&column("unit")].clone()));
    let region = Some(column("region"));
    [
        Question::default(),
        Question {
            column: None,
            rows: rows.clone(),
        },
        Question {
            column: region.clone(),
            rows: None,
        },
        Question {
            column: region,
            rows,
        },
    ]
}

/// Whether a way names this person, and says how the column is shown to them.
fn is_told(ways: &[Way], person: &Subject, shown: &Shown) -> bool {
    ways.iter().any(|way| {
        way.covers(person)
            && way
                .column
                .as_ref()
                .is_none_or(|column| column.shown == *shown)
    })
}

/// Whoever a way is proven with really sees such a row, in the way that it says.
fn check_proof(set: &PolicySet, way: &Way, question: &Question) -> Result<(), TestCaseError> {
    let Certainty::Proven { subject, row } = &way.certainty else {
        return Ok(());
    };
    let person = subject.subject();
    prop_assert!(way.covers(&person), "{way:?}");
    let grant = resolve(set, &person, &schema());
    let grant = grant.map_err(|denied| TestCaseError::fail(format!("{denied} {way:?}")))?;
    prop_assert!(
        grant
            .rows()
            .eval(&|name| row.get(name).cloned().flatten())
            .is_true()
    );
    prop_assert!(grant.matched_rules().contains(&way.rule));
    if let Some((name, value)) = &question.rows {
        prop_assert_eq!(row.get(name).cloned().flatten(), Some(value.clone()));
    }
    if let (Some(name), Some(column)) = (&question.column, &way.column) {
        prop_assert_eq!(Shown::of(Some(&grant), name), column.shown.clone());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Soundness: whoever sees a row is covered by a way of the answer to each question about it.
    #[test]
    fn nobody_who_sees_a_row_is_left_out(
        rules in rules(),
        people in proptest::collection::vec(people(), 8),
        things in proptest::collection::vec(things(), 4),
    ) {
        let set = policies(&rules);
        for row in &things {
            let answers = questions(row).map(|question| {
                let ways = who_could_see(&set, &schema(), &question);
                (question, ways)
            });
            for (question, ways) in &answers {
                for way in ways {
                    check_proof(&set, way, question)?;
                }
            }
            for person in &people {
                let Ok(grant) = resolve(&set, person, &schema()) else { continue };
                if !grant.rows().eval(&|name| row.get(name).cloned()).is_true() {
                    continue;
                }
                let shown = Shown::of(Some(&grant), &column("region"));
                for (question, ways) in &answers {
                    prop_assert!(
                        is_told(ways, person, &shown),
                        "{person:?} sees {row:?} ({shown}) and is not in {ways:#?}\n{question:?}\n{rules:#?}"
                    );
                }
            }
        }
    }
}

/// Somebody with every other claim left out, starting with the first or the second.
fn forgetful(person: &Subject, first: usize) -> Subject {
    let every_other = |index: usize| index % 2 == first;
    let roles = person.roles().iter().enumerate();
    let units = person.business_units().iter().enumerate();
    let kept = Subject::new(person.issuer(), person.id())
        .with_roles(
            roles
                .filter(|(n, _)| every_other(*n))
                .map(|(_, it)| it.clone()),
        )
        .with_business_units(
            units
                .filter(|(n, _)| every_other(*n))
                .map(|(_, it)| it.clone()),
        );
    let attributes = person.attributes().enumerate();
    attributes.fold(kept, |kept, (n, (name, values))| {
        let left = values.iter().enumerate();
        let left = left
            .filter(|(m, _)| every_other(n + m))
            .map(|(_, it)| it.clone());
        kept.with_attribute(name.clone(), left)
    })
}

/// Whether a cell of a row is shown, masked, or not at all: the less, the more is kept back.
fn kept_back(set: &PolicySet, person: &Subject, row: &Row, name: &str) -> u8 {
    let Ok(grant) = resolve(set, person, &schema()) else {
        return 2;
    };
    if !grant.rows().eval(&|name| row.get(name).cloned()).is_true() {
        return 2;
    }
    match grant.access(&column(name)) {
        ColumnAccess::Visible => 0,
        ColumnAccess::Masked(_) => 1,
        ColumnAccess::Hidden => 2,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Where forgetting is called safe, nobody sees anything more by it.
    #[test]
    fn e14_nobody_sees_more_by_forgetting_claims(
        rules in rules(),
        people in proptest::collection::vec(people(), 4),
        things in proptest::collection::vec(things(), 6),
        first in 0..2_usize,
    ) {
        let set = policies(&rules);
        for person in &people {
            let kept = forgetful(person, first);
            if opened_by_forgetting(&set, &schema(), person, &kept).is_some() {
                continue;
            }
            for row in &things {
                for name in ["unit", "region", "amount"] {
                    prop_assert!(
                        kept_back(&set, &kept, row, name) >= kept_back(&set, person, row, name),
                        "{kept:?} sees {name} of {row:?}, {person:?} does not\n{rules:#?}"
                    );
                }
            }
        }
    }
}

#[test]
fn forgetting_what_a_rule_keeps_somebody_back_by_is_suspected() {
    let contractor = subject().with_roles([role("analyst"), role("contractor")]);
    let analyst = subject().with_roles([role("analyst")]);
    let all = "{ id: all, permit: all, when: { role: analyst } }";
    for (rule, suspected) in [
        ("{ id: r, forbid: all, when: { role: contractor } }", true),
        (
            "{ id: r, hide: [amount], when: { role: contractor } }",
            true,
        ),
        (
            "{ id: r, mask: { column: unit, with: hash }, when: { role: contractor } }",
            true,
        ),
        ("{ id: r, permit: all, unless: { role: contractor } }", true),
        ("{ id: r, permit: all, when: { role: contractor } }", false),
        (
            "{ id: r, hide: [amount], unless: { role: contractor } }",
            false,
        ),
        ("{ id: r, forbid: all, when: { role: guest } }", false),
    ] {
        let set = policies(&[all, rule]);
        let found = opened_by_forgetting(&set, &schema(), &contractor, &analyst);
        assert_eq!(found.is_some(), suspected, "{rule}");
        assert_eq!(
            opened_by_forgetting(&set, &schema(), &analyst, &analyst),
            None
        );
    }
}

#[test]
fn the_generated_people_do_see_things_and_the_answers_are_proven() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut seen, mut proven, mut possible) = (0, 0, 0);
    for _ in 0..300 {
        let drawn = (rules(), people(), things()).new_tree(&mut runner).unwrap();
        let (rules, person, row) = proptest::strategy::ValueTree::current(&drawn);
        let set = policies(&rules);
        if let Ok(grant) = resolve(&set, &person, &schema()) {
            let admitted = grant.rows().eval(&|name| row.get(name).cloned()).is_true();
            seen += u32::from(admitted);
        }
        for way in who_could_see(&set, &schema(), &questions(&row)[3]) {
            match way.certainty {
                Certainty::Proven { .. } => proven += 1,
                Certainty::Possible => possible += 1,
            }
        }
    }
    assert!(seen > 30, "the law would hold of nothing: {seen}");
    assert!(
        proven > 20 * possible,
        "{proven} proven, {possible} possible"
    );
}
