//! What a decision costs must hang on the rules of its own dataset, and not on how many datasets
//! there are beside it. Measured as a ratio of the quickest of many tries, so that a busy machine
//! slows both sides alike.

#![expect(clippy::unwrap_used, reason = "tests may fail by panicking")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use weir_policy::{
    BusinessUnit, ColumnName, DatasetName, DatasetSchema, PolicySet, Revision, RoleName, Subject,
    ValueType, document, resolve,
};

fn schema(number: usize) -> DatasetSchema {
    let name = DatasetName::parse(format!("gold.table_{number:04}")).unwrap();
    let columns = [("unit", ValueType::Text), ("held", ValueType::Boolean)];
    let column = |(name, kind)| (ColumnName::parse(name).unwrap(), kind);
    DatasetSchema::new(name, columns.map(column))
}

/// So many datasets, each with the same `rules` rules.
fn organisation(datasets: usize, rules: usize) -> (PolicySet, DatasetSchema) {
    let schemas: Vec<_> = (0..datasets).map(schema).collect();
    let policies = schemas.iter().map(|schema| {
        let guest = |number| {
            format!("  - {{ id: r{number}, permit: {{ unit: {{ eq: u{number} }} }}, when: {{ role: g{number} }} }}\n")
        };
        let guests: String = (0..rules).map(guest).collect();
        let text = format!(
            "dataset: {}\nrules:\n  - {{ id: own, permit: {{ unit: {{ in: subject.business_units }} }} }}\n{guests}",
            schema.name()
        );
        document::policy_from_yaml("p", &text, schema).unwrap()
    });
    let set = PolicySet::build(Revision::new(1), policies).unwrap();
    (set, schema(datasets / 2))
}

/// The quickest of many tries: what the decision costs when nothing else gets in its way.
fn quickest(set: &PolicySet, schema: &DatasetSchema, best: Duration) -> Duration {
    let subject = Subject::new("idp", "u")
        .with_business_units([BusinessUnit::parse("auto").unwrap()])
        .with_roles([RoleName::parse("g1").unwrap()]);
    let tries = (0..200).map(|_| {
        let start = Instant::now();
        black_box(resolve(black_box(set), &subject, schema)).unwrap();
        start.elapsed()
    });
    tries.min().unwrap().min(best)
}

#[test]
fn a_decision_costs_the_same_among_ten_datasets_and_among_a_thousand() {
    let (few, in_few) = organisation(10, 20);
    let (many, in_many) = organisation(1_000, 20);
    let (mut small, mut large) = (Duration::MAX, Duration::MAX);
    // Both sides in turn, until the quickest tries agree or there is no doubt that they don't.
    for _ in 0..50 {
        small = quickest(&few, &in_few, small);
        large = quickest(&many, &in_many, large);
        if large < small * 3 {
            return;
        }
    }
    assert!(
        large < small * 3,
        "{small:?} among 10 datasets, {large:?} among 1,000"
    );
}

#[test]
fn the_measure_sees_a_decision_that_costs_more() {
    let (short, in_short) = organisation(10, 5);
    let (long, in_long) = organisation(10, 500);
    let (mut small, mut large) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        small = quickest(&short, &in_short, small);
        large = quickest(&long, &in_long, large);
    }
    assert!(large > small * 3, "{small:?} of 5 rules, {large:?} of 500");
}
