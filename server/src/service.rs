//! The use cases: what happens between a proven reader and rows on a page.

pub mod dashboards;
pub mod filter_values;
pub mod opened;
pub mod plan;
pub mod published;
pub mod query_cache;
pub mod recorder;
pub mod snapshots;
