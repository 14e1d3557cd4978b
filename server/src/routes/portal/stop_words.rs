//! What can be closed or revoked, by its names.

use weir_frontend::model::admin::Choice;
use weir_policy::BusinessUnit;
use weir_query::Locale;
use weir_registry::{LockdownScope, Revocation, Revoked};

use super::words::pick;
use crate::content::Content;

/// The question before everything is closed, what it means, and its button.
pub(super) fn close_everything(locale: Locale) -> [&'static str; 3] {
    match locale {
        Locale::EnCa => [
            "Close every dashboard?",
            "Nobody sees any figure then, in any product and in any language, until somebody opens them again here. The portal stays open.",
            "Close every dashboard",
        ],
        Locale::FrCa => [
            "Fermer tous les tableaux de bord\u{a0}?",
            "Plus personne ne verra de chiffre, dans aucun produit et dans aucune langue, jusqu’à la réouverture ici. Le portail reste ouvert.",
            "Fermer tous les tableaux de bord",
        ],
    }
}

/// The question before everything is revoked, what it means, and its button.
pub(super) fn revoke_everything(locale: Locale) -> [&'static str; 3] {
    match locale {
        Locale::EnCa => [
            "Revoke every token?",
            "Every embedded view loses its figures now, in every product. Host pages that ask again get new tokens.",
            "Revoke every token",
        ],
        Locale::FrCa => [
            "Révoquer tous les jetons\u{a0}?",
            "Toutes les vues intégrées perdent leurs chiffres maintenant, dans tous les produits. Les pages hôtes qui redemandent reçoivent de nouveaux jetons.",
            "Révoquer tous les jetons",
        ],
    }
}

/// What is closed, in words.
pub(super) fn closed_what(scope: &LockdownScope, content: &Content, locale: Locale) -> String {
    match scope {
        LockdownScope::All => {
            pick(locale, "Every dashboard", "Tous les tableaux de bord").to_owned()
        }
        LockdownScope::Dashboard(slug) => title(slug.as_str(), content, locale),
        LockdownScope::BusinessUnit(unit) => people_of(unit, content, locale),
    }
}

/// What is revoked, in words.
pub(super) fn revoked_what(one: &Revocation, content: &Content, locale: Locale) -> String {
    let what = match &one.target {
        Revoked::Spent { jti } | Revoked::Jti { jti } => {
            format!("{} {jti}", pick(locale, "Token", "Jeton"))
        }
        Revoked::Family { family } => {
            format!("{} {family}", pick(locale, "Family", "Famille"))
        }
        Revoked::Subject { issuer, sub } => format!("{sub} ({issuer})"),
        Revoked::BusinessUnit { unit } => people_of(unit, content, locale),
        Revoked::Dashboard { dashboard } => title(dashboard.as_str(), content, locale),
        Revoked::Client { client } => format!("Client {client}"),
        Revoked::All => pick(locale, "Every token", "Tous les jetons").to_owned(),
    };
    match &one.client {
        Some(client) => format!("{what} · {client}"),
        None => what,
    }
}

fn title(slug: &str, content: &Content, locale: Locale) -> String {
    let dashboard = content.dashboard(slug);
    dashboard.map_or_else(
        || slug.to_owned(),
        |dashboard| dashboard.title().get(locale).to_owned(),
    )
}

fn people_of(unit: &BusinessUnit, content: &Content, locale: Locale) -> String {
    let mut units = content.business_units().iter();
    let label = units.find(|(known, _)| known == unit);
    let label = label.map_or_else(|| unit.as_str(), |(_, label)| label.get(locale));
    match locale {
        Locale::EnCa => format!("Everyone of {label}"),
        Locale::FrCa => format!("Toute l’unité {label}"),
    }
}

/// What can be closed.
pub(super) fn scopes(content: &Content, chosen: &str, locale: Locale) -> Vec<Choice> {
    let everything = pick(locale, "Every dashboard", "Tous les tableaux de bord");
    let all = (String::from("all"), everything.to_owned());
    choices(places(content, locale).chain([all]), chosen)
}

/// What can be revoked.
pub(super) fn targets<'a>(
    content: &Content,
    clients: impl Iterator<Item = &'a str>,
    chosen: &str,
    locale: Locale,
) -> Vec<Choice> {
    let own = |value: &str, en, fr| (value.to_owned(), pick(locale, en, fr).to_owned());
    let first = [
        own("subject", "Of a person", "D’une personne"),
        own("jti", "One token", "Un seul jeton"),
        own("family", "A family of tokens", "Une famille de jetons"),
    ];
    let clients = clients.map(|id| {
        let label = pick(locale, "Of the client", "Du client");
        (format!("client:{id}"), format!("{label} {id}"))
    });
    let all = own("all", "Every token", "Tous les jetons");
    let list = first.into_iter().chain(places(content, locale));
    choices(list.chain(clients).chain([all]), chosen)
}

/// Dashboards and units.
fn places(content: &Content, locale: Locale) -> impl Iterator<Item = (String, String)> {
    let dashboards = content.dashboards().map(move |dashboard| {
        let title = dashboard.title().get(locale);
        (format!("dashboard:{}", dashboard.slug()), title.to_owned())
    });
    let units = content.business_units().iter().map(move |(unit, _)| {
        let value = format!("business_unit:{}", unit.as_str());
        (value, people_of(unit, content, locale))
    });
    dashboards.chain(units)
}

fn choices(list: impl Iterator<Item = (String, String)>, chosen: &str) -> Vec<Choice> {
    list.map(|(value, label)| Choice {
        chosen: value == chosen,
        value,
        label,
    })
    .collect()
}
