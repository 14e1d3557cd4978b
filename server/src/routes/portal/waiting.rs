//! `/admin`: what waits for whoever reads it. `/admin/drafts`: every draft.

use axum::response::Response;
use weir_engine::DriftKind;
use weir_frontend::model::admin::{DraftsVm, Section, WaitingVm};
use weir_frontend::pages::admin as pages;
use weir_query::Locale;
use weir_registry::{Draft, DraftState};

use super::desk::Desk;
use super::{lines, rules};
use crate::problem::Problem;
use crate::service::drift_log::Drifted;
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
        changed_tables: changed_tables(desk),
    })))
}

/// The columns that tiles are withheld for.
fn changed_tables(desk: &Desk) -> Vec<String> {
    let known = desk.state.lake.drift.known().into_iter();
    let withholding = known.filter(Drifted::withholds);
    withholding.map(|one| sentence(&one, desk)).collect()
}

fn sentence(one: &Drifted, desk: &Desk) -> String {
    let content = desk.state.dashboards.published.current();
    let (dataset, column) = (&one.drift.dataset, &one.drift.column);
    let label = rules::label(&[&content], dataset, desk.locale);
    let since = desk.presenter().when(one.since).text;
    let what = match (&one.drift.kind, desk.locale) {
        (DriftKind::Retyped { declared, found }, Locale::EnCa) => {
            format!("the column {column} is declared {declared} and is {found} now")
        }
        (DriftKind::Retyped { declared, found }, Locale::FrCa) => {
            format!("la colonne {column} est déclarée {declared} et est maintenant {found}")
        }
        (_, Locale::EnCa) => format!("the column {column} is not in the table any more"),
        (_, Locale::FrCa) => format!("la colonne {column} n’est plus dans la table"),
    };
    match desk.locale {
        Locale::EnCa => format!("{label} ({dataset}): {what}; since {since}."),
        Locale::FrCa => format!("{label} ({dataset})\u{a0}: {what}\u{a0}; depuis {since}."),
    }
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
