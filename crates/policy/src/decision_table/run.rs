//! Running a decision table: what the policy does, against what its author said it should do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Case, CaseOutcome, DecisionTable, GivenRow, Sees, WrongRow};
use crate::denied::Denied;
use crate::explain::explain_row;
use crate::grant::Grant;
use crate::mask::{ColumnAccess, Mask};
use crate::name::ColumnName;
use crate::policy_set::PolicySet;
use crate::resolve::resolve;
use crate::schema::DatasetSchema;

/// What differs from what a case says.
#[derive(Default)]
struct Differences {
    failures: Vec<String>,
    wrong_rows: Vec<WrongRow>,
}

impl From<String> for Differences {
    fn from(failure: String) -> Self {
        let failures = vec![failure];
        Self {
            failures,
            ..Self::default()
        }
    }
}

impl DecisionTable {
    /// Decides every case under `policies`. `schema` describes the dataset of the table.
    #[must_use]
    pub fn run(&self, policies: &PolicySet, schema: &DatasetSchema) -> Vec<CaseOutcome> {
        self.cases
            .iter()
            .map(|case| {
                let found = self.differences(case, policies, schema);
                CaseOutcome {
                    file: self.file.clone(),
                    line: case.line,
                    name: case.name.clone(),
                    failures: found.failures,
                    wrong_rows: found.wrong_rows,
                }
            })
            .collect()
    }

    fn differences(
        &self,
        case: &Case,
        policies: &PolicySet,
        schema: &DatasetSchema,
    ) -> Differences {
        if schema.name() != &self.dataset {
            let (wanted, given) = (&self.dataset, schema.name());
            return format!("the table is about `{wanted}`, not about `{given}`").into();
        }
        match (resolve(policies, &case.subject, schema), &case.sees) {
            (Err(_), Sees::Denied) => Differences::default(),
            (Err(denied), Sees::Rows(_)) => {
                format!("expected {}, but {}", shown(&case.sees), because(&denied)).into()
            }
            (Ok(grant), Sees::Denied) => format!(
                "expected denied, but rows are granted: {} (by {})",
                grant.rows(),
                words(grant.matched_rules())
            )
            .into(),
            (Ok(grant), Sees::Rows(expected)) => {
                let rows = self.rows.iter();
                let wrong = rows.filter_map(|row| wrong_row(row, case, expected, policies, schema));
                let wrong_rows: Vec<WrongRow> = wrong.collect();
                let failures = wrong_rows.iter().map(ToString::to_string);
                let failures = failures.chain(column_failures(case, &grant)).collect();
                Differences {
                    failures,
                    wrong_rows,
                }
            }
        }
    }
}

/// The row, if it is decided otherwise than the case says. The subject is not denied here.
fn wrong_row(
    row: &GivenRow,
    case: &Case,
    expected: &BTreeSet<String>,
    policies: &PolicySet,
    schema: &DatasetSchema,
) -> Option<WrongRow> {
    let cell = |column: &ColumnName| row.cells.get(column).cloned();
    let decided = explain_row(policies, &case.subject, schema, &cell).ok()?;
    let expected = expected.contains(&row.id);
    (decided.is_seen() != expected).then(|| WrongRow {
        id: row.id.clone(),
        expected,
        decided,
    })
}

impl fmt::Display for WrongRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = if self.expected { "" } else { "not " };
        let (id, decided) = (&self.id, &self.decided);
        write!(f, "row `{id}` should {not}be seen, but {decided}")
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
