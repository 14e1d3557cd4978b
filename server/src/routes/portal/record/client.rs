//! What embed clients did, and what was done to them, in sentences.

use weir_frontend::model::admin::Outcome;
use weir_query::Locale;
use weir_registry::{ClientStep, ClientStepKind, Denial, Mint};

use super::Told;
use crate::routes::portal::words::pick;

/// A token was issued: on the client's word, or for a person's own token.
pub(super) fn minted(mint: &Mint, locale: Locale) -> Told {
    let (origin, client) = (&mint.origin, &mint.client);
    let issued = match locale {
        Locale::EnCa => format!("A token for {origin} was issued to {client}."),
        Locale::FrCa => format!("Un jeton pour {origin} a été émis à {client}."),
    };
    let what = match (&mint.exchange, locale) {
        (None, _) => issued,
        (Some(exchange), Locale::EnCa) => {
            let provider = &exchange.issuer;
            format!("{issued} In exchange for the person’s token of {provider}.")
        }
        (Some(exchange), Locale::FrCa) => {
            let provider = &exchange.issuer;
            format!("{issued} En échange du jeton de la personne, émis par {provider}.")
        }
    };
    Told {
        what,
        subject: Some(mint.subject),
        dashboard: String::new(),
        revision: None,
        outcome: Outcome::Allowed,
    }
}

/// A client was refused.
pub(super) fn refused(denial: &Denial, locale: Locale) -> String {
    let client = denial.client.as_ref().map_or("", |client| client.as_str());
    let code = &denial.code;
    match locale {
        Locale::EnCa => format!("{client} was refused: {code}."),
        Locale::FrCa => format!("{client} a été refusé\u{a0}: {code}."),
    }
}

/// A step with a registration.
pub(super) fn step(step: &ClientStep, locale: Locale) -> Told {
    let (en, fr) = match step.step {
        ClientStepKind::Register => ("registered", "inscrit"),
        ClientStepKind::Change => ("registration changed", "inscription modifiée"),
        ClientStepKind::Remove => ("removed", "supprimé"),
        ClientStepKind::AddSecret => ("new secret", "nouveau secret"),
        ClientStepKind::RemoveSecret => ("secret taken back", "secret retiré"),
    };
    let (client, did) = (&step.client, pick(locale, en, fr));
    let secret = step.secret.as_ref();
    let secret = secret.map_or_else(String::new, |id| format!(" ({id})"));
    Told {
        what: match locale {
            Locale::EnCa => format!("Embed client {client}: {did}{secret}."),
            Locale::FrCa => format!("Client d’intégration {client}\u{a0}: {did}{secret}."),
        },
        subject: Some(step.by),
        dashboard: String::new(),
        revision: None,
        outcome: Outcome::Allowed,
    }
}
