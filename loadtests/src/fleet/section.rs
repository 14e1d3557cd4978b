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
        let mut measures: Vec<_> = results
            .fleets
            .iter()
            .flat_map(|run| of_run(run, results.fleets.first()))
            .collect();
        measures.extend(results.propagation.iter().flat_map(of_propagation));
        Self {
            id: "fleet".to_owned(),
            title: "Several replicas".to_owned(),
            summary: summary(&results),
            measures,
            charts: results.propagation.iter().map(chart).collect(),
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
    if let Some(timed) = &results.propagation {
        let all = timed.revocations.len();
        lines.push(format!(
            "Of {all} changes the slowest was seen by all {} replicas after {:.0} ms.",
            timed.replicas,
            slowest(timed)
        ));
    }
    lines
}

fn of_run(run: &FleetRun, first: Option<&FleetRun>) -> Vec<Measure> {
    let replicas = run.replicas.to_string();
    let measure = |name: &str, value, unit| {
        Measure::new(&format!("fleet.{name}"), value, unit).with("replicas", replicas.clone())
    };
    let count = |name: &str, value| measure(name, float(value), Unit::Count);
    let distinct = first.map_or(run.cold_starts, |first| first.cold_starts);
    vec![
        measure(
            "starts_per_fingerprint",
            ratio(float(run.cold_starts), float(distinct)),
            Unit::Ratio,
        )
        .because(format!(
            "{} engine starts for {distinct} fingerprints, opened by everybody at once",
            run.cold_starts
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
        let is_lost = std::ptr::eq(visits, &run.lost);
        let of_these = visits.broken.iter();
        of_these.map(move |broken| {
            let since = broken.ended - run.killed_after;
            let when = match is_lost {
                false => when.to_owned(),
                true if since < 0.0 => format!("{:.1} s before the cache server is killed", -since),
                true => format!("{since:.1} s after the cache server was killed"),
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
    let of = |kind: &str, times: &[f64]| {
        let measure = |percentile: &str, part| {
            let value = quantile(times, part);
            Measure::new("fleet.propagation", value, Unit::Milliseconds)
                .with("change", kind)
                .with("percentile", percentile)
                .because(format!(
                    "until all of {} replicas went by it, over {} changes",
                    timed.replicas,
                    times.len()
                ))
        };
        [
            measure("p50", 0.5),
            measure("p99", 0.99),
            measure("p100", 1.0),
        ]
    };
    let mut measures = Vec::new();
    if !timed.revocations.is_empty() {
        measures.extend(of("revocation", &timed.revocations));
    }
    measures.push(Measure::new(
        "fleet.propagation_ratio",
        slowest(timed) / EVERYWHERE,
        Unit::Ratio,
    ));
    measures
}

fn chart(timed: &Propagation) -> Chart {
    let series = |name: &str, times: &[f64]| Series {
        name: name.to_owned(),
        points: times
            .iter()
            .enumerate()
            .map(|(nth, time)| (ratio(float(nth as u64 + 1), length(times)) * 100.0, *time))
            .collect(),
    };
    Chart {
        title: "Until every replica goes by a change".to_owned(),
        kind: ChartKind::Line,
        x: Axis::linear("changes, %"),
        y: Axis::linear("milliseconds"),
        series: vec![series("revocations", &timed.revocations)],
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
    let all = timed.revocations.iter();
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
            hot: visits(200, Vec::new()),
            hot_starts: 0,
            fresh: visits(200, Vec::new()),
            fresh_starts: 0,
            lost: visits(199, vec![broken()]),
            killed_after: 3.0,
            lost_starts: 60,
            shared: 50,
        }
    }

    fn value(section: &Section, name: &str, label: (&str, &str)) -> f64 {
        let has = |measure: &&Measure| {
            measure.name == name && measure.labels.get(label.0).is_some_and(|l| l == label.1)
        };
        section.measures.iter().find(has).unwrap().value
    }

    #[test]
    fn starts_are_held_against_those_of_one_replica_and_changes_against_five_seconds() {
        let section = Section::from(FleetResults {
            fleets: vec![run(1, 50), run(2, 60)],
            propagation: Some(Propagation {
                replicas: 2,
                revocations: vec![20.0, 2_500.0],
            }),
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
        let ratio = section.measures.last().unwrap();
        assert!(near(ratio.value, 0.5), "{ratio:?}");
        assert!(section.summary.iter().any(|line| line.contains("2500 ms")));
    }
}
