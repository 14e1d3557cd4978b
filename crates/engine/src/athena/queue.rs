//! Who may start next: one query of each business unit in turn, those that somebody waits for
//! first, and never more at Athena than its quota of active queries.

mod waiting;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;
use weir_policy::BusinessUnit;

use self::waiting::Waiting;
use super::pace::Pace;
use crate::Lane;

/// How long after Athena was too full one more query at a time is tried again.
const CAUTION: Duration = Duration::from_secs(5);

/// The queue before Athena. Cheap to clone: there is one.
#[derive(Debug, Clone)]
pub(super) struct Queue(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    starts: Arc<Pace>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Slots there are.
    cap: usize,
    /// Slots used now: fewer than `cap` after Athena was too full.
    room: usize,
    active: usize,
    background: usize,
    interactive: Waiting,
    behind: Waiting,
    /// Somebody will look again when there is a token to start with.
    awaited: bool,
    crowded_at: Option<Instant>,
}

/// The right to have one query at Athena, and to start it now. Dropping it lets the next one go.
#[derive(Debug)]
pub(super) struct Slot {
    queue: Weak<Inner>,
    lane: Lane,
}

/// Where in its unit's line a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind those that came before.
    Last,
    /// It had its turn already and was sent back.
    First,
}

impl Queue {
    /// A queue that lets `cap` queries be active, and takes a token of `starts` for each.
    pub(super) fn new(cap: u32, starts: Arc<Pace>) -> Self {
        let cap = usize::try_from(cap).unwrap_or(usize::MAX).max(1);
        Self(Arc::new(Inner {
            starts,
            state: Mutex::new(State {
                cap,
                room: cap,
                active: 0,
                background: 0,
                interactive: Waiting::default(),
                behind: Waiting::default(),
                awaited: false,
                crowded_at: None,
            }),
        }))
    }

    /// Waits for a turn. Dropping the future leaves the queue.
    pub(super) async fn turn(
        &self,
        unit: Option<&BusinessUnit>,
        lane: Lane,
        place: Place,
    ) -> Option<Slot> {
        let (sender, receiver) = oneshot::channel();
        self.0.state().lane(lane).push(unit, sender, place);
        self.0.serve();
        receiver.await.ok()
    }

    /// Another cap from now on. What is active stays.
    pub(super) fn set_cap(&self, cap: u32) {
        let cap = usize::try_from(cap).unwrap_or(usize::MAX).max(1);
        let mut state = self.0.state();
        state.cap = cap;
        state.room = cap;
        drop(state);
        self.0.serve();
    }

    /// Athena has no room for one more, whatever the quota says: others use it too.
    pub(super) fn crowded(&self) {
        let mut state = self.0.state();
        state.room = state.active.saturating_sub(1).clamp(1, state.room);
        state.crowded_at = Some(Instant::now());
    }
}

impl Inner {
    /// Gives out turns for as long as there are waiters, slots and tokens.
    fn serve(self: &Arc<Self>) {
        while let Some((waiter, slot)) = self.next() {
            // Who left meanwhile gives the slot back by dropping it.
            drop(waiter.send(slot));
        }
    }

    fn next(self: &Arc<Self>) -> Option<(oneshot::Sender<Slot>, Slot)> {
        let mut state = self.state();
        let lane = state.next_lane()?;
        if let Err(wait) = self.starts.try_take() {
            self.look_again(&mut state, wait);
            return None;
        }
        let waiter = state.lane(lane).pop()?;
        state.active += 1;
        state.background += usize::from(lane == Lane::Background);
        let queue = Arc::downgrade(self);
        Some((waiter, Slot { queue, lane }))
    }

    fn look_again(self: &Arc<Self>, state: &mut State, wait: Duration) {
        if std::mem::replace(&mut state.awaited, true) {
            return;
        }
        let queue = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            if let Some(queue) = queue.upgrade() {
                queue.state().awaited = false;
                queue.serve();
            }
        });
    }

    fn leave(self: &Arc<Self>, lane: Lane) {
        let mut state = self.state();
        state.active = state.active.saturating_sub(1);
        if lane == Lane::Background {
            state.background = state.background.saturating_sub(1);
        }
        let calm = state
            .crowded_at
            .is_none_or(|then| then.elapsed() >= CAUTION);
        if calm {
            state.room = (state.room + 1).min(state.cap);
        }
        drop(state);
        self.serve();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The lane whose turn it is. Work that nobody waits for takes at most half of the room, so
    /// that somebody who comes finds some.
    fn next_lane(&mut self) -> Option<Lane> {
        if self.active >= self.room {
            return None;
        }
        if !self.interactive.is_empty() {
            return Some(Lane::Interactive);
        }
        let half = (self.room / 2).max(1);
        (self.background < half && !self.behind.is_empty()).then_some(Lane::Background)
    }

    fn lane(&mut self, lane: Lane) -> &mut Waiting {
        match lane {
            Lane::Interactive => &mut self.interactive,
            Lane::Background => &mut self.behind,
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.upgrade() {
            queue.leave(self.lane);
        }
    }
}

#[cfg(test)]
mod tests;
