//! Who may revoke: an admin anything, a registered client what it asked for itself.

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::{Admin, Service};
use crate::problem::Problem;
use crate::state::AppState;

/// An admin or a client, by the credential they brought.
#[derive(Debug, Clone)]
pub enum Revoker {
    /// A session or an access token.
    Admin(Admin),
    /// A client's own credential.
    Service(Service),
}

impl FromRequestParts<AppState> for Revoker {
    type Rejection = Problem;

    /// Judged by the one credential in `Authorization`, if there is any (failure F53).
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let credential = parts.headers.get(AUTHORIZATION);
        let scheme = credential.map(|value| value.as_bytes().get(..6));
        if scheme.is_some_and(|scheme| scheme.is_some_and(|s| s.eq_ignore_ascii_case(b"basic "))) {
            return Service::from_request_parts(parts, state)
                .await
                .map(Self::Service);
        }
        Admin::from_request_parts(parts, state)
            .await
            .map(Self::Admin)
    }
}
