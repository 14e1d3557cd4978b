//! Who is asking: OIDC sign-in and embed tokens.
mod document;
mod locale;
mod name;
mod origin;
mod random;
mod strict_json;

pub mod clients;
pub mod embed;

pub use clients::EmbedClients;
pub use clients::authorize::{MintRefusal, RefusalCode};
pub use clients::registration::{AllowedValues, AllowedValuesConfig, ClientError, EmbedClient, EmbedClientConfig};
pub use clients::request::MintRequest;
pub use clients::secret::{HashCost, SecretHash, SecretHashError};
pub use embed::claims::{EmbedClaims, EmbedGrant, Right};
pub use embed::keyring::{KeyError, KeyRing};
pub use embed::mint::{MintError, Minted, Minter};
pub use embed::revocation::{Revocation, RevocationTarget, Revocations};
pub use embed::verify::{TokenError, VerifiedEmbed, Verifier};
pub use locale::Locale;
pub use name::{ClientId, NameError, ParameterName, Slug, TokenId, ViewerId};
pub use origin::Origin;
