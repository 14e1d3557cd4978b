//! Reads of tiles in sentences.

use weir_frontend::model::admin::Outcome;
use weir_query::Locale;
use weir_registry::{DataRead, ReadOutcome, Source};

use super::{Told, in_a_preview, title};
use crate::routes::portal::desk::Desk;
use crate::routes::portal::words::pick;

/// Rows went to somebody, or did not.
pub(super) fn read(read: &DataRead, desk: &Desk) -> Told {
    let locale = desk.locale;
    let (tile, rows) = (&read.tile, desk.presenter().count(read.rows));
    let source = match read.source {
        Source::Cache => pick(locale, "from the cache", "de la mémoire"),
        Source::Engine => pick(locale, "computed", "calculées"),
        Source::Stale => pick(
            locale,
            "from the cache, past its age",
            "de la mémoire, périmées",
        ),
        Source::Coalesced => pick(
            locale,
            "computed for another reader too",
            "calculées aussi pour une autre personne",
        ),
    };
    let (what, outcome) = match read.outcome {
        ReadOutcome::Answered => (
            match locale {
                Locale::EnCa => format!("{tile}: {rows} rows, {source}."),
                Locale::FrCa => format!("{tile}\u{a0}: {rows} lignes, {source}."),
            },
            Outcome::Allowed,
        ),
        ReadOutcome::Truncated => (
            match locale {
                Locale::EnCa => format!("{tile}: the first {rows} rows, {source}."),
                Locale::FrCa => format!("{tile}\u{a0}: les {rows} premières lignes, {source}."),
            },
            Outcome::Allowed,
        ),
        ReadOutcome::Failed => (
            match locale {
                Locale::EnCa => format!("{tile}: could not be computed, no row left."),
                Locale::FrCa => format!("{tile}\u{a0}: calcul impossible, aucune ligne transmise."),
            },
            Outcome::Failed,
        ),
        ReadOutcome::Refused => (
            match locale {
                Locale::EnCa => format!("{tile}: a budget was spent, nothing was computed."),
                Locale::FrCa => format!("{tile}\u{a0}: budget épuisé, rien n’a été calculé."),
            },
            Outcome::Denied,
        ),
    };
    Told {
        what: what + &in_a_preview(read.view_as, locale),
        subject: Some(read.subject),
        dashboard: title(Some(read.dashboard.as_str()), desk),
        revision: Some(read.policy_revision),
        outcome,
    }
}
