//! The demo identity provider: `OpenID` Connect with the code flow, PKCE and signed ID tokens.
//!
//! It knows the twelve personas and asks for no password: whoever opens the page picks who to be.
//! Everything else is as strict as a provider should be. `S256` is required and verified, a code lives
//! 60 s, works once, and only for the client and the exact redirect address it was made for; using it
//! twice also ends the access token it gave. It keeps no session of its own, so every sign-in asks.
//!
//! For Weir's API it gives signed access tokens (RFC 9068): to a program with a secret of its own
//! (client credentials), and to a program in a terminal after somebody picked who to be on the page
//! `/device` (RFC 8628).
//!
//! Refresh tokens work once each and live a day. On the page `/sign-out` somebody is signed out
//! everywhere: nothing newer is said of them, and every client is told (OIDC Back-Channel Logout).

mod authorize;
mod back_channel;
mod client;
mod device;
mod grants;
mod logout;
mod params;
mod picker;
mod signing;
mod token;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use secrecy::SecretString;

use self::grants::Grants;
use self::signing::Signer;
use super::html::{self, Html, Language};
use super::local::{self, LocalUrl};
use super::{Clock, DemoError};

/// What the provider needs to know.
#[derive(Debug, Clone)]
pub struct IdpConfig {
    /// Its own origin, e.g. `http://127.0.0.1:8082`; the issuer has no slash at the end.
    pub issuer: String,
    /// The registered clients.
    pub clients: Vec<IdpClient>,
    /// What access tokens for Weir's API are for (`aud`).
    pub api_audience: String,
    /// Where the time comes from.
    pub clock: Clock,
}

/// A registered relying party.
#[derive(Debug, Clone)]
pub struct IdpClient {
    /// Its `client_id`.
    pub id: String,
    /// Its secret; without one it is a public client and must not send any.
    pub secret: Option<SecretString>,
    /// Where codes may be sent, compared character by character.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after logout, compared character by character.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it is told that somebody is signed out, if it wants to know.
    pub backchannel_logout_uri: Option<String>,
    /// How it gets access tokens for Weir's API, if at all.
    pub api: ApiAccess,
}

/// How a client gets access tokens for Weir's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiAccess {
    /// Not at all.
    None,
    /// As itself, by its secret; it holds these roles.
    AsItself(&'static [&'static str]),
    /// For a persona who is picked on the page `/device`.
    ForAPersona,
}

/// The provider's routes.
///
/// # Errors
/// [`DemoError::NotLocal`] when the issuer or a redirect address is not on this machine,
/// [`DemoError::SigningKey`] when no key could be made.
pub fn router(config: IdpConfig) -> Result<Router, DemoError> {
    let issuer = LocalUrl::parse("the issuer of the demo identity provider", &config.issuer)?;
    for client in &config.clients {
        for uri in client
            .redirect_uris
            .iter()
            .chain(&client.post_logout_redirect_uris)
            .chain(&client.backchannel_logout_uri)
        {
            LocalUrl::parse("a redirect address of the demo identity provider", uri)?;
        }
    }
    let authority: Arc<str> = issuer.authority().into();
    let signer = Signer::generate(&issuer.origin())?;
    let provider = Arc::new(Provider {
        issuer,
        clients: config.clients,
        api_audience: config.api_audience,
        clock: config.clock,
        signer,
        grants: Mutex::default(),
        http: back_channel::client()?,
    });
    Ok(Router::new()
        .route("/", get(home))
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/authorize", get(authorize::ask).post(authorize::answer))
        .route("/token", post(token::redeem))
        .route("/device_authorization", post(device::begin))
        .route("/device", get(device::ask).post(device::answer))
        .route("/userinfo", get(token::userinfo).post(token::userinfo))
        .route("/logout", get(logout::by_link).post(logout::by_form))
        .route(
            "/sign-out",
            get(back_channel::ask).post(back_channel::answer),
        )
        .with_state(provider)
        .layer(middleware::map_response(async |response: Response| {
            html::harden(response, "no-referrer")
        }))
        .layer(middleware::from_fn_with_state(
            authority,
            local::only_own_host,
        )))
}

struct Provider {
    issuer: LocalUrl,
    clients: Vec<IdpClient>,
    api_audience: String,
    clock: Clock,
    signer: Signer,
    grants: Mutex<Grants>,
    http: reqwest::Client,
}

impl Provider {
    fn client(&self, id: &str) -> Option<&IdpClient> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// Every change of the maps is complete before it can panic, so a poisoned lock is still sound.
    fn grants(&self) -> MutexGuard<'_, Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn discovery(State(provider): State<Arc<Provider>>) -> Response {
    match signing::metadata(&provider.issuer) {
        Some(metadata) => Json(metadata).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn jwks(State(provider): State<Arc<Provider>>) -> Response {
    Json(provider.signer.public_keys()).into_response()
}

async fn home(headers: axum::http::HeaderMap) -> Response {
    let language = Language::choose(None, &headers);
    notice(StatusCode::OK, language, &HOME)
}

/// A page with one sentence, in both languages.
struct Notice {
    title: (&'static str, &'static str),
    text: (&'static str, &'static str),
}

const HOME: Notice = Notice {
    title: ("Connexion Boréal", "Boréal sign-in"),
    text: (
        "Ce service de démonstration connecte les personnages de Boréal. Ouvrez Weir pour commencer.",
        "This demonstration service signs in Boréal’s personas. Open Weir to begin.",
    ),
};

const FOREIGN_FORM: Notice = Notice {
    title: ("Choix refusé", "Choice refused"),
    text: (
        "Ce choix vient d’un autre site. Recommencez depuis l’application.",
        "This choice came from another site. Start again from the application.",
    ),
};

fn notice(status: StatusCode, language: Language, notice: &Notice) -> Response {
    let nonce = grants::random_token();
    let page = Html::fill(include_str!("idp/page.html"), |slot| {
        Some(match slot {
            "nonce" => Html::text(&nonce),
            "style" => Html::markup(include_str!("idp/page.css")),
            "lang" => Html::markup(language.locale()),
            "title" => Html::markup(language.pick(notice.title.0, notice.title.1)),
            "body" => Html::fill("<p class=\"lead\">{{text}}</p>", |_| {
                Some(Html::markup(language.pick(notice.text.0, notice.text.1)))
            }),
            "foot" => foot(language),
            _ => return None,
        })
    });
    html::page(status, &policy(&nonce, "'none'"), page)
}

fn foot(language: Language) -> Html {
    Html::markup(language.pick(
        "Fournisseur d’identité de démonstration. Aucun mot de passe, accessible depuis cet ordinateur seulement.",
        "Demonstration identity provider. No password, reachable from this computer only.",
    ))
}

fn policy(nonce: &str, forms: &str) -> String {
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; form-action {forms}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}
