//! Embed tokens: what a host page's viewer is allowed to see, signed for at most five minutes.
//!
//! There are two kinds, and none passes for the other. A *launch token* is what a host's back end
//! gets; whoever has it may open the dashboard. A *frame token* is what the frame gets for it, once,
//! together with a key that never leaves the browser: it is worth nothing without a [`proof`] made
//! with that key for this one request.

pub mod claims;
pub mod key;
pub mod keyring;
pub mod mint;
pub mod proof;
pub mod proof_memory;
pub mod revocation;
pub mod thumbprint;
pub mod token_error;
pub mod verify;

mod known;

/// The only audience an embed token may have (invariant 7: realms have different audiences).
pub const AUDIENCE: &str = "weir-embed";

/// The `typ` of launch tokens, so that no other JWT passes for one (RFC 8725 §3.11).
pub const TOKEN_TYPE: &str = "weir-embed+jwt";

/// The `typ` of frame tokens.
pub const FRAME_TOKEN_TYPE: &str = "weir-frame+jwt";

/// Invariant 9: an embed token lives five minutes at most.
pub const MAX_LIFETIME_SECONDS: i64 = 300;

/// For how long the tokens of one frame follow each other; then the host page starts anew.
pub const FAMILY_LIFETIME_SECONDS: i64 = 12 * 60 * 60;

/// Longer tokens are refused before anything in them is decoded.
pub const MAX_TOKEN_BYTES: usize = 4096;

/// A launch token leaves room for the key that its frame token names.
const MAX_LAUNCH_BYTES: usize = MAX_TOKEN_BYTES - 128;
