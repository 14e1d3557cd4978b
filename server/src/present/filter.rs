//! The filter bar: what may be chosen and what is.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};
use weir_frontend::model::{ChoiceOption, FilterKind, FilterVm, PeriodOption};
use weir_policy::Value;
use weir_query::dashboard::Filter;
use weir_query::{Bound, Cell, Dashboard, FilterId, Period, ResultSet};

use super::answer::{cell, key};
use super::{Presenter, text};

/// The lengths offered beside the dashboard's own period.
const MONTHS: [u32; 3] = [3, 6, 12];

impl Presenter {
    /// The filters of a page on the day `today`. `values` names those that are offered, with the
    /// answers of their values questions as far as they are ready; the others are loaded from their
    /// address on first use.
    pub(crate) fn filters(
        &self,
        dashboard: &Dashboard,
        bound: &Bound,
        values: &BTreeMap<FilterId, Option<&ResultSet>>,
        today: NaiveDate,
    ) -> Vec<FilterVm> {
        let period = dashboard.default_period().zip(bound.period());
        let period = period.map(|(default, chosen)| self.period_filter(default.on(today), chosen));
        let choice = |filter: &Filter| {
            let ready = values.get(&filter.id).copied().flatten();
            let chosen = bound
                .chosen(&filter.id)
                .map(|value| self.chosen(filter, value));
            FilterVm {
                name: filter.id.to_string(),
                label: filter.label.get(self.locale).to_owned(),
                kind: FilterKind::Choice {
                    options: ready.map(|rows| self.choices(filter, rows)),
                    chosen: chosen.collect(),
                    values_url: format!(
                        "/api/v1/dashboards/{}/filters/{}/values",
                        dashboard.slug(),
                        filter.id
                    ),
                },
            }
        };
        let offered = dashboard.filters().iter();
        let offered = offered.filter(|filter| values.contains_key(&filter.id));
        period.into_iter().chain(offered.map(choice)).collect()
    }

    /// The values a filter offers, sorted for reading. NULL can't be chosen.
    pub(crate) fn choices(&self, filter: &Filter, rows: &ResultSet) -> Vec<ChoiceOption> {
        let option = |row: &Vec<Cell>| self.choice(filter, cell(row, 0));
        let mut options: Vec<ChoiceOption> = rows.rows().iter().filter_map(option).collect();
        options.sort_by_cached_key(|option| (folded(&option.label), option.value.clone()));
        options
    }

    /// The page's period and the reader's choice, as an address says them.
    pub(crate) fn asked(&self, dashboard: &Dashboard, bound: &Bound) -> Vec<(String, String)> {
        let period = bound.period();
        let period = period.map(|period| format!("{}..{}", period.from(), period.to()));
        let chosen = dashboard.filters().iter().flat_map(|filter| {
            let values = bound.chosen(&filter.id);
            values.map(|value| (filter.id.to_string(), self.chosen(filter, value).value))
        });
        let period = period.map(|period| ("period".to_owned(), period));
        period.into_iter().chain(chosen).collect()
    }

    /// What the reader chose, for a tile that has nothing to show: "Region: Gaspésie".
    pub(crate) fn narrowing(&self, dashboard: &Dashboard, bound: &Bound) -> Option<String> {
        let narrowed = |filter: &Filter| {
            let labels: Vec<String> = bound
                .chosen(&filter.id)
                .map(|value| self.chosen(filter, value).label)
                .collect();
            let label = filter.label.get(self.locale);
            (!labels.is_empty()).then(|| text::labelled(label, &labels.join(", "), self.locale))
        };
        let parts: Vec<String> = dashboard.filters().iter().filter_map(narrowed).collect();
        (!parts.is_empty()).then(|| parts.join(text::semicolon(self.locale)))
    }

    fn chosen(&self, filter: &Filter, value: &Value) -> ChoiceOption {
        let cell = match value {
            Value::Boolean(truth) => Cell::Boolean(*truth),
            Value::Integer(whole) => Cell::Integer(*whole),
            Value::Decimal(exact) => Cell::Decimal(*exact),
            Value::Text(text) => Cell::Text(text.clone()),
            Value::Date(day) => Cell::Date(*day),
            Value::Timestamp(moment) => Cell::Timestamp(*moment),
        };
        let nothing = || ChoiceOption {
            value: String::new(),
            label: String::new(),
        };
        self.choice(filter, &cell).unwrap_or_else(nothing)
    }

    fn choice(&self, filter: &Filter, cell: &Cell) -> Option<ChoiceOption> {
        let value = key(cell)?.into_owned();
        let column = filter.dataset.column(&filter.column);
        let known = column.and_then(|column| column.values.get(&value));
        let label = known.map_or_else(
            || self.plain(cell),
            |label| label.get(self.locale).to_owned(),
        );
        Some(ChoiceOption { value, label })
    }

    fn period_filter(&self, default: Period, chosen: Period) -> FilterVm {
        let mut offered: Vec<(Period, String)> = Vec::new();
        for months in MONTHS {
            if let Some(period) = last_months(default.to(), months) {
                offered.push((period, text::last_months(months, self.locale)));
            }
        }
        if let Some(period) = year_to_date(default.to()) {
            offered.push((period, text::year_to_date(default.to().year(), self.locale)));
        }
        for period in [chosen, default] {
            if !offered.iter().any(|(known, _)| *known == period) {
                offered.insert(0, (period, self.dates.range(period)));
            }
        }
        let at = offered
            .iter()
            .position(|(period, _)| *period == chosen)
            .unwrap_or(0);
        let option = |(period, label): (Period, String)| PeriodOption {
            label,
            from: period.from().to_string(),
            to: period.to().to_string(),
        };
        FilterVm {
            name: "period".to_owned(),
            label: text::period(self.locale).to_owned(),
            kind: FilterKind::Period {
                options: offered.into_iter().map(option).collect(),
                chosen: at,
            },
        }
    }
}

/// The months up to and including the day `to`.
fn last_months(to: NaiveDate, months: u32) -> Option<Period> {
    Period::new(to.succ_opt()?.checked_sub_months(Months::new(months))?, to)
}

fn year_to_date(to: NaiveDate) -> Option<Period> {
    Period::new(to.with_ordinal(1)?, to)
}

/// Sorts Écosse beside Estrie: case and accents aside.
fn folded(label: &str) -> String {
    let plain = |letter: char| match letter {
        'à' | 'â' | 'ä' | 'á' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' => 'i',
        'ô' | 'ö' | 'ó' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        other => other,
    };
    label.to_lowercase().chars().map(plain).collect()
}
