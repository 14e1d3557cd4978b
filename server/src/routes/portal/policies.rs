//! `/admin/policies`: what is in force, dataset by dataset, and the way to change it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use weir_frontend::model::LinkVm;
use weir_frontend::model::admin::{CaseVm, PoliciesVm, PolicyLine, PolicyVm, Section, SourceVm};
use weir_frontend::pages::admin as pages;
use weir_policy::decision_table::{DecisionTable, WrittenCase};
use weir_policy::{DatasetName, Policy};
use weir_query::Locale;
use weir_registry::{ContentPath, ContentTree, Draft, Origin, PublishedRevision};

use super::desk::Desk;
use super::rules::{dataset, label, rules};
use super::witness::claims;
use super::words::{list, pick};
use super::{flash, lines};
use crate::content::Content;
use crate::problem::{Problem, Slug};
use crate::service::governance::{ContentOf, Wish, decision_tables, policy_file};

/// What is in force, with its files.
struct InForce {
    revision: PublishedRevision,
    files: ContentTree,
    content: Arc<Content>,
    tables: Vec<DecisionTable>,
}

impl InForce {
    async fn of(desk: &Desk) -> Result<Self, Problem> {
        let governance = &desk.state.governance;
        let newest = governance.newest().await?;
        let revision = newest.ok_or_else(|| Problem::new(Slug::NotFound))?;
        let files = governance.files(revision.number).await?;
        let content = governance
            .content(ContentOf::Revision(revision.number))
            .await?;
        Ok(Self {
            tables: decision_tables(&files, &content),
            revision,
            files,
            content,
        })
    }

    fn table(&self, name: &DatasetName) -> Option<&DecisionTable> {
        self.tables.iter().find(|table| table.dataset() == name)
    }

    /// A policy's own file and that of its decision table.
    fn paths(&self, name: &DatasetName) -> Vec<ContentPath> {
        let own = policy_file(&self.files, name).map(|(path, _)| path.clone());
        let table = self.table(name).map(DecisionTable::file);
        let table = table.and_then(|path| ContentPath::parse(path).ok());
        own.into_iter().chain(table).collect()
    }

    /// The revision that last changed a policy or its table, for each dataset.
    async fn changes(
        &self,
        desk: &Desk,
    ) -> Result<BTreeMap<ContentPath, PublishedRevision>, Problem> {
        let policies = self.content.policies().policies();
        let paths: Vec<_> = policies.flat_map(|one| self.paths(one.dataset())).collect();
        let governance = &desk.state.governance;
        Ok(governance.changed_in(self.revision.number, &paths).await?)
    }

    fn last<'c>(
        &self,
        changes: &'c BTreeMap<ContentPath, PublishedRevision>,
        name: &DatasetName,
    ) -> Option<&'c PublishedRevision> {
        let paths = self.paths(name);
        let revisions = paths.iter().filter_map(|path| changes.get(path));
        revisions.max_by_key(|revision| revision.number)
    }

    fn touching<'d>(
        &self,
        open: &'d [(Draft, Vec<ContentPath>)],
        name: &DatasetName,
    ) -> Vec<&'d Draft> {
        let paths = self.paths(name);
        let touches = open
            .iter()
            .filter(|(_, touched)| touched.iter().any(|path| paths.contains(path)));
        touches.map(|(draft, _)| draft).collect()
    }
}

/// `GET /admin/policies`
pub(super) async fn policies(desk: Desk) -> Response {
    let page = all(&desk).await;
    desk.answer(Section::Policies, page).await
}

async fn all(desk: &Desk) -> Result<Response, Problem> {
    let in_force = InForce::of(desk).await?;
    let changes = in_force.changes(desk).await?;
    let open = desk.state.governance.touched_by_open_drafts().await?;
    let line = |policy: &Policy| {
        let name = policy.dataset();
        let last = in_force.last(&changes, name).unwrap_or(&in_force.revision);
        let cases = in_force.table(name).map_or(0, DecisionTable::case_count);
        PolicyLine {
            label: label(&[&in_force.content], name, desk.locale),
            name: name.to_string(),
            href: format!("/admin/policies/{name}"),
            rules: small(policy.rules().len()),
            cases: small(cases),
            changed_by: last.author.name.clone(),
            changed: desk.presenter().when(last.published_at),
            drafts: small(in_force.touching(&open, name).len()),
        }
    };
    let mut policies: Vec<_> = in_force.content.policies().policies().map(line).collect();
    policies.sort_by(|one, other| one.label.cmp(&other.label));
    Ok(desk.page(pages::policies(&PoliciesVm {
        frame: desk.frame(Section::Policies).await?,
        policies,
    })))
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// `GET /admin/policies/{dataset}`
pub(super) async fn policy(desk: Desk, Path(name): Path<String>) -> Response {
    let page = one(&desk, &name).await;
    desk.answer(Section::Policies, page).await
}

async fn one(desk: &Desk, name: &str) -> Result<Response, Problem> {
    let not_found = || Problem::new(Slug::NotFound);
    let name = DatasetName::parse(name).map_err(|_| not_found())?;
    let in_force = InForce::of(desk).await?;
    let (path, text) = policy_file(&in_force.files, &name).ok_or_else(not_found)?;
    let changes = in_force.changes(desk).await?;
    let last = in_force.last(&changes, &name).unwrap_or(&in_force.revision);
    let open = desk.state.governance.touched_by_open_drafts().await?;
    let link = |draft: &&Draft| LinkVm {
        label: format!("{} · {}", draft.id, draft.title),
        href: lines::href(draft),
    };
    let cases = in_force
        .table(&name)
        .into_iter()
        .flat_map(DecisionTable::cases);
    Ok(desk.page(pages::policy(&PolicyVm {
        frame: desk.frame(Section::Policies).await?,
        label: label(&[&in_force.content], &name, desk.locale),
        name: name.to_string(),
        changed_by: last.author.name.clone(),
        changed: desk.presenter().when(last.published_at),
        rules: rules(&in_force.content, &name, desk.locale),
        cases: cases
            .map(|case| written(&case, &in_force.content, &name, desk.locale))
            .collect(),
        source: SourceVm {
            path: path.to_string(),
            text: text.to_owned(),
        },
        drafts: in_force.touching(&open, &name).iter().map(link).collect(),
        change_action: Some(format!("/admin/policies/{name}/change")),
    })))
}

fn written(
    case: &WrittenCase<'_>,
    content: &Content,
    name: &DatasetName,
    locale: Locale,
) -> CaseVm {
    let claims = claims(case.subject, dataset(content, name), locale);
    let held: Vec<String> = claims
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(claim, values)| match locale {
            Locale::EnCa => format!("{claim}: {values}"),
            Locale::FrCa => format!("{claim}\u{a0}: {values}"),
        })
        .collect();
    let nobody = pick(
        locale,
        "Somebody without claims",
        "Une personne sans attributs",
    );
    let sees = match case.sees {
        None => pick(
            locale,
            "nothing: it is closed to them",
            "rien\u{a0}: l’accès leur est fermé",
        )
        .to_owned(),
        Some(rows) if rows.is_empty() => {
            pick(locale, "none of these rows", "aucune de ces lignes").to_owned()
        }
        Some(rows) => list(rows.iter().cloned().collect(), locale),
    };
    CaseVm {
        name: case.name.to_owned(),
        subject: if held.is_empty() {
            nobody.to_owned()
        } else {
            held.join(" · ")
        },
        sees,
    }
}

/// `POST /admin/policies/{dataset}/change`: a draft with the files in force, at this policy.
pub(super) async fn change(desk: Desk, Path(name): Path<String>) -> Response {
    let page = open(&desk, &name).await;
    desk.answer(Section::Policies, page).await
}

async fn open(desk: &Desk, name: &str) -> Result<Response, Problem> {
    let not_found = || Problem::new(Slug::NotFound);
    let name = DatasetName::parse(name).map_err(|_| not_found())?;
    let in_force = InForce::of(desk).await?;
    let (path, _) = policy_file(&in_force.files, &name).ok_or_else(not_found)?;
    let label = label(&[&in_force.content], &name, desk.locale);
    let wish = Wish {
        title: match desk.locale {
            Locale::EnCa => format!("Change {label}"),
            Locale::FrCa => format!("Modifier {label}"),
        },
        base: in_force.revision.number,
        tree: in_force.files.clone(),
    };
    let governance = &desk.state.governance;
    let draft = governance.open(wish, Origin::Draft, desk.doer()).await?;
    let pairs = [("file", path.as_str()), (flash::NAME, "opened")];
    Ok(desk.go(&lines::href(&draft), &pairs))
}
