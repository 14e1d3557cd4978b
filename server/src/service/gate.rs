//! Whether somebody may go on looking, by now. What was revoked or locked anywhere holds in this
//! process at most seconds later (invariant 9; failure F61).
//!
//! The registry is asked once a second. While it does not answer, what is known decides for the
//! grace; then nobody is let in by a token, because nobody knows whether it was revoked.

mod read;
mod shut;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::{Mutex as Turn, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use weir_identity::oidc::access_token::MAX_LIFETIME as PROVIDER_TOKEN_LIFE;
use weir_identity::{EmbedClaims, IdentityClaims, Revocations};
use weir_policy::Subject;
use weir_registry::{
    Label, Lockdown, LockdownScope, Locking, NewRevocation, Registry, Revocation, Revoked,
};

pub use self::shut::{GateError, Shut};
use super::governance::Doer;
use crate::clock::Clock;
use crate::reader::Reader;

/// How often the registry is asked.
const PAUSE: Duration = Duration::from_secs(1);

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// No token lives longer, with as much again for clocks that disagree.
const TOKEN_LIFE: TimeDelta = TimeDelta::seconds(600);

/// No family of tokens lives longer.
const FAMILY_LIFE: TimeDelta = TimeDelta::hours(12);

/// What is known of revocations and lockdowns, and how well. Cloning it is cheap; the task that
/// asks the registry ends with the last clone.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Following>);

#[derive(Debug)]
struct Following {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    registry: Registry,
    clock: Clock,
    grace: Duration,
    revocations: Arc<Revocations>,
    locked: RwLock<Arc<[Lockdown]>>,
    sight: Mutex<Sight>,
    /// The number that was read last. Held while the registry is asked: an answer from before a
    /// decision must not come after one that has it.
    turn: Turn<u64>,
    /// Tells who waits for something else that they should look again.
    changed: watch::Sender<()>,
}

#[derive(Debug, Clone, Copy)]
struct Sight {
    /// When the registry answered last.
    seen: Instant,
    /// Since when it does not.
    failing: Option<Instant>,
}

impl Gate {
    /// Learns everything that holds now, and goes on learning.
    ///
    /// # Errors
    /// [`GateError`]: nobody may be let in without knowing.
    pub async fn open(
        registry: Registry,
        clock: Clock,
        grace: Duration,
    ) -> Result<Self, GateError> {
        let seen = Instant::now();
        let shared = Arc::new(Shared {
            registry,
            clock,
            grace,
            revocations: Arc::default(),
            locked: RwLock::new(Arc::new([])),
            sight: Mutex::new(Sight {
                seen,
                failing: None,
            }),
            turn: Turn::new(0),
            changed: watch::Sender::new(()),
        });
        shared.look().await?;
        let task = tokio::spawn(Arc::clone(&shared).follow());
        Ok(Self(Arc::new(Following { shared, task })))
    }

    /// What the verifier of embed tokens asks.
    #[must_use]
    pub fn revocations(&self) -> Arc<Revocations> {
        Arc::clone(&self.0.shared.revocations)
    }

    /// Whether a token can't be judged, because nobody knows what was revoked.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.0.shared.is_blind()
    }

    /// Whether `reader` may look at `dashboard` now, at which they began to look at `began`. An
    /// admin in a preview may, whatever is locked.
    ///
    /// # Errors
    /// [`Shut`] says why not.
    pub fn check(
        &self,
        reader: &Reader,
        dashboard: &str,
        began: DateTime<Utc>,
    ) -> Result<(), Shut> {
        let revoked = match reader {
            Reader::Onlooker(_) => return Ok(()),
            Reader::Viewer(viewer) => self.has_revoked(&viewer.claims),
            Reader::Member(member) => {
                let who = &member.person.subject;
                let revocations = &self.0.shared.revocations;
                revocations.subject_revoked(who.issuer(), who.id(), began)
            }
        };
        if self.is_blind() {
            Err(Shut::Blind)
        } else if revoked {
            Err(Shut::Revoked)
        } else if self.has_locked(reader.subject(), dashboard) {
            Err(Shut::Locked)
        } else {
            Ok(())
        }
    }

    /// Whether all that somebody's identity provider said of them in a token was taken back since it
    /// was issued, by an admin or by a logout there.
    #[must_use]
    pub fn has_revoked_person(&self, identity: &IdentityClaims) -> bool {
        let since = identity.claims().get("iat").and_then(Value::as_i64);
        let since = since.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let revocations = &self.0.shared.revocations;
        let (issuer, sub) = (identity.issuer(), identity.subject());
        revocations.subject_revoked(issuer, sub, since.unwrap_or_default())
    }

    /// Becomes ready when what [`Gate::check`] says may be another.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.0.shared.changed.subscribe()
    }

    /// How long ago the registry was asked last, with success.
    #[must_use]
    pub fn since_looked(&self) -> Duration {
        self.0.shared.sight().seen.elapsed()
    }

    /// Everything that is locked, as far as this process knows.
    #[must_use]
    pub fn locked(&self) -> Arc<[Lockdown]> {
        let locked = &self.0.shared.locked;
        Arc::clone(&locked.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Revokes, on record, and in force here when it returns. `client`: only what this client asked
    /// for.
    ///
    /// # Errors
    /// [`GateError`]; what is not acknowledged may be in force or not.
    pub async fn revoke(
        &self,
        target: Revoked,
        client: Option<Label>,
        doer: Doer,
        reason: &str,
    ) -> Result<Revocation, GateError> {
        let shared = &self.0.shared;
        let now = shared.clock.now();
        let life = match target {
            Revoked::Spent { .. } => TOKEN_LIFE,
            Revoked::Subject { .. } => said_before(),
            _ => FAMILY_LIFE + TOKEN_LIFE,
        };
        let new = NewRevocation {
            target,
            client,
            issued_up_to: now,
            until: now + life,
            by: doer.actor,
            reason: reason.to_owned(),
            at: now,
            request: doer.request,
        };
        let revocation = shared.registry.revocations().add(new).await?;
        shared.look().await?;
        Ok(revocation)
    }

    /// Locks, on record, and in force here when it returns. What is locked stays as it is.
    ///
    /// # Errors
    /// As [`Gate::revoke`].
    pub async fn lock(
        &self,
        scope: LockdownScope,
        doer: Doer,
        reason: &str,
    ) -> Result<Lockdown, GateError> {
        let shared = &self.0.shared;
        let wish = shared.locking(scope, doer);
        let lockdown = shared.registry.lockdowns().put(wish, reason).await?;
        shared.look().await?;
        Ok(lockdown)
    }

    /// Unlocks, on record, and open here when it returns; `None` where nothing was locked.
    ///
    /// # Errors
    /// As [`Gate::revoke`].
    pub async fn lift(
        &self,
        scope: LockdownScope,
        doer: Doer,
    ) -> Result<Option<Lockdown>, GateError> {
        let shared = &self.0.shared;
        let wish = shared.locking(scope, doer);
        let lifted = shared.registry.lockdowns().lift(wish).await?;
        shared.look().await?;
        Ok(lifted)
    }

    fn has_revoked(&self, claims: &EmbedClaims) -> bool {
        self.0.shared.revocations.revoked(claims)
    }

    fn has_locked(&self, subject: &Subject, dashboard: &str) -> bool {
        self.locked().iter().any(|lockdown| match &lockdown.scope {
            LockdownScope::All => true,
            LockdownScope::Dashboard(locked) => locked.as_str() == dashboard,
            LockdownScope::BusinessUnit(unit) => subject.business_units().contains(unit),
        })
    }
}

/// For how long what was said of somebody before could be brought: no token of an identity provider
/// is accepted that lives longer, and nothing that came of one does.
#[must_use]
pub fn said_before() -> TimeDelta {
    PROVIDER_TOKEN_LIFE + TOKEN_LIFE
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    async fn follow(self: Arc<Self>) {
        loop {
            tokio::time::sleep(PAUSE).await;
            let outcome = self.look().await;
            self.report(outcome);
        }
    }

    /// Asks the registry now.
    async fn look(&self) -> Result<(), GateError> {
        let mut last = self.turn.lock().await;
        let looked = tokio::time::timeout(PATIENCE, self.read(&mut last)).await;
        let changed = looked.map_err(|_| GateError::Hangs)??;
        drop(last);
        let seen = Sight {
            seen: Instant::now(),
            failing: None,
        };
        *self.sight() = seen;
        if changed {
            self.changed.send_replace(());
        }
        Ok(())
    }

    /// Says once that the registry can't be seen, and once that it can again.
    fn report(&self, outcome: Result<(), GateError>) {
        let Err(error) = outcome else { return };
        let first = {
            let mut sight = self.sight();
            let first = sight.failing.is_none();
            sight.failing.get_or_insert_with(Instant::now);
            first
        };
        if first {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "new revocations can't be seen");
        }
        // Who waits finds out when the grace is over.
        self.changed.send_replace(());
    }

    fn is_blind(&self) -> bool {
        let sight = *self.sight();
        let failing = sight.failing;
        let over = failing.is_some_and(|since| since.elapsed() >= self.grace);
        // And if nobody even asks any more.
        over || sight.seen.elapsed() >= self.grace + 2 * (PAUSE + PATIENCE)
    }

    fn locking(&self, scope: LockdownScope, doer: Doer) -> Locking {
        Locking {
            scope,
            by: doer.actor,
            at: self.clock.now(),
            request: doer.request,
        }
    }

    fn sight(&self) -> std::sync::MutexGuard<'_, Sight> {
        self.sight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
