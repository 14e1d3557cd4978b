//! `POST /api/v1/embed-tokens`: a CRM back end says who is looking and gets a token.

use std::collections::BTreeMap;

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use secrecy::ExposeSecret;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use weir_identity::{EmbedClaims, EmbedGrant, MintError, MintRefusal, MintRequest, Minted};
use weir_registry::{Denial, Digest, Fact, Label, Mint, Realm, RequestId};

use crate::guard::{self, Service};
use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// How long a launch code lives.
const CODE_LIFETIME: TimeDelta = TimeDelta::seconds(60);

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct MintAnswer {
    token: String,
    expires_in: i64,
    launch_url: String,
}

/// What a client asks for, as [`MintRequest::from_json`] reads it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape alone, for the description")]
struct MintWish {
    /// The dashboard to show.
    dashboard: String,
    /// Who is looking, in the client's own words.
    subject: MintSubject,
    /// Their business units.
    business_units: Option<Vec<String>>,
    /// Their attributes.
    attributes: Option<BTreeMap<String, Vec<String>>>,
    /// `en-CA` or `fr-CA`.
    locale: Option<String>,
    /// The origin of the page that embeds.
    origin: String,
    /// Filters the viewer can't change.
    parameters: Option<BTreeMap<String, Vec<String>>>,
    /// What the viewer may do besides looking.
    rights: Option<Vec<String>>,
    /// Seconds, at most 300.
    expires_in: Option<i64>,
}

/// Who is looking.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape alone, for the description")]
struct MintSubject {
    /// The client's id of the person.
    sub: String,
    /// What they are called; for display alone.
    name: Option<String>,
}

/// Mints a token and a single-use launch code for it.
///
/// # Errors
/// A field that can't be used (422), or that the client's registration does not allow (403).
#[utoipa::path(
    post, path = "/api/v1/embed-tokens", tag = "embed", summary = "Mint an embed token",
    request_body = MintWish,
    responses((status = 200, body = MintAnswer)),
)]
pub async fn mint(
    State(state): State<AppState>,
    Service(client): Service,
    Extension(request): Extension<RequestId>,
    body: Bytes,
) -> Result<Json<MintAnswer>, Problem> {
    let wish = MintRequest::from_json(&body).map_err(|refusal| refused(&refusal))?;
    let grant = match client.authorize(wish) {
        Ok(grant) => grant,
        Err(refusal) => {
            let denial = Denial::new(Realm::Service, guard::code(refusal.code().as_str())?);
            guard::deny(&state, &request, denial).await?;
            return Err(refused(&refusal));
        }
    };
    check_parameters(&state, &grant)?;
    let minted = state
        .minter
        .mint(grant, state.clock.now())
        .map_err(unsigned)?;
    record(&state, &minted, &request).await?;
    let code = launch_code(&state, &minted).await?;
    let slug = minted.claims.dashboard.as_str();
    Ok(Json(MintAnswer {
        token: minted.token.expose_secret().to_owned(),
        expires_in: minted.expires_in,
        launch_url: format!("{}/embed/{slug}?code={code}", state.own_origin()),
    }))
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

fn refused(refusal: &MintRefusal) -> Problem {
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

async fn record(state: &AppState, minted: &Minted, request: &RequestId) -> Result<(), Problem> {
    let fact = fact(&minted.claims).map_err(|error| Problem::new(Slug::Internal).caused_by(error));
    Ok(state
        .dashboards
        .recorder
        .facts(request, vec![fact?])
        .await?)
}

fn fact(claims: &EmbedClaims) -> Result<Fact, weir_registry::LabelError> {
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
