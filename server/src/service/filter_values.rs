//! What a filter offers: listed under the same grant as every tile, and never waited for.

use weir_policy::{ColumnAccess, resolve};
use weir_query::SnapshotSet;
use weir_query::dashboard::Filter;

use super::costs::FetchError;
use super::dashboards::{Dashboards, about};
use super::gate::Shut;
use super::opened::View;
use super::query_cache::{Fetched, Started};
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

impl Dashboards {
    /// The values a filter offers on one set of snapshots, under the same grant as every tile.
    ///
    /// # Errors
    /// [`ValuesError`]: not recorded, withheld, or not computed.
    pub async fn filter_values(
        &self,
        view: &View,
        filter: &Filter,
        snapshots: &SnapshotSet,
    ) -> Result<Fetched, ValuesError> {
        let told = about(view, view.content.policies().revision());
        let name = format!("filter:{}", filter.id);
        let planned = match self
            .planner(view)
            .filter_values(filter, &view.bound, snapshots)
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
            return Err(ValuesError::Withheld);
        }
        let outcome = match &fetched {
            Ok(fetched) => Outcome::Answered(&planned, fetched, false),
            Err(FetchError::OverBudget(_)) => Outcome::Refused(&planned),
            Err(_) => Outcome::Failed(&planned),
        };
        self.recorder
            .record(
                told,
                vec![Shown {
                    tile: &name,
                    outcome,
                }],
            )
            .await?;
        fetched.map_err(ValuesError::Fetch)
    }

    /// Whether the reader may narrow a page by the filter: a column that policy keeps from them is
    /// not even offered. One that can't be read at the moment is.
    #[must_use]
    pub fn offers(&self, view: &View, filter: &Filter) -> bool {
        let planner = self.planner(view);
        let grant = resolve(planner.policies, planner.subject, filter.dataset.schema());
        grant.is_ok_and(|grant| matches!(grant.access(&filter.column), ColumnAccess::Visible))
    }

    /// A filter's values if they are at hand: nothing on the first paint waits for them.
    ///
    /// # Errors
    /// [`NotRecorded`]: then nothing may be shown.
    pub async fn filter_values_at_hand(
        &self,
        view: &View,
        filter: &Filter,
        snapshots: &SnapshotSet,
    ) -> Result<Option<Fetched>, NotRecorded> {
        let planned = self
            .planner(view)
            .filter_values(filter, &view.bound, snapshots);
        let at_hand =
            planned.is_ok_and(|planned| self.cache.holds(&planned.statement.fingerprint()));
        if !at_hand {
            return Ok(None);
        }
        match self.filter_values(view, filter, snapshots).await {
            Ok(fetched) => Ok(Some(fetched)),
            Err(ValuesError::NotRecorded(error)) => Err(error),
            Err(_) => Ok(None),
        }
    }
}
