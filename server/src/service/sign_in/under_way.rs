//! A sign-in between the redirect to the provider and the callback. The browser that began it keeps
//! it, sealed in a cookie: however many are begun, nothing piles up here (D10).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use weir_identity::{MasterKey, PendingLogin, SealError};

use super::SignIns;

/// What it is sealed for.
const PURPOSE: &str = "a sign-in under way";

impl SignIns {
    /// What the browser keeps that began `pending`.
    ///
    /// # Errors
    /// When it can't be sealed.
    pub fn begun(&self, pending: &PendingLogin) -> Result<String, SealError> {
        let text = serde_json::to_vec(pending).map_err(|_| SealError::Seal)?;
        let sealed = self.key_of(&pending.state).seal(PURPOSE, &text)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What the browser kept, if it is this `state` that it began with.
    #[must_use]
    pub fn under_way(&self, kept: &str, state: &str) -> Option<PendingLogin> {
        let sealed = URL_SAFE_NO_PAD.decode(kept).ok()?;
        let text = self.key_of(state).open(PURPOSE, &sealed).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// A key of its own for each: nobody counts how many are begun.
    fn key_of(&self, state: &str) -> MasterKey {
        let of = [PURPOSE.as_bytes(), b"\0", state.as_bytes()];
        self.sealer.subkey(&of.concat())
    }
}
