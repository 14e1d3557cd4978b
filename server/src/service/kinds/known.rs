//! What is known of one kind of page view: plans, each made when it is first asked for.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use weir_policy::{BusinessUnit, ColumnAccess, resolve};
use weir_query::dashboard::Filter;
use weir_query::{Bound, Dashboard, SnapshotSet, TileId};

use crate::service::plan::{Ask, Plan, Planned, Planner, TilePlan, Wanted, Withheld};

/// What a kind's page may say of one filter.
#[derive(Debug, Clone)]
pub struct FilterPlan {
    /// Whether it is offered: a column that policy keeps from the reader is not.
    pub offered: bool,
    /// How its values are asked for, or why they are not.
    pub asked: Result<Planned, Withheld>,
}

impl FilterPlan {
    /// Plans one filter.
    #[must_use]
    pub fn of(
        planner: &Planner<'_>,
        filter: &Filter,
        bound: &Bound,
        snapshots: &SnapshotSet,
    ) -> Self {
        let grant = resolve(planner.policies, planner.subject, filter.dataset.schema());
        let access = |grant: weir_policy::Grant| {
            matches!(grant.access(&filter.column), ColumnAccess::Visible)
        };
        Self {
            offered: grant.is_ok_and(access),
            asked: planner.filter_values(filter, bound, snapshots),
        }
    }
}

/// What is known of one kind of page view.
#[derive(Debug)]
pub struct Known {
    /// No other kind of this process has the same.
    id: u64,
    tiles: Vec<OnceLock<Ask>>,
    filters: Vec<OnceLock<FilterPlan>>,
    units: OnceLock<BTreeSet<BusinessUnit>>,
}

impl Known {
    pub(super) fn of(dashboard: &Dashboard) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            tiles: dashboard.tiles().iter().map(|_| OnceLock::new()).collect(),
            filters: dashboard
                .filters()
                .iter()
                .map(|_| OnceLock::new())
                .collect(),
            units: OnceLock::new(),
        }
    }

    /// What tells this kind from all others of this process.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// How many questions may come to be planned for it: a tile may have two.
    pub(super) fn questions(&self) -> usize {
        2 * self.tiles.len() + self.filters.len() + 1
    }

    /// The business units that its rows can come from, as `seen` finds them the first time.
    #[must_use]
    pub fn units(&self, seen: impl FnOnce() -> BTreeSet<BusinessUnit>) -> &BTreeSet<BusinessUnit> {
        self.units.get_or_init(seen)
    }

    /// The plan for the filter at this place, as `plan` makes it the first time.
    #[must_use]
    pub fn filter(&self, place: usize, plan: impl FnOnce() -> FilterPlan) -> FilterPlan {
        match self.filters.get(place) {
            Some(slot) => slot.get_or_init(plan).clone(),
            None => plan(),
        }
    }

    /// The plan of the wanted tiles; what nobody wanted before is planned now.
    pub(super) fn plan(
        self: &Arc<Self>,
        planner: &Planner<'_>,
        (dashboard, bound): (&Dashboard, &Bound),
        snapshots: &Arc<SnapshotSet>,
        wanted: Wanted<'_>,
    ) -> Plan {
        let places = || {
            let places = dashboard.tiles().iter().zip(&self.tiles).enumerate();
            places.filter(move |(_, (tile, _))| wanted.has(tile))
        };
        let new: Vec<&TileId> = places()
            .filter(|(_, (_, slot))| slot.get().is_none())
            .map(|(_, (tile, _))| &tile.id)
            .collect();
        if !new.is_empty() {
            let made = planner.tiles(dashboard, bound, snapshots, |tile| new.contains(&&tile.id));
            for TilePlan { index, ask } in made.tiles {
                if let Some(slot) = self.tiles.get(index) {
                    // Two may plan the same at the same time, to the same end.
                    slot.set(ask).ok();
                }
            }
        }
        let tiles = places().filter_map(|(index, (_, slot))| {
            let ask = slot.get()?.clone();
            Some(TilePlan { index, ask })
        });
        Plan {
            revision: planner.policies.revision(),
            snapshots: Arc::clone(snapshots),
            tiles: tiles.collect(),
            known: Some(Arc::clone(self)),
        }
    }
}
