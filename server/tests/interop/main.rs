//! Weir beside software that nobody here wrote: tables written by pyiceberg, answers computed by
//! `DuckDB`, sign-in at a certified identity provider, SQL that others read, and the tutorial exactly
//! as it is printed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests and their helpers"
)]

mod access_token;
mod answers;
mod deletion_vectors;
mod evolved;
mod golden;
mod live_athena;
mod moto;
mod parquet_folder;
mod sample_lake;
mod sign_in;
mod sign_in_attacks;
mod support;
mod tpch;
mod tutorial;
mod weir;
