//! What the API says of embed clients.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use weir_registry::{Actor, StoredClient};

use crate::router::Person;
use crate::service::clients::{Listed, Warning, warnings};
use crate::state::AppState;

/// Clients.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes::governance) struct ClientsAnswer {
    pub(super) clients: Vec<ClientAnswer>,
}

/// A client.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes::governance) struct ClientAnswer {
    id: String,
    /// `registry`, or `configuration` where admins can't change it.
    source: &'static str,
    /// What it may: the document that `PUT` takes.
    #[schema(value_type = Object)]
    registration: Value,
    /// What the registration names that does not exist.
    warnings: Vec<WarningAnswer>,
    #[serde(flatten)]
    stored: Option<StoredAnswer>,
}

/// How the registry keeps a client.
#[derive(Debug, Serialize, ToSchema)]
struct StoredAnswer {
    /// For `If-Match`, as the `ETag` has it.
    version: u64,
    /// The live secrets, the oldest first. What they are is kept nowhere.
    secrets: Vec<SecretAnswer>,
    #[schema(value_type = Person)]
    created_by: Actor,
    created_at: DateTime<Utc>,
    #[schema(value_type = Person)]
    changed_by: Actor,
    changed_at: DateTime<Utc>,
}

/// A live secret.
#[derive(Debug, Serialize, ToSchema)]
struct SecretAnswer {
    id: String,
    created_at: DateTime<Utc>,
    #[schema(value_type = Person)]
    created_by: Actor,
}

/// Something a registration names that does not exist.
#[derive(Debug, Serialize, ToSchema)]
struct WarningAnswer {
    /// Where in the registration (RFC 6901).
    pointer: String,
    detail: String,
}

/// A new secret. It is said once.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes::governance) struct NewSecretAnswer {
    /// By which it is taken back.
    pub(super) id: String,
    /// The secret. Keep it now: nobody can ask for it again.
    pub(super) secret: String,
    pub(super) client: ClientAnswer,
}

impl ClientAnswer {
    /// A client, with what its registration names that does not exist by now.
    pub(super) fn of(client: &Listed, state: &AppState) -> Self {
        let content = state.dashboards.published.current();
        let warnings = warnings(&client.registration, &content);
        Self {
            id: client.id.to_string(),
            source: match client.stored {
                Some(_) => "registry",
                None => "configuration",
            },
            registration: client.registration.to_json(),
            warnings: warnings.iter().map(WarningAnswer::of).collect(),
            stored: client.stored.as_ref().map(StoredAnswer::of),
        }
    }
}

impl WarningAnswer {
    fn of(warning: &Warning) -> Self {
        let what = if warning.is_dashboard {
            "dashboard"
        } else {
            "business unit"
        };
        Self {
            pointer: warning.pointer.clone(),
            detail: format!("there is no {what} `{}` now", warning.named),
        }
    }
}

impl StoredAnswer {
    fn of(stored: &StoredClient) -> Self {
        let secrets = stored.secrets.iter().map(|secret| SecretAnswer {
            id: secret.id.to_string(),
            created_at: secret.created.at,
            created_by: secret.created.by.clone(),
        });
        Self {
            version: stored.version,
            secrets: secrets.collect(),
            created_by: stored.created.by.clone(),
            created_at: stored.created.at,
            changed_by: stored.changed.by.clone(),
            changed_at: stored.changed.at,
        }
    }
}
