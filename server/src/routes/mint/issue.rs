//! What every way to a token ends in: the dashboard is checked, the token signed and on record, and
//! a launch code stands for it once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};
use weir_identity::{EmbedClaims, EmbedClient, EmbedGrant, MintError, MintRefusal, Minted};
use weir_registry::{Digest, Exchange, Fact, Label, Mint, RequestId};

use crate::guard;
use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// How long a launch code lives.
const CODE_LIFETIME: TimeDelta = TimeDelta::seconds(60);

/// A token that is on record.
pub(super) struct Issued {
    pub(super) token: String,
    pub(super) expires_in: i64,
    pub(super) launch_url: String,
}

/// Makes a token of what a client may have.
pub(super) async fn issue(
    state: &AppState,
    grant: EmbedGrant,
    exchange: Option<Exchange>,
    request: &RequestId,
) -> Result<Issued, Problem> {
    check_parameters(state, &grant)?;
    let minted = state
        .minter
        .mint(grant, state.clock.now())
        .map_err(unsigned)?;
    let token = minted.claims.jti.to_string();
    tracing::Span::current().record("weir.token", token.as_str());
    state.telemetry.links().minted(&token).await;
    record(state, &minted, exchange, request).await?;
    let code = launch_code(state, &minted).await?;
    let slug = minted.claims.dashboard.as_str();
    Ok(Issued {
        launch_url: format!("{}/embed/{slug}?code={code}", state.own_origin()),
        token: minted.token.expose_secret().to_owned(),
        expires_in: minted.expires_in,
    })
}

/// A refusal by the registration, on record; what is only badly written is not worth a record.
pub(super) async fn forbidden(
    state: &AppState,
    client: &EmbedClient,
    refusal: &MintRefusal,
    request: &RequestId,
) -> Problem {
    let denied = guard::deny_client(state, client, refusal.code().as_str(), request);
    match denied.await {
        Ok(()) => refused(refusal),
        Err(unrecorded) => unrecorded,
    }
}

/// What does not fit into a token can be corrected by whoever asked for it.
fn unsigned(error: MintError) -> Problem {
    match error {
        MintError::TooLarge => Problem::new(Slug::MintInvalid).at("", error.to_string()),
        MintError::Lifetime | MintError::Unsignable => {
            Problem::new(Slug::Internal).caused_by(error)
        }
    }
}

pub(super) fn refused(refusal: &MintRefusal) -> Problem {
    let forbidden = refusal.code().is_forbidden();
    let slug = if forbidden {
        Slug::MintForbidden
    } else {
        Slug::MintInvalid
    };
    Problem::new(slug).at(refusal.pointer(), refusal.detail())
}

/// The registration allows the dashboard; it must also exist, and know the parameters.
fn check_parameters(state: &AppState, grant: &EmbedGrant) -> Result<(), Problem> {
    let invalid =
        |pointer: &str, detail: String| Problem::new(Slug::MintInvalid).at(pointer, detail);
    let content = state.dashboards.published.current();
    let dashboard = content.dashboard(grant.dashboard.as_str());
    let dashboard = dashboard.ok_or_else(|| {
        invalid(
            "/dashboard",
            "there is no dashboard with that name".to_owned(),
        )
    })?;
    let locked = grant
        .parameters
        .iter()
        .map(|(name, values)| (name.to_string(), values.clone()));
    let today = state.clock.today();
    let bound = dashboard.bind(&locked.collect(), &[], today);
    bound
        .map(|_| ())
        .map_err(|error| invalid("/parameters", error.to_string()))
}

async fn record(
    state: &AppState,
    minted: &Minted,
    exchange: Option<Exchange>,
    request: &RequestId,
) -> Result<(), Problem> {
    let fact = fact(&minted.claims, exchange);
    let fact = fact.map_err(|error| Problem::new(Slug::Internal).caused_by(error));
    Ok(state
        .dashboards
        .recorder
        .facts(request, vec![fact?])
        .await?)
}

fn fact(
    claims: &EmbedClaims,
    exchange: Option<Exchange>,
) -> Result<Fact, weir_registry::LabelError> {
    let rights = claims
        .rights
        .iter()
        .map(|right| Label::parse(right.as_str()));
    Ok(Fact::Mint(Mint {
        client: Label::parse(claims.client_id.as_str())?,
        subject: Digest::from(claims.subject().identity_digest()),
        dashboard: Label::parse(claims.dashboard.as_str())?,
        origin: Label::parse(claims.origin.as_str())?,
        token_id: Label::parse(claims.jti.to_string())?,
        business_units: claims.business_units.iter().cloned().collect(),
        rights: rights.collect::<Result<_, _>>()?,
        expires_in_seconds: u64::try_from(claims.exp - claims.iat).unwrap_or(0),
        exchange,
    }))
}

/// 256 random bits; the registry keeps their hash, and the token behind it until it is redeemed.
async fn launch_code(state: &AppState, minted: &Minted) -> Result<String, Problem> {
    let mut bytes = [0_u8; 32];
    let unlucky = |error| Problem::new(Slug::Internal).caused_by(error);
    OsRng.try_fill_bytes(&mut bytes).map_err(unlucky)?;
    let code = URL_SAFE_NO_PAD.encode(bytes);
    let hash = Digest::from(<[u8; 32]>::from(Sha256::digest(code.as_bytes())));
    let until = state.clock.now() + CODE_LIFETIME;
    let token = minted.token.expose_secret();
    state
        .registry
        .launch_codes()
        .put(&hash, token, until)
        .await?;
    Ok(code)
}
