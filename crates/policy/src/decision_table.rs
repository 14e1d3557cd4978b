//! Decision tables: who sees which rows, said in data, beside each policy.
//!
//! ```yaml
//! policy: gold.statements
//! given:
//!   - { id: a, business_unit: auto, legal_hold: false }
//!   - { id: b, business_unit: auto }                     # legal_hold is NULL
//! cases:
//!   - as: { roles: [analyst], business_units: [auto] }
//!     sees: [a]                                          # a list of ids, `none` or `denied`
//!     columns: { hidden: [broker_commission], masked: { customer_id: hash } }
//!   - name: somebody without any unit
//!     as: { roles: [analyst] }
//!     sees: denied
//! ```
//!
//! Every row states its `id`; columns it leaves out are NULL. `hidden` and `masked` are complete
//! where they are given. `none` means a grant that admits none of the rows.

mod read;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::explain::RowExplanation;
use crate::mask::Mask;
use crate::name::{ColumnName, DatasetName};
use crate::policy_set::PolicySet;
use crate::subject::Subject;
use crate::value::Value;

pub use self::read::{check_table, dataset_of, table_from_catalog, table_from_yaml};

/// A decision table that was read and checked against its dataset.
#[derive(Debug, Clone)]
pub struct DecisionTable {
    file: String,
    dataset: DatasetName,
    rows: Vec<GivenRow>,
    cases: Vec<Case>,
}

/// One row of the imagined dataset.
#[derive(Debug, Clone)]
struct GivenRow {
    id: String,
    cells: BTreeMap<ColumnName, Value>,
}

/// One statement about one subject.
#[derive(Debug, Clone)]
struct Case {
    name: String,
    line: usize,
    subject: Subject,
    sees: Sees,
    hidden: Option<BTreeSet<ColumnName>>,
    masked: Option<BTreeMap<ColumnName, Mask>>,
}

#[derive(Debug, Clone)]
enum Sees {
    Denied,
    Rows(BTreeSet<String>),
}

/// What became of one case: all that a report of a test run asks for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CaseOutcome {
    file: String,
    line: usize,
    name: String,
    failures: Vec<String>,
    wrong_rows: Vec<WrongRow>,
}

/// A row that was decided otherwise than its case says, with the rule and clause that decided.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WrongRow {
    /// The `id` of the row in the table.
    pub id: String,
    /// Whether the case says that it is seen.
    pub expected: bool,
    /// What was decided, and why.
    pub decided: RowExplanation,
}

impl DecisionTable {
    /// The file, as the caller named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The dataset whose policy the table is about.
    #[must_use]
    pub fn dataset(&self) -> &DatasetName {
        &self.dataset
    }

    /// How many cases it has; never zero.
    #[must_use]
    pub fn case_count(&self) -> usize {
        self.cases.len()
    }
}

impl CaseOutcome {
    /// Whether the policy decides as the case says.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// The name of the case, or its number if it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file of the table.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line the case starts on.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The rows that are seen and should not be, or the reverse. Empty where the whole dataset is
    /// denied or should be.
    #[must_use]
    pub fn wrong_rows(&self) -> &[WrongRow] {
        &self.wrong_rows
    }

    /// One sentence per difference, each with the rule that decided.
    #[must_use]
    pub fn failures(&self) -> &[String] {
        &self.failures
    }
}

impl fmt::Display for CaseOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passed() { "ok" } else { "failed" };
        write!(f, "{}:{}: {}: {verdict}", self.file, self.line, self.name)?;
        self.failures
            .iter()
            .try_for_each(|failure| write!(f, "\n  {failure}"))
    }
}

/// The datasets of policies that no table speaks about. A policy without one is not published.
#[must_use]
pub fn untested<'s>(policies: &'s PolicySet, tables: &[DecisionTable]) -> Vec<&'s DatasetName> {
    policies
        .policies()
        .map(crate::Policy::dataset)
        .filter(|dataset| tables.iter().all(|table| table.dataset() != *dataset))
        .collect()
}

#[cfg(test)]
mod tests;
