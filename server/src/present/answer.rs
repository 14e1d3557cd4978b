//! A result set read through its question: which column is what, and what its cells say.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use weir_frontend::chart::scale::{MAX_TICKS, nice_ticks, nice_ticks_from_zero};
use weir_frontend::model::{Axis, CategoryVm};
use weir_query::catalog::{Dataset, Dimension, Formula, Function, Grain, Measure, NumberFormat};
use weir_query::{Cell, CellType, Output, Period, ResultSet, TileQuery, Window};

use super::number::NO_BREAK;
use super::{Presenter, TileData, text};

/// What stands for NULL and for a missing bar.
pub(super) const DASH: &str = "—";

/// Rows and the question they answer.
pub(super) struct Answer<'a> {
    pub(super) question: &'a TileQuery,
    pub(super) rows: &'a ResultSet,
    outputs: Vec<Output>,
}

/// The positions along a chart, and where a key stands among them.
pub(super) struct Categories {
    pub(super) list: Vec<CategoryVm>,
    pub(super) timed: bool,
    places: BTreeMap<Option<String>, usize>,
}

impl<'a> Answer<'a> {
    pub(super) fn new(question: &'a TileQuery, rows: &'a ResultSet) -> Self {
        Self {
            question,
            rows,
            outputs: question.outputs(),
        }
    }

    /// The column of a measure over the period, or over what it is compared with.
    pub(super) fn column(&self, measure: &Measure, earlier: bool) -> Option<usize> {
        self.outputs.iter().position(|output| match output {
            Output::Measure(name, window) => {
                *name == measure.name && matches!(window, Window::Earlier(_)) == earlier
            }
            Output::Dimension(_) | Output::RowCount => false,
        })
    }

    /// The days of the first and of the compared period, where the question has two.
    pub(super) fn windows(&self) -> (Option<Period>, Option<Period>) {
        let find = |wanted: fn(&Window) -> Option<Period>| {
            self.outputs.iter().find_map(|output| match output {
                Output::Measure(_, window) => wanted(window),
                Output::Dimension(_) | Output::RowCount => None,
            })
        };
        let current = find(|window| match window {
            Window::Current(period) => Some(*period),
            Window::Whole | Window::Earlier(_) => None,
        });
        let earlier = find(|window| match window {
            Window::Earlier(period) => Some(*period),
            Window::Whole | Window::Current(_) => None,
        });
        (current, earlier)
    }

    /// Whether there is nothing to draw: no row, or no value of any measure of the period.
    pub(super) fn is_empty(&self) -> bool {
        let columns: Vec<usize> = self
            .question
            .measures()
            .iter()
            .filter_map(|measure| self.column(measure, false))
            .collect();
        let without_value =
            |row: &Vec<Cell>| columns.iter().all(|at| *cell(row, *at) == Cell::Null);
        let rows = self.rows.rows();
        rows.is_empty() || (!columns.is_empty() && rows.iter().all(without_value))
    }

    /// Whether a dimension's column holds days. A mask may have made it something else.
    fn is_dated(&self, dimension: usize) -> bool {
        self.rows
            .columns()
            .get(dimension)
            .is_some_and(|column| column.cell_type == CellType::Date)
    }

    /// The grain of a time dimension; days where the column is taken as it is.
    pub(super) fn grain(&self, dimension: usize) -> Option<Grain> {
        let grain = self
            .question
            .dimensions()
            .get(dimension)?
            .grain
            .unwrap_or(Grain::Day);
        self.is_dated(dimension).then_some(grain)
    }
}

impl Categories {
    pub(super) fn place(&self, cell: &Cell) -> Option<usize> {
        self.places.get(&key(cell).map(Cow::into_owned)).copied()
    }

    /// "Nov 2025 to Oct 2026" of a time axis.
    pub(super) fn range(&self, presenter: &Presenter) -> Option<String> {
        let (first, last) = (self.list.first()?, self.list.last()?);
        self.timed
            .then(|| text::from_to(&first.label, &last.label, presenter.locale))
    }
}

impl Presenter {
    /// The positions of the first dimension: a whole time axis, or names in the order they came.
    pub(super) fn categories(&self, answer: &Answer<'_>, period: Option<Period>) -> Categories {
        match answer.grain(0) {
            Some(grain) => self.time_axis(answer, grain, period),
            None => self.names(answer),
        }
    }

    fn time_axis(&self, answer: &Answer<'_>, grain: Grain, period: Option<Period>) -> Categories {
        let present = answer
            .rows
            .rows()
            .iter()
            .filter_map(|row| date(cell(row, 0)))
            .collect();
        let dimension = answer.question.dimensions().first();
        let cut = dimension.is_some_and(|dimension| dimension.grain.is_some());
        let is_time = dimension.map(|d| &d.column) == answer.question.dataset().time();
        // A column taken as it is may hold month ends or Mondays: nobody knows what is missing.
        let days = if cut {
            super::date::timeline(&present, grain, period.filter(|_| is_time))
        } else {
            present.into_iter().collect()
        };
        let places = days
            .iter()
            .enumerate()
            .map(|(at, day)| (Some(day.to_string()), at))
            .collect();
        Categories {
            list: self.dates.axis(&days, grain),
            timed: true,
            places,
        }
    }

    fn names(&self, answer: &Answer<'_>) -> Categories {
        let mut categories = Categories {
            list: Vec::new(),
            timed: false,
            places: BTreeMap::new(),
        };
        let Some(dimension) = answer.question.dimensions().first() else {
            return categories;
        };
        for row in answer.rows.rows() {
            let key = key(cell(row, 0)).map(Cow::into_owned);
            if let std::collections::btree_map::Entry::Vacant(place) = categories.places.entry(key)
            {
                place.insert(categories.list.len());
                let label = self.label(answer.question.dataset(), dimension, cell(row, 0));
                categories.list.push(CategoryVm {
                    label,
                    short: String::new(),
                    group: None,
                });
            }
        }
        categories
    }

    /// What a dimension's value is called. Codes the catalog does not know stay as they are.
    pub(super) fn label(&self, dataset: &Dataset, dimension: &Dimension, cell: &Cell) -> String {
        let column = dataset.column(&dimension.column);
        let known = |code: &str| column.and_then(|column| column.values.get(code));
        match cell {
            Cell::Text(code) => match known(code) {
                Some(label) => label.get(self.locale).to_owned(),
                None if code.is_empty() => text::blank(self.locale).to_owned(),
                None => code.clone(),
            },
            Cell::Date(day) => self.dates.cut(*day, dimension.grain.unwrap_or(Grain::Day)),
            other => known(&other_key(other)).map_or_else(
                || self.plain(other),
                |label| label.get(self.locale).to_owned(),
            ),
        }
    }

    pub(super) fn plain(&self, cell: &Cell) -> String {
        match cell {
            Cell::Null => text::not_stated(self.locale).to_owned(),
            Cell::Boolean(true) => text::yes(self.locale).to_owned(),
            Cell::Boolean(false) => text::no(self.locale).to_owned(),
            Cell::Date(day) => self.dates.day(*day),
            Cell::Timestamp(moment) => self.dates.moment(moment.and_utc()),
            Cell::Decimal(number) => self.numbers.decimals(*number, number.scale()),
            // Years, policy numbers: a code made of digits is not grouped.
            Cell::Integer(_) | Cell::Double(_) | Cell::Text(_) => other_key(cell).into_owned(),
        }
    }

    /// A measure's value for a table: exact, without the unit that stands in the heading.
    pub(super) fn in_table(&self, measure: &Measure, cell: &Cell) -> String {
        match (amount(cell), cell) {
            (Some(amount), _) => self.numbers.exact(amount, &measure.format),
            (None, Cell::Null | Cell::Double(_)) => DASH.to_owned(),
            (None, other) => self.plain(other),
        }
    }

    /// The exact value with its unit, for a tooltip; a gap says so.
    pub(super) fn exact(&self, measure: &Measure, value: Option<Decimal>) -> String {
        match value {
            Some(value) => self.with_unit(measure, self.numbers.exact(value, &measure.format)),
            None => text::no_data(self.locale).to_owned(),
        }
    }

    pub(super) fn short(&self, measure: &Measure, value: Decimal) -> String {
        self.numbers.short(value, &measure.format)
    }

    pub(super) fn with_unit(&self, measure: &Measure, number: String) -> String {
        match &measure.unit {
            Some(unit) => format!("{number}{NO_BREAK}{}", unit.get(self.locale)),
            None => number,
        }
    }

    /// A column's heading, with the unit that its cells leave out.
    pub(super) fn heading(&self, measure: &Measure) -> String {
        let label = measure.label.get(self.locale);
        match &measure.unit {
            Some(unit) => format!("{label} ({})", unit.get(self.locale)),
            None => label.to_owned(),
        }
    }

    /// An axis around `values`. Lines that stay far from zero don't have to start there.
    pub(super) fn axis(
        &self,
        values: impl Iterator<Item = f64> + Clone,
        format: &NumberFormat,
        zero: bool,
    ) -> Axis {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        let near_zero = low >= 0.0 && low < high / 2.0;
        let ticks = if zero || near_zero {
            nice_ticks_from_zero(low, high, MAX_TICKS)
        } else {
            nice_ticks(low, high, MAX_TICKS)
        };
        Axis {
            min: ticks.first().copied().unwrap_or_default(),
            max: ticks.last().copied().unwrap_or_default(),
            ticks: self.numbers.ticks(&ticks, format),
        }
    }

    /// What a table or chart says when rows were left out.
    pub(super) fn left_out(&self, data: &TileData<'_>) -> Option<String> {
        let rows = data.rows.rows().len();
        let limited = data
            .tile
            .limit
            .is_some_and(|limit| usize::try_from(limit).is_ok_and(|limit| rows >= limit));
        let cut = data.rows.is_truncated();
        (cut || limited).then(|| text::first_rows(&self.numbers.count(rows), cut, self.locale))
    }
}

/// Whether values of a measure may be added up: only then is there an `Other` and a total.
pub(super) fn is_additive(measure: &Measure) -> bool {
    match &measure.formula {
        Formula::Aggregate(aggregate) => {
            matches!(aggregate.function, Function::Sum(..) | Function::Count)
        }
        Formula::Ratio { .. } => false,
    }
}

/// The exact sum; `None` without any value, or beyond what a decimal holds.
pub(super) fn sum(values: impl IntoIterator<Item = Option<Decimal>>) -> Option<Decimal> {
    let mut values = values.into_iter().flatten();
    let first = values.next()?;
    values.try_fold(first, Decimal::checked_add)
}

/// A missing cell counts as NULL: the engine promises whole rows, a chart must not depend on it.
pub(super) fn cell(row: &[Cell], at: usize) -> &Cell {
    row.get(at).unwrap_or(&Cell::Null)
}

/// A cell as a number. Infinite and endless doubles are no number anybody can read.
pub(super) fn amount(cell: &Cell) -> Option<Decimal> {
    match cell {
        Cell::Integer(whole) => Some(Decimal::from(*whole)),
        Cell::Decimal(exact) => Some(*exact),
        Cell::Double(float) => Decimal::try_from(*float).ok(),
        Cell::Null | Cell::Boolean(_) | Cell::Text(_) | Cell::Date(_) | Cell::Timestamp(_) => None,
    }
}

pub(super) fn date(cell: &Cell) -> Option<NaiveDate> {
    match cell {
        Cell::Date(day) => Some(*day),
        _ => None,
    }
}

/// A cell in the spelling that filters parse; `None` for NULL.
pub(super) fn key(cell: &Cell) -> Option<Cow<'_, str>> {
    (*cell != Cell::Null).then(|| other_key(cell))
}

fn other_key(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Null => Cow::Borrowed(""),
        Cell::Boolean(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        Cell::Integer(whole) => Cow::Owned(whole.to_string()),
        Cell::Double(float) => Cow::Owned(float.to_string()),
        Cell::Decimal(exact) => Cow::Owned(exact.to_string()),
        Cell::Text(text) => Cow::Borrowed(text),
        Cell::Date(day) => Cow::Owned(day.to_string()),
        Cell::Timestamp(moment) => Cow::Owned(moment.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
    }
}
