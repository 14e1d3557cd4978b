//! Which set of snapshots a page is shown on, and what is shown when the newest has no answers.
//!
//! Fresh first. Right after a new set appeared, the old one for a while, as long as all its answers
//! are there. When the engine is in trouble or a budget is spent, an older set for as long as its
//! answers are kept at all. Else the newest, with what fails or is refused said at its place. Always
//! one set for the whole page (invariant 13), and always under the policies in force.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use weir_query::dashboard::Tile;

use super::costs::FetchError;
use super::dashboards::Dashboards;
use super::opened::{TileAnswer, TileState, View};
use super::plan::{Ask, Plan, Planned, Questions};

/// A plan, and since when a newer set than its own is known.
pub(super) type Chosen = (Plan, Option<DateTime<Utc>>);

impl Dashboards {
    /// Plans on the set that answers best. Answers that only other processes have count as well.
    pub(super) async fn plan(&self, view: &View, wanted: impl Fn(&Tile) -> bool) -> Chosen {
        let planner = self.planner(view);
        let current = self.snapshots.current();
        let plan = planner.tiles(&view.dashboard, &view.bound, &current, &wanted);
        if self.is_hot(&plan) || self.becomes_hot(&plan).await {
            return (plan, None);
        }
        let trouble = self.cache.is_in_trouble(&view.account());
        let patience = if trouble {
            self.patience.max_age
        } else {
            self.patience.stale_for
        };
        let Some(older) = self.older(view, wanted, patience, &plan).await else {
            return (plan, None);
        };
        if !trouble || self.cache.may_try() {
            self.warm(view, &plan);
        }
        older
    }

    /// The newest older set whose answers are all there. It must have neither fewer tiles to show than
    /// the newest set, nor more: a column that was dropped stays dropped.
    async fn older(
        &self,
        view: &View,
        wanted: impl Fn(&Tile) -> bool,
        patience: Duration,
        newest: &Plan,
    ) -> Option<Chosen> {
        let planner = self.planner(view);
        let known = self.snapshots.replaced_within(patience, self.clock.now());
        for (nth, replaced) in known.into_iter().enumerate() {
            let plan = planner.tiles(&view.dashboard, &view.bound, &replaced.set, &wanted);
            if !granted(&plan).eq(granted(newest)) {
                continue;
            }
            // Other processes are asked for the set before, which everybody was shown a moment ago.
            if self.is_hot(&plan) || (nth == 0 && self.becomes_hot(&plan).await) {
                return Some((plan, Some(replaced.at)));
            }
        }
        None
    }

    /// What is shown instead where the newest set failed: an older one, as old as answers may be.
    pub(super) async fn instead(
        &self,
        view: &View,
        wanted: impl Fn(&Tile) -> bool,
        newest: &Plan,
        answers: &[TileAnswer],
    ) -> Option<Chosen> {
        let failed = answers.iter().any(|answer| could_be_older(&answer.state));
        if !failed {
            return None;
        }
        self.older(view, wanted, self.patience.max_age, newest)
            .await
    }

    fn is_hot(&self, plan: &Plan) -> bool {
        statements(plan).all(|(_, planned)| self.cache.holds(&planned.statement.fingerprint()))
    }

    /// Whether all answers are there once those of other processes are taken over.
    async fn becomes_hot(&self, plan: &Plan) -> bool {
        if self.cache.shared().is_none() {
            return false;
        }
        let wanted = statements(plan).map(|(_, planned)| planned.statement.fingerprint());
        self.cache.recall(wanted).await;
        self.is_hot(plan)
    }

    /// Computes a plan's answers behind the page that shows older ones.
    fn warm(&self, view: &View, plan: &Plan) {
        let account = view.account().behind();
        for (index, planned) in statements(plan) {
            let tile = view.dashboard.tiles().get(index);
            let account = account.of_tile(tile.map_or("", |tile| tile.id.as_str()));
            let (cache, statement) = (self.cache.clone(), Arc::clone(&planned.statement));
            tokio::spawn(async move {
                if let Err(error) = cache.fetch(&statement, &account).await {
                    tracing::warn!(code = error.code(), "an answer could not be refreshed");
                }
            });
        }
    }
}

/// Whether an older answer is better than this one: not where the question itself is at fault.
fn could_be_older(state: &TileState) -> bool {
    match state {
        TileState::Failed(_, FetchError::OverBudget(_) | FetchError::BrokenOff) => true,
        TileState::Failed(_, error) => error.is_outage(),
        TileState::Answered(..) | TileState::Withheld(_) => false,
    }
}

/// The tiles that may be asked, by the policies and by the state of the tables.
fn granted(plan: &Plan) -> impl Iterator<Item = usize> {
    let granted = plan
        .tiles
        .iter()
        .filter(|tile| matches!(tile.ask, Ask::Granted(_)));
    granted.map(|tile| tile.index)
}

fn statements(plan: &Plan) -> impl Iterator<Item = (usize, &Planned)> {
    let granted = plan.tiles.iter().filter_map(|tile| match &tile.ask {
        Ask::Granted(questions) => Some((tile.index, questions)),
        Ask::Withheld(_) => None,
    });
    granted.flat_map(|(index, questions)| Questions::iter(questions).map(move |q| (index, q)))
}
