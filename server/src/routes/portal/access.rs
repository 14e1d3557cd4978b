//! `/admin/access`: who sees what. `/admin/access/explain`: why.

use axum::response::Response;
use weir_frontend::model::admin::{AccessCell, AccessRow, AccessVm, Choice, Section, Sees};
use weir_frontend::pages::admin as pages;
use weir_policy::Subject;
use weir_policy::persona::Persona;
use weir_query::{Dataset, Locale};
use weir_registry::DraftState;

use super::desk::Desk;
use super::impact::{counted_on, share};
use super::words::pick;
use crate::content::Content;
use crate::problem::{Problem, Slug};
use crate::service::governance::{CellAccess, ContentOf, RowsSeen};

/// How many revisions can be chosen from.
const REVISIONS: u32 = 10;

/// `GET /admin/access`
pub(super) async fn access(desk: Desk) -> Response {
    let page = matrix(&desk).await;
    desk.answer(Section::Access, page).await
}

async fn matrix(desk: &Desk) -> Result<Response, Problem> {
    let governance = &desk.state.governance;
    let of = content_of(desk).await?;
    let access = governance.access(of, &desk.doer()).await?;
    let content = governance.content(of).await?;
    let most = |column: usize| {
        let cells = access
            .rows
            .iter()
            .filter_map(|(_, cells)| cells.get(column));
        cells.map(|cell| counted(*cell)).max().unwrap_or_default()
    };
    let most: Vec<u64> = (0..access.datasets.len()).map(most).collect();
    let row = |(persona, cells): &(Persona, Vec<CellAccess>)| {
        let columns = cells.iter().zip(&access.datasets).zip(&most);
        let cell =
            |((cell, dataset), most): ((&CellAccess, &std::sync::Arc<Dataset>), &u64)| AccessCell {
                href: href(persona, dataset, of),
                sees: sees(desk, *cell, *most),
                hidden: small(cell.hidden),
                masked: small(cell.masked),
            };
        AccessRow {
            persona: persona.label(desk.locale).to_owned(),
            business_unit: units(&content, persona.subject(), desk.locale),
            cells: columns.map(cell).collect(),
        }
    };
    let label = |dataset: &std::sync::Arc<Dataset>| dataset.label().get(desk.locale).to_owned();
    Ok(desk.page(pages::access(&AccessVm {
        contents: contents(desk, of).await?,
        counted_on: counted_on(desk, access.data_time),
        datasets: access.datasets.iter().map(label).collect(),
        rows: access.rows.iter().map(row).collect(),
        frame: desk.frame(Section::Access).await?,
    })))
}

/// The content that the address asks about; what is in force unless it says.
///
/// # Errors
/// A word that is no content.
pub(super) async fn content_of(desk: &Desk) -> Result<ContentOf, Problem> {
    match desk.asked("content") {
        Some(text) => text.parse().map_err(|()| Problem::new(Slug::NotFound)),
        None => Ok(ContentOf::Revision(desk.state.governance.latest().await?)),
    }
}

/// What may be looked at: the newest revisions, and drafts that are under way.
///
/// # Errors
/// When the registry can't say.
pub(crate) async fn contents(desk: &Desk, chosen: ContentOf) -> Result<Vec<Choice>, Problem> {
    let governance = &desk.state.governance;
    let newest = governance.latest().await?;
    let choice = |of: ContentOf, label: String| Choice {
        value: of.to_string(),
        label,
        chosen: of == chosen,
    };
    let mut choices = Vec::new();
    for revision in governance.revisions(None, REVISIONS).await?.revisions {
        let number = revision.number;
        let word = pick(desk.locale, "Revision", "Révision");
        let now = if number == newest {
            pick(desk.locale, ", in force", ", en vigueur")
        } else {
            ""
        };
        let label = format!("{word} {number}{now} · {}", revision.title);
        choices.push(choice(ContentOf::Revision(number), label));
    }
    let drafts = governance.drafts().await?;
    let open = drafts
        .iter()
        .filter(|draft| draft.state != DraftState::Published);
    for draft in open {
        let word = pick(desk.locale, "Draft", "Ébauche");
        let label = format!("{word} {} · {}", draft.id, draft.title);
        choices.push(choice(ContentOf::Draft(draft.id), label));
    }
    Ok(choices)
}

fn href(persona: &Persona, dataset: &Dataset, of: ContentOf) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("dataset", dataset.name().as_ref())
        .append_pair("persona", persona.name().as_str())
        .append_pair("content", &of.to_string())
        .finish();
    format!("/admin/access/explain?{query}")
}

fn counted(cell: CellAccess) -> u64 {
    match cell.rows {
        RowsSeen::Counted(rows) => rows,
        RowsSeen::Denied | RowsSeen::Uncounted => 0,
    }
}

/// How much somebody sees, and how much of the most that any sample person sees.
pub(super) fn sees(desk: &Desk, cell: CellAccess, most: u64) -> Sees {
    match cell.rows {
        RowsSeen::Denied | RowsSeen::Counted(0) => Sees::Nothing,
        RowsSeen::Counted(rows) => Sees::Rows {
            count: desk.presenter().count(rows),
            share: share(rows, most),
        },
        RowsSeen::Uncounted => Sees::Uncounted,
    }
}

/// The units of a subject by their labels: "Auto, Home", "all 7 units", "no unit".
pub(super) fn units(content: &Content, subject: &Subject, locale: Locale) -> String {
    let (known, own) = (content.business_units(), subject.business_units());
    if own.is_empty() {
        return pick(locale, "no unit", "aucune unité").to_owned();
    }
    if own.len() == known.len() && own.len() > 1 {
        return match locale {
            Locale::EnCa => format!("all {} units", known.len()),
            Locale::FrCa => format!("les {} unités", known.len()),
        };
    }
    let label = |unit: &weir_policy::BusinessUnit| {
        let found = known.iter().find(|(one, _)| one == unit);
        found.map_or_else(
            || unit.to_string(),
            |(_, label)| label.get(locale).to_owned(),
        )
    };
    own.iter().map(label).collect::<Vec<_>>().join(", ")
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
