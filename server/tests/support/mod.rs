//! What the server's tests share: a whole Weir inside the test process, without a socket.
//!
//! ```ignore
//! let world = World::of_the_sample_lake().await;
//! let token = world.token(&Who::analyst("auto"), "finance-overview");
//! let answer = world.send(get("/api/v1/dashboards/finance-overview/tiles/loss-ratio/data").bearer(&token)).await;
//! ```

use std::path::PathBuf;

pub(crate) mod ask;
pub(crate) mod canaries;
pub(crate) mod collector;
pub(crate) mod configuration;
pub(crate) mod frame;
pub(crate) mod lake;
pub(crate) mod provider;
pub(crate) mod redis;
pub(crate) mod replicas;
pub(crate) mod running;
pub(crate) mod starts;
pub(crate) mod wire;
pub(crate) mod world;

/// A variable that `cargo xtask test` sets.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told about the machine by their environment, and ask it here alone"
)]
pub(crate) fn told(name: &str) -> PathBuf {
    match std::env::var(name) {
        Ok(path) if !path.is_empty() => PathBuf::from(path),
        _ => panic!("{name} is not set: run the tests by `cargo xtask test`"),
    }
}
