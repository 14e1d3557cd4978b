//! Governance admins: members with the role, who act from Weir's own pages, and programs or people
//! with an access token of the identity provider.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest as _, Sha256};
use weir_identity::mapping::Member as Person;
use weir_identity::{AccessTokenError, LoginError, MappingDigest};
use weir_registry::{Actor, Digest, Fact, RequestId, SignIn};

use super::{bearer, is_same_origin, request_id};
use crate::problem::{Problem, Slug};
use crate::reader::Member;
use crate::state::AppState;

/// The role that makes somebody an admin.
const ROLE: &str = "governance_admin";

/// A governance admin. Whoever is not one finds nothing here (attack A1).
#[derive(Debug, Clone)]
pub struct Admin(pub Caller);

/// Who calls, however that is proven.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub person: Arc<Person>,
    /// The session that proves it; `None` for an access token.
    pub session: Option<Digest>,
}

impl Admin {
    /// Whether a member is one. What a page shows may depend on it; what a handler does takes the
    /// proof.
    #[must_use]
    pub fn is(member: &Member) -> bool {
        has_role(&member.person)
    }

    /// The admin as a member: what is bound to a session needs one.
    ///
    /// # Errors
    /// An access token is no session.
    pub fn member(&self) -> Result<Member, Problem> {
        let session = self.0.session;
        Ok(Member {
            person: Arc::clone(&self.0.person),
            session: session.ok_or_else(|| Problem::new(Slug::SignInRequired))?,
        })
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

    /// A request that carries `Authorization` is judged by it alone (failure F53). No page can make
    /// a browser add one, so it is not asked where it comes from.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let caller = if parts.headers.contains_key(AUTHORIZATION) {
            by_access_token(parts, state).await?
        } else {
            by_session(parts, state).await?
        };
        if has_role(&caller.person) {
            Ok(Self(caller))
        } else {
            Err(Problem::new(Slug::NotFound))
        }
    }
}

fn has_role(person: &Person) -> bool {
    let mut roles = person.subject.roles().iter();
    roles.any(|role| role.as_str() == ROLE)
}

async fn by_session(parts: &mut Parts, state: &AppState) -> Result<Caller, Problem> {
    // A cookie comes along with requests of any page; only Weir's own may change something (A5).
    if !parts.method.is_safe() && !is_same_origin(state, &parts.headers) {
        return Err(Problem::new(Slug::OriginNotAllowed));
    }
    let member = Member::from_request_parts(parts, state).await?;
    Ok(Caller {
        person: member.person,
        session: Some(member.session),
    })
}

/// The claims mean what they mean at a sign-in: one mapping, the one in force.
async fn by_access_token(parts: &Parts, state: &AppState) -> Result<Caller, Problem> {
    let invalid = || Problem::new(Slug::AccessTokenInvalid);
    let token = bearer(&parts.headers).map_err(|_| invalid())?;
    let (Some(token), Some(api)) = (token, &state.api) else {
        return Err(invalid());
    };
    let now = state.clock.now();
    let identity = state
        .sign_in
        .providers
        .accept_access_token(token, &api.audience, now)
        .await
        .map_err(refused)?;
    if state.dashboards.gate.has_revoked_person(&identity) {
        return Err(invalid());
    }
    let content = state.dashboards.published.current();
    let person = content.mapping().member(&identity);
    let person = person.map_err(|error| invalid().caused_by(error))?;
    let mapping = content.mapping().digest();
    put_on_record(state, (token, &mapping), &person, request_id(parts)?).await?;
    Ok(Caller {
        person: Arc::new(person),
        session: None,
    })
}

/// A token's first use here is a sign-in, and on record before anything comes of it. Under another
/// mapping the same token may mean somebody else.
async fn put_on_record(
    state: &AppState,
    (token, mapping): (&str, &MappingDigest),
    person: &Person,
    request: RequestId,
) -> Result<(), Problem> {
    let key = Sha256::new().chain_update(mapping.as_bytes());
    let key: [u8; 32] = key.chain_update(token).finalize().into();
    let record = async {
        let facts = vec![signed_in(person)];
        state.dashboards.recorder.facts(&request, facts).await
    };
    let recorded = state.tokens_on_record.try_get_with(key, record).await;
    recorded.map_err(|error| Problem::new(Slug::AuditUnavailable).caused_by(error))
}

/// That somebody signed in, and as what.
#[must_use]
pub fn signed_in(person: &Person) -> Fact {
    Fact::SignIn(SignIn {
        subject: Digest::from(person.subject.identity_digest()),
        business_units: person.subject.business_units().iter().cloned().collect(),
        roles: person.subject.roles().iter().cloned().collect(),
    })
}

fn refused(error: AccessTokenError) -> Problem {
    let slug = match &error {
        AccessTokenError::Provider(cause) if LoginError::is_outage(cause) => {
            Slug::IdentityProviderUnavailable
        }
        _ => Slug::AccessTokenInvalid,
    };
    Problem::new(slug).caused_by(error)
}
