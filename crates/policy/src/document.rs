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
use crate::yaml::{self, At, Fields, Mistakes};
pub use crate::yaml::{DocumentError, Place, place_of};

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
    check_policy(file_name, text, schemas).map_err(|all| yaml::first(file_name, all))
}

/// Reads a policy as [`policy_from_catalog`] does, and goes on behind a mistake.
///
/// # Errors
/// Every mistake, in the order of the text: of each rule the first in what it does and the first
/// in each condition. Of a text that is no YAML, the first.
pub fn check_policy<'s>(
    file_name: &str,
    text: &str,
    schemas: impl IntoIterator<Item = &'s DatasetSchema>,
) -> Result<Policy, Vec<DocumentError>> {
    let mut mistakes = Mistakes::default();
    let root = yaml::read(file_name, text).map_err(|error| vec![error])?;
    let policy = policy(&At::root(file_name, &root), schemas, &mut mistakes);
    mistakes.or(policy)
}

fn policy<'s>(
    root: &At<'_>,
    schemas: impl IntoIterator<Item = &'s DatasetSchema>,
    mistakes: &mut Mistakes,
) -> Option<Policy> {
    let fields = mistakes.keep(root.fields("a map with `dataset` and `rules`"))?;
    let known = mistakes.only(&fields, &POLICY_KEYS);
    let schema = mistakes.required(&fields, "dataset", known);
    let schema = schema.and_then(|at| mistakes.keep(find_schema(&at, schemas)));
    let items = mistakes.required(&fields, "rules", known)?;
    let items = mistakes.keep(some_rules(&items))?;
    // Rules speak about columns; without a schema there is nothing to hold them against.
    let schema = schema?;
    let mut seen: BTreeMap<RuleId, String> = BTreeMap::new();
    let mut read = Vec::with_capacity(items.len());
    for at in &items {
        let Some(rule) = rule(at, schema, mistakes) else {
            continue;
        };
        if let Some(first) = seen.insert(rule.id().clone(), at.path().to_owned()) {
            let problem = format!("rule id `{}` is taken by {first} already", rule.id());
            let id = at.fields("a rule").and_then(|rule| rule.required("id"));
            mistakes.keep(id.and_then(|id| Err::<(), _>(id.error(problem))));
        }
        read.push(rule);
    }
    Some(Policy::new(schema.name().clone(), read))
}

fn some_rules<'a>(rules: &At<'a>) -> Result<Vec<At<'a>>, DocumentError> {
    let items = rules.items("a list of rules")?;
    if items.len() > MOST_RULES {
        let problem = format!(
            "{} rules are more than the {MOST_RULES} allowed",
            items.len()
        );
        return Err(rules.error(problem));
    }
    Ok(items)
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

fn rule(at: &At<'_>, schema: &DatasetSchema, mistakes: &mut Mistakes) -> Option<Rule> {
    let wanted = "a rule: a map with `id` and one of permit, forbid, hide or mask";
    let fields = mistakes.keep(at.fields(wanted))?;
    let known = mistakes.only(&fields, &RULE_KEYS);
    let id = mistakes.required(&fields, "id", known);
    let id = id.map(|at| at.name("a rule id such as `own-rows`", RuleId::parse));
    let id = id.and_then(|id| mistakes.keep(id));
    let condition = condition_of(&fields, mistakes);
    let mut columns = BTreeMap::new();
    // A misspelt `permit` is said once, as the key that nobody knows.
    let effect = if known || effect::is_in(&fields) {
        mistakes.keep(effect::read(&fields, schema, &mut columns))
    } else {
        None
    };
    Some(Rule::new(id?, effect?, condition.ok()?, columns))
}

/// Something that is among the mistakes already.
struct Mistaken;

/// `when` and `unless` together: `unless` is `not when`, in three-valued logic too.
fn condition_of(
    fields: &Fields<'_>,
    mistakes: &mut Mistakes,
) -> Result<Option<Condition>, Mistaken> {
    let mut read = |key: &str| match fields.get(key) {
        Some(at) => mistakes
            .keep(condition::read(&at))
            .map(Some)
            .ok_or(Mistaken),
        None => Ok(None),
    };
    let (when, unless) = (read("when"), read("unless"));
    let unless = unless?.map(|condition| Condition::Not(Box::new(condition)));
    Ok(match (when?, unless) {
        (Some(when), Some(unless)) => Some(Condition::All(vec![when, unless])),
        (one, other) => one.or(other),
    })
}

#[cfg(test)]
mod tests;
