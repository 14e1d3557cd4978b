//! What every engine must do alike, and what the one over Athena does when Athena misbehaves. The
//! other side is `athena-sim`, over the same sample lake that the embedded engine reads.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests"
)]

mod costs;
mod door;
mod exports;
mod faults;
mod laws;
mod pages;
mod support;
mod tables;
mod units;
mod workgroups;
