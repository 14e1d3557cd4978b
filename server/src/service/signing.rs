//! The keys of embed tokens: kept sealed in the registry, on the ring in every process.
//!
//! A rotation publishes the new key at once and signs with it ten seconds later, when every process
//! has heard of it; the old one verifies until its last token has ended. So nobody's valid token is
//! refused for a rotation, whoever signed it and whoever verifies it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;
use weir_identity::{
    EmbedKey, KeyAlgorithm, KeyError, KeyRing, MasterKey, ScheduledKey, SealError,
};
use weir_registry::{
    AccessError, LabelError, NewSigningKey, RequestId, Retired, SigningKeys, StoreError, StoredKey,
};

use crate::clock::Clock;

/// How often the registry is asked.
const PAUSE: Duration = Duration::from_secs(1);

/// How long after it was made a new key begins to sign: by then every process knows it.
const HANDOVER: TimeDelta = TimeDelta::seconds(10);

/// How long a process that is about to start waits for another that makes the first key.
const TRIES: usize = 3;

/// Keeps the key ring as the registry has it. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Signing(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    store: SigningKeys,
    master: MasterKey,
    algorithm: KeyAlgorithm,
    clock: Clock,
    ring: Arc<KeyRing>,
    /// Keys that were complained of already.
    strange: Mutex<BTreeSet<String>>,
}

/// Why there are no keys to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The registry does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step with the keys was not done.
    #[error(transparent)]
    Step(#[from] AccessError),
    /// The step can't be named in the audit.
    #[error("the step can't be named in the audit")]
    Name(#[from] LabelError),
    /// A key was sealed under another master key.
    #[error(
        "signing key `{0}` of the registry does not open with this `embed.master_key`: start with the \
         master key it was sealed under, or take it out with `weir keys retire --lost {0}`"
    )]
    Sealed(String),
    /// A key is not what it says.
    #[error(
        "signing key `{0}` of the registry is damaged: take it out with `weir keys retire {0}`"
    )]
    Damaged(String, #[source] Option<KeyError>),
    /// A new key can't be sealed.
    #[error("a new signing key can't be sealed")]
    Seal(#[from] SealError),
    /// There is no key to sign with although one was just made.
    #[error("the registry has no signing key")]
    Nothing,
}

/// A new key, and when it takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// Its id.
    pub kid: String,
    /// When it begins to sign.
    pub signs_from: DateTime<Utc>,
}

impl Signing {
    /// The keys of a registry under a master key, without looking at them yet.
    #[must_use]
    pub fn new(
        store: SigningKeys,
        master: MasterKey,
        algorithm: KeyAlgorithm,
        clock: Clock,
    ) -> Self {
        Self(Arc::new(Parts {
            store,
            master,
            algorithm,
            clock,
            ring: Arc::default(),
            strange: Mutex::default(),
        }))
    }

    /// Puts the registry's keys on the ring, and makes the first one where there is none.
    ///
    /// # Errors
    /// [`SigningError`]: a key that another master key sealed is a reason not to start.
    pub async fn begin(&self) -> Result<(), SigningError> {
        for _ in 0..TRIES {
            let keys = self.0.store.list().await?;
            let now = self.0.clock.now();
            let live = keys.iter().filter(|key| is_live(key, now));
            let opened = live.map(|key| self.open(key));
            let opened = opened.collect::<Result<Vec<_>, _>>()?;
            let has_newest = opened.iter().any(|key| key.signs_until.is_none());
            self.0.ring.replace(opened);
            if has_newest {
                return Ok(());
            }
            // Of several processes that start at once, one makes it.
            self.0
                .store
                .begin(&self.sealed(&self.fresh())?, now)
                .await?;
        }
        Err(SigningError::Nothing)
    }

    /// As [`Signing::begin`], but what was sealed under a master key that is gone is taken out: in
    /// demo mode, where that key lives as long as the process.
    ///
    /// # Errors
    /// [`SigningError`] when the registry does not answer.
    pub async fn begin_anew(&self) -> Result<(), SigningError> {
        let keys = self.0.store.list().await?;
        for key in keys.iter().filter(|key| key.retired_at.is_none()) {
            if self.open(key).is_err() {
                self.retire_lost(&key.kid).await?;
            }
        }
        self.begin().await
    }

    /// The ring.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.0.ring)
    }

    /// Looks once what the registry has. A key that does not open is left out, and complained of.
    ///
    /// # Errors
    /// [`SigningError::Store`]; the ring stays as it is.
    pub async fn look(&self) -> Result<(), SigningError> {
        let keys = self.0.store.list().await?;
        let now = self.0.clock.now();
        let mut opened = Vec::new();
        for key in keys.iter().filter(|key| is_live(key, now)) {
            match self.open(key) {
                Ok(key) => opened.push(key),
                Err(error) => self.complain(&key.kid, &error),
            }
        }
        self.0.ring.replace(opened);
        Ok(())
    }

    /// Looks every second until `stop`.
    pub async fn follow(&self, stop: CancellationToken) {
        let mut blind = false;
        let pause = || tokio::time::sleep(PAUSE);
        while stop.run_until_cancelled(pause()).await.is_some() {
            match self.look().await {
                Err(error) if !blind => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "signing keys cannot be seen");
                    blind = true;
                }
                Err(_) => {}
                Ok(()) => blind = false,
            }
        }
    }

    /// Every key that the registry lists.
    ///
    /// # Errors
    /// [`SigningError::Store`].
    pub async fn list(&self) -> Result<Vec<StoredKey>, SigningError> {
        Ok(self.0.store.list().await?)
    }

    /// Makes a new key that takes over in ten seconds.
    ///
    /// # Errors
    /// [`SigningError`]; then nothing has changed.
    pub async fn rotate(&self) -> Result<Rotation, SigningError> {
        let (key, now) = (self.fresh(), self.0.clock.now());
        // Under another master key than the servers have, nobody could sign with it.
        for known in self
            .0
            .store
            .list()
            .await?
            .iter()
            .filter(|key| is_live(key, now))
        {
            self.open(known)?;
        }
        let sealed = self.sealed(&key)?;
        let signs_from = self.0.store.rotate(&sealed, now + HANDOVER, now).await?;
        self.look().await?;
        Ok(Rotation {
            kid: key.kid().to_owned(),
            signs_from,
        })
    }

    /// Takes a key out at once: nothing it signed is believed any more. If it is the newest, a fresh
    /// one takes its place.
    ///
    /// # Errors
    /// [`SigningError`], also where this master key opens none of the keys; then nothing has changed.
    pub async fn retire(&self, kid: &str) -> Result<Retired, SigningError> {
        let (keys, now) = (self.0.store.list().await?, self.0.clock.now());
        let mut live = keys.iter().filter(|key| is_live(key, now)).peekable();
        let named = |key: &&StoredKey| key.kid == kid;
        if live.peek().is_some() && !live.clone().any(|key| self.open(key).is_ok()) {
            let strange = live.clone().find(named).or_else(|| live.next());
            return Err(SigningError::Sealed(
                strange.map_or_else(String::new, |key| key.kid.clone()),
            ));
        }
        self.retire_lost(kid).await
    }

    /// The same for a key whose master key is lost: nothing is asked of the others.
    ///
    /// # Errors
    /// [`SigningError`]; then nothing has changed.
    pub async fn retire_lost(&self, kid: &str) -> Result<Retired, SigningError> {
        let replacement = self.sealed(&self.fresh())?;
        let now = self.0.clock.now();
        let retired = self.0.store.retire(kid, &replacement, now).await?;
        self.look().await?;
        Ok(retired)
    }

    fn fresh(&self) -> EmbedKey {
        EmbedKey::generate(self.0.algorithm)
    }

    fn sealed(&self, key: &EmbedKey) -> Result<NewSigningKey, SigningError> {
        let (kid, algorithm) = (key.kid().to_owned(), key.algorithm().to_string());
        let secret = key.secret();
        let sealed = self.0.master.seal(&purpose(&kid), secret.expose_secret())?;
        Ok(NewSigningKey {
            kid,
            algorithm,
            sealed,
            request: RequestId::parse("keys")?,
        })
    }

    /// The registry is untrusted input: what comes out must be the key that the row names.
    fn open(&self, stored: &StoredKey) -> Result<ScheduledKey, SigningError> {
        let damaged = |cause| SigningError::Damaged(stored.kid.clone(), cause);
        let known = self.0.ring.get(&stored.kid);
        let key = if let Some(known) = known {
            known
        } else {
            let sealed = stored.sealed.as_deref().ok_or_else(|| damaged(None))?;
            let secret = self.0.master.open(&purpose(&stored.kid), sealed);
            let secret = secret.map_err(|_| SigningError::Sealed(stored.kid.clone()))?;
            let algorithm = KeyAlgorithm::parse(&stored.algorithm).ok_or_else(|| damaged(None))?;
            let key = EmbedKey::from_secret(algorithm, &secret);
            Arc::new(key.map_err(|cause| damaged(Some(cause)))?)
        };
        if key.kid() != stored.kid || key.algorithm().as_str() != stored.algorithm {
            return Err(damaged(None));
        }
        Ok(ScheduledKey {
            key,
            signs_from: stored.signs_from,
            signs_until: stored.signs_until,
        })
    }

    fn complain(&self, kid: &str, error: &SigningError) {
        let strange = &self.0.strange;
        let mut strange = strange.lock().unwrap_or_else(PoisonError::into_inner);
        if strange.insert(kid.to_owned()) {
            let error = error as &dyn std::error::Error;
            tracing::error!(error, "a signing key can't be used");
        }
    }
}

/// Whether something it signed may still be believed.
#[must_use]
pub fn is_live(key: &StoredKey, now: DateTime<Utc>) -> bool {
    key.retired_at.is_none() && verifies_until(key).is_none_or(|until| now < until)
}

/// When the last token that it signed has ended.
#[must_use]
pub fn verifies_until(key: &StoredKey) -> Option<DateTime<Utc>> {
    key.signs_until
        .map(|until| until + weir_identity::embed::keyring::OVERLAP)
}

fn purpose(kid: &str) -> String {
    format!("weir embed signing key {kid}")
}
