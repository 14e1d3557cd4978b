//! Tokens that come from anybody: access tokens for Weir's API, and logout tokens.

use chrono::{DateTime, Utc};

use super::Provider;
use crate::clients::exchange::SubjectTokenKind;
use crate::oidc::access_token::{self, AccessTokenError, AccessTokenFlaw, Kind};
use crate::oidc::claims::IdentityClaims;
use crate::oidc::discovery::KEYS_REFETCH_FOR_STRANGERS;
use crate::oidc::error::LoginError;
use crate::oidc::logout_token::{self, LogoutNotice, LogoutTokenError, LogoutTokenFlaw};
use crate::oidc::signed::{Refused, Signed, SignedFlaw};

/// Why no key of the provider makes a token count.
enum NotSigned {
    UnknownKey,
    Flaw(SignedFlaw),
    Provider(LoginError),
}

impl Provider {
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
        let signed = self.check_signature(&read.signed, now).await;
        signed.map_err(|error| match error {
            NotSigned::UnknownKey => AccessTokenError::from(AccessTokenFlaw::UnknownKey),
            NotSigned::Flaw(flaw) => AccessTokenFlaw::from(flaw).into(),
            NotSigned::Provider(cause) => cause.into(),
        })?;
        let identity = IdentityClaims::new(self.issuer().to_owned(), read.subject, read.claims);
        Ok(identity.beside_others(self.one_of_several))
    }

    /// Accepts a logout token of the provider (OIDC Back-Channel Logout §2.6), or says why not. Whether
    /// it was used before is for the store to say: [`LogoutNotice::replay_key`].
    ///
    /// # Errors
    /// [`LogoutTokenError::Flaw`] for a token that is not acceptable,
    /// [`LogoutTokenError::Provider`] when the keys can't be had.
    pub async fn accept_logout_token(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<LogoutNotice, LogoutTokenError> {
        let expected = logout_token::Expected {
            issuer: self.issuer(),
            client_id: &self.client_id,
            now,
        };
        let (signed, notice) = logout_token::read(token, &expected)?;
        let signed = self.check_signature(&signed, now).await;
        signed.map_err(|error| match error {
            NotSigned::UnknownKey => LogoutTokenError::from(LogoutTokenFlaw::UnknownKey),
            NotSigned::Flaw(flaw) => LogoutTokenFlaw::from(flaw).into(),
            NotSigned::Provider(cause) => cause.into(),
        })?;
        Ok(notice)
    }

    async fn check_signature(
        &self,
        signed: &Signed<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), NotSigned> {
        let keys = self.directory.keys(now).await;
        let keys = keys.map_err(NotSigned::Provider)?;
        match signed.check(&keys) {
            Ok(()) => return Ok(()),
            Err(Refused::Flaw(flaw)) => return Err(NotSigned::Flaw(flaw)),
            Err(Refused::UnknownKey) => {}
        }
        // The key may have been published since.
        let pause = KEYS_REFETCH_FOR_STRANGERS;
        let newer = self.directory.newer_keys(&keys, pause, now).await;
        let keys = newer.map_err(NotSigned::Provider)?;
        let keys = keys.ok_or(NotSigned::UnknownKey)?;
        signed.check(&keys).map_err(|refused| match refused {
            Refused::Flaw(flaw) => NotSigned::Flaw(flaw),
            Refused::UnknownKey => NotSigned::UnknownKey,
        })
    }
}
