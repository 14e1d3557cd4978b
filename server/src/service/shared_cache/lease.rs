//! A lease: this process computes an answer, and the others wait for it. It lives while it is renewed,
//! so that those who wait go on soon when its holder is gone.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use weir_query::Fingerprint;

use super::SharedCache;
use super::busy::OneMore;
use crate::service::query_cache::Entry;

/// How often a lease is renewed in its lifetime.
const RENEWALS: u32 = 3;

/// The right to compute an answer. Dropped, somebody else may.
#[derive(Debug)]
pub struct Lease(oneshot::Sender<Arc<Entry>>);

/// What tells this lease from everybody else's.
pub(super) fn token() -> String {
    format!("{:032x}", rand::random::<u128>())
}

impl Lease {
    /// The answer is there: it is kept for all, and then the lease is over.
    pub fn done(self, entry: Arc<Entry>) {
        // Whoever holds it may be gone with the runtime; then nobody waits either.
        self.0.send(entry).ok();
    }
}

impl SharedCache {
    /// Holds a lease that was just taken, in a task of its own: it outlives a computation that nobody
    /// waits for any more, and gives the lease back then.
    pub(super) fn lease(&self, key: Fingerprint, token: String, one_more: OneMore) -> Lease {
        let (done, told) = oneshot::channel();
        let shared = self.clone();
        let tasks = &self.0.tasks;
        tasks.spawn(async move {
            shared.hold(key, &token, told).await;
            drop(one_more);
        });
        Lease(done)
    }

    async fn hold(&self, key: Fingerprint, token: &str, told: oneshot::Receiver<Arc<Entry>>) {
        let (server, life) = (&self.0.server, self.0.terms.lease);
        let name = self.0.sealer.name(key.as_bytes());
        let mut told = std::pin::pin!(told);
        let entry = loop {
            tokio::select! {
                biased;
                entry = &mut told => break entry,
                () = tokio::time::sleep(beat(life)) => {
                    server.renew(&name, token, life).await;
                }
            }
        };
        if let Ok(entry) = entry {
            self.store(&key, &entry).await;
        }
        server.release(&name, token).await;
    }
}

fn beat(life: Duration) -> Duration {
    life / RENEWALS
}
