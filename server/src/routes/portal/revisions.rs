//! `/admin/revisions`: what was in force, two of them compared, and the way back to one.

use axum::extract::Path;
use axum::response::Response;
use chrono::{DateTime, Utc};
use weir_frontend::model::LinkVm;
use weir_frontend::model::admin::{
    Choice, FileChange, RevisionDiffVm, RevisionFile, RevisionVm, RevisionsVm, RuleVm, Section,
    SourceVm,
};
use weir_frontend::pages::admin as pages;
use weir_query::Locale;
use weir_registry::{ContentPath, PublishedRevision};

use super::desk::Desk;
use super::rules::{Sides, files, label, rules};
use super::words::pick;
use super::{flash, lines};
use crate::content::Content;
use crate::problem::{Problem, Slug};
use crate::service::governance::ContentOf;

/// How many revisions stand on a page.
const PAGE: u32 = 30;

/// How many revisions can be chosen from.
const CHOICES: u32 = 200;

/// `GET /admin/revisions`
pub(super) async fn revisions(desk: Desk) -> Response {
    let page = all(&desk).await;
    desk.answer(Section::Revisions, page).await
}

async fn all(desk: &Desk) -> Result<Response, Problem> {
    let before = desk.asked("before").map(number).transpose()?;
    let page = desk.state.governance.revisions(before, PAGE).await?;
    let mut until = match page.revisions.first() {
        Some(newest) => superseded(desk, newest.number).await?,
        None => None,
    };
    let line = |revision: &PublishedRevision| {
        let until = until.replace(revision.published_at);
        lines::revision(revision, until, desk.presenter())
    };
    Ok(desk.page(pages::revisions(&RevisionsVm {
        revisions: page.revisions.iter().map(line).collect(),
        older_href: page
            .next
            .map(|next| format!("/admin/revisions?before={next}")),
        frame: desk.frame(Section::Revisions).await?,
    })))
}

/// When the next revision took over.
async fn superseded(desk: &Desk, number: u64) -> Result<Option<DateTime<Utc>>, Problem> {
    let newest = desk.state.governance.latest().await?;
    if number >= newest {
        return Ok(None);
    }
    let next = desk.state.governance.revision(number + 1).await?;
    Ok(Some(next.published_at))
}

fn number(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::new(Slug::NotFound))
}

/// `GET /admin/revisions/{number}`
pub(super) async fn revision(desk: Desk, Path(number): Path<u64>) -> Response {
    let page = one(&desk, number).await;
    desk.answer(Section::Revisions, page).await
}

async fn one(desk: &Desk, number: u64) -> Result<Response, Problem> {
    let governance = &desk.state.governance;
    let revision = governance.revision(number).await?;
    let until = superseded(desk, number).await?;
    let now = governance.files(number).await?;
    let older = number.checked_sub(1).filter(|older| *older > 0);
    // Nothing of the first revision was changed by it.
    let then = match older {
        Some(older) => governance.files(older).await?,
        None => now.clone(),
    };
    let asked = desk
        .asked("file")
        .and_then(|path| ContentPath::parse(path).ok());
    let open = asked.and_then(|path| {
        let text = now.get(&path)?.to_owned();
        let path = path.to_string();
        Some(SourceVm { path, text })
    });
    let content = governance.content(ContentOf::Revision(number)).await?;
    let file = |(path, change): (String, FileChange)| RevisionFile {
        href: format!("/admin/revisions/{number}?{}#files", query("file", &path)),
        open: open.as_ref().is_some_and(|file| file.path == path),
        path,
        change,
    };
    Ok(desk.page(pages::revision(&RevisionVm {
        revision: lines::revision(&revision, until, desk.presenter()),
        content: revision.content.to_string(),
        draft: revision.draft.map(|id| LinkVm {
            label: match desk.locale {
                Locale::EnCa => format!("Draft {id}"),
                Locale::FrCa => format!("Ébauche {id}"),
            },
            href: format!("/admin/drafts/{id}"),
        }),
        compare_href: older.map(|older| format!("/admin/revisions/diff?from={older}&to={number}")),
        policies: policies(&content, desk.locale),
        files: files(&then, &now).into_iter().map(file).collect(),
        file: open.clone(),
        roll_back_action: until.map(|_| format!("/admin/revisions/{number}/rollback")),
        frame: desk.frame(Section::Revisions).await?,
    })))
}

fn policies(content: &Content, locale: Locale) -> Vec<(String, Vec<RuleVm>)> {
    let policies = content.policies().policies();
    let mut said: Vec<_> = policies
        .map(|policy| {
            let name = policy.dataset();
            (
                label(&[content], name, locale),
                rules(content, name, locale),
            )
        })
        .collect();
    said.sort_by(|(one, _), (other, _)| one.cmp(other));
    said
}

fn query(name: &str, value: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair(name, value)
        .finish()
}

/// `GET /admin/revisions/diff?from=…&to=…`
pub(super) async fn diff(desk: Desk) -> Response {
    let page = compared(&desk).await;
    desk.answer(Section::Revisions, page).await
}

async fn compared(desk: &Desk) -> Result<Response, Problem> {
    let governance = &desk.state.governance;
    let newest = governance.latest().await?;
    let asked = |name: &str, other: u64| desk.asked(name).map_or(Ok(other), number);
    let (from, to) = (
        asked("from", newest.saturating_sub(1).max(1))?,
        asked("to", newest)?,
    );
    let (before, after) = (
        governance.content(ContentOf::Revision(from)).await?,
        governance.content(ContentOf::Revision(to)).await?,
    );
    let change = governance.diff(from, to).await?.change;
    let sides = Sides {
        before: &before,
        after: &after,
        locale: desk.locale,
    };
    let mut touched = files(&governance.files(from).await?, &governance.files(to).await?);
    touched.retain(|(_, change)| *change != FileChange::Same);
    let known = governance.revisions(None, CHOICES).await?.revisions;
    let choices = |chosen: u64| {
        let choice = |revision: &PublishedRevision| Choice {
            value: revision.number.to_string(),
            label: format!("{} · {}", revision.number, revision.title),
            chosen: revision.number == chosen,
        };
        known.iter().map(choice).collect::<Vec<_>>()
    };
    let label = |number: u64| {
        let word = pick(desk.locale, "Revision", "Révision");
        format!("{word} {number}")
    };
    Ok(desk.page(pages::revision_diff(&RevisionDiffVm {
        from: choices(from),
        to: choices(to),
        from_label: label(from),
        to_label: label(to),
        rules: sides.differences(&change),
        readings: sides.readings(&change),
        files: touched,
        frame: desk.frame(Section::Revisions).await?,
    })))
}

/// `POST /admin/revisions/{number}/rollback`: a draft with that content.
pub(super) async fn roll_back(desk: Desk, Path(number): Path<u64>) -> Response {
    let governance = &desk.state.governance;
    let page = match governance.roll_back(number, desk.doer()).await {
        Ok(draft) => {
            let pairs = [(flash::NAME, "opened")];
            Ok(desk.go(&lines::href(&draft), &pairs))
        }
        Err(error) => Err(error.into()),
    };
    desk.answer(Section::Revisions, page).await
}
