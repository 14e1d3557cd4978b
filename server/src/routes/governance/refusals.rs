//! Why a step was not taken, as problems.

use serde_json::json;
use weir_registry::{Draft, DraftError};

use crate::problem::{Problem, Slug};
use crate::service::governance::GovernanceError;
use crate::service::row_question::RowError;
use crate::service::view_as::ViewAsError;

impl From<GovernanceError> for Problem {
    fn from(error: GovernanceError) -> Self {
        match error {
            GovernanceError::Draft(error) => of_draft(error),
            GovernanceError::Revision(error) => of_revision(error),
            GovernanceError::Findings(checked) => Self::new(Slug::ContentInvalid)
                .at("/files", checked.findings.join("\n"))
                .with(json!({ "findings": checked.findings, "places": checked.places })),
            GovernanceError::Content(error) => Self::new(Slug::ContentInvalid)
                .at("/files", error.to_string())
                .with(json!({ "places": error.findings() })),
            GovernanceError::Tree(error) => {
                Self::new(Slug::ContentInvalid).at("/files", error.to_string())
            }
            GovernanceError::Engine(error) | GovernanceError::Row(RowError::Engine(error)) => {
                error.into()
            }
            GovernanceError::Row(RowError::Denied(denied)) => {
                Self::new(Slug::InvalidParameter).at("/key", denied.to_string())
            }
            GovernanceError::Closed => Self::new(Slug::RegistryUnavailable),
            GovernanceError::Audit(error) => Self::new(Slug::AuditUnavailable).caused_by(error),
            GovernanceError::CutOff(error) => Self::new(Slug::Internal).caused_by(error),
            GovernanceError::Unwritable(error) => Self::new(Slug::Internal).caused_by(error),
        }
    }
}

impl From<ViewAsError> for Problem {
    fn from(error: ViewAsError) -> Self {
        match error {
            ViewAsError::Unknown => Self::new(Slug::NotFound),
            ViewAsError::Over(_) => Self::new(Slug::PreviewEnded),
            ViewAsError::Wish(pointer, why) => Self::new(Slug::InvalidParameter).at(pointer, why),
            ViewAsError::Rules(error) => error.into(),
            ViewAsError::Bind(error) => error.into(),
            ViewAsError::NotRecorded(error) => error.into(),
            ViewAsError::Store(error) => error.into(),
            ViewAsError::Lake(error) => Self::new(Slug::EngineUnavailable).caused_by(error),
            ViewAsError::Engine(error) => Self::new(Slug::EngineUnavailable).caused_by(error),
            ViewAsError::Fetch(error) => error.into(),
            error @ (ViewAsError::Unreadable(_) | ViewAsError::NoRandomness) => {
                Self::new(Slug::Internal).caused_by(error)
            }
        }
    }
}

fn of_draft(error: DraftError) -> Problem {
    let at = |slug: Slug, pointer: &str| Problem::new(slug).at(pointer, error.to_string());
    match &error {
        DraftError::Unknown(_) | DraftError::UnknownRevision(_) => Problem::new(Slug::NotFound),
        DraftError::Conflict(theirs) => conflict(theirs),
        DraftError::Outdated { base, latest } => {
            at(Slug::DraftOutdated, "").with(json!({ "base": base, "latest": latest }))
        }
        DraftError::OwnWork(_) => at(Slug::OwnWork, ""),
        DraftError::NeedsApproval { have, need } => {
            at(Slug::DraftState, "").with(json!({ "approvals": have, "approvals_required": need }))
        }
        DraftError::Unchanged { .. }
        | DraftError::WrongState { .. }
        | DraftError::NotYet { .. } => at(Slug::DraftState, ""),
        DraftError::FolderIsNoDraft | DraftError::NotThatRevision(_) | DraftError::Text(_) => {
            at(Slug::ContentInvalid, "")
        }
        DraftError::Audit(_) => Problem::new(Slug::AuditUnavailable).caused_by(error),
        DraftError::Corrupt { .. }
        | DraftError::Revision(_)
        | DraftError::Database(_)
        | DraftError::Store(_) => Problem::new(Slug::RegistryUnavailable).caused_by(error),
    }
}

/// Somebody was faster: what they made of it comes along, so that nothing is lost.
pub(super) fn conflict(theirs: &Draft) -> Problem {
    Problem::new(Slug::DraftConflict).with(json!({
        "draft": theirs.id.get(),
        "version": theirs.version,
        "state": theirs.state.as_str(),
        "draft_title": theirs.title,
        "editors": theirs.editors,
        "updated_at": theirs.updated_at,
    }))
}

pub(super) fn of_revision(error: weir_registry::RevisionError) -> Problem {
    match error {
        weir_registry::RevisionError::Unknown(_) => Problem::new(Slug::NotFound),
        other => Problem::new(Slug::RegistryUnavailable).caused_by(other),
    }
}
