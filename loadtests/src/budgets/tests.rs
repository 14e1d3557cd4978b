use super::*;

const TEXT: &str = r#"
[[budget]]
measure = "browser.lcp_ratio"
where = { percentile = "p75" }
at_most = 1.15
plans = ["browser"]
why = "a reader should not notice that it is Weir"

[[budget]]
measure = "http.errors"
at_most = 0
why = "nothing fails below the knee"
"#;

fn section(measures: Vec<Measure>) -> Section {
    Section {
        id: "browser".to_owned(),
        title: String::new(),
        summary: Vec::new(),
        measures,
        charts: Vec::new(),
        tables: Vec::new(),
    }
}

fn ratio(value: f64) -> Measure {
    Measure::new("browser.lcp_ratio", value, Unit::Ratio)
        .with("percentile", "p75")
        .with("profile", "office-laptop")
        .because("tile `premium-by-month` came last, 212 ms of 260 ms in `render`")
}

#[test]
fn a_measure_over_its_budget_names_tile_phase_and_numbers() {
    let budgets = Budgets::parse(TEXT).unwrap();

    let verdicts = budgets.hold("browser", &[section(vec![ratio(1.31)])]);

    assert_eq!(verdicts.len(), 1);
    assert_eq!(verdicts[0].outcome, Outcome::Over);
    assert_eq!(
        verdicts[0].sentence,
        "`browser.lcp_ratio` (percentile p75, profile office-laptop) is 1.31, and must be at most \
         1.15 (a reader should not notice that it is Weir): tile `premium-by-month` came last, \
         212 ms of 260 ms in `render`."
    );
}

#[test]
fn every_measure_that_fits_is_held_and_others_are_left_alone() {
    let budgets = Budgets::parse(TEXT).unwrap();
    let median = Measure::new("browser.lcp_ratio", 9.0, Unit::Ratio).with("percentile", "p50");
    let errors = Measure::new("http.errors", 0.0, Unit::Count);

    let found = [section(vec![ratio(1.15), ratio(1.16), median, errors])];
    let verdicts = budgets.hold("browser", &found);

    let outcomes: Vec<_> = verdicts.iter().map(|verdict| verdict.outcome).collect();
    assert_eq!(outcomes, [Outcome::Within, Outcome::Over, Outcome::Within]);
}

#[test]
fn what_a_plan_promises_and_does_not_measure_is_no_pass() {
    let budgets = Budgets::parse(TEXT).unwrap();

    let promised = budgets.hold("browser", &[]);

    assert_eq!(promised.len(), 1);
    assert_eq!(promised[0].outcome, Outcome::Missing);
    assert!(budgets.hold("http", &[]).is_empty());
}

#[test]
fn what_is_not_a_number_keeps_no_budget() {
    let budgets = Budgets::parse(TEXT).unwrap();

    let verdicts = budgets.hold("browser", &[section(vec![ratio(f64::NAN)])]);

    assert_eq!(verdicts[0].outcome, Outcome::Over);
}

#[test]
fn a_budget_without_a_limit_or_with_an_unknown_key_is_refused() {
    let without = "[[budget]]\nmeasure = \"a\"\nwhy = \"b\"\n";
    let unknown = "[[budget]]\nmeasure = \"a\"\nwhy = \"b\"\nat_most = 1\nmaximum = 1\n";

    assert!(Budgets::parse(without).is_err());
    assert!(Budgets::parse(unknown).is_err());
}
