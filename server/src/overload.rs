//! Admission before work: when more is asked for than can be answered in time, some of it is told
//! so at once, and what is taken is answered as quickly as ever.
//!
//! - So many requests are worked on at a time. The number follows how late the machine is with its
//!   own small tasks ([`pace`]): it is the machine that knows when it has enough.
//! - The others wait, pages before tiles before exports before what is computed ahead; within a
//!   class each business unit in its turn ([`queue`]), so that who asks for much waits for itself.
//! - Whoever would wait longer than the longest wait is refused on arrival, not after waiting.
//! - Waiting for the engine is not work: a turn ends there.

pub mod pace;
mod queue;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use weir_policy::BusinessUnit;

use self::queue::{Arrival, Queue};
pub use self::queue::{Class, Counts, Load, Rules};

/// Who may work. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Admission {
    queue: Arc<Mutex<Queue<oneshot::Sender<Turn>>>>,
    longest_wait: Duration,
}

/// There is too much to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more is asked for than can be answered in time")]
pub struct Overloaded {
    /// How many seconds the caller should wait.
    pub retry_after: u64,
}

impl Admission {
    /// Nothing to do yet.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            queue: Arc::new(Mutex::new(Queue::new(rules, oneshot::Sender::is_closed))),
            longest_wait: rules.longest_wait,
        }
    }

    /// A turn for work of `class` that somebody of `unit` asked for; later, if others are first.
    ///
    /// # Errors
    /// When it would be too late, or is.
    pub async fn turn(
        &self,
        class: Class,
        unit: Option<&BusinessUnit>,
    ) -> Result<Turn, Overloaded> {
        let (told, turn) = oneshot::channel();
        let arrival = self.queue().arrive(class, unit, told, Instant::now());
        match arrival {
            Arrival::Work(_) => return Ok(Turn::new(self.clone())),
            Arrival::Refused => return Err(Overloaded::now()),
            Arrival::Waits => {}
        }
        // What was foreseen can take longer, when more urgent work comes.
        let patience = self.longest_wait.saturating_mul(2 * class.patience());
        if let Ok(Ok(turn)) = tokio::time::timeout(patience, turn).await {
            return Ok(turn);
        }
        self.queue().gave_up(class);
        Err(Overloaded::now())
    }

    /// Whether work of `class` for `unit` would get a turn: where it would not, nothing that costs
    /// much needs to be done to find out who asks.
    ///
    /// # Errors
    /// When it would be too late.
    pub fn foresee(&self, class: Class, unit: Option<&BusinessUnit>) -> Result<(), Overloaded> {
        if self.queue().refuses(class, unit) {
            return Err(Overloaded::now());
        }
        Ok(())
    }

    /// How late the machine was with something small.
    pub fn felt(&self, late: Duration) {
        let next = self.queue().felt(late, Instant::now());
        self.wake(next);
    }

    /// What is worked on, what waits and what was refused.
    #[must_use]
    pub fn load(&self) -> Load {
        self.queue().load()
    }

    fn over(&self, began: Instant) {
        let now = Instant::now();
        let next = self.queue().over(now.duration_since(began), now);
        self.wake(next);
    }

    /// Gives turns to those who waited. Who went away meanwhile drops the turn, which ends it.
    fn wake(&self, next: Vec<oneshot::Sender<Turn>>) {
        for waiting in next {
            drop(waiting.send(Turn::new(self.clone())));
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue<oneshot::Sender<Turn>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Overloaded {
    /// Spread a little, so that not all come back at the same moment.
    fn now() -> Self {
        let retry_after = 1 + u64::from(rand::random::<u8>() % 3);
        Self { retry_after }
    }
}

/// The right to work. It ends when the work is done, or has to wait for the engine.
#[derive(Debug, Clone)]
pub struct Turn(Arc<Mutex<Option<Held>>>);

#[derive(Debug)]
struct Held {
    admission: Admission,
    began: Instant,
}

impl Turn {
    fn new(admission: Admission) -> Self {
        let began = Instant::now();
        Self(Arc::new(Mutex::new(Some(Held { admission, began }))))
    }

    /// That of a few, whom nobody has to wait for.
    #[must_use]
    pub fn free() -> Self {
        Self(Arc::default())
    }

    /// Ends it before it is dropped: what comes now is waiting.
    pub fn end(&self) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(held);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.admission.over(self.began);
    }
}

#[cfg(test)]
mod tests;
