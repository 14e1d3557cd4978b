//! Registered embed clients: a host's back end that proved its secret (HTTP Basic, RFC 7617) or
//! signed an assertion (`private_key_jwt`, RFC 7523).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use serde_json::json;
use weir_identity::EmbedClient;
use weir_registry::{Denial, Label, Realm, RequestId};

use super::{code, deny, request_id};
use crate::problem::{Problem, Slug};
use crate::service::clients::{Credential, NotProven};
use crate::state::AppState;

/// A registered client that proved itself, and has not asked too often.
#[derive(Debug, Clone)]
pub struct Service(pub Arc<EmbedClient>);

impl FromRequestParts<AppState> for Service {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let unknown = || Problem::new(Slug::ClientUnauthorized);
        let request = request_id(parts)?;
        let credential = credential(&parts.headers).ok_or_else(unknown)?;
        let origin = state.own_origin();
        let endpoint = format!("{origin}{}", parts.uri.path());
        let now = state.clock.now();
        let proven = state
            .clients
            .prove(credential, &[&origin, &endpoint], now)
            .await;
        let client = match proven {
            Ok(client) => client,
            Err(NotProven::Store(cause)) => return Err(cause.into()),
            Err(NotProven::Refused { client, code }) => {
                deny_client(state, &client, code, &request).await?;
                return Err(unknown());
            }
            // Anybody can make up an id: the log has it, the record does not.
            Err(stranger @ NotProven::Stranger { .. }) => return Err(unknown().caused_by(stranger)),
        };
        if let Err(wait) = state.clients.admit(&client) {
            deny_client(state, &client, "rate_exceeded", &request).await?;
            let wait = json!({ "retry_after": wait.seconds() });
            return Err(Problem::new(Slug::TooManyRequests).with(wait));
        }
        Ok(Self(client))
    }
}

/// Puts a refusal of a client on record, but no more than a few a minute: noise must not fill the
/// audit.
///
/// # Errors
/// When the audit does not take it.
pub(crate) async fn deny_client(
    state: &AppState,
    client: &EmbedClient,
    why: &str,
    request: &RequestId,
) -> Result<(), Problem> {
    if !state.clients.records_denial(client) {
        tracing::info!(client = %client.id(), why, "refused, and not on record for its frequency");
        return Ok(());
    }
    let id = Label::parse(client.id().as_str());
    let id = id.map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    let mut denial = Denial::new(Realm::Service, code(why)?);
    denial.client = Some(id);
    deny(state, request, denial).await
}

/// What the one `Authorization` header shows.
fn credential(headers: &HeaderMap) -> Option<Credential> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, shown) = value.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Credential::Assertion(shown.to_owned().into()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(shown.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some(Credential::Secret {
        id: id.to_owned(),
        secret: secret.to_owned().into(),
    })
}
