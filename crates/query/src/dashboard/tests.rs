use std::sync::LazyLock;

use super::*;
use crate::request::BindError;
use weir_policy::Value;

pub(crate) const DATASET: &str = r#"
dataset: gold.statements
label: { en: Statements, fr: Relevés }
time: day
columns:
  day: { type: date, label: { en: Day, fr: Jour } }
  unit: { type: text, label: { en: Unit, fr: Unité } }
  customer: { type: text, label: { en: Customer, fr: Client } }
  premium: { type: "decimal(12,2)", label: { en: Premium, fr: Prime } }
  policies: { type: integer, label: { en: Policies, fr: Polices } }
  held: { type: boolean, label: { en: Held, fr: Gelé } }
dimensions:
  month: { column: day, grain: month, label: { en: Month, fr: Mois } }
  unit: { column: unit, label: { en: Unit, fr: Unité } }
  customer: { column: customer, label: { en: Customer, fr: Client } }
measures:
  premium: { sum: premium, label: { en: Premium, fr: Prime }, format: { currency: CAD } }
  policies: { sum: policies, label: { en: Policies, fr: Polices }, format: integer }
  auto_premium:
    sum: premium
    only: { unit: auto }
    label: { en: Auto premium, fr: Prime auto }
    format: { currency: CAD }
  per_policy:
    ratio: { of: premium, to: policies }
    label: { en: Premium per policy, fr: Prime par police }
    format: { decimals: 2 }
  rows: { count: rows, label: { en: Rows, fr: Lignes }, format: integer }
"#;

pub(crate) const DASHBOARD: &str = r"
dashboard: overview
title: { en: Overview, fr: Aperçu }
subtitle: { en: All, fr: Tout }
period: { from: 2026-01-01, to: 2026-03-31 }
filters:
  - { id: unit, label: { en: Unit, fr: Unité }, dataset: gold.statements, column: unit }
tiles:
  - id: total
    title: { en: Premium, fr: Prime }
    dataset: gold.statements
    chart: kpi
    width: 3
    measures: [per_policy]
    compare: previous_year
    trend: month
  - id: by-month
    title: { en: By month, fr: Par mois }
    dataset: gold.statements
    chart: line
    width: 6
    by: [month]
    measures: [premium, auto_premium]
  - id: customers
    title: { en: Customers, fr: Clients }
    dataset: gold.statements
    chart: table
    width: 12
    by: [customer, unit]
    measures: [premium, rows]
    order: { by: premium, direction: descending }
    limit: 10
";

pub(crate) static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    Catalog::build([Dataset::from_yaml("s.dataset.yaml", DATASET).unwrap()]).unwrap()
});

pub(crate) static OVERVIEW: LazyLock<Dashboard> =
    LazyLock::new(|| Dashboard::from_yaml("o.dashboard.yaml", DASHBOARD, &CATALOG).unwrap());

pub(crate) fn today() -> NaiveDate {
    "2026-11-21".parse().unwrap()
}

fn refused(from: &str, to: &str) -> String {
    let text = DASHBOARD.replace(from, to);
    assert_ne!(text, DASHBOARD, "the replacement changed nothing");
    Dashboard::from_yaml("o.dashboard.yaml", &text, &CATALOG)
        .unwrap_err()
        .to_string()
}

#[test]
fn mistakes_name_file_path_and_the_nearest_name() {
    insta::assert_snapshot!(refused("measures: [per_policy]", "measures: [per_polcy]"), @"o.dashboard.yaml: tiles[0].measures[0]: `gold.statements` has no measure `per_polcy`; did you mean `per_policy`?");
    insta::assert_snapshot!(refused("by: [month]", "by: [months]"), @"o.dashboard.yaml: tiles[1].by[0]: `gold.statements` has no dimension `months`; did you mean `month`?");
    insta::assert_snapshot!(refused("dataset: gold.statements, column: unit", "dataset: gold.statement, column: unit"), @"o.dashboard.yaml: filters[0].dataset: no dataset `gold.statement`; did you mean `gold.statements`?");
    insta::assert_snapshot!(refused("by: [month]", "by: [month, unit, customer]"), @"o.dashboard.yaml: tiles[1]: this chart needs one dimension and up to four measures, or two dimensions and one measure");
    insta::assert_snapshot!(refused("by: premium, direction", "by: policies, direction"), @"o.dashboard.yaml: tiles[2].order.by: the tile shows no `policies`");
    insta::assert_snapshot!(refused("from: 2026-01-01", "from: 2027-01-01"), @"o.dashboard.yaml: period: `from` is later than `to`");
}

#[test]
fn a_filter_id_that_is_a_parameter_of_every_page_is_taken() {
    assert!(refused("id: unit,", "id: locale,").contains("taken"));
}

fn bind(locked: &[(&str, &[&str])], chosen: &[(&str, &str)]) -> Result<Bound, BindError> {
    let owned = |values: &[&str]| values.iter().map(|&v| v.to_owned()).collect();
    let locked = locked
        .iter()
        .map(|(name, values)| ((*name).to_owned(), owned(values)))
        .collect();
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let chosen: Vec<_> = chosen.iter().map(pair).collect();
    OVERVIEW.bind(&locked, &chosen, today())
}

#[test]
fn a_viewer_narrows_locked_values_and_never_leaves_them() {
    let unit = FilterId::parse("unit").unwrap();
    let locked: (&str, &[&str]) = ("unit", &["auto", "home"]);

    let narrowed = bind(&[locked], &[("unit", "auto")]).unwrap();

    assert!(narrowed.chosen(&unit).eq([&Value::Text("auto".to_owned())]));
    assert_eq!(
        bind(&[locked], &[("unit", "life")]),
        Err(BindError::OutsideLocked(unit))
    );
}

#[test]
fn f45_unknown_or_repeated_parameters_are_refused() {
    assert_eq!(bind(&[("nope", &["x"])], &[]), Err(BindError::Unknown));
    assert_eq!(bind(&[], &[("nope", "x")]), Err(BindError::Unknown));
    assert_eq!(
        bind(&[], &[("from", "2026-01-01"), ("from", "2026-01-02")]),
        Err(BindError::Twice)
    );
}

#[test]
fn p10_a_period_takes_real_days_in_order() {
    for (from, to) in [
        ("2026-02-30", "2026-03-01"),
        ("2026-03-02", "2026-03-01"),
        ("9999999-01-01", "2026-03-01"),
        ("2026-1-1", "2026-03-01"),
        ("", "2026-03-01"),
        ("1; DROP TABLE x", "2026-03-01"),
    ] {
        let bound = bind(&[], &[("from", from), ("to", to)]);
        assert_eq!(bound, Err(BindError::Period), "{from} to {to}");
    }
}

#[test]
fn an_empty_locked_list_lets_nothing_through() {
    let bound = bind(&[("unit", &[])], &[]).unwrap();

    let filters: Vec<_> = bound.filters().collect();

    assert_eq!(filters, [weir_policy::Predicate::Never]);
}

#[test]
fn the_year_before_keeps_month_ends() {
    let period =
        |from: &str, to: &str| Period::new(from.parse().unwrap(), to.parse().unwrap()).unwrap();

    let before = period("2025-03-01", "2026-02-28")
        .before(Comparison::PreviousYear)
        .unwrap();
    let shorter = period("2026-01-01", "2026-01-31")
        .before(Comparison::PreviousPeriod)
        .unwrap();

    assert_eq!(before, period("2024-03-01", "2025-02-28"));
    assert_eq!(shorter, period("2025-12-01", "2025-12-31"));
    let leap_day = period("2024-02-28", "2024-02-28").before(Comparison::PreviousYear);
    assert_eq!(leap_day, Some(period("2023-02-28", "2023-02-28")));
    let leap_end = period("2023-03-01", "2024-02-29").before(Comparison::PreviousYear);
    assert_eq!(leap_end, Some(period("2022-03-01", "2023-02-28")));
    assert_eq!(
        Period::last_months(today(), Months::new(12)),
        period("2025-11-01", "2026-10-31")
    );
}
