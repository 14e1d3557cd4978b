//! The outermost layer: problems become JSON for programs and pages for people.

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use weir_frontend::model::{LinkVm, NextStep, NoticeVm, ProblemVm, Theme};
use weir_query::Locale;
use weir_registry::RequestId;

use super::{Problem, Slug, slug_of, with_causes};
use crate::document::{Nonce, Realm, document, page_locale};
use crate::locale::requested_locale;
use crate::state::AppState;

/// How the caller wants to be told.
struct Audience {
    locale: Locale,
    embedded: bool,
    /// Inside a frame of the governance portal.
    preview: bool,
    page: bool,
}

impl Audience {
    fn of(request: &Request) -> Self {
        let accept = request
            .headers()
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok());
        let path = request.uri().path();
        Self {
            locale: requested_locale(request),
            embedded: path.starts_with("/embed/"),
            preview: path.starts_with("/admin/preview/"),
            page: accept.is_some_and(|accept| accept.contains("text/html")),
        }
    }
}

/// Renders the [`Problem`] that a handler returned, and gives every other error status one.
pub async fn problems(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let audience = Audience::of(&request);
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    let problem = response.extensions().get::<Problem>().cloned();
    let bare = (status.is_client_error() || status.is_server_error()) && !is_document(&response);
    match problem {
        Some(problem) => render(&state, &problem, &audience, id.as_ref(), &response),
        None if bare => {
            let problem = Problem::new(slug_of(status));
            render(&state, &problem, &audience, id.as_ref(), &response)
        }
        None => response,
    }
}

/// Whether a handler already said it in its own words: the sign-in page, the readiness report.
fn is_document(response: &Response) -> bool {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html") || kind == "application/json")
}

fn render(
    state: &AppState,
    problem: &Problem,
    audience: &Audience,
    id: Option<&RequestId>,
    original: &Response,
) -> Response {
    let id = id.map_or("", RequestId::as_str);
    log(problem, id);
    let problems = &state.telemetry.metrics().problems;
    problems.add([problem.slug.as_str().into()], 1);
    let mut response = if audience.page {
        page(state, problem, audience, id)
    } else {
        json_document(problem, audience.locale, id)
    };
    // An `Allow` or `Set-Cookie` that the handler decided on stays.
    for (name, value) in original.headers() {
        if name != CONTENT_TYPE && name != http::header::CONTENT_LENGTH {
            response.headers_mut().append(name, value.clone());
        }
    }
    decorate(problem.slug, response.headers_mut());
    if let Some(seconds) = retry_after(problem) {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// How many seconds the caller is asked to wait.
fn retry_after(problem: &Problem) -> Option<u64> {
    problem.extra.as_ref()?.get("retry_after")?.as_u64()
}

/// Once, where it is handled, with the whole chain of causes.
pub(crate) fn log(problem: &Problem, id: &str) {
    let slug = problem.slug.as_str();
    let cause = problem
        .cause
        .as_ref()
        .map(|cause| with_causes(cause.as_ref()));
    if problem.slug == Slug::Overloaded {
        // It is counted. A line for each would be more work for a machine that has too much.
        return tracing::debug!(problem = slug, request_id = id, "refused");
    }
    match (problem.slug.status().is_server_error(), cause) {
        (true, cause) => tracing::error!(problem = slug, request_id = id, cause, "request failed"),
        (false, cause) => tracing::info!(problem = slug, request_id = id, cause, "refused"),
    }
}

/// What a refusal or failure says (RFC 9457 §3).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// Where this kind of problem is explained.
    r#type: String,
    /// The kind, in a few words of the caller's language.
    title: String,
    /// The status of the response.
    status: u16,
    /// The kind, for programs.
    code: String,
    /// What happened and what to do, in the caller's language.
    detail: String,
    /// The id under which the server's log has it.
    request_id: String,
    /// The parts of the request that are wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FaultDocument>>,
    /// What the caller needs to go on.
    #[serde(flatten)]
    #[schema(value_type = Option<Object>)]
    more: Option<Value>,
}

/// A part of a request that is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fault)]
struct FaultDocument {
    /// Where it is in the body, or the parameter's name (RFC 6901).
    pointer: String,
    /// What was expected.
    detail: String,
}

fn json_document(problem: &Problem, locale: Locale, id: &str) -> Response {
    let slug = problem.slug;
    let fault = problem.pointer.as_ref().zip(problem.detail.as_ref());
    let body = ProblemDocument {
        r#type: format!("/problems/{}", slug.as_str()),
        title: slug.title(locale).to_owned(),
        status: slug.status().as_u16(),
        code: slug.as_str().to_owned(),
        detail: slug.sentence(locale).to_owned(),
        request_id: id.to_owned(),
        errors: fault.map(|(pointer, detail)| {
            vec![FaultDocument {
                pointer: pointer.clone(),
                detail: detail.clone(),
            }]
        }),
        more: problem.extra.as_ref().map(without_our_own),
    };
    let json = HeaderValue::from_static("application/problem+json");
    (slug.status(), [(CONTENT_TYPE, json)], Json(body)).into_response()
}

/// The members that a problem adds; none of them may take the place of one that every problem has.
fn without_our_own(extra: &Value) -> Value {
    let ours = [
        "type",
        "title",
        "status",
        "code",
        "detail",
        "request_id",
        "errors",
    ];
    match extra {
        Value::Object(members) => {
            let added = members
                .iter()
                .filter(|(name, _)| !ours.contains(&name.as_str()));
            added
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        }
        other => other.clone(),
    }
}

fn page(state: &AppState, problem: &Problem, audience: &Audience, id: &str) -> Response {
    let nonce = Nonce::fresh();
    // What a launch asked for counts more than what the browser prefers.
    let (asked, theme) = problem.manner.unwrap_or((None, Theme::System));
    let spoken = asked.unwrap_or(audience.locale);
    let (locale, request_id) = (page_locale(spoken), id.to_owned());
    let title = problem.slug.title(spoken).to_owned();
    let sentence = problem.slug.sentence(spoken).to_owned();
    let html = if audience.embedded {
        weir_frontend::pages::embed_notice(&NoticeVm {
            locale,
            theme,
            nonce: nonce.to_string(),
            code: problem.slug.as_str().to_owned(),
            title,
            sentence,
            next: next_step(problem.slug),
            request_id,
        })
    } else {
        weir_frontend::pages::problem(&ProblemVm {
            locale,
            theme,
            nonce: nonce.to_string(),
            framed: audience.preview,
            title,
            sentence,
            request_id,
            action: action(problem.slug, audience),
        })
    };
    // A refusal shows nothing of anybody, so every registered host may frame it: a host that sends
    // an expired token sees why, instead of a blank frame.
    let realm = if audience.embedded {
        Realm::EmbedNotice(state.host_origins())
    } else if audience.preview {
        Realm::Preview
    } else {
        Realm::Member
    };
    let mut response = document(html, &nonce, &realm);
    *response.status_mut() = problem.slug.status();
    response
}

/// How a frame with this problem becomes a dashboard again (F64).
fn next_step(slug: Slug) -> NextStep {
    let name = slug.as_str();
    let asks = matches!(name, "session-ended" | "access-revoked");
    match name {
        // A reloaded frame, a code that was opened twice: the host page simply launches again.
        "invalid-token" | "invalid-proof" | "code-spent" => NextStep::Now,
        "locked-down" => NextStep::Later,
        _ if asks || slug.status().is_server_error() => NextStep::Button,
        _ => NextStep::Nothing,
    }
}

fn action(slug: Slug, audience: &Audience) -> Option<LinkVm> {
    let (label, href) = match (slug, audience.locale) {
        _ if audience.embedded || audience.preview => return None,
        (Slug::SignInRequired | Slug::SignInFailed, Locale::EnCa) => ("Sign in", "/login"),
        (Slug::SignInRequired | Slug::SignInFailed, Locale::FrCa) => ("Se connecter", "/login"),
        (Slug::PreviewEnded, Locale::EnCa) => ("Begin another one", "/admin/view-as"),
        (Slug::PreviewEnded, Locale::FrCa) => ("En commencer un autre", "/admin/view-as"),
        (Slug::NotFound | Slug::LockedDown, Locale::EnCa) => ("All dashboards", "/"),
        (Slug::NotFound | Slug::LockedDown, Locale::FrCa) => ("Tous les tableaux de bord", "/"),
        _ => return None,
    };
    Some(LinkVm {
        label: label.to_owned(),
        href: href.to_owned(),
    })
}

/// Adds the headers that a kind of problem has.
pub(crate) fn decorate(slug: Slug, headers: &mut http::HeaderMap) {
    match slug {
        // RFC 6750 §3.1: the reason stays inside.
        Slug::InvalidToken | Slug::AccessRevoked | Slug::AccessTokenInvalid => {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        // RFC 9449 §7.1.
        Slug::InvalidProof => {
            let challenge = "DPoP error=\"invalid_dpop_proof\", algs=\"ES256\"";
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        Slug::SessionEnded => {
            let challenge = "DPoP error=\"invalid_token\", algs=\"ES256\"";
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        Slug::ClientUnauthorized => {
            let challenge = HeaderValue::from_static("Basic realm=\"weir\", charset=\"UTF-8\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        _ if slug.status() == StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        _ => {}
    }
}
