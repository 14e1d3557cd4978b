//! Getting an access token for Weir's API, as a program that has a secret of its own or for a person
//! in front of a terminal (RFC 6749 §4.4, RFC 8628).

use std::fmt;
use std::future::Future;

use chrono::{DateTime, Utc};
use openidconnect::core::{CoreClient, CoreDeviceAuthorizationResponse, CoreTokenResponse};
use openidconnect::{
    ClientId, ClientSecret, DeviceCodeErrorResponseType, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, ErrorResponseType, OAuth2TokenResponse as _, RequestTokenError, Scope,
    StandardErrorResponse,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::config::{Issuer, ProviderConfigError};
use super::discovery::{Directory, Metadata};
use super::error::LoginError;
use super::http::{HttpClient, HttpError};
use super::provider::auth_type;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Whoever wants a token: where, as which client, and what for.
#[derive(Debug, Clone)]
pub struct TokenSourceConfig {
    /// The provider's issuer, byte for byte.
    pub issuer: String,
    /// The client id there.
    pub client_id: String,
    /// The client's secret; without one it is a public client, and a person signs in.
    pub client_secret: Option<SecretString>,
    /// Scopes to ask for.
    pub scopes: Vec<String>,
    /// The API the token is for. Providers that don't know the parameter ignore it.
    pub audience: String,
}

/// Asks a provider for access tokens.
#[derive(Debug)]
pub struct TokenSource {
    config: TokenSourceConfig,
    directory: Directory,
    http: HttpClient,
}

/// A person is asked to sign in on some device.
#[derive(Debug)]
pub struct DeviceLogin(CoreDeviceAuthorizationResponse);

impl DeviceLogin {
    /// The page to open.
    #[must_use]
    pub fn page(&self) -> String {
        self.0.verification_uri().url().to_string()
    }

    /// The page to open that knows the code already, where the provider has one.
    #[must_use]
    pub fn page_with_code(&self) -> Option<&str> {
        let page = self.0.verification_uri_complete();
        page.map(|page| page.secret().as_str())
    }

    /// The code to type there.
    #[must_use]
    pub fn code(&self) -> &str {
        self.0.user_code().secret()
    }

    /// For how long.
    #[must_use]
    pub fn lasts(&self) -> std::time::Duration {
        self.0.expires_in()
    }
}

impl TokenSource {
    /// Checks the configuration; talks to nobody.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn new(config: TokenSourceConfig) -> Result<Self, ProviderConfigError> {
        let issuer = Issuer::parse(&config.issuer)?;
        if config.client_id.is_empty() {
            return Err(ProviderConfigError::ClientId);
        }
        let http = HttpClient::new(issuer.clone()).map_err(|_| ProviderConfigError::HttpClient)?;
        Ok(Self {
            directory: Directory::new(issuer, http.clone()),
            config,
            http,
        })
    }

    /// A token for the client itself, which has a secret.
    ///
    /// # Errors
    /// When the provider can't be asked or refuses.
    pub async fn as_itself(&self, now: DateTime<Utc>) -> Result<SecretString, LoginError> {
        let client = self.client(&*self.directory.metadata(now).await?);
        let request = client
            .exchange_client_credentials()
            .map_err(|_| LoginError::Metadata("the token endpoint is missing"))?
            .add_scopes(self.scopes())
            .add_extra_param("audience", self.config.audience.as_str());
        let answer = request.request_async(&self.http).await;
        answer.map(|answer| token(&answer)).map_err(refusal)
    }

    /// Begins a sign-in on another device: show the person the page and the code.
    ///
    /// # Errors
    /// When the provider can't be asked, refuses, or knows no such sign-in.
    pub async fn begin_device(&self, now: DateTime<Utc>) -> Result<DeviceLogin, LoginError> {
        let metadata = self.directory.metadata(now).await?;
        let endpoint = metadata.additional_metadata();
        let endpoint = endpoint.device_authorization_endpoint.clone();
        let endpoint = endpoint.ok_or(LoginError::Metadata("it offers no device sign-in"))?;
        let client = self
            .client(&metadata)
            .set_device_authorization_url(endpoint)
            .disable_openid_scope();
        let request = client
            .exchange_device_code()
            .add_scopes(self.scopes())
            .add_extra_param("audience", self.config.audience.as_str());
        let answer: CoreDeviceAuthorizationResponse =
            request.request_async(&self.http).await.map_err(refusal)?;
        let login = DeviceLogin(answer);
        self.check(&login)?;
        Ok(login)
    }

    /// What a person is sent to and asked to type comes from the provider; nothing else may.
    fn check(&self, login: &DeviceLogin) -> Result<(), LoginError> {
        let pages = std::iter::once(login.page());
        let pages = pages.chain(login.page_with_code().map(str::to_owned));
        for page in pages {
            if !self.directory.may_name(&page) {
                return Err(LoginError::Metadata("its sign-in page is not allowed"));
            }
        }
        let code = login.code();
        if code.is_empty() || code.len() > 40 || !code.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(LoginError::Metadata("its code can't be typed"));
        }
        Ok(())
    }

    /// Waits until the person has signed in. `wait` is told how long to pause between two questions,
    /// which the provider may ask to be longer; `clock` says when it is too late.
    ///
    /// # Errors
    /// When the person declines, does not come, or the provider refuses.
    pub async fn finish_device<W: Future<Output = ()>>(
        &self,
        login: &DeviceLogin,
        clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
        wait: impl Fn(std::time::Duration) -> W,
    ) -> Result<SecretString, LoginError> {
        let client = self.client(&*self.directory.metadata(clock()).await?);
        let request = client
            .exchange_device_access_token(&login.0)
            .map_err(|_| LoginError::Metadata("the token endpoint is missing"))?
            .set_time_fn(clock);
        let answer = request.request_async(&self.http, wait, None).await;
        answer
            .map(|answer| token(&answer))
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(answer) => match answer.error() {
                    DeviceCodeErrorResponseType::AccessDenied => LoginError::Declined,
                    DeviceCodeErrorResponseType::ExpiredToken => LoginError::TooLate,
                    other => LoginError::TokenRefused(printable(other.as_ref())),
                },
                other => refusal(other),
            })
    }

    fn client(&self, metadata: &Metadata) -> Client {
        let secret = self.config.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let id = ClientId::new(self.config.client_id.clone());
        CoreClient::from_provider_metadata(metadata.clone(), id, secret)
            .set_auth_type(auth_type(metadata))
    }

    fn scopes(&self) -> impl Iterator<Item = Scope> + '_ {
        self.config.scopes.iter().cloned().map(Scope::new)
    }
}

fn token(answer: &CoreTokenResponse) -> SecretString {
    answer.access_token().secret().clone().into()
}

fn refusal<K: ErrorResponseType + fmt::Display>(
    error: RequestTokenError<HttpError, StandardErrorResponse<K>>,
) -> LoginError {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            LoginError::TokenRefused(printable(&answer.error().to_string()))
        }
        // The body may hold a token, so it is not kept as a cause.
        RequestTokenError::Parse(cause, _) => LoginError::unavailable(cause),
        RequestTokenError::Request(cause) => LoginError::unavailable(cause),
        RequestTokenError::Other(_) => LoginError::Metadata("its answer is no JSON"),
    }
}

/// A provider's word, fit for a terminal.
fn printable(word: &str) -> String {
    let shown = word.chars().filter(char::is_ascii_graphic);
    shown.take(60).collect()
}
