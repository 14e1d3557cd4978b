//! Sign-in for a program in a terminal (RFC 8628): it shows a code, and somebody types it here and
//! picks who to be.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::client::authenticate;
use super::grants::{self, DEVICE_LIFE, POLL_INTERVAL, Waiting};
use super::params::Params;
use super::token::{TokenError, api_token, form};
use super::{ApiAccess, IdpClient, Notice, Provider, picker};
use crate::demo::html::{self, Html, Language};
use crate::demo::persona::Persona;

/// The grant type of RFC 8628 §3.4.
pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

const UNKNOWN_CODE: Notice = Notice {
    title: ("Code inconnu", "Unknown code"),
    text: (
        "Ce code n’existe pas, a déjà servi ou a expiré. Relancez la commande dans votre terminal.",
        "This code does not exist, was used, or is over. Start the command in your terminal again.",
    ),
};
const SIGNED_IN: Notice = Notice {
    title: ("Vous êtes connecté", "You are signed in"),
    text: (
        "Retournez à votre terminal ; cette page peut être fermée.",
        "Go back to your terminal; this page can be closed.",
    ),
};
const DECLINED: Notice = Notice {
    title: ("Connexion refusée", "Sign-in declined"),
    text: (
        "Le programme dans le terminal n’a rien reçu.",
        "The program in the terminal got nothing.",
    ),
};

/// `POST /device_authorization`.
pub(super) async fn begin(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    begun(&provider, &headers, &body).unwrap_or_else(IntoResponse::into_response)
}

fn begun(provider: &Provider, headers: &HeaderMap, body: &str) -> Result<Response, TokenError> {
    let client = authenticate(provider, headers, &form(headers, body)?)?;
    if client.api != ApiAccess::ForAPersona {
        return Err(TokenError::UnauthorizedClient);
    }
    let codes = provider
        .grants()
        .issue_device(&client.id, provider.clock.now());
    let (device_code, user_code) = codes.ok_or(TokenError::SlowDown)?;
    let page = provider.issuer.join("/device");
    Ok(Json(json!({
        "device_code": device_code,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={user_code}"),
        "user_code": user_code,
        "expires_in": DEVICE_LIFE.num_seconds(),
        "interval": POLL_INTERVAL.num_seconds(),
    }))
    .into_response())
}

/// What the waiting program is told at the token endpoint.
pub(super) fn redeem(
    provider: &Provider,
    client: &IdpClient,
    params: &Params,
) -> Result<Response, TokenError> {
    let code = params
        .get("device_code")
        .ok_or(TokenError::InvalidRequest)?;
    let told = provider
        .grants()
        .poll_device(code, &client.id, provider.clock.now());
    match told {
        Waiting::Unknown => Err(TokenError::InvalidGrant),
        Waiting::Over => Err(TokenError::ExpiredToken),
        Waiting::TooOften => Err(TokenError::SlowDown),
        Waiting::Pending => Err(TokenError::AuthorizationPending),
        Waiting::Declined => Err(TokenError::AccessDenied),
        Waiting::Is(persona) => api_token(
            provider,
            client,
            json!({
                "sub": persona.sub,
                "name": persona.name,
                "locale": persona.locale,
                "roles": persona.roles,
                "business_units": persona.business_units,
                "attributes": persona.attributes.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
            }),
        ),
    }
}

/// `GET /device`: the code is typed, or known from the address; then the picker.
pub(super) async fn ask(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::parse(&query.unwrap_or_default());
    let wish = params
        .as_ref()
        .ok()
        .and_then(|params| params.get("ui_locales"));
    let language = Language::choose(wish, &headers);
    let code = params
        .as_ref()
        .ok()
        .and_then(|params| params.get("user_code"));
    let Some(code) = code.map(spelled) else {
        return page(language, include_str!("device_code.html"), |_| None);
    };
    let client = provider
        .grants()
        .waiting_client(&code, provider.clock.now());
    let Some(client) = client else {
        return super::notice(StatusCode::NOT_FOUND, language, &UNKNOWN_CODE);
    };
    page(language, include_str!("device.html"), |slot| {
        Some(match slot {
            "client" => Html::text(&client),
            "code" => Html::text(&code),
            "groups" => picker::groups(None, language),
            _ => return None,
        })
    })
}

/// `POST /device`: somebody picked who to be, or declined.
pub(super) async fn answer(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let language = Language::choose(None, &headers);
    let unknown = || super::notice(StatusCode::NOT_FOUND, language, &UNKNOWN_CODE);
    if headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin")
    {
        return super::notice(StatusCode::FORBIDDEN, language, &super::FOREIGN_FORM);
    }
    let Ok(params) = Params::parse(&body) else {
        return unknown();
    };
    let Some(code) = params.get("user_code").map(spelled) else {
        return unknown();
    };
    let persona = match params.get("persona") {
        None => None,
        Some(sub) => match Persona::find(sub) {
            Some(persona) => Some(persona),
            None => return unknown(),
        },
    };
    let now = provider.clock.now();
    if !provider.grants().answer_device(&code, persona, now) {
        return unknown();
    }
    let told = if persona.is_some() {
        &SIGNED_IN
    } else {
        &DECLINED
    };
    super::notice(StatusCode::OK, language, told)
}

/// A code as people type it: in any case, with or without the dash.
fn spelled(typed: &str) -> String {
    let letters: String = typed
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    match letters.split_at_checked(4) {
        Some((first, second)) => format!("{first}-{second}"),
        None => letters,
    }
}

fn page(
    language: Language,
    template: &'static str,
    slot: impl Fn(&str) -> Option<Html>,
) -> Response {
    let nonce = grants::random_token();
    let page = Html::fill(include_str!("page.html"), |outer| {
        Some(match outer {
            "nonce" => Html::text(&nonce),
            "style" => Html::markup(include_str!("page.css")),
            "lang" => Html::markup(language.locale()),
            "title" => Html::markup(language.pick("Connecter un programme", "Sign a program in")),
            "body" => Html::fill(template, |inner| {
                slot(inner).or_else(|| words(inner, language))
            }),
            "foot" => super::foot(language),
            _ => return None,
        })
    });
    html::page(StatusCode::OK, &super::policy(&nonce, "'self'"), page)
}

fn words(slot: &str, language: Language) -> Option<Html> {
    Some(Html::markup(match slot {
        "type_it" => language.pick(
            "Saisissez le code affiché dans votre terminal.",
            "Type the code that your terminal shows.",
        ),
        "label" => language.pick("Code", "Code"),
        "go" => language.pick("Continuer", "Continue"),
        "lead" => language.pick(
            "Votre terminal doit afficher ce code. Choisissez alors une personne de Boréal Assurance pour",
            "Your terminal must show this code. Then pick somebody from Boréal Assurance for",
        ),
        "cancel" => language.pick("Refuser", "Decline"),
        _ => return None,
    }))
}
