//! What was seen, as measures, charts and tables.

use super::crowd::Visits;
use super::{FleetResults, FleetRun, Propagation};
use crate::number::{float, length, ratio};
use crate::results::{Axis, Chart, ChartKind, Limit, Measure, Section, Series, Table, Unit};

/// A change must be seen everywhere within so many milliseconds (invariant 9).
const EVERYWHERE: f64 = 5_000.0;

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
            tables: vec![table(&results)],
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
        let failed: u64 = results.fleets.iter().map(|run| run.lost.failed).sum();
        let errors: u64 = results.fleets.iter().map(|run| run.lost.errors).sum();
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
    let visits = [&run.cold, &run.hot, &run.fresh, &run.lost];
    let failed = visits.iter().map(|visits| visits.failed + visits.errors);
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
        count("failures", failed.sum()).because(format!(
            "{} pages and {} tiles failed while the cache server was killed",
            run.lost.failed, run.lost.errors
        )),
    ]
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
        "failed",
    ];
    let rows = results.fleets.iter().map(|run| {
        let visits = [&run.cold, &run.hot, &run.fresh, &run.lost];
        let failed: u64 = visits.iter().map(|v| v.failed + v.errors).sum();
        vec![
            run.replicas.to_string(),
            run.cold.pages.to_string(),
            run.cold_starts.to_string(),
            run.hot_starts.to_string(),
            run.fresh_starts.to_string(),
            run.lost_starts.to_string(),
            format!("{:.0}", quantile(&run.cold.milliseconds, 0.5)),
            format!("{:.0}", quantile(&run.hot.milliseconds, 0.5)),
            failed.to_string(),
        ]
    });
    Table {
        title: "Each size of fleet".to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
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
    use super::*;

    fn visits(ready: u64, errors: u64) -> Visits {
        Visits {
            pages: 28,
            failed: 0,
            ready,
            withheld: 0,
            errors,
            milliseconds: vec![1.0, 2.0, 10.0],
        }
    }

    fn run(replicas: usize, cold_starts: u64) -> FleetRun {
        FleetRun {
            replicas,
            cold: visits(200, 0),
            cold_starts,
            hot: visits(200, 0),
            hot_starts: 0,
            fresh: visits(200, 0),
            fresh_starts: 0,
            lost: visits(199, 1),
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
        let slowest = ("percentile", "p100");
        assert!(near(value(&section, "fleet.propagation", slowest), 2_500.0));
        let ratio = section.measures.last().unwrap();
        assert!(near(ratio.value, 0.5), "{ratio:?}");
        assert!(section.summary.iter().any(|line| line.contains("2500 ms")));
    }
}
