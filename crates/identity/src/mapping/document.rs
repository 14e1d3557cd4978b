//! The YAML shape of a claim mapping.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use weir_policy::{AttributeName, BusinessUnit, RoleName};

use super::rules::{AttributeRule, ClaimPath, Rules, SetRule};
use super::{ClaimMapping, Sources};
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
        /// Line and column, where it knows them.
        place: Option<(u64, u64)>,
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

pub(super) fn read(file: &str, text: &str) -> Result<ClaimMapping, Vec<MappingFileError>> {
    let value: Value = serde_saphyr::from_str(text).map_err(|error| {
        let place = error.location().map(|at| (at.line(), at.column()));
        vec![MappingFileError::Syntax {
            file: file.to_owned(),
            detail: error.to_string(),
            place,
        }]
    })?;
    let mut faults = Vec::new();
    match mapping(&Node::root(&value), &mut faults) {
        Some(mapping) if faults.is_empty() => Ok(mapping),
        _ => Err(faults
            .into_iter()
            .map(|fault| MappingFileError::Content {
                file: file.to_owned(),
                path: fault.path.to_string(),
                detail: fault.kind.to_string(),
            })
            .collect()),
    }
}

/// The first of several flaws, for callers that stop there.
pub(super) fn first(file: &str, flaws: Vec<MappingFileError>) -> MappingFileError {
    let first = flaws.into_iter().next();
    first.unwrap_or_else(|| MappingFileError::Syntax {
        file: file.to_owned(),
        detail: "can't be read".to_owned(),
        place: None,
    })
}

/// The keys of one issuer's rules; `issuers` stands instead of them.
const KEYS: [&str; 5] = [
    "business_units",
    "roles",
    "attributes",
    "display_name",
    "locale",
];

/// The mapping, where nothing is wrong; what is wrong goes to `faults`.
fn mapping(root: &Node<'_>, faults: &mut Vec<Fault>) -> Option<ClaimMapping> {
    let fields = keep(root.entries(), faults)?;
    let sources = if let Some(node) = fields.optional("issuers") {
        faults.extend(fields.unknown(&["issuers"]));
        Sources::Issuers(issuers(&node, faults)?)
    } else {
        faults.extend(fields.unknown(&KEYS));
        Sources::TheOnlyOne(Box::new(rules(&fields, faults)?))
    };
    Some(ClaimMapping { sources })
}

fn issuers(node: &Node<'_>, faults: &mut Vec<Fault>) -> Option<BTreeMap<String, Rules>> {
    let entries = keep(node.entries(), faults)?;
    if entries.len() == 0 {
        faults.push(node.fault("at least one issuer"));
    }
    let mut all = BTreeMap::new();
    for (issuer, node) in entries.iter() {
        if !is_issuer(issuer) {
            faults.push(node.fault("an issuer, `https://…`, byte for byte as tokens name it"));
        }
        let Some(fields) = keep(node.entries(), faults) else {
            continue;
        };
        faults.extend(fields.unknown(&KEYS));
        if let Some(rules) = rules(&fields, faults) {
            all.insert(issuer.to_owned(), rules);
        }
    }
    Some(all)
}

/// Whether a text can be an issuer at all; which ones there are is the configuration's to say.
fn is_issuer(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

/// The rules of one issuer.
fn rules(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Option<Rules> {
    let attributes = match fields.optional("attributes") {
        Some(node) => attributes(&node, faults),
        None => Some(BTreeMap::new()),
    };
    let units = fields.required("business_units");
    let units = units.and_then(|node| set_rule(&node, BusinessUnit::parse));
    let units = keep(units, faults);
    let roles = fields.required("roles");
    let roles = roles.and_then(|node| set_rule(&node, RoleName::parse));
    let roles = keep(roles, faults);
    let display_name = keep(single(fields, "display_name", "name"), faults);
    let locale = keep(single(fields, "locale", "locale"), faults);
    Some(Rules {
        business_units: units?,
        roles: roles?,
        attributes: attributes?,
        display_name: display_name?,
        locale: locale?,
    })
}

fn keep<T>(read: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    read.map_err(|fault| faults.push(fault)).ok()
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

fn attributes(
    node: &Node<'_>,
    faults: &mut Vec<Fault>,
) -> Option<BTreeMap<AttributeName, AttributeRule>> {
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
    let entries = keep(node.entries(), faults)?;
    let read = entries.iter().map(read);
    Some(read.filter_map(|one| keep(one, faults)).collect())
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
