//! A registration in words.

use chrono::TimeDelta;
use weir_frontend::model::admin::ClientFact;
use weir_identity::{AllowedValues, ClientKey, ExchangeRules, Registration};
use weir_policy::{BusinessUnit, RoleName};
use weir_query::Locale;

use super::words::{pick, quoted};
use crate::content::Content;
use crate::service::clients::{Listed, Warning};

/// What a client may, part by part. What it may not is said too: an empty list allows nothing.
pub(super) fn facts(
    registration: &Registration,
    content: &Content,
    locale: Locale,
) -> Vec<ClientFact> {
    let origins = registration.origins.iter().map(ToString::to_string);
    let fact = |en, fr, says: Vec<String>| ClientFact {
        about: pick(locale, en, fr).to_owned(),
        says: if says.is_empty() {
            vec![pick(locale, "nothing", "rien").to_owned()]
        } else {
            says
        },
    };
    let mut facts = vec![
        fact(
            "May embed",
            "Peut intégrer",
            dashboards(registration, content, locale),
        ),
        fact(
            "From the pages of",
            "Depuis les pages de",
            origins.collect(),
        ),
        fact(
            "Speaks for",
            "Parle pour",
            units(registration, content, locale),
        ),
        fact(
            "All its viewers are",
            "Tous ses lecteurs sont",
            roles(&registration.roles),
        ),
        fact(
            "Attributes it may state",
            "Attributs qu’il peut affirmer",
            attributes(registration, locale),
        ),
        fact(
            "Its viewers may",
            "Ses lecteurs peuvent",
            rights(registration, locale),
        ),
        fact("Limits", "Limites", vec![limits(registration, locale)]),
        fact(
            "Keys it signs with",
            "Clés de signature",
            keys(&registration.keys),
        ),
    ];
    if let Some(rules) = &registration.exchange {
        facts.push(fact(
            "Exchanges people’s own tokens",
            "Échange les jetons des personnes",
            exchange(rules, locale),
        ));
    }
    facts
}

/// The dashboards by their titles; one that is not there by its name.
pub(super) fn dashboards(
    registration: &Registration,
    content: &Content,
    locale: Locale,
) -> Vec<String> {
    let title = |slug: &weir_identity::Slug| {
        let known = content.dashboard(slug.as_str());
        let title = known.map(|dashboard| dashboard.title().get(locale).to_owned());
        title.unwrap_or_else(|| slug.to_string())
    };
    registration.dashboards.iter().map(title).collect()
}

/// The business units by their labels.
pub(super) fn units(registration: &Registration, content: &Content, locale: Locale) -> Vec<String> {
    let label = |unit: &BusinessUnit| {
        let mut known = content.business_units().iter();
        let known = known.find(|(one, _)| one == unit);
        known.map_or_else(
            || unit.to_string(),
            |(_, label)| label.get(locale).to_owned(),
        )
    };
    registration.business_units.iter().map(label).collect()
}

/// "2 secrets, 1 key", "1 secret".
pub(super) fn proof(client: &Listed, locale: Locale) -> String {
    let secrets = client
        .stored
        .as_ref()
        .map_or(1, |stored| stored.secrets.len());
    let keys = client.registration.keys.len();
    let mut parts = Vec::new();
    if secrets > 0 {
        parts.push(match secrets {
            1 => "1 secret".to_owned(),
            many => format!("{many} secrets"),
        });
    }
    if keys > 0 {
        parts.push(match (keys, locale) {
            (1, Locale::EnCa) => "1 key".to_owned(),
            (1, Locale::FrCa) => "1 clé".to_owned(),
            (many, Locale::EnCa) => format!("{many} keys"),
            (many, Locale::FrCa) => format!("{many} clés"),
        });
    }
    if parts.is_empty() {
        return pick(locale, "nothing yet", "rien encore").to_owned();
    }
    parts.join(", ")
}

/// How long ago something was, in days.
pub(super) fn age(age: TimeDelta, locale: Locale) -> String {
    match (age.num_days(), locale) {
        (..=0, _) => pick(locale, "less than a day", "moins d’un jour").to_owned(),
        (1, _) => pick(locale, "1 day", "1 jour").to_owned(),
        (days, Locale::EnCa) => format!("{days} days"),
        (days, Locale::FrCa) => format!("{days} jours"),
    }
}

/// That something named does not exist.
pub(super) fn warning(warning: &Warning, locale: Locale) -> String {
    let named = quoted(&warning.named, locale);
    match (warning.is_dashboard, locale) {
        (true, Locale::EnCa) => format!("There is no dashboard {named} now."),
        (true, Locale::FrCa) => format!("Il n’y a pas de tableau de bord {named}."),
        (false, Locale::EnCa) => format!("There is no business unit {named} now."),
        (false, Locale::FrCa) => format!("Il n’y a pas d’unité d’affaires {named}."),
    }
}

fn roles(roles: &std::collections::BTreeSet<RoleName>) -> Vec<String> {
    let roles: Vec<&str> = roles.iter().map(RoleName::as_str).collect();
    if roles.is_empty() {
        return Vec::new();
    }
    vec![roles.join(", ")]
}

fn attributes(registration: &Registration, locale: Locale) -> Vec<String> {
    let any = pick(locale, "any value", "toute valeur");
    let colon = pick(locale, ":", "\u{a0}:");
    let attributes = registration.attributes.iter().map(|(name, allowed)| {
        let values = match allowed {
            AllowedValues::Any => any.to_owned(),
            AllowedValues::Listed(values) => values.iter().cloned().collect::<Vec<_>>().join(", "),
        };
        format!("{name}{colon} {values}")
    });
    attributes.collect()
}

fn rights(registration: &Registration, locale: Locale) -> Vec<String> {
    let right = |right: &weir_identity::Right| {
        let (en, fr) = match right {
            weir_identity::Right::ExportCsv => ("export as CSV", "exporter en CSV"),
            weir_identity::Right::ExportXlsx => ("export as a workbook", "exporter en classeur"),
        };
        pick(locale, en, fr).to_owned()
    };
    let mut all: Vec<String> = registration.rights.iter().map(right).collect();
    if all.is_empty() {
        all.push(pick(locale, "look only", "regarder seulement").to_owned());
    }
    all
}

fn limits(registration: &Registration, locale: Locale) -> String {
    let (rate, seconds) = (
        registration.rate_per_minute,
        registration.max_lifetime_seconds,
    );
    match locale {
        Locale::EnCa => format!("{rate} tokens a minute, each of {seconds} seconds at most"),
        Locale::FrCa => format!("{rate} jetons par minute, de {seconds} secondes au plus chacun"),
    }
}

fn keys(keys: &[ClientKey]) -> Vec<String> {
    let key = |key: &ClientKey| format!("{} ({})", key.kid(), key.algorithm());
    keys.iter().map(key).collect()
}

fn exchange(rules: &ExchangeRules, locale: Locale) -> Vec<String> {
    let audiences: Vec<&str> = rules.audiences.iter().map(String::as_str).collect();
    let audiences = audiences.join(", ");
    let made_for = match locale {
        Locale::EnCa => format!("made for {audiences}"),
        Locale::FrCa => format!("émis pour {audiences}"),
    };
    let none = pick(locale, "no role", "aucun rôle").to_owned();
    let most = roles(&rules.roles).pop().unwrap_or(none);
    let with = match locale {
        Locale::EnCa => format!("of the roles, at most: {most}"),
        Locale::FrCa => format!("des rôles, au plus\u{a0}: {most}"),
    };
    vec![made_for, with]
}
