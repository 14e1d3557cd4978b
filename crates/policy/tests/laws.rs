//! The laws of the algebra and of resolution, for whatever proptest comes up with.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests may fail by panicking"
)]

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rust_decimal::Decimal;
use support::{Row, attribute, column, policies, role, schema, subject};
use weir_policy::change::Shown;
use weir_policy::{
    BusinessUnit, ColumnAccess, ColumnName, Comparison, Denied, Outcome, Predicate, Subject, Truth,
    Value, explain, explain_row, resolve,
};

const COLUMNS: [&str; 4] = ["unit", "amount", "premium", "held"];

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec!["auto", "home", "", "*", "à"]).prop_map(|text| Value::Text(text.to_owned())),
        (0_i64..4).prop_map(Value::Integer),
        (0_i64..4).prop_map(|cents| Value::Decimal(Decimal::new(cents, 2))),
        any::<bool>().prop_map(Value::Boolean),
    ]
}

fn columns() -> impl Strategy<Value = ColumnName> {
    select(COLUMNS.to_vec()).prop_map(column)
}

fn comparisons() -> impl Strategy<Value = Comparison> {
    select(vec![
        Comparison::Eq,
        Comparison::Lt,
        Comparison::Le,
        Comparison::Gt,
        Comparison::Ge,
    ])
}

/// Any tree at all: not in normal form, ill-typed, with empty sets and single-part joins.
fn raw_predicates() -> impl Strategy<Value = Predicate> {
    let atoms = prop_oneof![
        1 => Just(Predicate::Always),
        1 => Just(Predicate::Never),
        6 => (columns(), comparisons(), values())
            .prop_map(|(column, op, value)| Predicate::Compare { column, op, value }),
        6 => (columns(), proptest::collection::btree_set(values(), 0..4))
            .prop_map(|(column, values)| Predicate::In { column, values }),
        2 => columns().prop_map(Predicate::IsNull),
        2 => (columns(), select(vec!["", "a", "au", "*"]))
            .prop_map(|(column, prefix)| Predicate::LikePrefix { column, prefix: prefix.into() }),
    ];
    atoms.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Predicate::All),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Predicate::Any),
            inner.prop_map(|part| Predicate::Not(Box::new(part))),
        ]
    })
}

fn predicates() -> impl Strategy<Value = Predicate> {
    raw_predicates().prop_map(Predicate::normalized)
}

/// Rows with NULLs, and now and then with a value of a type the column should not have.
fn rows() -> impl Strategy<Value = Row> {
    proptest::collection::btree_map(columns(), values(), 0..=4)
}

fn eval(predicate: &Predicate, row: &Row) -> Truth {
    predicate.eval(&|column| row.get(column).cloned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Invariant 3: normal form means what the tree meant, for NULLs and wrong types too.
    #[test]
    fn simplification_preserves_truth(predicate in raw_predicates(), row in rows()) {
        let normal = predicate.clone().normalized();
        prop_assert_eq!(eval(&normal, &row), eval(&predicate, &row), "{}", normal);
        let negated = Predicate::not(predicate.clone());
        prop_assert_eq!(eval(&negated, &row), !eval(&predicate, &row), "{}", negated);
    }

    /// What a reader is told about whose rows there are never leaves a row's owner out.
    #[test]
    fn a_value_of_an_admitted_row_may_be_admitted(
        predicate in raw_predicates(),
        row in rows(),
        column in columns(),
    ) {
        if let (Truth::True, Some(value)) = (eval(&predicate, &row), row.get(&column)) {
            prop_assert!(predicate.may_admit(&column, value), "{}", predicate);
        }
    }

    #[test]
    fn normal_form_is_stable(predicate in predicates()) {
        prop_assert_eq!(predicate.clone().normalized(), predicate.clone());
        let negated = Predicate::not(predicate.clone());
        prop_assert_eq!(negated.clone().normalized(), negated.clone());
        prop_assert_eq!(Predicate::not(negated).normalized(), predicate);
    }

    /// Invariant 3: De Morgan in three-valued logic.
    #[test]
    fn de_morgan_holds(parts in proptest::collection::vec(predicates(), 0..4), row in rows()) {
        let negated = || parts.iter().cloned().map(Predicate::not);
        let not_all = Predicate::not(Predicate::all(parts.clone()));
        let not_any = Predicate::not(Predicate::any(parts.clone()));
        prop_assert_eq!(eval(&not_all, &row), eval(&Predicate::any(negated()), &row));
        prop_assert_eq!(eval(&not_any, &row), eval(&Predicate::all(negated()), &row));
    }

    #[test]
    fn joins_are_the_joins_of_truth(a in predicates(), b in predicates(), row in rows()) {
        let (left, right) = (eval(&a, &row), eval(&b, &row));
        prop_assert_eq!(eval(&Predicate::all([a.clone(), b.clone()]), &row), left.and(right));
        prop_assert_eq!(eval(&Predicate::any([a, b]), &row), left.or(right));
    }

    #[test]
    fn joins_are_idempotent_and_commutative(a in predicates(), b in predicates()) {
        prop_assert_eq!(Predicate::all([a.clone(), a.clone()]), a.clone());
        prop_assert_eq!(Predicate::any([a.clone(), a.clone()]), a.clone());
        prop_assert_eq!(Predicate::all([a.clone(), b.clone()]), Predicate::all([b.clone(), a.clone()]));
        prop_assert_eq!(Predicate::any([a.clone(), b.clone()]), Predicate::any([b, a]));
    }

    /// A predicate looks at no other column than the ones it names.
    #[test]
    fn columns_are_all_that_decides(predicate in predicates(), row in rows()) {
        let read = predicate.columns();
        let seen: Row = row.clone().into_iter().filter(|(column, _)| read.contains(column)).collect();
        prop_assert_eq!(eval(&predicate, &row), eval(&predicate, &seen));
    }
}

const ROWS: [&str; 12] = [
    "all",
    "{ unit: { in: subject.business_units } }",
    "{ unit: { not_in: subject.business_units } }",
    "{ region: { in: subject.attributes.region } }",
    "{ amount: { in: subject.attributes.amounts } }",
    "{ held: { eq: true } }",
    "{ held: { is_null: true } }",
    "{ unit: { in: [auto, home] }, amount: { ge: 2 } }",
    "{ any: [{ amount: { lt: 2 } }, { not: { region: { like_prefix: m } } }] }",
    "{ not: { unit: { in: subject.business_units }, held: { eq: true } } }",
    "{ premium: { between: [0.01, 0.02] } }",
    "{ any: [{ region: { ne: mtl } }, { amount: { in: subject.attributes.amounts } }] }",
];
const CONDITIONS: [&str; 9] = [
    "",
    ", when: { role: analyst }",
    ", unless: { role: analyst }",
    ", when: { business_unit: auto }",
    ", unless: { business_unit: { in: [home, life] } }",
    ", when: { attribute: { clearance: { eq: high } } }",
    ", unless: { attribute: { clearance: { in: [high, top] } } }",
    ", when: { any: [{ role: executive }, { not: { business_unit: auto } }] }",
    ", when: { role: executive }, unless: { attribute: { clearance: { eq: low } } }",
];
const COLUMN_EFFECTS: [&str; 5] = [
    "hide: [premium, unit]",
    "mask: { column: unit, with: hash }",
    "mask: { column: unit, with: partial }",
    "mask: { column: premium, with: { bucket: 10 } }",
    "mask: { column: premium, with: null }",
];

fn row_rules(kind: &'static str) -> impl Strategy<Value = String> {
    (select(ROWS.to_vec()), select(CONDITIONS.to_vec()))
        .prop_map(move |(rows, condition)| format!("{kind}: {rows}{condition}"))
}

fn column_rules() -> impl Strategy<Value = String> {
    (select(COLUMN_EFFECTS.to_vec()), select(CONDITIONS.to_vec()))
        .prop_map(|(effect, condition)| format!("{effect}{condition}"))
}

fn rules() -> impl Strategy<Value = Vec<String>> {
    let rule = prop_oneof![3 => row_rules("permit"), 2 => row_rules("forbid"), 1 => column_rules()];
    proptest::collection::vec(rule, 0..6)
}

fn subjects() -> impl Strategy<Value = Subject> {
    let some = |of: &[&'static str]| subsequence(of.to_vec(), 0..=of.len());
    (
        some(&["auto", "home", "life"]),
        some(&["analyst", "executive"]),
        some(&["mtl", "", "que"]),
        some(&["1", "2", "two"]),
        some(&["high", "low"]),
    )
        .prop_map(|(units, roles, regions, amounts, clearance)| {
            subject()
                .with_business_units(units.into_iter().map(|u| BusinessUnit::parse(u).unwrap()))
                .with_roles(roles.into_iter().map(role))
                .with_attribute(attribute("region"), regions)
                .with_attribute(attribute("amounts"), amounts)
                .with_attribute(attribute("clearance"), clearance)
        })
}

/// Well-typed rows with NULLs.
fn things() -> impl Strategy<Value = Row> {
    let text = |of: &[&str]| {
        let of: Vec<String> = of.iter().map(|&text| text.to_owned()).collect();
        proptest::option::of(select(of).prop_map(Value::Text))
    };
    (
        text(&["auto", "home", "life"]),
        text(&["mtl", "que", "xyz"]),
        proptest::option::of((0_i64..4).prop_map(Value::Integer)),
        proptest::option::of((0_i64..4).prop_map(|cents| Value::Decimal(Decimal::new(cents, 2)))),
        proptest::option::of(any::<bool>().prop_map(Value::Boolean)),
    )
        .prop_map(|(unit, region, amount, premium, held)| {
            [
                ("unit", unit),
                ("region", region),
                ("amount", amount),
                ("premium", premium),
                ("held", held),
            ]
            .into_iter()
            .filter_map(|(name, value)| Some((column(name), value?)))
            .collect()
        })
}

/// Gives every rule a name of its own, by its place.
fn named(rules: &[String]) -> Vec<String> {
    rules
        .iter()
        .enumerate()
        .map(|(at, rule)| format!("{{ id: r{at}, {rule} }}"))
        .collect()
}

/// Whether the rules show the row. A denied subject sees none.
fn sees(rules: &[String], subject: &Subject, row: &Row) -> bool {
    resolve(&policies(&named(rules)), subject, &schema())
        .is_ok_and(|grant| grant.rows().admits(&|column| row.get(column).cloned()))
}

/// How little is shown of each column; greater is less. Denied shows nothing.
fn closedness(rules: &[String], subject: &Subject) -> Vec<u8> {
    match resolve(&policies(&named(rules)), subject, &schema()) {
        Err(_) => vec![u8::MAX; schema().columns().len()],
        Ok(grant) => grant
            .columns()
            .map(|(_, access)| match access {
                ColumnAccess::Visible => 0,
                ColumnAccess::Masked(mask) => match mask.to_string().as_str() {
                    "partial" => 2,
                    "hash" => 3,
                    "null" => 4,
                    _ => 1,
                },
                ColumnAccess::Hidden => 5,
            })
            .collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Invariant 3, P2.
    #[test]
    fn adding_a_forbid_never_widens(
        rules in rules(), forbid in row_rules("forbid"), subject in subjects(), row in things(),
    ) {
        let more = [rules.clone(), vec![forbid]].concat();
        prop_assert!(sees(&rules, &subject, &row) || !sees(&more, &subject, &row));
    }

    #[test]
    fn adding_a_permit_never_narrows(
        rules in rules(), permit in row_rules("permit"), subject in subjects(), row in things(),
    ) {
        let more = [rules.clone(), vec![permit]].concat();
        prop_assert!(!sees(&rules, &subject, &row) || sees(&more, &subject, &row));
    }

    /// F31: neither a permit nor anything else takes a mask away.
    #[test]
    fn adding_any_rule_but_a_first_permit_never_uncovers_a_column(
        rules in rules(), rule in column_rules(), permit in row_rules("permit"), subject in subjects(),
    ) {
        let rules = [rules, vec!["permit: { amount: { ge: 0 } }".to_owned()]].concat();
        let before = closedness(&rules, &subject);
        for added in [rule, permit] {
            let after = closedness(&[rules.clone(), vec![added]].concat(), &subject);
            prop_assert!(before.iter().zip(&after).all(|(before, after)| after >= before));
        }
    }

    /// P6: the same question has the same answer, and the order of the rules is no part of it.
    #[test]
    fn resolve_is_pure_and_ignores_the_order_of_rules(
        rules in rules(), subject in subjects(), seed in any::<usize>(),
    ) {
        let written = named(&rules);
        let mut shuffled = written.clone();
        shuffled.rotate_left(seed % written.len().max(1));
        if seed % 2 == 0 {
            shuffled.reverse();
        }

        let first = resolve(&policies(&written), &subject, &schema());
        let again = resolve(&policies(&written), &subject, &schema());
        let other = resolve(&policies(&shuffled), &subject, &schema());

        prop_assert_eq!(&first, &again);
        match (first, other) {
            (Ok(grant), Ok(other)) => prop_assert_eq!(grant, other),
            (Err(denied), Err(other)) => prop_assert_eq!(denied.code(), other.code()),
            (first, other) => prop_assert!(false, "{:?} and {:?}", first, other),
        }
    }

    /// F23: a policy applied twice is the policy applied once.
    #[test]
    fn f23_saying_every_rule_twice_changes_nothing(rules in rules(), subject in subjects()) {
        let once = resolve(&policies(&named(&rules)), &subject, &schema());
        let twice = resolve(&policies(&named(&[rules.clone(), rules].concat())), &subject, &schema());
        match (once, twice) {
            (Ok(once), Ok(twice)) => {
                prop_assert_eq!(once.rows(), twice.rows());
                prop_assert!(once.columns().eq(twice.columns()));
            }
            (Err(once), Err(twice)) => prop_assert_eq!(once.code(), twice.code()),
            (once, twice) => prop_assert!(false, "{:?} and {:?}", once, twice),
        }
    }

    /// The explanation of a row, which asks rule by rule, agrees with the grant.
    #[test]
    fn the_explanation_agrees_with_the_grant(
        rules in rules(), subject in subjects(), row in things(),
    ) {
        let set = policies(&named(&rules));
        let cell = |column: &ColumnName| row.get(column).cloned();
        let explained = explain_row(&set, &subject, &schema(), &cell);
        let granted = resolve(&set, &subject, &schema());
        match (explained, granted) {
            (Ok(verdict), Ok(grant)) => {
                prop_assert_eq!(verdict.is_seen(), grant.rows().admits(&cell), "{}", verdict);
            }
            (Err(denied), Err(other)) => prop_assert_eq!(denied, other),
            (explained, granted) => prop_assert!(false, "{:?} and {:?}", explained, granted),
        }
    }

    /// The explanation of a dataset is the answer of resolve, and names exactly the rules behind it.
    #[test]
    fn an_explanation_is_what_resolve_says(rules in rules(), subject in subjects()) {
        let set = policies(&named(&rules));
        let explained = explain(&set, &subject, &schema());
        let applied = explained.rules.iter().filter(|rule| rule.applied());
        let applied: BTreeSet<_> = applied.map(|rule| rule.id.clone()).collect();
        let closing = explained.rules.iter().find(|rule| rule.closes_dataset);
        match (resolve(&set, &subject, &schema()), &explained.outcome) {
            (Ok(grant), Outcome::Granted(explained_grant)) => {
                prop_assert_eq!(&grant, explained_grant.as_ref());
                prop_assert!(applied.iter().eq(grant.matched_rules()));
                prop_assert_eq!(closing, None);
                for column in &explained.columns {
                    let shown = Shown::of(Some(&grant), &column.column);
                    prop_assert_eq!(&column.shown, &shown);
                    prop_assert_eq!(column.rule.is_none(), shown == Shown::Visible);
                    prop_assert!(column.rule.as_ref().is_none_or(|rule| applied.contains(rule)));
                }
            }
            (Err(denied), Outcome::Denied(explained)) => {
                prop_assert_eq!(&denied, explained);
                if let Denied::Unevaluable { rule, .. } = denied {
                    prop_assert_eq!(closing.map(|closing| closing.id.clone()), Some(rule));
                } else {
                    prop_assert_eq!(closing, None);
                }
            }
            (granted, explained) => prop_assert!(false, "{:?} and {:?}", granted, explained),
        }
    }

    /// Every comparison that an explanation names is what the interpreter makes of it.
    #[test]
    fn the_clauses_of_an_explanation_are_true_of_the_row(
        rules in rules(), subject in subjects(), row in things(),
    ) {
        let set = policies(&named(&rules));
        let cell = |column: &ColumnName| row.get(column).cloned();
        let Ok(explained) = explain_row(&set, &subject, &schema(), &cell) else {
            return Ok(());
        };
        for clause in explained.clauses() {
            prop_assert_eq!(clause.leaf.eval(&cell), clause.truth, "{}", clause);
            prop_assert_eq!(&clause.value, &cell(&clause.column));
            if let Some(rule) = explained.verdict().rule() {
                prop_assert_eq!(&clause.rule, rule);
            }
        }
    }

    /// Invariant 2: whoever has no permit that is certain sees nothing.
    #[test]
    fn p1_without_any_permit_nobody_sees_anything(subject in subjects(), rules in rules()) {
        let closing: Vec<String> = rules.into_iter().filter(|rule| !rule.starts_with("permit")).collect();
        prop_assert!(resolve(&policies(&named(&closing)), &subject, &schema()).is_err());
    }
}
