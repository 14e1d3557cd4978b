//! Embed clients: the CRM back ends that may ask for tokens, and what each may assert.

pub mod assertion;
pub mod authorize;
pub mod client;
pub mod exchange;
pub mod keys;
pub mod registration;
pub mod request;
pub mod secret;

use std::collections::BTreeMap;
use std::iter;

use self::client::{ClientError, EmbedClient, EmbedClientConfig, MAX_LIVE_SECRETS};
use self::secret::{HashCost, SecretHash};
use crate::name::ClientId;
use crate::random;

/// All embed clients of one moment. Whoever keeps one swaps it for another as a whole.
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
        let clients = configs.into_iter().map(EmbedClient::try_from);
        Self::of(clients.collect::<Result<Vec<_>, _>>()?)
    }

    /// These clients and no others.
    ///
    /// # Errors
    /// An id that two of them have.
    pub fn of(clients: impl IntoIterator<Item = EmbedClient>) -> Result<Self, ClientError> {
        let mut by_id = BTreeMap::new();
        for client in clients {
            let id = client.id().clone();
            if by_id.insert(id.clone(), client).is_some() {
                let problem = "expected an id that is not taken yet";
                return Err(ClientError::new(id.as_str(), "id", problem));
            }
        }
        let hashes = by_id.values().flat_map(EmbedClient::secrets);
        let cost = hashes.map(SecretHash::cost).max();
        let decoy = SecretHash::create(&random::token().into(), cost.unwrap_or(HashCost::DEFAULT))
            .map_err(|_| {
                ClientError::new("", "secret_hash", "expected argon2id parameters in range")
            })?;
        Ok(Self { by_id, decoy })
    }

    /// The client with this id and secret. An unknown id costs what a wrong secret costs, however
    /// many secrets are live.
    ///
    /// This is slow on purpose (argon2id): call it where blocking is fine.
    #[must_use]
    pub fn authenticate(&self, id: &str, secret: &str) -> Option<&EmbedClient> {
        let client = self.find(id);
        let right = self.right_secret(client, secret).is_some();
        client.filter(|_| right)
    }

    /// Which of the client's secrets this is; slow, as [`EmbedClients::authenticate`].
    #[must_use]
    pub fn right_secret<'a>(
        &'a self,
        client: Option<&'a EmbedClient>,
        secret: &str,
    ) -> Option<&'a SecretHash> {
        let live = client.map(EmbedClient::secrets).unwrap_or_default();
        let padded = live.iter().chain(iter::repeat(&self.decoy));
        // The decoy's secret is known to nobody.
        let mut checked = padded.take(MAX_LIVE_SECRETS);
        checked.find(|hash| hash.matches(secret))
    }

    /// The client with this id, without any proof of being it; none for what is no id at all.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&EmbedClient> {
        ClientId::parse(id).ok().and_then(|id| self.by_id.get(&id))
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
