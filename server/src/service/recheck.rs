//! A publication may come while an answer is computed. Rows that the rules and datasets in force by
//! then would not give are not shown (attack P25): the answer is withheld, and opening the page
//! again asks anew.

use weir_query::SnapshotSet;
use weir_query::dashboard::Filter;

use super::dashboards::Dashboards;
use super::opened::{TileAnswer, TileState, View};
use super::plan::{Ask, Plan, Planned, Planner, Questions, Withheld};
use crate::content::Content;

/// The code of an answer that the rules overtook.
const POLICY_CHANGED: &str = "policy-changed";

impl Dashboards {
    /// The answer, unless what is in force by now would have asked something else.
    pub(super) fn rechecked(&self, view: &View, plan: &Plan, answer: TileAnswer) -> TileAnswer {
        let TileState::Answered(asked, _) = &answer.state else {
            return answer;
        };
        let stands = self.stands(view, &asked.main, |planner| {
            let place = view.dashboard.tiles().get(answer.index);
            let wanted =
                |tile: &weir_query::dashboard::Tile| place.is_some_and(|p| p.id == tile.id);
            let again = planner.tiles(&view.dashboard, &view.bound, &plan.snapshots, wanted);
            let would_ask = again.tiles.first().map(|tile| &tile.ask);
            matches!(would_ask, Some(Ask::Granted(questions)) if same(questions, asked))
        });
        if stands {
            return answer;
        }
        let withheld = Withheld {
            dataset: asked.main.query.dataset().name().clone(),
            code: POLICY_CHANGED,
        };
        TileAnswer {
            index: answer.index,
            state: TileState::Withheld(withheld),
        }
    }

    /// Whether a list of filter values would be asked for in the same words by now.
    pub(super) fn still_lists(
        &self,
        view: &View,
        filter: &Filter,
        snapshots: &SnapshotSet,
        planned: &Planned,
    ) -> bool {
        self.stands(view, planned, |planner| {
            let again = planner.filter_values(filter, &view.bound, snapshots);
            again.is_ok_and(|a| a.statement.fingerprint() == planned.statement.fingerprint())
        })
    }

    /// Whether something may be decided at all, the dataset is the same word for word, and `asks`
    /// says that the rules ask the same. Nothing is looked at while the revision is the same.
    fn stands(
        &self,
        view: &View,
        asked: &Planned,
        asks: impl FnOnce(&Planner<'_>) -> bool,
    ) -> bool {
        if self.published.is_closed() {
            return false;
        }
        let now = self.published.current();
        if now.policies().revision() == view.content.policies().revision() {
            return true;
        }
        let planner = Planner {
            policies: now.policies(),
            subject: view.reader.subject(),
            dialect: self.cache.dialect(),
        };
        has_dataset(&now, asked) && asks(&planner)
    }
}

fn has_dataset(now: &Content, planned: &Planned) -> bool {
    let asked = planned.query.dataset();
    let dataset = now.catalog().dataset(asked.name());
    dataset.is_some_and(|dataset| dataset.version() == asked.version())
}

/// Whether both ask the same statements: equal fingerprints mean equal rows and masks.
fn same(one: &Questions, other: &Questions) -> bool {
    let fingerprints = |questions: &Questions| -> Vec<_> {
        let planned = questions.iter();
        planned.map(|p| p.statement.fingerprint()).collect()
    };
    fingerprints(one) == fingerprints(other)
}
