//! What goes on beside requests, each until it is told to stop.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::overload::pace;
use crate::telemetry::{self, listener};

/// How often what is over is removed from the registry.
const HOUSEKEEPING: Duration = Duration::from_mins(5);

/// How often scheduled drafts are looked for.
const SCHEDULE: Duration = Duration::from_secs(1);

impl App {
    /// Removes sessions, sign-ins and launch codes that are over, and bills runs that nobody settled,
    /// every few minutes until `stop`.
    pub async fn keep_house(&self, stop: CancellationToken) {
        let pause = || tokio::time::sleep(HOUSEKEEPING);
        while stop.run_until_cancelled(pause()).await.is_some() {
            if let Err(error) = self.state.registry.purge(self.state.clock.now()).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the registry was not purged");
            }
            let ledger = self.state.dashboards.cache.ledger();
            if let Err(error) = ledger.settle_abandoned().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "runs that nobody settled were not billed");
            }
        }
    }

    /// Puts what the registry publishes in force until `stop`.
    pub async fn follow_revisions(&self, stop: CancellationToken) {
        let publisher = self.state.governance.publisher.clone();
        publisher.follow(stop).await;
    }

    /// Takes over what any process changes about embed clients, until `stop`.
    pub async fn follow_clients(&self, stop: CancellationToken) {
        self.state.clients.follow(stop).await;
    }

    /// Books what answers cost until `stop`, and what is still to come then.
    pub async fn keep_books(&self, stop: CancellationToken) {
        self.state.dashboards.cache.ledger().keep(stop).await;
    }

    /// Writes down what browsers measured, until `stop`, and then the last of it.
    pub async fn keep_vitals(&self, stop: CancellationToken) {
        self.state.real_users.keep(stop).await;
    }

    /// Publishes scheduled drafts when their time has come, until `stop`.
    pub async fn keep_schedule(&self, stop: CancellationToken) {
        let governance = &self.state.governance;
        let pause = || tokio::time::sleep(SCHEDULE);
        while stop.run_until_cancelled(pause()).await.is_some() {
            if let Err(error) = governance.publish_due(&self.scheduler).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "scheduled drafts can't be looked up");
            }
        }
    }

    /// Follows the rotation of signing keys until `stop`.
    pub async fn follow_keys(&self, stop: CancellationToken) {
        self.state.signing.follow(stop).await;
    }

    /// Has this process counted among those that share the account's quotas.
    pub async fn join_crew(&self) {
        self.state.crew.join().await;
    }

    /// Counts the processes that share the account's quotas, until `stop`.
    pub async fn keep_crew(&self, stop: CancellationToken) {
        self.state.crew.follow(stop).await;
    }

    /// Computes answers ahead, until `stop`.
    pub async fn keep_warm(&self, stop: CancellationToken) {
        self.state.prewarm.follow(stop).await;
    }

    /// Feels how late the machine is, and takes on more or less, until `stop`.
    pub async fn keep_pace(&self, stop: CancellationToken) {
        pace::keep(self.state.dashboards.admission.clone(), stop).await;
    }

    /// Tells Prometheus on `listener`, if there is one, and a collector how things stand, until `stop`.
    pub async fn tell(&self, listener: Option<TcpListener>, stop: CancellationToken) {
        let asked = async {
            if let Some(listener) = listener {
                listener::serve(listener, &self.state, stop.clone()).await;
            }
        };
        tokio::join!(asked, telemetry::keep(&self.state, stop.clone()));
    }

    /// Looks for newer snapshots and for changed tables until `stop`.
    pub async fn follow_snapshots(&self, stop: CancellationToken) {
        self.state.lake.clone().follow(self.refresh, stop).await;
    }
}
