//! The registry from outside: a file, a handle, and what is true afterwards.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod audit;
mod crash;
mod launch_codes;
mod pending_logins;
mod registry;
mod sessions;
mod support;
mod tamper;
