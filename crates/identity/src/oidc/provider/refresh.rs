//! Asking the provider again who somebody is (OIDC Core §12).

use std::fmt;

use chrono::{DateTime, Utc};
use openidconnect::core::{CoreErrorResponseType, CoreTokenResponse};
use openidconnect::{
    Nonce, OAuth2TokenResponse as _, RefreshToken, RequestTokenError, TokenResponse as _,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{Provider, refresh_token, unreadable};
use crate::oidc::claims::IdentityClaims;
use crate::oidc::error::{IdTokenFlaw, LoginError};
use crate::oidc::id_token::{Expected, ExpectedNonce};

/// The provider's tokens of one sign-in. Written out for sealing only; `Debug` shows none.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderTokens {
    /// The ID token: the hint at logout.
    id_token: Option<String>,
    /// What fetches newer claims.
    refresh_token: Option<String>,
    /// The nonce of the sign-in, which a later ID token may repeat.
    nonce: Option<String>,
}

impl ProviderTokens {
    /// What came with a sign-in.
    #[must_use]
    pub fn of(identity: &IdentityClaims) -> Self {
        let text = |token: Option<&SecretString>| token.map(|it| it.expose_secret().to_owned());
        let nonce = identity.claims().get("nonce");
        Self {
            id_token: text(identity.id_token()),
            refresh_token: text(identity.refresh_token()),
            nonce: nonce.and_then(|it| it.as_str()).map(str::to_owned),
        }
    }

    /// The ID token.
    #[must_use]
    pub fn id_token(&self) -> Option<SecretString> {
        self.id_token.clone().map(SecretString::from)
    }

    /// Whether newer claims can be fetched.
    #[must_use]
    pub fn can_refresh(&self) -> bool {
        self.refresh_token.is_some()
    }
}

impl fmt::Debug for ProviderTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderTokens").finish_non_exhaustive()
    }
}

/// What the provider says of somebody now.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// Newer claims; `None` from a provider that sends no ID token at a refresh.
    pub identity: Option<IdentityClaims>,
    /// The tokens for the next time.
    pub tokens: ProviderTokens,
}

impl Provider {
    /// Asks again who `subject` is. A refresh token works once where the provider rotates them: keep
    /// the tokens that come back.
    ///
    /// # Errors
    /// [`LoginError::is_outage`] when the provider does not answer: ask again later. Anything else
    /// means that the sign-in is over there, or that the answer is about somebody else (L27).
    pub async fn refresh(
        &self,
        tokens: &ProviderTokens,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<Refreshed, LoginError> {
        let answer = self.ask_again(tokens, now).await?;
        let mut kept = tokens.clone();
        if let Some(newer) = answer.refresh_token() {
            kept.refresh_token = Some(newer.secret().clone());
        }
        let Some(id_token) = answer.id_token() else {
            return Ok(Refreshed {
                identity: None,
                tokens: kept,
            });
        };
        let nonce = tokens.nonce.clone().map(Nonce::new);
        let expected = Expected {
            issuer: &self.issuer,
            client_id: &self.client_id,
            nonce: ExpectedNonce::NoOther(nonce.as_ref()),
            code: None,
            access_token: answer.access_token(),
            begun_at: now,
            now,
        };
        let identity = self.accept(id_token, &expected).await?;
        if identity.subject() != subject {
            return Err(IdTokenFlaw::Subject.into());
        }
        let identity = identity.with_refresh_token(refresh_token(&answer));
        kept.id_token = identity.id_token().map(|it| it.expose_secret().to_owned());
        Ok(Refreshed {
            identity: Some(identity),
            tokens: kept,
        })
    }

    async fn ask_again(
        &self,
        tokens: &ProviderTokens,
        now: DateTime<Utc>,
    ) -> Result<CoreTokenResponse, LoginError> {
        let token = tokens.refresh_token.clone();
        let token = RefreshToken::new(token.ok_or(LoginError::CodeRefused)?);
        let client = self.client(&*self.directory.metadata(now).await?);
        let request = client
            .exchange_refresh_token(&token)
            .map_err(|_| LoginError::Metadata("the token endpoint is missing"))?;
        let answer = request.request_async(&self.http).await;
        answer.map_err(|error| match error {
            RequestTokenError::ServerResponse(answer) => match answer.error() {
                CoreErrorResponseType::InvalidGrant => LoginError::CodeRefused,
                // Weir's own registration, or the provider's bad hour: says nothing of the person.
                _ => LoginError::Metadata("it refuses to say anything newer"),
            },
            other => unreadable(other),
        })
    }
}
