//! Frame tokens: whoever brings one proves that they hold the key it is bound to (RFC 9449). And the
//! one place where a launch token comes with a proof: its exchange for a frame token.

use axum::extract::{FromRequestParts, OriginalUri};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use weir_identity::TokenError;
use weir_identity::{Call, Proof, ProofError, Thumbprint};
use weir_registry::{Denial, Digest, Realm, RequestId};

use super::{authorization, bearer, code, deny, record_if_ours, request_id, slug_of};
use crate::overload::Class;
use crate::problem::{Problem, Slug};
use crate::reader::Viewer;
use crate::state::AppState;

/// Where a proof stands.
const PROOF: HeaderName = HeaderName::from_static("dpop");

/// A frame token and the proof beside it, as a request brought them.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// The token.
    pub token: &'a str,
    /// The proof, where there is exactly one.
    pub proof: Option<&'a str>,
    /// The request's method.
    pub method: &'a str,
    /// Its path as it was sent.
    pub path: &'a str,
    /// What is asked for, where it may be refused before anybody looks at the proof.
    pub work: Option<Class>,
}

impl Viewer {
    /// Verifies a frame token and the proof beside it.
    ///
    /// # Errors
    /// As [`Viewer::verify`] for the token, and `invalid-proof` for everything that is wrong with
    /// the proof. The audit knows what it was, once the token is ours. Where there is too much to do,
    /// the proof is not looked at: checking it is the dearest part of a hot tile.
    pub async fn prove(
        state: &AppState,
        presented: Presented<'_>,
        request: &RequestId,
    ) -> Result<Self, Problem> {
        if state.dashboards.gate.is_blind() {
            return Err(Problem::new(Slug::RegistryUnavailable));
        }
        let now = state.clock.now();
        let frame = match state.verifier.verify_frame(presented.token, now) {
            Ok(frame) => frame,
            Err(error) => {
                not_in_its_place(state, (presented.token, error), request).await?;
                record_if_ours(state, error, request).await?;
                return Err(Problem::new(slug_of(error)).caused_by(error));
            }
        };
        let viewer = Self::of(frame.embed());
        if let Some(class) = presented.work {
            let admission = &state.dashboards.admission;
            admission.foresee(class, viewer.business_unit())?;
        }
        match possession(state, presented, Some(frame.key())) {
            Ok(_) => Ok(viewer),
            Err(error) => Err(unproven(state, &viewer, error, request).await?),
        }
    }
}

/// The viewer that `Authorization` proves: with a launch token as `Bearer`, or with a frame token as
/// `DPoP` and a proof, which nobody looks at where there is no room for their `work`.
pub(super) async fn viewer(
    parts: &Parts,
    state: &AppState,
    work: Option<Class>,
) -> Result<Viewer, Problem> {
    let id = request_id(parts)?;
    let invalid = || Problem::new(Slug::InvalidToken);
    let (scheme, token) = authorization(&parts.headers)?.ok_or_else(invalid)?;
    if scheme.eq_ignore_ascii_case("dpop") {
        let presented = Presented {
            work,
            ..presented(parts, token)
        };
        return Viewer::prove(state, presented, &id).await;
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(invalid());
    }
    let viewer = Viewer::verify(state, token, &id).await?;
    // A proof would make this look bound to a key, which it is not.
    if parts.headers.contains_key(PROOF) {
        return Err(unproven(state, &viewer, ProofError::Misplaced, &id).await?);
    }
    Ok(viewer)
}

/// A launch token that wants to be exchanged, and the key it is to be bound to.
#[derive(Debug, Clone)]
pub struct Launched {
    /// What the launch token proves.
    pub viewer: Viewer,
    /// The frame's key, whose holder made the proof.
    pub key: Thumbprint,
}

impl FromRequestParts<AppState> for Launched {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let id = request_id(parts)?;
        let invalid = || Problem::new(Slug::InvalidToken);
        if let Some((scheme, token)) = authorization(&parts.headers)?
            && scheme.eq_ignore_ascii_case("dpop")
        {
            // What is bound already is not bound again.
            not_in_its_place(state, (token, TokenError::WrongType), &id).await?;
        }
        let token = bearer(&parts.headers)?.ok_or_else(invalid)?;
        let viewer = Viewer::verify(state, token, &id).await?;
        match possession(state, presented(parts, token), None) {
            Ok(key) => Ok(Self { viewer, key }),
            Err(error) => Err(unproven(state, &viewer, error, &id).await?),
        }
    }
}

/// Refuses a good token of the one kind that stands where the other belongs.
///
/// # Errors
/// `invalid-proof`, if that is what is wrong with it.
pub(super) async fn not_in_its_place(
    state: &AppState,
    (token, error): (&str, TokenError),
    request: &RequestId,
) -> Result<(), Problem> {
    if error != TokenError::WrongType {
        return Ok(());
    }
    let now = state.clock.now();
    let frame = state.verifier.verify_frame(token, now);
    let good = frame.map(|frame| Viewer::of(frame.embed()));
    let good = good.or_else(|_| state.verifier.verify(token, now).map(|v| Viewer::of(&v)));
    match good {
        Ok(viewer) => Err(unproven(state, &viewer, ProofError::Misplaced, request).await?),
        Err(_) => Ok(()),
    }
}

/// The key that the proof was made with: the token's, where that has one. A proof counts once.
fn possession(
    state: &AppState,
    presented: Presented<'_>,
    bound_to: Option<&Thumbprint>,
) -> Result<Thumbprint, ProofError> {
    let now = state.clock.now();
    let url = format!("{}{}", state.own_origin(), presented.path);
    let call = Call {
        method: presented.method,
        url: &url,
        token: presented.token,
    };
    let proof = Proof::read(presented.proof.ok_or(ProofError::Missing)?, &call, now)?;
    if bound_to.is_some_and(|key| key != proof.key()) {
        return Err(ProofError::OtherKey);
    }
    // Where a token is to be bound, the token itself is spent: that serves once without remembering.
    if bound_to.is_some() {
        state.proofs.remember(&proof, now)?;
    }
    Ok(*proof.key())
}

/// Puts it on record: the token beside the proof is one of ours.
async fn unproven(
    state: &AppState,
    viewer: &Viewer,
    error: ProofError,
    request: &RequestId,
) -> Result<Problem, Problem> {
    let mut denial = Denial::new(Realm::Embed, code(error.code())?);
    denial.subject = Some(Digest::from(viewer.subject.identity_digest()));
    deny(state, request, denial).await?;
    Ok(Problem::new(Slug::InvalidProof).caused_by(error))
}

fn presented<'a>(parts: &'a Parts, token: &'a str) -> Presented<'a> {
    let original = parts.extensions.get::<OriginalUri>();
    let uri = original.map_or(&parts.uri, |OriginalUri(uri)| uri);
    Presented {
        token,
        proof: proof(&parts.headers),
        method: parts.method.as_str(),
        path: uri.path(),
        work: None,
    }
}

fn proof(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(PROOF).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
