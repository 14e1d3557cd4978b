//! The pictures of the page about speed: where bars and lines stand, in per cent.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use weir_frontend::model::admin::{SpeedBar, SpeedChart, SpeedTick};
use weir_query::Locale;
use weir_registry::Histogram;

use super::vital_lines::Lines;
use crate::service::vitals::{DayAnswer, VitalsAnswer};

/// The room between two bars, as a part of a bar's place.
const GAP: f64 = 0.12;

/// How much of the height bars take, so that words above them have room.
const HIGH: f64 = 86.0;

/// More words than that below a picture are too many on a phone.
const MOST_TICKS: usize = 5;

/// How many pages showed their largest part when. Each bucket is as wide as any other: four of them
/// are a doubling.
pub(super) fn distribution(lines: &Lines<'_>, report: &VitalsAnswer) -> SpeedChart {
    let buckets = around(report, lines.budget_ms);
    let most = buckets.iter().map(|bucket| bucket.loads).max();
    let (Some(most), false) = (most, report.lcp_distribution.is_empty()) else {
        return SpeedChart::default();
    };
    let width = 100.0 / number(buckets.len());
    let bar = |(place, bucket): (usize, &Bucket)| {
        let pages = lines.pages(bucket.loads);
        let after = lines.presenter.lasting(bucket.after_ms);
        SpeedBar {
            left: (number(place) + GAP / 2.0) * width,
            width: width * (1.0 - GAP),
            height: part(bucket.loads, most) * HIGH,
            late: bucket.after_ms >= lines.budget_ms,
            title: match bucket.up_to_ms {
                Some(up_to) => format!("{after} – {}: {pages}", lines.presenter.lasting(up_to)),
                None => format!("> {after}: {pages}"),
            },
        }
    };
    SpeedChart {
        bars: buckets.iter().enumerate().map(bar).collect(),
        line_at: budget_at(&buckets, lines.budget_ms) * width,
        upright: true,
        line_label: promised(lines),
        ticks: doublings(lines, &buckets, width),
        said: said(lines, report),
    }
}

/// One bucket to be drawn.
struct Bucket {
    after_ms: u32,
    up_to_ms: Option<u32>,
    loads: u64,
}

/// The buckets with pages, those between them, and on to the one that the promise falls into.
fn around(report: &VitalsAnswer, budget_ms: u32) -> Vec<Bucket> {
    let loads: BTreeMap<u32, u64> = report
        .lcp_distribution
        .iter()
        .map(|bucket| (bucket.after_ms, bucket.loads))
        .collect();
    let first = loads.keys().next().copied().unwrap_or_default();
    let last = loads.keys().next_back().copied().unwrap_or_default();
    let mut after_ms = 0;
    let mut buckets = Vec::new();
    for (up_to_ms, _) in Histogram::default().buckets() {
        let has_promise = after_ms < budget_ms;
        if after_ms >= first.min(budget_ms / 2) && (after_ms <= last || has_promise) {
            buckets.push(Bucket {
                after_ms,
                up_to_ms,
                loads: loads.get(&after_ms).copied().unwrap_or_default(),
            });
        }
        after_ms = up_to_ms.unwrap_or(after_ms);
    }
    buckets
}

/// Where the promise falls, in buckets from the left.
fn budget_at(buckets: &[Bucket], budget_ms: u32) -> f64 {
    let mut at = 0.0;
    for bucket in buckets {
        match bucket.up_to_ms {
            Some(up_to) if up_to > budget_ms => {
                let into = budget_ms.saturating_sub(bucket.after_ms);
                return at + f64::from(into) / f64::from((up_to - bucket.after_ms).max(1));
            }
            _ => at += 1.0,
        }
    }
    at
}

/// "0.5 s", "1 s", "2 s": bounds of whole doublings, as they are called.
fn doublings(lines: &Lines<'_>, buckets: &[Bucket], width: f64) -> Vec<SpeedTick> {
    let called = [
        (256, 250),
        (512, 500),
        (1024, 1000),
        (2048, 2000),
        (4096, 4000),
        (8192, 8000),
        (16_384, 16_000),
        (32_768, 32_000),
        (65_536, 65_000),
    ];
    let place = |(bound, name): (u32, u32)| {
        let place = buckets.iter().position(|bucket| bucket.after_ms == bound)?;
        Some(SpeedTick {
            at: number(place) * width,
            label: lines.presenter.lasting(name),
        })
    };
    few(called.into_iter().filter_map(place).collect())
}

fn said(lines: &Lines<'_>, report: &VitalsAnswer) -> String {
    let times = report.total.lcp_ms;
    let (half, three, most) = (
        lines.time(times.p50),
        lines.time(times.p75),
        lines.time(times.p95),
    );
    match lines.locale {
        Locale::EnCa => format!(
            "Half of the pages within {half}, three quarters within {three}, 95% within {most}."
        ),
        Locale::FrCa => format!(
            "La moitié des pages en {half} ou moins, les trois quarts en {three}, 95\u{a0}% en {most}."
        ),
    }
}

fn promised(lines: &Lines<'_>) -> String {
    let time = lines.budget();
    match lines.locale {
        Locale::EnCa => format!("Promised: {time}"),
        Locale::FrCa => format!("Engagement\u{a0}: {time}"),
    }
}

/// What three quarters of the pages of each day did not pass.
pub(super) fn days(lines: &Lines<'_>, report: &VitalsAnswer) -> SpeedChart {
    let known: BTreeMap<NaiveDate, &DayAnswer> =
        report.days.iter().map(|day| (day.day, day)).collect();
    let times = known.values().filter_map(|day| day.lcp_ms.p75);
    let Some(slowest) = times.max() else {
        return SpeedChart::default();
    };
    let many = (report.to - report.from).num_days().max(0);
    let days = (0..=u64::try_from(many).unwrap_or_default())
        .filter_map(|after| report.from.checked_add_days(Days::new(after)));
    let days: Vec<NaiveDate> = days.collect();
    let width = 100.0 / number(days.len());
    let highest = f64::from(slowest.max(lines.budget_ms));
    let bar = |(place, day): (usize, &NaiveDate)| {
        let time = known.get(day).and_then(|day| day.lcp_ms.p75)?;
        let pages = known.get(day).map_or(0, |day| day.loads);
        Some(SpeedBar {
            left: (number(place) + GAP / 2.0) * width,
            width: width * (1.0 - GAP),
            height: f64::from(time) / highest * HIGH,
            late: time > lines.budget_ms,
            title: format!(
                "{}: {} · {}",
                lines.presenter.day(*day),
                lines.presenter.lasting(time),
                lines.pages(pages)
            ),
        })
    };
    SpeedChart {
        bars: days.iter().enumerate().filter_map(bar).collect(),
        line_at: f64::from(lines.budget_ms) / highest * HIGH,
        upright: false,
        line_label: promised(lines),
        ticks: ends(lines, &days),
        said: by_day(lines, slowest),
    }
}

fn by_day(lines: &Lines<'_>, slowest: u32) -> String {
    let slowest = lines.presenter.lasting(slowest);
    match lines.locale {
        Locale::EnCa => format!(
            "The largest part, for three quarters of each day’s pages (UTC): {slowest} at most."
        ),
        Locale::FrCa => format!(
            "Élément principal, pour les trois quarts des pages de chaque jour (UTC)\u{a0}: {slowest} au plus."
        ),
    }
}

/// The first day and the last.
fn ends(lines: &Lines<'_>, days: &[NaiveDate]) -> Vec<SpeedTick> {
    let tick = |day: Option<&NaiveDate>, at| {
        day.map(|day| SpeedTick {
            at,
            label: lines.presenter.day(*day),
        })
    };
    let last = days.last().filter(|_| days.len() > 1);
    let ends = [tick(days.first(), 0.0), tick(last, 100.0)];
    ends.into_iter().flatten().collect()
}

/// The last of them: how late the late ones were is what people look for.
fn few(mut ticks: Vec<SpeedTick>) -> Vec<SpeedTick> {
    let too_many = ticks.len().saturating_sub(MOST_TICKS);
    ticks.split_off(too_many)
}

/// A count of places; there are a hundred at most.
fn number(places: usize) -> f64 {
    f64::from(u32::try_from(places).unwrap_or(u32::MAX))
}

/// A part of one, in thousandths.
fn part(part: u64, whole: u64) -> f64 {
    let thousandths = (u128::from(part) * 1000).checked_div(u128::from(whole));
    let thousandths = u32::try_from(thousandths.unwrap_or(0).min(1000)).unwrap_or(1000);
    f64::from(thousandths) / 1000.0
}
