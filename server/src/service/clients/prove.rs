//! How a client proves that it is one: by a secret, or by an assertion it signed.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use weir_identity::{Accepted, Assertion, EmbedClient};
use weir_registry::{Digest, StoreError};

use super::{Clients, Current, Wait};

/// What somebody shows.
#[derive(Debug)]
pub enum Credential {
    /// An id and a secret (RFC 7617).
    Secret {
        /// The id.
        id: String,
        /// The secret.
        secret: SecretString,
    },
    /// A signed assertion (RFC 7523).
    Assertion(SecretString),
}

/// Why somebody is not taken for a client.
#[derive(Debug, thiserror::Error)]
pub enum NotProven {
    /// A known client, with a credential that is none. The code is for the record.
    #[error("a client is not proven: {code}")]
    Refused {
        /// Whose credential it should have been.
        client: Arc<EmbedClient>,
        /// Why it is none.
        code: &'static str,
    },
    /// Nobody knows who that should be.
    #[error("no such client: {code}")]
    Stranger {
        /// What was wrong, for the log.
        code: &'static str,
    },
    /// Whether an assertion was used before can't be said now.
    #[error("whether an assertion was used before can't be said")]
    Store(#[from] StoreError),
}

impl Clients {
    /// The client that shows `credential` at one of these audiences.
    ///
    /// # Errors
    /// [`NotProven`]; outside, both refusals look the same.
    pub async fn prove(
        &self,
        credential: Credential,
        audiences: &[&str],
        now: DateTime<Utc>,
    ) -> Result<Arc<EmbedClient>, NotProven> {
        let current = self.current();
        let client = match credential {
            Credential::Secret { id, secret } => self.by_secret(&current, &id, secret).await?,
            Credential::Assertion(text) => {
                let text = text.expose_secret();
                let (client, accepted) = by_assertion(&current, text, audiences, now)?;
                self.use_up(client, &accepted).await?
            }
        };
        if client.registration().active {
            Ok(client)
        } else {
            let code = "client_inactive";
            Err(NotProven::Refused { client, code })
        }
    }

    /// Counts one call of a client.
    ///
    /// # Errors
    /// How long it has to wait.
    pub fn admit(&self, client: &EmbedClient) -> Result<(), Wait> {
        self.0.gates.admit(client)
    }

    /// Whether one more refusal of the client goes on record.
    #[must_use]
    pub fn records_denial(&self, client: &EmbedClient) -> bool {
        self.0.gates.records(client)
    }

    async fn by_secret(
        &self,
        current: &Arc<Current>,
        id: &str,
        secret: SecretString,
    ) -> Result<Arc<EmbedClient>, NotProven> {
        let client = current.clients.find(id).cloned().map(Arc::new);
        if let Some(client) = &client {
            let live = client.secrets().iter();
            let mut known = live.map(|hash| self.trace(hash.as_phc(), &secret));
            if known.any(|trace| self.0.proven.contains_key(&trace)) {
                return Ok(Arc::clone(client));
            }
        }
        let right = self.hash_matches(current, client.clone(), secret).await;
        match (client, right) {
            (Some(client), true) => Ok(client),
            (Some(client), false) => {
                let code = "secret_wrong";
                Err(NotProven::Refused { client, code })
            }
            (None, _) => {
                let code = "client_unknown";
                Err(NotProven::Stranger { code })
            }
        }
    }

    /// Hashing takes milliseconds and megabytes by design: it must not hold up other requests, and
    /// a crowd of guesses must not take all the memory there is.
    async fn hash_matches(
        &self,
        current: &Arc<Current>,
        client: Option<Arc<EmbedClient>>,
        secret: SecretString,
    ) -> bool {
        let Ok(_permit) = self.0.hashing.acquire().await else {
            return false;
        };
        let (current, shared) = (Arc::clone(current), self.clone());
        let work = tokio::task::spawn_blocking(move || {
            let clients = &current.clients;
            let right = clients.right_secret(client.as_deref(), secret.expose_secret());
            right.map(|hash| shared.trace(hash.as_phc(), &secret))
        });
        let Some(trace) = work.await.ok().flatten() else {
            return false;
        };
        self.0.proven.insert(trace, ()).await;
        true
    }

    /// What stands for a secret that was right: it is of one stored hash, so it is worth nothing
    /// once that hash is not live any more.
    fn trace(&self, phc: &str, secret: &SecretString) -> [u8; 32] {
        let digest = Sha256::new()
            .chain_update(self.0.key)
            .chain_update(Sha256::digest(phc))
            .chain_update(Sha256::digest(secret.expose_secret()));
        digest.finalize().into()
    }

    async fn use_up(
        &self,
        client: Arc<EmbedClient>,
        accepted: &Accepted,
    ) -> Result<Arc<EmbedClient>, NotProven> {
        let used = self.0.registry.used_assertions();
        let once = Digest::from(accepted.once);
        if used.use_up(&once, accepted.until).await? {
            Ok(client)
        } else {
            let code = "assertion_replayed";
            Err(NotProven::Refused { client, code })
        }
    }
}

fn by_assertion(
    current: &Current,
    text: &str,
    audiences: &[&str],
    now: DateTime<Utc>,
) -> Result<(Arc<EmbedClient>, Accepted), NotProven> {
    let assertion =
        Assertion::read(text).map_err(|flaw| NotProven::Stranger { code: flaw.code() })?;
    let client = current.clients.get(assertion.client());
    let code = "client_unknown";
    let client = client.ok_or(NotProven::Stranger { code })?;
    let client = Arc::new(client.clone());
    match assertion.accept(&client, audiences, now) {
        Ok(accepted) => Ok((client, accepted)),
        Err(flaw) => {
            let code = flaw.code();
            Err(NotProven::Refused { client, code })
        }
    }
}
