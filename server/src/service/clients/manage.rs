//! What admins do with embed clients. Whatever is done is on record in the registry's own
//! transaction, and holds in this process at once.

use secrecy::SecretString;
use weir_identity::{
    ClientId, EmbedClient, HashCost, NewSecret, Registration, RegistrationError, SecretHashError,
};
use weir_policy::BusinessUnit;
use weir_registry::{ClientChange, ClientStepError, Label, LabelError, StoredClient};

use super::{Clients, read};
use crate::clock::Clock;
use crate::content::Content;
use crate::service::governance::Doer;

/// A client with what is known of it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: ClientId,
    /// What it may.
    pub registration: Registration,
    /// How the registry keeps it; none for one of the configuration.
    pub stored: Option<StoredClient>,
}

/// A client with a secret that was just made.
#[derive(Debug)]
pub struct Rotated {
    /// The client.
    pub client: Listed,
    /// The secret's id.
    pub id: String,
    /// The secret. It is kept nowhere.
    pub secret: SecretString,
}

/// Something in a registration that names what does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where it stands (RFC 6901).
    pub pointer: String,
    /// What it says.
    pub named: String,
    /// Whether that would be a dashboard; else a business unit.
    pub is_dashboard: bool,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// The registration is not valid.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The client stands in the configuration, where admins can't change it.
    #[error("this client stands in the configuration, and is changed there")]
    Configured,
    /// The registry refuses.
    #[error(transparent)]
    Step(#[from] ClientStepError),
    /// The secret could not be hashed.
    #[error("the secret can't be kept")]
    Secret(#[from] SecretHashError),
    /// What is stored can't be used.
    #[error("the stored registration can't be read")]
    Unreadable,
    /// A name that may not stand in the audit.
    #[error("a name can't be recorded")]
    Label(#[from] LabelError),
    /// The work was cut off.
    #[error("the work on it was cut off")]
    CutOff(#[from] tokio::task::JoinError),
}

impl From<weir_registry::StoreError> for ManageError {
    fn from(cause: weir_registry::StoreError) -> Self {
        Self::Step(cause.into())
    }
}

impl Clients {
    /// All clients in the order of their ids. One that can't be read is not among them; the log
    /// says so.
    ///
    /// # Errors
    /// When the registry does not answer.
    pub async fn list(&self) -> Result<Vec<Listed>, ManageError> {
        let stored = self.0.registry.embed_clients().all().await?.clients;
        let mut all: Vec<Listed> = self.0.fixed.iter().map(Listed::fixed).collect();
        all.extend(
            stored
                .into_iter()
                .filter_map(|client| Listed::stored(client).ok()),
        );
        all.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(all)
    }

    /// One client.
    ///
    /// # Errors
    /// [`ClientStepError::Unknown`] for none of that id.
    pub async fn one(&self, id: &ClientId) -> Result<Listed, ManageError> {
        if let Some(client) = self.0.fixed.iter().find(|client| client.id() == id) {
            return Ok(Listed::fixed(client));
        }
        let found = self.0.registry.embed_clients().get(&label(id)?).await?;
        Listed::stored(found.ok_or(ClientStepError::Unknown)?)
    }

    /// Registers a client, or replaces its registration.
    ///
    /// # Errors
    /// [`ManageError`]; then nothing happened.
    pub async fn put(
        &self,
        change: ClientChange,
        registration: &Registration,
    ) -> Result<Listed, ManageError> {
        self.may_change(&change)?;
        let document = registration.to_json().to_string();
        let clients = self.0.registry.embed_clients();
        let stored = clients.put(&change, &document).await?;
        self.took_effect().await;
        Listed::stored(stored)
    }

    /// Removes a client with its secrets.
    ///
    /// # Errors
    /// [`ManageError`]; then nothing happened.
    pub async fn remove(&self, change: ClientChange) -> Result<(), ManageError> {
        self.may_change(&change)?;
        self.0.registry.embed_clients().remove(&change).await?;
        self.took_effect().await;
        Ok(())
    }

    /// Makes a secret. Where two are live, the older goes.
    ///
    /// # Errors
    /// [`ManageError`]; then nothing happened.
    pub async fn rotate(&self, change: ClientChange) -> Result<Rotated, ManageError> {
        self.may_change(&change)?;
        let made = tokio::task::spawn_blocking(|| NewSecret::generate(HashCost::DEFAULT));
        let NewSecret { id, secret, hash } = made.await??;
        let clients = self.0.registry.embed_clients();
        let name = Label::parse(id.as_str())?;
        let stored = clients.add_secret(&change, &name, hash.as_phc()).await?;
        self.took_effect().await;
        Ok(Rotated {
            client: Listed::stored(stored)?,
            id,
            secret,
        })
    }

    /// Takes a secret back.
    ///
    /// # Errors
    /// [`ManageError`]; then nothing happened.
    pub async fn remove_secret(
        &self,
        change: ClientChange,
        secret: &str,
    ) -> Result<Listed, ManageError> {
        self.may_change(&change)?;
        let secret = Label::parse(secret).map_err(|_| ClientStepError::UnknownSecret)?;
        let clients = self.0.registry.embed_clients();
        let stored = clients.remove_secret(&change, &secret).await?;
        self.took_effect().await;
        Listed::stored(stored)
    }

    /// What `doer` does to a client of which they saw version `seen`.
    ///
    /// # Errors
    /// An id that can't be recorded.
    pub fn change(
        id: &ClientId,
        seen: Option<u64>,
        doer: Doer,
        clock: &Clock,
    ) -> Result<ClientChange, ManageError> {
        Ok(ClientChange {
            client: label(id)?,
            seen,
            by: doer.actor,
            at: clock.now(),
            request: doer.request,
        })
    }

    fn may_change(&self, change: &ClientChange) -> Result<(), ManageError> {
        match ClientId::parse(change.client.as_str()) {
            Ok(id) if self.is_configured(&id) => Err(ManageError::Configured),
            Ok(_) => Ok(()),
            Err(_) => Err(ClientStepError::Unknown.into()),
        }
    }

    /// The change is done. If it can't be read back now, the next look finds it.
    async fn took_effect(&self) {
        if let Err(error) = self.catch_up().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "a change of embed clients holds a little later here");
        }
    }
}

impl Listed {
    fn fixed(client: &EmbedClient) -> Self {
        Self {
            id: client.id().clone(),
            registration: client.registration().clone(),
            stored: None,
        }
    }

    fn stored(stored: StoredClient) -> Result<Self, ManageError> {
        let client = read(&stored).map_err(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::error!(client = %stored.id, error, "an embed client can't be read");
            ManageError::Unreadable
        })?;
        Ok(Self {
            id: client.id().clone(),
            registration: client.registration().clone(),
            stored: Some(stored),
        })
    }
}

fn label(id: &ClientId) -> Result<Label, LabelError> {
    Label::parse(id.as_str())
}

/// What a registration names that is not there. It may be on its way, so it is no error; nobody
/// should have to find out from a host page that stays empty.
#[must_use]
pub fn warnings(registration: &Registration, content: &Content) -> Vec<Warning> {
    let dashboards = registration.dashboards.iter().enumerate();
    let dashboards = dashboards.filter(|(_, slug)| content.dashboard(slug.as_str()).is_none());
    let dashboards = dashboards.map(|(index, slug)| Warning {
        pointer: format!("/dashboards/{index}"),
        named: slug.to_string(),
        is_dashboard: true,
    });
    // Without labels nobody knows which units there are.
    let all = content.business_units();
    let known = |unit: &BusinessUnit| all.is_empty() || all.iter().any(|(one, _)| one == unit);
    let units = registration.business_units.iter().enumerate();
    let units = units.filter(|(_, unit)| !known(unit));
    let units = units.map(|(index, unit)| Warning {
        pointer: format!("/business_units/{index}"),
        named: unit.to_string(),
        is_dashboard: false,
    });
    dashboards.chain(units).collect()
}
