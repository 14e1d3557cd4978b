//! RP-initiated logout: nothing to end here, but only registered addresses are returned to.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::params::Params;
use super::{IdpClient, Notice, Provider};
use crate::demo::html::Language;

const DONE: Notice = Notice {
    title: ("Vous êtes déconnecté", "You are signed out"),
    text: (
        "Vous pouvez fermer cette fenêtre ou vous connecter de nouveau depuis l’application.",
        "You can close this window, or sign in again from the application.",
    ),
};
const REFUSED: Notice = Notice {
    title: ("Déconnexion refusée", "Sign-out refused"),
    text: (
        "La demande ne vient pas d’une application enregistrée, ou son adresse de retour n’est pas la bonne.",
        "The request does not come from a registered application, or its return address is not the right one.",
    ),
};

/// `GET /logout`.
pub(super) async fn by_link(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    end(&provider, &query.unwrap_or_default(), &headers)
}

/// `POST /logout`.
pub(super) async fn by_form(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    end(&provider, &body, &headers)
}

fn end(provider: &Provider, raw: &str, headers: &HeaderMap) -> Response {
    let params = Params::parse(raw);
    let wish = params
        .as_ref()
        .ok()
        .and_then(|params| params.get("ui_locales"));
    let language = Language::choose(wish, headers);
    match params
        .ok()
        .as_ref()
        .and_then(|params| destination(provider, params))
    {
        Some(None) => super::notice(StatusCode::OK, language, &DONE),
        Some(Some(url)) => match HeaderValue::from_str(url.as_str()) {
            Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        None => super::notice(StatusCode::BAD_REQUEST, language, &REFUSED),
    }
}

/// `None`: refused. `Some(None)`: nowhere in particular.
#[expect(
    clippy::option_option,
    reason = "refusal and absence are different answers"
)]
fn destination(provider: &Provider, params: &Params) -> Option<Option<Url>> {
    let hint = params.get("id_token_hint");
    let named = params.get("client_id");
    let is_meant = |client: &&IdpClient| {
        named.is_none_or(|named| named == client.id)
            && hint.is_none_or(|hint| provider.signer.recognises(hint, &client.id))
    };
    if hint.is_none() && named.is_none() {
        return params
            .get("post_logout_redirect_uri")
            .is_none()
            .then_some(None);
    }
    let client = provider.clients.iter().find(is_meant)?;
    let Some(wanted) = params.get("post_logout_redirect_uri") else {
        return Some(None);
    };
    let known = client
        .post_logout_redirect_uris
        .iter()
        .find(|known| *known == wanted)?;
    let mut url = Url::parse(known).ok()?;
    if let Some(state) = params.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Some(Some(url))
}
