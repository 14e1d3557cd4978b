use weir_policy::BusinessUnit;
use weir_registry::Label;

use super::*;

/// A dashboard that every unit's people read as often as they are many.
fn report(units: &[(Option<&str>, u64)]) -> UsageReport {
    let dashboard = Label::parse("finance-overview").unwrap();
    let unit = |name: Option<&str>| name.map(|name| BusinessUnit::parse(name).unwrap());
    let people = |business_unit, people| PeopleLine {
        dashboard: dashboard.clone(),
        business_unit,
        people,
    };
    UsageReport {
        lines: units
            .iter()
            .map(|(name, reads)| UsageLine {
                dashboard: dashboard.clone(),
                tile: Some(Label::parse("premium").unwrap()),
                business_unit: unit(*name),
                opens: 0,
                reads: *reads,
                from_engine: 0,
                failed: 0,
                rows: 0,
                bytes: 0,
            })
            .collect(),
        people: units
            .iter()
            .map(|(name, many)| people(unit(*name), *many))
            .collect(),
        everybody: vec![people(None, units.iter().map(|(_, many)| many).sum())],
    }
}

fn told_of(units: &[(Option<&str>, u64)]) -> DashboardUsage {
    let span = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
    let mut answer = told(&report(units), span);
    answer.dashboards.remove(0)
}

fn shown(usage: &DashboardUsage) -> Vec<&str> {
    let units = usage.business_units.iter();
    units.map(|unit| unit.business_unit.as_str()).collect()
}

#[test]
fn units_of_five_people_are_told_apart() {
    let usage = told_of(&[(Some("auto"), 5), (Some("home"), 40)]);

    assert_eq!(shown(&usage), ["auto", "home"]);
    assert_eq!(usage.others, None);
    assert_eq!((usage.people, usage.sums.reads), (Some(45), 45));
}

#[test]
fn small_units_are_told_together() {
    let usage = told_of(&[(Some("auto"), 4), (Some("home"), 40), (Some("life"), 3)]);

    assert_eq!(shown(&usage), ["home"]);
    assert_eq!(usage.others.unwrap().reads, 7);
}

#[test]
fn one_small_unit_takes_the_smallest_of_the_others_along() {
    let usage = told_of(&[
        (Some("auto"), 1),
        (Some("home"), 40),
        (Some("life"), 6),
        (None, 0),
    ]);

    assert_eq!(shown(&usage), ["home"]);
    assert_eq!(usage.others.unwrap().reads, 7);
}

#[test]
fn fewer_than_five_in_all_are_not_counted() {
    let usage = told_of(&[(Some("auto"), 1), (None, 3)]);

    assert_eq!(usage.people, None);
    assert_eq!(shown(&usage), [] as [&str; 0]);
    assert_eq!(usage.others.unwrap(), usage.sums);
}

#[test]
fn nothing_that_is_left_out_is_lost() {
    for units in [
        &[(Some("auto"), 2), (Some("home"), 9), (None, 1)][..],
        &[(Some("auto"), 7)],
        &[(None, 30)],
    ] {
        let usage = told_of(units);
        let mut sums = usage.others.unwrap_or_default();
        usage.business_units.iter().for_each(|it| sums += it.sums);

        assert_eq!(sums, usage.sums, "{units:?}");
    }
}
