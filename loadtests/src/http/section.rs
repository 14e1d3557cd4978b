//! What the cases found, as a section of the report.

use super::tally::Shed;
use super::{HttpResults, Kind, Knee, Paced, Quantiles, RoundResults, Second, Tally};
use crate::number::{float, ratio};
use crate::results::{Axis, Chart, ChartKind, Limit, Measure, Scale, Section, Series, Table, Unit};

/// Which quantiles a curve goes through, and how they are written: each is ten times rarer.
const CURVE: [(f64, &str); 9] = [
    (0.5, "50 %"),
    (0.75, "75 %"),
    (0.9, "90 %"),
    (0.95, "95 %"),
    (0.99, "99 %"),
    (0.995, "99.5 %"),
    (0.999, "99.9 %"),
    (0.9995, "99.95 %"),
    (1.0, "all"),
];

pub(super) fn section(cases: &[HttpResults]) -> Section {
    let mut section = Section {
        id: "http".to_owned(),
        title: "Requests in an open loop".to_owned(),
        summary: vec![
            "Requests are sent when they are due, whether or not earlier ones were answered, and \
             timed from when they were due."
                .to_owned(),
        ],
        measures: Vec::new(),
        charts: Vec::new(),
        tables: Vec::new(),
    };
    for case in cases {
        section.tell(case);
    }
    section
}

impl Section {
    fn tell(&mut self, case: &HttpResults) {
        for paced in &case.rounds {
            self.round(case, &paced.title, &paced.found);
            let measures = computed(paced, &case.rounds).into_iter();
            let label = |measure: Measure| {
                let measure = measure.with("case", &*case.title);
                measure.with("round", &*paced.title)
            };
            self.measures.extend(measures.map(label));
        }
        if let Some(knee) = &case.knee {
            self.knee(case, knee);
        }
        let memory = float(case.vitals.resident_bytes);
        let resident = Measure::new("http.resident_bytes", memory, Unit::Bytes);
        self.measures.push(resident.with("case", &*case.title));
    }

    fn round(&mut self, case: &HttpResults, name: &str, found: &RoundResults) {
        let label = |measure: Measure| measure.with("case", &*case.title).with("round", name);
        self.measures.extend(counts(found).into_iter().map(&label));
        for kind in found.tally.kinds() {
            let measures = latencies(kind, found, &case.cold);
            let kind = |measure: Measure| label(measure).with("kind", kind.name());
            self.measures.extend(measures.into_iter().map(kind));
        }
        let title = format!("{}, {name} ({})", case.title, found.pace);
        self.charts.push(curves(&title, &found.tally));
        self.charts.push(over_time(&title, found));
        self.tables.push(table(&title, &found.tally));
    }

    fn knee(&mut self, case: &HttpResults, knee: &Knee) {
        self.summary.push(format!(
            "{}: the knee is at {:.0} actions a second (99 of 100 within {:.0} ms, no error). At \
             seven tenths of it, 99 of 100 take at most {:.1} ms.",
            case.title, knee.rate, knee.p99_ms, knee.held.all.p99
        ));
        let rate = Measure::new("http.knee", knee.rate, Unit::PerSecond);
        let held = ratio(knee.held.all.p99, knee.p99_ms);
        let held = Measure::new("http.held_p99", held, Unit::Ratio).because(format!(
            "99 of 100 take at most {:.1} ms at {:.0} actions a second; the knee at {:.0} is where \
             it would be more than {:.0} ms",
            knee.held.all.p99, knee.held.pace.from, knee.rate, knee.p99_ms
        ));
        let both = [rate, held].into_iter();
        self.measures
            .extend(both.map(|measure| measure.with("case", &*case.title)));
        self.charts.push(trials(&case.title, knee));
        self.round(case, "seven tenths of the knee", &knee.held);
        let Some((during, after)) = &knee.beyond else {
            return;
        };
        self.round(case, "beyond the knee", during);
        self.round(case, "right after", after);
        for measure in overload(knee, during, after) {
            self.measures.push(measure.with("case", &*case.title));
        }
    }
}

/// What a round counts as a whole.
fn counts(found: &RoundResults) -> Vec<Measure> {
    let tally = &found.tally;
    let failed = |shed| float(tally.failed(shed));
    let why = if tally.reasons().is_empty() {
        format!("{} actions were due", found.due)
    } else {
        format!("of {} actions: {}", found.due, tally.reasons())
    };
    let errors = Measure::new("http.errors", failed(Shed::DoesNot), Unit::Count);
    let shed = tally.shed();
    let mut measures = vec![
        errors.because(why),
        Measure::new("http.shed", float(shed.count), Unit::Count),
        Measure::new("http.generator_lag_p99", found.lag.p99, Unit::Milliseconds),
    ];
    if shed.count > 0 {
        let half = Measure::new("http.shed_p50", shed.p50, Unit::Milliseconds);
        let most = Measure::new("http.shed_p99", shed.p99, Unit::Milliseconds);
        measures.extend([half, most]);
    }
    measures
}

/// What one kind of action took, in itself, beside the least that this server can be asked, and
/// beside the first time.
fn latencies(kind: Kind, found: &RoundResults, cold: &Tally) -> Vec<Measure> {
    let took = found.tally.quantiles(kind);
    let mut measures = vec![
        Measure::new("http.p50", took.p50, Unit::Milliseconds),
        Measure::new("http.p99", took.p99, Unit::Milliseconds),
    ];
    let health = found.tally.quantiles(Kind::Health);
    if health.count > 0 && kind != Kind::Health {
        let over = Measure::new("http.over_health", ratio(took.p50, health.p50), Unit::Ratio);
        measures.push(over.because(compared(kind, took, "GET /healthz", health)));
    }
    let first = cold.quantiles(kind);
    if first.count > 0 {
        let over = Measure::new(
            "http.hot_over_cold",
            ratio(took.p50, first.p50),
            Unit::Ratio,
        );
        measures.push(over.because(compared(kind, took, "the first time", first)));
    }
    measures
}

fn compared(kind: Kind, took: Quantiles, other: &str, others: Quantiles) -> String {
    format!(
        "`{kind}` took {:.2} ms in the middle of {}, {other} {:.2} ms in the middle of {}",
        took.p50, took.count, others.p50, others.count
    )
}

/// What an action costs Weir, beside the least that it can be asked.
fn computed(paced: &Paced, all: &[Paced]) -> Vec<Measure> {
    let each = paced.computed_each();
    let mut measures = vec![Measure::new("http.cpu", each, Unit::Milliseconds)];
    let health = all.iter().find(|other| other.only_health);
    if let Some(health) = health.filter(|_| !paced.only_health) {
        let least = health.computed_each();
        let over = Measure::new("http.cpu_over_health", ratio(each, least), Unit::Ratio);
        measures.push(over.because(format!(
            "Weir computed {each:.2} ms for each of {} actions, and {least:.2} ms for each of {} \
             GET /healthz",
            paced.found.all.count, health.found.all.count
        )));
    }
    measures
}

/// What is given up beyond the knee, and how soon it is back.
fn overload(knee: &Knee, during: &RoundResults, after: &RoundResults) -> Vec<Measure> {
    let seconds = during.pace.lasts.as_secs_f64();
    let served = float(during.all.count) / seconds;
    let over = |found: &RoundResults| ratio(found.all.p99, knee.p99_ms);
    let recovery = recovered(knee, after).map_or(f64::INFINITY, float);
    let why = |found: &RoundResults| {
        let (due, served, p99) = (found.due, found.all.count, found.all.p99);
        let said = format!("of {due} actions {served} were served, 99 of 100 within {p99:.0} ms");
        match found.tally.reasons() {
            none if none.is_empty() => said,
            reasons => format!("{said}; {reasons}"),
        }
    };
    vec![
        Measure::new("http.beyond_goodput", ratio(served, knee.rate), Unit::Ratio)
            .because(why(during)),
        Measure::new("http.beyond_p99", over(during), Unit::Ratio).because(why(during)),
        Measure::new("http.recovery_seconds", recovery, Unit::Count).because(why(after)),
    ]
}

/// The second from which on three in a row were as they should be.
fn recovered(knee: &Knee, after: &RoundResults) -> Option<u64> {
    let fine = |second: &Second| second.failed == 0 && second.took.p99 <= knee.p99_ms;
    let rows = after.seconds.windows(3);
    let mut fine_rows = rows.filter(|row| row.iter().all(fine));
    Some(fine_rows.next()?.first()?.at)
}

fn chart(title: String, kind: ChartKind, x: Axis, y: Axis) -> Chart {
    Chart {
        title,
        kind,
        x,
        y,
        series: Vec::new(),
        limits: Vec::new(),
    }
}

fn curves(title: &str, tally: &Tally) -> Chart {
    let names = CURVE.map(|(_, name)| name.to_owned()).to_vec();
    let quantiles = CURVE.map(|(quantile, _)| quantile);
    let mut chart = chart(
        format!("How long it took: {title}"),
        ChartKind::Line,
        Axis::named("of all actions of the kind", names),
        Axis::logarithmic("ms, from when it was due"),
    );
    chart.series = tally
        .kinds()
        .map(|kind| {
            let points = (0u64..).zip(tally.curve(kind, &quantiles));
            Series {
                name: kind.name().to_owned(),
                points: points.map(|(at, took)| (float(at), took)).collect(),
            }
        })
        .collect();
    chart
}

fn over_time(title: &str, found: &RoundResults) -> Chart {
    let mut chart = chart(
        format!("Second by second: {title}"),
        ChartKind::Line,
        Axis::linear("seconds"),
        Axis::logarithmic("ms, from when it was due"),
    );
    let series = |name: &str, value: fn(&Second) -> f64| Series {
        name: name.to_owned(),
        points: found
            .seconds
            .iter()
            .filter(|second| second.took.count > 0)
            .map(|second| (float(second.at), value(second)))
            .collect(),
    };
    chart.series = vec![
        series("half", |second| second.took.p50),
        series("99 of 100", |second| second.took.p99),
    ];
    chart
}

fn trials(title: &str, knee: &Knee) -> Chart {
    let mut chart = chart(
        format!("Where the knee is: {title}"),
        ChartKind::Dots,
        Axis {
            scale: Scale::Logarithmic,
            ..Axis::linear("actions a second")
        },
        Axis::logarithmic("ms, 99 of 100"),
    );
    let series = |name: &str, served: bool| Series {
        name: name.to_owned(),
        points: knee
            .trials
            .iter()
            .filter(|trial| trial.too_much.is_empty() == served && trial.p99 > 0.0)
            .map(|trial| (trial.rate, trial.p99))
            .collect(),
    };
    chart.series = vec![series("served", true), series("too much", false)];
    chart.limits = vec![Limit {
        label: format!("{:.0} ms", knee.p99_ms),
        y: knee.p99_ms,
    }];
    chart
}

fn table(title: &str, tally: &Tally) -> Table {
    let columns = [
        "action", "count", "50 %", "90 %", "99 %", "99.9 %", "longest", "bytes",
    ];
    let row = |kind: Kind| {
        let took = tally.quantiles(kind);
        let times = [took.p50, took.p90, took.p99, took.p999, took.max];
        let mut row = vec![kind.name().to_owned(), took.count.to_string()];
        row.extend(times.map(|millis| format!("{millis:.2} ms")));
        row.push(format!("{:.0}", tally.bytes(kind)));
        row
    };
    let failures = tally.failures().map(|(kind, failure, count)| {
        let mut row = vec![format!("{kind}: {failure}"), count.to_string()];
        row.resize(columns.len(), String::new());
        row
    });
    Table {
        title: title.to_owned(),
        columns: columns.map(str::to_owned).to_vec(),
        rows: tally.kinds().map(row).chain(failures).collect(),
    }
}
