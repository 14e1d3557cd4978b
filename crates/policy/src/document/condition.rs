//! `when` and `unless`: `role`, `business_unit`, `attribute`, `all`, `any`, `not`.

use std::collections::BTreeSet;

use crate::name::{AttributeName, BusinessUnit, NameError, RoleName};
use crate::rule::Condition;
use crate::yaml::{At, DocumentError};

const KEYS: [&str; 6] = ["role", "business_unit", "attribute", "all", "any", "not"];

pub(super) fn read(at: &At<'_>) -> Result<Condition, DocumentError> {
    let fields = at.fields("a condition such as `{ role: analyst }`")?;
    fields.only(&KEYS)?;
    let mut parts = Vec::new();
    for (key, at) in fields.iter() {
        parts.push(match key {
            "role" => Condition::Role(names(&at, "a role", RoleName::parse)?),
            "business_unit" => {
                Condition::BusinessUnit(names(&at, "a business unit", BusinessUnit::parse)?)
            }
            "attribute" => attributes(&at)?,
            "all" => Condition::All(list(&at)?),
            "any" => Condition::Any(list(&at)?),
            _ => Condition::Not(Box::new(read(&at)?)),
        });
    }
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => Ok(only),
        (_, Some(last)) => {
            parts.push(last);
            Ok(Condition::All(parts))
        }
        (_, None) => Err(at.error("an empty condition says nothing; leave it out")),
    }
}

fn list(at: &At<'_>) -> Result<Vec<Condition>, DocumentError> {
    at.some_items("a list of conditions")?
        .iter()
        .map(read)
        .collect()
}

/// `NAME`, `{ eq: NAME }` or `{ in: [NAME, …] }`.
fn names<T: Ord>(
    at: &At<'_>,
    what: &str,
    parse: fn(String) -> Result<T, NameError>,
) -> Result<BTreeSet<T>, DocumentError> {
    if at.is_list() {
        return Err(at.error(format!("for more than one {what} write `{{ in: […] }}`")));
    }
    let places = if at.is_map() {
        operands(at)?
    } else {
        vec![at.clone()]
    };
    places
        .iter()
        .map(|at| at.name(what, |text| parse(text.to_owned())))
        .collect()
}

/// `{ NAME: { eq: TEXT }, … }`; several attributes are a conjunction.
fn attributes(at: &At<'_>) -> Result<Condition, DocumentError> {
    let wanted = "an attribute such as `{ clearance: { eq: confidential } }`";
    let mut parts = Vec::new();
    for (name, at) in at.fields(wanted)?.iter() {
        let name = AttributeName::parse(name).map_err(|error| at.error(error.to_string()))?;
        let values: Result<BTreeSet<String>, DocumentError> =
            operands(&at)?.iter().map(attribute_value).collect();
        parts.push(Condition::Attribute(name, values?));
    }
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => Ok(only),
        (_, Some(last)) => {
            parts.push(last);
            Ok(Condition::All(parts))
        }
        (_, None) => Err(at.error(format!("expected {wanted}, found an empty map"))),
    }
}

fn attribute_value(at: &At<'_>) -> Result<String, DocumentError> {
    let text = at.text("text (put it in quotes)")?;
    if text.trim().is_empty() {
        return Err(at.error("a blank value counts as absent and can never be met"));
    }
    Ok(text.to_owned())
}

fn operands<'a>(at: &At<'a>) -> Result<Vec<At<'a>>, DocumentError> {
    let wanted = "`{ eq: VALUE }` or `{ in: [VALUE, …] }`";
    let fields = at.fields(wanted)?;
    fields.only(&["eq", "in"])?;
    match (fields.get("eq"), fields.get("in")) {
        (Some(one), None) => Ok(vec![one]),
        (None, Some(several)) => several.some_items("a list of values"),
        _ => Err(at.error(format!("expected one of {wanted}"))),
    }
}
