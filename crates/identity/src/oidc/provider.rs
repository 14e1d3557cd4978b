//! One identity provider: begin a sign-in, finish it, end a session there.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreJsonWebKeySet,
    CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, RedirectUrl, RequestTokenError,
    Scope, TokenResponse,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::access_token::{self, AccessTokenError, AccessTokenFlaw, Kind, Refused};
use super::callback::{CallbackParams, Outcome};
use super::claims::IdentityClaims;
use super::config::{Issuer, ProviderConfig, ProviderConfigError, check_redirect_uri};
use super::discovery::{Directory, KEYS_REFETCH, KEYS_REFETCH_FOR_STRANGERS, Metadata};
use super::error::{IdTokenFlaw, LoginError};
use super::http::HttpClient;
use super::id_token::{self, Expected, Refusal};
use super::pending::{LoginStart, PendingLogin};
use super::return_to::ReturnTo;
use crate::clients::exchange::SubjectTokenKind;
use crate::random;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// An OIDC provider where members sign in.
///
/// It is asked nothing until the first sign-in, so Weir starts while the provider is down.
#[derive(Debug)]
pub struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    redirect_uri: RedirectUrl,
    scopes: Vec<Scope>,
    directory: Directory,
    http: HttpClient,
}

impl Provider {
    /// Checks the configuration; talks to nobody.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn new(config: ProviderConfig) -> Result<Self, ProviderConfigError> {
        let issuer = Issuer::parse(&config.issuer)?;
        check_redirect_uri(&config.redirect_uri)?;
        if config.client_id.is_empty() {
            return Err(ProviderConfigError::ClientId);
        }
        let http = HttpClient::new(issuer.clone()).map_err(|_| ProviderConfigError::HttpClient)?;
        let secret = config
            .client_secret
            .as_ref()
            .map(ExposeSecret::expose_secret);
        Ok(Self {
            issuer: IssuerUrl::new(config.issuer).map_err(|_| ProviderConfigError::Issuer)?,
            client_id: ClientId::new(config.client_id),
            client_secret: secret.map(|secret| ClientSecret::new(secret.to_owned())),
            redirect_uri: RedirectUrl::new(config.redirect_uri)
                .map_err(|_| ProviderConfigError::RedirectUri)?,
            scopes: config.scopes.into_iter().map(Scope::new).collect(),
            directory: Directory::new(issuer, http.clone()),
            http,
        })
    }

    /// The issuer, byte for byte.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Begins a sign-in. Send the browser to the URL, and store the rest for one use.
    ///
    /// # Errors
    /// When the provider's metadata cannot be had or used.
    pub async fn begin(
        &self,
        return_to: ReturnTo,
        now: DateTime<Utc>,
    ) -> Result<LoginStart, LoginError> {
        let client = self.client(&*self.directory.metadata(now).await?);
        let pending = PendingLogin {
            issuer: self.issuer().to_owned(),
            state: random::token(),
            nonce: random::token(),
            pkce_verifier: random::token(),
            return_to,
            created_at: now,
        };
        let (state, nonce) = (pending.state.clone(), pending.nonce.clone());
        let verifier = PkceCodeVerifier::new(pending.pkce_verifier.clone());
        let request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(self.scopes.iter().cloned());
        let (authorize_url, _, _) = request.url();
        Ok(LoginStart {
            authorize_url,
            pending,
        })
    }

    /// Finishes a sign-in that was begun here.
    ///
    /// # Errors
    /// When the callback, the provider or the ID token is not as it must be. Nothing is sent to the
    /// provider before state, time and `iss` fit.
    pub async fn finish(
        &self,
        pending: PendingLogin,
        callback: CallbackParams,
        now: DateTime<Utc>,
    ) -> Result<IdentityClaims, LoginError> {
        if pending.issuer != self.issuer() || !pending.has_state(callback.state()) {
            return Err(LoginError::State);
        }
        if !pending.is_due(now) {
            return Err(LoginError::TooLate);
        }
        let metadata = self.directory.metadata(now).await?;
        self.check_callback_issuer(&metadata, callback.issuer())?;
        let Outcome::Code(code) = callback.into_outcome() else {
            return Err(LoginError::Declined);
        };
        let code = AuthorizationCode::new(code);

        let answer = self.exchange(&metadata, code.clone(), &pending).await?;
        let id_token = answer.id_token().ok_or(IdTokenFlaw::Missing)?;
        let expected = Expected {
            issuer: &self.issuer,
            client_id: &self.client_id,
            nonce: &Nonce::new(pending.nonce),
            code: &code,
            access_token: answer.access_token(),
            begun_at: pending.created_at,
            now,
        };
        self.accept(id_token, &expected).await
    }

    /// Where to send a browser so that the provider ends its session too (RP-initiated logout);
    /// `None` when the provider offers no such place. `back_to` must be registered at the provider.
    ///
    /// # Errors
    /// When the provider's metadata cannot be had or used, or `back_to` is no URL.
    pub async fn end_session_url(
        &self,
        id_token: Option<&SecretString>,
        back_to: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Url>, LoginError> {
        let metadata = self.directory.metadata(now).await?;
        let Some(endpoint) = metadata.additional_metadata().end_session_endpoint.clone() else {
            return Ok(None);
        };
        let back_to = PostLogoutRedirectUrl::new(back_to.to_owned())
            .map_err(|_| LoginError::Metadata("the address after logout is no URL"))?;
        let request = LogoutRequest::from(endpoint)
            .set_client_id(self.client_id.clone())
            .set_post_logout_redirect_uri(back_to);
        let hint = id_token.and_then(|token| token.expose_secret().parse::<CoreIdToken>().ok());
        let request = match &hint {
            Some(token) => request.set_id_token_hint(token),
            None => request,
        };
        Ok(Some(request.http_get_url()))
    }

    /// Accepts an access token that the provider issued for `audience` (RFC 9068), or says why not.
    /// The provider is asked for nothing but its keys, as at a sign-in.
    ///
    /// # Errors
    /// [`AccessTokenError::Flaw`] for a token that is not acceptable,
    /// [`AccessTokenError::Provider`] when the keys can't be had.
    pub async fn accept_access_token(
        &self,
        token: &str,
        audience: &str,
        now: DateTime<Utc>,
    ) -> Result<IdentityClaims, AccessTokenError> {
        self.accept_of_kind(Kind::Access, token, &[audience], now)
            .await
    }

    /// Accepts a person's token that a client brings for exchange (RFC 8693), if its one audience is
    /// one of `audiences`. An ID token is taken without a nonce: it belongs to no sign-in of ours.
    ///
    /// # Errors
    /// As [`Provider::accept_access_token`].
    pub async fn accept_subject_token(
        &self,
        kind: SubjectTokenKind,
        token: &str,
        audiences: &[&str],
        now: DateTime<Utc>,
    ) -> Result<IdentityClaims, AccessTokenError> {
        let kind = match kind {
            SubjectTokenKind::IdToken => Kind::Id,
            SubjectTokenKind::AccessToken => Kind::Access,
        };
        self.accept_of_kind(kind, token, audiences, now).await
    }

    async fn accept_of_kind(
        &self,
        kind: Kind,
        token: &str,
        audiences: &[&str],
        now: DateTime<Utc>,
    ) -> Result<IdentityClaims, AccessTokenError> {
        let expected = access_token::Expected {
            kind,
            issuer: self.issuer(),
            audiences,
            now,
        };
        let read = access_token::read(token, &expected)?;
        let keys = self.directory.keys(now).await?;
        match read.accept(&keys) {
            Ok(identity) => return Ok(identity),
            Err(Refused::Flaw(flaw)) => return Err(flaw.into()),
            Err(Refused::UnknownKey) => {}
        }
        let pause = KEYS_REFETCH_FOR_STRANGERS;
        let newer = self.directory.newer_keys(&keys, pause, now).await?;
        let keys = newer.ok_or(AccessTokenFlaw::UnknownKey)?;
        read.accept(&keys).map_err(|refused| match refused {
            Refused::Flaw(flaw) => flaw.into(),
            Refused::UnknownKey => AccessTokenFlaw::UnknownKey.into(),
        })
    }

    fn client(&self, metadata: &Metadata) -> Client {
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            self.client_id.clone(),
            self.client_secret.clone(),
        );
        client
            .set_auth_type(auth_type(metadata))
            .set_redirect_uri(self.redirect_uri.clone())
    }

    /// RFC 9207 §2.4: the answer comes from whom we asked.
    fn check_callback_issuer(
        &self,
        metadata: &Metadata,
        issuer: Option<&str>,
    ) -> Result<(), LoginError> {
        let promised = metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported;
        match issuer {
            Some(issuer) if issuer == self.issuer() => Ok(()),
            None if !promised => Ok(()),
            _ => Err(LoginError::CallbackIssuer),
        }
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        code: AuthorizationCode,
        pending: &PendingLogin,
    ) -> Result<CoreTokenResponse, LoginError> {
        let client = self.client(metadata);
        let request = client
            .exchange_code(code)
            .map_err(|_| LoginError::Metadata("the token endpoint is missing"))?
            .set_pkce_verifier(PkceCodeVerifier::new(pending.pkce_verifier.clone()));
        request
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(_) => LoginError::CodeRefused,
                RequestTokenError::Parse(_, body) if has_id_token(&body) => {
                    IdTokenFlaw::Malformed.into()
                }
                // The body may hold tokens, so it is not kept as a cause.
                RequestTokenError::Parse(cause, _) => LoginError::unavailable(cause),
                RequestTokenError::Request(cause) => LoginError::unavailable(cause),
                RequestTokenError::Other(_) => {
                    LoginError::Metadata("the answer to a code is no JSON")
                }
            })
    }

    async fn accept(
        &self,
        token: &CoreIdToken,
        expected: &Expected<'_>,
    ) -> Result<IdentityClaims, LoginError> {
        let keys: Arc<CoreJsonWebKeySet> = self.directory.keys(expected.now).await?;
        match id_token::accept(token, &keys, expected) {
            Ok(claims) => return Ok(claims),
            Err(Refusal::Flaw(flaw)) => return Err(flaw.into()),
            Err(Refusal::Keys) => {}
        }
        // The key may have been published since.
        let newer = self
            .directory
            .newer_keys(&keys, KEYS_REFETCH, expected.now)
            .await?;
        let keys = newer.ok_or(IdTokenFlaw::Signature)?;
        id_token::accept(token, &keys, expected).map_err(|refusal| match refusal {
            Refusal::Flaw(flaw) => flaw.into(),
            Refusal::Keys => IdTokenFlaw::Signature.into(),
        })
    }
}

/// How a client shows its secret at the token endpoint.
pub(super) fn auth_type(metadata: &Metadata) -> AuthType {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let offers = |method| methods.is_none_or(|list| list.contains(&method));
    // OIDC Discovery §3: without a list, the method is `client_secret_basic`.
    if offers(CoreClientAuthMethod::ClientSecretBasic) {
        AuthType::BasicAuth
    } else {
        AuthType::RequestBody
    }
}

/// Whether an unreadable answer is one with an ID token in it, which is then what is wrong.
fn has_id_token(body: &[u8]) -> bool {
    let answer: Option<Value> = serde_json::from_slice(body).ok();
    answer.is_some_and(|answer| {
        answer.get("id_token").is_some() && answer.get("access_token").is_some_and(Value::is_string)
    })
}
