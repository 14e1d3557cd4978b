//! Hearing of new revisions, whoever published them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Newest, rows};
use crate::database::Database;

/// What the trigger on the table of revisions calls out.
const CHANNEL: &str = "weir_revisions";

/// How often to look where nothing calls out.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How often to look where the database calls out: for the call that got lost.
const LOOK_ANYWAY: Duration = Duration::from_secs(2);

/// The newest revision, and the task that keeps it new. Cloning it is cheap; the task ends with the
/// last clone.
#[derive(Clone)]
pub(crate) struct Follower {
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    newest: watch::Sender<Option<Newest>>,
    nudge: Arc<Notify>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Follower {
    pub(crate) fn new(database: Database) -> Self {
        Self {
            shared: Arc::new(Shared {
                database,
                newest: watch::Sender::new(None),
                nudge: Arc::default(),
                task: Mutex::default(),
            }),
        }
    }

    /// Starts the task where it does not run yet.
    pub(super) fn follow(&self) -> watch::Receiver<Option<Newest>> {
        let mut task = self.task();
        if task.is_none() {
            let watcher = Watcher {
                database: self.shared.database.clone(),
                newest: self.shared.newest.clone(),
                nudge: Arc::clone(&self.shared.nudge),
                listener: None,
                blind: false,
            };
            *task = Some(tokio::spawn(watcher.run()));
        }
        self.shared.newest.subscribe()
    }

    /// This process published: look at once.
    pub(crate) fn nudge(&self) {
        self.shared.nudge.notify_one();
    }

    pub(crate) fn stop(&self) {
        if let Some(task) = self.task().as_ref() {
            task.abort();
        }
    }

    fn task(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        let task = &self.shared.task;
        task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = task {
            task.abort();
        }
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower")
            .field("newest", &*self.shared.newest.borrow())
            .finish_non_exhaustive()
    }
}

struct Watcher {
    database: Database,
    newest: watch::Sender<Option<Newest>>,
    nudge: Arc<Notify>,
    /// Where the database calls out, once it could be reached.
    listener: Option<PgListener>,
    /// Whether the last look failed.
    blind: bool,
}

impl Watcher {
    async fn run(mut self) {
        let nudge = Arc::clone(&self.nudge);
        loop {
            // Listening comes before looking, so that nothing falls between the two.
            self.listen().await;
            match self.look().await {
                Err(sqlx::Error::PoolClosed) => return,
                outcome => self.report(outcome.err()),
            }
            tokio::select! {
                () = nudge.notified() => {}
                () = self.call() => {}
            }
        }
    }

    async fn look(&self) -> Result<(), sqlx::Error> {
        let found = rows::newest(&mut *self.database.reader().await?).await?;
        self.newest.send_if_modified(|newest| {
            let changed = *newest != found;
            *newest = found;
            changed
        });
        Ok(())
    }

    async fn listen(&mut self) {
        if self.listener.is_some() {
            return;
        }
        let Some(url) = self.database.listen_url() else {
            return;
        };
        let connected = timeout(LOOK_ANYWAY, async {
            let mut listener = PgListener::connect(url).await?;
            listener.listen(CHANNEL).await?;
            Ok::<_, sqlx::Error>(listener)
        });
        // Without it the look every two seconds is what there is.
        self.listener = connected.await.ok().and_then(Result::ok);
    }

    /// Waits for a call, and no longer than it takes to look anyway.
    async fn call(&mut self) {
        let Some(listener) = &mut self.listener else {
            let pause = match self.database.listen_url() {
                Some(_) => LOOK_ANYWAY,
                None => LOOK_AGAIN,
            };
            return tokio::time::sleep(pause).await;
        };
        // A call that is lost when this is cancelled was about something the next look finds.
        if let Ok(Err(_)) = timeout(LOOK_ANYWAY, listener.recv()).await {
            self.listener = None;
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Says once that it cannot see, and once that it can again.
    fn report(&mut self, failure: Option<sqlx::Error>) {
        match failure {
            Some(cause) if !self.blind => {
                tracing::warn!(cause = %cause, "new policy revisions cannot be seen");
                self.blind = true;
            }
            None if self.blind => {
                tracing::info!("new policy revisions can be seen again");
                self.blind = false;
            }
            _ => {}
        }
    }
}
