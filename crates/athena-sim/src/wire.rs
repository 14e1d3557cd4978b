//! The JSON 1.1 protocol: what comes in, what goes out, and how a call is refused.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The answer to a call, before it is written.
pub(crate) type Answered = Result<Value, Refusal>;

/// Why a call is refused: an exception of the service's model, or one that every service may throw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
    extra: Map<String, Value>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: message.into(),
            extra: Map::new(),
        }
    }

    /// `InvalidRequestException`, as Athena refuses what it understands and can't do.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::BAD_REQUEST, "InvalidRequestException", message);
        refusal.with("AthenaErrorCode", "INVALID_INPUT")
    }

    /// A value that the service's model does not allow.
    pub(crate) fn constraint(member: &str, what: &str) -> Self {
        Self::invalid(format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: {what}"
        ))
    }

    /// Too many calls a second. It is in no service's model, and every service throws it.
    pub(crate) fn throttled() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "ThrottlingException",
            "Rate exceeded",
        )
    }

    /// The caller may not. It is in no service's model either.
    pub(crate) fn denied() -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self::new(status, "AccessDeniedException", "You are not authorized.")
    }

    /// Too many queries at once.
    pub(crate) fn too_many_queries() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "TooManyRequestsException",
            "You have exceeded the limit for the number of queries you can run concurrently. \
             Please reduce the number of concurrent queries submitted by this account.",
        )
        .with("Reason", "CONCURRENT_QUERY_LIMIT_EXCEEDED")
    }

    /// What Glue says of a table or database that is not there.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "EntityNotFoundException", message)
    }

    /// What Athena says of one.
    pub(crate) fn metadata(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MetadataException", message)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    fn body(&self) -> Value {
        let mut body = self.extra.clone();
        body.insert("__type".to_owned(), self.kind.into());
        // Athena's shapes spell it `Message`; exceptions that every service throws, `message`.
        body.insert("Message".to_owned(), self.message.clone().into());
        body.insert("message".to_owned(), self.message.clone().into());
        Value::Object(body)
    }
}

/// The members of a call.
pub(crate) fn members<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "SerializationException",
            error.to_string(),
        )
    })
}

/// What `value` serializes to.
pub(crate) fn answer(value: impl Serialize) -> Answered {
    serde_json::to_value(value).map_err(|error| {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerException",
            error.to_string(),
        )
    })
}

/// An answer that says nothing.
pub(crate) fn nothing() -> Value {
    json!({})
}

/// The answer as the client gets it.
pub(crate) fn response(answered: &Answered) -> Response {
    let (status, body) = match answered {
        Ok(body) => (StatusCode::OK, body.to_string()),
        Err(refusal) => (refusal.status, refusal.body().to_string()),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/x-amz-json-1.1");
    headers.insert(header::CONTENT_TYPE, json);
    if let Ok(id) = HeaderValue::from_str(&Uuid::now_v7().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// A connection that breaks off instead of answering.
pub(crate) fn cut_off() -> Response {
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let body = futures::stream::once(async move { Err::<Bytes, _>(broken) });
    Response::new(Body::from_stream(body))
}
