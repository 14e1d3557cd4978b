//! The keys of embed tokens: one signs at a time, several may verify.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::MAX_LIFETIME_SECONDS;
use super::key::{EmbedKey, KeyAlgorithm, KeyError};

/// For how long after its last signature a key verifies: a token's whole life, and the seconds that
/// the clocks of two processes may differ.
pub const OVERLAP: TimeDelta = TimeDelta::seconds(MAX_LIFETIME_SECONDS + 5);

/// A key and when it signs. From the moment it is on the ring it verifies.
#[derive(Debug, Clone)]
pub struct ScheduledKey {
    /// The key.
    pub key: Arc<EmbedKey>,
    /// When it begins to sign.
    pub signs_from: DateTime<Utc>,
    /// When the next key does instead.
    pub signs_until: Option<DateTime<Utc>>,
}

impl ScheduledKey {
    fn signs(&self, now: DateTime<Utc>) -> bool {
        self.signs_from <= now && !self.is_over(now)
    }

    fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.signs_until.is_some_and(|until| until <= now)
    }

    /// Whether a token it signed may still live.
    fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.signs_until.is_none_or(|until| now < until + OVERLAP)
    }
}

/// The keys in force. A rotation puts a new set in place of the old one; whoever signs or verifies
/// meanwhile does so with one set or the other.
///
/// `Debug` shows key ids only.
#[derive(Default)]
pub struct KeyRing {
    keys: RwLock<Arc<Keys>>,
}

type Keys = BTreeMap<String, ScheduledKey>;

impl KeyRing {
    /// A ring with one fresh key that signs for ever.
    ///
    /// # Errors
    /// None any more: every fresh key can be used.
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self::of(EmbedKey::generate(KeyAlgorithm::default())))
    }

    /// A ring with one key that signs for ever.
    #[must_use]
    pub fn of(key: EmbedKey) -> Self {
        let ring = Self::default();
        ring.replace([ScheduledKey {
            key: Arc::new(key),
            signs_from: DateTime::UNIX_EPOCH,
            signs_until: None,
        }]);
        ring
    }

    /// Puts these keys in force; all others are worth nothing from now on.
    pub fn replace(&self, keys: impl IntoIterator<Item = ScheduledKey>) {
        let by_kid = keys
            .into_iter()
            .map(|scheduled| (scheduled.key.kid().to_owned(), scheduled));
        let keys = Arc::new(by_kid.collect());
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// The public keys as a JWK Set, for `/.well-known/jwks.json`: those that sign, are about to, or
    /// did so lately.
    #[must_use]
    pub fn jwks(&self, now: DateTime<Utc>) -> Value {
        let keys = self.keys();
        let live = keys.values().filter(|scheduled| scheduled.is_live(now));
        let keys: Vec<Value> = live.map(|scheduled| scheduled.key.jwk()).collect();
        json!({ "keys": keys })
    }

    /// The key that signs now.
    #[must_use]
    pub fn signer(&self, now: DateTime<Utc>) -> Option<Arc<EmbedKey>> {
        let keys = self.keys();
        let signing = keys.values().filter(|scheduled| scheduled.signs(now));
        let newest = signing.max_by_key(|scheduled| scheduled.signs_from);
        // A first key that another process made, whose clock is a little ahead.
        let coming = || {
            let coming = keys.values().filter(|scheduled| !scheduled.is_over(now));
            coming.min_by_key(|scheduled| scheduled.signs_from)
        };
        let signer = newest.or_else(coming)?;
        Some(Arc::clone(&signer.key))
    }

    /// The key of that id, whether it may still be used or not.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<Arc<EmbedKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(kid).map(|scheduled| Arc::clone(&scheduled.key))
    }

    /// Whether what this key signed may be believed now.
    #[must_use]
    pub fn is_live(&self, kid: &str, now: DateTime<Utc>) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(kid)
            .is_some_and(|scheduled| scheduled.is_live(now))
    }

    /// The key of that id, if what it signed may be believed now.
    pub(super) fn find(&self, kid: &str, now: DateTime<Utc>) -> Option<Arc<EmbedKey>> {
        let keys = self.keys();
        let scheduled = keys.get(kid)?;
        scheduled.is_live(now).then(|| Arc::clone(&scheduled.key))
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("kids", &self.keys().keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn scheduled(from: i64, until: Option<i64>) -> ScheduledKey {
        ScheduledKey {
            key: Arc::new(EmbedKey::generate(KeyAlgorithm::EdDsa)),
            signs_from: at(from),
            signs_until: until.map(at),
        }
    }

    #[test]
    fn of_two_keys_one_signs_and_both_verify_for_a_tokens_life() {
        let (old, new) = (scheduled(0, Some(100)), scheduled(100, None));
        let ring = KeyRing::default();
        ring.replace([old.clone(), new.clone()]);
        let signer = |second| ring.signer(at(second)).unwrap().kid().to_owned();

        assert_eq!(signer(99), old.key.kid());
        assert_eq!(signer(100), new.key.kid());
        for second in [0, 99, 100, 404] {
            assert!(ring.is_live(old.key.kid(), at(second)), "{second}");
            assert!(ring.is_live(new.key.kid(), at(second)), "{second}");
        }
        assert!(!ring.is_live(old.key.kid(), at(405)));
        assert_eq!(ring.jwks(at(404))["keys"].as_array().unwrap().len(), 2);
        assert_eq!(ring.jwks(at(405))["keys"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_key_that_is_taken_out_is_dead_at_once() {
        let (old, new) = (scheduled(0, Some(100)), scheduled(100, None));
        let ring = KeyRing::default();
        ring.replace([old.clone(), new.clone()]);

        ring.replace([new]);

        assert!(!ring.is_live(old.key.kid(), at(50)));
        assert!(ring.find(old.key.kid(), at(50)).is_none());
    }

    #[test]
    fn a_ring_without_keys_signs_nothing() {
        assert!(KeyRing::default().signer(at(0)).is_none());
    }

    #[test]
    fn debug_shows_key_ids_only() {
        let ring = KeyRing::generate().unwrap();
        let kid = ring.signer(at(0)).unwrap().kid().to_owned();

        assert_eq!(
            format!("{ring:?}"),
            format!("KeyRing {{ kids: [\"{kid}\"], .. }}")
        );
    }
}
