//! Signing members in at an OIDC provider: authorization code, PKCE, state and nonce.

pub mod callback;
pub mod claims;
pub mod config;
mod discovery;
pub mod error;
mod http;
mod id_token;
pub mod pending;
pub mod provider;
pub mod return_to;
