use super::*;
use crate::document::policy_from_yaml;
use crate::name::{AttributeName, BusinessUnit, RoleName};
use crate::value::ValueType;

const POLICY: &str = "
dataset: gold.things
rules:
  - id: own
    permit: { unit: { in: subject.business_units } }
    when: { role: analyst }
  - id: cheap
    permit: { amount: { lt: 5 }, region: { in: subject.attributes.region } }
  - id: hold
    forbid: { held: { eq: true } }
  - id: secret
    hide: [region]
    unless: { attribute: { clearance: { eq: high } } }
  - id: rounded
    mask: { column: amount, with: { bucket: 10 } }
    unless: { role: finance }
";

fn schema() -> DatasetSchema {
    let columns = [
        ("unit", ValueType::Text),
        ("region", ValueType::Text),
        ("amount", ValueType::Integer),
        ("held", ValueType::Boolean),
    ];
    DatasetSchema::new(
        DatasetName::parse("gold.things").unwrap(),
        columns.map(|(name, kind)| (ColumnName::parse(name).unwrap(), kind)),
    )
}

fn set() -> PolicySet {
    let policy = policy_from_yaml("p", POLICY, &schema()).unwrap();
    PolicySet::build(Revision::new(3), [policy]).unwrap()
}

fn analyst() -> Subject {
    Subject::new("idp", "u")
        .with_roles([RoleName::parse("analyst").unwrap()])
        .with_business_units([BusinessUnit::parse("auto").unwrap()])
}

#[test]
fn an_explanation_says_of_every_rule_why_it_applied_or_not() {
    let explained = explain(&set(), &analyst(), &schema());
    assert_eq!(
        serde_json::to_value(&explained).unwrap(),
        serde_json::json!({
            "revision": 3,
            "dataset": "gold.things",
            "outcome": {
                "granted": true, "code": null, "reason": null,
                "grant": {
                    "dataset": "gold.things", "revision": 3, "rows": "not held and unit = auto",
                    "hidden": ["region"], "masked": { "amount": "bucket(10)" },
                    "rules": ["hold", "own", "rounded", "secret"],
                },
            },
            "rules": [
                { "id": "own", "kind": "permit", "applied": true, "why_not": null, "reason": null,
                  "closes_dataset": false,
                  "claims": { "business_units": ["auto"], "roles": ["analyst"] } },
                { "id": "cheap", "kind": "permit", "applied": false, "why_not": "missing-claim",
                  "reason": "the subject has no attribute `region`", "closes_dataset": false,
                  "claims": { "attributes.region": [] } },
                { "id": "hold", "kind": "forbid", "applied": true, "why_not": null, "reason": null,
                  "closes_dataset": false, "claims": {} },
                { "id": "secret", "kind": "hide", "applied": true, "why_not": null, "reason": null,
                  "closes_dataset": false, "claims": { "attributes.clearance": [] } },
                { "id": "rounded", "kind": "mask", "applied": true, "why_not": null, "reason": null,
                  "closes_dataset": false, "claims": { "roles": ["analyst"] } },
            ],
            "columns": [
                { "column": "amount", "shown": { "masked": { "bucket": "10" } }, "rule": "rounded" },
                { "column": "held", "shown": "visible", "rule": null },
                { "column": "region", "shown": "hidden", "rule": "secret" },
                { "column": "unit", "shown": "visible", "rule": null },
            ],
        })
    );
}

#[test]
fn a_denial_is_explained_with_its_code_and_shows_no_column() {
    let explained = explain(&set(), &Subject::new("idp", "u"), &schema());
    let outcome = serde_json::to_value(&explained.outcome).unwrap();
    assert_eq!(outcome["granted"], false);
    assert_eq!(outcome["code"], "missing-attribute");
    assert!(
        explained
            .columns
            .iter()
            .all(|column| column.shown == Shown::Hidden)
    );
}

#[test]
fn p7_a_rule_that_cannot_be_evaluated_is_named_as_what_closes_the_dataset() {
    let narrower = DatasetSchema::new(
        schema().name().clone(),
        [(ColumnName::parse("unit").unwrap(), ValueType::Text)],
    );
    let explained = explain(&set(), &analyst(), &narrower);
    let closing: Vec<&str> = explained
        .rules
        .iter()
        .filter(|rule| rule.closes_dataset)
        .map(|rule| rule.id.as_str())
        .collect();
    assert_eq!(closing, ["cheap", "hold", "secret", "rounded"]);
    assert_eq!(explained.outcome.grant(), None);
}

/// The cells of a row, then how it is explained to an analyst of auto from `mtl`.
const ROWS: [(&[(&str, &str)], &str); 6] = [
    (
        &[("unit", "auto"), ("held", "false")],
        "rule `own` permits it (unit = auto)",
    ),
    (
        &[("unit", "auto"), ("held", "true")],
        "rule `hold` forbids it (held = true)",
    ),
    (
        &[("unit", "auto")],
        "rule `hold` may forbid it: a value it looks at is NULL (held is NULL)",
    ),
    (
        &[
            ("unit", "home"),
            ("held", "false"),
            ("amount", "7"),
            ("region", "mtl"),
        ],
        "no rule permits it (`own`: unit = home is not in {auto}, `cheap`: amount = 7 is not < 5)",
    ),
    (
        &[
            ("unit", "home"),
            ("held", "false"),
            ("amount", "2"),
            ("region", "mtl"),
        ],
        "rule `cheap` permits it (amount = 2 is < 5, region = mtl)",
    ),
    (
        &[("held", "false"), ("amount", "2"), ("region", "que")],
        "no rule permits it (`own`: unit is NULL, `cheap`: region = que is not in {mtl})",
    ),
];

#[test]
fn a_row_is_explained_by_the_comparison_that_decided() {
    let subject = analyst().with_attribute(AttributeName::parse("region").unwrap(), ["mtl"]);
    for (cells, expected) in ROWS {
        let row: BTreeMap<ColumnName, Value> = cells
            .iter()
            .map(|(name, text)| {
                let column = ColumnName::parse(*name).unwrap();
                let kind = schema().column(&column).unwrap();
                (column, Value::parse(text, kind).unwrap())
            })
            .collect();
        let cell = |column: &ColumnName| row.get(column).cloned();
        let explained = explain_row(&set(), &subject, &schema(), &cell).unwrap();
        assert_eq!(explained.to_string(), expected);
    }
    let none = |_: &ColumnName| None;
    let explained = explain_row(&set(), &subject, &schema(), &none).unwrap();
    assert_eq!(
        serde_json::to_value(&explained).unwrap(),
        serde_json::json!({
            "verdict": "withheld", "rule": "hold",
            "clauses": [{ "rule": "hold", "comparison": "held", "column": "held", "value": null,
                          "truth": "unknown", "clause": "held is NULL" }],
        })
    );
}
