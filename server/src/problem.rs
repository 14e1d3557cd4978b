//! What a caller is told when something can't be done (RFC 9457): a stable slug, a human sentence
//! in the reader's language, a request id, and nothing internal (invariant 12).
//!
//! Handlers return a [`Problem`]; the outermost layer turns it into JSON or a page, logs it once
//! with its causes, and adds the request id.

mod catalog;
pub mod render;

use std::error::Error;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;
use weir_frontend::model::Theme;
use weir_query::Locale;

pub use self::catalog::Slug;

/// One refusal or failure on its way out.
#[derive(Debug, Clone)]
pub struct Problem {
    slug: Slug,
    pointer: Option<String>,
    detail: Option<String>,
    extra: Option<Value>,
    manner: Option<(Option<Locale>, Theme)>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem of one kind.
    #[must_use]
    pub fn new(slug: Slug) -> Self {
        Self {
            slug,
            pointer: None,
            detail: None,
            extra: None,
            manner: None,
            cause: None,
        }
    }

    /// Names the part of the request that is wrong: an RFC 6901 pointer and a sentence for the
    /// developer who wrote it. Neither may repeat what the request said.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self.detail = Some(detail.into());
        self
    }

    /// Adds what the caller needs to go on (RFC 9457 §3.2): the members of a JSON object. Said
    /// twice, both are kept.
    #[must_use]
    pub fn with(mut self, members: Value) -> Self {
        match (&mut self.extra, members) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more),
            (extra, members) => *extra = Some(members),
        }
        self
    }

    /// Says it in the language and colours that a launch asked for, where it is said as a page.
    #[must_use]
    pub fn shown_in(mut self, manner: (Option<Locale>, Theme)) -> Self {
        self.manner = Some(manner);
        self
    }

    /// Keeps the cause for the log; it never leaves the server.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// Its kind.
    #[must_use]
    pub fn slug(&self) -> Slug {
        self.slug
    }
}

impl IntoResponse for Problem {
    /// An empty response that carries the problem to [`render`].
    fn into_response(self) -> Response {
        let mut response = self.slug.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<crate::service::recorder::NotRecorded> for Problem {
    fn from(cause: crate::service::recorder::NotRecorded) -> Self {
        Self::new(Slug::AuditUnavailable).caused_by(cause)
    }
}

impl From<weir_registry::StoreError> for Problem {
    fn from(cause: weir_registry::StoreError) -> Self {
        Self::new(Slug::RegistryUnavailable).caused_by(cause)
    }
}

impl From<crate::service::costs::FetchError> for Problem {
    fn from(error: crate::service::costs::FetchError) -> Self {
        use crate::service::costs::FetchError;
        let slug = match &error {
            FetchError::OverBudget(_) => Slug::BudgetSpent,
            FetchError::Unaccounted(_) => Slug::RegistryUnavailable,
            FetchError::NoPlace(overloaded) => return (*overloaded).into(),
            FetchError::Engine(_) | FetchError::BrokenOff => Slug::EngineUnavailable,
        };
        Self::new(slug).caused_by(error)
    }
}

impl From<crate::overload::Overloaded> for Problem {
    fn from(overloaded: crate::overload::Overloaded) -> Self {
        let seconds = overloaded.retry_after;
        Self::new(Slug::Overloaded).with(serde_json::json!({ "retry_after": seconds }))
    }
}

impl From<crate::service::gate::Shut> for Problem {
    fn from(shut: crate::service::gate::Shut) -> Self {
        use crate::service::gate::Shut;
        Self::new(match shut {
            Shut::Revoked => Slug::AccessRevoked,
            Shut::Locked => Slug::LockedDown,
            Shut::Blind => Slug::RegistryUnavailable,
        })
    }
}

impl From<crate::service::gate::GateError> for Problem {
    fn from(error: crate::service::gate::GateError) -> Self {
        use crate::service::gate::GateError;
        use weir_registry::AccessError;
        match error {
            GateError::Access(AccessError::Text(error)) => {
                Self::new(Slug::InvalidParameter).at("/reason", error.to_string())
            }
            GateError::Access(AccessError::Audit(_)) => {
                Self::new(Slug::AuditUnavailable).caused_by(error)
            }
            other => Self::new(Slug::RegistryUnavailable).caused_by(other),
        }
    }
}

impl From<crate::service::revoke_wish::Meaningless> for Problem {
    fn from(wish: crate::service::revoke_wish::Meaningless) -> Self {
        Self::new(Slug::InvalidParameter).at(wish.pointer, wish.expected)
    }
}

impl From<weir_query::BindError> for Problem {
    fn from(error: weir_query::BindError) -> Self {
        Self::new(Slug::InvalidParameter).at("", error.to_string())
    }
}

/// An error and all its causes, for a log or for whoever can mend it.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}

/// What a status that no handler chose is called.
fn slug_of(status: StatusCode) -> Slug {
    match status {
        StatusCode::NOT_FOUND => Slug::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Slug::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Slug::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Slug::UnsupportedMediaType,
        StatusCode::URI_TOO_LONG => Slug::UriTooLong,
        status if status.is_client_error() => Slug::InvalidRequest,
        _ => Slug::Internal,
    }
}
