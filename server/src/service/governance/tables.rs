//! The files behind a policy: its own, and its decision table.

use weir_policy::decision_table::{self, DecisionTable};
use weir_policy::{DatasetName, document};
use weir_registry::{ContentPath, ContentTree};

use crate::content::Content;

/// The policy file of a dataset.
#[must_use]
pub fn policy_file<'t>(
    files: &'t ContentTree,
    dataset: &DatasetName,
) -> Option<(&'t ContentPath, &'t str)> {
    let mut policies = files
        .files()
        .filter(|(path, _)| path.as_str().ends_with(".policy.yaml"));
    policies.find(|(path, text)| {
        document::dataset_of(path.as_str(), text).is_ok_and(|named| named == *dataset)
    })
}

/// The decision tables among files, as far as they can be read for the datasets of `content`.
#[must_use]
pub fn decision_tables(files: &ContentTree, content: &Content) -> Vec<DecisionTable> {
    let schemas: Vec<_> = content
        .catalog()
        .datasets()
        .map(|one| one.schema())
        .collect();
    let tables = files
        .files()
        .filter(|(path, _)| path.as_str().ends_with(".test.yaml"));
    tables
        .filter_map(|(path, text)| {
            let schemas = schemas.iter().copied();
            decision_table::table_from_catalog(path.as_str(), text, schemas).ok()
        })
        .collect()
}
