//! What page views have in common. Everybody with the same claims who asks the same of the same
//! dashboard, under the same content and on the same snapshots, is asked and shown the same: they are
//! of one kind. What a kind's plan is, and how its tiles are drawn, is worked out once and kept.
//!
//! It stands below governance (invariant 5). The key is everything that a plan is made from, compared
//! whole, and the plan is made from the key: for somebody without a name, whom no rule can tell from
//! those who have one. Nothing here says that anybody may look: who is asking, what was revoked or
//! locked, whether rules changed meanwhile is decided for each request, rows are found by fingerprint,
//! and what is shown is recorded first (invariant 10), with or without this.

mod known;
mod pieces;
mod same;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;
use weir_policy::{BusinessUnit, Subject};
use weir_query::dashboard::Tile;
use weir_query::{Bound, Dashboard, Dialect, Principal, SnapshotSet};

pub use self::known::{FilterPlan, Known};
pub use self::pieces::{Drawn, Piece, Pieces, Place};
pub use self::same::Same;
use super::dashboards::Dashboards;
use super::opened::View;
use super::plan::{Plan, Planner, Wanted};
use crate::content::Content;

/// How long a kind is remembered that nobody is of any more.
const IDLE: Duration = Duration::from_mins(30);

/// Roughly what the plan of one question takes, without the claims that stand in it.
const QUESTION: usize = 8 << 10;

/// A kind of page view: all that its plan is made from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Kind {
    content: Same<Content>,
    dashboard: Same<Dashboard>,
    snapshots: Same<SnapshotSet>,
    /// Units, roles and attributes; no rule can ask for more.
    claims: Subject,
    bound: Bound,
    dialect: Dialect,
    principal: Option<Principal>,
}

impl Kind {
    fn of(view: &View, snapshots: &Arc<SnapshotSet>, planner: &Planner<'_>) -> Self {
        Self {
            content: Same::of(&view.content),
            dashboard: Same::of(&view.dashboard),
            snapshots: Same::of(snapshots),
            claims: nobody_like(view.reader.subject()),
            bound: view.bound.clone(),
            dialect: planner.dialect,
            principal: planner.principal.clone(),
        }
    }

    /// Roughly how many bytes it takes to keep, with all plans that may come.
    fn weight(&self, known: &Known) -> u32 {
        let claims = &self.claims;
        let attributes = claims.attributes().flat_map(|(_, values)| values);
        let texts = claims.business_units().iter().map(BusinessUnit::as_str);
        let texts = texts.chain(attributes.map(String::as_str));
        let held: usize = texts.map(|text| text.len() + 32).sum();
        let bytes = known.questions() * (QUESTION + 2 * held) + 2 * held;
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

/// Somebody with the same claims and without a name.
#[must_use]
pub fn nobody_like(subject: &Subject) -> Subject {
    subject.renamed("urn:weir:server", "nobody")
}

/// The kinds of page views that were seen lately. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Kinds {
    /// `None` where nothing is kept.
    plans: Option<Cache<Kind, Arc<Known>>>,
    pieces: Pieces,
    counters: Arc<Counters>,
}

/// How often a plan was there, and how often it was not.
#[derive(Debug, Default)]
struct Counters {
    found: AtomicU64,
    made: AtomicU64,
}

/// What the kinds came to up to now, for whoever measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindsSnapshot {
    /// Page views and tiles whose kind was known.
    pub found: u64,
    /// Those whose kind was new.
    pub made: u64,
    /// Parts of pages that had to be drawn.
    pub drawn: u64,
    /// Parts of pages that were drawn before.
    pub kept: u64,
}

impl Kinds {
    /// Keeps plans and pieces in about `max_bytes` together; nothing at all in zero.
    #[must_use]
    pub fn new(max_bytes: u64) -> Self {
        let half = max_bytes / 2;
        let weigh = |kind: &Kind, known: &Arc<Known>| kind.weight(known);
        let plans = (half > 0).then(|| {
            Cache::builder()
                .max_capacity(half)
                .weigher(weigh)
                .time_to_idle(IDLE)
                .build()
        });
        Self {
            plans,
            pieces: Pieces::new(half),
            counters: Arc::default(),
        }
    }

    /// Keeps nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::new(0)
    }

    /// What was drawn for them.
    #[must_use]
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// What they came to.
    #[must_use]
    pub fn snapshot(&self) -> KindsSnapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (kept, drawn) = self.pieces.counted();
        KindsSnapshot {
            found: read(&self.counters.found),
            made: read(&self.counters.made),
            drawn,
            kept,
        }
    }

    async fn known(&self, kind: &Kind, dashboard: &Dashboard) -> Option<Arc<Known>> {
        let plans = self.plans.as_ref()?;
        if let Some(known) = plans.get(kind).await {
            self.counters.found.fetch_add(1, Ordering::Relaxed);
            return Some(known);
        }
        self.counters.made.fetch_add(1, Ordering::Relaxed);
        let fresh = async { Arc::new(Known::of(dashboard)) };
        Some(plans.get_with(kind.clone(), fresh).await)
    }
}

impl Dashboards {
    /// What is known of the kind that `view` is of on `snapshots`. `None` where nothing is kept, and
    /// for a look through somebody else's eyes, which says so on the page.
    pub(super) async fn known(
        &self,
        view: &View,
        snapshots: &Arc<SnapshotSet>,
    ) -> Option<(Kind, Arc<Known>)> {
        if view.reader.lens().is_some() || self.kinds.plans.is_none() {
            return None;
        }
        let kind = Kind::of(view, snapshots, &self.planner(view));
        let known = self.kinds.known(&kind, &view.dashboard).await?;
        Some((kind, known))
    }

    /// The plan of `view` on `snapshots`, as it was made for the first of its kind.
    pub(super) async fn planned(
        &self,
        view: &View,
        snapshots: &Arc<SnapshotSet>,
        wanted: Wanted<'_>,
    ) -> Plan {
        let found = self.known(view, snapshots).await;
        let planner = self.planner(view);
        let Some((kind, known)) = found else {
            let has = |tile: &Tile| wanted.has(tile);
            return planner.tiles(&view.dashboard, &view.bound, snapshots, has);
        };
        let nobody = Planner {
            subject: &kind.claims,
            ..planner
        };
        known.plan(&nobody, (&view.dashboard, &kind.bound), snapshots, wanted)
    }
}
