//! Unguessable values, all from the operating system's generator by way of `rand`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// `N` random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    rand::random()
}

/// 256 random bits as 43 characters that are safe in URLs, cookies and forms.
pub(crate) fn token() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}
