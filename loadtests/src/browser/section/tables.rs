//! The tables of the report.

use std::collections::BTreeMap;

use super::{CaseResults, Facet, P75, PHASES, Sample, all, largest, percentile};
use crate::results::Table;

/// The percentiles of the first table.
const SHARES: [f64; 3] = [0.5, 0.75, 0.95];

/// Both pages, percentile by percentile.
pub(super) fn painted(cases: &[CaseResults]) -> Table {
    let rows = cases.iter().map(|case| {
        let mut row = vec![case.case.to_string()];
        for share in SHARES {
            let of = |samples: &[Sample]| percentile(&all(samples, |one| Some(one.lcp)), share);
            let ratio = case.ratio(|one| Some(one.lcp), share);
            row.push(format!("{:.0} / {:.0}", of(&case.embed), of(&case.still)));
            row.push(format!(
                "{:.2} ({:.2}–{:.2})",
                ratio.value, ratio.low, ratio.high
            ));
        }
        row
    });
    table(
        "Largest contentful paint: Weir / static page in milliseconds, and their ratio with its interval",
        &["case", "p50", "ratio", "p75", "ratio", "p95", "ratio"],
        rows,
    )
}

/// What the medians are made of.
pub(super) fn phases(cases: &[CaseResults]) -> Table {
    let rows = cases.iter().map(|case| {
        let mut row = vec![case.case.to_string(), largest(&case.embed)];
        let middle = |samples: &[Sample], facet| percentile(&all(samples, facet), 0.5);
        row.extend(PHASES.iter().map(|(_, facet)| {
            let (embed, still) = (middle(&case.embed, *facet), middle(&case.still, *facet));
            format!("{embed:.1} / {still:.1}")
        }));
        row.push(server(&case.embed));
        row
    });
    table(
        "Where the time goes: Weir / static page, medians in milliseconds",
        &[
            "case",
            "largest paint",
            "until the request is sent",
            "until the first byte",
            "download",
            "until it is painted",
            "the server says",
        ],
        rows,
    )
}

/// What `Server-Timing` says, by its medians.
fn server(samples: &[Sample]) -> String {
    let mut said: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, duration) in samples.iter().flat_map(|sample| &sample.server) {
        said.entry(name).or_default().push(*duration);
    }
    let parts = said
        .iter()
        .map(|(name, durations)| format!("{name} {:.1}", percentile(durations, 0.5)));
    parts.collect::<Vec<_>>().join(", ")
}

/// What else was measured of Weir's page.
pub(super) fn rest(cases: &[CaseResults]) -> Table {
    let rows = cases.iter().map(|case| {
        let of = |facet: Facet| percentile(&all(&case.embed, facet), P75);
        vec![
            case.case.to_string(),
            format!("{:.0}", of(|one| Some(one.fcp))),
            format!("{:.0}", of(|one| Some(one.parsed))),
            format!("{:.0}", of(|one| Some(one.ttfb))),
            format!("{:.0}", of(|one| one.inp)),
            format!("{:.3}", of(|one| Some(one.cls))),
            format!("{:.0}", of(|one| Some(one.long_tasks))),
            format!("{:.0}", of(|one| Some(one.requests))),
            format!("{:.0}", of(|one| Some(one.bytes)) / 1024.0),
            format!("{:.0}", of(|one| Some(one.launch + one.lcp))),
        ]
    });
    table(
        "Weir's frame, 75th percentiles",
        &[
            "case",
            "FCP ms",
            "every tile there, ms",
            "TTFB ms",
            "INP ms",
            "CLS",
            "long tasks",
            "requests",
            "KiB",
            "LCP from the host page's start, ms",
        ],
        rows,
    )
}

fn table(title: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Table {
    Table {
        title: title.to_owned(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        rows: rows.collect(),
    }
}
