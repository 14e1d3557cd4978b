//! Embed clients that admins register. What a registration says is not read here; that nobody
//! overwrites unseen, that at most two secrets are live, and that every step is on record, is.

mod error;
mod rows;

use std::fmt;

use chrono::{DateTime, SubsecRound as _, Utc};
use sha2::{Digest as _, Sha256};

pub use self::error::ClientStepError;
use crate::audit::append;
use crate::audit::event::{AuditEvent, ClientStep, ClientStepKind, Fact};
use crate::database::{Database, Write};
use crate::{Actor, Digest, Durability, Label, RequestId, StoreError};

/// How many secrets of a client are live at most.
const LIVE_SECRETS: usize = 2;

/// How many clients there may be: every process holds all of them.
const MOST_CLIENTS: i64 = 1000;

/// The registered embed clients. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct EmbedClients {
    database: Database,
}

/// Who did something to a client, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredClient {
    /// Its id.
    pub id: Label,
    /// Another one after every change, and never the same again.
    pub version: u64,
    /// The registration as JSON. Not read here.
    pub document: String,
    /// The live secrets, the oldest first.
    pub secrets: Vec<StoredSecret>,
    /// Who registered it.
    pub created: Touch,
    /// Who changed it last.
    pub changed: Touch,
}

/// A live secret: its hash, and by which name it is taken back.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// Its id among the client's.
    pub id: Label,
    /// Its argon2id hash in PHC form.
    pub hash: String,
    /// Who made it.
    pub created: Touch,
}

/// Something somebody does to a client.
#[derive(Debug, Clone)]
pub struct ClientChange {
    /// To which client.
    pub client: Label,
    /// The version they saw; `None` when there must be none.
    pub seen: Option<u64>,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// The request that asked for it.
    pub request: RequestId,
}

/// All clients, and of which moment that is.
#[derive(Debug, Clone)]
pub struct ClientList {
    /// How many changes there were.
    pub changes: u64,
    /// The clients in the order of their ids.
    pub clients: Vec<StoredClient>,
}

impl EmbedClients {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// How many changes there were: cheap to ask once a second.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses.
    pub async fn changes(&self) -> Result<u64, StoreError> {
        rows::changes(&mut *self.database.reader().await?).await
    }

    /// All clients of one moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or a row is unreadable.
    pub async fn all(&self) -> Result<ClientList, StoreError> {
        let mut moment = self.database.snapshot().await?;
        Ok(ClientList {
            changes: rows::changes(&mut moment).await?,
            clients: rows::all(&mut moment).await?,
        })
    }

    /// One client.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or the row is unreadable.
    pub async fn get(&self, id: &Label) -> Result<Option<StoredClient>, StoreError> {
        let mut moment = self.database.snapshot().await?;
        rows::get(&mut moment, id).await
    }

    /// Registers a client, or replaces its registration.
    ///
    /// # Errors
    /// [`ClientStepError::Conflict`] when it is not as it was seen.
    pub async fn put(
        &self,
        change: &ClientChange,
        document: &str,
    ) -> Result<StoredClient, ClientStepError> {
        let (mut tx, found) = self.take(change).await?;
        let touch = change.touch();
        let kind = match &found {
            Some(_) => ClientStepKind::Change,
            None if rows::count(&mut tx).await? >= MOST_CLIENTS => {
                return Err(ClientStepError::TooMany);
            }
            None => ClientStepKind::Register,
        };
        let (created, secrets) = match found {
            Some(known) => (known.created, known.secrets),
            None => (touch.clone(), Vec::new()),
        };
        let client = StoredClient {
            id: change.client.clone(),
            version: rows::count_change(&mut tx).await?,
            document: document.to_owned(),
            created,
            changed: touch,
            secrets,
        };
        match kind {
            ClientStepKind::Register => rows::insert(&mut tx, &client).await?,
            _ => rows::update(&mut tx, &client).await?,
        }
        finish(tx, kind, change, client, None).await
    }

    /// Removes a client with its secrets.
    ///
    /// # Errors
    /// [`ClientStepError::Conflict`] when it is not as it was seen, or not there.
    pub async fn remove(&self, change: &ClientChange) -> Result<(), ClientStepError> {
        let (mut tx, client) = self.take_known(change).await?;
        rows::count_change(&mut tx).await?;
        rows::delete(&mut tx, &change.client).await?;
        finish(tx, ClientStepKind::Remove, change, client, None).await?;
        Ok(())
    }

    /// Adds a secret. Where two are live, the older goes.
    ///
    /// # Errors
    /// As [`EmbedClients::remove`].
    pub async fn add_secret(
        &self,
        change: &ClientChange,
        id: &Label,
        hash: &str,
    ) -> Result<StoredClient, ClientStepError> {
        let (mut tx, mut client) = self.take_touched(change).await?;
        while client.secrets.len() >= LIVE_SECRETS {
            let oldest = client.secrets.remove(0);
            rows::delete_secret(&mut tx, &client.id, &oldest.id).await?;
        }
        let secret = StoredSecret {
            id: id.clone(),
            hash: hash.to_owned(),
            created: change.touch(),
        };
        rows::insert_secret(&mut tx, &client, &secret).await?;
        client.secrets.push(secret);
        finish(tx, ClientStepKind::AddSecret, change, client, Some(id)).await
    }

    /// Takes a secret back.
    ///
    /// # Errors
    /// [`ClientStepError::UnknownSecret`] when the client has none of that id.
    pub async fn remove_secret(
        &self,
        change: &ClientChange,
        id: &Label,
    ) -> Result<StoredClient, ClientStepError> {
        let (mut tx, mut client) = self.take_touched(change).await?;
        let before = client.secrets.len();
        client.secrets.retain(|secret| &secret.id != id);
        if client.secrets.len() == before {
            return Err(ClientStepError::UnknownSecret);
        }
        rows::delete_secret(&mut tx, &client.id, id).await?;
        let kind = ClientStepKind::RemoveSecret;
        finish(tx, kind, change, client, Some(id)).await
    }

    /// The client a change is about, if it is still what the change says it saw. The transaction is
    /// alone among those that append to the audit.
    async fn take(
        &self,
        change: &ClientChange,
    ) -> Result<(Write, Option<StoredClient>), ClientStepError> {
        let mut tx = self.database.write(Durability::Disk).await?;
        append::lock(&mut tx).await?;
        let found = rows::get(&mut tx, &change.client).await?;
        if found.as_ref().map(|client| client.version) == change.seen {
            return Ok((tx, found));
        }
        match found {
            Some(client) => Err(ClientStepError::Conflict(Box::new(client))),
            None => Err(ClientStepError::Unknown),
        }
    }

    async fn take_known(
        &self,
        change: &ClientChange,
    ) -> Result<(Write, StoredClient), ClientStepError> {
        let (tx, found) = self.take(change).await?;
        Ok((tx, found.ok_or(ClientStepError::Unknown)?))
    }

    /// The same, under a new version already.
    async fn take_touched(
        &self,
        change: &ClientChange,
    ) -> Result<(Write, StoredClient), ClientStepError> {
        let (mut tx, mut client) = self.take_known(change).await?;
        client.version = rows::count_change(&mut tx).await?;
        client.changed = change.touch();
        rows::update(&mut tx, &client).await?;
        Ok((tx, client))
    }
}

impl ClientChange {
    fn touch(&self) -> Touch {
        Touch {
            by: self.by.clone(),
            at: self.at.trunc_subsecs(3),
        }
    }
}

/// The step's record, in the step's own transaction: no audit, no step.
async fn finish(
    mut tx: Write,
    kind: ClientStepKind,
    change: &ClientChange,
    client: StoredClient,
    secret: Option<&Label>,
) -> Result<StoredClient, ClientStepError> {
    let fact = Fact::ClientStep(ClientStep {
        step: kind,
        by: change.by.digest(),
        client: client.id.clone(),
        version: client.version,
        registration: Digest::from(<[u8; 32]>::from(Sha256::digest(&client.document))),
        secret: secret.cloned(),
        live_secrets: client.secrets.iter().map(|one| one.id.clone()).collect(),
    });
    let event = AuditEvent::new(change.at, change.request.clone(), fact);
    append::append(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(client)
}

// A hash is no secret, but nothing that anybody should read in a log either.
impl fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSecret")
            .field("id", &self.id)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) use self::rows::STATEMENTS;
