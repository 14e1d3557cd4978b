//! One port for Athena, Glue, STS, S3, and the simulator's own controls.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;

use crate::account::{Account, lock};
use crate::athena::{self, Caller};
use crate::faults::{Call, Effect, Effects, START};
use crate::wire::{self, Answered, Refusal};
use crate::{control, glue};

/// The largest body that is read; uploads are test data.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

pub(crate) fn router(sim: Arc<Account>) -> Router {
    Router::new()
        .merge(control::routes())
        .fallback(dispatch)
        .with_state(sim)
}

/// JSON calls name their operation in a header.
async fn dispatch(State(sim): State<Arc<Account>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        let refusal = Refusal::invalid("the request's body can't be read");
        return wire::response(Err(refusal));
    };
    let target = parts.headers.get("x-amz-target");
    let target = target.and_then(|target| target.to_str().ok());
    match target.and_then(|target| target.split_once('.')) {
        Some(("AmazonAthena", operation)) => {
            json_call(&sim, operation, operation, &parts.headers, body).await
        }
        Some(("AWSGlue", operation)) => {
            let counted = format!("glue:{operation}");
            json_call(&sim, operation, &counted, &parts.headers, body).await
        }
        _ => wire::response(Err(athena::unknown(target.unwrap_or("such operation")))),
    }
}

async fn json_call(
    sim: &Arc<Account>,
    operation: &str,
    counted: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Response {
    if !sim.admit(counted) {
        return wire::response(Err(Refusal::throttled()));
    }
    let effects = effects(sim, counted, &body);
    if let Some(refusal) = refused(sim, counted, &effects) {
        return wire::response(Err(refusal));
    }
    let lost = effects.loses_response();
    let delay = effects.response_delay();
    let answered = perform(sim, operation, counted, headers, body, effects).await;
    tokio::time::sleep(delay).await;
    if lost {
        wire::cut_off()
    } else {
        wire::response(answered)
    }
}

async fn perform(
    sim: &Arc<Account>,
    operation: &str,
    counted: &str,
    headers: &HeaderMap,
    body: Bytes,
    effects: Effects,
) -> Answered {
    if operation != counted {
        return glue::call(sim, operation, &body).await;
    }
    let principal = principal(sim, headers);
    let caller = Caller { principal, effects };
    athena::call(sim, operation, &body, caller).await
}

fn effects(sim: &Account, operation: &str, body: &Bytes) -> Effects {
    let members: Value = match operation {
        START => serde_json::from_slice(body).unwrap_or_default(),
        _ => Value::Null,
    };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    sim.effects(&Call {
        operation,
        sql: text("QueryString"),
        workgroup: text("WorkGroup").or((operation == START).then_some("primary")),
    })
}

fn refused(sim: &Account, operation: &str, effects: &Effects) -> Option<Refusal> {
    let refusal = effects.iter().find_map(|effect| match effect {
        Effect::Throttle => Some(Refusal::throttled()),
        Effect::TooManyQueries => Some(Refusal::too_many_queries()),
        Effect::ServerError { status } => Some(Refusal::new(
            StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            "InternalServerException",
            "An internal error has occurred",
        )),
        _ => None,
    });
    if refusal.is_some() {
        lock(&sim.traffic).refused(operation);
    }
    refusal
}

/// The role's session whose access key signed the call. Signatures are not checked.
fn principal(sim: &Account, headers: &HeaderMap) -> Option<String> {
    let signed = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = signed.split_once("Credential=")?;
    let key = credential.split('/').next()?;
    let principals = lock(&sim.principals);
    let session = principals.0.get(key)?;
    Some(session.session_name.clone())
}
