//! One port for Athena, Glue, STS, S3, and the simulator's own controls.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;

use crate::account::{Account, lock};
use crate::athena::{self, Caller};
use crate::faults::{Call, Effect, Effects, START};
use crate::wire::{self, Answered, Refusal};
use crate::{control, glue, s3, sts};

/// The largest body that is read; uploads are test data.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// How calls of STS come.
const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn router(account: Arc<Account>) -> Router {
    Router::new()
        .merge(control::routes())
        .fallback(dispatch)
        .with_state(account)
}

/// JSON calls name their operation in a header, those of STS come as forms, and the rest is S3.
async fn dispatch(State(account): State<Arc<Account>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        let refusal = Refusal::invalid("the request's body can't be read");
        return wire::response(&Err(refusal));
    };
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let target = header("x-amz-target").and_then(|target| target.split_once('.'));
    match target {
        Some(("AmazonAthena", operation)) => {
            json_call(&account, operation, operation, &parts.headers, body).await
        }
        Some(("AWSGlue", operation)) => {
            let counted = format!("glue:{operation}");
            json_call(&account, operation, &counted, &parts.headers, body).await
        }
        Some((_, operation)) => wire::response(&Err(athena::unknown(operation))),
        None if header("content-type").is_some_and(|kind| kind.starts_with(FORM)) => {
            form_call(&account, &sts::Call::of(&body), &parts.headers).await
        }
        None => object_call(&account, &s3::Call::of(&parts), &body).await,
    }
}

async fn form_call(account: &Account, call: &sts::Call, headers: &HeaderMap) -> Response {
    let operation = call.operation();
    if !account.admit(&operation) {
        return sts::refused(&Refusal::throttled());
    }
    let effects = effects(account, &operation, &Bytes::new());
    if let Some(refusal) = refused(account, &operation, &effects) {
        return sts::refused(&refusal);
    }
    let response = sts::call(account, call, headers);
    delivered(response, &effects).await
}

async fn object_call(account: &Account, call: &s3::Call, body: &Bytes) -> Response {
    let operation = call.operation();
    account.admit(operation);
    let effects = effects(account, operation, body);
    if refused(account, operation, &effects).is_some() {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return s3::error(status, "SlowDown", "Please reduce your request rate.");
    }
    let response = s3::call(account, call, body);
    delivered(response, &effects).await
}

/// An answer as it reaches the client: late, or broken off.
async fn delivered(response: Response, effects: &Effects) -> Response {
    tokio::time::sleep(effects.response_delay()).await;
    if effects.loses_response() {
        wire::cut_off()
    } else {
        response
    }
}

async fn json_call(
    account: &Arc<Account>,
    operation: &str,
    counted: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Response {
    if !account.admit(counted) {
        return wire::response(&Err(Refusal::throttled()));
    }
    let effects = effects(account, counted, &body);
    if let Some(refusal) = refused(account, counted, &effects) {
        return wire::response(&Err(refusal));
    }
    let lost = effects.loses_response();
    let delay = effects.response_delay();
    let answered = perform(account, operation, counted, headers, body, effects).await;
    tokio::time::sleep(delay).await;
    if lost {
        wire::cut_off()
    } else {
        wire::response(&answered)
    }
}

async fn perform(
    account: &Arc<Account>,
    operation: &str,
    counted: &str,
    headers: &HeaderMap,
    body: Bytes,
    effects: Effects,
) -> Answered {
    if operation != counted {
        return glue::call(account, operation, &body).await;
    }
    let principal = principal(account, headers);
    let caller = Caller { principal, effects };
    athena::call(account, operation, &body, caller).await
}

fn effects(account: &Account, operation: &str, body: &Bytes) -> Effects {
    let members: Value = match operation {
        START => serde_json::from_slice(body).unwrap_or_default(),
        _ => Value::Null,
    };
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    account.effects(&Call {
        operation,
        sql: text("QueryString"),
        workgroup: text("WorkGroup").or((operation == START).then_some("primary")),
    })
}

fn refused(account: &Account, operation: &str, effects: &Effects) -> Option<Refusal> {
    let refusal = effects.iter().find_map(|effect| match effect {
        Effect::Throttle => Some(Refusal::throttled()),
        Effect::Deny => Some(Refusal::denied()),
        Effect::TooManyQueries => Some(Refusal::too_many_queries()),
        Effect::ServerError { status } => Some(Refusal::new(
            StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            "InternalServerException",
            "An internal error has occurred",
        )),
        _ => None,
    });
    if refusal.is_some() {
        lock(&account.traffic).refused(operation);
    }
    refusal
}

/// What the session is called whose access key signed the call.
fn principal(account: &Account, headers: &HeaderMap) -> Option<String> {
    let principals = lock(&account.principals);
    let session = principals.of(headers)?;
    Some(session.session_name.clone())
}
