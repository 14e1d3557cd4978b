//! The page about speed, line by line.

use weir_frontend::model::admin::{BurnLine, BurnTone, CostFigure, SpeedLine};
use weir_query::Locale;

use super::names::Names;
use super::words::pick;
use crate::content::Content;
use crate::present::Presenter;
use crate::service::vitals::{BurnAnswer, PageVitals, Quantiles, VitalsAnswer};

/// What stands where there is no number.
const NONE: &str = "—";

/// Says lines in one language.
pub(super) struct Lines<'a> {
    pub(super) presenter: &'a Presenter,
    pub(super) content: &'a Content,
    pub(super) locale: Locale,
    /// Until when the largest part is promised.
    pub(super) budget_ms: u32,
}

impl Lines<'_> {
    fn names(&self) -> Names<'_> {
        Names {
            content: self.content,
            locale: self.locale,
        }
    }

    pub(super) fn pick(&self, en: &'static str, fr: &'static str) -> String {
        pick(self.locale, en, fr).to_owned()
    }

    /// What is promised.
    pub(super) fn promise(&self, objective: &str) -> String {
        let (time, part) = (self.budget(), self.presenter.rate(objective));
        match self.locale {
            Locale::EnCa => {
                format!("Promised: {part} of pages show their largest part within {time}.")
            }
            Locale::FrCa => format!(
                "Engagement\u{a0}: {part} des pages affichent leur élément principal en {time} ou moins."
            ),
        }
    }

    pub(super) fn budget(&self) -> String {
        self.presenter.lasting(self.budget_ms)
    }

    /// What it came to.
    pub(super) fn outcome(&self, total: &PageVitals) -> String {
        let (Some(part), pages) = (&total.fast_enough, self.pages(total.loads)) else {
            return String::new();
        };
        let part = self.presenter.rate(part);
        match self.locale {
            Locale::EnCa => format!("{part} of {pages} were fast enough."),
            Locale::FrCa => format!("{part} de {pages} ont été assez rapides."),
        }
    }

    /// "1,204 pages".
    pub(super) fn pages(&self, many: u64) -> String {
        let number = self.presenter.count(many);
        let one = many == 1 || (many == 0 && self.locale == Locale::FrCa);
        format!("{number} {}", if one { "page" } else { "pages" })
    }

    pub(super) fn time(&self, time: Option<u32>) -> String {
        time.map_or_else(|| NONE.to_owned(), |time| self.presenter.lasting(time))
    }

    /// The figures of the whole: what three quarters of the pages did not pass.
    pub(super) fn figures(&self, total: &PageVitals) -> Vec<CostFigure> {
        let first_paint = self.time(total.fcp_ms.p75);
        let first_paint = match self.locale {
            Locale::EnCa => format!("first paint {first_paint}"),
            Locale::FrCa => format!("premier affichage {first_paint}"),
        };
        let shift = total.cls_thousandths;
        let shifted = |shift: Option<u32>| {
            shift.map_or_else(|| NONE.to_owned(), |shift| self.presenter.shift(shift))
        };
        let all = [
            (
                self.pick(
                    "Largest part shown (LCP)",
                    "Élément principal affiché (LCP)",
                ),
                self.time(total.lcp_ms.p75),
                self.spread(total.lcp_ms),
            ),
            (
                self.pick("Response to the reader (INP)", "Réaction au lecteur (INP)"),
                self.time(total.inp_ms.p75),
                self.spread(total.inp_ms),
            ),
            (
                self.pick("Layout shift (CLS)", "Décalage de la page (CLS)"),
                shifted(shift.p75),
                self.ends(&shifted(shift.p50), &shifted(shift.p95)),
            ),
            (
                self.pick("First byte (TTFB)", "Premier octet (TTFB)"),
                self.time(total.ttfb_ms.p75),
                first_paint,
            ),
            (
                self.pick("Script errors", "Erreurs de script"),
                self.presenter
                    .count(total.script_errors + total.promise_errors),
                self.kinds(total),
            ),
        ];
        let figure = |(label, value, detail)| CostFigure {
            label,
            value,
            detail,
        };
        all.into_iter().map(figure).collect()
    }

    fn spread(&self, times: Quantiles) -> String {
        self.ends(&self.time(times.p50), &self.time(times.p95))
    }

    fn ends(&self, half: &str, most: &str) -> String {
        match self.locale {
            Locale::EnCa => format!("for 3 of 4 pages; half {half}, 95% {most}"),
            Locale::FrCa => {
                format!("pour 3 pages sur 4\u{a0}; moitié {half}, 95\u{a0}% {most}")
            }
        }
    }

    fn kinds(&self, total: &PageVitals) -> String {
        let (thrown, rejected) = (
            self.presenter.count(total.script_errors),
            self.presenter.count(total.promise_errors),
        );
        match self.locale {
            Locale::EnCa => format!("{thrown} thrown, {rejected} rejected promises"),
            Locale::FrCa => format!("{thrown} levées, {rejected} promesses rejetées"),
        }
    }

    /// How fast the allowance is used up.
    pub(super) fn burns(&self, burn: &BurnAnswer) -> Vec<BurnLine> {
        let windows = [
            (
                self.pick("The last hour", "La dernière heure"),
                burn.last_hour.as_ref(),
            ),
            (
                self.pick("The last 6 hours", "Les 6 dernières heures"),
                burn.last_6_hours.as_ref(),
            ),
            (
                self.pick("The last 3 days", "Les 3 derniers jours"),
                burn.last_3_days.as_ref(),
            ),
        ];
        let line = |(window, burn): (String, Option<&String>)| {
            let rate: Option<f64> = burn.and_then(|burn| burn.parse().ok());
            BurnLine {
                window,
                burn: self.times(burn),
                share: rate.unwrap_or_default() / 2.0,
                standing: rate.map(|rate| match rate {
                    rate if rate >= 2.0 => BurnTone::Far,
                    rate if rate > 1.0 => BurnTone::Over,
                    _ => BurnTone::Within,
                }),
            }
        };
        windows.into_iter().map(line).collect()
    }

    fn times(&self, many: Option<&String>) -> String {
        many.map_or_else(|| NONE.to_owned(), |many| self.presenter.times(many))
    }

    /// Dashboards, the slowest first.
    pub(super) fn dashboards(&self, report: &VitalsAnswer) -> Vec<SpeedLine> {
        let lines = report.dashboards.iter();
        self.lines(lines.map(|line| (self.names().title(&line.dashboard), &line.vitals)))
    }

    /// Units, the slowest first.
    pub(super) fn units(&self, report: &VitalsAnswer) -> Vec<SpeedLine> {
        let lines = report.business_units.iter();
        self.lines(lines.map(|line| {
            let name = self.names().units(line.business_unit.as_deref());
            (name, &line.vitals)
        }))
    }

    /// Hosts, the slowest first.
    pub(super) fn hosts(&self, report: &VitalsAnswer) -> Vec<SpeedLine> {
        let lines = report.hosts.iter();
        self.lines(lines.map(|line| (line.host.clone(), &line.vitals)))
    }

    /// Releases, the slowest first.
    pub(super) fn releases(&self, report: &VitalsAnswer) -> Vec<SpeedLine> {
        let lines = report.releases.iter();
        self.lines(lines.map(|line| {
            let name = match line.release.as_str() {
                "other" => self.pick("Another one", "Une autre"),
                name => name.to_owned(),
            };
            (name, &line.vitals)
        }))
    }

    fn lines<'a>(&self, lines: impl Iterator<Item = (String, &'a PageVitals)>) -> Vec<SpeedLine> {
        let mut lines: Vec<_> = lines.collect();
        lines.sort_by_key(|(_, vitals)| std::cmp::Reverse(vitals.lcp_ms.p75));
        let line = |(name, vitals): (String, &PageVitals)| SpeedLine {
            name,
            pages: self.presenter.count(vitals.loads),
            lcp: self.time(vitals.lcp_ms.p75),
            share: f64::from(vitals.lcp_ms.p75.unwrap_or_default()) / f64::from(self.budget_ms),
            kept: vitals.kept,
            fast_enough: vitals
                .fast_enough
                .as_ref()
                .map_or_else(|| NONE.to_owned(), |part| self.presenter.rate(part)),
            inp: self.time(vitals.inp_ms.p75),
            burn: self.times(vitals.burn.last_3_days.as_ref()),
        };
        lines.into_iter().map(line).collect()
    }
}
