//! What the server's tests share: a whole Weir inside the test process, without a socket.
//!
//! ```ignore
//! let world = World::of_the_sample_lake().await;
//! let token = world.token(&Who::analyst("auto"), "finance-overview");
//! let answer = world.send(get("/api/v1/dashboards/finance-overview/tiles/loss-ratio/data").bearer(&token)).await;
//! ```

pub(crate) mod ask;
pub(crate) mod canaries;
pub(crate) mod configuration;
pub(crate) mod frame;
pub(crate) mod lake;
pub(crate) mod provider;
pub(crate) mod redis;
pub(crate) mod replicas;
pub(crate) mod world;
