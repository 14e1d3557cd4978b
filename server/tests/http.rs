//! Weir over HTTP, without a socket: every promise about a request and its answer, as a sentence.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests"
)]

mod support;

#[path = "http/audit.rs"]
mod audit;
#[path = "http/audit_export.rs"]
mod audit_export;
#[path = "http/check.rs"]
mod check;
#[path = "http/content.rs"]
mod content;
#[path = "http/governance.rs"]
mod governance;
#[path = "http/guards.rs"]
mod guards;
#[path = "http/impact.rs"]
mod impact;
#[path = "http/isolation.rs"]
mod isolation;
#[path = "http/launches.rs"]
mod launches;
#[path = "http/members.rs"]
mod members;
#[path = "http/mints.rs"]
mod mints;
#[path = "http/parameters.rs"]
mod parameters;
#[path = "http/policy_test.rs"]
mod policy_test;
#[path = "http/problems.rs"]
mod problems;
#[path = "http/publication.rs"]
mod publication;
#[path = "http/refresh.rs"]
mod refresh;
#[path = "http/tokens.rs"]
mod tokens;
#[path = "http/who.rs"]
mod who;
