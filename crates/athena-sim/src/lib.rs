//! A simulator of Amazon Athena, for development and load tests. The server never links it.
//!
//! It speaks Athena's JSON protocol, as much of Glue, STS and S3 as goes with it, and answers from
//! the tables of a lake folder, on the embedded engine. What other doubles leave out is its purpose:
//! idempotency tokens that refuse changed parameters, limits in bytes, pages that count their
//! header, queries that go back into the queue, quotas, the cutoff, results taken from earlier
//! queries, a meter of what would be billed, and [faults](Fault) on demand.
//!
//! ```no_run
//! # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
//! use athena_sim::{Effect, Fault, SimConfig, Sim};
//!
//! let sim = Sim::start(SimConfig::instant("target/demo/lake")).await?;
//! sim.inject(Fault::next(2, Effect::Throttle));
//! println!("point any client at {}", sim.url());
//! println!("{} bytes billed so far", sim.meter().billed_bytes);
//! # Ok(())
//! # }
//! ```
//!
//! It accepts the SQL that Weir's compiler writes and `SELECT`s of constants, and nothing else: what
//! it does not know it refuses as a syntax error, rather than computing something else than was
//! asked. It proves a client's protocol, not the meaning of Athena's SQL, which it shares with the
//! embedded engine. Signatures are not checked, there is one account, and nothing is kept when it
//! ends.

mod account;
mod alteration;
mod athena;
mod calls;
mod clock;
mod config;
mod control;
mod execution;
mod faults;
mod functions;
mod glue;
mod meter;
mod results;
mod runner;
mod running;
mod s3;
mod server;
mod sql;
mod store;
mod sts;
mod unload;
mod wire;
mod workgroup;
mod xml;

pub use crate::alteration::{AlterError, Alteration};
pub use crate::calls::Calls;
pub use crate::config::{Latency, Limits, Rate, SimConfig};
pub use crate::execution::State;
pub use crate::faults::{Effect, Fault};
pub use crate::meter::Meter;
pub use crate::running::{Running, Seen, Sim, StartError};
pub use crate::sts::AssumedRole;
pub use crate::workgroup::{
    Configuration, Encryption, EngineVersion, Managed, ResultConfiguration, WorkGroup,
};
