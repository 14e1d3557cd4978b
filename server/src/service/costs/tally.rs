//! How one look at a dashboard came by its answers, counted while they arrive and told once, at the
//! end, also when the reader left.

use weir_registry::{Label, ViewCount};

use super::{FetchError, Ledger};
use crate::service::opened::{Answers, TileAnswer, TileState, View};
use crate::service::plan::{Ask, Plan};
use crate::service::query_cache::{Fetched, Origin};

/// The counts of one look.
#[derive(Debug)]
pub struct Tally {
    ledger: Ledger,
    /// `None` where nobody's use is counted: a look through somebody else's eyes.
    count: Option<ViewCount>,
    asked: u64,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A whole page.
    Page,
    /// One tile by itself.
    Tile,
}

impl Tally {
    /// Begins to count.
    pub(in crate::service) fn of(ledger: &Ledger, view: &View, plan: &Plan, look: Look) -> Self {
        let dashboard = Label::parse(view.dashboard.slug().as_str()).ok();
        let dashboard = dashboard.filter(|_| view.reader.lens().is_none());
        let granted = plan.tiles.iter().map(|tile| match &tile.ask {
            Ask::Granted(questions) => questions.iter().count() as u64,
            Ask::Withheld(_) => 0,
        });
        Self {
            ledger: ledger.clone(),
            asked: granted.sum(),
            count: dashboard.map(|dashboard| ViewCount {
                at: view.began,
                dashboard,
                unit: view.reader.business_unit().cloned(),
                views: u64::from(look == Look::Page),
                views_without_engine: 0,
                computed: 0,
                cached: 0,
                coalesced: 0,
                stale: 0,
                refused: 0,
                failed: 0,
                avoided_scanned: 0,
                avoided_billed: 0,
            }),
        }
    }

    /// Forgets the look: it begins anew on another set of snapshots.
    pub(in crate::service) fn begin_anew(&mut self) {
        self.count = None;
    }

    /// Counts what a tile's answers were.
    pub(in crate::service) fn add(&mut self, answer: &TileAnswer, superseded: bool) {
        let Some(count) = &mut self.count else {
            return;
        };
        match &answer.state {
            TileState::Answered(_, Answers { main, trend }) => {
                for fetched in std::iter::once(main).chain(trend) {
                    fetched_into(count, fetched, superseded);
                }
            }
            TileState::Failed(_, error) => match error {
                FetchError::OverBudget(_) => count.refused += 1,
                _ => count.failed += 1,
            },
            TileState::Withheld(_) => {}
        }
    }
}

fn fetched_into(count: &mut ViewCount, fetched: &Fetched, superseded: bool) {
    match (fetched.origin, superseded) {
        (Origin::Engine, _) => {
            count.computed += 1;
            return;
        }
        (Origin::Cache, true) => count.stale += 1,
        (Origin::Cache, false) => count.cached += 1,
        (Origin::Coalesced, _) => count.coalesced += 1,
    }
    count.avoided_scanned += fetched.entry.bytes_read;
    count.avoided_billed += fetched.entry.billed_bytes;
}

impl Drop for Tally {
    fn drop(&mut self) {
        if let Some(mut count) = self.count.take() {
            if count.cached + count.stale == self.asked {
                count.views_without_engine = count.views;
            }
            self.ledger.viewed(count);
        }
    }
}
