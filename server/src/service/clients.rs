//! The embed clients of this process: those of the configuration, which stay as they are, and those
//! of the registry, which follow what admins do in any process.

mod gate;
mod manage;
mod prove;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use weir_identity::{
    ClientError, ClientId, EmbedClient, EmbedClients, Registration, RegistrationError, SecretHash,
    SecretHashError,
};
use weir_registry::{Registry, StoreError, StoredClient};

use self::gate::Gates;
pub use self::gate::Wait;
pub use self::manage::{Listed, ManageError, Rotated, Warning, warnings};
pub use self::prove::{Credential, NotProven};

/// How often other processes' changes are looked for.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How many client secrets are checked at the same time: each takes 19 MiB by design.
const HASHES_AT_ONCE: usize = 4;

/// How long a secret that was right is known to be right without another hash.
const PROVEN_FOR: Duration = Duration::from_mins(10);

/// So many of them at most.
const PROVEN: u64 = 10_000;

/// The embed clients of this process. Cheap to clone; all clones change together.
#[derive(Clone)]
pub struct Clients(Arc<Shared>);

struct Shared {
    /// Of the configuration.
    fixed: Vec<EmbedClient>,
    registry: Registry,
    current: watch::Sender<Arc<Current>>,
    gates: Gates,
    hashing: Semaphore,
    /// Digests of secrets that were right, under a key that nobody outside this process has.
    proven: Cache<[u8; 32], ()>,
    key: [u8; 32],
}

/// The clients of one moment.
struct Current {
    /// How many changes the registry had seen.
    changes: u64,
    clients: EmbedClients,
    /// Registered under an id that the configuration has: a process that runs on keeps its own, and
    /// takes everything else over.
    left_out: Vec<ClientId>,
}

/// Why there are no clients to go on with.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// A client of the configuration.
    #[error("`embed.clients` can't be used")]
    Configured(#[from] ClientError),
    /// The same id twice.
    #[error(
        "the embed client `{0}` is both in `embed.clients` and registered in the registry: \
         remove it from the configuration, or start without it there and delete it with `weir client delete {0}`"
    )]
    Both(ClientId),
    /// The registry does not answer.
    #[error("the registered embed clients can't be read")]
    Store(#[from] StoreError),
    /// The operating system gives no random bytes.
    #[error("there is no randomness")]
    NoRandomness,
    /// The work was cut off.
    #[error("the work on it was cut off")]
    CutOff(#[from] tokio::task::JoinError),
}

/// Why a stored client can't be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("its id is none")]
    Id,
    #[error("its registration can't be read: {0}")]
    Registration(#[from] RegistrationError),
    #[error("a secret of it can't be read")]
    Secret(#[from] SecretHashError),
}

impl Clients {
    /// The configuration's clients and the registry's.
    ///
    /// # Errors
    /// [`ClientsError`], for an id that is in both too.
    pub async fn open(fixed: EmbedClients, registry: Registry) -> Result<Self, ClientsError> {
        let mut key = [0_u8; 32];
        OsRng
            .try_fill_bytes(&mut key)
            .map_err(|_| ClientsError::NoRandomness)?;
        let fixed: Vec<EmbedClient> = fixed.iter().cloned().collect();
        let current = assemble(&fixed, &registry).await?;
        if let Some(both) = current.left_out.first() {
            return Err(ClientsError::Both(both.clone()));
        }
        Ok(Self(Arc::new(Shared {
            fixed,
            registry,
            current: watch::Sender::new(Arc::new(current)),
            gates: Gates::default(),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            proven: Cache::builder()
                .max_capacity(PROVEN)
                .time_to_live(PROVEN_FOR)
                .build(),
            key,
        })))
    }

    /// Takes over what the registry has, if it changed.
    ///
    /// # Errors
    /// [`ClientsError`]; then the clients stay as they were.
    pub async fn catch_up(&self) -> Result<(), ClientsError> {
        let shared = &self.0;
        let changes = shared.registry.embed_clients().changes().await?;
        if changes == self.current().changes {
            return Ok(());
        }
        let next = Arc::new(assemble(&shared.fixed, &shared.registry).await?);
        shared.gates.keep(|id| next.clients.get(id).is_some());
        // Two may catch up at once; the later moment stays, whoever is last.
        shared.current.send_if_modified(|known| {
            let newer = next.changes > known.changes;
            if newer {
                *known = Arc::clone(&next);
            }
            newer
        });
        Ok(())
    }

    /// Takes over what other processes changed, until `stop`.
    pub async fn follow(&self, stop: CancellationToken) {
        let pause = || tokio::time::sleep(LOOK_AGAIN);
        let mut blind = false;
        while stop.run_until_cancelled(pause()).await.is_some() {
            match self.catch_up().await {
                Ok(()) => blind = false,
                // Said once: the registry's absence shows everywhere else too.
                Err(_) if blind => {}
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "changes of embed clients can't be seen");
                    blind = true;
                }
            }
        }
    }

    /// The clients that may ask for tokens at this moment.
    #[must_use]
    pub fn active(&self) -> Vec<EmbedClient> {
        let current = self.current();
        let clients = current.clients.iter();
        clients
            .filter(|one| one.registration().active)
            .cloned()
            .collect()
    }

    /// The origins of all hosts.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        let active = self.active();
        let origins: BTreeSet<&str> = active
            .iter()
            .flat_map(EmbedClient::origins)
            .map(weir_identity::Origin::as_str)
            .collect();
        origins.into_iter().map(str::to_owned).collect()
    }

    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.0.current.borrow())
    }

    /// Whether the client stands in the configuration, where admins can't change it.
    #[must_use]
    pub fn is_configured(&self, id: &ClientId) -> bool {
        self.0.fixed.iter().any(|client| client.id() == id)
    }
}

/// All clients of this moment. A registration that can't be read opens nothing: it is left out.
async fn assemble(fixed: &[EmbedClient], registry: &Registry) -> Result<Current, ClientsError> {
    let list = registry.embed_clients().all().await?;
    let mut clients = fixed.to_vec();
    let mut left_out = Vec::new();
    for stored in &list.clients {
        match read(stored) {
            Ok(client) if fixed.iter().any(|known| known.id() == client.id()) => {
                tracing::error!(client = %client.id(), "an embed client of the configuration was registered too");
                left_out.push(client.id().clone());
            }
            Ok(client) => clients.push(client),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(client = %stored.id, error, "an embed client is left out");
            }
        }
    }
    // The decoy costs a hash.
    let clients = tokio::task::spawn_blocking(move || EmbedClients::of(clients)).await??;
    Ok(Current {
        changes: list.changes,
        clients,
        left_out,
    })
}

fn read(stored: &StoredClient) -> Result<EmbedClient, Unusable> {
    let id = ClientId::parse(stored.id.as_str()).map_err(|_| Unusable::Id)?;
    let registration = Registration::from_json(stored.document.as_bytes())?;
    let hashes = stored.secrets.iter();
    let hashes = hashes.map(|secret| SecretHash::parse(secret.hash.as_str()));
    let hashes = hashes.collect::<Result<Vec<_>, _>>()?;
    Ok(EmbedClient::new(id, registration, hashes))
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients")
            .field("changes", &self.current().changes)
            .finish_non_exhaustive()
    }
}
