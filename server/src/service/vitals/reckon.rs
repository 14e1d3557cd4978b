//! What was heard, reckoned: sums by group, quantiles, and how the promise fares.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use weir_registry::{DayVitals, Histogram, Pace, Series, VitalSums, VitalsReport};

use super::answer::{
    BurnAnswer, DashboardVitals, DayAnswer, HostVitals, LoadBucket, PageVitals, Quantiles,
    ReleaseVitals, SeriesVitals, UnitVitals, VitalsAnswer,
};
use crate::config::Promise;

/// The windows that burning is looked at in, in hours.
pub(super) const WINDOWS: [i64; 3] = [1, 6, 72];

/// How pages went in each window.
#[derive(Debug, Default)]
pub(super) struct Paces(pub(super) [Vec<(Series, Pace)>; 3]);

impl VitalsAnswer {
    pub(super) fn of(
        report: &VitalsReport,
        paces: &Paces,
        (from, to): (NaiveDate, NaiveDate),
        promise: Promise,
    ) -> Self {
        let reckon = Reckon {
            report,
            paces,
            promise,
        };
        let whole = reckon.by(|_| ()).into_values().next();
        let (total, vitals) = whole.unwrap_or_default();
        Self {
            from,
            to,
            lcp_budget_ms: promise.lcp_ms,
            objective: promise.objective.normalize().to_string(),
            total: PageVitals::of(&total, vitals, promise),
            dashboards: reckon.dashboards(),
            business_units: reckon.units(),
            hosts: reckon.hosts(),
            releases: reckon.releases(),
            series: reckon.series(),
            days: reckon.days(),
            lcp_distribution: distribution(&total.lcp),
        }
    }
}

/// Sums of a group, and how it went in each window.
type Summed = (VitalSums, [Pace; 3]);

struct Reckon<'a> {
    report: &'a VitalsReport,
    paces: &'a Paces,
    promise: Promise,
}

impl<'a> Reckon<'a> {
    /// Sums by whatever `key` makes of a series.
    fn by<K: Ord>(&self, key: impl Fn(&'a Series) -> K) -> BTreeMap<K, Summed> {
        let mut groups: BTreeMap<K, Summed> = BTreeMap::new();
        for (series, sums) in &self.report.series {
            groups.entry(key(series)).or_default().0.merge(sums);
        }
        for (window, lines) in self.paces.0.iter().enumerate() {
            for (series, pace) in lines {
                let (_, windows) = groups.entry(key(series)).or_default();
                if let Some(place) = windows.get_mut(window) {
                    place.merge(*pace);
                }
            }
        }
        groups
    }

    fn figures(&self, (sums, windows): &Summed) -> PageVitals {
        PageVitals::of(sums, *windows, self.promise)
    }

    fn dashboards(&self) -> Vec<DashboardVitals> {
        let groups = self.by(|series| series.dashboard.as_str()).into_iter();
        groups
            .map(|(name, summed)| DashboardVitals {
                dashboard: name.to_owned(),
                vitals: self.figures(&summed),
            })
            .collect()
    }

    fn units(&self) -> Vec<UnitVitals> {
        let groups = self.by(|series| series.business_unit.as_ref()).into_iter();
        groups
            .map(|(unit, summed)| UnitVitals {
                business_unit: unit.map(ToString::to_string),
                vitals: self.figures(&summed),
            })
            .collect()
    }

    fn hosts(&self) -> Vec<HostVitals> {
        let groups = self.by(|series| series.host.as_str()).into_iter();
        groups
            .map(|(name, summed)| HostVitals {
                host: name.to_owned(),
                vitals: self.figures(&summed),
            })
            .collect()
    }

    fn releases(&self) -> Vec<ReleaseVitals> {
        let groups = self.by(|series| series.release.as_str()).into_iter();
        groups
            .map(|(name, summed)| ReleaseVitals {
                release: name.to_owned(),
                vitals: self.figures(&summed),
            })
            .collect()
    }

    fn series(&self) -> Vec<SeriesVitals> {
        let groups = self.by(|series| series).into_iter();
        groups
            .map(|(series, summed)| SeriesVitals {
                dashboard: series.dashboard.as_str().to_owned(),
                business_unit: series.business_unit.as_ref().map(ToString::to_string),
                host: series.host.as_str().to_owned(),
                release: series.release.as_str().to_owned(),
                vitals: self.figures(&summed),
            })
            .collect()
    }

    fn days(&self) -> Vec<DayAnswer> {
        let day = |one: &DayVitals| DayAnswer {
            day: one.day,
            loads: one.sums.pace().loads,
            fast_enough: fast_enough(one.sums.pace()),
            lcp_ms: Quantiles::of(&one.sums.lcp),
        };
        self.report.days.iter().map(day).collect()
    }
}

impl PageVitals {
    fn of(sums: &VitalSums, windows: [Pace; 3], promise: Promise) -> Self {
        let pace = sums.pace();
        let [last_hour, last_6_hours, last_3_days] = windows.map(|pace| burn(pace, promise));
        Self {
            loads: pace.loads,
            kept: slow_part(pace).map(|part| part <= promise.allowance()),
            fast_enough: fast_enough(pace),
            lcp_ms: Quantiles::of(&sums.lcp),
            fcp_ms: Quantiles::of(&sums.fcp),
            ttfb_ms: Quantiles::of(&sums.ttfb),
            inp_ms: Quantiles::of(&sums.inp),
            cls_thousandths: Quantiles::of(&sums.cls),
            script_errors: sums.script_errors,
            promise_errors: sums.promise_errors,
            burn: BurnAnswer {
                last_hour,
                last_6_hours,
                last_3_days,
            },
        }
    }
}

impl Quantiles {
    fn of(histogram: &Histogram) -> Self {
        Self {
            p50: histogram.quantile(50),
            p75: histogram.quantile(75),
            p95: histogram.quantile(95),
        }
    }
}

/// Which part of the pages was slow.
fn slow_part(pace: Pace) -> Option<Decimal> {
    Decimal::from(pace.slow).checked_div(Decimal::from(pace.loads))
}

fn fast_enough(pace: Pace) -> Option<String> {
    slow_part(pace).map(|slow| (Decimal::ONE - slow).round_dp(4).normalize().to_string())
}

/// How fast the allowance is used up.
fn burn(pace: Pace, promise: Promise) -> Option<String> {
    let burn = slow_part(pace)?.checked_div(promise.allowance())?;
    Some(burn.round_dp(2).normalize().to_string())
}

/// The buckets of a histogram, without the empty ones at both ends.
fn distribution(histogram: &Histogram) -> Vec<LoadBucket> {
    let mut after_ms = 0;
    let mut buckets: Vec<LoadBucket> = Vec::new();
    for (up_to_ms, loads) in histogram.buckets() {
        let bucket = LoadBucket {
            after_ms,
            up_to_ms,
            loads,
        };
        after_ms = up_to_ms.unwrap_or(after_ms);
        if loads > 0 || !buckets.is_empty() {
            buckets.push(bucket);
        }
    }
    let last = buckets.iter().rposition(|bucket| bucket.loads > 0);
    buckets.truncate(last.map_or(0, |last| last + 1));
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RumConfig;

    fn promise() -> Promise {
        RumConfig::default().promise()
    }

    fn pace(loads: u64, slow: u64) -> Pace {
        Pace { loads, slow }
    }

    #[test]
    fn a_quarter_of_slow_pages_is_just_what_is_allowed() {
        let kept = |loads, slow| {
            let mut sums = VitalSums::default();
            sums.lcp.count(Histogram::bucket(100), loads);
            sums.slow = slow;
            PageVitals::of(&sums, [Pace::default(); 3], promise()).kept
        };

        assert_eq!(kept(100, 25), Some(true));
        assert_eq!(kept(100, 26), Some(false));
        assert_eq!(kept(0, 0), None);
    }

    #[test]
    fn burning_is_how_many_times_the_allowance_is_used() {
        let said = |loads, slow| burn(pace(loads, slow), promise());

        assert_eq!(said(100, 25).as_deref(), Some("1"));
        assert_eq!(said(100, 0).as_deref(), Some("0"));
        assert_eq!(said(2, 1).as_deref(), Some("2"));
        assert_eq!(said(3, 1).as_deref(), Some("1.33"));
        assert_eq!(said(7, 7).as_deref(), Some("4"));
        assert_eq!(said(0, 0), None);
    }

    #[test]
    fn a_distribution_begins_and_ends_with_pages() {
        let mut histogram = Histogram::default();
        assert!(distribution(&histogram).is_empty());

        histogram.count(Histogram::bucket(300), 2);
        histogram.count(Histogram::bucket(500), 1);
        let buckets = distribution(&histogram);

        let loads: Vec<_> = buckets.iter().map(|bucket| bucket.loads).collect();
        assert_eq!(loads, [2, 0, 0, 1]);
        assert_eq!((buckets[0].after_ms, buckets[0].up_to_ms), (256, Some(304)));
        assert_eq!(buckets[3].up_to_ms, Some(512));

        histogram.count(Histogram::bucket(100_000), 1);
        let last = distribution(&histogram).last().copied();
        let last = last.map(|bucket| (bucket.after_ms, bucket.up_to_ms));
        assert_eq!(last, Some((65_536, None)));
    }
}
