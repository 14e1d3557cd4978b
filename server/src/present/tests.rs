//! Tables of what readers see, in both languages.

mod charts;
mod kpis;
mod words;
mod written;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use rust_decimal::Decimal;
use weir_frontend::model::TileVm;
use weir_query::dashboard::Tile;
use weir_query::{
    Bound, Catalog, Cell, CellType, Dashboard, Dataset, Locale, Locked, Output, OutputColumn,
    ResultSet, TileId, TileQuery,
};

use super::{Hues, Presenter, Provenance, TileData};

const DATASET: &str = include_str!("tests/statements.dataset.yaml");
const DASHBOARD: &str = include_str!("tests/overview.dashboard.yaml");

/// A dashboard with one tile of every kind.
pub(super) struct World {
    pub(super) dataset: Arc<Dataset>,
    pub(super) dashboard: Dashboard,
    pub(super) bound: Bound,
}

pub(super) fn world() -> World {
    let dataset = Dataset::from_yaml("statements.dataset.yaml", DATASET).unwrap();
    let catalog = Catalog::build([dataset]).unwrap();
    let dashboard = Dashboard::from_yaml("overview.dashboard.yaml", DASHBOARD, &catalog).unwrap();
    let bound = dashboard
        .bind(&Locked::new(), &[], day("2026-11-21"))
        .unwrap();
    let dataset = Arc::clone(catalog.datasets().next().unwrap());
    World {
        dataset,
        dashboard,
        bound,
    }
}

pub(super) fn presenter(locale: Locale) -> Presenter {
    Presenter::new(locale).unwrap()
}

pub(super) const EN: Locale = Locale::EnCa;
pub(super) const FR: Locale = Locale::FrCa;

pub(super) fn day(iso: &str) -> NaiveDate {
    iso.parse().unwrap()
}

pub(super) fn at(iso: &str) -> DateTime<Utc> {
    Utc.from_utc_datetime(&iso.parse().unwrap())
}

pub(super) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

pub(super) fn date(iso: &str) -> Cell {
    Cell::Date(day(iso))
}

pub(super) fn money(amount: &str) -> Cell {
    Cell::Decimal(dec(amount))
}

/// Rows under the columns that `question` asks for.
pub(super) fn answer(question: &TileQuery, rows: Vec<Vec<Cell>>) -> ResultSet {
    cut_answer(question, rows, false)
}

pub(super) fn cut_answer(question: &TileQuery, rows: Vec<Vec<Cell>>, truncated: bool) -> ResultSet {
    let type_of = |at: usize| {
        let known = rows
            .iter()
            .filter_map(|row| row.get(at))
            .find(|cell| **cell != Cell::Null);
        match known {
            Some(Cell::Date(_)) => CellType::Date,
            Some(Cell::Text(_)) => CellType::Text,
            Some(Cell::Integer(_)) => CellType::Integer,
            Some(Cell::Double(_)) => CellType::Double,
            _ => CellType::Decimal { scale: 2 },
        }
    };
    let column = |(at, output): (usize, &Output)| OutputColumn {
        name: output.name(),
        cell_type: type_of(at),
    };
    let columns = question.outputs().iter().enumerate().map(column).collect();
    ResultSet::new(columns, rows, truncated)
}

impl World {
    pub(super) fn tile(&self, id: &str) -> &Tile {
        self.dashboard.tile(&TileId::parse(id).unwrap()).unwrap()
    }

    pub(super) fn show(&self, id: &str, rows: Vec<Vec<Cell>>, locale: Locale) -> TileVm {
        let question = self.tile(id).question(&self.bound);
        let rows = answer(&question, rows);
        self.show_answer(id, &rows, None, locale)
    }

    pub(super) fn show_answer(
        &self,
        id: &str,
        rows: &ResultSet,
        trend: Option<Vec<Vec<Cell>>>,
        locale: Locale,
    ) -> TileVm {
        let tile = self.tile(id);
        let question = tile.question(&self.bound);
        let asked = tile.trend_question(&self.bound);
        let trend = asked
            .as_ref()
            .zip(trend)
            .map(|(asked, rows)| (asked, answer(asked, rows)));
        let data = TileData {
            tile,
            question: &question,
            rows,
            trend: trend.as_ref().map(|(asked, rows)| (*asked, rows)),
            period: self.bound.period(),
        };
        let why = ["You see 1 of 7 business units: Auto.".to_owned()];
        let provenance = Provenance {
            data_time: at("2026-11-21T16:05:00"),
            now: at("2026-11-21T19:10:00"),
            stale: false,
            scope: "Auto only",
            why: &why,
        };
        let hues = Hues::for_dashboard(&self.dashboard);
        presenter(locale).ready(
            &data,
            &hues,
            &provenance,
            Some("Region: Gaspésie".to_owned()),
        )
    }
}

/// The body as one chart's view-model.
macro_rules! body {
    ($tile:expr, $kind:ident) => {
        match $tile.body {
            weir_frontend::model::TileBody::$kind(body) => body,
            other => panic!("expected {}, got {other:?}", stringify!($kind)),
        }
    };
}
pub(super) use body;

#[test]
fn both_languages_are_built_once() {
    let both = super::Presenters::new().unwrap();
    assert_eq!((both.get(EN).locale, both.get(FR).locale), (EN, FR));
}
