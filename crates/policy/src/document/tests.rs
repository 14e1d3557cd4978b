use super::*;
use crate::name::ColumnName;
use crate::value::ValueType;

const MONEY: ValueType = ValueType::Decimal {
    precision: 12,
    scale: 2,
};

fn schema() -> DatasetSchema {
    let columns = [
        ("statement_date", ValueType::Date),
        ("customer_id", ValueType::Text),
        ("business_unit", ValueType::Text),
        ("region", ValueType::Text),
        ("written_premium", MONEY),
        ("policies_in_force", ValueType::Integer),
        ("loss_ratio", ValueType::Double),
        ("broker_commission", MONEY),
        ("legal_hold", ValueType::Boolean),
        ("computed_at", ValueType::Timestamp),
    ];
    DatasetSchema::new(
        DatasetName::parse("gold.statements").unwrap(),
        columns.map(|(name, kind)| (ColumnName::parse(name).unwrap(), kind)),
    )
}

fn read(text: &str) -> Result<Policy, DocumentError> {
    policy_from_yaml("p.policy.yaml", text, &schema())
}

fn rule_error(rule: &str) -> DocumentError {
    let text = format!("dataset: gold.statements\nrules:\n  - id: x\n    {rule}\n");
    read(&text).expect_err(rule)
}

/// One mistake per line: the rule, the place below `rules[0]`, a part of the message, the suggestion.
const MISTAKES: &str = r#"
permit: { regoin: { eq: a } } | permit.regoin | has no column `regoin` | region
permit: { alll: [] } | permit.alll | has no column | all
permit: { region: { equals: a } } | permit.region.equals | unknown key `equals` |
permit: { region: { not-in: [a] } } | permit.region.not-in | unknown key | not_in
permit: { region: a } | permit.region | expected an operator |
permit: { region: {} } | permit.region | empty map |
permit: {} | permit | write `permit: all` |
permit: everything | permit | expected `all` or a predicate |
permit: "all" | permit | expected `all` or a predicate |
permit: { all: [] } | permit.all | empty list |
permit: { not: [] } | permit.not | expected a predicate |
permit: { any: [{ region: { eq: a } }, { x: 1 }] } | permit.any[1].x | no column `x` |
permit: { region: { eq: 12 } } | permit.region.eq | expected text (put it in quotes), found `12` |
permit: { region: { eq: true } } | permit.region.eq | expected text |
permit: { region: { eq: null } } | permit.region.eq | use `is_null` |
permit: { region: { eq: [a] } } | permit.region.eq | found a list |
permit: { region: { eq: subject.attributes.region } } | permit.region.eq | is a set; use `in` |
permit: { region: { ne: "subject.business_units" } } | permit.region.ne | is a set |
permit: { region: { in: [subject.business_units] } } | permit.region.in[0] | is a set |
permit: { region: { in: [] } } | permit.region.in | empty list |
permit: { region: { not_in: [a, null] } } | permit.region.not_in[1] | use `is_null` |
permit: { region: { in: subject.busines_units } } | permit.region.in | found `subject.busines_units` | subject.business_units
permit: { region: { in: subject.attributes.Re } } | permit.region.in | not a valid attribute name |
permit: { policies_in_force: { in: subject.business_units } } | permit.policies_in_force.in | business units are text |
permit: { loss_ratio: { gt: 1 } } | permit.loss_ratio.gt | needs a column with an order |
permit: { loss_ratio: { eq: 1 } } | permit.loss_ratio.eq | double cannot be compared |
permit: { loss_ratio: { in: subject.attributes.a } } | permit.loss_ratio.in | cannot be compared |
permit: { legal_hold: { lt: true } } | permit.legal_hold.lt | needs a column with an order |
permit: { legal_hold: { eq: yes } } | permit.legal_hold.eq | expected a boolean |
permit: { legal_hold: { is_null: 1 } } | permit.legal_hold.is_null | `true` or `false` |
permit: { written_premium: { ge: 1.005 } } | permit.written_premium.ge | does not fit decimal(12,2) exactly |
permit: { written_premium: { between: [1] } } | permit.written_premium.between | expected two values |
permit: { written_premium: { between: [2, 1] } } | permit.written_premium.between | swap them |
permit: { written_premium: { like_prefix: a } } | permit.written_premium.like_prefix | needs a text column |
permit: { region: { like_prefix: "" } } | permit.region.like_prefix | empty prefix |
permit: { region: { like_prefix: subject.attributes.r } } | permit.region.like_prefix | takes one literal |
hide: [broker_comission] | hide[0] | no column | broker_commission
hide: [] | hide | empty list |
hide: [region, region] | hide[1] | twice |
mask: { column: customer, with: hash } | mask.column | no column `customer` | customer_id
mask: { column: customer_id, with: hsh } | mask.with | found `hsh` | hash
mask: { column: written_premium, with: hash } | mask.with | masks text columns only; `written_premium` is decimal(12,2) |
mask: { column: region, with: { bucket: 10 } } | mask.with | masks integer and decimal columns only |
mask: { column: policies_in_force, with: { bucket: 0 } } | mask.with.bucket | greater than zero |
mask: { column: policies_in_force, with: { bucket: 2.5 } } | mask.with | its width 2.5 |
premit: all | premit | unknown key `premit` | permit
unless: { role: a } |  | needs one of `permit`, `forbid` |
"#;

#[test]
fn f32_every_mistake_in_a_rule_names_its_place_and_the_nearest_right_word() {
    for mistake in MISTAKES.trim().lines() {
        let cells: Vec<&str> = mistake
            .split(" | ")
            .map(|cell| cell.trim_end_matches(" |"))
            .collect();
        let (rule, place, part) = (cells[0], cells[1], cells[2]);
        let error = rule_error(rule);
        let path = if place.is_empty() {
            "rules[0]".into()
        } else {
            format!("rules[0].{place}")
        };
        assert_eq!(error.path(), path, "{error}");
        assert!(error.problem().contains(part), "{rule}: {error}");
        assert_eq!(error.suggestion(), cells.get(3).copied(), "{rule}: {error}");
        let line = if place.is_empty() { 3 } else { 4 };
        assert_eq!(
            (error.file(), error.line()),
            ("p.policy.yaml", line),
            "{error}"
        );
    }
}

/// A condition, where the mistake is, a part of the message.
const CONDITION_MISTAKES: [(&str, &str, &str); 15] = [
    ("{ rol: a }", "rules[0].when.rol", "unknown key `rol`"),
    (
        "{ role: Analyst }",
        "rules[0].when.role",
        "not a valid role name",
    ),
    (
        "{ role: [a, b] }",
        "rules[0].when.role",
        "write `{ in: […] }`",
    ),
    (
        "{ role: { in: [] } }",
        "rules[0].when.role.in",
        "empty list",
    ),
    (
        "{ role: { eq: a, in: [b] } }",
        "rules[0].when.role",
        "expected one of",
    ),
    (
        "{ role: { ne: a } }",
        "rules[0].when.role.ne",
        "unknown key `ne`",
    ),
    (
        "{ business_unit: \" \" }",
        "rules[0].when.business_unit",
        "must not be blank",
    ),
    (
        "{ attribute: { clearance: high } }",
        "rules[0].when.attribute.clearance",
        "expected `{ eq",
    ),
    (
        "{ attribute: { clearance: { eq: 3 } } }",
        "rules[0].when.attribute.clearance.eq",
        "quotes",
    ),
    (
        "{ attribute: { clearance: { eq: \" \" } } }",
        "rules[0].when.attribute.clearance.eq",
        "blank",
    ),
    (
        "{ attribute: { Clearance: { eq: a } } }",
        "rules[0].when.attribute.Clearance",
        "attribute name",
    ),
    ("{ attribute: {} }", "rules[0].when.attribute", "empty map"),
    ("{ all: [] }", "rules[0].when.all", "empty list"),
    ("{}", "rules[0].when", "an empty condition"),
    ("analyst", "rules[0].when", "expected a condition"),
];

#[test]
fn mistakes_in_conditions_name_their_place() {
    for (condition, path, part) in CONDITION_MISTAKES {
        let error = rule_error(&format!("permit: all\n    when: {condition}"));
        assert_eq!(error.path(), path, "{error}");
        assert!(error.problem().contains(part), "{condition}: {error}");
    }
}

/// A document, where the mistake is, a part of the message.
const DOCUMENT_MISTAKES: [(&str, &str, &str); 22] = [
    ("", "", "the document is empty"),
    ("# nothing\n", "", "the document is empty"),
    ("- a\n", "", "expected a map"),
    (
        "dataset: gold.statements\n",
        "",
        "the key `rules` is missing",
    ),
    ("rules: []\n", "", "the key `dataset` is missing"),
    (
        "dataset: gold.statement\nrules: []\n",
        "dataset",
        "expected dataset `gold.statements`",
    ),
    (
        "dataset: 7\nrules: []\n",
        "dataset",
        "expected the name of a dataset",
    ),
    (
        "dataset: gold.statements\nrules: {}\n",
        "rules",
        "expected a list of rules",
    ),
    (
        "dataset: gold.statements\nrule: []\n",
        "rule",
        "unknown key `rule`",
    ),
    (
        "dataset: gold.statements\nrules: [{ permit: all }]\n",
        "rules[0]",
        "`id` is missing",
    ),
    (
        "dataset: gold.statements\nrules: [{ id: A, permit: all }]\n",
        "rules[0].id",
        "rule id",
    ),
    (
        "dataset: gold.statements\nrules: [{ id: a, permit: all, hide: [region] }]\n",
        "rules[0].hide",
        "has `permit` already",
    ),
    (
        "dataset: gold.statements\nrules:\n  - { id: a, permit: all }\n  - { id: a, permit: all }\n",
        "rules[1].id",
        "taken by rules[0] already",
    ),
    (
        "dataset: gold.statements\nrules:\n  - { id: a, permit: all, permit: all }\n",
        "rules[0].permit",
        "twice",
    ),
    (
        "dataset: gold.statements\nrules: []\n---\nrules: []\n",
        "",
        "second one starts",
    ),
    ("a: &x [1]\nb: *x\n", "a", "anchors and tags"),
    ("a: *x\n", "a", ""),
    ("a: !!str b\n", "a", "anchors and tags"),
    ("<<: { a: b }\n", "<<", "unknown key"),
    ("? [a]\n: b\n", "", "a key must be a single word"),
    ("dataset: [\n", "", ""),
    ("dataset: \"\\q\"\n", "", ""),
];

#[test]
fn mistakes_around_the_rules_name_their_place() {
    for (text, path, part) in DOCUMENT_MISTAKES {
        let error = read(text).expect_err(text);
        if !part.is_empty() {
            assert_eq!(error.path(), path, "{text:?}: {error}");
        }
        assert!(error.problem().contains(part), "{text:?}: {error}");
    }
}

#[test]
fn errors_read_as_one_line() {
    let error = rule_error("permit: { regoin: { eq: a } }");

    assert_eq!(
        error.to_string(),
        "p.policy.yaml:4: rules[0].permit.regoin: dataset `gold.statements` has no column \
         `regoin`; did you mean `region`?"
    );
}

#[test]
fn an_unknown_dataset_is_answered_with_the_nearest_one() {
    let other = DatasetSchema::new(DatasetName::parse("gold.risk_exposure").unwrap(), []);
    let text = "dataset: gold.risk_exposur\nrules: []\n";

    let error = policy_from_catalog("p", text, [&schema(), &other]).unwrap_err();

    assert_eq!(error.suggestion(), Some("gold.risk_exposure"));
    assert_eq!(dataset_of("p", text).unwrap().as_str(), "gold.risk_exposur");
}

#[test]
fn bombs_and_endless_input_are_refused_quickly() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\n";
    assert!(read(bomb).unwrap_err().problem().contains("anchors"));

    let long = "#".repeat(513 * 1024);
    assert!(read(&long).unwrap_err().problem().contains("bytes"));

    let deep = format!("rules: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    read(&deep).unwrap_err();
    let deep = format!("rules: {}x{}", "{a: ".repeat(100), "}".repeat(100));
    read(&deep).unwrap_err();
    let stairs: Vec<String> = (0..200).map(|depth| " ".repeat(depth) + "a:\n").collect();
    read(&stairs.concat()).unwrap_err();

    let many: Vec<String> = (0..1001)
        .map(|n| format!("  - {{ id: r{n}, permit: all }}\n"))
        .collect();
    let many = many.concat();
    let error = read(&format!("dataset: gold.statements\nrules:\n{many}")).unwrap_err();
    assert!(error.problem().contains("1001 rules"), "{error}");
}

#[test]
fn hostile_names_are_shown_escaped_and_cut() {
    let error = rule_error("permit: { \"\\u202Eabc\": { eq: a } }");
    assert!(!error.to_string().contains('\u{202e}'), "{error}");

    let error = rule_error(&format!("{}: all", "k".repeat(600)));
    assert!(error.to_string().len() < 400, "{error}");
}

#[test]
fn every_operator_reads_into_the_algebra() {
    let text = "
dataset: gold.statements
rules:
  - id: a
    permit:
      region: { eq: montreal, ne: estrie, like_prefix: 'm_%', in: [montreal, '12'] }
      written_premium: { between: [0.10, '99.5'], gt: -1 }
      policies_in_force: { lt: 10, not_in: [3, 4] }
      legal_hold: { is_null: false, eq: false }
      statement_date: { le: 2026-01-31 }
      computed_at: { ge: 2026-01-31T00:00:00Z }
      any:
        - not: { broker_commission: { is_null: true } }
        - all: [{ customer_id: { in: [C1] } }]
";
    let policy = read(text).unwrap();

    let crate::rule::Effect::Permit(crate::rule::Rows::Fixed(rows)) = policy.rules()[0].effect()
    else {
        panic!("not folded: {policy:?}");
    };
    assert_eq!(
        rows.to_string(),
        "(broker_commission is not null or customer_id = C1) \
         and computed_at >= 2026-01-31T00:00:00.000Z and not legal_hold \
         and legal_hold is not null and policies_in_force < 10 \
         and policies_in_force not in {3, 4} and region = montreal \
         and region starts with \"m_%\" and region != estrie \
         and statement_date <= 2026-01-31 and written_premium <= 99.50 \
         and written_premium > -1.00 and written_premium >= 0.10"
    );
    assert_eq!(policy.rules()[0].columns().len(), 8);
}

#[test]
fn a_document_without_any_rule_is_a_policy_that_permits_nothing() {
    assert!(
        read("dataset: gold.statements\nrules: []\n")
            .unwrap()
            .rules()
            .is_empty()
    );
}

#[test]
fn every_rule_with_a_mistake_is_told_in_the_order_of_the_text() {
    let text = "\
dataset: gold.statements
rule: []
rules:
  - id: Bad Id
    permit: { regoin: { eq: a } }
    when: { rol: analyst }
  - id: fine
    permit: all
  - id: fine
    permitt: all
  - id: fine
    permit: all
";
    let mistakes = check_policy("p.yaml", text, [&schema()]).unwrap_err();
    let told: Vec<_> = mistakes
        .iter()
        .map(|one| (one.place().line, one.place().column, one.path()))
        .collect();
    assert_eq!(
        told,
        [
            (2, 1, "rule"),
            (4, 9, "rules[0].id"),
            (5, 23, "rules[0].permit.regoin"),
            (6, 13, "rules[0].when.rol"),
            (10, 5, "rules[2].permitt"),
            (11, 9, "rules[3].id"),
        ],
        "{mistakes:#?}"
    );
}

#[test]
fn a_place_is_found_by_its_path_or_at_the_last_step_that_is_there() {
    let text = "a:\n  b: [one, { c: two }]\n  d:\n    e: 1\n";
    let cases = [
        ("a.b[1].c", (2, 17)),
        ("a.b[0]", (2, 7)),
        ("a.d", (3, 3)),
        ("a.d.x.y", (3, 3)),
        ("a.b[7]", (2, 6)),
        ("z", (1, 1)),
    ];
    for (path, (line, column)) in cases {
        assert_eq!(place_of(text, path), Some(Place { line, column }), "{path}");
    }
    assert_eq!(place_of("a: [", "a"), None);
}
