//! The simulator over HTTP: call by call, with the statements of the repository, and with the
//! clients that others drive Athena with.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod binary;
mod clients;
mod compiled;
mod faults;
mod objects;
mod queries;
mod starts;
mod support;
mod tables;
mod workgroups;
