//! `/api/v1/policies/drafts…`: a change from its first words to its publication.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use weir_registry::{ChangeKind, ContentTree, DraftId, Origin, RequestId};

use super::answers::{Door, DraftAnswer, DraftWish, expected};
use super::refusals::conflict;
use crate::guard::Admin;
use crate::problem::{Problem, Slug};
use crate::service::governance::{Checked, Doer, Move, Pushed};
use crate::service::impact::Impact;
use crate::state::AppState;

/// Drafts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DraftsAnswer {
    drafts: Vec<DraftAnswer>,
}

/// `GET …/drafts`: every draft that is not given up, the last touched first.
///
/// # Errors
/// When the registry can't say.
#[utoipa::path(
    get, path = "/api/v1/policies/drafts", tag = "drafts", summary = "Every draft that is not given up",
    responses((status = 200, body = DraftsAnswer)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _: Admin,
) -> Result<Json<DraftsAnswer>, Problem> {
    let drafts = state.governance.drafts().await?;
    let drafts = drafts.iter().map(|d| DraftAnswer::of(d, None));
    Ok(Json(DraftsAnswer {
        drafts: drafts.collect(),
    }))
}

/// `POST …/drafts`: opens one with these files, made from the newest revision. A push is checked
/// first, and answered with the draft that has the same files already, if there is one.
///
/// # Errors
/// Files or a title that can't be kept, a push with findings, or a change that changes nothing.
#[utoipa::path(
    post, path = "/api/v1/policies/drafts", tag = "drafts", summary = "Open a draft",
    request_body = DraftWish,
    responses(
        (status = 200, body = DraftAnswer, description = "The draft that has the pushed files already."),
        (status = 201, body = DraftAnswer, headers(("etag", description = "For `If-Match`."))),
    ),
)]
pub(super) async fn open(
    State(state): State<AppState>,
    admin: Admin,
    Extension(request): Extension<RequestId>,
    Json(wish): Json<DraftWish>,
) -> Result<(StatusCode, Response), Problem> {
    let (way, doer) = (wish.door(), doer(&admin, request));
    let wish = wish.read()?;
    let (status, draft) = match way {
        Door::Editor => {
            let draft = state.governance.open(wish, Origin::Draft, doer).await?;
            (StatusCode::CREATED, draft)
        }
        Door::Push => match state.governance.push(wish, doer).await? {
            Pushed::Opened(draft) => (StatusCode::CREATED, draft),
            Pushed::Known(draft) => (StatusCode::OK, draft),
        },
    };
    Ok((status, DraftAnswer::of(&draft, None).respond(&draft)?))
}

/// `GET …/drafts/{id}`: one, with its files.
///
/// # Errors
/// No such draft.
#[utoipa::path(
    get, path = "/api/v1/policies/drafts/{id}", tag = "drafts", summary = "One draft, with its files",
    params(("id" = u64, Path, description = "The draft.")),
    responses((status = 200, body = DraftAnswer, headers(("etag", description = "For `If-Match`.")))),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    _: Admin,
    Path(id): Path<u64>,
) -> Result<Response, Problem> {
    let draft = state.governance.get(DraftId::new(id)).await?;
    let tree = state.governance.draft_files(draft.id).await?;
    DraftAnswer::of(&draft, Some(&tree)).respond(&draft)
}

/// `PUT …/drafts/{id}`: a new version, made from the newest revision. Approvals are gone.
///
/// # Errors
/// 428 without `If-Match`; 409 with what others made of it when they were faster.
#[utoipa::path(
    put, path = "/api/v1/policies/drafts/{id}", tag = "drafts", summary = "Save a draft; approvals are gone",
    params(
        ("id" = u64, Path, description = "The draft."),
        ("if-match" = String, Header, description = "The `ETag` of what was changed."),
    ),
    request_body = DraftWish,
    responses((status = 200, body = DraftAnswer, headers(("etag", description = "For `If-Match`.")))),
)]
pub(super) async fn save(
    State(state): State<AppState>,
    admin: Admin,
    Path(id): Path<u64>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    Json(wish): Json<DraftWish>,
) -> Result<Response, Problem> {
    let (id, expected) = (DraftId::new(id), expected(&headers)?);
    let wish = wish.read_again()?;
    let stored = state.governance.get(id).await?;
    if !expected.is(&stored) {
        return Err(differing(&state, id, &wish.tree, conflict(&stored)).await?);
    }
    let doer = doer(&admin, request);
    let draft = state
        .governance
        .save(id, expected.version, wish, doer)
        .await?;
    DraftAnswer::of(&draft, None).respond(&draft)
}

/// `GET …/drafts/{id}/check`: findings, what differs from what is in force, and whether it widens.
///
/// # Errors
/// No such draft.
#[utoipa::path(
    get, path = "/api/v1/policies/drafts/{id}/check", tag = "drafts",
    summary = "Findings, what differs, and whether it widens",
    params(("id" = u64, Path, description = "The draft.")),
    responses((status = 200, body = Object)),
)]
pub(super) async fn check(
    State(state): State<AppState>,
    _: Admin,
    Path(id): Path<u64>,
) -> Result<Json<Checked>, Problem> {
    Ok(Json(state.governance.check(DraftId::new(id), None).await?))
}

/// `GET …/drafts/{id}/impact`: rows and columns gained and lost by the sample people.
///
/// # Errors
/// No such draft, one with findings, or rows that can't be counted now.
#[utoipa::path(
    get, path = "/api/v1/policies/drafts/{id}/impact", tag = "drafts",
    summary = "Rows and columns that the sample people gain and lose",
    params(("id" = u64, Path, description = "The draft.")),
    responses((status = 200, body = Vec<Object>)),
)]
pub(super) async fn impact(
    State(state): State<AppState>,
    admin: Admin,
    Path(id): Path<u64>,
    Extension(request): Extension<RequestId>,
) -> Result<Json<Vec<Impact>>, Problem> {
    let doer = doer(&admin, request);
    let asker = &admin.0.person.subject;
    let counted = state.governance.impact(DraftId::new(id), asker, &doer);
    Ok(Json(counted.await?.impacts))
}

/// What some steps need to know.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StepWish {
    /// Why it is sent back.
    reason: Option<String>,
    /// When it comes into force.
    effective_from: Option<DateTime<Utc>>,
}

/// `POST …/drafts/{id}/{step}`: submit, approve, send-back, withdraw, schedule, unschedule, publish.
///
/// # Errors
/// No such step or draft; 428, 409; findings; own work; not where the draft stands; a program, or a
/// token, where a person has to decide.
#[utoipa::path(
    post, path = "/api/v1/policies/drafts/{id}/{step}", tag = "drafts", summary = "Take a step",
    params(
        ("id" = u64, Path, description = "The draft."),
        ("step" = String, Path,
            description = "`submit`, `approve`, `send-back`, `withdraw`, `schedule`, `unschedule` or `publish`."),
        ("if-match" = String, Header, description = "The `ETag` of what was seen."),
    ),
    request_body = Option<StepWish>,
    responses((status = 200, body = DraftAnswer, headers(("etag", description = "For `If-Match`.")))),
)]
pub(super) async fn step(
    State(state): State<AppState>,
    admin: Admin,
    Path((id, step)): Path<(u64, String)>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    wish: Option<Json<StepWish>>,
) -> Result<Response, Problem> {
    let (id, expected) = (DraftId::new(id), expected(&headers)?);
    let wanted = wanted(&step, wish.map(|Json(wish)| wish).unwrap_or_default())?;
    if decides(&wanted) {
        admin.member()?;
    }
    let stored = state.governance.get(id).await?;
    if !expected.is(&stored) {
        return Err(conflict(&stored));
    }
    let doer = doer(&admin, request);
    let draft = state
        .governance
        .take(id, expected.version, wanted, doer)
        .await?;
    DraftAnswer::of(&draft, None).respond(&draft)
}

fn wanted(step: &str, wish: StepWish) -> Result<Move, Problem> {
    let missing = |field: &str| {
        let pointer = format!("/{field}");
        Problem::new(Slug::ContentInvalid).at(pointer, format!("`{field}` is missing"))
    };
    Ok(match step {
        "submit" => Move::Submit,
        "approve" => Move::Approve,
        "send-back" => Move::SendBack(wish.reason.ok_or_else(|| missing("reason"))?),
        "withdraw" => Move::Withdraw,
        "schedule" => Move::Schedule(
            wish.effective_from
                .ok_or_else(|| missing("effective_from"))?,
        ),
        "unschedule" => Move::Unschedule,
        "publish" => Move::Publish,
        _ => return Err(Problem::new(Slug::NotFound)),
    })
}

/// Whether a step is a person's, before a page they signed in to. A program has an identity of its
/// own, which must not be the second of four eyes; nor may a token that somebody was tricked into.
fn decides(step: &Move) -> bool {
    matches!(step, Move::Approve | Move::Schedule(_) | Move::Publish)
}

/// Who does it, in which request.
pub(super) fn doer(admin: &Admin, request: RequestId) -> Doer {
    Doer {
        actor: admin.actor(),
        request,
    }
}

/// The conflict, with the files in which both differ.
async fn differing(
    state: &AppState,
    id: DraftId,
    mine: &ContentTree,
    conflict: Problem,
) -> Result<Problem, Problem> {
    let theirs = state.governance.draft_files(id).await?;
    let files = theirs.changes_to(mine).into_iter().map(|change| {
        json!({
            "path": change.path.as_str(),
            "kind": match change.kind {
                ChangeKind::Added => "only_yours",
                ChangeKind::Removed => "only_theirs",
                ChangeKind::Changed => "both",
            },
            "theirs": theirs.get(&change.path),
        })
    });
    Ok(conflict.with(json!({ "files": files.collect::<Vec<_>>() })))
}
