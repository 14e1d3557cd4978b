//! Which proofs were used: each counts once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::proof::{Proof, ProofError, WINDOW_SECONDS};
use super::thumbprint::Thumbprint;

/// The most proofs remembered at a time, of all keys together.
const MOST: usize = 400_000;

/// The most of one key: sixteen requests a second for the two minutes that a proof can be good for.
const MOST_OF_ONE_KEY: usize = 2_000;

/// The proofs of the last two minutes. Only proofs beside a verified token come here, and one key
/// has a share of its own, so nobody fills it for others.
#[derive(Debug, Default)]
pub struct ProofMemory {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    proofs: HashSet<[u8; 32]>,
    by_key: HashMap<Thumbprint, usize>,
    by_end: BTreeMap<i64, Vec<([u8; 32], Thumbprint)>>,
}

impl ProofMemory {
    /// Nothing used yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a proof as used now.
    ///
    /// # Errors
    /// [`ProofError::Replayed`] when it was before, [`ProofError::TooMany`] when it could not be
    /// remembered: what can't be told from a replay is not accepted.
    pub fn remember(&self, proof: &Proof, now: DateTime<Utc>) -> Result<(), ProofError> {
        let digest = Sha256::new().chain_update(proof.key.as_bytes());
        let id: [u8; 32] = digest.chain_update(&proof.id).finalize().into();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget(now.timestamp());
        seen.take(id, proof)
    }
}

impl Seen {
    fn take(&mut self, id: [u8; 32], proof: &Proof) -> Result<(), ProofError> {
        if self.proofs.contains(&id) {
            return Err(ProofError::Replayed);
        }
        let of_this_key = self.by_key.get(&proof.key).copied().unwrap_or_default();
        if self.proofs.len() >= MOST || of_this_key >= MOST_OF_ONE_KEY {
            return Err(ProofError::TooMany);
        }
        self.proofs.insert(id);
        self.by_key.insert(proof.key, of_this_key + 1);
        let end = proof.issued_at.saturating_add(WINDOW_SECONDS);
        self.by_end.entry(end).or_default().push((id, proof.key));
        Ok(())
    }

    /// Drops what is too old to be accepted again.
    fn forget(&mut self, now: i64) {
        while let Some(oldest) = self.by_end.first_entry() {
            if *oldest.key() >= now {
                return;
            }
            for (id, key) in oldest.remove() {
                self.proofs.remove(&id);
                if let Some(count) = self.by_key.get_mut(&key) {
                    *count -= 1;
                    if *count == 0 {
                        self.by_key.remove(&key);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn proof(key: &str, id: usize, issued_at: i64) -> Proof {
        Proof {
            key: Thumbprint::of_p256(key, ""),
            id: id.to_string(),
            issued_at,
        }
    }

    #[test]
    fn e12_one_key_does_not_fill_the_memory_for_others() {
        let memory = ProofMemory::new();
        for id in 0..MOST_OF_ONE_KEY {
            assert_eq!(memory.remember(&proof("busy", id, 100), at(100)), Ok(()));
        }

        let one_more = memory.remember(&proof("busy", MOST_OF_ONE_KEY, 100), at(100));
        assert_eq!(one_more, Err(ProofError::TooMany));
        assert_eq!(memory.remember(&proof("other", 0, 100), at(100)), Ok(()));
        assert_eq!(memory.remember(&proof("busy", 0, 161), at(161)), Ok(()));
    }

    #[test]
    fn e12_nothing_is_kept_longer_than_it_can_be_accepted() {
        let memory = ProofMemory::new();
        for second in 0..10_000 {
            let proof = proof("key", 0, second);
            // The same id again and again: each time the last one is just too old.
            assert_eq!(memory.remember(&proof, at(second)), Ok(()), "{second}");
            let seen = memory.seen.lock().unwrap();
            assert_eq!(seen.proofs.len(), 1);
            assert_eq!((seen.by_end.len(), seen.by_key.len()), (1, 1));
            drop(seen);
            memory
                .seen
                .lock()
                .unwrap()
                .forget(second + WINDOW_SECONDS + 1);
        }
        let seen = memory.seen.lock().unwrap();
        assert!(seen.proofs.is_empty() && seen.by_end.is_empty() && seen.by_key.is_empty());
    }
}
