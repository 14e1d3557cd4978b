//! Load tests that hold Weir to its budgets.
//!
//! Everything here looks at Weir from outside, over sockets: the crate knows no other of the
//! workspace. A [plan](plan::Plan) says what is done, in sections: `http` sends open-loop requests
//! and looks for the knee, `browser` opens the CRM page in Chromium, `fleet` runs several
//! replicas, `soak` goes on for long with faults on the way, `figures` compares with nginx. Each
//! section starts what it needs through the [`Surroundings`](surroundings::Surroundings), on free
//! ports of this machine's loopback address, and ends it.
//!
//! What comes out is one [document](results::Results) as JSON, and one page to read. Every section
//! says its results as [measures](results::Measure) with names, so that `budgets.toml` can hold
//! any of them to a limit without knowing where it came from:
//!
//! ```toml
//! [[budget]]
//! measure = "browser.lcp_ratio"
//! where = { server_cache = "hot", percentile = "p75" }
//! at_most = 1.15
//! ```
//!
//! What is fast on one machine is slow on another, so budgets are ratios to something that was
//! measured in the same run. Over budget is exit code 1 and a sentence that says what was where;
//! exit code 2 is a run that could not be finished.
//!
//! Not done here: nothing is measured inside Weir (that is telemetry's), and nothing is retried.

pub mod browser;
pub mod budgets;
pub mod figures;
pub mod fleet;
pub mod http;
mod machine;
pub mod number;
pub mod plan;
pub mod progress;
pub mod report;
pub mod results;
pub mod soak;
pub mod surroundings;
