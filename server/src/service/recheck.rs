//! A publication may come while an answer is computed. Rows that the rules in force by then would
//! not give are not shown (attack P25): the answer is withheld, and opening the page again asks
//! anew.

use super::dashboards::Dashboards;
use super::opened::{TileAnswer, TileState, View};
use super::plan::{Ask, Plan, Planner, Questions, Withheld};

/// The code of an answer that the rules overtook.
const POLICY_CHANGED: &str = "policy-changed";

impl Dashboards {
    /// The answer, unless rules published since its plan would have asked something else.
    pub(super) fn rechecked(&self, view: &View, plan: &Plan, answer: TileAnswer) -> TileAnswer {
        let now = self.published.current();
        let asked = match &answer.state {
            TileState::Answered(asked, _) if now.policies().revision() != plan.revision => asked,
            _ => return answer,
        };
        let planner = Planner {
            policies: now.policies(),
            subject: view.reader.subject(),
            dialect: self.cache.dialect(),
        };
        let place = view.dashboard.tiles().get(answer.index);
        let wanted = |tile: &weir_query::dashboard::Tile| place.is_some_and(|p| p.id == tile.id);
        let again = planner.tiles(&view.dashboard, &view.bound, &plan.snapshots, wanted);
        let would_ask = again.tiles.first().map(|tile| &tile.ask);
        if matches!(would_ask, Some(Ask::Granted(questions)) if same(questions, asked)) {
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
}

/// Whether both ask the same statements: equal fingerprints mean equal rows and masks.
fn same(one: &Questions, other: &Questions) -> bool {
    let fingerprints = |questions: &Questions| -> Vec<_> {
        let planned = questions.iter();
        planned.map(|p| p.statement.fingerprint()).collect()
    };
    fingerprints(one) == fingerprints(other)
}
