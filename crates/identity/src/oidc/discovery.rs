//! What a provider says about itself, and its keys: fetched when first needed, by one caller at a
//! time, and kept for a while.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, DeviceAuthorizationUrl, EndSessionUrl, IssuerUrl, JsonWebKeySet,
    ProviderMetadata,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::Url;

use super::config::Issuer;
use super::error::LoginError;
use super::http::HttpClient;

/// Metadata older than this is fetched again.
const METADATA_LIFETIME: Duration = Duration::hours(1);

/// Keys older than this are fetched again, so that a key the provider took out is soon refused.
const KEYS_LIFETIME: Duration = Duration::seconds(60);

/// An unknown key fetches the keys again at most this often. That is short, because only the token
/// endpoint's own answer to a live sign-in gets this far: strangers cannot spend this budget.
pub(super) const KEYS_REFETCH: Duration = Duration::seconds(1);

/// The same for access tokens. Those come from anybody, and a stranger who makes up key ids must
/// not make Weir ask the provider once a second.
pub(super) const KEYS_REFETCH_FOR_STRANGERS: Duration = Duration::seconds(15);

/// A provider that failed is left alone for this long.
const RETRY_AFTER: Duration = Duration::seconds(5);

/// The members of a provider's metadata that the library does not read itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Extra {
    pub(super) end_session_endpoint: Option<EndSessionUrl>,
    /// RFC 8628 §4.
    pub(super) device_authorization_endpoint: Option<DeviceAuthorizationUrl>,
    /// RFC 9207 §3.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extra {}

pub(super) type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The provider was asked moments ago and failed.
#[derive(Debug, thiserror::Error)]
#[error("the provider failed moments ago and is not asked again yet")]
struct FailedRecently;

/// A provider's metadata and keys.
#[derive(Debug)]
pub(super) struct Directory {
    issuer: Issuer,
    http: HttpClient,
    /// Held across a fetch on purpose: that is the single flight. Waiting is bounded by the HTTP
    /// timeout, and those who waited for a failure do not repeat it (`failed_at`).
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: Option<Known>,
    failed_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
struct Known {
    metadata: Arc<Metadata>,
    metadata_at: DateTime<Utc>,
    keys: Arc<CoreJsonWebKeySet>,
    keys_at: DateTime<Utc>,
}

impl Directory {
    pub(super) fn new(issuer: Issuer, http: HttpClient) -> Self {
        Self {
            issuer,
            http,
            state: Mutex::default(),
        }
    }

    pub(super) async fn metadata(&self, now: DateTime<Utc>) -> Result<Arc<Metadata>, LoginError> {
        let mut state = self.state.lock().await;
        Ok(self.known(&mut state, now).await?.metadata)
    }

    /// Whether the provider may send a person to this address.
    pub(super) fn may_name(&self, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| self.issuer.may_use(&url))
    }

    /// The provider's keys, as it published them within the last minute.
    pub(super) async fn keys(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Arc<CoreJsonWebKeySet>, LoginError> {
        let mut state = self.state.lock().await;
        let known = self.known(&mut state, now).await?;
        if fresh(known.keys_at, KEYS_LIFETIME, now) {
            return Ok(known.keys);
        }
        self.fetch_keys(&mut state, known, now).await
    }

    /// Other keys than `seen`, which did not have the one that was needed; `None` if there are no
    /// others, or they were asked for less than `pause` ago.
    pub(super) async fn newer_keys(
        &self,
        seen: &Arc<CoreJsonWebKeySet>,
        pause: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<CoreJsonWebKeySet>>, LoginError> {
        let mut state = self.state.lock().await;
        let known = self.known(&mut state, now).await?;
        if !Arc::ptr_eq(&known.keys, seen) {
            return Ok(Some(known.keys));
        }
        if fresh(known.keys_at, pause, now) {
            return Ok(None);
        }
        self.fetch_keys(&mut state, known, now).await.map(Some)
    }

    async fn known(&self, state: &mut State, now: DateTime<Utc>) -> Result<Known, LoginError> {
        match &state.known {
            Some(known) if fresh(known.metadata_at, METADATA_LIFETIME, now) => Ok(known.clone()),
            _ => {
                state.check_retry(now)?;
                let discovered = self.discover(now).await;
                state.remember(discovered, now)
            }
        }
    }

    async fn fetch_keys(
        &self,
        state: &mut State,
        known: Known,
        now: DateTime<Utc>,
    ) -> Result<Arc<CoreJsonWebKeySet>, LoginError> {
        state.check_retry(now)?;
        let fetched = JsonWebKeySet::fetch_async(known.metadata.jwks_uri(), &self.http).await;
        let renewed = fetched
            .map(|keys| Known {
                keys: Arc::new(keys),
                keys_at: now,
                ..known
            })
            .map_err(LoginError::unavailable);
        Ok(state.remember(renewed, now)?.keys)
    }

    async fn discover(&self, now: DateTime<Utc>) -> Result<Known, LoginError> {
        let issuer = IssuerUrl::new(self.issuer.text.clone())
            .map_err(|_| LoginError::Metadata("the issuer is no URL"))?;
        let metadata = Metadata::discover_async(issuer, &self.http)
            .await
            .map_err(LoginError::unavailable)?;
        self.check(&metadata)?;
        let keys = Arc::new(metadata.jwks().clone());
        Ok(Known {
            metadata: Arc::new(metadata),
            metadata_at: now,
            keys,
            keys_at: now,
        })
    }

    /// The addresses that browsers are sent to; the others are checked when they are asked.
    fn check(&self, metadata: &Metadata) -> Result<(), LoginError> {
        let refused = |what| Err(LoginError::Metadata(what));
        let usable = |url: &Url| self.issuer.may_use(url);
        if !usable(metadata.authorization_endpoint().url()) {
            return refused("the authorization endpoint is not allowed");
        }
        if metadata
            .token_endpoint()
            .is_none_or(|endpoint| !usable(endpoint.url()))
        {
            return refused("the token endpoint is missing or not allowed");
        }
        match &metadata.additional_metadata().end_session_endpoint {
            Some(endpoint) if !usable(endpoint.url()) => {
                refused("the end session endpoint is not allowed")
            }
            _ => Ok(()),
        }
    }
}

impl State {
    fn check_retry(&self, now: DateTime<Utc>) -> Result<(), LoginError> {
        match self.failed_at {
            Some(at) if fresh(at, RETRY_AFTER, now) => Err(LoginError::unavailable(FailedRecently)),
            _ => Ok(()),
        }
    }

    fn remember(
        &mut self,
        outcome: Result<Known, LoginError>,
        now: DateTime<Utc>,
    ) -> Result<Known, LoginError> {
        match outcome {
            Ok(known) => {
                self.failed_at = None;
                self.known = Some(known.clone());
                Ok(known)
            }
            Err(error) => {
                self.failed_at = Some(now);
                Err(error)
            }
        }
    }
}

/// Whether something of this moment is still good. A clock that stepped back makes it old.
fn fresh(at: DateTime<Utc>, lifetime: Duration, now: DateTime<Utc>) -> bool {
    let age = now - at;
    age < lifetime && age > -lifetime
}
