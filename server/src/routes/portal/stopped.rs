//! Revocations and lockdowns in words.

use weir_frontend::model::admin::Outcome;
use weir_query::Locale;
use weir_registry::{Digest, Label, Lock, LockdownStep, LockedScope, Revoke, RevokedTarget};

use super::desk::Desk;
use super::record::{Told, title};

/// Embed tokens were revoked.
pub(super) fn tell_revoke(revoke: &Revoke, desk: &Desk) -> Told {
    let dashboard = match &revoke.target {
        RevokedTarget::Dashboard(slug) => Some(slug),
        _ => None,
    };
    told(revoked(revoke, desk.locale), revoke.by, dashboard, desk)
}

/// Dashboards were closed, or opened again.
pub(super) fn tell_lock(lock: &Lock, desk: &Desk) -> Told {
    let dashboard = match &lock.scope {
        LockedScope::Dashboard(slug) => Some(slug),
        _ => None,
    };
    told(locked(lock, desk.locale), lock.by, dashboard, desk)
}

fn told(what: String, by: Digest, dashboard: Option<&Label>, desk: &Desk) -> Told {
    Told {
        what,
        subject: Some(by),
        dashboard: title(dashboard.map(Label::as_str), desk),
        revision: None,
        outcome: Outcome::Allowed,
    }
}

/// What was revoked, as a sentence.
fn revoked(revoke: &Revoke, locale: Locale) -> String {
    let (en, fr) = match &revoke.target {
        RevokedTarget::Jti(jti) => (format!("the token {jti}"), format!("jeton {jti}")),
        RevokedTarget::Family(id) => (
            format!("the token family {id}"),
            format!("famille de jetons {id}"),
        ),
        RevokedTarget::Subject(_) => (
            "all tokens and sessions of one person".to_owned(),
            "tous les jetons et sessions d’une personne".to_owned(),
        ),
        RevokedTarget::BusinessUnit(unit) => (
            format!("all tokens of the unit {}", unit.as_str()),
            format!("tous les jetons de l’unité {}", unit.as_str()),
        ),
        RevokedTarget::Dashboard(_) => (
            "all tokens of a dashboard".to_owned(),
            "tous les jetons d’un tableau de bord".to_owned(),
        ),
        RevokedTarget::Client(id) => (
            format!("all tokens of the client {id}"),
            format!("tous les jetons du client {id}"),
        ),
        RevokedTarget::All => ("all tokens".to_owned(), "tous les jetons".to_owned()),
    };
    match locale {
        Locale::EnCa => format!("Revoked: {en}."),
        Locale::FrCa => format!("Révocation\u{a0}: {fr}."),
    }
}

/// What was locked or opened, as a sentence.
fn locked(lock: &Lock, locale: Locale) -> String {
    let (en, fr) = match &lock.scope {
        LockedScope::All => ("every dashboard".to_owned(), "tous les tableaux".to_owned()),
        LockedScope::Dashboard(_) => ("a dashboard".to_owned(), "un tableau de bord".to_owned()),
        LockedScope::BusinessUnit(unit) => (
            format!("whoever is of the unit {}", unit.as_str()),
            format!("les personnes de l’unité {}", unit.as_str()),
        ),
    };
    match (lock.step, locale) {
        (LockdownStep::Put, Locale::EnCa) => format!("Closed for now: {en}."),
        (LockdownStep::Put, Locale::FrCa) => format!("Fermé pour le moment\u{a0}: {fr}."),
        (LockdownStep::Lift, Locale::EnCa) => format!("Opened again: {en}."),
        (LockdownStep::Lift, Locale::FrCa) => format!("Rouvert\u{a0}: {fr}."),
    }
}
