//! From a dashboard tile to a statement that can be run, and to the key it may be cached under.
//!
//! ```text
//! Dashboard ──question──▶ TileQuery ──under(Grant)──▶ GovernedQuery ──compile──▶ Statement ──▶ Fingerprint
//!   (YAML)                 ungoverned, cannot run       narrowed           text + scan        cache key
//! ```
//!
//! The crate is pure: no I/O, no async, no clock. A tile asks for measures by dimensions; a
//! [`Grant`](weir_policy::Grant) says which rows and columns the subject may see; only the two
//! together make a [`GovernedQuery`], and only that compiles:
//!
//! ```compile_fail
//! # fn demo(tile: weir_query::TileQuery, snapshot: &weir_query::Snapshot) {
//! // A tile that nobody was granted does not compile to SQL.
//! let statement = weir_query::compile(&tile, weir_query::Dialect::DataFusion, snapshot);
//! # }
//! ```
//!
//! # Invariants (numbers of the design)
//!
//! - **1** Nothing a client sends becomes SQL text except as a typed literal written by
//!   [`sql::literal`]; identifiers come from the catalog alone.
//! - **4** A statement is made by the compiler alone, [`compile`] or [`compile_export`], and that takes
//!   a [`GovernedQuery`].
//! - **5** [`Fingerprint`] covers statement text, effective predicate, masks, snapshot and dataset
//!   version; it is the only type a cache accepts as a key.
//! - **6** Masks and row predicate sit in the innermost `SELECT`: what the outer query groups,
//!   orders or filters is already masked. A filter or aggregate on a masked or hidden column is
//!   refused, since dropping it would change the answer and keeping it would leak by probing.
//!
//! The SQL is the small common subset of Athena (engine 3) and `DataFusion`: one inner and one
//! outer `SELECT` over one table. It knows no joins, and no expression an author could write.

pub mod catalog;
pub mod dashboard;
pub mod document;
mod fingerprint;
mod govern;
mod locale;
mod name;
mod request;
mod result_set;
mod snapshot;
pub mod sql;
mod tile_query;

pub use catalog::{Catalog, Dataset};
pub use dashboard::Dashboard;
pub use fingerprint::Fingerprint;
pub use govern::{GovernedQuery, Refusal};
pub use locale::Localized;
pub use name::{DashboardSlug, DimensionName, FilterId, MeasureName, NameError, TileId};
pub use request::{BindError, Bound, Locked, Period};
pub use result_set::{Cell, CellType, OutputColumn, ResultSet};
pub use snapshot::{Snapshot, SnapshotId, SnapshotSet};
pub use sql::{
    Dialect, GovernedScan, Principal, Purpose, SortKey, Statement, compile, compile_export,
};
pub use tile_query::{Direction, Output, TileQuery, Window};
pub use weir_policy::Locale;
