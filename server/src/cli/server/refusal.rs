//! Why the server did not do what it was asked.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ApiError {
    /// The server says why (RFC 9457).
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    /// It does not answer.
    #[error("`{0}` does not answer")]
    Silent(String, #[source] reqwest::Error),
    /// It answers something else.
    #[error("`{0}` does not answer as a Weir of this version does")]
    Foreign(String),
}

/// A problem document.
#[derive(Debug, Clone, Deserialize, thiserror::Error)]
pub(in crate::cli) struct Refusal {
    /// The stable name of the problem.
    pub(in crate::cli) code: String,
    title: String,
    detail: String,
    request_id: String,
    #[serde(default)]
    errors: Vec<Place>,
    /// Why files can't be used: file, place and the nearest right word.
    #[serde(default)]
    pub(in crate::cli) findings: Vec<String>,
    /// What else the caller needs to go on.
    #[serde(flatten)]
    pub(in crate::cli) more: Map<String, Value>,
}

/// A part of the request that is wrong.
#[derive(Debug, Clone, Deserialize)]
struct Place {
    pointer: String,
    detail: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.title, self.detail)?;
        for place in &self.errors {
            match place.pointer.as_str() {
                "" => write!(f, " ({})", place.detail)?,
                pointer => write!(f, " ({pointer}: {})", place.detail)?,
            }
        }
        write!(f, " [{}, request {}]", self.code, self.request_id)
    }
}
