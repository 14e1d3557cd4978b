use super::*;
use crate::document::policy_from_yaml;
use crate::name::DatasetName;
use crate::policy_set::Revision;
use crate::value::ValueType;

fn schema() -> DatasetSchema {
    let columns = [
        ("business_unit", ValueType::Text),
        ("region", ValueType::Text),
        ("customer", ValueType::Text),
        ("held", ValueType::Boolean),
    ];
    let column = |(name, kind): (&str, ValueType)| (ColumnName::parse(name).unwrap(), kind);
    DatasetSchema::new(
        DatasetName::parse("gold.things").unwrap(),
        columns.map(column),
    )
}

fn ways(rules: &str, question: &Question) -> Vec<Way> {
    let text = format!("dataset: gold.things\nrules:\n{rules}");
    let policy = policy_from_yaml("p", &text, &schema()).unwrap();
    let set = PolicySet::build(Revision::new(1), [policy]).unwrap();
    who_could_see(&set, &schema(), question)
}

fn about(column: Option<&str>, unit: Option<&str>) -> Question {
    let unit = unit.map(|unit| Value::Text(unit.to_owned()));
    Question {
        column: column.map(|column| ColumnName::parse(column).unwrap()),
        rows: unit.map(|unit| (ColumnName::parse("business_unit").unwrap(), unit)),
    }
}

/// One line a way: rule, what is required, how the column is shown, how certain it is.
fn told(ways: &[Way]) -> Vec<String> {
    ways.iter()
        .map(|way| {
            let requires: Vec<_> = way.requires.iter().map(said).collect();
            let shown = way.column.as_ref().map(|shown| shown.shown.to_string());
            let certain = match way.certainty {
                Certainty::Proven { .. } => "proven",
                Certainty::Possible => "possible",
            };
            let parts = [way.rule.to_string(), requires.join(" & ")];
            let parts = parts.into_iter().chain(shown).chain([certain.to_owned()]);
            parts.collect::<Vec<_>>().join("; ")
        })
        .collect()
}

fn said(one: &Requirement) -> String {
    let list = |texts: &BTreeSet<String>| texts.iter().cloned().collect::<Vec<_>>().join("|");
    match &one.holds {
        Holds::AnyOf(texts) => format!("{}={}", one.claim, list(texts)),
        Holds::Something => format!("{}=*", one.claim),
        Holds::SomethingBut(texts) => format!("{}!={}", one.claim, list(texts)),
    }
}

const DEMO: &str = "
  - { id: own, permit: { business_unit: { in: subject.business_units } }, when: { role: analyst } }
  - { id: all, permit: all, when: { role: { in: [executive, auditor] } } }
  - { id: hold, forbid: { held: { eq: true } } }
  - { id: hashed, mask: { column: customer, with: hash }, unless: { role: officer } }
  - { id: hidden, hide: [customer], when: { attribute: { clearance: { eq: low } } } }
";

#[test]
fn every_permit_is_a_way_with_what_it_asks_for() {
    assert_eq!(
        told(&ways(DEMO, &Question::default())),
        [
            "own; business units=* & roles=analyst; proven",
            "all; roles=auditor|executive; proven",
        ]
    );
}

#[test]
fn rows_of_a_unit_ask_for_that_unit_where_the_permit_is_about_ones_own() {
    let home = ways(DEMO, &about(None, Some("home")));

    assert_eq!(
        told(&home),
        [
            "own; business units=home & roles=analyst; proven",
            "all; roles=auditor|executive; proven",
        ]
    );
    let Certainty::Proven { subject, row } = &home[0].certainty else {
        panic!("{home:?}");
    };
    assert!(
        subject
            .business_units
            .iter()
            .any(|unit| unit.as_str() == "home")
    );
    let unit = ColumnName::parse("business_unit").unwrap();
    assert_eq!(row[&unit], Some(Value::Text("home".to_owned())));
}

#[test]
fn a_column_is_told_clear_masked_and_hidden_with_who_escapes_what() {
    let customer = ways(DEMO, &about(Some("customer"), None));

    assert_eq!(
        told(&customer),
        [
            "own; business units=* & roles=analyst & roles=officer & attribute `clearance`!=low; \
             visible; proven",
            "own; business units=* & roles=analyst & attribute `clearance`!=low; masked (hash); \
             proven",
            "own; business units=* & roles=analyst; hidden; proven",
            "all; roles=auditor|executive & roles=officer & attribute `clearance`!=low; visible; \
             proven",
            "all; roles=auditor|executive & attribute `clearance`!=low; masked (hash); proven",
            "all; roles=auditor|executive; hidden; proven",
        ]
    );
    let shown = customer[1].column.as_ref().unwrap();
    assert_eq!(shown.rules, [RuleId::parse("hashed").unwrap()]);
}

#[test]
fn a_way_that_lets_nobody_in_is_not_told() {
    let closed = "
  - { id: own, permit: { business_unit: { in: subject.business_units } }, unless: { role: guest } }
  - { id: shut, forbid: { business_unit: { eq: home } } }
";
    assert_eq!(
        told(&ways(closed, &about(None, Some("home")))),
        Vec::<String>::new()
    );
    assert_eq!(
        told(&ways(closed, &about(None, Some("auto")))),
        ["own; business units=auto & roles!=guest; proven"]
    );
    let never = "
  - { id: never, permit: all, when: { all: [{ role: a }, { not: { role: a } }] } }
";
    assert_eq!(
        told(&ways(never, &Question::default())),
        Vec::<String>::new()
    );
}

#[test]
fn more_alternatives_than_anybody_reads_become_one_that_asks_for_less() {
    let choice = |claim: usize| {
        let part = |value: &str| format!("{{ attribute: {{ a{claim}: {{ eq: {value} }} }} }}");
        format!(
            "{{ any: [{}, {}, {{ role: r{claim} }}] }}",
            part("x"),
            part("y")
        )
    };
    let all: Vec<_> = (0..6).map(choice).collect();
    let rule = format!(
        "  - {{ id: many, permit: all, when: {{ all: [{}] }} }}\n",
        all.join(", ")
    );

    let found = ways(&rule, &Question::default());

    assert!(found.len() < 64, "{}", found.len());
    let holder = Subject::new("idp", "u");
    let holder = (0..6).fold(holder, |holder, claim| {
        holder.with_roles([RoleName::parse(format!("r{claim}")).unwrap()])
    });
    assert!(
        found.iter().any(|way| way.covers(&holder)),
        "{:?}",
        told(&found)
    );
}

#[test]
fn p7_a_policy_that_does_not_fit_its_dataset_lets_nobody_in() {
    let text = "dataset: gold.things\nrules:\n  - { id: all, permit: all }\n  - { id: no, hide: [region] }\n";
    let policy = policy_from_yaml("p", text, &schema()).unwrap();
    let set = PolicySet::build(Revision::new(1), [policy]).unwrap();
    let name = DatasetName::parse("gold.things").unwrap();
    let fewer = DatasetSchema::new(
        name,
        [(ColumnName::parse("held").unwrap(), ValueType::Boolean)],
    );

    assert!(who_could_see(&set, &fewer, &Question::default()).is_empty());
}
