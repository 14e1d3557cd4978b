//! `/admin/drafts/{id}`: a draft with everything that somebody needs to decide on it.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use weir_frontend::model::admin::{FieldError, Flash, ImpactState, Section};
use weir_frontend::pages::admin as pages;
use weir_query::Locale;
use weir_registry::DraftId;

use super::desk::Desk;
use super::impact;
use super::sheet::Sheet;
use super::words::pick;
use crate::problem::Problem;
use crate::service::governance::{Dossier, GovernanceError};

/// What a page of a draft says beside what the draft is: after a step that was refused, why, and
/// everything that was sent.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Instead of 200.
    pub(super) status: Option<StatusCode>,
    /// The sentence at the top.
    pub(super) flash: Option<Flash>,
    /// What was wrong with fields.
    pub(super) errors: Vec<FieldError>,
    /// The title that was sent.
    pub(super) title: Option<String>,
    /// The file and text that were sent.
    pub(super) own: Option<(String, String)>,
    /// The reason that was sent.
    pub(super) reason: String,
    /// The time that was sent.
    pub(super) effective_from: String,
    /// Whether somebody else saved meanwhile.
    pub(super) conflict: bool,
}

/// `GET /admin/drafts/{id}`
pub(super) async fn draft(desk: Desk, Path(id): Path<u64>) -> Response {
    let page = show(&desk, DraftId::new(id), Said::default()).await;
    desk.answer(Section::Drafts, page).await
}

/// The page of a draft.
///
/// # Errors
/// No such draft, or something that can't be read.
pub(super) async fn show(desk: &Desk, id: DraftId, said: Said) -> Result<Response, Problem> {
    let dossier = desk.state.governance.dossier(id).await?;
    let status = said.status.unwrap_or(StatusCode::OK);
    let counts = desk.asked("count").is_some() && said.status.is_none();
    let impact = if counts {
        count(desk, &dossier).await?
    } else {
        ImpactState::NotCounted
    };
    let sheet = Sheet {
        desk,
        dossier: &dossier,
    };
    let vm = sheet.view(said, impact).await?;
    Ok(desk.page_with(status, pages::draft(&vm)))
}

async fn count(desk: &Desk, dossier: &Dossier) -> Result<ImpactState, Problem> {
    if dossier.after.is_none() {
        return Ok(ImpactState::NotCounted);
    }
    let asker = &desk.admin.0.person.subject;
    let counted = desk
        .state
        .governance
        .impact(dossier.draft.id, asker, &desk.doer())
        .await;
    match counted {
        Ok(counted) => Ok(impact::counted(desk, dossier, &counted)),
        Err(GovernanceError::Engine(error)) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "an impact could not be counted");
            let sentence = pick(
                desk.locale,
                "The data could not be read. Try again in a moment.",
                "Les données n’ont pas pu être lues. Réessayez dans un instant.",
            );
            Ok(ImpactState::Failed(sentence.to_owned()))
        }
        Err(other) => Err(other.into()),
    }
}

/// A field of a form, and what to do about it.
pub(super) fn wrong(field: &str, locale: Locale, en: &'static str, fr: &'static str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message: pick(locale, en, fr).to_owned(),
    }
}
