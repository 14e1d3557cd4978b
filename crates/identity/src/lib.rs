//! Who is asking: embed tokens for viewers, OIDC sign-in for members.
//!
//! Two realms, two proofs, and neither passes for the other. A *viewer* comes with an embed token
//! that a registered client asked for: [`EmbedClients`] checks what the client may assert, a
//! [`Minter`] signs it, a [`Verifier`] accepts it for at most five minutes. A *member* signs in at an
//! identity [`Provider`]; a [`ClaimMapping`] turns the claims into a [`Member`], and a [`Session`]
//! remembers it. Both end in a `weir_policy::Subject`, which is all that policies ever see. For the
//! governance API the provider's access tokens prove a member as well, and a [`TokenSource`] gets one.
//!
//! ```
//! use std::sync::Arc;
//! use weir_identity::{EmbedClients, KeyRing, MintRequest, Minter, Revocations, Verifier};
//! # use weir_identity::{EmbedClientConfig, HashCost, SecretHash};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now: chrono::DateTime<chrono::Utc> = "2026-10-05T12:00:00Z".parse()?;
//! # let config = EmbedClientConfig {
//! #     id: "demo-crm".into(), origins: vec!["http://127.0.0.1:8081".into()],
//! #     secret_hash: SecretHash::create(&"demo-crm-secret".into(), HashCost::MINIMAL)?.as_phc().into(),
//! #     dashboards: vec!["finance-overview".into()], business_units: vec!["auto".into()],
//! #     roles: vec!["analyst".into()], attributes: Default::default(), rights: vec![],
//! #     max_lifetime_seconds: 300, rate_per_minute: None, jwks: None, exchange: None,
//! # };
//! let clients = EmbedClients::new([config])?;
//! let keys = Arc::new(KeyRing::generate()?);
//! let minter = Minter::new("https://weir.example", keys.clone());
//! let verifier = Verifier::new("https://weir.example", keys, Arc::new(Revocations::new()));
//!
//! let client = clients.authenticate("demo-crm", "demo-crm-secret").ok_or("wrong credential")?;
//! let request = MintRequest::from_json(br#"{ "dashboard": "finance-overview",
//!     "subject": { "sub": "u-123" }, "business_units": ["auto"], "origin": "http://127.0.0.1:8081" }"#)?;
//! let minted = minter.mint(client.authorize(request)?, now)?;
//!
//! # use secrecy::ExposeSecret;
//! let viewer = verifier.verify(minted.token.expose_secret(), now)?;
//! assert_eq!(viewer.subject().issuer(), "weir:embed:demo-crm");
//! # Ok(())
//! # }
//! ```
//!
//! Invariants (`docs/ARCHITECTURE.md`): (7) realms differ in audience, keys and guards; (8) identity
//! is `(issuer, sub)`, and e-mail is a text; (9) embed tokens live five minutes at most, are
//! asymmetric, bound to one dashboard and one origin, and revocable, and an unknown field or claim
//! refuses them.
//!
//! With several [`Providers`] each says its own word only: a sign-in is finished where it was begun, and a
//! token counts under the keys of the issuer it names. A provider can be asked again who somebody is
//! ([`Provider::refresh`]) and can say that somebody is signed out ([`Provider::accept_logout_token`]). What
//! of its tokens is kept is sealed under a [`MasterKey`].
//!
//! This crate has no routes, cookies or storage: those are the server's and the registry's. It reads
//! no clock: whoever calls says what time it is. Nothing here decides what anybody may see.

mod document;
mod es256;
mod jws;
mod name;
mod origin;
mod random;
mod strict_json;

pub mod clients;
pub mod embed;
pub mod mapping;
pub mod oidc;
pub mod seal;
pub mod session;

pub use clients::EmbedClients;
pub use clients::assertion::{Accepted, Assertion, AssertionError};
pub use clients::authorize::{MintRefusal, RefusalCode};
pub use clients::client::{ClientError, EmbedClient, EmbedClientConfig, MAX_LIVE_SECRETS};
pub use clients::exchange::{ExchangeRequest, SubjectTokenKind};
pub use clients::keys::ClientKey;
pub use clients::registration::{
    AllowedValues, DEFAULT_RATE_PER_MINUTE, ExchangeRules, Registration, RegistrationError,
};
pub use clients::request::MintRequest;
pub use clients::secret::{HashCost, NewSecret, SecretHash, SecretHashError};
pub use embed::claims::{EmbedClaims, EmbedGrant, Right};
pub use embed::key::{EmbedKey, KeyAlgorithm, KeyError};
pub use embed::keyring::{KeyRing, ScheduledKey};
pub use embed::mint::{MintError, Minted, Minter};
pub use embed::proof::{Call, Proof, ProofError};
pub use embed::proof_memory::ProofMemory;
pub use embed::revocation::{Revocation, RevocationTarget, Revocations};
pub use embed::thumbprint::Thumbprint;
pub use embed::token_error::TokenError;
pub use embed::verify::{VerifiedEmbed, VerifiedFrame, Verifier};
pub use mapping::{
    ClaimMapping, ClaimValue, Explanation, MappingDigest, MappingError, MappingFileError, Member,
    Verdict,
};
pub use name::{ClientId, NameError, ParameterName, Slug, SubjectIssuer, TokenId, ViewerId};
pub use oidc::access_token::{AccessTokenError, AccessTokenFlaw};
pub use oidc::callback::CallbackParams;
pub use oidc::claims::IdentityClaims;
pub use oidc::config::{ProviderConfig, ProviderConfigError};
pub use oidc::error::{IdTokenFlaw, LoginError};
pub use oidc::logout_token::{
    LogoutNotice, LogoutTokenError, LogoutTokenFlaw, provider_session_key,
};
pub use oidc::pending::{LoginStart, PendingLogin};
pub use oidc::provider::{Provider, ProviderTokens, Refreshed};
pub use oidc::providers::{NamedProvider, Providers, ProvidersError};
pub use oidc::return_to::ReturnTo;
pub use oidc::token_source::{DeviceLogin, TokenSource, TokenSourceConfig};
pub use origin::{Origin, is_loopback};
pub use seal::{MasterKey, MasterKeyError, SealError};
pub use session::{Session, SessionId};
