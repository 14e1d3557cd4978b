//! Policies as people write them: one YAML file per dataset.
//!
//! ```yaml
//! dataset: gold.statements
//! rules:
//!   - id: bu-own-rows
//!     permit: { business_unit: { in: subject.business_units } }
//!     when: { role: analyst }
//!   - id: customer-id-hashed
//!     mask: { column: customer_id, with: hash }
//!     unless: { role: privacy_officer }
//! ```
//!
//! Everything is checked against the schema of the dataset while it is read: a policy that could
//! not be evaluated never comes into being (F29, F32).

mod condition;
mod effect;
mod rows;

use std::collections::BTreeMap;

use crate::name::{DatasetName, RuleId};
use crate::rule::{Condition, Policy, Rule};
use crate::schema::DatasetSchema;
pub use crate::yaml::DocumentError;
use crate::yaml::{self, At, Fields};

pub(crate) use self::effect::mask_kind;
pub(crate) use self::rows::column_named as column_at;

/// More rules than anybody can review.
const MOST_RULES: usize = 1000;

const POLICY_KEYS: [&str; 2] = ["dataset", "rules"];
const RULE_KEYS: [&str; 7] = ["id", "permit", "forbid", "hide", "mask", "when", "unless"];

/// Reads the policy of the dataset that `schema` describes.
///
/// # Errors
/// [`DocumentError`] names the first mistake and its place.
pub fn policy_from_yaml(
    file_name: &str,
    text: &str,
    schema: &DatasetSchema,
) -> Result<Policy, DocumentError> {
    policy_from_catalog(file_name, text, [schema])
}

/// Reads a policy and checks it against whichever schema it is about.
///
/// # Errors
/// [`DocumentError`] names the first mistake and its place.
pub fn policy_from_catalog<'s>(
    file_name: &str,
    text: &str,
    schemas: impl IntoIterator<Item = &'s DatasetSchema>,
) -> Result<Policy, DocumentError> {
    let root = yaml::read(file_name, text)?;
    let fields = At::root(file_name, &root).fields("a map with `dataset` and `rules`")?;
    fields.only(&POLICY_KEYS)?;
    let schema = find_schema(&fields.required("dataset")?, schemas)?;
    let rules = fields.required("rules")?;
    let items = rules.items("a list of rules")?;
    if items.len() > MOST_RULES {
        let problem = format!(
            "{} rules are more than the {MOST_RULES} allowed",
            items.len()
        );
        return Err(rules.error(problem));
    }
    let mut seen: BTreeMap<RuleId, String> = BTreeMap::new();
    let mut read = Vec::with_capacity(items.len());
    for at in &items {
        let rule = rule(at, schema)?;
        if let Some(first) = seen.insert(rule.id().clone(), at.path().to_owned()) {
            let problem = format!("rule id `{}` is taken by {first} already", rule.id());
            return Err(at.fields("a rule")?.required("id")?.error(problem));
        }
        read.push(rule);
    }
    Ok(Policy::new(schema.name().clone(), read))
}

/// The dataset a policy says it is about, without reading its rules.
///
/// # Errors
/// [`DocumentError`] if the file is not YAML or names no dataset.
pub fn dataset_of(file_name: &str, text: &str) -> Result<DatasetName, DocumentError> {
    let root = yaml::read(file_name, text)?;
    let fields = At::root(file_name, &root).fields("a map with `dataset` and `rules`")?;
    fields
        .required("dataset")?
        .name("the name of a dataset", DatasetName::parse)
}

/// The schema of the dataset named at `at`.
pub(crate) fn find_schema<'s>(
    at: &At<'_>,
    schemas: impl IntoIterator<Item = &'s DatasetSchema>,
) -> Result<&'s DatasetSchema, DocumentError> {
    let wanted = at.name("the name of a dataset", DatasetName::parse)?;
    let mut known = Vec::new();
    for schema in schemas {
        if *schema.name() == wanted {
            return Ok(schema);
        }
        known.push(schema.name().as_str());
    }
    let problem = match known.as_slice() {
        [only] => format!("expected dataset `{only}`, found `{wanted}`"),
        _ => format!("there is no dataset `{wanted}`"),
    };
    Err(at.error(problem).with_nearest(wanted.as_str(), known))
}

fn rule(at: &At<'_>, schema: &DatasetSchema) -> Result<Rule, DocumentError> {
    let fields = at.fields("a rule: a map with `id` and one of permit, forbid, hide or mask")?;
    fields.only(&RULE_KEYS)?;
    let id = fields
        .required("id")?
        .name("a rule id such as `own-rows`", RuleId::parse)?;
    let mut columns = BTreeMap::new();
    let effect = effect::read(&fields, schema, &mut columns)?;
    Ok(Rule::new(id, effect, condition_of(&fields)?, columns))
}

/// `when` and `unless` together: `unless` is `not when`, in three-valued logic too.
fn condition_of(fields: &Fields<'_>) -> Result<Option<Condition>, DocumentError> {
    let when = fields
        .get("when")
        .map(|at| condition::read(&at))
        .transpose()?;
    let unless = fields
        .get("unless")
        .map(|at| condition::read(&at))
        .transpose()?
        .map(|condition| Condition::Not(Box::new(condition)));
    Ok(match (when, unless) {
        (Some(when), Some(unless)) => Some(Condition::All(vec![when, unless])),
        (one, other) => one.or(other),
    })
}

#[cfg(test)]
mod tests;
