//! The page about costs, line by line.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use weir_frontend::model::admin::{
    AlertLine, BudgetLine, BudgetTone, Choice, CostBar, CostFigure, CostLine,
};
use weir_query::Locale;

use super::names::Names;
use super::words::pick;
use crate::content::Content;
use crate::present::Presenter;
use crate::service::costs::{AlertAnswer, BudgetAnswer, CostAnswer, Figures};

/// From this part of a budget on it is nearly spent.
const NEARLY: u64 = 80;

/// What stands where there is no number.
const NONE: &str = "—";

/// Says lines in one language.
pub(super) struct Lines<'a> {
    pub(super) presenter: &'a Presenter,
    pub(super) content: &'a Content,
    pub(super) locale: Locale,
}

impl Lines<'_> {
    fn names(&self) -> Names<'_> {
        Names {
            content: self.content,
            locale: self.locale,
        }
    }

    fn pick(&self, en: &'static str, fr: &'static str) -> String {
        pick(self.locale, en, fr).to_owned()
    }

    /// By which price dollars are estimated.
    pub(super) fn estimate(&self, price: &str) -> String {
        let price = self.presenter.us_dollars(price);
        match self.locale {
            Locale::EnCa => format!("Dollars are an estimate at {price} a terabyte scanned."),
            Locale::FrCa => {
                format!("Les dollars sont une estimation à {price} le téraoctet lu.")
            }
        }
    }

    /// The figures of the whole.
    pub(super) fn figures(&self, total: &Figures) -> Vec<CostFigure> {
        let rates = [
            (
                self.pick("Answers from the cache", "Réponses en mémoire"),
                self.rate(total.tile_hit_rate.as_ref()),
                self.shared(total),
            ),
            (
                self.pick("Views without the engine", "Consultations sans moteur"),
                self.rate(total.view_hit_rate.as_ref()),
                String::new(),
            ),
            (
                self.pick("Bytes not read again", "Octets non relus"),
                self.rate(total.byte_hit_rate.as_ref()),
                self.refused(total),
            ),
        ];
        let all = self.amounts(total).into_iter().chain(rates);
        all.map(|(label, value, detail)| CostFigure {
            label,
            value,
            detail,
        })
        .collect()
    }

    /// What was paid, for a view, and what was not.
    fn amounts(&self, total: &Figures) -> [(String, String, String); 3] {
        let views = self.views(total.views);
        let per_view = total
            .bytes_per_view
            .map(|bytes| self.presenter.bytes(bytes));
        let per_view = per_view.map_or_else(String::new, |bytes| match self.locale {
            Locale::EnCa => format!("{bytes} a view"),
            Locale::FrCa => format!("{bytes} par consultation"),
        });
        [
            (
                self.pick("Billed", "Facturé"),
                self.presenter.us_dollars(total.dollars.as_str()),
                format!("{} · {views}", self.presenter.bytes(total.billed_bytes)),
            ),
            (
                self.pick("For a thousand views", "Pour mille consultations"),
                self.money(total.dollars_per_1000_views.as_ref()),
                per_view,
            ),
            (
                self.pick("Not paid again", "Non payé de nouveau"),
                self.presenter.us_dollars(total.avoided_dollars.as_str()),
                self.presenter.bytes(total.avoided_bytes),
            ),
        ]
    }

    fn views(&self, many: u64) -> String {
        self.counted(many, ("view", "views"), ("consultation", "consultations"))
    }

    fn shared(&self, total: &Figures) -> String {
        let rate = self.rate(total.coalesced_rate.as_ref());
        match self.locale {
            Locale::EnCa => format!("{rate} shared with somebody who asked at the same time"),
            Locale::FrCa => format!("{rate} partagées avec une demande simultanée"),
        }
    }

    fn refused(&self, total: &Figures) -> String {
        if total.refused == 0 {
            return String::new();
        }
        self.counted(
            total.refused,
            ("answer refused by a budget", "answers refused by a budget"),
            (
                "réponse refusée par un budget",
                "réponses refusées par un budget",
            ),
        )
    }

    fn counted(&self, many: u64, en: (&str, &str), fr: (&str, &str)) -> String {
        let number = self.presenter.count(many);
        let word = match self.locale {
            Locale::EnCa if many == 1 => en.0,
            Locale::EnCa => en.1,
            Locale::FrCa if many < 2 => fr.0,
            Locale::FrCa => fr.1,
        };
        format!("{number} {word}")
    }

    fn money(&self, dollars: Option<&crate::service::costs::Money>) -> String {
        let known = dollars.map(|dollars| self.presenter.us_dollars(dollars.as_str()));
        known.unwrap_or_else(|| NONE.to_owned())
    }

    fn rate(&self, rate: Option<&String>) -> String {
        let known = rate.map(|rate| self.presenter.rate(rate));
        known.unwrap_or_else(|| NONE.to_owned())
    }

    /// Every day of the span as a bar, and what the highest is.
    pub(super) fn days(
        &self,
        report: &CostAnswer,
        today: NaiveDate,
        many: i64,
    ) -> (Vec<CostBar>, String) {
        let known: BTreeMap<_, _> = report.days.iter().map(|day| (day.day, day)).collect();
        let Some(highest) = report.days.iter().max_by_key(|day| day.billed_bytes) else {
            return (Vec::new(), String::new());
        };
        let back = u64::try_from(many).unwrap_or_default();
        let days = (0..back)
            .rev()
            .filter_map(|back| today.checked_sub_days(Days::new(back)));
        let bars = days.map(|day| {
            let billed = known.get(&day).map_or(0, |day| day.billed_bytes);
            let views = known.get(&day).map_or(0, |day| day.views);
            let views = self.views(views);
            CostBar {
                label: self.presenter.day(day),
                value: format!("{} · {views}", self.presenter.bytes(billed)),
                share: share(billed, highest.billed_bytes),
            }
        });
        let (most, day) = (
            self.presenter.bytes(highest.billed_bytes),
            self.presenter.day(highest.day),
        );
        let said = match self.locale {
            Locale::EnCa => format!("At most {most}, on {day} (days in UTC)"),
            Locale::FrCa => format!("Au plus {most}, le {day} (jours UTC)"),
        };
        (bars.collect(), said)
    }

    /// Dashboards, the dearest first.
    pub(super) fn dashboards(&self, report: &CostAnswer) -> Vec<CostLine> {
        let lines = report.dashboards.iter();
        self.lines(lines.map(|line| {
            let name = line.dashboard.as_ref();
            let name = name.map_or_else(
                || self.pick("Weir itself", "Weir lui-même"),
                |slug| self.names().title(slug),
            );
            (name, &line.figures)
        }))
    }

    /// Units, the dearest first.
    pub(super) fn units(&self, report: &CostAnswer) -> Vec<CostLine> {
        let lines = report.business_units.iter();
        self.lines(lines.map(|line| {
            let name = self.names().units(line.business_unit.as_deref());
            (name, &line.figures)
        }))
    }

    fn lines<'a>(&self, lines: impl Iterator<Item = (String, &'a Figures)>) -> Vec<CostLine> {
        let mut lines: Vec<_> = lines.collect();
        lines.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.billed_bytes));
        let most = lines.first().map_or(0, |(_, figures)| figures.billed_bytes);
        let line = |(name, figures): (String, &Figures)| CostLine {
            name,
            views: self.presenter.count(figures.views),
            billed: self.presenter.bytes(figures.billed_bytes),
            dollars: self.presenter.us_dollars(figures.dollars.as_str()),
            per_1000: self.money(figures.dollars_per_1000_views.as_ref()),
            hits: self.rate(figures.tile_hit_rate.as_ref()),
            share: share(figures.billed_bytes, most),
        };
        lines.into_iter().map(line).collect()
    }

    /// A budget.
    pub(super) fn budget(&self, budget: &BudgetAnswer) -> BudgetLine {
        let percent = percent(budget.spent_bytes, budget.limit_bytes);
        let limit = self.presenter.bytes(budget.limit_bytes);
        let dollars = budget.dollars_per_day.as_ref();
        let limit = dollars.map_or_else(
            || limit.clone(),
            |dollars| format!("{} ({limit})", self.presenter.us_dollars(dollars.as_str())),
        );
        BudgetLine {
            what: self.what(&budget.scope),
            limit,
            spent: self.spent(budget),
            percent: self.presenter.whole_percent(percent),
            share: share(budget.spent_bytes, budget.limit_bytes),
            standing: match percent {
                100.. => BudgetTone::Spent,
                NEARLY.. => BudgetTone::Nearly,
                _ => BudgetTone::Calm,
            },
            scope: budget.scope.clone(),
            version: budget.version.to_string(),
        }
    }

    fn spent(&self, budget: &BudgetAnswer) -> String {
        let spent = self.presenter.bytes(budget.spent_bytes);
        let under_way = self.presenter.bytes(budget.reserved_bytes);
        match (self.locale, budget.reserved_bytes) {
            (_, 0) => spent,
            (Locale::EnCa, _) => format!("{spent}, {under_way} under way"),
            (Locale::FrCa, _) => format!("{spent}, {under_way} en cours"),
        }
    }

    /// An alert.
    pub(super) fn alert(&self, alert: &AlertAnswer) -> AlertLine {
        let (spent, limit) = (
            self.presenter.bytes(alert.spent_bytes),
            self.presenter.bytes(alert.limit_bytes),
        );
        AlertLine {
            at: self.presenter.when(alert.at),
            what: self.what(&alert.scope),
            percent: self.presenter.whole_percent(alert.percent),
            spent: match self.locale {
                Locale::EnCa => format!("{spent} of {limit}"),
                Locale::FrCa => format!("{spent} sur {limit}"),
            },
        }
    }

    /// What can have a budget.
    pub(super) fn scopes(&self, chosen: &str) -> Vec<Choice> {
        let dashboards = self.content.dashboards();
        let dashboards = dashboards.map(|one| format!("dashboard:{}", one.slug()));
        let units = self.content.business_units().iter();
        let units = units.map(|(unit, _)| format!("business_unit:{}", unit.as_str()));
        let all = ["all".to_owned()]
            .into_iter()
            .chain(units)
            .chain(dashboards);
        all.chain(["prewarm".to_owned()])
            .map(|value| Choice {
                chosen: value == chosen,
                label: self.what(&value),
                value,
            })
            .collect()
    }

    /// A scope by the names of what it is for.
    fn what(&self, scope: &str) -> String {
        match scope.split_once(':') {
            Some(("dashboard", slug)) => self.names().title(slug),
            Some(("business_unit", unit)) => match self.locale {
                Locale::EnCa => format!("People of {}", self.names().unit(unit)),
                Locale::FrCa => format!("Unité {}", self.names().unit(unit)),
            },
            _ if scope == "prewarm" => self.pick("Warming caches", "Préchauffage"),
            _ => self.pick("Everything", "Tout"),
        }
    }
}

/// How much of it is used; a budget of nothing is spent.
fn percent(spent: u64, limit: u64) -> u64 {
    let percent = (u128::from(spent) * 100).checked_div(u128::from(limit));
    percent.map_or(100, |percent| u64::try_from(percent).unwrap_or(u64::MAX))
}

/// A part of one, as a bar draws it: in thousandths.
fn share(part: u64, whole: u64) -> f64 {
    let thousandths = (u128::from(part) * 1000).checked_div(u128::from(whole));
    let thousandths = u32::try_from(thousandths.unwrap_or(0).min(1000)).unwrap_or(1000);
    f64::from(thousandths) / 1000.0
}
