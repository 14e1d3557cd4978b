//! All identity providers that members sign in at.
//!
//! What one of them says counts as its own word only: a sign-in is finished where it was begun, a
//! token is held against the keys of the issuer it names, and with several providers each has its own
//! callback (RFC 9700 §4.4).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::access_token::{AccessTokenError, AccessTokenFlaw};
use super::claims::IdentityClaims;
use super::config::ProviderConfigError;
use super::logout_token::{LogoutNotice, LogoutTokenError, LogoutTokenFlaw};
use super::provider::Provider;
use super::signed::named_issuer;
use crate::clients::exchange::SubjectTokenKind;
use crate::name::Slug;

/// The providers, in the order in which people are offered them.
#[derive(Debug)]
pub struct Providers(Vec<NamedProvider>);

/// A provider and what it is called here.
#[derive(Debug)]
pub struct NamedProvider {
    /// Its name in addresses.
    pub id: Slug,
    /// The provider.
    pub provider: Provider,
}

/// Providers that can't be configured together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvidersError {
    /// There is none.
    #[error("expected at least one provider")]
    None,
    /// Two have the same id.
    #[error("two providers have the id `{0}`")]
    Id(String),
    /// Two have the same issuer, so nobody could say whose word counts.
    #[error("two providers have the issuer `{0}`")]
    Issuer(String),
    /// One of them can't be used.
    #[error("provider `{id}`")]
    Config {
        /// Which.
        id: String,
        /// Why.
        #[source]
        cause: ProviderConfigError,
    },
}

impl Providers {
    /// Puts providers side by side.
    ///
    /// # Errors
    /// When there is none, or two can't be told apart.
    pub fn new(all: Vec<NamedProvider>) -> Result<Self, ProvidersError> {
        if all.is_empty() {
            return Err(ProvidersError::None);
        }
        let (mut ids, mut issuers) = (BTreeSet::new(), BTreeSet::new());
        for NamedProvider { id, provider } in &all {
            if !ids.insert(id.as_str()) {
                return Err(ProvidersError::Id(id.to_string()));
            }
            if !issuers.insert(provider.issuer()) {
                return Err(ProvidersError::Issuer(provider.issuer().to_owned()));
            }
        }
        let several = all.len() > 1;
        let one_of_several = |named: NamedProvider| NamedProvider {
            provider: named.provider.one_of_several(several),
            ..named
        };
        Ok(Self(all.into_iter().map(one_of_several).collect()))
    }

    /// All of them.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &NamedProvider> {
        self.0.iter()
    }

    /// The only one, if there is one only.
    #[must_use]
    pub fn only(&self) -> Option<&Provider> {
        match self.0.as_slice() {
            [only] => Some(&only.provider),
            _ => None,
        }
    }

    /// The one with this id.
    #[must_use]
    pub fn with_id(&self, id: &str) -> Option<&Provider> {
        let named = self.iter().find(|named| named.id.as_str() == id);
        named.map(|named| &named.provider)
    }

    /// The one with this issuer, byte for byte.
    #[must_use]
    pub fn with_issuer(&self, issuer: &str) -> Option<&Provider> {
        let mut all = self.iter().map(|named| &named.provider);
        all.find(|provider| provider.issuer() == issuer)
    }

    /// Accepts an access token for `audience` from the provider whose issuer it names.
    ///
    /// # Errors
    /// As [`Provider::accept_access_token`]; a stranger's token is [`AccessTokenFlaw::Issuer`].
    pub async fn accept_access_token(
        &self,
        token: &str,
        audience: &str,
        now: DateTime<Utc>,
    ) -> Result<IdentityClaims, AccessTokenError> {
        let provider = self.meant_by(token);
        let provider = provider.ok_or(AccessTokenFlaw::Issuer)?;
        provider.accept_access_token(token, audience, now).await
    }

    /// Accepts a person's token for exchange from the provider whose issuer it names.
    ///
    /// # Errors
    /// As [`Provider::accept_subject_token`]; a stranger's token is [`AccessTokenFlaw::Issuer`].
    pub async fn accept_subject_token(
        &self,
        kind: SubjectTokenKind,
        token: &str,
        audiences: &[&str],
        now: DateTime<Utc>,
    ) -> Result<IdentityClaims, AccessTokenError> {
        let provider = self.meant_by(token);
        let provider = provider.ok_or(AccessTokenFlaw::Issuer)?;
        provider
            .accept_subject_token(kind, token, audiences, now)
            .await
    }

    /// Accepts a logout token from the provider whose issuer it names.
    ///
    /// # Errors
    /// As [`Provider::accept_logout_token`]; a stranger's token is [`LogoutTokenFlaw::Issuer`].
    pub async fn accept_logout_token(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<LogoutNotice, LogoutTokenError> {
        let provider = self.meant_by(token);
        let provider = provider.ok_or(LogoutTokenFlaw::Issuer)?;
        provider.accept_logout_token(token, now).await
    }

    /// The only one, or the one whose issuer a token names; whether it is that one's is not known yet.
    fn meant_by(&self, token: &str) -> Option<&Provider> {
        let named = || self.with_issuer(&named_issuer(token)?);
        self.only().or_else(named)
    }
}
