//! A publication may come while an answer is computed. Rows that the rules and datasets in force by
//! then would not give are not shown (attack P25): the answer is withheld, and opening the page
//! again asks anew. Nor are they shown to somebody whose access was revoked or locked meanwhile.

use weir_query::SnapshotSet;
use weir_query::dashboard::{Filter, Tile};
use weir_registry::{Denial, Fact, Label};

use super::dashboards::Dashboards;
use super::gate::Shut;
use super::opened::{TileAnswer, TileState, View};
use super::plan::{Ask, Plan, Planned, Planner, Questions, Withheld};
use super::recorder::{NotRecorded, subject};
use crate::content::Content;

/// The code of an answer that the rules overtook.
pub(super) const POLICY_CHANGED: &str = "policy-changed";

impl Dashboards {
    /// Whether the view's reader may look at it by now.
    ///
    /// # Errors
    /// [`Shut`] says why not.
    pub fn admits(&self, view: &View) -> Result<(), Shut> {
        let slug = view.dashboard.slug().as_str();
        self.gate.check(&view.reader, slug, view.began)
    }

    /// Puts on record that somebody was shut out.
    ///
    /// # Errors
    /// [`NotRecorded`].
    pub async fn record_shut(&self, view: &View, shut: Shut) -> Result<(), NotRecorded> {
        let mut denial = Denial::new(view.reader.realm(), Label::parse(shut.code())?);
        denial.subject = Some(subject(&view.reader));
        denial.dashboard = Some(Label::parse(view.dashboard.slug().as_str())?);
        let facts = vec![Fact::Denial(denial)];
        self.recorder.facts(&view.request, facts).await
    }

    /// The answer, unless what is in force by now would have asked something else.
    pub(super) fn rechecked(&self, view: &View, plan: &Plan, answer: TileAnswer) -> TileAnswer {
        let TileState::Answered(asked, _) = &answer.state else {
            return answer;
        };
        let withheld = |code| TileAnswer {
            index: answer.index,
            state: TileState::Withheld(Withheld {
                dataset: asked.main.query.dataset().name().clone(),
                code,
            }),
        };
        if let Err(shut) = self.admits(view) {
            return withheld(shut.code());
        }
        let stands = self.stands(view, &asked.main, |planner| {
            let place = view.dashboard.tiles().get(answer.index);
            let wanted = |tile: &Tile| place.is_some_and(|p| p.id == tile.id);
            let again = planner.tiles(&view.dashboard, &view.bound, &plan.snapshots, wanted);
            let would_ask = again.tiles.first().map(|tile| &tile.ask);
            matches!(would_ask, Some(Ask::Granted(questions)) if same(questions, asked))
        });
        if stands {
            return answer;
        }
        withheld(POLICY_CHANGED)
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

    /// Whether a tile's rows would be taken along by the same statement by now.
    pub(super) fn still_exports(
        &self,
        view: &View,
        tile: &Tile,
        snapshots: &SnapshotSet,
        planned: &Planned,
    ) -> bool {
        self.stands(view, planned, |planner| {
            let again = planner.export(tile, &view.bound, snapshots);
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
            principal: self.cache.principal(view.reader.business_unit()),
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
