//! Dashboards: tiles with their questions, the filters above them, and the page's period.

mod document;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use weir_policy::{ColumnName, ValueType};

use crate::catalog::{Catalog, Dataset, Dimension, Measure};
use crate::document::{DocumentError, first};
use crate::locale::Localized;
use crate::name::{DashboardSlug, FilterId, TileId};
use crate::request::{Bound, Period};
use crate::tile_query::{Order, TileQuery};

/// One page of tiles, checked against the catalog.
#[derive(Debug, Clone)]
pub struct Dashboard {
    slug: DashboardSlug,
    title: Localized,
    subtitle: Localized,
    period: Option<DefaultPeriod>,
    filters: Vec<Filter>,
    tiles: Vec<Tile>,
}

impl Dashboard {
    /// Reads a `*.dashboard.yaml` and checks every name in it against `catalog`.
    ///
    /// # Errors
    /// [`DocumentError`] names file, path and the nearest valid name.
    pub fn from_yaml(file: &str, text: &str, catalog: &Catalog) -> Result<Self, DocumentError> {
        Self::check(file, text, catalog).map_err(|all| first(file, all))
    }

    /// Reads a `*.dashboard.yaml` as [`Dashboard::from_yaml`] does, and goes on behind a mistake.
    ///
    /// # Errors
    /// The first mistake of each tile, filter and other part. Of a file that has not the shape of
    /// a dashboard, the first.
    pub fn check(file: &str, text: &str, catalog: &Catalog) -> Result<Self, Vec<DocumentError>> {
        document::read(file, text, catalog)
    }

    /// Its name in URLs and tokens.
    #[must_use]
    pub fn slug(&self) -> &DashboardSlug {
        &self.slug
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &Localized {
        &self.title
    }

    /// One line below the title.
    #[must_use]
    pub fn subtitle(&self) -> &Localized {
        &self.subtitle
    }

    /// The period a viewer starts with; `None` when the page has no time window.
    #[must_use]
    pub fn default_period(&self) -> Option<DefaultPeriod> {
        self.period
    }

    /// The filters, in display order.
    #[must_use]
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// The tiles, in reading order.
    #[must_use]
    pub fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// Every dataset that tiles or filters read, each once, by name.
    #[must_use]
    pub fn datasets(&self) -> Vec<&Dataset> {
        let of_tiles = self.tiles.iter().map(|tile| &tile.dataset);
        let of_filters = self.filters.iter().map(|filter| &filter.dataset);
        let all = of_tiles.chain(of_filters);
        let by_name: BTreeMap<_, _> = all.map(|it| (it.name(), it.as_ref())).collect();
        by_name.into_values().collect()
    }

    /// The tile called `id`.
    #[must_use]
    pub fn tile(&self, id: &TileId) -> Option<&Tile> {
        self.tiles.iter().find(|tile| &tile.id == id)
    }

    /// The filter called `id`.
    #[must_use]
    pub fn filter(&self, id: &FilterId) -> Option<&Filter> {
        self.filters.iter().find(|filter| &filter.id == id)
    }
}

/// The period a dashboard opens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultPeriod {
    /// Fixed days, both included.
    Fixed(Period),
    /// This many whole months before the current one.
    LastMonths(u8),
}

impl DefaultPeriod {
    /// The days it means on `today`.
    #[must_use]
    pub fn on(self, today: NaiveDate) -> Period {
        match self {
            Self::Fixed(period) => period,
            Self::LastMonths(months) => Period::last_months(today, Months::new(u32::from(months))),
        }
    }
}

/// A choice above the tiles. It narrows every tile of the page through the same column.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Its id, also the URL parameter.
    pub id: FilterId,
    /// Its name for people.
    pub label: Localized,
    /// The column it narrows, in every dataset of the page.
    pub column: ColumnName,
    /// That column's type.
    pub value_type: ValueType,
    /// The dataset whose values are offered.
    pub dataset: Arc<Dataset>,
    /// The column as a dimension, to list its values by.
    pub(crate) values: Dimension,
}

impl Filter {
    /// How many values a filter offers.
    const MAX_VALUES: u32 = 200;

    /// Which values there are, most frequent first, under the page's period and locked values.
    #[must_use]
    pub fn values_question(&self, bound: &Bound) -> TileQuery {
        TileQuery::values_of(
            &self.dataset,
            &self.values,
            &bound.locked_only(),
            Self::MAX_VALUES,
        )
    }
}

/// One question and how its answer is drawn.
#[derive(Debug, Clone)]
pub struct Tile {
    /// Its id within the page.
    pub id: TileId,
    /// Its title.
    pub title: Localized,
    /// One line below the title; usually the unit.
    pub subtitle: Option<Localized>,
    /// The dataset it asks.
    pub dataset: Arc<Dataset>,
    /// How it is drawn.
    pub chart: ChartKind,
    /// Columns of twelve it spans.
    pub width: u8,
    /// What it measures.
    pub measures: Vec<Measure>,
    /// By what.
    pub dimensions: Vec<Dimension>,
    /// Which rows come first.
    pub order: Vec<Order>,
    /// How many rows it wants; as many as a tile may carry when absent.
    pub limit: Option<u32>,
    /// What a KPI is compared with.
    pub compare: Option<Comparison>,
    /// The time dimension of a KPI's sparkline.
    pub trend: Option<Dimension>,
}

impl Tile {
    /// The tile's question for one page view.
    #[must_use]
    pub fn question(&self, bound: &Bound) -> TileQuery {
        TileQuery::of_tile(self, bound)
    }

    /// The sparkline's question: the same measures over the same period, by the trend dimension.
    #[must_use]
    pub fn trend_question(&self, bound: &Bound) -> Option<TileQuery> {
        let trend = self.trend.as_ref()?;
        Some(TileQuery::of_trend(self, trend, bound))
    }
}

/// How a tile is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// One number with its comparison and sparkline.
    Kpi,
    /// Lines over time: one per measure, or one per value of the second dimension.
    Line,
    /// Bars over one dimension.
    Bar,
    /// Bars over the first dimension, stacked by the second.
    StackedBar,
    /// Rows and columns.
    Table,
    /// Shares of a whole.
    Donut,
}

/// What a KPI is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The same days one year earlier.
    PreviousYear,
    /// As many days, ending the day before the period starts.
    PreviousPeriod,
}

#[cfg(test)]
pub(crate) mod tests;
