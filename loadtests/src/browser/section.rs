//! From openings to measures, charts and tables.

mod tables;

use std::collections::BTreeMap;

use super::stats::{Ratio, percentile};
use super::{BrowserResults, CaseResults, Sample};
use crate::results::{Axis, Chart, ChartKind, Limit, Measure, Section, Series, Unit};

/// The percentiles that are measured. The best of few openings says more on a busy machine than
/// their middle.
const MEASURED: [(&str, f64); 4] = [("best", 0.0), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95)];

/// The one that budgets and promises are about.
const P75: f64 = 0.75;

/// What hosts are promised: the largest paint in milliseconds, whatever is cached, on an office laptop.
const PROMISE: f64 = 2200.0;

/// A number of each opening.
type Facet = fn(&Sample) -> Option<f64>;

/// What is reported of Weir's dashboard alone.
const FACETS: [(&str, Unit, Facet); 12] = [
    ("browser.lcp", Unit::Milliseconds, |one| Some(one.lcp)),
    ("browser.fcp", Unit::Milliseconds, |one| Some(one.fcp)),
    ("browser.whole", Unit::Milliseconds, |one| Some(one.parsed)),
    ("browser.ttfb", Unit::Milliseconds, |one| Some(one.ttfb)),
    ("browser.inp", Unit::Milliseconds, |one| one.inp),
    ("browser.lcp_from_host", Unit::Milliseconds, |one| {
        Some(one.launch + one.lcp)
    }),
    ("browser.cls", Unit::Count, |one| Some(one.cls)),
    ("browser.bytes", Unit::Bytes, |one| Some(one.bytes)),
    ("browser.document_bytes", Unit::Bytes, |one| {
        Some(one.document_bytes)
    }),
    ("browser.requests", Unit::Count, |one| Some(one.requests)),
    ("browser.long_tasks", Unit::Count, |one| {
        Some(one.long_tasks)
    }),
    ("browser.blocked", Unit::Milliseconds, |one| {
        Some(one.blocked)
    }),
];

/// What is divided by the same of the static page.
const RATIOS: [(&str, Facet); 4] = [
    ("browser.lcp_ratio", |one| Some(one.lcp)),
    ("browser.fcp_ratio", |one| Some(one.fcp)),
    ("browser.whole_ratio", |one| Some(one.parsed)),
    ("browser.lcp_from_host_ratio", |one| {
        Some(one.launch + one.lcp)
    }),
];

/// The parts of a largest contentful paint, which add up to it.
const PHASES: [(&str, Facet); 4] = [
    ("sent", |one| Some(one.requested)),
    ("first byte", |one| Some(one.ttfb - one.requested)),
    ("download", |one| {
        Some(one.downloaded.min(one.lcp) - one.ttfb)
    }),
    ("painted", |one| Some(one.lcp - one.downloaded.min(one.lcp))),
];

impl From<BrowserResults> for Section {
    fn from(results: BrowserResults) -> Self {
        let cases = &results.cases;
        Self {
            id: "browser".to_owned(),
            title: "In the browser".to_owned(),
            summary: summary(&results),
            measures: cases
                .iter()
                .flat_map(measures)
                .map(|measure| measure.with("build", results.build.as_str()))
                .collect(),
            charts: vec![bars(cases), dots(cases)],
            tables: vec![
                tables::painted(cases),
                tables::phases(cases),
                tables::rest(cases),
            ],
        }
    }
}

fn summary(results: &BrowserResults) -> Vec<String> {
    let openings = results.cases.iter().map(|case| case.embed.len()).max();
    let unseen = |samples: &[Sample]| samples.iter().filter(|sample| sample.unseen).count();
    let sides = results
        .cases
        .iter()
        .flat_map(|case| [&case.embed, &case.still]);
    let mut summary = vec![format!(
        "`{}` in its CRM page in {}, {} openings of each page in each case, in turn with the static \
         page: the same words, charts and style without scripts, served from memory and framed by \
         the same host page. The frame is of another site than the page, and has its own process.",
        results.dashboard,
        results.browser,
        openings.unwrap_or_default(),
    )];
    summary.push(format!(
        "Browsers count text and pictures as the largest paint, and a drawing (SVG) is neither: it is \
         the first text of the page that is measured, while late tiles may follow. When every tile is \
         there is measured as `browser.whole`. In {} openings the browser painted before it knew how \
         much of the frame is in sight, and named no largest paint; there the first one counts.",
        sides.map(|samples| unseen(samples)).sum::<usize>()
    ));
    summary.extend(results.cases.iter().map(|case| {
        let ratio = case.ratio(|one| Some(one.lcp), P75);
        format!(
            "{}: the largest paint takes {:.2} times that of the static page (75th percentile; \
             95 % interval {:.2} to {:.2}), {:.0} % of the {PROMISE} ms that hosts are promised.",
            case.case,
            ratio.value,
            ratio.low,
            ratio.high,
            100.0 * case.lcp() / PROMISE,
        )
    }));
    summary
}

impl CaseResults {
    fn ratio(&self, facet: Facet, share: f64) -> Ratio {
        Ratio::of(&all(&self.embed, facet), &all(&self.still, facet), share)
    }

    /// The largest paint of Weir's dashboard.
    fn lcp(&self) -> f64 {
        percentile(&all(&self.embed, |one| Some(one.lcp)), P75)
    }

    fn labelled(&self, measure: Measure, percentile: &str) -> Measure {
        measure
            .with("server_cache", self.case.server_cache.name())
            .with("browser_cache", self.case.browser_cache.name())
            .with("profile", self.case.profile.id())
            .with("percentile", percentile)
    }

    /// The tile that held the largest paint most often, and the phase that is furthest from the
    /// static page.
    fn because(&self) -> String {
        let difference = |(name, facet): &(&'static str, Facet)| {
            let of = |samples: &[Sample]| percentile(&all(samples, *facet), P75);
            (*name, of(&self.embed), of(&self.still))
        };
        let furthest = PHASES
            .iter()
            .map(difference)
            .max_by(|(_, a, b), (_, c, d)| (a - b).total_cmp(&(c - d)));
        let Some((phase, embed, still)) = furthest else {
            return String::new();
        };
        format!(
            "the largest paint is {}, after {:.0} ms (static page {:.0} ms); most is lost in the \
             phase `{phase}`, {embed:.0} ms against {still:.0} ms",
            largest(&self.embed),
            self.lcp(),
            percentile(&all(&self.still, |one| Some(one.lcp)), P75),
        )
    }

    /// When every tile was there.
    fn whole(&self) -> f64 {
        percentile(&all(&self.embed, |one| Some(one.parsed)), P75)
    }

    /// What the tiles took, against the largest paint and against the promise.
    fn wholes(&self) -> [Measure; 2] {
        let last = self.embed.iter().filter_map(|one| one.last.as_deref());
        let why = format!(
            "the last tile is `{}`; every tile is there after {:.0} ms, and the largest paint after {:.0} ms",
            most_named(last).unwrap_or("none"),
            self.whole(),
            self.lcp(),
        );
        let measure = |name, of: f64| {
            let measure = Measure::new(name, self.whole() / of, Unit::Ratio);
            self.labelled(measure.because(why.clone()), "p75")
        };
        [
            measure("browser.whole_over_lcp", self.lcp()),
            measure("browser.whole_of_promise", PROMISE),
        ]
    }
}

/// What is named most often.
fn most_named<T: Ord>(names: impl Iterator<Item = T>) -> Option<T> {
    let mut votes: BTreeMap<T, usize> = BTreeMap::new();
    for name in names {
        *votes.entry(name).or_default() += 1;
    }
    let most = votes.into_iter().max_by_key(|(_, votes)| *votes);
    most.map(|(name, _)| name)
}

fn all(samples: &[Sample], facet: Facet) -> Vec<f64> {
    samples.iter().filter_map(facet).collect()
}

/// The element that most openings were measured by, by its tile if it is in one.
fn largest(samples: &[Sample]) -> String {
    let place = |sample: &Sample| match &sample.tile {
        Some(tile) => format!("tile `{tile}` ({})", sample.largest),
        None => format!("`{}` outside the tiles", sample.largest),
    };
    most_named(samples.iter().map(place)).unwrap_or_default()
}

fn measures(case: &CaseResults) -> Vec<Measure> {
    let promise = Measure::new("browser.lcp_of_promise", case.lcp() / PROMISE, Unit::Ratio);
    let mut measures = vec![case.labelled(promise.because(case.because()), "p75")];
    measures.extend(case.wholes());
    for (percentile_name, share) in MEASURED {
        for (name, facet) in RATIOS {
            let measure = Measure::new(name, case.ratio(facet, share).value, Unit::Ratio);
            measures.push(case.labelled(measure.because(case.because()), percentile_name));
        }
        for (name, unit, facet) in FACETS {
            let values = all(&case.embed, facet);
            if !values.is_empty() {
                let measure = Measure::new(name, percentile(&values, share), unit);
                measures.push(case.labelled(measure, percentile_name));
            }
        }
    }
    measures
}

/// The largest paint of both pages, case by case.
fn bars(cases: &[CaseResults]) -> Chart {
    let points = |side: fn(&CaseResults) -> &Vec<Sample>| {
        let values = cases.iter().map(|case| {
            let lcp = all(side(case), |one| Some(one.lcp));
            percentile(&lcp, P75)
        });
        (0_u32..).map(f64::from).zip(values).collect()
    };
    Chart {
        title: "Largest contentful paint inside the frame, 75th percentile".to_owned(),
        kind: ChartKind::Bars,
        x: Axis::named("", cases.iter().map(|case| case.case.to_string()).collect()),
        y: Axis::linear("milliseconds"),
        series: vec![
            Series {
                name: "Weir".to_owned(),
                points: points(|case| &case.embed),
            },
            Series {
                name: "static page".to_owned(),
                points: points(|case| &case.still),
            },
        ],
        limits: Vec::new(),
    }
}

/// Every opening of the first case.
fn dots(cases: &[CaseResults]) -> Chart {
    let series = |name: &str, samples: &[Sample]| Series {
        name: name.to_owned(),
        points: (1_u32..)
            .map(f64::from)
            .zip(all(samples, |one| Some(one.lcp)))
            .collect(),
    };
    let first = cases.first();
    let series = first.map_or_else(Vec::new, |case| {
        vec![
            series("Weir", &case.embed),
            series("static page", &case.still),
        ]
    });
    let limits = first.map(|case| Limit {
        label: "1.15 times the static page".to_owned(),
        y: 1.15 * percentile(&all(&case.still, |one| Some(one.lcp)), P75),
    });
    let name = first.map_or_else(String::new, |case| case.case.to_string());
    Chart {
        title: format!("Every opening: {name}"),
        kind: ChartKind::Dots,
        x: Axis::linear("opening"),
        y: Axis::linear("milliseconds to the largest paint"),
        series,
        limits: limits.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests;
