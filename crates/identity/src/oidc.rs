//! Signing members in at an OIDC provider: authorization code, PKCE, state and nonce. And the access
//! tokens of that provider: accepting them at Weir's own API, and getting one as its client.

pub mod access_token;
pub mod callback;
pub mod claims;
pub mod config;
mod discovery;
pub mod error;
mod http;
mod id_token;
pub mod logout_token;
pub mod pending;
pub mod provider;
pub mod providers;
pub mod return_to;
mod signed;
pub mod token_source;
