//! The page where somebody picks who to be.

use axum::http::StatusCode;
use axum::response::Response;

use super::authorize::Asked;
use super::grants;
use super::params::Params;
use crate::demo::html::{self, Html, Language};
use crate::demo::persona::{PERSONAS, Persona};

/// The parameters the picker's form sends again.
const CARRIED: [&str; 10] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "ui_locales",
];

pub(super) fn page(asked: &Asked, params: &Params, language: Language) -> Response {
    let nonce = grants::random_token();
    let page = Html::fill(include_str!("page.html"), |slot| {
        Some(match slot {
            "nonce" => Html::text(&nonce),
            "style" => Html::markup(include_str!("page.css")),
            "lang" => Html::markup(language.locale()),
            "title" => Html::markup(language.pick("Qui se connecte\u{a0}?", "Who is signing in?")),
            "body" => body(asked, params, language),
            "foot" => super::foot(language),
            _ => return None,
        })
    });
    // Browsers hold the redirect after a form to `form-action` too.
    let forms = format!("'self' {}", asked.redirect.origin());
    html::page(StatusCode::OK, &super::policy(&nonce, &forms), page)
}

fn body(asked: &Asked, params: &Params, language: Language) -> Html {
    Html::fill(include_str!("picker.html"), |slot| {
        Some(match slot {
            "lead" => Html::markup(language.pick(
                "Choisissez une personne de Boréal Assurance pour continuer vers",
                "Pick somebody from Boréal Assurance to continue to",
            )),
            "client" => Html::text(&asked.client),
            "at" => Html::text(&asked.redirect.origin()),
            "carried" => carried(params),
            "groups" => groups(params.get("login_hint"), language),
            "cancel" => Html::markup(language.pick("Annuler", "Cancel")),
            "other_query" => Html::text(&in_language(params, language.pick("en-CA", "fr-CA"))),
            "other_lang" => Html::markup(language.pick("en", "fr")),
            "other_name" => Html::markup(language.pick("English", "Français")),
            _ => return None,
        })
    })
}

fn carried(params: &Params) -> Html {
    let fields = CARRIED
        .iter()
        .filter_map(|name| params.get(name).map(|value| (name, value)));
    fields
        .map(|(name, value)| {
            Html::fill(
                "<input type=\"hidden\" name=\"{{name}}\" value=\"{{value}}\">",
                |slot| Some(Html::text(if slot == "name" { name } else { value })),
            )
        })
        .collect()
}

fn in_language(params: &Params, locale: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in CARRIED.iter().chain(["login_hint", "prompt"].iter()) {
        match params.get(name) {
            Some(value) if *name != "ui_locales" => {
                query.append_pair(name, value);
            }
            _ => {}
        }
    }
    query.append_pair("ui_locales", locale).finish()
}

/// Everybody, to pick from.
pub(super) fn groups(hint: Option<&str>, language: Language) -> Html {
    let analyst = |p: &&Persona| p.sub.starts_with("analyst-");
    let governor = |p: &&Persona| p.is_governor();
    let [analysts, others, governors] = [
        PERSONAS.iter().filter(analyst).collect::<Vec<_>>(),
        PERSONAS
            .iter()
            .filter(|p| !analyst(p) && !governor(p))
            .collect(),
        PERSONAS.iter().filter(governor).collect(),
    ];
    [
        (
            language.pick("Une unité d’affaires", "One business unit"),
            analysts,
        ),
        (
            language.pick("Plusieurs, ou aucune", "Several, or none"),
            others,
        ),
        (language.pick("Gouvernance", "Governance"), governors),
    ]
    .into_iter()
    .map(|(title, people)| {
        Html::fill(include_str!("group.html"), |slot| {
            Some(match slot {
                "title" => Html::markup(title),
                "people" => people.iter().map(|p| person(p, hint, language)).collect(),
                _ => return None,
            })
        })
    })
    .collect()
}

fn person(persona: &Persona, hint: Option<&str>, language: Language) -> Html {
    Html::fill(include_str!("person.html"), |slot| {
        Some(match slot {
            "sub" => Html::text(persona.sub),
            "focus" if hint == Some(persona.sub) => Html::markup("autofocus"),
            "focus" => Html::default(),
            "initials" => Html::text(&persona.initials()),
            "name" => Html::text(persona.name),
            "job" => Html::markup(persona.job(language)),
            "scope" if persona.is_governor() => Html::default(),
            "scope" => Html::fill(" · {{units}}", |_| {
                Some(Html::text(&persona.scope(language)))
            }),
            _ => return None,
        })
    })
}
