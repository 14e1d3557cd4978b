//! The connection, which is there or is not.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisResult, cmd};
use tokio::time::Instant;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(1);

/// How long it is until the next attempt, at first and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How many calls in a row must have failed before the connection is given up.
const FAILURES: u32 = 3;

/// The connection to one server.
pub(super) struct Line {
    client: Client,
    /// For how long nothing may be answered until the connection is given up. A machine that is busy for
    /// a moment makes all calls of that moment late.
    patience: Duration,
    state: Mutex<State>,
    failures: AtomicU64,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// Which connection it is: what fails on an older one says nothing about it.
    number: u64,
    failed_in_a_row: u32,
    /// When the first of them began.
    failing_since: Option<Instant>,
}

impl Line {
    pub(super) fn new(client: Client, patience: Duration) -> Self {
        Self {
            client,
            patience,
            state: Mutex::default(),
            failures: AtomicU64::new(0),
        }
    }

    pub(super) fn is_there(&self) -> bool {
        self.state().connection.is_some()
    }

    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// The connection and its number, if there is one.
    pub(super) fn taken(&self) -> Option<(MultiplexedConnection, u64)> {
        let state = self.state();
        let connection = state.connection.clone()?;
        Some((connection, state.number))
    }

    /// A call was answered.
    pub(super) fn worked(&self, number: u64) {
        let mut state = self.state();
        if state.number == number {
            state.failed_in_a_row = 0;
            state.failing_since = None;
        }
    }

    /// A call failed that began at `began`. A connection that is of no use is given up, and another is
    /// sought.
    pub(super) fn failed(line: &Arc<Self>, number: u64, began: Instant, is_broken: bool) {
        line.failures.fetch_add(1, Ordering::Relaxed);
        if line.gave_up(number, began, is_broken) {
            tracing::warn!("the shared cache does not answer; each process computes for itself");
            tokio::spawn(Self::mend(Arc::downgrade(line)));
        }
    }

    /// Connects once, and goes on in a task of its own when that does not succeed.
    pub(super) async fn connect(line: &Arc<Self>) {
        if let Err(error) = line.try_once().await {
            let what = error.category();
            tracing::warn!(
                what,
                "the shared cache can't be reached; it is used once it can"
            );
            tokio::spawn(Self::mend(Arc::downgrade(line)));
        }
    }

    fn gave_up(&self, number: u64, began: Instant, is_broken: bool) -> bool {
        let mut state = self.state();
        if state.number != number || state.connection.is_none() {
            return false;
        }
        state.failed_in_a_row += 1;
        let since = *state.failing_since.get_or_insert(began);
        let is_silent = state.failed_in_a_row >= FAILURES && since.elapsed() >= self.patience;
        let gives_up = is_broken || is_silent;
        if gives_up {
            state.connection = None;
        }
        gives_up
    }

    /// Tries until there is a connection again, or nobody wants one.
    async fn mend(line: Weak<Self>) {
        let mut pause = AGAIN.0;
        loop {
            let some = rand::random_range(0.5..1.5);
            tokio::time::sleep(pause.mul_f64(some)).await;
            pause = (pause * 2).min(AGAIN.1);
            let Some(line) = line.upgrade() else {
                return;
            };
            if line.try_once().await.is_ok() {
                tracing::info!("the shared cache is used again");
                return;
            }
        }
    }

    async fn try_once(&self) -> RedisResult<()> {
        // Each call has a time of its own.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(None);
        let connecting = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        let mut connection = connecting.await?;
        let ping = cmd("PING");
        let ping = tokio::time::timeout(CONNECT, ping.query_async::<String>(&mut connection)).await;
        ping.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let mut state = self.state();
        state.connection = Some(connection);
        state.number += 1;
        state.failed_in_a_row = 0;
        state.failing_since = None;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own would show the password.
        f.debug_struct("Line")
            .field("is_there", &self.is_there())
            .finish_non_exhaustive()
    }
}
