//! The YAML shape of a claim mapping.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use weir_policy::{AttributeName, BusinessUnit, RoleName};

use super::{AttributeRule, ClaimMapping, ClaimPath, SetRule};
use crate::document::{Fault, Fields, Node, nearest};

/// A claim mapping file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingFileError {
    /// The text is no YAML, or has the same key twice.
    #[error("`{file}`: {detail}")]
    Syntax {
        /// The file's name.
        file: String,
        /// What the YAML reader says.
        detail: String,
    },
    /// Something in the document is not as it should be.
    #[error("`{file}`: `{path}`: {detail}")]
    Content {
        /// The file's name.
        file: String,
        /// Where in the document.
        path: String,
        /// What was expected there.
        detail: String,
    },
}

pub(super) fn read(file: &str, text: &str) -> Result<ClaimMapping, MappingFileError> {
    let value: Value = serde_saphyr::from_str(text).map_err(|error| MappingFileError::Syntax {
        file: file.to_owned(),
        detail: error.to_string(),
    })?;
    mapping(&Node::root(&value)).map_err(|fault| MappingFileError::Content {
        file: file.to_owned(),
        path: fault.path.to_string(),
        detail: fault.kind.to_string(),
    })
}

fn mapping(root: &Node<'_>) -> Result<ClaimMapping, Fault> {
    let fields = root.fields(&[
        "business_units",
        "roles",
        "attributes",
        "display_name",
        "locale",
    ])?;
    let attributes = match fields.optional("attributes") {
        Some(node) => attributes(&node)?,
        None => BTreeMap::new(),
    };
    Ok(ClaimMapping {
        business_units: set_rule(&fields.required("business_units")?, BusinessUnit::parse)?,
        roles: set_rule(&fields.required("roles")?, RoleName::parse)?,
        attributes,
        display_name: single(&fields, "display_name", "name")?,
        locale: single(&fields, "locale", "locale")?,
    })
}

fn single(fields: &Fields<'_>, key: &str, standard: &str) -> Result<ClaimPath, Fault> {
    match fields.optional(key) {
        Some(node) => claim_path(&node.fields(&["claim"])?.required("claim")?),
        None => Ok(ClaimPath(vec![standard.to_owned()])),
    }
}

fn set_rule<T: Ord + Clone, E: std::fmt::Display>(
    node: &Node<'_>,
    parse: impl Fn(String) -> Result<T, E> + Copy,
) -> Result<SetRule<T>, Fault> {
    let fields = node.fields(&["claim", "allow", "rename"])?;
    let mut values = BTreeMap::new();
    for item in fields.required("allow")?.list()? {
        let name = item.parse(parse)?;
        if values.insert(item.text()?.to_owned(), name).is_some() {
            return Err(item.fault("each name once"));
        }
    }
    if let Some(renames) = fields.optional("rename") {
        rename(&renames, &mut values)?;
    }
    Ok(SetRule {
        claim: claim_path(&fields.required("claim")?)?,
        values,
    })
}

/// `rename: { "CN=Analysts": analyst }`: the provider's spelling to an allowed name.
fn rename<T: Clone>(node: &Node<'_>, values: &mut BTreeMap<String, T>) -> Result<(), Fault> {
    let allowed = values.clone();
    for (theirs, target) in node.entries()?.iter() {
        let ours = target.text()?;
        let Some(name) = allowed.get(ours) else {
            let hint = nearest(ours, allowed.keys().map(String::as_str));
            let hint = hint
                .map(|name| format!(", did you mean `{name}`?"))
                .unwrap_or_default();
            return Err(target.fault(format!("a name that `allow` lists{hint}")));
        };
        if values.insert(theirs.to_owned(), name.clone()).is_some() {
            return Err(target.fault("a value of the provider that `allow` does not list itself"));
        }
    }
    Ok(())
}

fn attributes(node: &Node<'_>) -> Result<BTreeMap<AttributeName, AttributeRule>, Fault> {
    let read = |(key, node): (&str, Node<'_>)| {
        let name = AttributeName::parse(key).map_err(|error| node.fault(error.to_string()))?;
        let fields = node.fields(&["claim", "allow"])?;
        let allow = match fields.optional("allow") {
            Some(list) => Some(list.each(|item| item.text().map(str::to_owned))?),
            None => None,
        };
        Ok((
            name,
            AttributeRule {
                claim: claim_path(&fields.required("claim")?)?,
                allow,
            },
        ))
    };
    node.entries()?.iter().map(read).collect()
}

/// `name`, `realm.roles` (inside an object), or a list of names for claims with dots in theirs.
fn claim_path(node: &Node<'_>) -> Result<ClaimPath, Fault> {
    let names: Vec<String> = if node.is_list() {
        node.each(|item| item.text().map(str::to_owned))?
    } else {
        node.text()?.split('.').map(str::to_owned).collect()
    };
    let distinct: BTreeSet<&String> = names.iter().filter(|name| !name.is_empty()).collect();
    if distinct.is_empty() || names.iter().any(String::is_empty) {
        return Err(node.fault("the name of a claim, such as `groups` or `realm.roles`"));
    }
    Ok(ClaimPath(names))
}
