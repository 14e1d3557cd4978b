use chrono::TimeDelta;
use weir_policy::BusinessUnit;
use weir_registry::{Load, Pace, Series, VitalTally};

use crate::support::{Database, World, at, label};

on_both_databases! {
    what_processes_hear_adds_up,
    days_and_their_histograms_are_kept_apart,
    the_last_hours_are_told_by_whose_pages_they_were,
    histograms_are_forgotten_after_a_quarter_and_paces_after_days,
}

const DAY: i64 = 86_400;

fn series(unit: Option<&str>, host: &str) -> Series {
    Series {
        dashboard: label("finance-overview"),
        business_unit: unit.map(|unit| BusinessUnit::parse(unit).unwrap()),
        host: label(host),
        release: label("1.2.3"),
    }
}

fn auto() -> Series {
    series(Some("auto"), "https://crm.example")
}

fn fast() -> Load {
    Load {
        lcp: Some(400),
        fcp: Some(200),
        cls: Some(0),
        ..Load::default()
    }
}

fn slow() -> Load {
    Load {
        lcp: Some(5000),
        slow: true,
        script_errors: 2,
        ..Load::default()
    }
}

fn heard(seconds: i64, loads: &[(Series, Load)]) -> VitalTally {
    let mut tally = VitalTally::default();
    for (series, load) in loads {
        tally.count(at(seconds), series, load);
    }
    tally
}

async fn what_processes_hear_adds_up(database: Database) {
    let world = World::new(database).await;
    let mut processes = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let vitals = world.registry.vitals().clone();
        let other = series(None, "https://other.example");
        let tally = heard(10, &[(auto(), fast()), (other, fast()), (auto(), slow())]);
        processes.spawn(async move { vitals.add(&tally).await.unwrap() });
    }
    processes.join_all().await;

    let report = world.registry.vitals().between(at(0), at(10)).await;
    let report = report.unwrap().series;

    let whose: Vec<_> = report.iter().map(|(series, _)| series.clone()).collect();
    assert_eq!(whose, [series(None, "https://other.example"), auto()]);
    let (others, autos) = (&report[0].1, &report[1].1);
    assert_eq!((others.lcp.total(), others.slow), (8, 0));
    assert_eq!((autos.lcp.total(), autos.slow), (16, 8));
    assert_eq!((autos.fcp.total(), autos.cls.total()), (8, 8));
    assert_eq!((autos.script_errors, autos.promise_errors), (16, 0));
    let (half, most) = (autos.lcp.quantile(50), autos.lcp.quantile(95));
    assert!((362..=431).contains(&half.unwrap()), "{half:?}");
    assert!((4871..=5793).contains(&most.unwrap()), "{most:?}");
}

async fn days_and_their_histograms_are_kept_apart(database: Database) {
    let world = World::new(database).await;
    let vitals = world.registry.vitals();
    vitals.add(&heard(DAY, &[(auto(), slow())])).await.unwrap();
    let later = heard(3 * DAY - 1, &[(auto(), fast()), (auto(), fast())]);
    vitals.add(&later).await.unwrap();

    let whole = vitals.between(at(0), at(3 * DAY)).await.unwrap();
    let last = vitals
        .between(at(3 * DAY - 1), at(3 * DAY - 1))
        .await
        .unwrap();

    let days: Vec<_> = whole
        .days
        .iter()
        .map(|one| (one.day.to_string(), one.sums.pace()))
        .collect();
    let first_day = (at(DAY).date_naive().to_string(), Pace { loads: 1, slow: 1 });
    let last_day = (
        at(3 * DAY - 1).date_naive().to_string(),
        Pace { loads: 2, slow: 0 },
    );
    assert_eq!(days, [first_day, last_day]);
    assert_eq!(last.series[0].1.pace(), Pace { loads: 2, slow: 0 });
}

async fn the_last_hours_are_told_by_whose_pages_they_were(database: Database) {
    let world = World::new(database).await;
    let vitals = world.registry.vitals();
    let home = series(Some("home"), "https://crm.example");
    vitals.add(&heard(0, &[(auto(), slow())])).await.unwrap();
    let later = heard(7200, &[(auto(), fast()), (home.clone(), slow())]);
    vitals.add(&later).await.unwrap();
    // A page whose largest paint is unknown says nothing about the promise.
    let unknown = Load {
        ttfb: Some(9),
        ..Load::default()
    };
    vitals
        .add(&heard(7200, &[(auto(), unknown)]))
        .await
        .unwrap();

    let hour = vitals.pace(at(3700), at(7300)).await.unwrap();
    let all = vitals.pace(at(0), at(7300)).await.unwrap();

    let (good, bad) = (Pace { loads: 1, slow: 0 }, Pace { loads: 1, slow: 1 });
    assert_eq!(hour, [(auto(), good), (home.clone(), bad)]);
    assert_eq!(all, [(auto(), Pace { loads: 2, slow: 1 }), (home, bad)]);
}

async fn histograms_are_forgotten_after_a_quarter_and_paces_after_days(database: Database) {
    let world = World::new(database).await;
    let vitals = world.registry.vitals();
    vitals.add(&heard(DAY, &[(auto(), fast())])).await.unwrap();
    let purged = async |after: TimeDelta| {
        let purged = world.registry.purge(at(DAY) + after).await.unwrap();
        purged.vitals
    };

    assert_eq!(purged(TimeDelta::days(4)).await, 0);
    assert_eq!(purged(TimeDelta::days(6)).await, 1, "the pace");
    let days = vitals.between(at(0), at(2 * DAY)).await.unwrap();
    assert_eq!(days.series.len(), 1);
    assert_eq!(purged(TimeDelta::days(102)).await, 3, "lcp, fcp, cls");
    let days = vitals.between(at(0), at(2 * DAY)).await.unwrap();
    assert_eq!(days.series.len(), 0);
}
