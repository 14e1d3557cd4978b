//! `POST /embed/{slug}/bind`: a frame exchanges its launch token, once, for a token that is worth
//! nothing without the frame's key.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use weir_identity::embed::FAMILY_LIFETIME_SECONDS;
use weir_identity::{EmbedClaims, MintError, Thumbprint, TokenId};
use weir_registry::{Bind, Binding, Bound, Denial, Digest, Fact, Family, Label, Realm, RequestId};

use crate::guard::{self, Launched};
use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// The frame's token and what its script needs to keep time.
#[derive(Debug, Serialize)]
pub struct BindAnswer {
    token: String,
    expires_in: i64,
    /// The server's clock, in seconds since 1970: proofs are made by it.
    now: i64,
    family: String,
    family_ends_in: i64,
}

/// Spends a launch token on a frame token for the key that the proof was made with.
///
/// # Errors
/// A token that is spent, of another dashboard, or of a family that is over; a proof that is none.
pub async fn bind(
    State(state): State<AppState>,
    Launched { viewer, key }: Launched,
    Path(slug): Path<String>,
    Extension(request): Extension<RequestId>,
    body: Bytes,
) -> Result<Json<BindAnswer>, Problem> {
    let (claims, now) = (&*viewer.claims, state.clock.now());
    if !body.is_empty() {
        return Err(Problem::new(Slug::InvalidRequest));
    }
    if claims.dashboard.as_str() != slug {
        return Err(Problem::new(Slug::NotFound));
    }
    let wish = binding(claims, &key)?;
    let family = match state.registry.families().bind(&wish, now).await? {
        Bound::Family(family) => family,
        refused => return Err(refuse(&state, claims, &refused, &request).await?),
    };
    // The other processes hear of it from the registry.
    let revocations = state.verifier.revocations();
    revocations.spend(claims.jti.clone(), wish.expires_at);
    let family_id = TokenId::parse(family.id.as_str()).map_err(internal)?;
    if revocations.family_revoked(&family_id, family.begun_at, claims) {
        return Err(revoked(&state, claims, &request).await?);
    }
    let answer = answer(&state, claims, (family_id, &family), &key, now).map_err(internal)?;
    record(&state, claims, &family, &request).await?;
    Ok(Json(answer))
}

/// On record before the frame has its token.
async fn record(
    state: &AppState,
    claims: &EmbedClaims,
    family: &Family,
    request: &RequestId,
) -> Result<(), Problem> {
    let bind = Bind {
        subject: Digest::from(claims.subject().identity_digest()),
        dashboard: Label::parse(claims.dashboard.as_str()).map_err(internal)?,
        token_id: Label::parse(claims.jti.as_str()).map_err(internal)?,
        family: Label::parse(family.id.as_str()).map_err(internal)?,
    };
    let facts = vec![Fact::Bind(bind)];
    Ok(state.dashboards.recorder.facts(request, facts).await?)
}

fn answer(
    state: &AppState,
    claims: &EmbedClaims,
    (id, family): (TokenId, &Family),
    key: &Thumbprint,
    now: DateTime<Utc>,
) -> Result<BindAnswer, MintError> {
    let frame = state.minter.frame(claims, id, key, now)?;
    Ok(BindAnswer {
        token: frame.token.expose_secret().to_owned(),
        expires_in: frame.expires_in,
        now: now.timestamp(),
        family: family.id.clone(),
        family_ends_in: (family.ends_at - now).num_seconds(),
    })
}

fn binding(claims: &EmbedClaims, key: &Thumbprint) -> Result<Binding, Problem> {
    Ok(Binding {
        token: Label::parse(claims.jti.as_str()).map_err(internal)?,
        expires_at: claims.expires_at().unwrap_or_default(),
        family: claims.family.to_string(),
        key: Digest::from(*key.as_bytes()),
        holder: holder(claims),
        lifetime: TimeDelta::seconds(FAMILY_LIFETIME_SECONDS),
    })
}

/// Whose a family is: client, viewer, dashboard and origin, each with its length before it.
fn holder(claims: &EmbedClaims) -> Digest {
    let parts = [
        claims.client_id.as_str(),
        claims.subject_issuer.as_str(),
        claims.sub.as_str(),
        claims.dashboard.as_str(),
        claims.origin.as_str(),
    ];
    let hash = parts.iter().fold(Sha256::new(), |hash, part| {
        hash.chain_update((part.len() as u64).to_be_bytes())
            .chain_update(part)
    });
    Digest::from(<[u8; 32]>::from(hash.finalize()))
}

async fn refuse(
    state: &AppState,
    claims: &EmbedClaims,
    refused: &Bound,
    request: &RequestId,
) -> Result<Problem, Problem> {
    let (code, slug) = match refused {
        Bound::Over(_) => ("session_ended", Slug::SessionEnded),
        Bound::Foreign => ("foreign_family", Slug::InvalidToken),
        Bound::Spent | Bound::Family(_) => ("token_spent", Slug::InvalidToken),
    };
    deny(state, claims, code, request).await?;
    Ok(Problem::new(slug))
}

async fn revoked(
    state: &AppState,
    claims: &EmbedClaims,
    request: &RequestId,
) -> Result<Problem, Problem> {
    deny(state, claims, "revoked", request).await?;
    Ok(Problem::new(Slug::AccessRevoked))
}

async fn deny(
    state: &AppState,
    claims: &EmbedClaims,
    code: &str,
    request: &RequestId,
) -> Result<(), Problem> {
    let mut denial = Denial::new(Realm::Embed, guard::code(code)?);
    denial.subject = Some(Digest::from(claims.subject().identity_digest()));
    guard::deny(state, request, denial).await
}

fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(Slug::Internal).caused_by(cause)
}
