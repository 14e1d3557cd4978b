//! Amazon Athena as the engine.

mod config;

pub use self::config::{AthenaConfig, Profile, Quotas};
