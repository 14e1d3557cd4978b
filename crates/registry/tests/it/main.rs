//! The registry from outside: a file, a handle, and what is true afterwards.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what fails here is a failed test"
)]

/// Makes two tests of each function: the conformance suite of both databases.
macro_rules! on_both_databases {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            use crate::support::Database;

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_sqlite() {
                super::$name(Database::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn on_postgres() {
                super::$name(Database::Postgres).await;
            }
        }
    )*};
}

mod audit;
mod checkpoints;
mod costs;
mod crash;
mod drafts;
mod embed_clients;
mod families;
mod fleet;
mod killed;
mod launch_codes;
mod lockdowns;
mod model;
mod outage;
mod previews;
mod provider_logouts;
mod registry;
mod revisions;
mod revocations;
mod search;
mod segments;
mod sessions;
mod signing_keys;
mod support;
mod tamper;
mod usage;
mod vitals;
