//! Where members sign in, and what is asked of their providers afterwards: who they are now.

mod places;
mod under_way;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use weir_identity::session::{OUTAGE_LIMIT, REFRESH_EVERY, Session};
use weir_identity::{
    LoginError, MasterKey, Provider, ProviderTokens, Providers, Refreshed, SealError, Slug,
};
use weir_query::Locale;
use weir_registry::{Digest, Fact, RequestId, SignOut, SignOutCause, StoreError, StoredSession};

use self::places::Places;
use crate::config::Label;
use crate::guard::signed_in;
use crate::problem::Problem;
use crate::service::recorder::NotRecorded;
use crate::state::AppState;

/// What the provider's tokens are sealed for.
const PURPOSE: &str = "provider tokens of a session";

/// While one process asks, no other does; and after an outage nobody asks again sooner.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Identity providers, and what ties sessions to them.
#[derive(Debug)]
pub struct SignIns {
    /// The providers.
    pub providers: Providers,
    labels: BTreeMap<Slug, Label>,
    sealer: MasterKey,
    /// One question per session at a time, whoever waits for the answer.
    asking: Mutex<HashMap<[u8; 32], Asking>>,
    /// Who comes back with a code and may ask its provider about it.
    pub places: Places,
}

/// A question under way.
type Asking = Shared<BoxFuture<'static, Outcome>>;

/// What came of asking who a member is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// As before: somebody else is asking, or nobody answers.
    Kept,
    /// The session says what is new.
    Renewed,
    /// It is over.
    Over,
}

/// Why a session stays as it was.
#[derive(Debug, thiserror::Error)]
enum NotKept {
    #[error("the registry does not answer")]
    Store(#[from] StoreError),
    #[error("what somebody became can't be recorded")]
    Record(#[from] NotRecorded),
    #[error("the provider's tokens can't be sealed")]
    Seal(#[from] SealError),
    #[error("the session can't be written")]
    Payload(#[from] serde_json::Error),
}

/// A session about which somebody is asked.
#[derive(Debug, Clone)]
struct Question {
    key: Digest,
    session: Session,
    sealed: Vec<u8>,
    due: DateTime<Utc>,
    request: RequestId,
}

impl SignIns {
    /// The providers with what people call them, and the key that seals their tokens.
    #[must_use]
    pub fn new(providers: Providers, labels: BTreeMap<Slug, Label>, sealer: MasterKey) -> Self {
        Self {
            providers,
            labels,
            sealer,
            asking: Mutex::default(),
            places: Places::default(),
        }
    }

    /// Ids and names to choose from, in order; nothing where there is no choice.
    #[must_use]
    pub fn choices(&self, locale: Locale) -> Vec<(&str, &str)> {
        if self.providers.only().is_some() {
            return Vec::new();
        }
        let all = self.providers.iter();
        let labelled = all.filter_map(|named| self.labels.get_key_value(&named.id));
        let named = labelled.map(|(id, label)| (id.as_str(), label.of(locale)));
        named.collect()
    }

    /// The provider called `id`; the only one, where nobody has to choose.
    #[must_use]
    pub fn chosen(&self, id: Option<&str>) -> Option<&Provider> {
        match id {
            Some(id) => self.providers.with_id(id),
            None => self.providers.only(),
        }
    }

    /// The provider that a callback belongs to: with several, each has its own (RFC 9700 §4.4).
    #[must_use]
    pub fn of_callback(&self, id: Option<&str>) -> Option<&Provider> {
        match (id, self.providers.only()) {
            (Some(id), None) => self.providers.with_id(id),
            (None, only) => only,
            (Some(_), Some(_)) => None,
        }
    }

    /// Every change of the map is complete before it can panic, so a poisoned lock is still sound.
    fn asking(&self) -> MutexGuard<'_, HashMap<[u8; 32], Asking>> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The provider's tokens of a sign-in, sealed for the registry.
    ///
    /// # Errors
    /// When they can't be sealed.
    pub fn seal(&self, tokens: &ProviderTokens) -> Result<Vec<u8>, SealError> {
        let text = serde_json::to_vec(tokens).map_err(|_| SealError::Seal)?;
        self.sealer.seal(PURPOSE, &text)
    }

    /// The tokens again; `None` where they were sealed under another key.
    #[must_use]
    pub fn open(&self, sealed: &[u8]) -> Option<ProviderTokens> {
        let text = self.sealer.open(PURPOSE, sealed).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// The session as it is after its provider was asked, if that was due; `None` when it is over.
///
/// # Errors
/// When the registry does not answer.
pub async fn refreshed(
    state: &AppState,
    key: Digest,
    (stored, session): (StoredSession, Session),
    request: &RequestId,
) -> Result<Option<Session>, Problem> {
    let (Some(due), Some(sealed)) = (stored.refresh_at, stored.tokens) else {
        return Ok(Some(session));
    };
    let now = state.clock.now();
    if now < session.refreshed_at + REFRESH_EVERY {
        return Ok(Some(session));
    }
    let question = Question {
        key,
        session,
        sealed,
        due,
        request: request.clone(),
    };
    // Whoever asked has not been answered yet, or was not: then nobody asks again so soon.
    if let Some(answer) = asked(state, question, now)
        && answer.await == Outcome::Over
    {
        return Ok(None);
    }
    let stored = state.registry.sessions().find(&key, now).await?;
    let read = |stored: StoredSession| serde_json::from_str(&stored.payload).ok();
    Ok(stored.and_then(read))
}

/// The question under way about this session, or a new one if it is time.
fn asked(state: &AppState, question: Question, now: DateTime<Utc>) -> Option<Asking> {
    let key = *question.key.as_bytes();
    let mut asking = state.sign_in.asking();
    if let Some(under_way) = asking.get(&key) {
        return Some(under_way.clone());
    }
    if now < question.due {
        return None;
    }
    // In a task of its own: a browser that goes away must not lose a token that works once.
    let shared = state.clone();
    let task = tokio::spawn(async move {
        let outcome = ask(&shared, question).await;
        shared.sign_in.asking().remove(&key);
        outcome
    });
    let answer = task.map(|outcome| outcome.unwrap_or(Outcome::Kept));
    let answer = answer.boxed().shared();
    asking.insert(key, answer.clone());
    Some(answer)
}

/// Asks once, on whatever process; what can't be kept or recorded changes nothing.
async fn ask(state: &AppState, question: Question) -> Outcome {
    let until = state.clock.now() + LEASE;
    let sessions = state.registry.sessions();
    match sessions
        .claim_refresh(&question.key, question.due, until)
        .await
    {
        Ok(true) => {}
        Ok(false) => return Outcome::Kept,
        Err(error) => return not_kept(&error),
    }
    let subject = &question.session.member.subject;
    let provider = state.sign_in.providers.with_issuer(subject.issuer());
    let tokens = state.sign_in.open(&question.sealed);
    let (Some(provider), Some(tokens)) = (provider, tokens) else {
        // The provider is gone from the configuration, or the key that sealed the tokens is.
        return end(state, &question, SignOutCause::IdentityProvider).await;
    };
    let now = state.clock.now();
    match provider.refresh(&tokens, subject.id(), now).await {
        Ok(refreshed) => renew(state, &question, refreshed).await,
        Err(error) if !error.is_outage() => {
            said_no(&error);
            end(state, &question, SignOutCause::IdentityProvider).await
        }
        Err(error) if now - question.session.refreshed_at < OUTAGE_LIMIT => not_kept(&error),
        Err(error) => {
            said_no(&error);
            end(state, &question, SignOutCause::ProviderUnavailable).await
        }
    }
}

async fn renew(state: &AppState, question: &Question, refreshed: Refreshed) -> Outcome {
    let content = state.dashboards.published.current();
    let mapping = content.mapping();
    let old = &question.session;
    let (member, digest) = match refreshed.identity.as_ref().map(|it| mapping.member(it)) {
        Some(Ok(member)) => (member, mapping.digest()),
        // No new claims: they mean what the mapping said that they came through.
        None => (old.member.clone(), old.mapping),
        // The claims are not what anybody could mean: as at a sign-in, they give nothing.
        Some(Err(_)) => return end(state, question, SignOutCause::IdentityProvider).await,
    };
    let session = old.renewed(member, digest, state.clock.now());
    match keep(state, question, &session, &refreshed.tokens).await {
        Ok(true) => Outcome::Renewed,
        Ok(false) => Outcome::Over,
        Err(error) => not_kept(&error),
    }
}

/// On record first, where the person may see something else now.
async fn keep(
    state: &AppState,
    question: &Question,
    session: &Session,
    tokens: &ProviderTokens,
) -> Result<bool, NotKept> {
    let payload = serde_json::to_string(session)?;
    let sealed = state.sign_in.seal(tokens)?;
    if session.member.subject != question.session.member.subject {
        let facts = vec![signed_in(&session.member)];
        let recorder = &state.dashboards.recorder;
        recorder.facts(&question.request, facts).await?;
    }
    let next = session.refreshed_at + REFRESH_EVERY;
    let sessions = state.registry.sessions();
    Ok(sessions
        .renew(&question.key, &payload, &sealed, next)
        .await?)
}

async fn end(state: &AppState, question: &Question, cause: SignOutCause) -> Outcome {
    let subject = &question.session.member.subject;
    let fact = Fact::SignOut(SignOut {
        subject: Digest::from(subject.identity_digest()),
        cause,
        sessions: 1,
    });
    let recorder = &state.dashboards.recorder;
    if let Err(error) = recorder.facts(&question.request, vec![fact]).await {
        not_kept(&error);
    }
    if let Err(error) = state.registry.sessions().delete(&question.key).await {
        not_kept(&error);
    }
    Outcome::Over
}

fn not_kept(error: &(dyn std::error::Error + 'static)) -> Outcome {
    tracing::warn!(error, "a session was not refreshed");
    Outcome::Kept
}

fn said_no(error: &LoginError) {
    let error = error as &dyn std::error::Error;
    tracing::info!(error, "the identity provider vouches for somebody no more");
}
