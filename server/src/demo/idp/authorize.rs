//! The authorization endpoint: what is asked, who was picked, where the answer goes.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::grants::{CodeGrant, random_token};
use super::params::Params;
use super::{Notice, Provider, picker};
use crate::demo::html::Language;
use crate::demo::persona::Persona;

/// A request that may be answered with a code.
pub(super) struct Asked {
    pub(super) client: String,
    pub(super) redirect: Redirect,
    challenge: String,
    nonce: Option<String>,
}

/// A registered address, and the state that goes back with every answer.
pub(super) struct Redirect {
    uri: String,
    state: Option<String>,
    issuer: String,
}

/// A request that may not.
enum Refused {
    /// Shown here: an address that is not registered must not be redirected to.
    Here(&'static Notice),
    /// Told to the client.
    There(Redirect, &'static str),
}

const AMBIGUOUS: Notice = Notice {
    title: ("Demande illisible", "Unreadable request"),
    text: (
        "L’application a envoyé une demande de connexion en double ou trop longue. Retournez-y et recommencez.",
        "The application sent a sign-in request that is repeated or too long. Go back to it and start again.",
    ),
};
const UNKNOWN_CLIENT: Notice = Notice {
    title: ("Application inconnue", "Unknown application"),
    text: (
        "Cette application n’est pas enregistrée ici. Vérifiez son identifiant (client_id).",
        "This application is not registered here. Check its identifier (client_id).",
    ),
};
const UNKNOWN_REDIRECT: Notice = Notice {
    title: ("Adresse de retour inconnue", "Unknown return address"),
    text: (
        "L’adresse de retour n’est pas celle enregistrée pour cette application (redirect_uri).",
        "The return address is not the one registered for this application (redirect_uri).",
    ),
};
const UNKNOWN_PERSONA: Notice = Notice {
    title: ("Personne inconnue", "Unknown person"),
    text: (
        "Cette personne ne travaille pas chez Boréal. Revenez en arrière et choisissez-en une autre.",
        "This person does not work at Boréal. Go back and pick somebody else.",
    ),
};
const TOO_MANY: Notice = Notice {
    title: ("Trop de connexions à la fois", "Too many sign-ins at once"),
    text: (
        "Attendez une minute, puis recommencez depuis l’application.",
        "Wait a minute, then start again from the application.",
    ),
};
impl Asked {
    fn parse(provider: &Provider, params: &Params) -> Result<Self, Refused> {
        let client = params.get("client_id").and_then(|id| provider.client(id));
        let client = client.ok_or(Refused::Here(&UNKNOWN_CLIENT))?;
        let uri = params
            .get("redirect_uri")
            .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
            .ok_or(Refused::Here(&UNKNOWN_REDIRECT))?;
        let redirect = Redirect {
            uri: uri.to_owned(),
            state: params.get("state").map(str::to_owned),
            issuer: provider.issuer.origin(),
        };
        if let Some(error) = problem_with(params) {
            return Err(Refused::There(redirect, error));
        }
        let challenge = params.get("code_challenge").filter(|text| is_s256(text));
        match challenge {
            Some(challenge) => Ok(Self {
                client: client.id.clone(),
                redirect,
                challenge: challenge.to_owned(),
                nonce: params.get("nonce").map(str::to_owned),
            }),
            None => Err(Refused::There(redirect, "invalid_request")),
        }
    }
}

fn problem_with(params: &Params) -> Option<&'static str> {
    let scoped = params
        .get("scope")
        .is_some_and(|scope| scope.split(' ').any(|s| s == "openid"));
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => return Some("unsupported_response_type"),
        None => return Some("invalid_request"),
    }
    if params.get("request").is_some() {
        Some("request_not_supported")
    } else if params.get("request_uri").is_some() {
        Some("request_uri_not_supported")
    } else if !scoped {
        Some("invalid_scope")
    } else if params.get("code_challenge_method") != Some("S256")
        || params
            .get("response_mode")
            .is_some_and(|mode| mode != "query")
    {
        Some("invalid_request")
    } else if params
        .get("prompt")
        .is_some_and(|prompt| prompt.split(' ').any(|p| p == "none"))
    {
        // Nobody is ever signed in here already.
        Some("login_required")
    } else {
        None
    }
}

/// An S256 challenge is the base64url of 32 bytes.
fn is_s256(challenge: &str) -> bool {
    challenge.len() == 43
        && challenge
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl Redirect {
    /// Back to the client, with `state` and, after RFC 9207, `iss`.
    fn with(&self, name: &str, value: &str) -> Response {
        let Ok(mut url) = Url::parse(&self.uri) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        url.query_pairs_mut().append_pair(name, value);
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        url.query_pairs_mut().append_pair("iss", &self.issuer);
        match HeaderValue::from_str(url.as_str()) {
            Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    pub(super) fn origin(&self) -> String {
        Url::parse(&self.uri)
            .map(|url| url.origin().ascii_serialization())
            .unwrap_or_default()
    }
}

impl Refused {
    fn answer(self, language: Language) -> Response {
        match self {
            Self::Here(why) => super::notice(StatusCode::BAD_REQUEST, language, why),
            Self::There(redirect, error) => redirect.with("error", error),
        }
    }
}

/// `GET /authorize`: the picker.
pub(super) async fn ask(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let raw = query.unwrap_or_default();
    let Ok(params) = Params::parse(&raw) else {
        return Refused::Here(&AMBIGUOUS).answer(Language::choose(None, &headers));
    };
    let language = Language::choose(params.get("ui_locales"), &headers);
    match Asked::parse(&provider, &params) {
        Ok(asked) => picker::page(&asked, &params, language),
        Err(refused) => refused.answer(language),
    }
}

/// `POST /authorize`: somebody was picked; the request is checked again, as it comes from the browser.
pub(super) async fn answer(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let fallback = Language::choose(None, &headers);
    let Ok(params) = Params::parse(&body) else {
        return Refused::Here(&AMBIGUOUS).answer(fallback);
    };
    let language = Language::choose(params.get("ui_locales"), &headers);
    if headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin")
    {
        return super::notice(StatusCode::FORBIDDEN, language, &super::FOREIGN_FORM);
    }
    let asked = match Asked::parse(&provider, &params) {
        Ok(asked) => asked,
        Err(refused) => return refused.answer(language),
    };
    let Some(picked) = params.get("persona") else {
        return asked.redirect.with("error", "access_denied");
    };
    let Some(persona) = Persona::find(picked) else {
        return Refused::Here(&UNKNOWN_PERSONA).answer(language);
    };
    let now = provider.clock.now();
    let grant = CodeGrant {
        client: asked.client,
        redirect_uri: asked.redirect.uri.clone(),
        challenge: asked.challenge,
        nonce: asked.nonce,
        persona,
        picked_at: now,
        sid: random_token(),
    };
    match provider.grants().issue_code(grant, now) {
        Some(code) => asked.redirect.with("code", &code),
        None => super::notice(StatusCode::SERVICE_UNAVAILABLE, language, &TOO_MANY),
    }
}
