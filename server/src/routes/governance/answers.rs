//! Drafts and revisions as JSON.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::header::ETAG;
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_registry::{Actor, ContentPath, ContentTree, Draft, InForce, Origin, PublishedRevision};

use crate::problem::{Problem, Slug};
use crate::router::Person;
use crate::service::governance::Wish;

/// Files by path.
pub(super) type Files = BTreeMap<String, String>;

/// A draft.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DraftAnswer {
    id: u64,
    /// Raised by every save.
    version: u64,
    /// `editing`, `in_review`, `scheduled`, `published` or `withdrawn`.
    state: &'static str,
    title: String,
    base: u64,
    origin: OriginAnswer,
    content: String,
    #[schema(value_type = Person)]
    author: Actor,
    #[schema(value_type = Vec<Person>)]
    editors: Vec<Actor>,
    approvals: Vec<ApprovalAnswer>,
    approvals_required: Option<u8>,
    widening: Option<bool>,
    effective_from: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Files>,
}

/// Somebody's approval.
#[derive(Debug, Serialize, ToSchema)]
struct ApprovalAnswer {
    #[schema(value_type = Person)]
    by: Actor,
    at: DateTime<Utc>,
}

/// How a change came about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum OriginAnswer {
    Folder,
    Draft,
    Push,
    Rollback { of: u64 },
}

/// A revision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RevisionAnswer {
    number: u64,
    content: String,
    published_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    #[schema(value_type = Person)]
    author: Actor,
    #[schema(value_type = Vec<Person>)]
    approvers: Vec<Actor>,
    #[schema(value_type = Person)]
    publisher: Actor,
    title: String,
    origin: OriginAnswer,
    draft: Option<u64>,
    widening: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Files>,
}

/// What a draft is opened or saved with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftWish {
    /// What it is about, in a line.
    title: String,
    /// The revision that the files were made from.
    base: u64,
    /// All files, by path.
    files: Files,
    /// How they come.
    #[serde(default)]
    origin: Option<Door>,
}

/// How files come in.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub(super) enum Door {
    /// Somebody edits them here.
    #[serde(rename = "draft")]
    Editor,
    /// A program pushes a folder.
    #[serde(rename = "push")]
    Push,
}

impl DraftWish {
    /// How they come; an editor's unless the wish says otherwise.
    pub(super) fn door(&self) -> Door {
        self.origin.unwrap_or(Door::Editor)
    }

    /// As [`DraftWish::read`], for a draft that is there and keeps its origin.
    pub(super) fn read_again(self) -> Result<Wish, Problem> {
        match self.origin {
            None => self.read(),
            Some(_) => Err(Problem::new(Slug::ContentInvalid)
                .at("/origin", "a draft keeps the origin it was opened with")),
        }
    }

    /// The wish with its files as the registry keeps them.
    pub(super) fn read(self) -> Result<Wish, Problem> {
        let invalid = |detail: String| Problem::new(Slug::ContentInvalid).at("/files", detail);
        let files = self.files.into_iter().map(|(path, text)| {
            let path = ContentPath::parse(path).map_err(|error| invalid(error.to_string()))?;
            Ok((path, text))
        });
        let files = files.collect::<Result<Vec<_>, Problem>>()?;
        let tree = ContentTree::new(files).map_err(|error| invalid(error.to_string()))?;
        Ok(Wish {
            title: self.title,
            base: self.base,
            tree,
        })
    }
}

impl DraftAnswer {
    pub(super) fn of(draft: &Draft, tree: Option<&ContentTree>) -> Self {
        let approvals = draft.approvals.iter().map(|approval| ApprovalAnswer {
            by: approval.by.clone(),
            at: approval.at,
        });
        let verdict = draft.verdict.as_ref();
        Self {
            id: draft.id.get(),
            version: draft.version,
            state: draft.state.as_str(),
            title: draft.title.clone(),
            base: draft.base,
            origin: draft.origin.into(),
            content: draft.content.to_string(),
            author: draft.author.clone(),
            editors: draft.editors.clone(),
            approvals: approvals.collect(),
            approvals_required: verdict.map(weir_registry::Verdict::approvals_required),
            widening: verdict.map(|verdict| verdict.widening),
            effective_from: draft.effective_from,
            created_at: draft.created_at,
            updated_at: draft.updated_at,
            reason: draft.reason.clone(),
            files: tree.map(files),
        }
    }

    /// The draft with the tag that changing it must name.
    pub(super) fn respond(self, draft: &Draft) -> Result<Response, Problem> {
        let tag = HeaderValue::from_str(&etag(draft))
            .map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
        Ok(([(ETAG, tag)], Json(self)).into_response())
    }
}

impl RevisionAnswer {
    pub(super) fn of(revision: &PublishedRevision, tree: Option<&ContentTree>) -> Self {
        Self {
            number: revision.number,
            content: revision.content.to_string(),
            published_at: revision.published_at,
            until: None,
            author: revision.author.clone(),
            approvers: revision.approvers.clone(),
            publisher: revision.publisher.clone(),
            title: revision.title.clone(),
            origin: revision.origin.into(),
            draft: revision.draft.map(weir_registry::DraftId::get),
            widening: revision.widening,
            files: tree.map(files),
        }
    }

    pub(super) fn in_force(past: &InForce) -> Self {
        Self {
            until: past.until,
            ..Self::of(&past.revision, None)
        }
    }
}

impl From<Origin> for OriginAnswer {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Folder => Self::Folder,
            Origin::Draft => Self::Draft,
            Origin::Push => Self::Push,
            Origin::Rollback { of } => Self::Rollback { of },
        }
    }
}

/// The version that a change names in `If-Match`.
///
/// # Errors
/// 428 without one: changing what one has not seen is how things get lost (A6).
pub(super) fn expected(headers: &HeaderMap) -> Result<Expected, Problem> {
    let required = || Problem::new(Slug::PreconditionRequired);
    let tag = headers.get(http::header::IF_MATCH).ok_or_else(required)?;
    let tag = tag.to_str().map_err(|_| required())?;
    let version = tag
        .strip_prefix('"')
        .and_then(|tag| tag.split('-').next())
        .and_then(|version| version.parse().ok());
    Ok(Expected {
        version: version.ok_or_else(required)?,
        tag: tag.to_owned(),
    })
}

/// What a caller saw before a change.
#[derive(Debug)]
pub(super) struct Expected {
    /// The draft's version.
    pub(super) version: u64,
    /// The whole tag.
    tag: String,
}

impl Expected {
    /// Whether the draft still is what the caller saw: steps don't raise the version.
    pub(super) fn is(&self, draft: &Draft) -> bool {
        self.tag == etag(draft)
    }
}

fn etag(draft: &Draft) -> String {
    let (version, state, approvals) = (draft.version, draft.state.as_str(), draft.approvals.len());
    format!("\"{version}-{state}-{approvals}\"")
}

fn files(tree: &ContentTree) -> Files {
    let files = tree.files();
    files
        .map(|(path, text)| (path.as_str().to_owned(), text.to_owned()))
        .collect()
}
