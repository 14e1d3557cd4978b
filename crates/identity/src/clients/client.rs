//! One embed client: its id, its registration, and the secrets that are live.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};
use weir_policy::{AttributeName, BusinessUnit, RoleName};

use super::registration::{AllowedValues, Registration, RegistrationError};
use super::secret::SecretHash;
use crate::embed::MAX_LIFETIME_SECONDS;
use crate::embed::claims::Right;
use crate::name::{ClientId, Slug};
use crate::origin::Origin;

/// So many secrets of a client are live at most: the one in use, and the one it is replaced with.
pub const MAX_LIVE_SECRETS: usize = 2;

/// An embed client as a configuration file writes it: its id, one secret, and a [`Registration`].
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
    pub attributes: BTreeMap<String, Value>,
    /// What its viewers may do besides looking.
    #[serde(default)]
    pub rights: Vec<String>,
    /// The longest lifetime of its tokens.
    #[serde(default = "max_lifetime")]
    pub max_lifetime_seconds: i64,
    /// How many tokens it gets in a minute.
    #[serde(default)]
    pub rate_per_minute: Option<i64>,
    /// The keys it signs assertions with, as a JSON Web Key Set.
    #[serde(default)]
    pub jwks: Option<Value>,
    /// What it may exchange.
    #[serde(default)]
    pub exchange: Option<Value>,
}

fn max_lifetime() -> i64 {
    MAX_LIFETIME_SECONDS
}

/// A client that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("embed client `{client}`: `{field}`: {problem}")]
pub struct ClientError {
    client: String,
    field: String,
    problem: String,
}

impl ClientError {
    pub(super) fn new(client: &str, field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            client: client.to_owned(),
            field: field.into(),
            problem: problem.into(),
        }
    }
}

/// A registered embed client: a host's back end, and the most it may assert about its viewers.
#[derive(Debug, Clone)]
pub struct EmbedClient {
    id: ClientId,
    secrets: Vec<SecretHash>,
    registration: Registration,
}

impl EmbedClient {
    /// A client with the secrets that are live.
    #[must_use]
    pub fn new(id: ClientId, registration: Registration, secrets: Vec<SecretHash>) -> Self {
        Self {
            id,
            secrets,
            registration,
        }
    }

    /// The client's id.
    #[must_use]
    pub fn id(&self) -> &ClientId {
        &self.id
    }

    /// The hashes of its live secrets.
    #[must_use]
    pub fn secrets(&self) -> &[SecretHash] {
        &self.secrets
    }

    /// All that is registered.
    #[must_use]
    pub fn registration(&self) -> &Registration {
        &self.registration
    }

    /// The exact origins of its pages.
    #[must_use]
    pub fn origins(&self) -> &BTreeSet<Origin> {
        &self.registration.origins
    }

    /// The dashboards it may embed.
    #[must_use]
    pub fn dashboards(&self) -> &BTreeSet<Slug> {
        &self.registration.dashboards
    }

    /// The business units it may assert.
    #[must_use]
    pub fn business_units(&self) -> &BTreeSet<BusinessUnit> {
        &self.registration.business_units
    }

    /// The roles of all of its viewers.
    #[must_use]
    pub fn roles(&self) -> &BTreeSet<RoleName> {
        &self.registration.roles
    }

    /// The attributes it may assert.
    #[must_use]
    pub fn attributes(&self) -> &BTreeMap<AttributeName, AllowedValues> {
        &self.registration.attributes
    }

    /// The rights it may hand on.
    #[must_use]
    pub fn rights(&self) -> &BTreeSet<Right> {
        &self.registration.rights
    }

    /// The longest lifetime of its tokens.
    #[must_use]
    pub fn max_lifetime_seconds(&self) -> i64 {
        self.registration.max_lifetime_seconds
    }
}

impl EmbedClientConfig {
    /// The registration as a document, so that it is read as every other one is.
    fn document(&self) -> Value {
        let mut document = json!({
            "origins": self.origins,
            "dashboards": self.dashboards,
            "business_units": self.business_units,
            "roles": self.roles,
            "attributes": self.attributes,
            "rights": self.rights,
            "max_lifetime_seconds": self.max_lifetime_seconds,
        });
        let optional = [
            ("rate_per_minute", self.rate_per_minute.map(Value::from)),
            ("jwks", self.jwks.clone()),
            ("exchange", self.exchange.clone()),
        ];
        if let Some(members) = document.as_object_mut() {
            let said = optional
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            members.extend(said.map(|(name, value)| (name.to_owned(), value)));
        }
        document
    }
}

impl TryFrom<EmbedClientConfig> for EmbedClient {
    type Error = ClientError;

    fn try_from(config: EmbedClientConfig) -> Result<Self, ClientError> {
        let client = config.id.as_str();
        let fail = |field: &str, problem: String| ClientError::new(client, field, problem);
        let registration = Registration::from_value(&config.document())
            .map_err(|error: RegistrationError| fail(error.place(), error.detail().to_owned()))?;
        let secret = SecretHash::parse(config.secret_hash.as_str())
            .map_err(|error| fail("secret_hash", error.to_string()))?;
        let id = ClientId::parse(client).map_err(|error| fail("id", error.to_string()))?;
        Ok(Self::new(id, registration, vec![secret]))
    }
}
