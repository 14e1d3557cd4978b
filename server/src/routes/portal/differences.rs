//! How the rows behind the two pictures of a preview differ, in words and signs.

use weir_frontend::model::admin::{TileDifference, Weight};

use super::words::pick;
use crate::present::Presenter;
use crate::service::view_as::{Compared, Rows, TileRows};

/// Tile by tile; none where there is one picture.
pub(super) fn differences(compared: &Compared, presenter: &Presenter) -> Vec<TileDifference> {
    let tiles = compared.tiles.iter();
    tiles
        .filter_map(|tile| difference(tile, presenter))
        .collect()
}

fn difference(tile: &TileRows, presenter: &Presenter) -> Option<TileDifference> {
    let second = tile.second?;
    let (weight, change) = change(tile, presenter);
    Some(TileDifference {
        tile: tile.title.get(presenter.locale()).to_owned(),
        left: rows(tile.first, presenter),
        right: rows(second, presenter),
        change,
        weight,
    })
}

fn rows(rows: Rows, presenter: &Presenter) -> String {
    let locale = presenter.locale();
    match rows {
        Rows::Counted(rows) => presenter.count(rows),
        Rows::Withheld(_) => pick(locale, "withheld", "retenue").to_owned(),
        Rows::Absent => pick(locale, "not there", "absente").to_owned(),
    }
}

/// What comes and what goes are told apart: as many of both is not "the same".
fn change(tile: &TileRows, presenter: &Presenter) -> (Weight, String) {
    let more = |rows| format!("+{}", presenter.count(rows));
    let less = |rows| format!("−{}", presenter.count(rows));
    match (tile.gained, tile.lost) {
        (Some(0), Some(0)) if is_shown(tile.first) == tile.second.is_some_and(is_shown) => {
            (Weight::Same, String::new())
        }
        (Some(0), Some(0)) => (Weight::Other, String::new()),
        (Some(gained), Some(0)) => (Weight::More, more(gained)),
        (Some(0), Some(lost)) => (Weight::Less, less(lost)),
        (Some(gained), Some(lost)) => (Weight::Other, format!("{} {}", more(gained), less(lost))),
        _ => (Weight::Other, String::new()),
    }
}

fn is_shown(rows: Rows) -> bool {
    matches!(rows, Rows::Counted(_))
}
