use super::*;
use crate::truth::Truth;

fn column(name: &str) -> ColumnName {
    ColumnName::parse(name).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn unit_in(units: &[&str]) -> Predicate {
    Predicate::is_in(column("business_unit"), units.iter().map(|unit| text(unit)))
}

fn held(known: bool) -> Predicate {
    Predicate::eq(column("legal_hold"), Value::Boolean(known))
}

fn amount(op: Comparison, value: i64) -> Predicate {
    Predicate::compare(column("amount"), op, Value::Integer(value))
}

#[test]
fn a_predicate_tells_whose_rows_it_can_let_through() {
    let unit = column("business_unit");
    let may = |rows: &Predicate, value: &str| rows.may_admit(&unit, &text(value));
    let own = Predicate::all([unit_in(&["auto"]), held(false)]);
    let elsewhere = Predicate::any([unit_in(&["auto"]), amount(Comparison::Ge, 10)]);
    let others = Predicate::not(unit_in(&["auto"]));

    assert!(may(&own, "auto") && !may(&own, "home"));
    assert!(may(&elsewhere, "home"));
    assert!(!may(&others, "auto") && may(&others, "home"));
    assert!(may(&held(false), "home"));
}

#[test]
fn predicates_read_like_sentences() {
    let rows = Predicate::all([Predicate::not(held(true)), unit_in(&["home", "auto"])]);
    assert_eq!(
        rows.to_string(),
        "business_unit in {auto, home} and not legal_hold"
    );

    let either = Predicate::any([
        Predicate::all([amount(Comparison::Ge, 10), amount(Comparison::Lt, 20)]),
        Predicate::not(Predicate::like_prefix(column("region"), "a%")),
        Predicate::not(Predicate::is_null(column("region"))),
        Predicate::not_in(column("unit"), [text("x y"), text("z")]),
        Predicate::ne(column("unit"), text("12")),
    ]);
    assert_eq!(
        either.to_string(),
        "(amount < 20 and amount >= 10) or region is not null or not (region starts with \"a%\") \
         or unit != \"12\" or unit not in {\"x y\", z}"
    );
}

#[test]
fn p5_an_empty_set_is_never_and_so_is_its_negation() {
    assert_eq!(Predicate::is_in(column("a"), []), Predicate::Never);
    assert_eq!(Predicate::not_in(column("a"), []), Predicate::Never);
}

#[test]
fn sets_on_one_column_become_one_set() {
    assert_eq!(
        Predicate::any([unit_in(&["auto"]), unit_in(&["home"])]),
        unit_in(&["auto", "home"])
    );
    assert_eq!(
        Predicate::all([unit_in(&["auto", "home"]), unit_in(&["auto"])]),
        unit_in(&["auto"])
    );
    let neither = Predicate::all([
        Predicate::not(unit_in(&["auto"])),
        Predicate::not(unit_in(&["home", "life"])),
    ]);
    assert_eq!(neither, Predicate::not(unit_in(&["auto", "home", "life"])));
}

#[test]
fn a_contradiction_stays_unknown_for_null() {
    let both = Predicate::all([unit_in(&["auto"]), unit_in(&["home"])]);

    assert_eq!(both.eval(&|_| None), Truth::Unknown);
    assert_eq!(Predicate::not(both).eval(&|_| None), Truth::Unknown);
}

#[test]
fn a_contradiction_of_booleans_has_one_form_and_negates_back_to_itself() {
    let both = Predicate::all([held(false), held(true)]);
    let any = Predicate::any([held(false), held(true)]);

    assert_eq!(Predicate::not(any.clone()), both);
    assert_eq!(Predicate::not(both.clone()), any);
    assert_eq!(Predicate::all([both.clone(), held(true)]), both);
    assert_eq!(both.eval(&|_| None), Truth::Unknown);
    assert_eq!(
        both.eval(&|_| Some(Value::Boolean(true))),
        Truth::False,
        "{both}"
    );
}

#[test]
fn p3_there_is_no_excluded_middle() {
    let either = Predicate::any([held(true), Predicate::not(held(true))]);

    assert_ne!(either, Predicate::Always);
    assert!(!either.admits(&|_| None));
    assert!(either.admits(&|_| Some(Value::Boolean(false))));
}

#[test]
fn the_wider_of_two_permits_absorbs_the_narrower() {
    let narrow = Predicate::all([unit_in(&["auto"]), held(false)]);
    assert_eq!(
        Predicate::any([narrow.clone(), unit_in(&["auto"])]),
        unit_in(&["auto"])
    );
    let wide = Predicate::any([unit_in(&["auto"]), held(false)]);
    assert_eq!(
        Predicate::all([wide, unit_in(&["auto"])]),
        unit_in(&["auto"])
    );
}

#[test]
fn negation_turns_orderings_around_and_keeps_null_unknown() {
    assert_eq!(
        Predicate::not(amount(Comparison::Lt, 5)),
        amount(Comparison::Ge, 5)
    );
    assert_eq!(Predicate::not(held(true)), held(false));
    assert_eq!(
        Predicate::not(amount(Comparison::Lt, 5)).eval(&|_| None),
        Truth::Unknown
    );
}

#[test]
fn a_value_of_another_type_is_unknown_under_negation_too() {
    let row = |_: &ColumnName| Some(text("5"));

    assert_eq!(amount(Comparison::Eq, 5).eval(&row), Truth::Unknown);
    assert_eq!(
        Predicate::not(amount(Comparison::Eq, 5)).eval(&row),
        Truth::Unknown
    );
    assert_eq!(amount(Comparison::Lt, 5).eval(&row), Truth::Unknown);
}

#[test]
fn prefixes_are_literal() {
    let starts = Predicate::like_prefix(column("region"), "m%");

    assert!(starts.admits(&|_| Some(text("m%_"))));
    assert!(!starts.admits(&|_| Some(text("montreal"))));
    assert_eq!(starts.eval(&|_| None), Truth::Unknown);
}

#[test]
fn sets_of_mixed_types_are_not_merged_because_types_are_unknown_to_each_other() {
    let set = |letter: &str| Predicate::is_in(column("a"), [Value::Integer(1), text(letter)]);
    let both = Predicate::all([set("a"), set("b")]);

    assert_eq!(both.eval(&|_| Some(Value::Integer(1))), Truth::True);
    assert_eq!(both.eval(&|_| Some(Value::Integer(2))), Truth::Unknown);
    assert_eq!(
        Predicate::not(both).eval(&|_| Some(Value::Integer(2))),
        Truth::Unknown
    );
}
