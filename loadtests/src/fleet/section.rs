//! What was seen, as measures, charts and tables.

use super::broken::Broken;
use super::crowd::Visits;
use super::{FleetResults, FleetRun, Propagation};
use crate::number::{float, length, ratio};
use crate::results::{Axis, Chart, ChartKind, Limit, Measure, Section, Series, Table, Unit};

/// A change must be seen everywhere within so many milliseconds (invariant 9).
const EVERYWHERE: f64 = 5_000.0;

/// How many failures are named in a sentence.
const NAMED: usize = 3;

impl From<FleetResults> for Section {
    fn from(results: FleetResults) -> Self {
        let mut measures: Vec<_> = results.fleets.iter().flat_map(of_run).collect();
        measures.extend(timed(&results).flat_map(of_propagation));
        Self {
            id: "fleet".to_owned(),
            title: "Several replicas".to_owned(),
            summary: summary(&results),
            measures,
            charts: timed(&results).map(chart).collect(),
            tables: std::iter::once(table(&results))
                .chain(missing(&results))
                .collect(),
        }
    }
}

fn summary(results: &FleetResults) -> Vec<String> {
    let mut lines = Vec::new();
    if let (Some(first), Some(last)) = (results.fleets.first(), results.fleets.last()) {
        lines.push(format!(
            "Everybody opened everything at once: {} engine starts with {} replicas, {} with {}.",
            first.cold_starts, first.replicas, last.cold_starts, last.replicas
        ));
        let failed: u64 = results.fleets.iter().map(|run| run.lost.failed()).sum();
        let errors: u64 = results.fleets.iter().map(|run| run.lost.errors()).sum();
        lines.push(format!(
            "While the cache server was killed, {failed} pages failed and {errors} tiles."
        ));
    }
    for timed in timed(results) {
        let all: usize = timed.kinds().map(|(_, times)| times.len()).iter().sum();
        lines.push(format!(
            "Of {all} changes the slowest was seen by all of {} replicas after {:.0} ms.",
            timed.replicas,
            slowest(timed)
        ));
    }
    lines
}

/// The fleets in which changes were timed.
fn timed(results: &FleetResults) -> impl Iterator<Item = &Propagation> {
    let all = results.fleets.iter().map(|run| &run.propagation);
    all.filter(|timed| timed.kinds().iter().any(|(_, times)| !times.is_empty()))
}

fn of_run(run: &FleetRun) -> Vec<Measure> {
    let replicas = run.replicas.to_string();
    let measure = |name: &str, value, unit| {
        Measure::new(&format!("fleet.{name}"), value, unit).with("replicas", replicas.clone())
    };
    let count = |name: &str, value| measure(name, float(value), Unit::Count);
    vec![
        measure(
            "starts_per_fingerprint",
            ratio(float(run.cold_starts), float(run.fingerprints)),
            Unit::Ratio,
        )
        .because(format!(
            "{} engine starts for {} fingerprints, opened by everybody at once",
            run.cold_starts, run.fingerprints
        )),
        measure(
            "cold_hit_rate",
            hit_rate(&run.cold, run.cold_starts),
            Unit::Ratio,
        ),
        measure(
            "hot_hit_rate",
            hit_rate(&run.hot, run.hot_starts),
            Unit::Ratio,
        ),
        measure(
            "fresh_hit_rate",
            hit_rate(&run.fresh, run.fresh_starts),
            Unit::Ratio,
        )
        .because("of a replica that has just started, with what the others computed".to_owned()),
        count("hot_starts", run.hot_starts),
        count("fresh_starts", run.fresh_starts),
        count("lost_starts", run.lost_starts),
        count("failures", all_broken(run).count() as u64).because(why(run)),
        count("shed", all_visits(run).map(|(_, visits)| visits.shed).sum()),
    ]
}

/// Every time that everybody opened everything.
fn all_visits(run: &FleetRun) -> impl Iterator<Item = (&'static str, &Visits)> {
    let all = [
        ("nothing computed", &run.cold),
        ("everything computed", &run.hot),
        ("a new replica", &run.fresh),
        ("the cache server is killed", &run.lost),
    ];
    all.into_iter()
}

/// What somebody was not given, and when: with whether the cache server was still there.
fn all_broken(run: &FleetRun) -> impl Iterator<Item = (String, &Broken)> {
    all_visits(run).flat_map(move |(when, visits)| {
        let is_lost = std::ptr::eq(visits, std::ptr::from_ref(&run.lost));
        let of_these = visits.broken.iter();
        of_these.map(move |broken| {
            let since = broken.ended - run.killed_after;
            let when = if !is_lost {
                when.to_owned()
            } else if since < 0.0 {
                format!("{:.1} s before the cache server is killed", -since)
            } else {
                format!("{since:.1} s after the cache server was killed")
            };
            (when, broken)
        })
    })
}

/// Where failures come from; all of them are in a table.
fn why(run: &FleetRun) -> String {
    let lost = (run.lost.failed(), run.lost.errors());
    let counted = format!(
        "{} pages and {} tiles failed while the cache server was killed",
        lost.0, lost.1
    );
    let named = all_broken(run).take(NAMED);
    let named = named.map(|(when, broken)| format!("; {when}: {broken}"));
    counted + &named.collect::<String>()
}

fn of_propagation(timed: &Propagation) -> Vec<Measure> {
    let replicas = timed.replicas.to_string();
    let mut measures = Vec::new();
    for (kind, times) in timed.kinds().into_iter().filter(|(_, t)| !t.is_empty()) {
        let because = format!(
            "until all of {replicas} replicas went by it, over {} changes, the slowest after {:.0} ms",
            times.len(),
            quantile(times, 1.0)
        );
        let measure = |name: &str, value, unit| {
            Measure::new(name, value, unit)
                .with("change", kind)
                .with("replicas", replicas.clone())
                .because(because.clone())
        };
        for (percentile, part) in [("p50", 0.5), ("p99", 0.99), ("p100", 1.0)] {
            let value = quantile(times, part);
            let one = measure("fleet.propagation", value, Unit::Milliseconds);
            measures.push(one.with("percentile", percentile));
        }
        let slowest = quantile(times, 1.0) / EVERYWHERE;
        measures.push(measure("fleet.propagation_ratio", slowest, Unit::Ratio));
    }
    measures
}

fn chart(timed: &Propagation) -> Chart {
    let series = |(name, times): (&str, &[f64])| Series {
        name: name.to_owned(),
        points: (1u64..)
            .zip(times)
            .map(|(nth, time)| (ratio(float(nth), length(times)) * 100.0, *time))
            .collect(),
    };
    Chart {
        title: format!("Until all of {} replicas go by a change", timed.replicas),
        kind: ChartKind::Line,
        x: Axis::linear("changes, %"),
        y: Axis::linear("milliseconds"),
        series: timed.kinds().into_iter().map(series).collect(),
        limits: vec![Limit {
            label: "5 s".to_owned(),
            y: EVERYWHERE,
        }],
    }
}

fn table(results: &FleetResults) -> Table {
    let columns = [
        "replicas",
        "pages at once",
        "starts, cold",
        "fingerprints, cold",
        "starts, hot",
        "starts, new replica",
        "starts, cache server killed",
        "p50 cold, ms",
        "p50 hot, ms",
        "shed",
        "failed",
    ];
    let rows = results.fleets.iter().map(|run| {
        let shed: u64 = all_visits(run).map(|(_, visits)| visits.shed).sum();
        vec![
            run.replicas.to_string(),
            run.cold.pages.to_string(),
            run.cold_starts.to_string(),
            run.fingerprints.to_string(),
            run.hot_starts.to_string(),
            run.fresh_starts.to_string(),
            run.lost_starts.to_string(),
            format!("{:.0}", quantile(&run.cold.milliseconds, 0.5)),
            format!("{:.0}", quantile(&run.hot.milliseconds, 0.5)),
            shed.to_string(),
            all_broken(run).count().to_string(),
        ]
    });
    Table {
        title: "Each size of fleet".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// Everything that somebody was not given.
fn missing(results: &FleetResults) -> Option<Table> {
    let columns = ["replicas", "when", "what", "what the replica wrote"];
    let rows = results.fleets.iter().flat_map(|run| {
        all_broken(run).map(|(when, broken)| {
            let Broken {
                dashboard,
                unit,
                what,
                logged,
                ..
            } = broken;
            vec![
                run.replicas.to_string(),
                when,
                format!("`{dashboard}` for {unit}, {what}"),
                logged.join("; "),
            ]
        })
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| Table {
        title: "What somebody was not given".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows,
    })
}

/// The part of tiles with rows that no engine start stands behind.
fn hit_rate(visits: &Visits, starts: u64) -> f64 {
    1.0 - ratio(float(starts.min(visits.ready)), float(visits.ready))
}

fn slowest(timed: &Propagation) -> f64 {
    let all = timed.kinds().into_iter().flat_map(|(_, times)| times);
    all.copied().fold(0.0, f64::max)
}

/// The value that `part` of all sorted values do not exceed.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let mut rest = sorted.iter().enumerate();
    let enough = |(nth, _): &(usize, &f64)| float(*nth as u64 + 1) >= part * length(sorted);
    rest.find(enough).map_or(f64::NAN, |(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::super::broken::What;
    use super::*;

    fn visits(ready: u64, broken: Vec<Broken>) -> Visits {
        Visits {
            pages: 28,
            shed: 0,
            ready,
            withheld: 0,
            broken,
            milliseconds: vec![1.0, 2.0, 10.0],
        }
    }

    fn broken() -> Broken {
        Broken {
            what: What::Tile("paid".to_owned(), "Can't be shown".to_owned()),
            dashboard: "finance-overview",
            unit: "auto",
            ended: 33.5,
            request: None,
            logged: vec!["replica 2: deadline".to_owned()],
        }
    }

    fn run(replicas: usize, cold_starts: u64) -> FleetRun {
        FleetRun {
            replicas,
            cold: visits(200, Vec::new()),
            cold_starts,
            fingerprints: 50,
            hot: visits(200, Vec::new()),
            hot_starts: 0,
            fresh: visits(200, Vec::new()),
            fresh_starts: 0,
            lost: visits(199, vec![broken()]),
            killed_after: 3.0,
            lost_starts: 60,
            shared: 50,
            propagation: Propagation {
                replicas,
                revocations: vec![20.0, 2_500.0],
                policies: vec![10.0, 500.0],
            },
        }
    }

    fn value(section: &Section, name: &str, label: (&str, &str)) -> f64 {
        let has = |measure: &&Measure| {
            measure.name == name && measure.labels.get(label.0).is_some_and(|l| l == label.1)
        };
        section.measures.iter().find(has).unwrap().value
    }

    #[test]
    fn starts_are_held_against_fingerprints_and_changes_against_five_seconds() {
        let section = Section::from(FleetResults {
            fleets: vec![run(1, 50), run(2, 60)],
        });

        let two = ("replicas", "2");
        let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(near(
            value(&section, "fleet.starts_per_fingerprint", two),
            1.2
        ));
        assert!(near(value(&section, "fleet.cold_hit_rate", two), 0.7));
        assert!(near(value(&section, "fleet.failures", two), 1.0));
        let table = section.tables.last().unwrap();
        assert_eq!(
            table.rows[1],
            [
                "2",
                "30.5 s after the cache server was killed",
                "`finance-overview` for auto, tile `paid`: Can't be shown",
                "replica 2: deadline"
            ]
        );
        let slowest = ("percentile", "p100");
        assert!(near(value(&section, "fleet.propagation", slowest), 2_500.0));
        let ratio = |kind| value(&section, "fleet.propagation_ratio", ("change", kind));
        assert!(near(ratio("revocation"), 0.5) && near(ratio("policy"), 0.1));
        assert_eq!(section.charts[0].series.len(), 2);
        assert!(section.summary.iter().any(|line| line.contains("2500 ms")));
    }
}
