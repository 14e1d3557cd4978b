//! The rows of the hall of failures that the policy core answers for, and P1-P7 by example.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests may fail by panicking"
)]

mod support;

use std::collections::BTreeSet;

use support::{Row, attribute, column, policies, role, schema, schema_of, subject};
use weir_policy::{
    BusinessUnit, ColumnAccess, DatasetName, Denied, PolicySet, PolicySetError, Predicate,
    Revision, Scalar, Subject, Value, ValueType, WhyNot, document, resolve,
};

/// Claims that amount to nothing: the subject must be treated as if they were not there.
const NOTHING: [&[&str]; 5] = [&[], &[""], &[" "], &["\t", "\u{a0}"], &["", "   "]];
/// Claims that are something, but nothing the data holds.
const LOOK_ALIKES: [&str; 16] = [
    "*",
    "%",
    "_",
    ".*",
    "null",
    "NULL",
    "true",
    "1=1",
    "' OR ''='",
    "аuto",
    "AUTO",
    "auto ",
    " auto",
    "auto\u{200b}",
    "a%",
    "ａｕｔｏ",
];

fn units(units: &[&str]) -> Subject {
    subject().with_business_units(units.iter().map(|unit| BusinessUnit::parse(*unit).unwrap()))
}

/// A row; every cell is spelled as in a document, `~` is NULL.
fn row(cells: &[(&str, &str)]) -> Row {
    let schema = schema();
    cells
        .iter()
        .filter(|(_, text)| *text != "~")
        .map(|(name, text)| {
            let kind = schema.column(&column(name)).unwrap();
            let scalar = match kind {
                ValueType::Text => Scalar::Quoted(text),
                _ => Scalar::Plain(text),
            };
            (column(name), Value::from_scalar(scalar, kind).unwrap())
        })
        .collect()
}

fn things() -> Vec<Row> {
    let mut all = Vec::new();
    for unit in ["auto", "home", "~"] {
        for amount in ["1", "2", "~"] {
            all.push(row(&[
                ("unit", unit),
                ("amount", amount),
                ("held", "false"),
            ]));
        }
    }
    all
}

fn seen(set: &PolicySet, subject: &Subject) -> usize {
    resolve(set, subject, &schema()).map_or(0, |grant| {
        things()
            .iter()
            .filter(|row| grant.rows().admits(&|c| row.get(c).cloned()))
            .count()
    })
}

fn scoped(values: &[&str]) -> Subject {
    subject().with_attribute(attribute("scope"), values.iter().copied())
}

/// Ways to need the claim, each of which would open something if a missing claim were a value.
fn needs(column: &str) -> Vec<String> {
    let member = format!("{column}: {{ in: subject.attributes.scope }}");
    let outside = format!("{column}: {{ not_in: subject.attributes.scope }}");
    vec![
        format!("{{ {member} }}"),
        format!("{{ {outside} }}"),
        format!("{{ not: {{ {member} }} }}"),
        format!("{{ not: {{ {outside} }} }}"),
        format!("{{ any: [{{ {member} }}, {{ held: {{ eq: false }} }}] }}"),
        format!("{{ any: [{{ {outside} }}, {{ amount: {{ is_null: true }} }}] }}"),
        format!("{{ {member}, held: {{ eq: false }} }}"),
    ]
}

#[test]
fn f26_f27_f28_a_claim_that_is_absent_empty_or_blank_opens_nothing() {
    for column in ["unit", "amount"] {
        for rows in needs(column) {
            let permit = policies(&[format!("{{ id: a, permit: {rows} }}")]);
            let forbid = policies(&[
                "{ id: a, permit: all }".to_owned(),
                format!("{{ id: b, forbid: {rows} }}"),
            ]);
            for nothing in NOTHING {
                let denied = resolve(&permit, &scoped(nothing), &schema()).unwrap_err();
                assert_eq!(denied.code(), "missing-attribute", "{rows} {nothing:?}");
                let denied = resolve(&forbid, &scoped(nothing), &schema()).unwrap_err();
                assert_eq!(denied.code(), "unevaluable", "{rows} {nothing:?}");
            }
        }
    }
}

#[test]
fn f25_a_claim_of_the_wrong_type_opens_nothing() {
    let wrong: [&[&str]; 8] = [
        &["abc"],
        &["1", "abc"],
        &["1.0"],
        &["*"],
        &["%"],
        &["１"],
        &["0x1"],
        &["99999999999999999999"],
    ];
    for rows in needs("amount") {
        let permit = policies(&[format!("{{ id: a, permit: {rows} }}")]);
        let forbid = policies(&[
            "{ id: a, permit: all }".to_owned(),
            format!("{{ id: b, forbid: {rows} }}"),
        ]);
        for values in wrong {
            assert_eq!(seen(&permit, &scoped(values)), 0, "{rows} {values:?}");
            let denied = resolve(&forbid, &scoped(values), &schema()).unwrap_err();
            assert!(
                matches!(
                    &denied,
                    Denied::Unevaluable {
                        why: WhyNot::NotOfType { .. },
                        ..
                    }
                ),
                "{rows} {values:?} {denied}"
            );
        }
    }
    assert_eq!(
        seen(
            &policies(&["{ id: a, permit: { amount: { in: subject.attributes.scope } } }"]),
            &scoped(&["1"])
        ),
        3
    );
}

#[test]
fn f28_values_that_look_like_wildcards_or_like_others_match_byte_for_byte() {
    let set = policies(&["{ id: a, permit: { unit: { in: subject.attributes.scope } } }"]);
    for value in LOOK_ALIKES {
        assert_eq!(seen(&set, &scoped(&[value])), 0, "{value:?}");
        assert_eq!(seen(&set, &scoped(&[value, "auto"])), 3, "{value:?}");
    }
    for value in ["*", "%", "AUTO", "аuto"] {
        let set = policies(&["{ id: a, permit: { unit: { in: subject.business_units } } }"]);
        assert_eq!(seen(&set, &units(&[value])), 0, "{value:?}");
        let prefix = policies(&[format!(
            "{{ id: a, permit: {{ unit: {{ like_prefix: '{value}' }} }} }}"
        )]);
        assert_eq!(seen(&prefix, &subject()), 0, "{value:?}");
    }
}

#[test]
fn p4_look_alikes_of_a_condition_do_not_meet_it() {
    let set = policies(&["{ id: a, permit: all, when: { attribute: { scope: { eq: auto } } } }"]);
    for value in LOOK_ALIKES {
        assert_eq!(seen(&set, &scoped(&[value])), 0, "{value:?}");
    }
    assert_eq!(seen(&set, &scoped(&["auto", "*"])), 9);
}

#[test]
fn p4_a_missing_claim_leaves_permits_out_and_everything_else_in() {
    let conditions = [
        "when: { attribute: { scope: { eq: a } } }",
        "unless: { attribute: { scope: { eq: a } } }",
        "when: { not: { attribute: { scope: { in: [a, b] } } } }",
        "when: { business_unit: a }",
        "unless: { business_unit: a }",
        "when: { role: a }",
        "unless: { role: a }",
    ];
    for condition in conditions {
        let permit = policies(&[format!("{{ id: a, permit: all, {condition} }}")]);
        assert!(
            resolve(&permit, &scoped(&[" "]), &schema()).is_err(),
            "{condition}"
        );

        let others = policies(&[
            "{ id: a, permit: all }".to_owned(),
            format!("{{ id: b, forbid: {{ unit: {{ eq: auto }} }}, {condition} }}"),
            format!("{{ id: c, hide: [amount], {condition} }}"),
            format!("{{ id: d, mask: {{ column: unit, with: hash }}, {condition} }}"),
        ]);
        let grant = resolve(&others, &scoped(&[" "]), &schema()).unwrap();
        assert_eq!(grant.rows().to_string(), "unit != auto", "{condition}");
        assert_eq!(
            grant.access(&column("amount")),
            ColumnAccess::Hidden,
            "{condition}"
        );
        assert!(
            matches!(grant.access(&column("unit")), ColumnAccess::Masked(_)),
            "{condition}"
        );
    }
}

#[test]
fn a_condition_that_is_certain_decides() {
    let set = policies(&[
        "{ id: a, permit: all, when: { role: analyst }, unless: { business_unit: life } }",
        "{ id: b, forbid: { unit: { eq: auto } }, unless: { role: analyst } }",
        "{ id: c, hide: [amount], when: { role: { in: [temp, guest] } } }",
    ]);

    let analyst = units(&["auto"]).with_roles([role("analyst")]);
    let grant = resolve(&set, &analyst, &schema()).unwrap();
    assert_eq!(grant.rows(), &Predicate::Always);
    assert_eq!(grant.access(&column("amount")), ColumnAccess::Visible);
    assert_eq!(grant.matched_rules().len(), 1);

    let life = units(&["auto", "life"]).with_roles([role("analyst")]);
    assert_eq!(
        resolve(&set, &life, &schema()).unwrap_err().code(),
        "no-permit"
    );
}

#[test]
fn p1_f30_every_denial_says_why() {
    let empty: [&str; 0] = [];
    let nobody = policies(&empty);
    assert_eq!(
        resolve(&nobody, &subject(), &schema()).unwrap_err().code(),
        "no-permit"
    );

    let none = PolicySet::build(Revision::new(1), []).unwrap();
    assert_eq!(
        resolve(&none, &units(&["auto"]), &schema())
            .unwrap_err()
            .code(),
        "no-policy"
    );

    let closed = policies(&["{ id: a, permit: all }", "{ id: b, forbid: all }"]);
    let denied = resolve(&closed, &subject(), &schema()).unwrap_err();
    assert_eq!(denied.code(), "no-rows");
    assert_eq!(denied.rules().len(), 2);

    let own = policies(&["{ id: a, permit: { unit: { in: subject.business_units } } }"]);
    let denied = resolve(&own, &subject(), &schema()).unwrap_err();
    assert_eq!(
        denied.to_string(),
        "`gold.things` is permitted by business unit, and the subject has none: rule `a`: the \
         subject has no business units"
    );
}

#[test]
fn p2_p3_forbid_beats_permit_and_null_is_withheld() {
    let set = policies(&[
        "{ id: all-rows, permit: all }",
        "{ id: hold, forbid: { held: { eq: true } } }",
    ]);
    let grant = resolve(&set, &subject(), &schema()).unwrap();

    for (held, passes) in [("true", false), ("false", true), ("~", false)] {
        let row = row(&[("held", held)]);
        assert_eq!(
            grant.rows().admits(&|c| row.get(c).cloned()),
            passes,
            "{held}"
        );
    }
}

#[test]
fn p7_f29_a_column_that_is_gone_or_changed_denies_the_dataset() {
    let text = ValueType::Text;
    let gone = schema_of(&[("unit", text), ("held", ValueType::Boolean)]);
    let changed = schema_of(&[
        ("unit", text),
        ("amount", text),
        ("held", ValueType::Boolean),
    ]);
    for rule in [
        "permit: { amount: { ge: 1 } }",
        "forbid: { amount: { in: subject.attributes.scope } }",
        "forbid: { all: [{ unit: { eq: a } }, { any: [{ unit: { eq: a } }, { amount: { eq: 1 } }] }] }",
        "hide: [amount]",
        "mask: { column: amount, with: { bucket: 10 } }",
        "hide: [amount], when: { role: nobody }",
    ] {
        let set = policies(&[
            "{ id: a, permit: all }".to_owned(),
            format!("{{ id: b, {rule} }}"),
        ]);
        for (schema, wanted) in [(&gone, "any more"), (&changed, "is text now")] {
            let denied = resolve(&set, &scoped(&["1"]), schema).unwrap_err();
            assert_eq!(denied.code(), "unevaluable", "{rule}");
            assert!(denied.to_string().contains(wanted), "{denied}");
            assert!(
                denied.rules().iter().any(|id| id.as_str() == "b"),
                "{denied}"
            );
        }
    }
}

#[test]
fn f31_of_several_masks_the_strictest_wins_whatever_else_is_granted() {
    let effects = [
        ("mask: { column: unit, with: partial }", "partial"),
        ("mask: { column: unit, with: hash }", "hash"),
        ("mask: { column: unit, with: null }", "null"),
        ("hide: [unit]", "hidden"),
    ];
    for chosen in 0..(1_u32 << effects.len()) {
        let picked: Vec<usize> = (0..effects.len())
            .filter(|at| chosen & (1 << at) != 0)
            .collect();
        for order in [picked.clone(), picked.iter().rev().copied().collect()] {
            let mut rules = vec![
                "{ id: some, permit: { unit: { eq: auto } } }".to_owned(),
                "{ id: everything, permit: all, when: { role: executive } }".to_owned(),
            ];
            rules.extend(
                order
                    .iter()
                    .map(|&at| format!("{{ id: m{at}, {} }}", effects[at].0)),
            );
            let executive = subject().with_roles([role("executive")]);
            let grant = resolve(&policies(&rules), &executive, &schema()).unwrap();
            let shown = match grant.access(&column("unit")) {
                ColumnAccess::Visible => "visible".to_owned(),
                ColumnAccess::Masked(mask) => mask.to_string(),
                ColumnAccess::Hidden => "hidden".to_owned(),
            };
            assert_eq!(
                shown,
                picked.last().map_or("visible", |&at| effects[at].1),
                "{rules:?}"
            );
            assert_eq!(grant.rows(), &Predicate::Always);
        }
    }
}

#[test]
fn of_two_buckets_the_wider_wins_and_null_beats_both() {
    let bucket = |at: u8, width: &str| {
        format!("{{ id: b{at}, mask: {{ column: premium, with: {{ bucket: {width} }} }} }}")
    };
    let permit = "{ id: a, permit: all }".to_owned();
    let null = "{ id: n, mask: { column: premium, with: null } }".to_owned();
    let access = |rules: &[String]| {
        let grant = resolve(&policies(rules), &subject(), &schema()).unwrap();
        format!("{:?}", grant.access(&column("premium")))
    };

    assert!(access(&[permit.clone(), bucket(1, "0.50"), bucket(2, "1000")]).contains("1000"));
    assert!(access(&[permit.clone(), bucket(1, "1000"), bucket(2, "9")]).contains("1000"));
    assert!(access(&[null, permit, bucket(1, "1000")]).contains("Null"));
}

#[test]
fn a_masked_column_may_still_decide_about_rows_by_its_raw_values() {
    let set = policies(&[
        "{ id: a, permit: { unit: { in: subject.business_units } } }",
        "{ id: b, mask: { column: unit, with: null } }",
    ]);
    assert_eq!(seen(&set, &units(&["auto"])), 3);
}

#[test]
fn a_column_the_dataset_does_not_have_is_hidden() {
    let grant = resolve(
        &policies(&["{ id: a, permit: all }"]),
        &subject(),
        &schema(),
    )
    .unwrap();
    assert_eq!(grant.access(&column("nonesuch")), ColumnAccess::Hidden);
    assert!(
        grant
            .columns()
            .all(|(_, access)| access == ColumnAccess::Visible)
    );
}

#[test]
fn invariant_5_subjects_with_equal_rights_get_equal_predicates() {
    let set = policies(&[
        "{ id: own, permit: { unit: { in: subject.business_units } } }",
        "{ id: scope, permit: { unit: { in: subject.attributes.scope } } }",
    ]);
    let by_unit = resolve(&set, &units(&["home", "auto"]), &schema()).unwrap();
    let by_both = units(&["auto"]).with_attribute(attribute("scope"), ["home"]);
    let by_both = resolve(&set, &by_both, &schema()).unwrap();

    assert_eq!(by_unit.rows(), by_both.rows());
    assert_eq!(by_unit.rows().to_string(), "unit in {auto, home}");
    assert_ne!(by_unit.matched_rules(), by_both.matched_rules());
}

#[test]
fn a_grant_is_written_into_the_audit_in_words() {
    let set = policies(&[
        "{ id: own, permit: { unit: { in: subject.business_units } } }",
        "{ id: hold, forbid: { held: { eq: true } } }",
        "{ id: hashed, mask: { column: region, with: hash } }",
        "{ id: gone, hide: [premium] }",
    ]);
    let grant = resolve(&set, &units(&["home", "auto"]), &schema()).unwrap();

    assert_eq!(
        serde_json::to_string(&grant).unwrap(),
        r#"{"dataset":"gold.things","revision":7,"rows":"not held and unit in {auto, home}","hidden":["premium"],"masked":{"region":"hash"},"rules":["gone","hashed","hold","own"]}"#
    );
}

#[test]
fn two_policies_for_one_dataset_are_refused() {
    let policy = |text: &str| document::policy_from_yaml("p", text, &schema()).unwrap();
    let text = "dataset: gold.things\nrules: []\n";

    let error = PolicySet::build(Revision::new(1), [policy(text), policy(text)]).unwrap_err();

    assert!(
        matches!(error, PolicySetError::DuplicateDataset(_)),
        "{error}"
    );
}

#[test]
fn the_content_hash_says_what_the_rules_say() {
    let other = weir_policy::DatasetSchema::new(
        DatasetName::parse("gold.other").unwrap(),
        [(column("unit"), ValueType::Text)],
    );
    let one = |rule: &str| {
        let text = format!("dataset: gold.things\nrules: [{{ id: a, {rule} }}]\n");
        document::policy_from_yaml("p", &text, &schema()).unwrap()
    };
    let two = || {
        let text = "dataset: gold.other\nrules: [{ id: a, permit: all }]\n";
        document::policy_from_yaml("q", text, &other).unwrap()
    };
    let hash = |revision, policies: Vec<_>| {
        PolicySet::build(Revision::new(revision), policies)
            .unwrap()
            .content_hash()
    };

    assert_eq!(
        hash(1, vec![one("permit: all"), two()]),
        hash(2, vec![two(), one("permit: all")])
    );
    let different: BTreeSet<String> = [
        "permit: all",
        "forbid: all",
        "permit: { unit: { eq: a } }",
        "permit: { region: { eq: a } }",
        "permit: { unit: { ne: a } }",
        "permit: { unit: { in: subject.business_units } }",
        "permit: { unit: { in: subject.attributes.a } }",
        "permit: all, when: { role: a }",
        "permit: all, unless: { role: a }",
        "permit: all, when: { attribute: { a: { eq: a } } }",
        "hide: [unit]",
        "mask: { column: unit, with: hash }",
        "mask: { column: unit, with: null }",
        "mask: { column: amount, with: { bucket: 10 } }",
        "mask: { column: amount, with: { bucket: 11 } }",
    ]
    .iter()
    .map(|rule| hash(1, vec![one(rule)]).to_string())
    .collect();
    assert_eq!(different.len(), 15);
}
