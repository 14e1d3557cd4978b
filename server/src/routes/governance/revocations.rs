//! `POST /api/v1/embed-tokens/revoke`, `GET /api/v1/revocations`: taking tokens back.

use axum::extract::State;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use weir_identity::EmbedClient;
use weir_registry::{Actor, Label, RequestId, Revocation, Revoked};

use crate::guard::{Admin, Revoker, Service};
use crate::object::Object;
use crate::problem::{Problem, Slug};
use crate::router::Person;
use crate::service::governance::Doer;
use crate::service::revoke_wish::TokensWish;
use crate::state::AppState;

/// How many revocations are listed.
const MOST: u32 = 500;

/// Under whose name a client does things.
const CLIENTS: &str = "weir:client";

/// Which tokens, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct RevokeWish {
    /// Exactly one of them.
    target: TokensWish,
    /// A line of words, for whoever asks later.
    reason: String,
}

/// That it is done.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::routes) struct RevokeAnswer {
    /// What an admin did.
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation: Option<RevocationAnswer>,
}

/// A revocation.
#[derive(Debug, Serialize, ToSchema)]
struct RevocationAnswer {
    number: u64,
    /// Spelled as it was asked for.
    #[schema(value_type = Object)]
    target: Value,
    /// Only what this client asked for.
    client: Option<String>,
    /// Tokens issued up to this moment; one token and one family are meant whole.
    issued_up_to: DateTime<Utc>,
    /// From when on nothing living can be meant.
    until: DateTime<Utc>,
    #[schema(value_type = Option<Person>)]
    by: Option<Actor>,
    reason: Option<String>,
    at: DateTime<Utc>,
}

/// The revocations that still mean something, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RevocationList {
    revocations: Vec<RevocationAnswer>,
}

impl RevocationAnswer {
    fn of(revocation: Revocation) -> Self {
        let (by, reason) = revocation.decided.unzip();
        Self {
            number: revocation.number,
            target: spelled(&revocation.target),
            client: revocation.client.map(String::from),
            issued_up_to: revocation.issued_up_to,
            until: revocation.until,
            by,
            reason,
            at: revocation.at,
        }
    }
}

fn spelled(target: &Revoked) -> Value {
    match target {
        Revoked::Spent { jti } | Revoked::Jti { jti } => json!({ "jti": jti }),
        Revoked::Family { family } => json!({ "family": family }),
        Revoked::Subject { issuer, sub } => json!({ "subject": { "issuer": issuer, "sub": sub } }),
        Revoked::BusinessUnit { unit } => json!({ "business_unit": unit }),
        Revoked::Dashboard { dashboard } => json!({ "dashboard": dashboard }),
        Revoked::Client { client } => json!({ "client": client }),
        Revoked::All => json!({ "all": true }),
    }
}

/// Revokes embed tokens: worth nothing on this process when it is answered, and on every other
/// within 5 seconds. Revoking a subject ends their sessions as well. A client may name a token, a
/// family or a subject of its own, and is answered the same whether there is one or not (RFC 7009
/// §2.2).
///
/// # Errors
/// A target or a reason that can't be used; nothing is revoked then. The registry or the audit does
/// not answer.
#[utoipa::path(
    post, path = "/api/v1/embed-tokens/revoke", tag = "embed", summary = "Revoke embed tokens",
    request_body = RevokeWish,
    responses((status = 200, body = RevokeAnswer)),
)]
pub(in crate::routes) async fn revoke(
    State(state): State<AppState>,
    revoker: Revoker,
    Extension(request): Extension<RequestId>,
    Json(Object(wish)): Json<Object<RevokeWish>>,
) -> Result<Json<RevokeAnswer>, Problem> {
    let content = state.dashboards.published.current();
    let gate = &state.dashboards.gate;
    match revoker {
        Revoker::Admin(admin) => {
            let target = wish.target.of_an_admin(&content)?;
            let actor = admin.actor();
            let doer = Doer { actor, request };
            let revocation = gate.revoke(target, None, doer, &wish.reason).await?;
            Ok(Json(RevokeAnswer {
                revocation: Some(RevocationAnswer::of(revocation)),
            }))
        }
        Revoker::Service(Service(client)) => {
            let own = format!("weir:embed:{}", client.id());
            let target = wish.target.of_a_client(&content, &own)?;
            let id = Label::parse(client.id().as_str())
                .map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
            let actor = actor(&client);
            let doer = Doer { actor, request };
            gate.revoke(target, Some(id), doer, &wish.reason).await?;
            Ok(Json(RevokeAnswer { revocation: None }))
        }
    }
}

fn actor(client: &EmbedClient) -> Actor {
    Actor {
        issuer: CLIENTS.to_owned(),
        sub: client.id().to_string(),
        name: client.id().to_string(),
    }
}

/// Up to 500 revocations that still mean something, newest first.
///
/// # Errors
/// The registry does not answer.
#[utoipa::path(
    get, path = "/api/v1/revocations", tag = "access", summary = "What is revoked",
    responses((status = 200, body = RevocationList)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _admin: Admin,
) -> Result<Json<RevocationList>, Problem> {
    let now = state.clock.now();
    let found = state.registry.revocations().in_force(now, MOST).await?;
    Ok(Json(RevocationList {
        revocations: found.into_iter().map(RevocationAnswer::of).collect(),
    }))
}
