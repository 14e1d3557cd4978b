//! The use cases: what happens between a proven reader and rows on a page.

pub mod account;
pub mod audit_export;
pub mod clients;
pub mod current_engine;
pub mod dashboards;
pub mod filter_values;
pub mod framing;
pub mod gate;
pub mod governance;
mod governed_rows;
pub mod impact;
pub mod opened;
pub mod plan;
pub mod published;
pub mod publisher;
pub mod query_cache;
pub mod recheck;
pub mod recorder;
pub mod revoke_wish;
pub mod row_question;
pub mod sign_in;
pub mod signing;
pub mod snapshots;
pub mod usage;
pub mod view_as;
pub mod who;
