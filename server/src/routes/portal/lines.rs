//! Drafts and revisions as lines of a list.

use chrono::{DateTime, Utc};
use weir_frontend::model::admin::{
    Approvals, ChainVm, DraftLine, DraftState, Origin, RevisionLine,
};
use weir_query::Locale;
use weir_registry::{
    ChainStatus, Draft, DraftState as Stored, Fault, Origin as StoredOrigin, PublishedRevision,
};

use super::words::pick;
use crate::present::Presenter;
use crate::service::governance::{Walked, approvals, is_approved};

/// Where a draft's page is.
pub(super) fn href(draft: &Draft) -> String {
    format!("/admin/drafts/{}", draft.id)
}

/// Where a draft stands, as far as the registry knows.
pub(super) fn state(draft: &Draft) -> DraftState {
    match draft.state {
        Stored::Editing => DraftState::Editing,
        Stored::InReview if is_approved(draft) => DraftState::Approved,
        Stored::InReview => DraftState::InReview,
        Stored::Scheduled => DraftState::Scheduled,
        Stored::Published => DraftState::Live,
        Stored::Withdrawn => DraftState::Withdrawn,
    }
}

/// How many approvals a draft has and needs, once it was submitted.
pub(super) fn progress(draft: &Draft) -> Option<Approvals> {
    draft.verdict.as_ref()?;
    let (have, need) = approvals(draft);
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Some(Approvals {
        have: small(have),
        need: small(need),
    })
}

/// A draft.
pub(super) fn draft(draft: &Draft, presenter: &Presenter) -> DraftLine {
    DraftLine {
        title: draft.title.clone(),
        href: href(draft),
        author: draft.author.name.clone(),
        since: presenter.when(draft.updated_at),
        state: state(draft),
        widening: draft
            .verdict
            .as_ref()
            .is_some_and(|verdict| verdict.widening),
        approvals: progress(draft),
        effective: draft.effective_from.map(|at| presenter.when(at)),
        waits_for: waits_for(draft, presenter.locale()),
    }
}

fn waits_for(draft: &Draft, locale: Locale) -> String {
    let (en, fr) = match (state(draft), approvals(draft)) {
        (DraftState::Editing | DraftState::Checked, _) if draft.reason.is_some() => (
            "its editors: it was sent back",
            "ses rédacteurs\u{a0}: elle a été renvoyée",
        ),
        (DraftState::Editing | DraftState::Checked, _) => ("its editors", "ses rédacteurs"),
        (DraftState::InReview, (have, need)) if need.saturating_sub(have) == 1 => (
            "1 approval by somebody else",
            "1 approbation par une autre personne",
        ),
        (DraftState::InReview, _) => (
            "2 approvals by others",
            "2 approbations par d’autres personnes",
        ),
        (DraftState::Approved, _) => ("its publication", "sa publication"),
        (DraftState::Scheduled | DraftState::Live | DraftState::Withdrawn, _) => ("", ""),
    };
    pick(locale, en, fr).to_owned()
}

/// A revision, in force until the next one if there is one.
pub(super) fn revision(
    revision: &PublishedRevision,
    until: Option<DateTime<Utc>>,
    presenter: &Presenter,
) -> RevisionLine {
    let approvers = revision.approvers.iter().map(|one| one.name.clone());
    RevisionLine {
        number: revision.number.to_string(),
        href: format!("/admin/revisions/{}", revision.number),
        title: revision.title.clone(),
        published: presenter.when(revision.published_at),
        until: until.map(|at| presenter.when(at)),
        author: revision.author.name.clone(),
        approvers: approvers.collect(),
        publisher: revision.publisher.name.clone(),
        origin: match revision.origin {
            StoredOrigin::Folder => Origin::Folder,
            StoredOrigin::Draft => Origin::Draft,
            StoredOrigin::Push => Origin::Push,
            StoredOrigin::Rollback { of } => Origin::Rollback { of: of.to_string() },
        },
        widening: revision.widening,
    }
}

/// Whether the audit log is whole, as of its last walk.
pub(super) fn chain(walked: Option<Walked>, records: u64, presenter: &Presenter) -> ChainVm {
    let Some(Walked { status, at }) = walked else {
        return ChainVm::Unchecked {
            records: presenter.count(records),
        };
    };
    let checked = presenter.when(at);
    match status {
        ChainStatus::Intact { records, .. } => ChainVm::Intact {
            records: presenter.count(records),
            checked,
        },
        ChainStatus::Broken(fault) => {
            let (record, what) = broken(fault, presenter.locale());
            ChainVm::Broken {
                record: presenter.count(record),
                what: what.to_owned(),
                checked,
            }
        }
    }
}

/// Where a log stops being what was written, and how.
fn broken(fault: Fault, locale: Locale) -> (u64, &'static str) {
    let (record, en, fr) = match fault {
        Fault::Edited { seq } => (
            seq,
            "It was edited after it was written.",
            "Il a été modifié après son écriture.",
        ),
        Fault::Deleted { seq } => (
            seq,
            "It is gone from the middle of the log.",
            "Il a disparu du milieu du journal.",
        ),
        Fault::Moved { seq, .. } => (
            seq,
            "Another record stands in its place.",
            "Un autre enregistrement se trouve à sa place.",
        ),
        Fault::Truncated { seq, .. } => (
            seq,
            "The log ends before it.",
            "Le journal se termine avant lui.",
        ),
        Fault::Added { seq } => (
            seq,
            "It was added by somebody else than Weir.",
            "Il a été ajouté par un autre que Weir.",
        ),
        Fault::HeadChanged => (
            0,
            "The log’s head was changed.",
            "La tête du journal a été modifiée.",
        ),
        Fault::Index => (
            0,
            "An index of the log is damaged: searches may leave records out.",
            "Un index du journal est endommagé : des recherches peuvent omettre des enregistrements.",
        ),
        Fault::Rewritten { from, .. } => (
            from,
            "The log was written anew from here on.",
            "Le journal a été réécrit à partir d’ici.",
        ),
        Fault::Unsigned { seq } => (
            seq,
            "A checkpoint on it is signed by no known key.",
            "Un point de contrôle à son sujet n’est signé par aucune clé connue.",
        ),
        Fault::Segment { line, .. } => (
            line,
            "A local file of records is damaged at this line.",
            "Un fichier local d’enregistrements est endommagé à cette ligne.",
        ),
    };
    (record, pick(locale, en, fr))
}
