//! Embed clients: the CRM back ends that may ask for tokens, and what each may assert.

pub mod authorize;
pub mod registration;
pub mod request;
pub mod secret;

use std::collections::BTreeMap;

use self::registration::{ClientError, EmbedClient, EmbedClientConfig};
use self::secret::{HashCost, SecretHash};
use crate::name::ClientId;
use crate::random;

/// All registered embed clients.
#[derive(Debug, Clone)]
pub struct EmbedClients {
    by_id: BTreeMap<ClientId, EmbedClient>,
    /// Checked in place of an unknown client's secret, so that ids cannot be found by timing.
    decoy: SecretHash,
}

impl EmbedClients {
    /// Checks all registrations. An empty list is fine: nobody may mint then.
    ///
    /// # Errors
    /// The first registration that is not valid, or an id that is registered twice.
    pub fn new(configs: impl IntoIterator<Item = EmbedClientConfig>) -> Result<Self, ClientError> {
        let mut by_id = BTreeMap::new();
        for config in configs {
            let client = EmbedClient::try_from(config)?;
            let id = client.id().clone();
            if by_id.insert(id.clone(), client).is_some() {
                return Err(ClientError::new(
                    id.as_str(),
                    "id",
                    "an id that is not taken yet",
                ));
            }
        }
        let cost = by_id
            .values()
            .map(|client| client.secret_hash().cost())
            .max();
        let decoy = SecretHash::create(&random::token().into(), cost.unwrap_or(HashCost::DEFAULT))
            .map_err(|_| ClientError::new("", "secret_hash", "argon2id parameters in range"))?;
        Ok(Self { by_id, decoy })
    }

    /// The client with this id and secret. An unknown id costs what a wrong secret costs.
    ///
    /// This is slow on purpose (argon2id): call it where blocking is fine.
    #[must_use]
    pub fn authenticate(&self, id: &str, secret: &str) -> Option<&EmbedClient> {
        let client = ClientId::parse(id).ok().and_then(|id| self.by_id.get(&id));
        let hash = client.map_or(&self.decoy, EmbedClient::secret_hash);
        let matches = hash.matches(secret);
        client.filter(|_| matches)
    }

    /// The client with this id, without any proof of being it.
    #[must_use]
    pub fn get(&self, id: &ClientId) -> Option<&EmbedClient> {
        self.by_id.get(id)
    }

    /// All clients in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &EmbedClient> {
        self.by_id.values()
    }
}
