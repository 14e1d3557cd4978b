//! What is lent to the rows of an export, beside the memory that its operators reserve: they may run on
//! for a moment in tasks of their own when nobody waits any more.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{
    MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::SessionState;

use crate::Held;

/// What a statement of `state` runs in. Whatever it reserves of the memory that all share holds
/// `held`.
pub(super) fn lent(state: &SessionState, held: Held) -> Arc<TaskContext> {
    let shared = state.runtime_env().as_ref().clone();
    let lending = Lending {
        pool: Arc::clone(&shared.memory_pool),
        _held: held,
    };
    let runtime = RuntimeEnv {
        memory_pool: Arc::new(lending),
        ..shared
    };
    Arc::new(TaskContext::from(state).with_runtime(Arc::new(runtime)))
}

/// The memory that all share, for one statement. Reservations keep the pool that they are of.
#[derive(Debug)]
struct Lending {
    pool: Arc<dyn MemoryPool>,
    _held: Held,
}

impl MemoryPool for Lending {
    fn register(&self, consumer: &MemoryConsumer) {
        self.pool.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.pool.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.pool.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.pool.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.pool.try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.pool.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.pool.memory_limit()
    }
}
