//! What a step must find before it is done.

use super::{Draft, DraftError, DraftState};
use crate::database::Write;
use crate::{Digest, Origin, PublishedRevision, revisions};

pub(super) const REVIEWED: &[DraftState] = &[DraftState::InReview, DraftState::Scheduled];
pub(super) const OPEN: &[DraftState] = &[
    DraftState::Editing,
    DraftState::InReview,
    DraftState::Scheduled,
];

pub(super) fn allow(
    draft: &Draft,
    wanted: &'static str,
    from: &[DraftState],
) -> Result<(), DraftError> {
    if from.contains(&draft.state) {
        return Ok(());
    }
    Err(DraftError::WrongState {
        draft: draft.id,
        state: draft.state,
        wanted,
    })
}

/// A base is a revision there was, or none where there was none.
pub(super) fn check_base(base: u64, latest: Option<&PublishedRevision>) -> Result<(), DraftError> {
    let known = match latest {
        Some(latest) => (1..=latest.number).contains(&base),
        None => base == 0,
    };
    if known {
        Ok(())
    } else {
        Err(DraftError::UnknownRevision(base))
    }
}

pub(super) fn check_current(
    draft: &Draft,
    latest: Option<&PublishedRevision>,
) -> Result<(), DraftError> {
    let latest = latest.map_or(0, |latest| latest.number);
    if draft.base == latest {
        return Ok(());
    }
    Err(DraftError::Outdated {
        base: draft.base,
        latest,
    })
}

pub(super) fn check_changed(
    content: Digest,
    latest: Option<&PublishedRevision>,
) -> Result<(), DraftError> {
    match latest {
        Some(latest) if latest.content == content => Err(DraftError::Unchanged {
            revision: latest.number,
        }),
        _ => Ok(()),
    }
}

pub(super) fn check_approved(draft: &Draft) -> Result<(), DraftError> {
    let (have, need) = draft.approvals();
    if have < need {
        return Err(DraftError::NeedsApproval { have, need });
    }
    Ok(())
}

pub(super) async fn check_origin(
    tx: &mut Write,
    origin: Origin,
    content: Digest,
    latest: Option<&PublishedRevision>,
) -> Result<(), DraftError> {
    match origin {
        Origin::Folder => Err(DraftError::FolderIsNoDraft),
        Origin::Draft => Ok(()),
        Origin::Push => check_changed(content, latest),
        Origin::Rollback { of } => {
            let older = revisions::get(tx, of).await?;
            let older = older.ok_or(DraftError::UnknownRevision(of))?;
            if older.content != content {
                return Err(DraftError::NotThatRevision(of));
            }
            check_changed(content, latest)
        }
    }
}
