//! The steps of a draft's life, posted by plain forms. What was done leads on to the page; what was
//! refused is said there with everything that was sent, so nothing is lost.

use axum::extract::Path;
use axum::response::Response;
use chrono::{DateTime, NaiveDateTime, TimeZone as _, Utc};
use weir_frontend::model::admin::{FieldError, Section};
use weir_query::Locale;
use weir_registry::{ContentPath, ContentTree, Draft, DraftError, DraftId, DraftState};

use super::desk::Desk;
use super::draft::{Said, show, wrong};
use super::flash;
use super::form::{Form, kept};
use super::refusal::sentence;
use crate::problem::{Problem, Slug};
use crate::service::governance::{GovernanceError, Move, Wish, is_editor};

/// Why a step was not taken.
#[derive(Debug)]
enum Refusal {
    /// The use case says so.
    Governance(GovernanceError),
    /// A field can't be used.
    Field(FieldError),
    /// A sentence of the portal's own.
    Sentence(Slug, &'static str),
    /// The request makes no sense.
    Problem(Problem),
}

impl From<GovernanceError> for Refusal {
    fn from(error: GovernanceError) -> Self {
        Self::Governance(error)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// `POST /admin/drafts/{id}/{step}`
pub(super) async fn step(
    desk: Desk,
    Path((id, step)): Path<(u64, String)>,
    form: Form,
) -> Response {
    let id = DraftId::new(id);
    let taken = match step.as_str() {
        "save" => save(&desk, id, &form).await,
        "check" => check(&desk, id, &form).await,
        other => take(&desk, id, other, &form).await,
    };
    let page = match taken {
        Ok(way) => Ok(way),
        Err(refusal) => refuse(&desk, id, &step, &form, refusal).await,
    };
    desk.answer(Section::Drafts, page).await
}

/// `GET /admin/drafts/{id}/{step}`: nobody can go back to a step, only to its draft.
pub(super) async fn back(desk: Desk, Path((id, _)): Path<(u64, String)>) -> Response {
    desk.go(&format!("/admin/drafts/{id}"), &[])
}

async fn take(desk: &Desk, id: DraftId, step: &str, form: &Form) -> Result<Response, Refusal> {
    let (wanted, did) = match step {
        "submit" => (Move::Submit, "submitted"),
        "approve" => (Move::Approve, "approved"),
        "send-back" => (Move::SendBack(reason(desk, form)?), "sent-back"),
        "schedule" => (Move::Schedule(effective_from(desk, form)?), "scheduled"),
        "unschedule" => (Move::Unschedule, "unscheduled"),
        "publish" => (Move::Publish, "published"),
        "withdraw" => (Move::Withdraw, "withdrawn"),
        _ => return Err(Problem::new(Slug::NotFound).into()),
    };
    let version = form.number("version")?;
    let governance = &desk.state.governance;
    governance.take(id, version, wanted, desk.doer()).await?;
    Ok(desk.go(&href(id), &[(flash::NAME, did)]))
}

fn reason(desk: &Desk, form: &Form) -> Result<String, Refusal> {
    match form.line("reason") {
        "" => Err(Refusal::Field(wrong(
            "reason",
            desk.locale,
            "Say what should change.",
            "Dites ce qui devrait changer.",
        ))),
        reason => Ok(reason.to_owned()),
    }
}

/// A time as the field has it, in Eastern time. Where the clock is set back, the earlier one.
fn effective_from(desk: &Desk, form: &Form) -> Result<DateTime<Utc>, Refusal> {
    let no_time = || {
        Refusal::Field(wrong(
            "effective_from",
            desk.locale,
            "Choose a date and a time.",
            "Choisissez une date et une heure.",
        ))
    };
    let text = form.line("effective_from");
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .ok_or_else(no_time)?;
    let time = chrono_tz::America::Toronto
        .from_local_datetime(&local)
        .earliest()
        .ok_or_else(no_time)?
        .with_timezone(&Utc);
    if time > desk.state.clock.now() {
        return Ok(time);
    }
    Err(Refusal::Field(wrong(
        "effective_from",
        desk.locale,
        "Choose a time in the future.",
        "Choisissez un moment à venir.",
    )))
}

async fn save(desk: &Desk, id: DraftId, form: &Form) -> Result<Response, Refusal> {
    let saved = keep(desk, id, form).await?;
    let pairs = [("file", form.line("path")), (flash::NAME, saved)];
    Ok(desk.go(&href(id), &pairs))
}

/// Saves what the editor holds, if there is one, then looks at the draft and counts what it does.
async fn check(desk: &Desk, id: DraftId, form: &Form) -> Result<Response, Refusal> {
    let edited = form.get("text").is_some();
    let saved = if edited {
        keep(desk, id, form).await?
    } else {
        bring_up(desk, id, form).await?
    };
    let did = if saved == "brought-up" {
        saved
    } else {
        "checked"
    };
    let path = form.line("path");
    let mut pairs = vec![("count", "1"), (flash::NAME, did)];
    if edited {
        pairs.push(("file", path));
    }
    Ok(desk.go(&href(id), &pairs))
}

/// Keeps the editor's text as a new version, over the newest revision. Says what was done.
async fn keep(desk: &Desk, id: DraftId, form: &Form) -> Result<&'static str, Refusal> {
    let draft = current(desk, id, form).await?;
    if draft.state != DraftState::Editing {
        return Err(Refusal::Sentence(
            Slug::DraftState,
            submitted_meanwhile(desk.locale),
        ));
    }
    let stored = desk.state.governance.draft_files(id).await?;
    let invalid = || Problem::new(Slug::InvalidRequest);
    let path = ContentPath::parse(form.line("path")).map_err(|_| invalid())?;
    let known = stored.get(&path).ok_or_else(invalid)?;
    let text = kept(known, form.get("text").ok_or_else(invalid)?);
    let title = form.line("title").to_owned();
    if title.is_empty() {
        return Err(Refusal::Field(wrong(
            "title",
            desk.locale,
            "Say in one line what changes for whom.",
            "Dites en une ligne ce qui change, et pour qui.",
        )));
    }
    let files = stored.files().map(|(other, old)| {
        let text = if *other == path {
            text.clone()
        } else {
            old.to_owned()
        };
        (other.clone(), text)
    });
    let files = ContentTree::new(files).map_err(GovernanceError::from)?;
    put(desk, &draft, title, files).await
}

/// Brings a draft that another revision has overtaken up to it. Only who edited it may: others
/// would become its editors without having meant to.
async fn bring_up(desk: &Desk, id: DraftId, form: &Form) -> Result<&'static str, Refusal> {
    let draft = current(desk, id, form).await?;
    if desk.state.governance.latest().await? == draft.base {
        return Ok("same");
    }
    if !is_editor(&draft, &desk.admin.actor()) {
        return Err(Refusal::Sentence(Slug::OwnWork, for_editors(desk.locale)));
    }
    let files = desk.state.governance.draft_files(id).await?;
    put(desk, &draft, draft.title.clone(), files).await
}

async fn put(
    desk: &Desk,
    draft: &Draft,
    title: String,
    files: ContentTree,
) -> Result<&'static str, Refusal> {
    let governance = &desk.state.governance;
    let newest = governance.latest().await?;
    let is_overtaken = newest != draft.base;
    if !is_overtaken && title == draft.title && files.hash() == draft.content {
        return Ok("same");
    }
    let brought = governance.bring_up(draft.base, files, newest).await?;
    let wish = Wish {
        title,
        base: newest,
        tree: brought.files,
    };
    governance
        .save(draft.id, draft.version, wish, desk.doer())
        .await?;
    Ok(if is_overtaken { "brought-up" } else { "saved" })
}

/// The draft, if it still is at the version that the form was made from.
async fn current(desk: &Desk, id: DraftId, form: &Form) -> Result<Draft, Refusal> {
    let draft = desk.state.governance.get(id).await?;
    if draft.version == form.number("version")? {
        Ok(draft)
    } else {
        let conflict = DraftError::Conflict(Box::new(draft));
        Err(GovernanceError::from(conflict).into())
    }
}

/// The page of the draft, with why and with all that was sent.
async fn refuse(
    desk: &Desk,
    id: DraftId,
    step: &str,
    form: &Form,
    refusal: Refusal,
) -> Result<Response, Problem> {
    let mut said = Said {
        title: form.get("title").map(str::to_owned),
        own: form
            .get("path")
            .zip(form.get("text"))
            .map(|(path, text)| (path.to_owned(), text.to_owned())),
        reason: form.get("reason").unwrap_or_default().to_owned(),
        effective_from: form.get("effective_from").unwrap_or_default().to_owned(),
        ..Said::default()
    };
    match refusal {
        Refusal::Problem(problem) => return Err(problem),
        Refusal::Field(field) => {
            said.status = Some(Slug::ContentInvalid.status());
            said.errors = vec![field];
        }
        Refusal::Sentence(slug, sentence) => {
            said.status = Some(slug.status());
            said.flash = Some(flash::refused(sentence.to_owned()));
        }
        Refusal::Governance(error) => {
            let conflict = matches!(error, GovernanceError::Draft(DraftError::Conflict(_)));
            let sentence = if conflict && said.own.is_some() {
                Some(kept_below(desk.locale).to_owned())
            } else {
                sentence(&error, desk)
            };
            let field = field_of(&error, step, desk.locale);
            let problem = Problem::from(error);
            said.status = Some(problem.slug().status());
            said.conflict = conflict && said.own.is_some();
            match (field, sentence) {
                (Some(field), _) => said.errors = vec![field],
                (None, Some(sentence)) => said.flash = Some(flash::refused(sentence)),
                (None, None) => return Err(problem),
            }
        }
    }
    show(desk, id, said).await
}

/// The field whose text the registry does not keep.
fn field_of(error: &GovernanceError, step: &str, locale: Locale) -> Option<FieldError> {
    let GovernanceError::Draft(DraftError::Text(_)) = error else {
        return None;
    };
    let field = if step == "send-back" {
        "reason"
    } else {
        "title"
    };
    Some(wrong(
        field,
        locale,
        "This is too long, or has characters that can’t be kept.",
        "C’est trop long, ou certains caractères ne peuvent être conservés.",
    ))
}

const fn kept_below(locale: Locale) -> &'static str {
    match locale {
        Locale::EnCa => "Somebody else saved meanwhile. Your text is kept below.",
        Locale::FrCa => {
            "Une autre personne a enregistré entre-temps. Votre texte est conservé plus bas."
        }
    }
}

const fn submitted_meanwhile(locale: Locale) -> &'static str {
    match locale {
        Locale::EnCa => {
            "This draft was submitted meanwhile, so it is not edited now. Your text stands below; to save it, send the draft back first."
        }
        Locale::FrCa => {
            "Cette ébauche a été soumise entre-temps et ne se modifie plus. Votre texte se trouve plus bas\u{a0}; pour l’enregistrer, renvoyez d’abord l’ébauche."
        }
    }
}

const fn for_editors(locale: Locale) -> &'static str {
    match locale {
        Locale::EnCa => {
            "One of its editors has to bring this draft up to the revision in force. Send it back, so that they are told."
        }
        Locale::FrCa => {
            "L’un de ses rédacteurs doit mettre cette ébauche à jour selon la révision en vigueur. Renvoyez-la pour l’en aviser."
        }
    }
}

fn href(id: DraftId) -> String {
    format!("/admin/drafts/{id}")
}
