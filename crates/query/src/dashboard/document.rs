//! `*.dashboard.yaml` into a [`Dashboard`]: shape by serde, names checked against the catalog.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Deserialize;
use weir_policy::{ColumnName, DatasetName, ValueType};

use super::{ChartKind, Comparison, Dashboard, DefaultPeriod, Filter, Tile};
use crate::catalog::{Catalog, Dataset, Dimension, Measure};
use crate::document::{DocumentError, Mistakes, nearest};
use crate::locale::Localized;
use crate::name::{DashboardSlug, DimensionName, FilterId, MeasureName, TileId};
use crate::request::Period;
use crate::tile_query::{Direction, Order, OrderBy};

/// Words that a dashboard's addresses and forms use themselves.
const TAKEN: [&str; 9] = [
    "from", "to", "period", "locale", "theme", "format", "token", "proof", "code",
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DashboardDoc {
    dashboard: DashboardSlug,
    title: Localized,
    subtitle: Localized,
    period: Option<PeriodDoc>,
    #[serde(default)]
    filters: Vec<FilterDoc>,
    tiles: Vec<TileDoc>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodDoc {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    last_months: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterDoc {
    id: FilterId,
    label: Localized,
    dataset: DatasetName,
    column: ColumnName,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TileDoc {
    id: TileId,
    title: Localized,
    subtitle: Option<Localized>,
    dataset: DatasetName,
    chart: ChartKind,
    width: u8,
    measures: Vec<MeasureName>,
    #[serde(default)]
    by: Vec<DimensionName>,
    order: Option<OrderDoc>,
    limit: Option<u32>,
    compare: Option<Comparison>,
    trend: Option<DimensionName>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderDoc {
    by: String,
    direction: Direction,
}

pub(super) fn read(
    file: &str,
    text: &str,
    catalog: &Catalog,
) -> Result<Dashboard, Vec<DocumentError>> {
    let doc: DashboardDoc = crate::document::read(file, text).map_err(|error| vec![error])?;
    let reader = Reader { file, catalog };
    let mut mistakes = Mistakes::default();
    let tiles: Vec<Tile> = mistakes.each(reader.tiles(doc.tiles));
    let filters = mistakes.each(reader.filters(doc.filters, &tiles));
    let period = doc.period.map(|period| reader.period(&period));
    let period = period.and_then(|period| mistakes.keep(period));
    if period.is_some() {
        mistakes.keep(reader.every_tile_has_time(&tiles));
    }
    mistakes.or(Dashboard {
        slug: doc.dashboard,
        title: doc.title,
        subtitle: doc.subtitle,
        period,
        filters,
        tiles,
    })
}

struct Reader<'a> {
    file: &'a str,
    catalog: &'a Catalog,
}

impl Reader<'_> {
    fn at(&self, path: impl std::fmt::Display, problem: impl std::fmt::Display) -> DocumentError {
        DocumentError::at(self.file, path, problem)
    }

    fn period(&self, doc: &PeriodDoc) -> Result<DefaultPeriod, DocumentError> {
        match (doc.from, doc.to, doc.last_months) {
            (Some(from), Some(to), None) => Period::new(from, to)
                .map(DefaultPeriod::Fixed)
                .ok_or_else(|| self.at("period", "`from` is later than `to`")),
            (None, None, Some(months @ 1..=120)) => Ok(DefaultPeriod::LastMonths(months)),
            (None, None, Some(_)) => Err(self.at("period.last_months", "expected 1 to 120")),
            _ => Err(self.at("period", "expected `from` and `to`, or `last_months`")),
        }
    }

    fn dataset(&self, path: &str, name: &DatasetName) -> Result<&Arc<Dataset>, DocumentError> {
        self.catalog.dataset(name).ok_or_else(|| {
            let known = self
                .catalog
                .datasets()
                .map(|dataset| dataset.name().as_str());
            self.at(
                path,
                format!("no dataset `{name}`{}", nearest(name.as_str(), known)),
            )
        })
    }

    fn filters(
        &self,
        docs: Vec<FilterDoc>,
        tiles: &[Tile],
    ) -> impl Iterator<Item = Result<Filter, DocumentError>> {
        let mut ids = BTreeSet::new();
        let filter = move |(index, doc): (usize, FilterDoc)| {
            let path = format!("filters[{index}]");
            if !ids.insert(doc.id.clone()) || TAKEN.contains(&doc.id.as_str()) {
                return Err(self.at(format!("{path}.id"), format!("`{}` is taken", doc.id)));
            }
            let dataset = self.dataset(&format!("{path}.dataset"), &doc.dataset)?;
            let value_type = self.filter_type(&path, &doc, dataset)?;
            self.every_tile_has(&path, &doc.column, value_type, tiles)?;
            let name = DimensionName::parse(doc.column.as_str());
            let values = Dimension {
                name: name.map_err(|error| self.at(format!("{path}.column"), error))?,
                label: doc.label.clone(),
                column: doc.column.clone(),
                grain: None,
            };
            let (id, label, column) = (doc.id, doc.label, doc.column);
            Ok(Filter {
                id,
                label,
                column,
                value_type,
                dataset: Arc::clone(dataset),
                values,
            })
        };
        docs.into_iter().enumerate().map(filter)
    }

    fn filter_type(
        &self,
        path: &str,
        doc: &FilterDoc,
        dataset: &Dataset,
    ) -> Result<ValueType, DocumentError> {
        let path = format!("{path}.column");
        match dataset.column(&doc.column).map(|column| column.value_type) {
            Some(ValueType::Double) => Err(self.at(path, "a double can't be filtered by value")),
            Some(value_type) => Ok(value_type),
            None => {
                let known = dataset.columns().map(|(name, _)| name.as_str());
                let near = nearest(doc.column.as_str(), known);
                Err(self.at(path, format!("no column `{}`{near}", doc.column)))
            }
        }
    }

    /// A filter that skipped a tile would show numbers that are wider than the reader believes.
    fn every_tile_has(
        &self,
        path: &str,
        column: &ColumnName,
        value_type: ValueType,
        tiles: &[Tile],
    ) -> Result<(), DocumentError> {
        let lacks = |tile: &&Tile| {
            tile.dataset.column(column).map(|column| column.value_type) != Some(value_type)
        };
        match tiles.iter().find(lacks) {
            None => Ok(()),
            Some(tile) => Err(self.at(
                format!("{path}.column"),
                format!(
                    "tile `{}` asks `{}`, which has no {value_type} column `{column}`: a filter \
                     must narrow every tile",
                    tile.id,
                    tile.dataset.name()
                ),
            )),
        }
    }

    fn every_tile_has_time(&self, tiles: &[Tile]) -> Result<(), DocumentError> {
        match tiles.iter().find(|tile| tile.dataset.time().is_none()) {
            None => Ok(()),
            Some(tile) => Err(self.at(
                "period",
                format!(
                    "tile `{}` asks `{}`, which declares no `time` column",
                    tile.id,
                    tile.dataset.name()
                ),
            )),
        }
    }

    fn tiles(&self, docs: Vec<TileDoc>) -> impl Iterator<Item = Result<Tile, DocumentError>> {
        let mut ids = BTreeSet::new();
        let tile = move |(index, doc): (usize, TileDoc)| {
            if !ids.insert(doc.id.clone()) {
                return Err(self.at(format!("tiles[{index}].id"), format!("`{}` twice", doc.id)));
            }
            self.tile(&format!("tiles[{index}]"), doc)
        };
        docs.into_iter().enumerate().map(tile)
    }

    fn tile(&self, path: &str, doc: TileDoc) -> Result<Tile, DocumentError> {
        let dataset = self.dataset(&format!("{path}.dataset"), &doc.dataset)?;
        if !(1..=12).contains(&doc.width) {
            return Err(self.at(format!("{path}.width"), "expected 1 to 12 columns"));
        }
        if doc.limit.is_some_and(|limit| !(1..=1000).contains(&limit)) {
            return Err(self.at(format!("{path}.limit"), "expected 1 to 1000"));
        }
        let measures = self.measures(&format!("{path}.measures"), dataset, &doc.measures)?;
        let dimensions = self.dimensions(&format!("{path}.by"), dataset, &doc.by)?;
        let order = self.order(&format!("{path}.order"), &doc)?;
        let trend = self.dimensions(&format!("{path}.trend"), dataset, doc.trend.as_slice())?;
        let tile = Tile {
            id: doc.id,
            title: doc.title,
            subtitle: doc.subtitle,
            dataset: Arc::clone(dataset),
            chart: doc.chart,
            width: doc.width,
            measures,
            dimensions,
            order,
            limit: doc.limit,
            compare: doc.compare,
            trend: trend.into_iter().next(),
        };
        self.check_chart(path, &tile).map(|()| tile)
    }

    fn measures(
        &self,
        path: &str,
        dataset: &Dataset,
        names: &[MeasureName],
    ) -> Result<Vec<Measure>, DocumentError> {
        let measure = |(index, name): (usize, &MeasureName)| {
            dataset.measure(name).cloned().ok_or_else(|| {
                let near = nearest(
                    name.as_str(),
                    dataset.measure_names().map(MeasureName::as_str),
                );
                let problem = format!("`{}` has no measure `{name}`{near}", dataset.name());
                self.at(format!("{path}[{index}]"), problem)
            })
        };
        names.iter().enumerate().map(measure).collect()
    }

    fn dimensions(
        &self,
        path: &str,
        dataset: &Dataset,
        names: &[DimensionName],
    ) -> Result<Vec<Dimension>, DocumentError> {
        let dimension = |(index, name): (usize, &DimensionName)| {
            dataset.dimension(name).cloned().ok_or_else(|| {
                let known = dataset.dimension_names().map(DimensionName::as_str);
                let near = nearest(name.as_str(), known);
                let problem = format!("`{}` has no dimension `{name}`{near}", dataset.name());
                self.at(format!("{path}[{index}]"), problem)
            })
        };
        names.iter().enumerate().map(dimension).collect()
    }

    fn order(&self, path: &str, doc: &TileDoc) -> Result<Vec<Order>, DocumentError> {
        let Some(order) = &doc.order else {
            return Ok(Vec::new());
        };
        let measure = doc.measures.iter().find(|name| name.as_str() == order.by);
        let dimension = doc.by.iter().find(|name| name.as_str() == order.by);
        let by = match (measure, dimension) {
            (Some(name), _) => OrderBy::Measure(name.clone()),
            (None, Some(name)) => OrderBy::Dimension(name.clone()),
            (None, None) => {
                let measures = doc.measures.iter().map(MeasureName::as_str);
                let known = measures.chain(doc.by.iter().map(DimensionName::as_str));
                let near = nearest(&order.by, known);
                let problem = format!("the tile shows no `{}`{near}", order.by);
                return Err(self.at(format!("{path}.by"), problem));
            }
        };
        Ok(vec![Order {
            by,
            direction: order.direction,
        }])
    }

    fn check_chart(&self, path: &str, tile: &Tile) -> Result<(), DocumentError> {
        let (dimensions, measures) = (tile.dimensions.len(), tile.measures.len());
        let (fits, wanted) = match tile.chart {
            ChartKind::Kpi => (
                dimensions == 0 && measures == 1,
                "one measure and no dimension",
            ),
            ChartKind::Line => (
                (dimensions == 1 && (1..=4).contains(&measures))
                    || (dimensions == 2 && measures == 1),
                "one dimension and up to four measures, or two dimensions and one measure",
            ),
            ChartKind::Bar | ChartKind::Donut => (
                dimensions == 1 && measures == 1,
                "one dimension and one measure",
            ),
            ChartKind::StackedBar => (
                dimensions == 2 && measures == 1,
                "two dimensions and one measure",
            ),
            ChartKind::Table => (dimensions + measures > 0, "at least one column"),
        };
        if !fits {
            return Err(self.at(path, format!("this chart needs {wanted}")));
        }
        if tile.chart != ChartKind::Kpi && (tile.compare.is_some() || tile.trend.is_some()) {
            return Err(self.at(path, "`compare` and `trend` belong to a `kpi`"));
        }
        Ok(())
    }
}
