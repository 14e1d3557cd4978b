//! What the long run found, as a section of the report.

use super::trend::{Trend, median};
use super::{Sample, SoakResults};
use crate::http::{RoundResults, Shed};
use crate::number::{float, ratio};
use crate::results::{Axis, Chart, ChartKind, Measure, Section, Series, Table, Unit};
use crate::surroundings::Vitals;

/// What must not grow, with its unit.
const LEVELS: [(&str, Unit, Level); 3] = [
    ("resident_bytes", Unit::Bytes, |vitals| {
        vitals.resident_bytes
    }),
    ("handles", Unit::Count, |vitals| vitals.handles),
    ("threads", Unit::Count, |vitals| vitals.threads),
];

/// How much there is of something.
type Level = fn(&Vitals) -> u64;

pub(super) fn section(results: &SoakResults) -> Section {
    let mut measures = outcome(results);
    let mut charts = vec![latencies(results)];
    for (name, unit, level) in LEVELS {
        let of = |sample: &Sample| (sample.at, float(level(&sample.vitals)));
        let samples: Vec<_> = results.samples.iter().map(of).collect();
        measures.extend(grown(name, unit, &samples));
        charts.push(over_time(name, samples));
    }
    for (place, name) in results.gauges.iter().enumerate() {
        let of = |sample: &Sample| Some((sample.at, *sample.gauges.get(place)?));
        let samples: Vec<_> = results.samples.iter().filter_map(of).collect();
        let unit = if name.ends_with("_bytes") {
            Unit::Bytes
        } else {
            Unit::Count
        };
        measures.extend(grown(name, unit, &samples));
        charts.push(over_time(name, samples));
    }
    let of_case = |measure: Measure| measure.with("case", results.title.clone());
    Section {
        id: "soak".to_owned(),
        title: format!("{:.0} minutes: {}", results.minutes, results.title),
        summary: vec![
            "Growth is the median slope of the last two thirds of the time, over their whole \
             length, in parts of the middle: caches and pools fill in the first third."
                .to_owned(),
        ],
        measures: measures.into_iter().map(of_case).collect(),
        charts,
        tables: vec![faults(results)],
    }
}

fn grown(name: &str, unit: Unit, samples: &[(f64, f64)]) -> Vec<Measure> {
    let trend = Trend::of(samples);
    let value = |at: Option<&(f64, f64)>| at.map_or(f64::NAN, |(_, value)| *value);
    let most = samples.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let shown = |value| crate::budgets::shown(value, unit);
    let why = format!(
        "from {} to {} in {:.0} minutes, {} in the middle",
        shown(value(samples.first())),
        shown(value(samples.last())),
        trend.span * 1.5 / 60.0,
        shown(trend.median)
    );
    let growth = Measure::new("soak.growth", trend.growth(), Unit::Ratio);
    vec![
        growth.with("of", name).because(why),
        Measure::new("soak.most", most, unit).with("of", name),
    ]
}

fn outcome(results: &SoakResults) -> Vec<Measure> {
    let rounds = || results.rounds.iter().map(|(_, round)| round);
    let due: u64 = rounds().map(|round| round.due).sum();
    let failed: u64 = rounds().map(|round| round.tally.failed(Shed::Counts)).sum();
    let reasons: Vec<_> = rounds()
        .map(|round| round.tally.reasons())
        .filter(|reasons| !reasons.is_empty())
        .collect();
    let errors = Measure::new("soak.errors", ratio(float(failed), float(due)), Unit::Ratio);
    let said = format!("{failed} of {due} actions failed");
    let why = match reasons.join("; ") {
        none if none.is_empty() => said,
        reasons => format!("{said}: {reasons}"),
    };
    let third = (results.rounds.len() / 3).max(1).min(results.rounds.len());
    let p99 = |rounds: &[(f64, RoundResults)]| {
        median(rounds.iter().map(|(_, round)| round.all.p99).collect())
    };
    let last = results.rounds.get(results.rounds.len() - third..);
    let last = last.unwrap_or_default();
    let early = p99(results.rounds.get(..third).unwrap_or_default());
    let late = p99(last);
    let of_last =
        |count: fn(&RoundResults) -> u64| last.iter().map(|(_, round)| count(round)).sum();
    let (late_due, late_failed) = (
        of_last(|round| round.due),
        of_last(|round| round.tally.failed(Shed::Counts)),
    );
    let late_errors = ratio(float(late_failed), float(late_due));
    let drift = Measure::new("soak.p99_drift", ratio(late, early), Unit::Ratio);
    let not_renewed = float(results.not_renewed);
    vec![
        errors.because(why),
        Measure::new("soak.late_errors", late_errors, Unit::Ratio).because(format!(
            "{late_failed} of {late_due} actions failed in the last third of the rounds"
        )),
        drift.because(format!(
            "99 of 100 took {early:.1} ms in the first third of the rounds, {late:.1} ms in the last"
        )),
        Measure::new("soak.not_renewed", not_renewed, Unit::Count),
    ]
}

fn latencies(results: &SoakResults) -> Chart {
    let series = |name: &str, value: fn(&RoundResults) -> f64| Series {
        name: name.to_owned(),
        points: results
            .rounds
            .iter()
            .map(|(at, round)| (*at / 60.0, value(round)))
            .collect(),
    };
    Chart {
        title: "How long actions took, round by round".to_owned(),
        kind: ChartKind::Line,
        x: Axis::linear("minutes"),
        y: Axis::logarithmic("ms, from when they were due"),
        series: vec![
            series("half", |round| round.all.p50),
            series("99 of 100", |round| round.all.p99),
        ],
        limits: Vec::new(),
    }
}

fn over_time(name: &str, samples: Vec<(f64, f64)>) -> Chart {
    let minutes = samples.into_iter().map(|(at, value)| (at / 60.0, value));
    Chart {
        title: format!("Weir's {}", name.replace('_', " ")),
        kind: ChartKind::Line,
        x: Axis::linear("minutes"),
        y: Axis::linear(if name.ends_with("_bytes") {
            "bytes"
        } else {
            "count"
        }),
        series: vec![Series {
            name: name.to_owned(),
            points: minutes.collect(),
        }],
        limits: Vec::new(),
    }
}

fn faults(results: &SoakResults) -> Table {
    let row = |(at, what): &(f64, String)| vec![format!("{:.1} min", at / 60.0), what.clone()];
    Table {
        title: "What went wrong on purpose".to_owned(),
        columns: ["when", "what"].map(str::to_owned).to_vec(),
        rows: results.faults.iter().map(row).collect(),
    }
}
