//! What is registered about an embed client.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use weir_policy::{AttributeName, BusinessUnit, RoleName};

use super::keys::{self, ClientKey};
use crate::document::{Fault, FaultKind, Fields, Node};
use crate::embed::MAX_LIFETIME_SECONDS;
use crate::embed::claims::Right;
use crate::name::Slug;
use crate::origin::Origin;
use crate::strict_json::{self, JsonFault};

/// How many tokens a client gets in a minute unless its registration says otherwise.
pub const DEFAULT_RATE_PER_MINUTE: u32 = 600;

/// What no registration may exceed: more is no limit any more.
const MAX_RATE_PER_MINUTE: i64 = 60_000;

/// More entries than anybody keeps track of.
const MAX_ENTRIES: usize = 500;

const MAX_TEXT: usize = 256;

/// Every key of a registration.
const FIELDS: [&str; 12] = [
    "name",
    "active",
    "origins",
    "dashboards",
    "business_units",
    "roles",
    "attributes",
    "rights",
    "max_lifetime_seconds",
    "rate_per_minute",
    "jwks",
    "exchange",
];

/// Values of an attribute that a client may assert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedValues {
    /// Whatever the client says.
    Any,
    /// These and no others.
    Listed(BTreeSet<String>),
}

impl AllowedValues {
    /// Whether the client may assert this value.
    #[must_use]
    pub fn allow(&self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(values) => values.contains(value),
        }
    }
}

/// What a client may exchange tokens of people for (RFC 8693).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRules {
    /// Whom such a token must be made for: its one audience is one of these.
    pub audiences: BTreeSet<String>,
    /// The roles that may come from its claims.
    pub roles: BTreeSet<RoleName>,
}

/// The most a client may assert. Every list is an allow-list: what it does not name is refused, and
/// an empty list allows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// What people call the client.
    pub name: Option<String>,
    /// Whether it may do anything at all.
    pub active: bool,
    /// The exact origins of its pages.
    pub origins: BTreeSet<Origin>,
    /// The dashboards it may embed.
    pub dashboards: BTreeSet<Slug>,
    /// The business units it may assert.
    pub business_units: BTreeSet<BusinessUnit>,
    /// The roles of all viewers it vouches for.
    pub roles: BTreeSet<RoleName>,
    /// The attributes it may assert.
    pub attributes: BTreeMap<AttributeName, AllowedValues>,
    /// The rights it may hand on.
    pub rights: BTreeSet<Right>,
    /// The longest lifetime of its tokens.
    pub max_lifetime_seconds: i64,
    /// How many tokens it gets in a minute.
    pub rate_per_minute: u32,
    /// The keys it signs assertions with.
    pub keys: Vec<ClientKey>,
    /// What it may exchange; nothing where absent.
    pub exchange: Option<ExchangeRules>,
}

/// A registration that is not valid. Says where, and what is right there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{place}`: {detail}")]
pub struct RegistrationError {
    pointer: String,
    place: String,
    detail: String,
}

impl RegistrationError {
    /// The JSON pointer (RFC 6901) of what is wrong; empty for the whole document.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The same place, as people write it: `origins[1]`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// A sentence for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<Fault> for RegistrationError {
    fn from(fault: Fault) -> Self {
        Self {
            pointer: fault.path.pointer(),
            place: fault.path.to_string(),
            detail: fault.kind.to_string(),
        }
    }
}

impl Registration {
    /// Reads a document. Unknown and repeated keys are refused, the nearest right word is named.
    ///
    /// # Errors
    /// The first flaw, with its place.
    pub fn from_json(document: &[u8]) -> Result<Self, RegistrationError> {
        let value = strict_json::parse(document).map_err(|fault| {
            let what = match fault {
                JsonFault::Malformed => "one JSON object",
                JsonFault::DuplicateKey => "every key once",
            };
            RegistrationError::from(Fault {
                path: crate::document::Path::default(),
                kind: FaultKind::Expected(what.to_owned()),
            })
        })?;
        Self::from_value(&value)
    }

    /// Reads a document that is JSON already.
    ///
    /// # Errors
    /// The first flaw, with its place.
    pub fn from_value(document: &Value) -> Result<Self, RegistrationError> {
        Ok(Self::read(&Node::root(document).fields(&FIELDS)?)?)
    }

    fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        let required = |key| fields.required(key);
        Ok(Self {
            name: fields
                .optional("name")
                .map(|node| text(&node))
                .transpose()?,
            active: fields
                .optional("active")
                .map_or(Ok(true), |node| node.flag())?,
            origins: set(&required("origins")?, |item| item.parse(Origin::parse))?,
            dashboards: set(&required("dashboards")?, |item| item.parse(Slug::parse))?,
            business_units: set(&required("business_units")?, |item| {
                item.parse(BusinessUnit::parse)
            })?,
            roles: optional_set(fields, "roles", |item| item.parse(RoleName::parse))?,
            attributes: fields
                .optional("attributes")
                .map_or_else(|| Ok(BTreeMap::new()), |node| attributes(&node))?,
            rights: optional_set(fields, "rights", |item| {
                item.parse(|text| parse_right(&text))
            })?,
            max_lifetime_seconds: within(
                fields.optional("max_lifetime_seconds"),
                MAX_LIFETIME_SECONDS,
                MAX_LIFETIME_SECONDS,
                "seconds",
            )?,
            rate_per_minute: within(
                fields.optional("rate_per_minute"),
                i64::from(DEFAULT_RATE_PER_MINUTE),
                MAX_RATE_PER_MINUTE,
                "tokens a minute",
            )
            .map(|rate| u32::try_from(rate).unwrap_or(1))?,
            keys: fields
                .optional("jwks")
                .map_or_else(|| Ok(Vec::new()), |node| keys::read_set(&node))?,
            exchange: fields
                .optional("exchange")
                .map(|node| exchange(&node))
                .transpose()?,
        })
    }

    /// The document, with everything said that may be left out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let keys: Vec<&Value> = self.keys.iter().map(ClientKey::jwk).collect();
        let mut document = json!({
            "active": self.active,
            "origins": self.origins,
            "dashboards": self.dashboards,
            "business_units": self.business_units,
            "roles": self.roles,
            "attributes": self.attributes.iter().map(allowed).collect::<Map<_, _>>(),
            "rights": self.rights,
            "max_lifetime_seconds": self.max_lifetime_seconds,
            "rate_per_minute": self.rate_per_minute,
            "jwks": { "keys": keys },
        });
        if let Some(members) = document.as_object_mut() {
            if let Some(name) = &self.name {
                members.insert("name".to_owned(), json!(name));
            }
            if let Some(exchange) = &self.exchange {
                let rules = json!({ "audiences": exchange.audiences, "roles": exchange.roles });
                members.insert("exchange".to_owned(), rules);
            }
        }
        document
    }
}

fn allowed((name, values): (&AttributeName, &AllowedValues)) -> (String, Value) {
    let values = match values {
        AllowedValues::Any => json!("any"),
        AllowedValues::Listed(values) => json!(values),
    };
    (name.as_str().to_owned(), values)
}

fn set<T: Ord>(
    node: &Node<'_>,
    read: impl FnMut(Node<'_>) -> Result<T, Fault>,
) -> Result<BTreeSet<T>, Fault> {
    let set: BTreeSet<T> = node.each(read)?;
    if set.len() > MAX_ENTRIES {
        return Err(node.fault(format!("at most {MAX_ENTRIES} entries")));
    }
    Ok(set)
}

fn optional_set<T: Ord>(
    fields: &Fields<'_>,
    key: &str,
    read: impl FnMut(Node<'_>) -> Result<T, Fault>,
) -> Result<BTreeSet<T>, Fault> {
    fields
        .optional(key)
        .map_or_else(|| Ok(BTreeSet::new()), |node| set(&node, read))
}

fn attributes(node: &Node<'_>) -> Result<BTreeMap<AttributeName, AllowedValues>, Fault> {
    let entries = node.entries()?;
    let read = |(name, values): (&str, Node<'_>)| {
        let name = AttributeName::parse(name)
            .map_err(|error| values.fault(crate::document::strip_expected(&error.to_string())))?;
        let allowed = if values.is_list() {
            AllowedValues::Listed(set(&values, |item| text(&item))?)
        } else if values.text().is_ok_and(|word| word == "any") {
            AllowedValues::Any
        } else {
            return Err(values.fault("the word `any` or a list of values"));
        };
        Ok((name, allowed))
    };
    entries.iter().map(read).collect()
}

fn exchange(node: &Node<'_>) -> Result<ExchangeRules, Fault> {
    let fields = node.fields(&["audiences", "roles"])?;
    let audiences = fields.required("audiences")?;
    let rules = ExchangeRules {
        audiences: set(&audiences, |item| text(&item))?,
        roles: optional_set(&fields, "roles", |item| item.parse(RoleName::parse))?,
    };
    // A token for Weir's own realms must not turn into another one.
    let own = rules.audiences.contains(crate::embed::AUDIENCE);
    if rules.audiences.is_empty() || own || rules.audiences.contains("") {
        return Err(audiences.fault("at least one audience of the identity provider's tokens"));
    }
    Ok(rules)
}

fn within(node: Option<Node<'_>>, usual: i64, most: i64, unit: &str) -> Result<i64, Fault> {
    let Some(node) = node else {
        return Ok(usual);
    };
    match node.integer() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(node.fault(format!("1 to {most} {unit}"))),
    }
}

fn text(node: &Node<'_>) -> Result<String, Fault> {
    let text = node.text()?;
    if text.len() > MAX_TEXT || text.chars().any(char::is_control) {
        let expected = format!("a text of at most {MAX_TEXT} bytes without control characters");
        return Err(node.fault(expected));
    }
    Ok(text.to_owned())
}

pub(super) fn parse_right(text: &str) -> Result<Right, String> {
    let found = Right::ALL.into_iter().find(|right| right.as_str() == text);
    found.ok_or_else(|| {
        let known = Right::ALL.iter().map(|right| format!("`{right}`"));
        known.collect::<Vec<String>>().join(" or ")
    })
}
