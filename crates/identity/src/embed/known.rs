//! Tokens whose signature and form were checked before. What can change is asked each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::claims::EmbedClaims;
use super::thumbprint::Thumbprint;

/// How many tokens one of the two generations holds.
const GENERATION: usize = 4096;

/// A token that some key of the ring signed and that says what an embed token says.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) kid: String,
    pub(super) claims: Arc<EmbedClaims>,
    /// The key a frame token is bound to; a launch token has none.
    pub(super) key: Option<Thumbprint>,
}

/// A bounded memory by the SHA-256 of the token: what was not asked for in a whole generation goes.
#[derive(Debug, Default)]
pub(super) struct KnownTokens {
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<[u8; 32], Arc<Known>>,
    old: HashMap<[u8; 32], Arc<Known>>,
}

impl KnownTokens {
    pub(super) fn get(&self, token: &[u8; 32]) -> Option<Arc<Known>> {
        let mut generations = self.lock();
        if let Some(known) = generations.young.get(token) {
            return Some(Arc::clone(known));
        }
        let known = generations.old.remove(token)?;
        generations.keep(*token, Arc::clone(&known));
        Some(known)
    }

    pub(super) fn put(&self, token: [u8; 32], known: Arc<Known>) {
        self.lock().keep(token, known);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn keep(&mut self, token: [u8; 32], known: Arc<Known>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(token, known);
    }
}
