use super::*;
use crate::document::policy_from_yaml;
use crate::policy_set::Revision;
use crate::schema::DatasetSchema;
use crate::value::ValueType;

const POLICY: &str = "
dataset: gold.statements
rules:
  - id: own-rows
    permit: { business_unit: { in: subject.business_units } }
    when: { role: analyst }
  - id: litigation-hold
    forbid: { legal_hold: { eq: true } }
  - id: customer-hashed
    mask: { column: customer_id, with: hash }
    unless: { role: privacy_officer }
  - id: commission-hidden
    hide: [broker_commission]
  - id: premium-rounded
    mask: { column: written_premium, with: { bucket: 1000 } }
    unless: { role: finance }
";

const GIVEN: &str = "
policy: gold.statements
given:
  - { id: a, business_unit: auto, legal_hold: false }
  - { id: b, business_unit: auto, legal_hold: true }
  - { id: 3, business_unit: auto }
  - { id: d, business_unit: home, legal_hold: false, written_premium: 10.50, loss_ratio: 0.5 }
";

fn schema() -> DatasetSchema {
    let money = ValueType::Decimal {
        precision: 12,
        scale: 2,
    };
    let columns = [
        ("business_unit", ValueType::Text),
        ("customer_id", ValueType::Text),
        ("written_premium", money),
        ("broker_commission", money),
        ("loss_ratio", ValueType::Double),
        ("legal_hold", ValueType::Boolean),
    ];
    DatasetSchema::new(
        DatasetName::parse("gold.statements").unwrap(),
        columns.map(|(name, kind)| (ColumnName::parse(name).unwrap(), kind)),
    )
}

fn policies() -> PolicySet {
    let policy = policy_from_yaml("p.policy.yaml", POLICY, &schema()).unwrap();
    PolicySet::build(Revision::new(1), [policy]).unwrap()
}

fn run(cases: &str) -> Vec<CaseOutcome> {
    let text = format!("{GIVEN}cases:\n{cases}");
    let table = table_from_yaml("p.test.yaml", &text, &schema()).expect(&text);
    table.run(&policies(), &schema())
}

fn failures(case: &str) -> Vec<String> {
    run(case).swap_remove(0).failures().to_vec()
}

#[test]
fn cases_that_say_what_the_policy_does_pass() {
    let outcomes = run("
  - name: an analyst sees the rows of the unit
    as: { roles: [analyst], business_units: [auto] }
    sees: [a]
    columns: { hidden: [broker_commission], masked: { customer_id: hash, written_premium: { bucket: 1000.0 } } }
  - as: { roles: [analyst, privacy_officer, finance], business_units: [home, auto] }
    sees: [a, d]
    columns: { masked: {} }
  - as: { roles: [analyst] }
    sees: denied
  - as: { roles: [analyst], business_units: [life] }
    sees: none
  - as: { roles: [analyst], business_units: [life], attributes: { region: null, team: ['', a], x: b } }
    sees: []
");

    for outcome in &outcomes {
        assert!(outcome.passed(), "{outcome}");
    }
    assert_eq!(outcomes[0].name(), "an analyst sees the rows of the unit");
    assert_eq!((outcomes[1].name(), outcomes[1].line()), ("case 2", 14));
}

#[test]
fn a_failure_names_the_rule_that_decided_each_row() {
    assert_eq!(
        failures("  - { as: { roles: [analyst], business_units: [auto] }, sees: [b, 3, d] }\n"),
        [
            "row `a` should not be seen, but rule `own-rows` permits it (business_unit = auto)",
            "row `b` should be seen, but rule `litigation-hold` forbids it (legal_hold = true)",
            "row `3` should be seen, but rule `litigation-hold` may forbid it: a value it looks \
             at is NULL (legal_hold is NULL)",
            "row `d` should be seen, but no rule permits it (`own-rows`: business_unit = home is \
             not in {auto})",
        ]
    );
}

#[test]
fn a_failure_says_why_a_subject_is_denied_or_is_not() {
    assert_eq!(
        failures("  - { as: { roles: [analyst] }, sees: [a] }\n"),
        [
            "expected rows `a`, but the subject is denied (no-business-unit): `gold.statements` is \
          permitted by business unit, and the subject has none: rule `own-rows`: the subject has \
          no business units"
        ]
    );
    assert_eq!(
        failures("  - { as: { roles: [analyst], business_units: [auto] }, sees: denied }\n"),
        [
            "expected denied, but rows are granted: business_unit = auto and not legal_hold (by \
          `commission-hidden`, `customer-hashed`, `litigation-hold`, `own-rows`, \
          `premium-rounded`)"
        ]
    );
}

#[test]
fn a_failure_lists_the_columns_that_differ() {
    let case = "  - as: { roles: [analyst], business_units: [auto] }
    sees: [a]
    columns: { hidden: [], masked: { customer_id: null } }\n";

    assert_eq!(
        failures(case),
        [
            "hidden columns should be none, they are `broker_commission`",
            "masked columns should be `customer_id: null`, they are `customer_id: hash`, \
             `written_premium: bucket(1000)`",
        ]
    );
}

/// A case, where the mistake is, a part of the message.
const CASE_MISTAKES: &str = "
{ as: {}, sees: [e] } | cases[0].sees[0] | has the id `e`
{ as: {}, sees: [a, a] } | cases[0].sees[1] | twice
{ as: {}, sees: deny } | cases[0].sees | did you mean `denied`
{ as: {} } | cases[0] | `sees` is missing
{ sees: none } | cases[0] | `as` is missing
{ as: { role: [a] }, sees: none } | cases[0].as.role | did you mean `roles`
{ as: { roles: a }, sees: none } | cases[0].as.roles | a list of roles
{ as: { business_units: [''] }, sees: none } | cases[0].as.business_units[0] | blank
{ as: { attributes: { a: 1 } }, sees: none } | cases[0].as.attributes.a | quotes
{ as: {}, sees: denied, columns: {} } | cases[0].columns | sees no columns
{ as: {}, sees: none, columns: { hidden: [x] } } | cases[0].columns.hidden[0] | no column `x`
{ as: {}, sees: none, columns: { masked: { x: hash } } } | cases[0].columns.masked.x | no column
{ as: {}, sees: none, columns: { masked: { customer_id: xx } } } | cases[0].columns.masked.customer_id | expected `null`
";

/// A row, where the mistake is, a part of the message.
const ROW_MISTAKES: &str = "
{ business_unit: auto } | given[0] | `id` is missing
{ id: a }, { id: a } | given[1].id | taken already
{ id: null } | given[0].id | an id
{ id: a, regoin: x } | given[0].regoin | no column `regoin`
{ id: a, legal_hold: no } | given[0].legal_hold | expected a boolean
{ id: a, loss_ratio: x } | given[0].loss_ratio | expected a number
";

fn check_mistake(text: &str, path: &str, part: &str) {
    let error = table_from_yaml("p.test.yaml", text, &schema()).expect_err(text);
    assert_eq!(error.path(), path, "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

fn cells(line: &str) -> [&str; 3] {
    line.split(" | ")
        .map(str::trim)
        .collect::<Vec<_>>()
        .try_into()
        .expect(line)
}

#[test]
fn mistakes_in_a_table_name_their_place() {
    for [case, path, part] in CASE_MISTAKES.trim().lines().map(cells) {
        check_mistake(&format!("{GIVEN}cases: [{case}]\n"), path, part);
    }
    for [row, path, part] in ROW_MISTAKES.trim().lines().map(cells) {
        let text = format!("policy: gold.statements\ngiven: [{row}]\ncases: []\n");
        check_mistake(&text, path, part);
    }
    check_mistake(&format!("{GIVEN}cases: []\n"), "cases", "empty list");
    let no_rows = "policy: gold.statements\ngiven: []\ncases: []\n";
    check_mistake(no_rows, "given", "empty list");
}

#[test]
fn policies_without_a_table_are_told_apart() {
    let set = policies();
    assert_eq!(untested(&set, &[]).len(), 1);

    let text = format!("{GIVEN}cases: [{{ as: {{}}, sees: denied }}]\n");
    assert_eq!(dataset_of("t", &text).unwrap().as_str(), "gold.statements");
    let table = table_from_yaml("t", &text, &schema()).unwrap();
    assert_eq!(untested(&set, &[table]).len(), 0);
}

#[test]
fn a_table_is_not_run_against_another_dataset() {
    let text = format!("{GIVEN}cases: [{{ as: {{}}, sees: denied }}]\n");
    let table = table_from_yaml("t", &text, &schema()).unwrap();
    let other = DatasetSchema::new(DatasetName::parse("gold.other").unwrap(), []);

    assert!(!table.run(&policies(), &other)[0].passed());
}
