//! Sealing what must not be readable in a stolen database: signing keys and the provider's tokens.
//!
//! AES-256-GCM under one master key from outside the database. Each seal has a nonce of its own, and
//! the purpose is authenticated with it: what was sealed for one place opens in no other. Whoever
//! seals more than a few thousand values takes keys of their own from it ([`MasterKey::subkey`]):
//! random nonces under one key must not become so many that two may be equal.

use std::fmt;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::random;

/// Length of a master key.
const KEY_BYTES: usize = 32;

/// Length of the nonce that every sealed value begins with.
const NONCE_BYTES: usize = 12;

/// Of 32 random bytes, all but one key in 10^12 have more different ones than this.
const FEWEST_DIFFERENT_BYTES: usize = 20;

/// A text that is no master key. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// Not 32 bytes in base64.
    #[error("expected 32 random bytes in base64, such as `openssl rand -base64 32` prints")]
    Form,
    /// 32 bytes that nobody drew at random: a pattern, a phrase, an example.
    #[error(
        "this key is not random: a pattern, a phrase or an example; `openssl rand -base64 32` makes one"
    )]
    Guessable,
}

/// Why a sealed value does not open, or a value is not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Sealed under another key or for another purpose, or changed since.
    #[error("the sealed value does not open with this master key")]
    Open,
    /// Longer than AES-GCM can seal at once.
    #[error("the value can't be sealed")]
    Seal,
}

/// What tells keys that are taken from a key from names that are made with it.
const SUBKEY: &[u8] = b"weir 2026 subkey\0";

/// As [`SUBKEY`], for names.
const NAME: &[u8] = b"weir 2026 keyed name\0";

/// The key that seals. `Debug` does not show it.
#[derive(Clone)]
pub struct MasterKey(Box<Keyed>);

#[derive(Clone)]
struct Keyed {
    sealing: Aes256Gcm,
    // Taken from the same bytes, for other purposes: `Hmac` keeps the state, not the key.
    deriving: Hmac<Sha256>,
}

impl MasterKey {
    /// Reads a key: base64 with padding of 32 bytes, with or without blanks around it.
    ///
    /// # Errors
    /// When it is not that, or when nobody drew it at random: too few different bytes, a sequence, or
    /// nothing but printable characters.
    pub fn parse(text: &SecretString) -> Result<Self, MasterKeyError> {
        let text = text.expose_secret().trim();
        let bytes = STANDARD.decode(text).map_err(|_| MasterKeyError::Form)?;
        let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| MasterKeyError::Form)?;
        if is_guessable(&bytes) {
            return Err(MasterKeyError::Guessable);
        }
        Ok(Self::of(&bytes))
    }

    /// A fresh key that nobody can read: what it seals is lost with the process. For demo mode and
    /// tests.
    #[must_use]
    pub fn generate() -> Self {
        Self::of(&random::bytes())
    }

    /// Seals `plain` for `purpose`, which is not kept in the answer: a nonce and the ciphertext.
    ///
    /// # Errors
    /// [`SealError::Seal`] for values of many gigabytes.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = random::bytes::<NONCE_BYTES>();
        let payload = Payload {
            msg: plain,
            aad: purpose.as_bytes(),
        };
        let sealed = self.0.sealing.encrypt(&nonce.into(), payload);
        let sealed = sealed.map_err(|_| SealError::Seal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`MasterKey::seal`] made for the same purpose.
    ///
    /// # Errors
    /// [`SealError::Open`] when key, purpose or a single bit differ.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(SealError::Open)?;
        let payload = Payload {
            msg: sealed,
            aad: purpose.as_bytes(),
        };
        let plain = self.0.sealing.decrypt(nonce.into(), payload);
        plain.map_err(|_| SealError::Open)
    }

    /// A key of its own for one purpose. It tells nothing of this one, nor of those for other
    /// purposes: one block of HKDF-Expand (RFC 5869 §2.3), since a master key is random already.
    #[must_use]
    pub fn subkey(&self, purpose: &[u8]) -> Self {
        Self::of(&self.derived(SUBKEY, purpose))
    }

    /// A name for `what` that nobody makes, or recognizes, without the key.
    #[must_use]
    pub fn name_of(&self, what: &[u8]) -> [u8; 32] {
        self.derived(NAME, what)
    }

    fn derived(&self, kind: &[u8], of: &[u8]) -> [u8; 32] {
        let derived = self.0.deriving.clone().chain_update(kind).chain_update(of);
        derived.chain_update([1]).finalize().into_bytes().into()
    }

    fn of(bytes: &[u8; KEY_BYTES]) -> Self {
        // A key shorter than the hash's block is padded with zeros (RFC 2104 §2).
        let mut block = [0; 64];
        for (padded, byte) in block.iter_mut().zip(bytes) {
            *padded = *byte;
        }
        Self(Box::new(Keyed {
            sealing: Aes256Gcm::new(bytes.into()),
            deriving: <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block.into()),
        }))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Whether somebody wrote this key instead of drawing it. A drawn key is taken for a written one
/// less than once in 10^12.
fn is_guessable(bytes: &[u8; KEY_BYTES]) -> bool {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let steps = |pair: &[u8]| match pair {
        [one, next] => next.wrapping_sub(*one),
        _ => 0,
    };
    let mut all_steps = bytes.windows(2).map(steps);
    let first = all_steps.next();
    let is_sequence = all_steps.all(|step| Some(step) == first);
    let is_text = bytes
        .iter()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
    different < FEWEST_DIFFERENT_BYTES || is_sequence || is_text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<MasterKey, MasterKeyError> {
        MasterKey::parse(&STANDARD.encode(bytes).into())
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_purpose_only() {
        let (key, other) = (MasterKey::generate(), MasterKey::generate());
        let sealed = key.seal("refresh-token", b"secret").unwrap();

        assert_eq!(key.open("refresh-token", &sealed).unwrap(), b"secret");
        assert_eq!(key.open("signing-key", &sealed), Err(SealError::Open));
        assert_eq!(other.open("refresh-token", &sealed), Err(SealError::Open));
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
    }

    #[test]
    fn no_bit_of_a_sealed_value_can_change() {
        let key = MasterKey::generate();
        let sealed = key.seal("p", b"secret").unwrap();

        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(key.open("p", &changed), Err(SealError::Open), "{index}");
            assert_eq!(key.open("p", &sealed[..index]), Err(SealError::Open));
        }
    }

    #[test]
    fn keys_for_other_purposes_open_nothing_of_each_other_and_are_the_same_again() {
        let key = MasterKey::generate();
        let sealed = key.subkey(b"one").seal("p", b"x").unwrap();

        assert_eq!(key.subkey(b"one").open("p", &sealed).unwrap(), b"x");
        assert!(key.subkey(b"two").open("p", &sealed).is_err());
        assert!(key.open("p", &sealed).is_err());
        assert!(
            key.subkey(b"one")
                .subkey(b"one")
                .open("p", &sealed)
                .is_err()
        );
    }

    #[test]
    fn a_name_is_the_same_under_the_same_key_only() {
        let (key, other) = (MasterKey::generate(), MasterKey::generate());

        assert_eq!(key.name_of(b"what"), key.name_of(b"what"));
        assert_ne!(key.name_of(b"what"), key.name_of(b"else"));
        assert_ne!(key.name_of(b"what"), other.name_of(b"what"));
    }

    #[test]
    fn the_same_value_is_sealed_differently_each_time() {
        let key = MasterKey::generate();

        assert_ne!(key.seal("p", b"x").unwrap(), key.seal("p", b"x").unwrap());
    }

    #[test]
    fn a_drawn_key_is_read_and_opens_what_it_sealed_before() {
        for _ in 0..1000 {
            let bytes = random::bytes::<KEY_BYTES>();
            let sealed = parse(&bytes).unwrap().seal("p", b"x").unwrap();
            let text = format!("  {}\n", STANDARD.encode(bytes));

            let again = MasterKey::parse(&text.into()).unwrap();

            assert_eq!(again.open("p", &sealed).unwrap(), b"x");
        }
    }

    #[test]
    fn keys_that_nobody_drew_are_refused() {
        let counted: Vec<u8> = (0..32).collect();
        let by_sevens: Vec<u8> = (0..32_u8).map(|n| n.wrapping_mul(7)).collect();
        for (bytes, why) in [
            (vec![0; 32], "zeros"),
            (vec![0xff; 32], "ones"),
            (counted, "a sequence"),
            (by_sevens, "a sequence with a step"),
            (b"0123456789abcdef0123456789abcdef".to_vec(), "digits"),
            (b"correct horse battery staple 123".to_vec(), "a phrase"),
            ([0xde, 0xad, 0xbe, 0xef].repeat(8), "a repetition"),
        ] {
            assert_eq!(
                parse(&bytes).err(),
                Some(MasterKeyError::Guessable),
                "{why}"
            );
        }
    }

    #[test]
    fn short_long_and_misspelled_keys_are_refused() {
        let key = STANDARD.encode(random::bytes::<KEY_BYTES>());
        for text in [
            String::new(),
            "changeme".to_owned(),
            STANDARD.encode(random::bytes::<31>()),
            STANDARD.encode(random::bytes::<33>()),
            key.trim_end_matches('=').to_owned(),
            format!("{key}{key}"),
        ] {
            let shown = text.clone();
            let error = MasterKey::parse(&text.into()).err();
            assert_eq!(error, Some(MasterKeyError::Form), "{shown}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", MasterKey::generate()), "MasterKey(…)");
    }
}
