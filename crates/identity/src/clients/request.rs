//! The body of `POST /api/v1/embed-tokens`.

use std::collections::BTreeMap;

use serde_json::Value;
use weir_policy::Locale;

use super::authorize::{MintRefusal, RefusalCode};
use super::registration::parse_right;
use crate::document::{Fault, FaultKind, Fields, Node};
use crate::embed::claims::Right;
use crate::name::{ParameterName, Slug, ViewerId};
use crate::origin::Origin;
use crate::strict_json::{self, JsonFault};

/// Bounds on what one request may carry; the token itself is bounded at 4096 bytes anyway.
const MAX_ENTRIES: usize = 64;
const MAX_VALUE_BYTES: usize = 256;

/// Who is looking at what, as a host's back end says it.
///
/// Names are checked for their form here and for being allowed by
/// [`EmbedClient::authorize`](super::client::EmbedClient::authorize).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MintRequest {
    /// The dashboard to show.
    pub dashboard: Slug,
    /// The viewer's id in the host's realm.
    pub viewer: ViewerId,
    /// What the host calls the viewer. For display and never part of the token.
    pub viewer_name: Option<String>,
    /// The viewer's business units.
    pub business_units: Vec<String>,
    /// The viewer's attributes.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The language of the page.
    pub locale: Locale,
    /// The origin of the page.
    pub origin: Origin,
    /// Parameters the viewer cannot change.
    pub parameters: BTreeMap<ParameterName, Vec<String>>,
    /// What the viewer may do besides looking.
    pub rights: Vec<Right>,
    /// The lifetime asked for, if any.
    pub expires_in: Option<i64>,
}

impl MintRequest {
    /// Reads a request body. Unknown and repeated keys are refused.
    ///
    /// # Errors
    /// The first flaw, with the JSON pointer of where it is.
    pub fn from_json(body: &[u8]) -> Result<Self, MintRefusal> {
        let value = strict_json::parse(body).map_err(|fault| {
            let detail = match fault {
                JsonFault::Malformed => "expected one JSON object",
                JsonFault::DuplicateKey => "some key appears twice",
            };
            MintRefusal::new(RefusalCode::Malformed, "", detail)
        })?;
        Self::read(&value).map_err(MintRefusal::from)
    }

    fn read(value: &Value) -> Result<Self, Fault> {
        let body = Node::root(value).fields(&[
            "dashboard",
            "subject",
            "business_units",
            "attributes",
            "locale",
            "origin",
            "parameters",
            "rights",
            "expires_in",
        ])?;
        let subject = body.required("subject")?.fields(&["sub", "name"])?;
        Ok(Self {
            dashboard: body.required("dashboard")?.parse(Slug::parse)?,
            viewer: subject.required("sub")?.parse(ViewerId::parse)?,
            viewer_name: subject
                .optional("name")
                .map(|node| short_text(&node))
                .transpose()?,
            business_units: optional(&body, "business_units", |node| texts(&node))?,
            attributes: optional(&body, "attributes", |node| {
                map(&node, |name| Ok(name.to_owned()))
            })?,
            locale: optional(&body, "locale", |node| locale(&node))?,
            origin: body.required("origin")?.parse(Origin::parse)?,
            parameters: parameters(&body)?,
            rights: rights(&body)?,
            expires_in: expires_in(&body)?,
        })
    }
}

impl From<Fault> for MintRefusal {
    fn from(fault: Fault) -> Self {
        let code = match fault.kind {
            FaultKind::UnknownKey { .. } => RefusalCode::UnknownField,
            FaultKind::MissingKey(_) => RefusalCode::MissingField,
            FaultKind::Expected(_) => RefusalCode::InvalidValue,
        };
        MintRefusal::new(code, fault.path.pointer(), fault.kind.to_string())
    }
}

fn optional<'a, T: Default>(
    fields: &Fields<'a>,
    key: &str,
    read: impl FnOnce(Node<'a>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    fields.optional(key).map_or_else(|| Ok(T::default()), read)
}

pub(super) fn parameters(body: &Fields<'_>) -> Result<BTreeMap<ParameterName, Vec<String>>, Fault> {
    let name = |name: &str| ParameterName::parse(name).map_err(|error| error.expected());
    optional(body, "parameters", |node| map(&node, name))
}

pub(super) fn rights(body: &Fields<'_>) -> Result<Vec<Right>, Fault> {
    optional(body, "rights", |node| {
        node.each(|item| item.parse(|text| parse_right(&text)))
    })
}

pub(super) fn expires_in(body: &Fields<'_>) -> Result<Option<i64>, Fault> {
    let asked = body.optional("expires_in");
    asked.map(|node| node.integer()).transpose()
}

pub(super) fn locale(node: &Node<'_>) -> Result<Locale, Fault> {
    Locale::from_tag(node.text()?).ok_or_else(|| node.fault("`en-CA` or `fr-CA`"))
}

fn map<K: Ord>(
    node: &Node<'_>,
    name: impl Fn(&str) -> Result<K, &'static str>,
) -> Result<BTreeMap<K, Vec<String>>, Fault> {
    let entries = node.entries()?;
    if entries.len() > MAX_ENTRIES {
        return Err(node.fault(format!("at most {MAX_ENTRIES} names")));
    }
    entries
        .iter()
        .map(|(key, values)| {
            let key = name(key).map_err(|expected| values.fault(expected))?;
            Ok((key, texts(&values)?))
        })
        .collect()
}

fn texts(node: &Node<'_>) -> Result<Vec<String>, Fault> {
    let values: Vec<String> = node.each(|item| short_text(&item))?;
    if values.len() > MAX_ENTRIES {
        return Err(node.fault(format!("at most {MAX_ENTRIES} values")));
    }
    Ok(values)
}

fn short_text(node: &Node<'_>) -> Result<String, Fault> {
    let text = node.text()?;
    if text.len() > MAX_VALUE_BYTES || text.chars().any(char::is_control) {
        let expected =
            format!("a text of at most {MAX_VALUE_BYTES} bytes without control characters");
        return Err(node.fault(expected));
    }
    Ok(text.to_owned())
}
