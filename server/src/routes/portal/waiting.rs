//! `/admin`: what waits for whoever reads it. `/admin/drafts`: every draft.

use axum::response::Response;
use weir_frontend::model::admin::{DraftsVm, Section, WaitingVm};
use weir_frontend::pages::admin as pages;
use weir_registry::{Draft, DraftState};

use super::desk::Desk;
use super::lines;
use crate::problem::Problem;
use crate::service::governance::{is_editor, is_waiting_for};

/// `GET /admin`
pub(super) async fn waiting(desk: Desk) -> Response {
    let page = what_waits(&desk).await;
    desk.answer(Section::Waiting, page).await
}

async fn what_waits(desk: &Desk) -> Result<Response, Problem> {
    let governance = &desk.state.governance;
    let (presenter, me) = (desk.presenter(), desk.admin.actor());
    let drafts = governance.drafts().await?;
    let lines_of = |wanted: &dyn Fn(&Draft) -> bool| {
        let found = drafts.iter().filter(|draft| wanted(draft));
        found
            .map(|draft| lines::draft(draft, presenter))
            .collect::<Vec<_>>()
    };
    let mut for_me = lines_of(&|draft| is_waiting_for(draft, &me));
    for_me.reverse();
    let mut due: Vec<&Draft> = drafts
        .iter()
        .filter(|draft| draft.state == DraftState::Scheduled)
        .collect();
    due.sort_by_key(|draft| draft.effective_from);
    let newest = governance.newest().await?;
    let chain = lines::chain(
        governance.chain().await,
        governance.log_length().await?,
        presenter,
    );
    Ok(desk.page(pages::waiting(&WaitingVm {
        frame: desk.frame(Section::Waiting).await?,
        for_me,
        mine: lines_of(&|draft| draft.state != DraftState::Published && is_editor(draft, &me)),
        scheduled: due
            .iter()
            .map(|draft| lines::draft(draft, presenter))
            .collect(),
        in_force: newest.map(|newest| lines::revision(&newest, None, presenter)),
        chain,
    })))
}

/// `GET /admin/drafts`
pub(super) async fn drafts(desk: Desk) -> Response {
    let page = all_drafts(&desk).await;
    desk.answer(Section::Drafts, page).await
}

async fn all_drafts(desk: &Desk) -> Result<Response, Problem> {
    let drafts = desk.state.governance.drafts().await?;
    let line = |draft: &Draft| lines::draft(draft, desk.presenter());
    Ok(desk.page(pages::drafts(&DraftsVm {
        frame: desk.frame(Section::Drafts).await?,
        drafts: drafts.iter().map(line).collect(),
        older_href: None,
    })))
}
