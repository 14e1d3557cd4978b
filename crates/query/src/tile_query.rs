//! A tile's question: measures by dimensions, before anybody was granted anything.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use weir_policy::{ColumnName, Locale, Predicate};

use crate::catalog::{Dataset, Dimension, Measure};
use crate::dashboard::{ChartKind, Tile};
use crate::name::{DimensionName, MeasureName};
use crate::request::{Bound, Period};

/// A question without an answer to "may they?". It can't be compiled.
#[derive(Debug, Clone)]
pub struct TileQuery {
    pub(crate) dataset: Arc<Dataset>,
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) measures: Vec<Measure>,
    pub(crate) windows: Vec<Window>,
    pub(crate) filters: Vec<Predicate>,
    pub(crate) order: Vec<Order>,
    pub(crate) limit: Option<u32>,
    pub(crate) counts_rows: bool,
}

/// The days a measure is taken over; a KPI with a comparison has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Every row the question covers.
    Whole,
    /// The page's period.
    Current(Period),
    /// What it is compared with.
    Earlier(Period),
}

/// What an output column of the answer holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// A dimension's value.
    Dimension(DimensionName),
    /// A measure over a window.
    Measure(MeasureName, Window),
    /// How many rows there were; filter values are listed by it.
    RowCount,
}

impl Output {
    /// The column's name in JSON answers.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Dimension(name) => name.to_string(),
            Self::Measure(name, Window::Earlier(_)) => format!("{name}_before"),
            Self::Measure(name, _) => name.to_string(),
            Self::RowCount => "row_count".to_owned(),
        }
    }
}

/// One sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What to sort by.
    pub by: OrderBy,
    /// Which way. NULLs always come last.
    pub direction: Direction,
}

/// What to sort by: something the tile shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderBy {
    /// A dimension's value.
    Dimension(DimensionName),
    /// A measure over its first window.
    Measure(MeasureName),
    /// The number of rows.
    RowCount,
}

/// Which way to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl TileQuery {
    /// The question of a dashboard's tile.
    pub(crate) fn of_tile(tile: &Tile, bound: &Bound) -> Self {
        let windows = windows(tile, bound);
        let filters = filters(&tile.dataset, bound, covered(&windows, bound));
        Self {
            dataset: Arc::clone(&tile.dataset),
            dimensions: tile.dimensions.clone(),
            measures: tile.measures.clone(),
            windows,
            filters,
            order: tile.order.clone(),
            limit: tile.limit,
            counts_rows: false,
        }
    }

    /// A KPI's measures by its trend dimension.
    pub(crate) fn of_trend(tile: &Tile, trend: &Dimension, bound: &Bound) -> Self {
        let filters = filters(&tile.dataset, bound, bound.period());
        Self {
            dataset: Arc::clone(&tile.dataset),
            dimensions: vec![trend.clone()],
            measures: tile.measures.clone(),
            windows: vec![Window::Whole],
            filters,
            order: Vec::new(),
            limit: None,
            counts_rows: false,
        }
    }

    /// The values of a dimension, most frequent first.
    pub(crate) fn values_of(
        dataset: &Arc<Dataset>,
        values: &Dimension,
        bound: &Bound,
        limit: u32,
    ) -> Self {
        let filters = filters(dataset, bound, bound.period());
        Self {
            dataset: Arc::clone(dataset),
            dimensions: vec![values.clone()],
            measures: Vec::new(),
            windows: vec![Window::Whole],
            filters,
            order: vec![Order {
                by: OrderBy::RowCount,
                direction: Direction::Descending,
            }],
            limit: Some(limit),
            counts_rows: true,
        }
    }

    /// How many rows there are for each combination of values of `columns`, at most `limit`
    /// combinations, in the order of their values: what an impact analysis asks. Without columns
    /// it is one number. Columns that the dataset does not have are left out.
    #[must_use]
    pub fn rows_by(dataset: &Arc<Dataset>, columns: &[ColumnName], limit: u32) -> Self {
        let dimension = |name: &ColumnName| {
            Some(Dimension {
                name: DimensionName::parse(name.as_str()).ok()?,
                label: dataset.column(name)?.label.clone(),
                column: name.clone(),
                grain: None,
            })
        };
        let own = Some(dataset.only().clone()).filter(|own| *own != Predicate::Always);
        Self {
            dataset: Arc::clone(dataset),
            dimensions: columns.iter().filter_map(dimension).collect(),
            measures: Vec::new(),
            windows: vec![Window::Whole],
            filters: own.into_iter().collect(),
            order: Vec::new(),
            limit: Some(limit),
            counts_rows: true,
        }
    }

    /// How many rows this question is answered from: the same rows, and one number instead of
    /// measures by dimensions.
    #[must_use]
    pub fn rows_behind(&self) -> Self {
        Self {
            dataset: Arc::clone(&self.dataset),
            dimensions: Vec::new(),
            measures: Vec::new(),
            windows: vec![Window::Whole],
            filters: self.filters.clone(),
            order: Vec::new(),
            limit: None,
            counts_rows: true,
        }
    }

    /// Whether both questions are answered from the same rows, given the same grant.
    #[must_use]
    pub fn reads_rows_of(&self, other: &Self) -> bool {
        self.dataset.name() == other.dataset.name()
            && self.dataset.version() == other.dataset.version()
            && self.filters == other.filters
    }

    /// The dataset it asks.
    #[must_use]
    pub fn dataset(&self) -> &Arc<Dataset> {
        &self.dataset
    }

    /// The dimensions, which are the first columns of the answer.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The measures; each has one column per window.
    #[must_use]
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// What the columns of the answer are called, in order.
    #[must_use]
    pub fn labels(&self, locale: Locale) -> Vec<String> {
        let dimensions = self.dimensions.iter().map(|dimension| &dimension.label);
        let measures = self
            .measures
            .iter()
            .flat_map(|m| std::iter::repeat_n(&m.label, self.windows.len()));
        let count = self.counts_rows.then(|| self.dataset.label());
        let labels = dimensions.chain(measures).chain(count);
        labels.map(|label| label.get(locale).to_owned()).collect()
    }

    /// What the columns of the answer hold, in order.
    #[must_use]
    pub fn outputs(&self) -> Vec<Output> {
        let dimensions = self
            .dimensions
            .iter()
            .map(|d| Output::Dimension(d.name.clone()));
        let measures = self.measures.iter().flat_map(|measure| {
            let name = &measure.name;
            self.windows
                .iter()
                .map(move |window| Output::Measure(name.clone(), *window))
        });
        let count = self.counts_rows.then_some(Output::RowCount);
        dimensions.chain(measures).chain(count).collect()
    }
}

/// What narrows a question beside its grant: the dataset's own rows, the reader's choice, the days.
fn filters(dataset: &Dataset, bound: &Bound, days: Option<Period>) -> Vec<Predicate> {
    let own = Some(dataset.only().clone()).filter(|own| *own != Predicate::Always);
    let days = days.and_then(|days| Bound::within(days, dataset));
    own.into_iter().chain(bound.filters()).chain(days).collect()
}

fn windows(tile: &Tile, bound: &Bound) -> Vec<Window> {
    let comparison = (tile.chart == ChartKind::Kpi)
        .then_some(tile.compare)
        .flatten();
    let earlier = |current: Period| current.before(comparison?);
    match bound
        .period()
        .and_then(|current| Some((current, earlier(current)?)))
    {
        Some((current, earlier)) => vec![Window::Current(current), Window::Earlier(earlier)],
        None => vec![Window::Whole],
    }
}

/// The days the question reads: the page's period, widened to the comparison.
fn covered(windows: &[Window], bound: &Bound) -> Option<Period> {
    match windows {
        [Window::Current(current), Window::Earlier(earlier)] => {
            let (first, last) = (
                earlier.from().min(current.from()),
                current.to().max(earlier.to()),
            );
            Period::new(first, last)
        }
        _ => bound.period(),
    }
}
