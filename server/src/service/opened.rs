//! What somebody looks at, and what has come of it so far.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use weir_engine::Lane;
use weir_query::{Bound, Dashboard};
use weir_registry::{Purpose, RequestId};

use super::account::Account;
use super::costs::{FetchError, Tally};
use super::plan::{Plan, Questions, Withheld};
use super::query_cache::Fetched;
use crate::content::Content;
use crate::overload::Turn;
use crate::reader::Reader;
use crate::telemetry::phases::Phases;

/// What somebody looks at.
#[derive(Debug, Clone)]
pub struct View {
    /// Who.
    pub reader: Reader,
    /// The content in force when it began.
    pub content: Arc<Content>,
    /// Which dashboard.
    pub dashboard: Arc<Dashboard>,
    /// Period and filters.
    pub bound: Bound,
    /// The request's id.
    pub request: RequestId,
    /// When it began.
    pub began: DateTime<Utc>,
    /// The right to work on it.
    pub turn: Turn,
}

impl View {
    /// On whose account it is looked at.
    #[must_use]
    pub fn account(&self) -> Account {
        Account {
            unit: self.reader.business_unit().cloned(),
            dashboard: Some(self.dashboard.slug().clone()),
            lane: Lane::Interactive,
            purpose: Purpose::View,
            request: Some(self.request.clone()),
            tile: None,
            policy_revision: Some(self.content.policies().revision().get()),
        }
    }
}

/// An opened dashboard: what is ready, and what is not yet.
#[derive(Debug)]
pub struct Opened {
    /// The plan that everything was computed by.
    pub plan: Plan,
    /// When a newer snapshot replaced the one shown; `None` when the newest is shown.
    pub stale_since: Option<DateTime<Utc>>,
    /// Tiles that are ready, recorded, in no order.
    pub ready: Vec<TileAnswer>,
    /// Tiles that are still computed; record before showing. Dropped, they are waited for no longer.
    pub pending: FuturesUnordered<BoxFuture<'static, TileAnswer>>,
    /// How it came by its answers.
    pub tally: Tally,
    /// Where its time went.
    pub phases: Phases,
}

impl Opened {
    /// What everything is shown by: the plan, and whether newer snapshots are known than its own.
    #[must_use]
    pub fn ground(&self) -> (&Plan, bool) {
        (&self.plan, self.stale_since.is_some())
    }
}

/// What became of one tile.
#[derive(Debug)]
pub struct TileAnswer {
    /// Its place among the dashboard's tiles.
    pub index: usize,
    /// Rows, refusal or failure.
    pub state: TileState,
}

/// Rows, refusal or failure.
#[derive(Debug)]
pub enum TileState {
    /// The rows, and those of the sparkline.
    Answered(Questions, Answers),
    /// Policy keeps it.
    Withheld(Withheld),
    /// The engine failed, or a budget has no room.
    Failed(Questions, FetchError),
}

/// The rows of a tile and of its sparkline.
#[derive(Debug)]
pub struct Answers {
    /// The tile's own.
    pub main: Fetched,
    /// The sparkline's.
    pub trend: Option<Fetched>,
}
