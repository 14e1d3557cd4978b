//! The tiles that somebody would see otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use weir_policy::{DatasetName, Subject};
use weir_query::{Fingerprint, Locked, SnapshotSet};

use super::Comparison;
use crate::content::Content;
use crate::service::plan::{Ask, Planner};

/// A tile of which somebody sees other rows or columns, or which opens or closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TileImpact {
    /// The dashboard's slug.
    pub dashboard: String,
    /// The tile's id.
    pub tile: String,
    /// Why it is withheld today; `None` if it is shown.
    pub withheld_before: Option<&'static str>,
    /// Why it would be withheld; `None` if it would be shown.
    pub withheld_after: Option<&'static str>,
}

/// What is asked for a tile, or why not.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Statements(Vec<Fingerprint>),
    Withheld(&'static str),
}

impl Asked {
    fn withheld(&self) -> Option<&'static str> {
        match self {
            Self::Statements(_) => None,
            Self::Withheld(code) => Some(code),
        }
    }
}

/// Tiles by dashboard and id.
type Tiles = BTreeMap<(String, String), Asked>;

impl Comparison<'_> {
    /// The tiles on `dataset` that both sides have and ask otherwise.
    pub(super) fn tiles(&self, subject: &Subject, dataset: &DatasetName) -> Vec<TileImpact> {
        let before = self.asked(self.before, subject, dataset);
        let mut after = self.asked(self.after, subject, dataset);
        let both = before.into_iter().filter_map(|(place, before)| {
            let after = after.remove(&place)?;
            (before != after).then_some((place, before, after))
        });
        both.map(|((dashboard, tile), before, after)| TileImpact {
            dashboard,
            tile,
            withheld_before: before.withheld(),
            withheld_after: after.withheld(),
        })
        .collect()
    }

    /// What is asked for each tile on `dataset`, on a page without any filter set.
    fn asked(&self, content: &Content, subject: &Subject, dataset: &DatasetName) -> Tiles {
        let planner = Planner {
            policies: content.policies(),
            subject,
            dialect: self.cache.dialect(),
            principal: self.cache.principal(None),
        };
        let snapshots: Arc<SnapshotSet> = Arc::clone(self.snapshots);
        let mut found = Tiles::new();
        for dashboard in content.dashboards() {
            let Ok(bound) = dashboard.bind(&Locked::new(), &[], self.today) else {
                continue;
            };
            let on_dataset = |tile: &weir_query::dashboard::Tile| tile.dataset.name() == dataset;
            let plan = planner.tiles(dashboard, &bound, &snapshots, on_dataset);
            for planned in plan.tiles {
                let Some(tile) = dashboard.tiles().get(planned.index) else {
                    continue;
                };
                let asked = match planned.ask {
                    Ask::Granted(questions) => Asked::Statements(
                        questions
                            .iter()
                            .map(|q| q.statement.fingerprint())
                            .collect(),
                    ),
                    Ask::Withheld(withheld) => Asked::Withheld(withheld.code),
                };
                found.insert((dashboard.slug().to_string(), tile.id.to_string()), asked);
            }
        }
        found
    }
}
