//! Embed tokens: what a host page's viewer is allowed to see, signed for at most five minutes.

pub mod claims;
pub mod keyring;
pub mod mint;
pub mod revocation;
pub mod verify;

/// The only audience an embed token may have (invariant 7: realms have different audiences).
pub const AUDIENCE: &str = "weir-embed";

/// The `typ` every embed token carries, so that no other JWT passes for one (RFC 8725 §3.11).
pub const TOKEN_TYPE: &str = "weir-embed+jwt";

/// Invariant 9: an embed token lives five minutes at most.
pub const MAX_LIFETIME_SECONDS: i64 = 300;

/// Longer tokens are refused before anything in them is decoded.
pub const MAX_TOKEN_BYTES: usize = 4096;
