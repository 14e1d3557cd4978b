//! What a filter offers: listed under the same grant as every tile, and never waited for.

use std::collections::BTreeMap;
use std::sync::Arc;

use weir_query::dashboard::Filter;
use weir_query::{FilterId, SnapshotSet};

use super::costs::FetchError;
use super::dashboards::{Dashboards, about};
use super::gate::Shut;
use super::kinds::{FilterPlan, Known, nobody_like};
use super::opened::View;
use super::plan::{Plan, Planned, Planner, Withheld};
use super::query_cache::{Fetched, Started};
use super::recheck::POLICY_CHANGED;
use super::recorder::{NotRecorded, Outcome, Shown};

/// Why filter values can't be listed.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// Not on record.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
    /// Policy keeps the column.
    #[error("the values are withheld")]
    Withheld,
    /// The table has lost the column.
    #[error("the values can't be read")]
    Drifted,
    /// The reader may not look any more.
    #[error("the reader is shut out")]
    Shut(Shut),
    /// The engine failed, or a budget has no room.
    #[error("the values could not be computed")]
    Fetch(#[source] FetchError),
}

/// The filters that a page offers, with their values as far as those are there already.
pub type AtHand = BTreeMap<FilterId, Option<Fetched>>;

impl Dashboards {
    /// The values a filter offers on one set of snapshots, under the same grant as every tile.
    ///
    /// # Errors
    /// [`ValuesError`]: not recorded, withheld, or not computed.
    pub async fn filter_values(
        &self,
        view: &View,
        filter: &Filter,
        snapshots: &Arc<SnapshotSet>,
    ) -> Result<Fetched, ValuesError> {
        let told = about(view, view.content.policies().revision());
        let name = spelled(filter);
        let known = self.known(view, snapshots).await.map(|(_, known)| known);
        let planned = match self
            .filter_plan(view, filter, snapshots, known.as_ref())
            .asked
        {
            Ok(planned) => planned,
            Err(withheld) => {
                let shown = Shown {
                    tile: &name,
                    outcome: Outcome::Withheld(&withheld),
                };
                self.recorder.record(told, vec![shown]).await?;
                return Err(if withheld.is_drift() {
                    ValuesError::Drifted
                } else {
                    ValuesError::Withheld
                });
            }
        };
        let account = view.account().of_tile(&name);
        let fetched = match self.cache.start(&planned.statement, &account).await {
            Started::Done(fetched) => Ok(fetched),
            Started::Running(waiting) => {
                view.turn.end();
                waiting.fetched().await
            }
        };
        if let Err(shut) = self.admits(view) {
            self.record_shut(view, shut).await?;
            return Err(ValuesError::Shut(shut));
        }
        if !self.still_lists(view, filter, snapshots, &planned) {
            let withheld = Withheld {
                dataset: planned.query.dataset().name().clone(),
                code: POLICY_CHANGED,
            };
            let shown = Shown {
                tile: &name,
                outcome: Outcome::Withheld(&withheld),
            };
            self.recorder.record(told, vec![shown]).await?;
            return Err(ValuesError::Withheld);
        }
        let outcome = match &fetched {
            Ok(fetched) => Outcome::Answered(&planned, fetched, false),
            Err(FetchError::OverBudget(_)) => Outcome::Refused(&planned),
            Err(_) => Outcome::Failed(&planned),
        };
        let shown = Shown {
            tile: &name,
            outcome,
        };
        self.recorder.record(told, vec![shown]).await?;
        fetched.map_err(ValuesError::Fetch)
    }

    /// The filters that the reader may narrow the page by: one on a column that policy keeps from
    /// them is not even offered, one that can't be read at the moment is. Nothing on the first paint
    /// waits for values; those that are at hand are on record when this returns, all in one.
    ///
    /// # Errors
    /// [`NotRecorded`]: then nothing may be shown.
    pub async fn values_at_hand(
        &self,
        view: &View,
        plan: &Plan,
        superseded: bool,
    ) -> Result<AtHand, NotRecorded> {
        let mut values = AtHand::new();
        let mut read = Vec::new();
        for filter in view.dashboard.filters() {
            let planned = self.filter_plan(view, filter, &plan.snapshots, plan.known.as_ref());
            if !planned.offered {
                continue;
            }
            let at_hand = match planned.asked {
                Ok(planned) => self.at_hand(view, filter, plan, planned).await?,
                Err(_) => None,
            };
            let fetched = at_hand.as_ref().map(|(_, fetched)| fetched.clone());
            values.insert(filter.id.clone(), fetched);
            read.extend(at_hand.map(|(planned, fetched)| (spelled(filter), planned, fetched)));
        }
        let shown = read.iter().map(|(name, planned, fetched)| Shown {
            tile: name,
            outcome: Outcome::Answered(planned, fetched, superseded),
        });
        let told = about(view, view.content.policies().revision());
        self.recorder.record(told, shown.collect()).await?;
        Ok(values)
    }

    /// One filter's values, if they are there and may be shown by now.
    async fn at_hand(
        &self,
        view: &View,
        filter: &Filter,
        plan: &Plan,
        planned: Planned,
    ) -> Result<Option<(Planned, Fetched)>, NotRecorded> {
        let Some(fetched) = self.cache.held(&planned.statement.fingerprint()).await else {
            return Ok(None);
        };
        if let Err(shut) = self.admits(view) {
            self.record_shut(view, shut).await?;
            return Ok(None);
        }
        let stands = self.still_lists(view, filter, &plan.snapshots, &planned);
        Ok(stands.then_some((planned, fetched)))
    }

    fn filter_plan(
        &self,
        view: &View,
        filter: &Filter,
        snapshots: &SnapshotSet,
        known: Option<&Arc<Known>>,
    ) -> FilterPlan {
        let plan = || {
            let nobody = nobody_like(view.reader.subject());
            let planner = Planner {
                subject: &nobody,
                ..self.planner(view)
            };
            FilterPlan::of(&planner, filter, &view.bound, snapshots)
        };
        let filters = view.dashboard.filters();
        let place = filters.iter().position(|one| one.id == filter.id);
        match known.zip(place) {
            Some((known, place)) => known.filter(place, plan),
            None => plan(),
        }
    }
}

/// What a filter is called where tiles are.
fn spelled(filter: &Filter) -> String {
    format!("filter:{}", filter.id)
}
