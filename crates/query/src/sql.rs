//! A governed query as SQL text, in the dialect of the engine that will run it.
//!
//! ```sql
//! SELECT CAST(date_trunc('month', "statement_date") AS date) AS c0,
//!        SUM(CAST("written_premium" AS decimal(38,2))) AS c1
//! FROM (
//!   SELECT "statement_date", "written_premium"        -- masked here, hidden columns absent
//!   FROM "gold"."statements@5828592803881840765"      -- one snapshot; nothing else resolves
//!   WHERE "business_unit" IN ('auto')                 -- the grant's rows
//! ) AS t
//! WHERE "statement_date" >= DATE '2026-01-01'         -- the viewer's filters, on masked columns
//! GROUP BY 1 ORDER BY 1 ASC NULLS LAST LIMIT 5001
//! ```

mod aggregate;
mod compile;
pub mod literal;
mod mask;
mod predicate;
mod vet;

use std::collections::BTreeSet;
use std::sync::Arc;

use weir_policy::{ColumnName, DatasetName, Predicate};

pub use self::compile::{compile, compile_export, pinned_table};
pub use self::mask::HASH_FUNCTION;
pub use self::vet::ForbiddenSql;

use crate::fingerprint::Fingerprint;
use crate::result_set::OutputColumn;
use crate::snapshot::SnapshotId;
use crate::tile_query::Direction;

/// The most rows a tile carries; one more is asked for, so that truncation is known.
pub const MAX_ROWS: u32 = 5_000;

/// The most rows an export carries; one more is asked for here too.
pub const MAX_EXPORT_ROWS: u32 = 1_000_000;

/// What a statement's rows are for. It decides how many there may be, and by which way they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To be shown, and kept by a cache.
    Tile,
    /// To be taken along, all of them.
    Export,
}

impl Purpose {
    fn most_rows(self) -> u32 {
        match self {
            Self::Tile => MAX_ROWS,
            Self::Export => MAX_EXPORT_ROWS,
        }
    }
}

/// One key that the rows are sorted by. NULLs come last, whichever way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// Which of the statement's columns, from zero.
    pub column: usize,
    /// Which way.
    pub direction: Direction,
}

/// Whose SQL the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Amazon Athena, engine version 3.
    Athena,
    /// The embedded engine.
    DataFusion,
}

impl Dialect {
    /// The name that enters fingerprints.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Athena => "athena-3",
            Self::DataFusion => "datafusion",
        }
    }
}

/// Compiled SQL: text, what its columns are, and the scan it is allowed to make.
#[derive(Debug, Clone)]
pub struct Statement {
    dialect: Dialect,
    text: String,
    columns: Vec<OutputColumn>,
    order: Vec<SortKey>,
    purpose: Purpose,
    scan: GovernedScan,
    filters: Vec<Predicate>,
    row_limit: u32,
    principal: Option<Principal>,
    fingerprint: Fingerprint,
}

/// As whom an engine asks the lake, where business units have roles of their own there. The lake may
/// then keep more from one than from another, so answers are not shared between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal(Arc<str>);

impl Principal {
    /// A principal by the name that its engine knows it by, such as a role's.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Statement {
    /// The same statement, asked as `principal`: another fingerprint.
    #[must_use]
    pub fn asked_by(self, principal: Option<Principal>) -> Self {
        let fingerprint = match (&self.principal, &principal) {
            (None, Some(principal)) => self.fingerprint.asked_by(principal),
            _ => self.fingerprint,
        };
        Self {
            principal: self.principal.or(principal),
            fingerprint,
            ..self
        }
    }

    /// As whom it is asked; `None` where the engine knows no difference.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// The dialect of the text.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The SQL text. It never leaves the server.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Names and types of the answer's columns; in the text they are called `c0`, `c1`, ….
    #[must_use]
    pub fn columns(&self) -> &[OutputColumn] {
        &self.columns
    }

    /// What its rows are sorted by, most important key first; nothing where there is one row. An
    /// engine whose rows come in pieces puts them in this order.
    #[must_use]
    pub fn order(&self) -> &[SortKey] {
        &self.order
    }

    /// What its rows are for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// What the engine may read for it, enforced a second time below SQL.
    #[must_use]
    pub fn scan(&self) -> &GovernedScan {
        &self.scan
    }

    /// What is true of every row that counts: the grant's predicate and what the viewer chose. It
    /// tells which files can be left unread, and enforces nothing.
    #[must_use]
    pub fn narrowed(&self) -> Predicate {
        let granted = self.scan.predicate.as_ref().clone();
        Predicate::all(self.filters.iter().cloned().chain([granted]))
    }

    /// The key under which the answer may be cached (invariant 5).
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The most rows the answer may carry; the text asks for one more where it names no limit.
    #[must_use]
    pub fn row_limit(&self) -> u32 {
        self.row_limit
    }
}

/// One table at one snapshot, the rows a grant admits and the columns the statement reads.
#[derive(Debug, Clone)]
pub struct GovernedScan {
    dataset: DatasetName,
    snapshot: SnapshotId,
    predicate: Arc<Predicate>,
    columns: BTreeSet<ColumnName>,
}

impl GovernedScan {
    /// The dataset.
    #[must_use]
    pub fn dataset(&self) -> &DatasetName {
        &self.dataset
    }

    /// The snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &SnapshotId {
        &self.snapshot
    }

    /// The grant's row predicate, and nothing of what the viewer chose.
    #[must_use]
    pub fn predicate(&self) -> &Predicate {
        &self.predicate
    }

    /// The physical columns that the statement and the grant's predicate name; all others may stay
    /// unknown to the engine.
    #[must_use]
    pub fn columns(&self) -> &BTreeSet<ColumnName> {
        &self.columns
    }
}

#[cfg(test)]
mod tests;
