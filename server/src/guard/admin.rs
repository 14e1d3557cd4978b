//! Governance admins: members with the role, who act from Weir's own pages.

use axum::extract::FromRequestParts;
use http::request::Parts;
use weir_registry::Actor;

use super::is_same_origin;
use crate::problem::{Problem, Slug};
use crate::reader::Member;
use crate::state::AppState;

/// The role that makes a member an admin.
const ROLE: &str = "governance_admin";

/// A governance admin. Whoever is not one finds nothing here (attack A1).
#[derive(Debug, Clone)]
pub struct Admin(pub Member);

impl Admin {
    /// Whether a member is one. What a page shows may depend on it; what a handler does takes the
    /// proof.
    #[must_use]
    pub fn is(member: &Member) -> bool {
        let mut roles = member.person.subject.roles().iter();
        roles.any(|role| role.as_str() == ROLE)
    }

    /// The admin as the registry keeps them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let person = &self.0.person;
        Actor {
            issuer: person.subject.issuer().to_owned(),
            sub: person.subject.id().to_owned(),
            name: person.display_name.clone(),
        }
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        // A cookie comes along with requests of any page; only Weir's own may change something (A5).
        if !parts.method.is_safe() && !is_same_origin(state, &parts.headers) {
            return Err(Problem::new(Slug::OriginNotAllowed));
        }
        let member = Member::from_request_parts(parts, state).await?;
        if Self::is(&member) {
            Ok(Self(member))
        } else {
            Err(Problem::new(Slug::NotFound))
        }
    }
}
