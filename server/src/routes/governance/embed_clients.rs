//! `/api/v1/embed-clients…`: who may embed what, from where.
//!
//! Each change names in `If-Match` the version it is about, and is refused when that is not the
//! current one; only what is not there yet is registered without. A program may take these steps
//! with an access token: no second person stands behind them, and all of them are on record.

mod answers;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header::ETAG;
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::json;
use weir_identity::{ClientId, Registration};
use weir_registry::{ClientChange, ClientStepError, RequestId};

use self::answers::{ClientAnswer, ClientsAnswer, NewSecretAnswer};
use super::drafts::doer;
use super::seen::seen;
use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::clients::{Clients, Listed, ManageError};
use crate::state::AppState;

/// `GET /api/v1/embed-clients`: every client in the order of their ids.
///
/// # Errors
/// When the registry can't say.
#[utoipa::path(
    get, path = "/api/v1/embed-clients", tag = "clients", summary = "Who may embed what, from where",
    responses((status = 200, body = ClientsAnswer)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _: Admin,
) -> Result<Json<ClientsAnswer>, Problem> {
    let clients = state.clients.list().await?;
    let clients = clients.iter().map(|one| ClientAnswer::of(one, &state));
    Ok(Json(ClientsAnswer {
        clients: clients.collect(),
    }))
}

/// `GET …/embed-clients/{id}`: one.
///
/// # Errors
/// No such client.
#[utoipa::path(
    get, path = "/api/v1/embed-clients/{id}", tag = "clients", summary = "One client",
    params(("id" = String, Path, description = "The client.")),
    responses((status = 200, body = ClientAnswer, headers(("etag", description = "For `If-Match`.")))),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    _: Admin,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let client = state.clients.one(&client_id(id)?).await?;
    respond(StatusCode::OK, &client, &state)
}

/// `PUT …/embed-clients/{id}`: registers a client, or replaces what is registered.
///
/// # Errors
/// A registration that can't be used (422), 428 for a client that exists without `If-Match`, 409 for
/// one that is not as it was seen, or that stands in the configuration.
#[utoipa::path(
    put, path = "/api/v1/embed-clients/{id}", tag = "clients",
    summary = "Register a client, or replace what is registered",
    params(
        ("id" = String, Path, description = "The client, in kebab case."),
        ("if-match" = Option<String>, Header, description = "The `ETag` of what was changed; not for a new client."),
    ),
    request_body = Object,
    responses(
        (status = 200, body = ClientAnswer, headers(("etag", description = "For `If-Match`."))),
        (status = 201, body = ClientAnswer, headers(("etag", description = "For `If-Match`."))),
    ),
)]
pub(super) async fn put(
    State(state): State<AppState>,
    admin: Admin,
    Path(id): Path<String>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let id = ClientId::parse(id).map_err(|error| {
        Problem::new(Slug::RegistrationInvalid).at("", format!("the id: {error}"))
    })?;
    let seen = seen(&headers)?;
    let registration = Registration::from_json(&body).map_err(ManageError::from)?;
    let change = Clients::change(&id, seen, doer(&admin, request), &state.clock)?;
    let put = state.clients.put(change, &registration).await;
    let client = put.map_err(|error| unseen(error, seen))?;
    let status = if seen.is_none() {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    respond(status, &client, &state)
}

/// `DELETE …/embed-clients/{id}`: removes a client with its secrets.
///
/// # Errors
/// No such client; 428, 409.
#[utoipa::path(
    delete, path = "/api/v1/embed-clients/{id}", tag = "clients", summary = "Remove a client",
    params(
        ("id" = String, Path, description = "The client."),
        ("if-match" = String, Header, description = "The `ETag` of what was seen."),
    ),
    responses((status = 204)),
)]
pub(super) async fn remove(
    State(state): State<AppState>,
    admin: Admin,
    Path(id): Path<String>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let change = known(&state, &admin, id, request, &headers)?;
    state.clients.remove(change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST …/embed-clients/{id}/secrets`: a new secret. Where two are live, the older one goes.
///
/// # Errors
/// No such client; 428, 409.
#[utoipa::path(
    post, path = "/api/v1/embed-clients/{id}/secrets", tag = "clients",
    summary = "Make a secret; where two are live, the older one goes",
    params(
        ("id" = String, Path, description = "The client."),
        ("if-match" = String, Header, description = "The `ETag` of what was seen."),
    ),
    responses((status = 201, body = NewSecretAnswer, headers(("etag", description = "For `If-Match`.")))),
)]
pub(super) async fn add_secret(
    State(state): State<AppState>,
    admin: Admin,
    Path(id): Path<String>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let change = known(&state, &admin, id, request, &headers)?;
    let made = state.clients.rotate(change).await?;
    let answer = NewSecretAnswer {
        id: made.id,
        secret: made.secret.expose_secret().to_owned(),
        client: ClientAnswer::of(&made.client, &state),
    };
    let tag = tag(&made.client)?;
    Ok((StatusCode::CREATED, tag, Json(answer)).into_response())
}

/// `DELETE …/embed-clients/{id}/secrets/{secret}`: takes a secret back.
///
/// # Errors
/// No such client or secret; 428, 409.
#[utoipa::path(
    delete, path = "/api/v1/embed-clients/{id}/secrets/{secret}", tag = "clients",
    summary = "Take a secret back",
    params(
        ("id" = String, Path, description = "The client."),
        ("secret" = String, Path, description = "The secret's id."),
        ("if-match" = String, Header, description = "The `ETag` of what was seen."),
    ),
    responses((status = 200, body = ClientAnswer, headers(("etag", description = "For `If-Match`.")))),
)]
pub(super) async fn remove_secret(
    State(state): State<AppState>,
    admin: Admin,
    Path((id, secret)): Path<(String, String)>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let change = known(&state, &admin, id, request, &headers)?;
    let client = state.clients.remove_secret(change, &secret).await?;
    respond(StatusCode::OK, &client, &state)
}

/// A change of a client that the caller saw.
fn known(
    state: &AppState,
    admin: &Admin,
    id: String,
    request: RequestId,
    headers: &HeaderMap,
) -> Result<ClientChange, Problem> {
    let id = client_id(id)?;
    if state.clients.is_configured(&id) {
        return Err(ManageError::Configured.into());
    }
    let seen = seen(headers)?.ok_or_else(|| Problem::new(Slug::PreconditionRequired))?;
    let doer = doer(admin, request);
    Ok(Clients::change(&id, Some(seen), doer, &state.clock)?)
}

fn client_id(id: String) -> Result<ClientId, Problem> {
    ClientId::parse(id).map_err(|_| Problem::new(Slug::NotFound))
}

/// Who changes what exists and does not say what they saw is asked for it (A6).
fn unseen(error: ManageError, seen: Option<u64>) -> Problem {
    match (error, seen) {
        (ManageError::Step(ClientStepError::Conflict(_)), None) => {
            Problem::new(Slug::PreconditionRequired)
        }
        (error, _) => error.into(),
    }
}

fn respond(status: StatusCode, client: &Listed, state: &AppState) -> Result<Response, Problem> {
    let answer = Json(ClientAnswer::of(client, state));
    Ok((status, tag(client)?, answer).into_response())
}

fn tag(client: &Listed) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::new();
    if let Some(stored) = &client.stored {
        let tag = HeaderValue::from_str(&format!("\"{}\"", stored.version));
        let tag = tag.map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
        headers.insert(ETAG, tag);
    }
    Ok(headers)
}

impl From<ManageError> for Problem {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::Registration(error) => {
                Self::new(Slug::RegistrationInvalid).at(error.pointer(), error.detail())
            }
            ManageError::Configured => {
                Self::new(Slug::RegistrationConflict).at("", error.to_string())
            }
            ManageError::Step(ClientStepError::Unknown | ClientStepError::UnknownSecret) => {
                Self::new(Slug::NotFound)
            }
            ManageError::Step(ClientStepError::Conflict(theirs)) => {
                Self::new(Slug::RegistrationConflict).with(json!({
                    "version": theirs.version,
                    "changed_by": theirs.changed.by,
                    "changed_at": theirs.changed.at,
                }))
            }
            ManageError::Step(ClientStepError::TooMany) => {
                Self::new(Slug::RegistrationInvalid).at("", error.to_string())
            }
            ManageError::Step(ClientStepError::Audit(cause)) => {
                Self::new(Slug::AuditUnavailable).caused_by(cause)
            }
            ManageError::Step(ClientStepError::Store(cause)) => cause.into(),
            ManageError::Unreadable => Self::new(Slug::RegistryUnavailable).caused_by(error),
            ManageError::Secret(_) | ManageError::Label(_) | ManageError::CutOff(_) => {
                Self::new(Slug::Internal).caused_by(error)
            }
        }
    }
}
