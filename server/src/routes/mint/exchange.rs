//! `POST /api/v1/embed-tokens/exchange` (RFC 8693): a CRM back end hands in its user's own token, and
//! the identity provider's claims say who is looking, not the host.

use axum::body::Bytes;
use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::json;
use tracing::Instrument as _;
use utoipa::ToSchema;
use weir_identity::clients::exchange::ISSUED_TOKEN_TYPE;
use weir_identity::{
    AccessTokenError, EmbedClient, EmbedGrant, ExchangeRequest, IdentityClaims, LoginError, Member,
    MintRefusal,
};
use weir_policy::{Subject, opened_by_forgetting};
use weir_registry::{Exchange, Label, RequestId};

use super::issue::{forbidden, issue, refused};
use crate::guard::{self, Service};
use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// The answer (RFC 8693 §2.2.1), and where the dashboard opens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExchangeAnswer {
    /// The embed token.
    access_token: String,
    /// Always `urn:ietf:params:oauth:token-type:jwt`.
    issued_token_type: &'static str,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds, at most 300.
    expires_in: i64,
    /// Opens the dashboard once, within a minute.
    launch_url: String,
}

/// What a client hands in, as [`ExchangeRequest::from_form`] reads it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape alone, for the description")]
struct ExchangeWish {
    /// `urn:ietf:params:oauth:grant-type:token-exchange`.
    grant_type: String,
    /// The person's token, made for an audience of the client's registration.
    subject_token: String,
    /// `urn:ietf:params:oauth:token-type:id_token` or `urn:ietf:params:oauth:token-type:access_token`.
    subject_token_type: String,
    /// `urn:ietf:params:oauth:token-type:jwt`, if anything.
    requested_token_type: Option<String>,
    /// The dashboard to show.
    dashboard: String,
    /// The origin of the page that embeds.
    origin: String,
    /// `en-CA` or `fr-CA`; the person's own where absent.
    locale: Option<String>,
    /// Filters the viewer can't change, as a JSON object.
    parameters: Option<String>,
    /// What the viewer may do besides looking, with blanks between.
    rights: Option<String>,
    /// Seconds, at most 300.
    expires_in: Option<i64>,
}

/// Exchanges a person's token for an embed token.
///
/// # Errors
/// A token that is not accepted (400), a field that can't be used (422), or that the client's
/// registration does not allow (403). `error` says the same in the words of RFC 6749.
#[utoipa::path(
    post, path = "/api/v1/embed-tokens/exchange", tag = "embed",
    summary = "Exchange a person's token for an embed token",
    request_body(content = ExchangeWish, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = ExchangeAnswer)),
)]
pub(crate) async fn exchange(
    State(state): State<AppState>,
    Service(client): Service,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ExchangeAnswer>, Problem> {
    let span = super::span(&headers);
    let exchanged = exchanged(&state, &client, &request, &headers, &body);
    exchanged.instrument(span).await
}

async fn exchanged(
    state: &AppState,
    client: &EmbedClient,
    request: &RequestId,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Json<ExchangeAnswer>, Problem> {
    if !is_form(headers) {
        return Err(Problem::new(Slug::UnsupportedMediaType));
    }
    let wish = ExchangeRequest::from_form(body).map_err(|refusal| worded(refused(&refusal)))?;
    let person = match person(state, client, &wish).await {
        Ok(person) => person,
        Err(NotExchanged::Forbidden(refusal)) => {
            return Err(worded(forbidden(state, client, &refusal, request).await));
        }
        Err(NotExchanged::Token(code, problem)) => {
            guard::deny_client(state, client, code, request).await?;
            return Err(worded(problem));
        }
        Err(NotExchanged::Problem(problem)) => return Err(problem),
    };
    let grant = match client.exchange(&wish, &person) {
        Ok(grant) => grant,
        Err(refusal) => {
            return Err(worded(forbidden(state, client, &refusal, request).await));
        }
    };
    if opens_more(state, &grant, &person) {
        guard::deny_client(state, client, "narrowing_would_open", request).await?;
        let problem = Problem::new(Slug::MintForbidden);
        return Err(worded(problem.at("/subject_token", WOULD_OPEN)));
    }
    let label = |text: &str| {
        Label::parse(text).map_err(|error| Problem::new(Slug::Internal).caused_by(error))
    };
    let exchange = Exchange {
        issuer: label(person.subject.issuer())?,
        token: label(wish.kind.as_str())?,
    };
    let issued = issue(state, grant, Some(exchange), request).await;
    let issued = issued.map_err(worded)?;
    Ok(Json(ExchangeAnswer {
        access_token: issued.token,
        issued_token_type: ISSUED_TOKEN_TYPE,
        token_type: "Bearer",
        expires_in: issued.expires_in,
        launch_url: issued.launch_url,
    }))
}

/// What is refused where leaving claims out would not narrow.
const WOULD_OPEN: &str = "policies keep this person back by a role, unit or attribute that the \
    registration leaves out: allow it for exchange";

/// Whether the person might see more with the claims that are left than with all they have: rules
/// that keep people back must hold for whom they are meant (attack E14).
fn opens_more(state: &AppState, grant: &EmbedGrant, person: &Member) -> bool {
    let content = state.dashboards.published.current();
    let held = &person.subject;
    let kept = Subject::new(held.issuer(), held.id())
        .with_roles(grant.roles.iter().cloned())
        .with_business_units(grant.business_units.iter().cloned());
    let attributes = grant.attributes.iter();
    let kept = attributes.fold(kept, |kept, (name, values)| {
        kept.with_attribute(name.clone(), values.iter().cloned())
    });
    let dashboard = content.dashboard(grant.dashboard.as_str());
    let mut datasets = dashboard.iter().flat_map(|dashboard| dashboard.datasets());
    datasets.any(|dataset| {
        opened_by_forgetting(content.policies(), dataset.schema(), held, &kept).is_some()
    })
}

/// Why nobody comes out of a token.
enum NotExchanged {
    /// The registration does not allow it.
    Forbidden(MintRefusal),
    /// The token is not accepted; the code is for the record.
    Token(&'static str, Problem),
    /// It can't be said now.
    Problem(Problem),
}

/// Who the token is about: the claims mean what they mean at a sign-in, by the mapping in force.
async fn person(
    state: &AppState,
    client: &EmbedClient,
    wish: &ExchangeRequest,
) -> Result<Member, NotExchanged> {
    let rules = client.exchange_rules().map_err(NotExchanged::Forbidden)?;
    let audiences: Vec<&str> = rules.audiences.iter().map(String::as_str).collect();
    let token = wish.subject_token.expose_secret();
    let accepted = state
        .sign_in
        .providers
        .accept_subject_token(wish.kind, token, &audiences, state.clock.now())
        .await;
    let identity = accepted.map_err(not_accepted)?;
    check_delegation(&identity)?;
    if state.dashboards.gate.has_revoked_person(&identity) {
        let problem = Problem::new(Slug::SubjectTokenInvalid);
        let problem = problem.at("/subject_token", "it was taken back: sign in again");
        return Err(NotExchanged::Token("revoked", problem));
    }
    let published = &state.dashboards.published;
    // What the claims mean may be out of date by then.
    if published.is_closed() {
        return Err(NotExchanged::Problem(Problem::new(
            Slug::RegistryUnavailable,
        )));
    }
    let person = published.current().mapping().member(&identity);
    person.map_err(|error| {
        let problem = Problem::new(Slug::SubjectTokenInvalid);
        let problem = problem.at("/subject_token", error.to_string());
        NotExchanged::Token(error.code(), problem.caused_by(error))
    })
}

fn not_accepted(error: AccessTokenError) -> NotExchanged {
    match &error {
        AccessTokenError::Flaw(flaw) => {
            let problem = Problem::new(Slug::SubjectTokenInvalid);
            let problem = problem.at("/subject_token", flaw.to_string());
            NotExchanged::Token(flaw.code(), problem.caused_by(*flaw))
        }
        AccessTokenError::Provider(cause) if LoginError::is_outage(cause) => {
            let problem = Problem::new(Slug::IdentityProviderUnavailable);
            NotExchanged::Problem(problem.caused_by(error))
        }
        AccessTokenError::Provider(_) => {
            NotExchanged::Problem(Problem::new(Slug::SubjectTokenInvalid).caused_by(error))
        }
    }
}

/// Somebody who acts for somebody else, and a program that acts for itself, are no viewers: RFC 8693
/// §4.1 nests actors without end, and none of them is the person before the screen.
fn check_delegation(identity: &IdentityClaims) -> Result<(), NotExchanged> {
    let claims = identity.claims();
    let delegated = ["act", "may_act"]
        .iter()
        .any(|name| claims.contains_key(*name));
    let client = claims.get("client_id").and_then(serde_json::Value::as_str);
    let (code, why) = if delegated {
        (
            "delegated",
            "a token that somebody acts with for somebody else is not exchanged",
        )
    } else if client == Some(identity.subject()) {
        ("no_person", "a program's own token is not exchanged")
    } else {
        return Ok(());
    };
    let problem = Problem::new(Slug::SubjectTokenInvalid).at("/subject_token", why);
    Err(NotExchanged::Token(code, problem))
}

/// The error in the words of RFC 6749 §5.2, which `OAuth` libraries look for.
fn worded(problem: Problem) -> Problem {
    let error = match problem.slug() {
        Slug::MintForbidden => "unauthorized_client",
        Slug::MintInvalid | Slug::SubjectTokenInvalid => "invalid_request",
        _ => return problem,
    };
    problem.with(json!({ "error": error }))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| {
        kind.trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}
