//! The demo host page: Boréal CRM, a product that is not Weir and shows Weir's dashboards.
//!
//! Its back end does what every host does. It knows who is signed in, asks Weir for an embed token
//! with its own credential (`POST /api/v1/embed-tokens`), and hands the answer to the page, where
//! `<weir-dashboard>` launches the frame. The browser never sees the credential, and what the
//! person may see is said here, on the server, not by the page.
//!
//! The state of the page is in its address:
//! `/?persona=analyst-auto&dashboard=finance-overview&locale=fr-CA&theme=dark&tab=analytics`.

mod mint;
mod page;
mod view;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use secrecy::SecretString;
use serde::Deserialize;

use self::mint::Mint;
use self::view::View;
use super::DemoError;
use super::html::{self, Html, Language};
use super::local::{self, LocalUrl};

/// What the CRM needs to know.
#[derive(Debug, Clone)]
pub struct CrmConfig {
    /// Weir's origin, for browsers and for the CRM's own calls.
    pub weir_url: String,
    /// The CRM's own origin, as registered with Weir.
    pub own_origin: String,
    /// Its embed client.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
}

/// The CRM's routes.
///
/// # Errors
/// [`DemoError::NotLocal`] when an origin is not on this machine, [`DemoError::Client`] when the
/// HTTP client cannot be built.
pub fn router(config: CrmConfig) -> Result<Router, DemoError> {
    let weir = LocalUrl::parse("Weir's address in the demo CRM", &config.weir_url)?;
    let own = LocalUrl::parse("the origin of the demo CRM", &config.own_origin)?;
    let authority: Arc<str> = own.authority().into();
    let mint = Mint::new(&weir, &own, config.client_id, config.client_secret)?;
    let crm = Arc::new(Crm {
        weir: weir.origin(),
        own: own.origin(),
        mint,
    });
    Ok(Router::new()
        .route("/", get(customer))
        .route(
            "/crm.css",
            get(async || asset("text/css", include_str!("crm/crm.css"))),
        )
        .route(
            "/crm.js",
            get(async || asset("text/javascript", include_str!("crm/crm.js"))),
        )
        .route(
            "/icon.svg",
            get(async || asset("image/svg+xml", include_str!("crm/icon.svg"))),
        )
        .route("/weir-token", post(mint::token))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .with_state(crm)
        // Weir compares the `Origin` header of the launch, and `no-referrer` would make it `null`.
        .layer(middleware::map_response(async |response: Response| {
            html::harden(response, "strict-origin")
        }))
        .layer(middleware::from_fn_with_state(
            authority,
            local::only_own_host,
        )))
}

struct Crm {
    weir: String,
    own: String,
    mint: Mint,
}

impl Crm {
    fn policy(&self) -> String {
        let weir = &self.weir;
        format!(
            "default-src 'none'; script-src 'self' {weir}; style-src 'self'; img-src 'self'; \
             connect-src 'self'; frame-src {weir}; form-action 'self' {weir}; base-uri 'none'; \
             frame-ancestors 'none'"
        )
    }
}

/// The address of the page. What it does not know is ignored, what is wrong becomes the default.
#[derive(Debug, Default, Deserialize)]
struct Address {
    persona: Option<String>,
    dashboard: Option<String>,
    locale: Option<String>,
    theme: Option<String>,
    tab: Option<String>,
}

async fn customer(
    State(crm): State<Arc<Crm>>,
    address: Result<Query<Address>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let address = address.map(|Query(address)| address).unwrap_or_default();
    let language = Language::choose(address.locale.as_deref(), &headers);
    let view = View::new(&address, language);
    let page: Html = page::render(&crm, &view);
    html::page(StatusCode::OK, &crm.policy(), page)
}

fn asset(kind: &'static str, body: &'static str) -> Response {
    let kind = HeaderValue::from_static(kind);
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}
