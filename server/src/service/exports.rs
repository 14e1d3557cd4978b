//! Taking a tile's rows along: the same governed question as the tile, with room for all of its rows,
//! on record before the first of them leaves.

use weir_engine::Export;
use weir_query::dashboard::Tile;
use weir_registry::{Denial, ExportFormat, Fact, Label};

use super::costs::FetchError;
use super::dashboards::{Dashboards, about};
use super::gate::Shut;
use super::opened::View;
use super::plan::{Planned, Withheld};
use super::recheck::POLICY_CHANGED;
use super::recorder::{NotRecorded, Outcome, Shown, Taken, subject};

/// A tile's rows, on record.
#[derive(Debug)]
pub struct Exported {
    /// What was asked.
    pub planned: Planned,
    /// The rows.
    pub rows: Export,
}

/// Why nothing may be taken along.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Not on record.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
    /// Policy keeps the tile, or its table can't be read.
    #[error("the tile is withheld")]
    Withheld(Withheld),
    /// The reader may not look any more.
    #[error("the reader is shut out")]
    Shut(Shut),
    /// The engine failed, or a budget has no room.
    #[error("the rows could not be computed")]
    Fetch(#[source] FetchError),
}

/// The code of a reader who may look and not take along.
const NOT_ALLOWED: &str = "export-not-allowed";

impl Dashboards {
    /// All rows of a tile for `view`'s reader, computed on the newest snapshots and recorded.
    ///
    /// # Errors
    /// [`ExportError`]; nothing may leave then.
    pub async fn export(&self, view: &View, tile: &Tile) -> Result<Exported, ExportError> {
        let snapshots = self.snapshots.current();
        let planned = self.planner(view).export(tile, &view.bound, &snapshots);
        let planned = match planned {
            Ok(planned) => planned,
            Err(withheld) => return self.withheld(view, tile, withheld).await,
        };
        let account = view.account().of_tile(tile.id.as_str()).taking_along();
        // Waiting for the engine is not work.
        view.turn.end();
        let rows = self.cache.export(&planned.statement, &account).await;
        if let Err(shut) = self.admits(view) {
            self.record_shut(view, shut).await?;
            return Err(ExportError::Shut(shut));
        }
        if !self.still_exports(view, tile, &snapshots, &planned) {
            let withheld = Withheld {
                dataset: planned.query.dataset().name().clone(),
                code: POLICY_CHANGED,
            };
            return self.withheld(view, tile, withheld).await;
        }
        let told = about(view, view.content.policies().revision());
        let taken = match &rows {
            Ok(rows) => Taken::Rows(rows),
            Err(FetchError::OverBudget(_)) => Taken::Refused,
            Err(_) => Taken::Failed,
        };
        let name = tile.id.as_str();
        let recorded = self
            .recorder
            .taken_along(told, name, &planned, ExportFormat::Csv, taken);
        recorded.await?;
        Ok(Exported {
            rows: rows.map_err(ExportError::Fetch)?,
            planned,
        })
    }

    async fn withheld(
        &self,
        view: &View,
        tile: &Tile,
        withheld: Withheld,
    ) -> Result<Exported, ExportError> {
        let told = about(view, view.content.policies().revision());
        let shown = Shown {
            tile: tile.id.as_str(),
            outcome: Outcome::Withheld(&withheld),
        };
        self.recorder.record(told, vec![shown]).await?;
        Err(ExportError::Withheld(withheld))
    }

    /// Puts on record that somebody wanted to take rows along who may only look at them.
    ///
    /// # Errors
    /// [`NotRecorded`].
    pub async fn record_not_allowed(&self, view: &View, tile: &Tile) -> Result<(), NotRecorded> {
        let mut denial = Denial::new(view.reader.realm(), Label::parse(NOT_ALLOWED)?);
        denial.subject = Some(subject(&view.reader));
        denial.dashboard = Some(Label::parse(view.dashboard.slug().as_str())?);
        denial.tile = Some(Label::parse(tile.id.as_str())?);
        denial.view_as = view.reader.lens();
        let facts = vec![Fact::Denial(denial)];
        self.recorder.facts(&view.request, facts).await
    }
}
