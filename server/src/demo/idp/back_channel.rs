//! Signing somebody out everywhere: nothing newer is said of them, and every client is told.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use url::form_urlencoded;

use super::params::Params;
use super::{FOREIGN_FORM, Notice, Provider, grants, picker};
use crate::demo::DemoError;
use crate::demo::html::{self, Html, Language};
use crate::demo::persona::Persona;

/// A client that takes longer is not told.
const TIMEOUT: Duration = Duration::from_secs(5);

const DONE: Notice = Notice {
    title: ("Déconnexion partout", "Signed out everywhere"),
    text: (
        "Cette personne est déconnectée de toutes les applications de Boréal.",
        "This person is signed out of all of Boréal’s applications.",
    ),
};
const NOT_TOLD: Notice = Notice {
    title: ("Déconnexion incomplète", "Not signed out everywhere"),
    text: (
        "Une application n’a pas répondu comme elle le devrait. Recommencez dans un instant.",
        "An application did not answer as it should. Try again in a moment.",
    ),
};
const NOBODY: Notice = Notice {
    title: ("Personne inconnue", "Unknown person"),
    text: (
        "Cette personne ne travaille pas chez Boréal. Revenez en arrière et choisissez-en une autre.",
        "This person does not work at Boréal. Go back and pick somebody else.",
    ),
};

/// What tells the clients.
pub(super) fn client() -> Result<reqwest::Client, DemoError> {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT);
    builder.build().map_err(DemoError::Client)
}

/// `GET /sign-out`: whom?
pub(super) async fn ask(headers: HeaderMap) -> Response {
    let language = Language::choose(None, &headers);
    let nonce = grants::random_token();
    let title = language.pick(
        "Déconnecter qui, partout\u{a0}?",
        "Sign out whom, everywhere?",
    );
    let page = Html::fill(include_str!("page.html"), |slot| {
        Some(match slot {
            "nonce" => Html::text(&nonce),
            "style" => Html::markup(include_str!("page.css")),
            "lang" => Html::markup(language.locale()),
            "title" => Html::markup(title),
            "body" => Html::fill(include_str!("sign_out.html"), |slot| {
                (slot == "groups").then(|| picker::groups(None, language))
            }),
            "foot" => super::foot(language),
            _ => return None,
        })
    });
    html::page(StatusCode::OK, &super::policy(&nonce, "'self'"), page)
}

/// `POST /sign-out`.
pub(super) async fn answer(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let language = Language::choose(None, &headers);
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return super::notice(StatusCode::FORBIDDEN, language, &FOREIGN_FORM);
    }
    let params = Params::parse(&body).ok();
    let picked = params.as_ref().and_then(|params| params.get("persona"));
    let Some(persona) = picked.and_then(Persona::find) else {
        return super::notice(StatusCode::BAD_REQUEST, language, &NOBODY);
    };
    provider.grants().end_sign_ins(persona.sub);
    if tell(&provider, persona.sub).await {
        super::notice(StatusCode::OK, language, &DONE)
    } else {
        super::notice(StatusCode::BAD_GATEWAY, language, &NOT_TOLD)
    }
}

/// Tells every client that wants to know; says whether all of them heard it.
async fn tell(provider: &Provider, sub: &str) -> bool {
    let mut heard = true;
    for client in &provider.clients {
        let Some(address) = &client.backchannel_logout_uri else {
            continue;
        };
        let now = provider.clock.now();
        let Some(token) = provider.signer.logout_token(&client.id, sub, now) else {
            return false;
        };
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("logout_token", &token)
            .finish();
        let request = provider.http.post(address).body(form);
        let request = request.header(
            header::CONTENT_TYPE.as_str(),
            "application/x-www-form-urlencoded",
        );
        let answer = request.send().await;
        heard &= answer.is_ok_and(|answer| answer.status().is_success());
    }
    heard
}
