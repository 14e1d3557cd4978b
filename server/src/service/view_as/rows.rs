//! How many rows are behind the tiles of a preview, and how they differ between its two sides.
//!
//! Each count is a governed query under the same grant as its tile. What both sides see is one of
//! them, narrowed; so rows that come and rows that go don't cancel out.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use weir_policy::DatasetName;
use weir_query::dashboard::Tile;
use weir_query::{Cell, Localized, SnapshotSet};
use weir_registry::RequestId;

use super::super::account::Account;
use super::{Preview, Side, Stage, ViewAs, ViewAsError};
use crate::overload::Turn;
use crate::reader::Member;
use crate::service::dashboards::about;
use crate::service::governance::GovernanceError;
use crate::service::opened::View;
use crate::service::plan::{Ask, Plan, Planned};
use crate::service::recorder::{Outcome, Shown};

/// The rows behind one side or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Rows behind all tiles of each side, each row once.
    pub totals: Vec<u64>,
    /// Tile by tile, in the order of the first side.
    pub tiles: Vec<TileRows>,
}

/// The rows behind one tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileRows {
    /// Its id.
    pub tile: String,
    /// What it is called.
    pub title: Localized,
    /// On the first side.
    pub first: Rows,
    /// On the second side.
    pub second: Option<Rows>,
    /// Rows of the second side that the first has not. `None` where the tile asks another
    /// question, so that its rows can't be told apart.
    pub gained: Option<u64>,
    /// Rows of the first side that the second has not.
    pub lost: Option<u64>,
}

/// How many rows are behind a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// So many.
    Counted(u64),
    /// None that may be told: the tile is withheld, for this reason.
    Withheld(&'static str),
    /// This side has no such tile.
    Absent,
}

/// One side, planned.
struct Picture<'a> {
    stage: &'a Stage,
    view: View,
    plan: Plan,
    /// By place among the tiles.
    counts: BTreeMap<usize, Counted>,
}

struct Counted {
    rows: u64,
    planned: Planned,
}

impl ViewAs {
    /// Counts the rows behind a preview, of what is `chosen` in its filters.
    ///
    /// # Errors
    /// [`ViewAsError`]: half an answer would read as "no difference".
    pub async fn rows(
        &self,
        preview: &Preview,
        admin: &Member,
        chosen: &[(String, String)],
        request: &RequestId,
    ) -> Result<Compared, ViewAsError> {
        let mut stages = Vec::new();
        for side in preview.sides() {
            stages.push((side, self.side(preview, side).await?));
        }
        let mut pictures: Vec<Picture<'_>> = Vec::new();
        for (side, stage) in &stages {
            let snapshots = match pictures.first() {
                // One set for both, where both mean the same tables (invariant 13).
                Some(first) if stage.content.has_datasets_of(&first.stage.content) => {
                    Arc::clone(&first.plan.snapshots)
                }
                _ => stage.dashboards.snapshots.current(),
            };
            let view = view(preview, admin, *side, stage, chosen, request)?;
            pictures.push(Picture::count(stage, view, &snapshots).await?);
        }
        let totals = pictures.iter().map(Picture::total).collect();
        let tiles = match pictures.as_slice() {
            [first, second] => first.beside(second).await?,
            [first] => first.alone(),
            _ => Vec::new(),
        };
        if self.dashboards.published.is_closed() {
            return Err(GovernanceError::Closed.into());
        }
        Ok(Compared { totals, tiles })
    }
}

fn view(
    preview: &Preview,
    admin: &Member,
    side: Side,
    stage: &Stage,
    chosen: &[(String, String)],
    request: &RequestId,
) -> Result<View, ViewAsError> {
    if stage.dashboards.published.is_closed() {
        return Err(GovernanceError::Closed.into());
    }
    let reader = preview.reader(admin, side);
    let dashboard = stage.content.dashboard(&preview.kept.dashboard);
    let dashboard = Arc::clone(dashboard.ok_or(ViewAsError::Unknown)?);
    let today = stage.dashboards.clock.today();
    Ok(View {
        bound: dashboard.bind(&reader.locked(), chosen, today)?,
        content: Arc::clone(&stage.content),
        request: request.clone(),
        began: stage.dashboards.clock.now(),
        turn: Turn::free(),
        dashboard,
        reader,
    })
}

impl<'a> Picture<'a> {
    async fn count(
        stage: &'a Stage,
        view: View,
        snapshots: &Arc<SnapshotSet>,
    ) -> Result<Self, ViewAsError> {
        let planner = stage.dashboards.planner(&view);
        let plan = planner.tiles(&view.dashboard, &view.bound, snapshots, |_| true);
        let mut picture = Self {
            stage,
            counts: BTreeMap::new(),
            view,
            plan,
        };
        for tile in &picture.plan.tiles {
            match &tile.ask {
                Ask::Granted(questions) => {
                    let planner = stage.dashboards.planner(&picture.view);
                    let grant = questions.main.query.grant().clone();
                    let asked = planner.rows_behind(&questions.main, grant, snapshots);
                    let Ok(count) = asked else { continue };
                    let rows = picture.fetch(tile.index, &count).await?;
                    let counted = Counted {
                        rows,
                        planned: count,
                    };
                    picture.counts.insert(tile.index, counted);
                }
                Ask::Withheld(withheld) => {
                    let outcome = Outcome::Withheld(withheld);
                    picture.record(tile.index, outcome).await?;
                }
            }
        }
        Ok(picture)
    }

    /// Counts, and puts it on record before anybody hears of it (invariant 10).
    async fn fetch(&self, index: usize, planned: &Planned) -> Result<u64, ViewAsError> {
        let cache = &self.stage.dashboards.cache;
        // Asked as whoever's eyes are looked through, as the statement says.
        let account = Account {
            unit: self.view.reader.business_unit().cloned(),
            ..Account::governance()
        };
        let fetched = match cache.fetch(&planned.statement, &account).await {
            Ok(fetched) => fetched,
            Err(error) => {
                self.record(index, Outcome::Failed(planned)).await?;
                return Err(error.into());
            }
        };
        self.record(index, Outcome::Answered(planned, &fetched, false))
            .await?;
        let first = fetched.entry.rows.rows().first();
        Ok(match first.map(Vec::as_slice) {
            Some([Cell::Integer(count)]) => u64::try_from(*count).unwrap_or_default(),
            _ => 0,
        })
    }

    async fn record(&self, index: usize, outcome: Outcome<'_>) -> Result<(), ViewAsError> {
        let tile = self.view.dashboard.tiles().get(index);
        let tile = format!("rows:{}", tile.map_or("", |tile| tile.id.as_str()));
        let shown = Shown {
            tile: &tile,
            outcome,
        };
        let recorder = &self.stage.dashboards.recorder;
        let told = about(&self.view, self.plan.revision);
        Ok(recorder.record(told, vec![shown]).await?)
    }

    /// Tiles of one dataset read the same rows, but for those that look back further.
    fn total(&self) -> u64 {
        let mut widest: BTreeMap<&DatasetName, u64> = BTreeMap::new();
        for counted in self.counts.values() {
            let name = counted.planned.query.question().dataset().name();
            let known = widest.entry(name).or_default();
            *known = counted.rows.max(*known);
        }
        widest.values().sum()
    }

    fn rows(&self, index: usize) -> Rows {
        match self.counts.get(&index) {
            Some(counted) => Rows::Counted(counted.rows),
            None => Rows::Withheld(self.reason(index)),
        }
    }

    fn reason(&self, index: usize) -> &'static str {
        let mut tiles = self.plan.tiles.iter();
        match tiles.find(|tile| tile.index == index).map(|tile| &tile.ask) {
            Some(Ask::Withheld(withheld)) => withheld.code,
            _ => "withheld",
        }
    }

    fn alone(&self) -> Vec<TileRows> {
        let tiles = self.view.dashboard.tiles().iter().enumerate();
        tiles
            .map(|(index, tile)| TileRows {
                second: None,
                gained: None,
                lost: None,
                ..named(tile, self.rows(index))
            })
            .collect()
    }

    async fn beside(&self, second: &Picture<'_>) -> Result<Vec<TileRows>, ViewAsError> {
        let mut tiles = Vec::new();
        for (index, tile) in self.view.dashboard.tiles().iter().enumerate() {
            let there = second.place(tile);
            let (gained, lost) = match there {
                Some(there) => self.difference(index, second, there).await?,
                None => (Some(0), self.counts.get(&index).map(|counted| counted.rows)),
            };
            tiles.push(TileRows {
                second: Some(there.map_or(Rows::Absent, |there| second.rows(there))),
                gained,
                lost,
                ..named(tile, self.rows(index))
            });
        }
        for (there, tile) in second.view.dashboard.tiles().iter().enumerate() {
            if self.place(tile).is_none() {
                tiles.push(TileRows {
                    second: Some(second.rows(there)),
                    gained: second.counts.get(&there).map(|counted| counted.rows),
                    lost: Some(0),
                    ..named(tile, Rows::Absent)
                });
            }
        }
        Ok(tiles)
    }

    fn place(&self, wanted: &Tile) -> Option<usize> {
        let mut tiles = self.view.dashboard.tiles().iter();
        tiles.position(|tile| tile.id == wanted.id)
    }

    /// Rows gained and lost from here to there.
    async fn difference(
        &self,
        here: usize,
        second: &Picture<'_>,
        there: usize,
    ) -> Result<(Option<u64>, Option<u64>), ViewAsError> {
        let (before, after) = match (self.counts.get(&here), second.counts.get(&there)) {
            (None, after) => return Ok((Some(after.map_or(0, |after| after.rows)), Some(0))),
            (Some(before), None) => return Ok((Some(0), Some(before.rows))),
            (Some(before), Some(after)) => (before, after),
        };
        let (old, new) = (&before.planned.query, &after.planned.query);
        if !new.question().reads_rows_of(old.question()) {
            return Ok((None, None));
        }
        let both = match new.grant().narrowed(old.grant().rows().clone()) {
            Some(grant) => {
                let planner = second.stage.dashboards.planner(&second.view);
                let snapshots = &second.plan.snapshots;
                match planner.rows_behind(&after.planned, grant, snapshots) {
                    Ok(both) => second.fetch(there, &both).await?,
                    Err(_) => return Ok((None, None)),
                }
            }
            None => 0,
        };
        let gained = after.rows.saturating_sub(both);
        let lost = before.rows.saturating_sub(both);
        Ok((Some(gained), Some(lost)))
    }
}

fn named(tile: &Tile, first: Rows) -> TileRows {
    TileRows {
        tile: tile.id.to_string(),
        title: tile.title.clone(),
        first,
        second: None,
        gained: None,
        lost: None,
    }
}
