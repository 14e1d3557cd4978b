//! The outermost layer: problems become JSON for programs and pages for people.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;
use weir_frontend::model::{LinkVm, NoticeKind, NoticeVm, ProblemVm, Theme};
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
    response
}

/// Once, where it is handled, with the whole chain of causes.
fn log(problem: &Problem, id: &str) {
    let slug = problem.slug.as_str();
    let cause = problem
        .cause
        .as_ref()
        .map(|cause| with_causes(cause.as_ref()));
    match (problem.slug.status().is_server_error(), cause) {
        (true, cause) => tracing::error!(problem = slug, request_id = id, cause, "request failed"),
        (false, cause) => tracing::info!(problem = slug, request_id = id, cause, "refused"),
    }
}

/// RFC 9457 §3.
fn json_document(problem: &Problem, locale: Locale, id: &str) -> Response {
    let slug = problem.slug;
    let mut body = json!({
        "type": format!("/problems/{}", slug.as_str()),
        "title": slug.title(locale),
        "status": slug.status().as_u16(),
        "code": slug.as_str(),
        "detail": slug.sentence(locale),
        "request_id": id,
    });
    if let (Some(pointer), Some(detail), Some(object)) =
        (&problem.pointer, &problem.detail, body.as_object_mut())
    {
        object.insert(
            "errors".to_owned(),
            json!([{ "pointer": pointer, "detail": detail }]),
        );
    }
    if let (Some(serde_json::Value::Object(extra)), Some(object)) =
        (&problem.extra, body.as_object_mut())
    {
        for (name, value) in extra {
            object.entry(name).or_insert_with(|| value.clone());
        }
    }
    let json = HeaderValue::from_static("application/problem+json");
    (
        slug.status(),
        [(CONTENT_TYPE, json)],
        Body::from(body.to_string()),
    )
        .into_response()
}

fn page(state: &AppState, problem: &Problem, audience: &Audience, id: &str) -> Response {
    let nonce = Nonce::fresh();
    let locale = page_locale(audience.locale);
    let notice = match problem.slug {
        Slug::InvalidToken if audience.embedded => Some(NoticeKind::Expired),
        Slug::CodeSpent => Some(NoticeKind::CodeUsed),
        _ => None,
    };
    let (theme, request_id) = (Theme::System, id.to_owned());
    let html = match notice {
        Some(kind) => weir_frontend::pages::embed_notice(&NoticeVm {
            locale,
            theme,
            nonce: nonce.to_string(),
            kind,
            request_id,
        }),
        None => weir_frontend::pages::problem(&ProblemVm {
            locale,
            theme,
            nonce: nonce.to_string(),
            embedded: audience.embedded,
            title: problem.slug.title(audience.locale).to_owned(),
            sentence: problem.slug.sentence(audience.locale).to_owned(),
            request_id,
            action: action(problem.slug, audience),
        }),
    };
    // A refusal shows nothing of anybody, so every registered host may frame it: a host that sends
    // an expired token sees why, instead of a blank frame.
    let realm = if audience.embedded {
        Realm::EmbedNotice(state.host_origins())
    } else {
        Realm::Member
    };
    let mut response = document(html, &nonce, &realm);
    *response.status_mut() = problem.slug.status();
    response
}

fn action(slug: Slug, audience: &Audience) -> Option<LinkVm> {
    let (label, href) = match (slug, audience.locale) {
        _ if audience.embedded => return None,
        (Slug::SignInRequired | Slug::SignInFailed, Locale::EnCa) => ("Sign in", "/login"),
        (Slug::SignInRequired | Slug::SignInFailed, Locale::FrCa) => ("Se connecter", "/login"),
        (Slug::NotFound, Locale::EnCa) => ("All dashboards", "/"),
        (Slug::NotFound, Locale::FrCa) => ("Tous les tableaux de bord", "/"),
        _ => return None,
    };
    Some(LinkVm {
        label: label.to_owned(),
        href: href.to_owned(),
    })
}

fn decorate(slug: Slug, headers: &mut http::HeaderMap) {
    match slug {
        // RFC 6750 §3.1: the reason stays inside.
        Slug::InvalidToken | Slug::AccessTokenInvalid => {
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
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
