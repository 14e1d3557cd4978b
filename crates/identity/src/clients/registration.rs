//! What is registered about an embed client.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use weir_policy::{AttributeName, BusinessUnit, RoleName};

use super::secret::SecretHash;
use crate::embed::MAX_LIFETIME_SECONDS;
use crate::embed::claims::Right;
use crate::name::{ClientId, Slug};
use crate::origin::Origin;

/// An embed client as a configuration file writes it.
///
/// Every list is an allow-list: what it does not name is refused, and an empty list allows nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedClientConfig {
    /// The client's id, in kebab case.
    pub id: String,
    /// The argon2id hash of its secret.
    pub secret_hash: String,
    /// The exact origins of its pages.
    pub origins: Vec<String>,
    /// The dashboards it may embed.
    pub dashboards: Vec<String>,
    /// The business units it may assert.
    pub business_units: Vec<String>,
    /// The roles that all of its viewers have.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The attributes it may assert: `"any"` value, or a list of values.
    #[serde(default)]
    pub attributes: BTreeMap<String, AllowedValuesConfig>,
    /// What its viewers may do besides looking.
    #[serde(default)]
    pub rights: Vec<String>,
    /// The longest lifetime of its tokens.
    #[serde(default = "max_lifetime")]
    pub max_lifetime_seconds: i64,
}

fn max_lifetime() -> i64 {
    MAX_LIFETIME_SECONDS
}

/// Values of an attribute that a client may assert, as configuration writes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum AllowedValuesConfig {
    /// The word `any`.
    Word(String),
    /// The values themselves.
    Listed(Vec<String>),
}

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

/// A registration that is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("embed client `{client}`: `{field}`: expected {expected}")]
pub struct ClientError {
    client: String,
    field: String,
    expected: String,
}

impl ClientError {
    pub(super) fn new(client: &str, field: impl Into<String>, expected: impl Into<String>) -> Self {
        let expected = expected.into();
        let expected = expected
            .strip_prefix("expected ")
            .map(str::to_owned)
            .unwrap_or(expected);
        Self {
            client: client.to_owned(),
            field: field.into(),
            expected,
        }
    }
}

/// A registered embed client: a host's back end, and the most it may assert about its viewers.
#[derive(Debug, Clone)]
pub struct EmbedClient {
    id: ClientId,
    secret_hash: SecretHash,
    origins: BTreeSet<Origin>,
    dashboards: BTreeSet<Slug>,
    business_units: BTreeSet<BusinessUnit>,
    roles: BTreeSet<RoleName>,
    attributes: BTreeMap<AttributeName, AllowedValues>,
    rights: BTreeSet<Right>,
    max_lifetime_seconds: i64,
}

impl EmbedClient {
    /// The client's id.
    #[must_use]
    pub fn id(&self) -> &ClientId {
        &self.id
    }

    /// The hash of its secret.
    #[must_use]
    pub fn secret_hash(&self) -> &SecretHash {
        &self.secret_hash
    }

    /// The exact origins of its pages.
    #[must_use]
    pub fn origins(&self) -> &BTreeSet<Origin> {
        &self.origins
    }

    /// The dashboards it may embed.
    #[must_use]
    pub fn dashboards(&self) -> &BTreeSet<Slug> {
        &self.dashboards
    }

    /// The business units it may assert.
    #[must_use]
    pub fn business_units(&self) -> &BTreeSet<BusinessUnit> {
        &self.business_units
    }

    /// The roles of all of its viewers.
    #[must_use]
    pub fn roles(&self) -> &BTreeSet<RoleName> {
        &self.roles
    }

    /// The attributes it may assert.
    #[must_use]
    pub fn attributes(&self) -> &BTreeMap<AttributeName, AllowedValues> {
        &self.attributes
    }

    /// The rights it may hand on.
    #[must_use]
    pub fn rights(&self) -> &BTreeSet<Right> {
        &self.rights
    }

    /// The longest lifetime of its tokens.
    #[must_use]
    pub fn max_lifetime_seconds(&self) -> i64 {
        self.max_lifetime_seconds
    }
}

impl TryFrom<EmbedClientConfig> for EmbedClient {
    type Error = ClientError;

    fn try_from(config: EmbedClientConfig) -> Result<Self, ClientError> {
        let client = config.id.as_str();
        let fail = |field: &str, expected: String| ClientError::new(client, field, expected);
        if !(1..=MAX_LIFETIME_SECONDS).contains(&config.max_lifetime_seconds) {
            let expected = format!("1 to {MAX_LIFETIME_SECONDS} seconds");
            return Err(fail("max_lifetime_seconds", expected));
        }
        Ok(Self {
            id: ClientId::parse(client).map_err(|error| fail("id", error.to_string()))?,
            secret_hash: SecretHash::parse(config.secret_hash.as_str())
                .map_err(|error| fail("secret_hash", error.to_string()))?,
            origins: parse_all(client, "origins", &config.origins, Origin::parse)?,
            dashboards: parse_all(client, "dashboards", &config.dashboards, Slug::parse)?,
            business_units: parse_all(
                client,
                "business_units",
                &config.business_units,
                BusinessUnit::parse,
            )?,
            roles: parse_all(client, "roles", &config.roles, RoleName::parse)?,
            attributes: parse_attributes(client, &config.attributes)?,
            rights: parse_all(client, "rights", &config.rights, |text| parse_right(&text))?,
            max_lifetime_seconds: config.max_lifetime_seconds,
        })
    }
}

fn parse_all<T: Ord, E: ToString>(
    client: &str,
    field: &str,
    texts: &[String],
    parse: impl Fn(String) -> Result<T, E>,
) -> Result<BTreeSet<T>, ClientError> {
    let read = |(index, text): (usize, &String)| {
        parse(text.clone()).map_err(|error| {
            ClientError::new(client, format!("{field}[{index}]"), error.to_string())
        })
    };
    texts.iter().enumerate().map(read).collect()
}

fn parse_attributes(
    client: &str,
    attributes: &BTreeMap<String, AllowedValuesConfig>,
) -> Result<BTreeMap<AttributeName, AllowedValues>, ClientError> {
    let read = |(name, values): (&String, &AllowedValuesConfig)| {
        let field = format!("attributes.{name}");
        let parsed = AttributeName::parse(name.as_str())
            .map_err(|error| ClientError::new(client, &field, error.to_string()))?;
        match values {
            AllowedValuesConfig::Listed(values) => Ok((
                parsed,
                AllowedValues::Listed(values.iter().cloned().collect()),
            )),
            AllowedValuesConfig::Word(word) if word == "any" => Ok((parsed, AllowedValues::Any)),
            AllowedValuesConfig::Word(_) => Err(ClientError::new(
                client,
                field,
                "the word `any` or a list of values",
            )),
        }
    };
    attributes.iter().map(read).collect()
}

pub(super) fn parse_right(text: &str) -> Result<Right, String> {
    Right::ALL
        .into_iter()
        .find(|right| right.as_str() == text)
        .ok_or_else(|| {
            let known: Vec<String> = Right::ALL
                .iter()
                .map(|right| format!("`{right}`"))
                .collect();
            known.join(" or ")
        })
}
