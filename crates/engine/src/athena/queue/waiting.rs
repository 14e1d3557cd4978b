//! A line for each business unit, and whose turn it is.

use std::collections::VecDeque;

use tokio::sync::oneshot;
use weir_policy::BusinessUnit;

use super::{Place, Slot};

type Waiter = oneshot::Sender<Slot>;

/// The units in the order of their turns, each with its line. No line is empty.
#[derive(Debug, Default)]
pub(super) struct Waiting(VecDeque<Line>);

#[derive(Debug)]
struct Line {
    unit: Option<BusinessUnit>,
    waiters: VecDeque<Waiter>,
}

impl Waiting {
    pub(super) fn push(&mut self, unit: Option<&BusinessUnit>, waiter: Waiter, place: Place) {
        let own = self.0.iter().position(|line| line.unit.as_ref() == unit);
        match (own.and_then(|at| self.0.get_mut(at)), place) {
            (Some(line), Place::Last) => line.waiters.push_back(waiter),
            (Some(line), Place::First) => line.waiters.push_front(waiter),
            (None, place) => {
                let line = Line {
                    unit: unit.cloned(),
                    waiters: VecDeque::from([waiter]),
                };
                match place {
                    Place::Last => self.0.push_back(line),
                    Place::First => self.0.push_front(line),
                }
            }
        }
    }

    /// The first of the unit whose turn it is; the unit goes to the end.
    pub(super) fn pop(&mut self) -> Option<Waiter> {
        self.forget_who_left();
        let mut line = self.0.pop_front()?;
        let waiter = line.waiters.pop_front();
        if !line.waiters.is_empty() {
            self.0.push_back(line);
        }
        waiter
    }

    pub(super) fn is_empty(&mut self) -> bool {
        self.forget_who_left();
        self.0.is_empty()
    }

    /// Only as far as the next one that still waits: the others are met in their turn.
    fn forget_who_left(&mut self) {
        while let Some(line) = self.0.front_mut() {
            while line.waiters.front().is_some_and(Waiter::is_closed) {
                line.waiters.pop_front();
            }
            if !line.waiters.is_empty() {
                return;
            }
            self.0.pop_front();
        }
    }
}
