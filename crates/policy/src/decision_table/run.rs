//! Running a decision table: what the policy does, against what its author said it should do.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, CaseOutcome, DecisionTable, GivenRow, Sees};
use crate::denied::Denied;
use crate::explain::explain_row;
use crate::grant::Grant;
use crate::mask::{ColumnAccess, Mask};
use crate::name::ColumnName;
use crate::policy_set::PolicySet;
use crate::resolve::resolve;
use crate::schema::DatasetSchema;

impl DecisionTable {
    /// Decides every case under `policies`. `schema` describes the dataset of the table.
    #[must_use]
    pub fn run(&self, policies: &PolicySet, schema: &DatasetSchema) -> Vec<CaseOutcome> {
        self.cases
            .iter()
            .map(|case| CaseOutcome {
                file: self.file.clone(),
                line: case.line,
                name: case.name.clone(),
                failures: self.failures(case, policies, schema),
            })
            .collect()
    }

    fn failures(&self, case: &Case, policies: &PolicySet, schema: &DatasetSchema) -> Vec<String> {
        if schema.name() != &self.dataset {
            let (wanted, given) = (&self.dataset, schema.name());
            return vec![format!(
                "the table is about `{wanted}`, not about `{given}`"
            )];
        }
        match (resolve(policies, &case.subject, schema), &case.sees) {
            (Err(_), Sees::Denied) => Vec::new(),
            (Err(denied), Sees::Rows(_)) => {
                vec![format!(
                    "expected {}, but {}",
                    shown(&case.sees),
                    because(&denied)
                )]
            }
            (Ok(grant), Sees::Denied) => vec![format!(
                "expected denied, but rows are granted: {} (by {})",
                grant.rows(),
                words(grant.matched_rules())
            )],
            (Ok(grant), Sees::Rows(expected)) => {
                let mut found = self.row_failures(case, expected, policies, schema);
                found.extend(column_failures(case, &grant));
                found
            }
        }
    }

    fn row_failures(
        &self,
        case: &Case,
        expected: &BTreeSet<String>,
        policies: &PolicySet,
        schema: &DatasetSchema,
    ) -> Vec<String> {
        self.rows
            .iter()
            .filter_map(|row| row_failure(row, case, expected, policies, schema))
            .collect()
    }
}

fn row_failure(
    row: &GivenRow,
    case: &Case,
    expected: &BTreeSet<String>,
    policies: &PolicySet,
    schema: &DatasetSchema,
) -> Option<String> {
    let cell = |column: &ColumnName| row.cells.get(column).cloned();
    let id = &row.id;
    match (
        explain_row(policies, &case.subject, schema, &cell),
        expected.contains(id),
    ) {
        (Ok(verdict), true) if !verdict.is_seen() => {
            Some(format!("row `{id}` should be seen, but {verdict}"))
        }
        (Ok(verdict), false) if verdict.is_seen() => {
            Some(format!("row `{id}` should not be seen, but {verdict}"))
        }
        (Err(denied), true) => Some(format!(
            "row `{id}` should be seen, but {}",
            because(&denied)
        )),
        _ => None,
    }
}

fn column_failures(case: &Case, grant: &Grant) -> Vec<String> {
    let mut hidden = BTreeSet::new();
    let mut masked: BTreeMap<ColumnName, Mask> = BTreeMap::new();
    for (column, access) in grant.columns() {
        match access {
            ColumnAccess::Visible => {}
            ColumnAccess::Hidden => {
                hidden.insert(column.clone());
            }
            ColumnAccess::Masked(mask) => {
                masked.insert(column.clone(), mask.clone());
            }
        }
    }
    let mut failures = Vec::new();
    if let Some(expected) = case.hidden.as_ref().filter(|expected| **expected != hidden) {
        let (expected, found) = (words(expected), words(&hidden));
        failures.push(format!(
            "hidden columns should be {expected}, they are {found}"
        ));
    }
    if let Some(expected) = case.masked.as_ref().filter(|expected| **expected != masked) {
        let pairs = |masks: &BTreeMap<ColumnName, Mask>| {
            words(
                masks
                    .iter()
                    .map(|(column, mask)| format!("{column}: {mask}")),
            )
        };
        failures.push(format!(
            "masked columns should be {}, they are {}",
            pairs(expected),
            pairs(&masked)
        ));
    }
    failures
}

fn because(denied: &Denied) -> String {
    format!("the subject is denied ({}): {denied}", denied.code())
}

fn shown(sees: &Sees) -> String {
    match sees {
        Sees::Denied => "denied".to_owned(),
        Sees::Rows(rows) if rows.is_empty() => "a grant without any of the rows".to_owned(),
        Sees::Rows(rows) => format!("rows {}", words(rows)),
    }
}

fn words<T: std::fmt::Display>(things: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = things
        .into_iter()
        .map(|thing| format!("`{thing}`"))
        .collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}
