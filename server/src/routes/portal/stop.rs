//! `/admin/stop-access`: what is closed and revoked, by whom and why, and the forms that do it.

use axum::response::Response;
use http::StatusCode;
use weir_frontend::model::admin::{FieldError, Section, StopLine, StopVm, SureVm};
use weir_frontend::pages::admin as pages;
use weir_registry::{Lockdown, Revocation};

use super::desk::Desk;
use super::flash;
use super::form::Form;
use super::stop_words::{self, closed_what, revoked_what};
use super::words::pick;
use crate::problem::{Problem, Slug};
use crate::service::gate::GateError;
use crate::service::revoke_wish::{TokensWish, locked_scope, scope, spelled};

const PAGE: &str = "/admin/stop-access";

/// How many revocations are listed.
const MOST: u32 = 100;

/// The word for "I am sure".
const SURE: &str = "sure";

/// `GET /admin/stop-access`
pub(super) async fn stop(desk: Desk) -> Response {
    let page = shown(&desk, &Form::default(), Vec::new()).await;
    let page = page.map(|vm| desk.page(pages::stop(&vm)));
    desk.answer(Section::Stop, page).await
}

/// `POST /admin/stop-access/lock`
pub(super) async fn lock(desk: Desk, form: Result<Form, Problem>) -> Response {
    let page = match form {
        Ok(form) => locked(&desk, &form).await,
        Err(problem) => Err(problem),
    };
    desk.answer(Section::Stop, page).await
}

async fn locked(desk: &Desk, form: &Form) -> Result<Response, Problem> {
    let content = desk.state.dashboards.published.current();
    let reason = form.line("close_reason");
    let Ok(scope) = scope(form.line("scope"), &content) else {
        return wrong(desk, form, vec![meaningless(desk, "scope")]).await;
    };
    if reason.is_empty() {
        return wrong(desk, form, vec![no_reason(desk, "close_reason")]).await;
    }
    if form.line("scope") == "all" && form.line(SURE) != "yes" {
        let fields = [("scope", "all"), ("close_reason", reason)];
        return ask(desk, "lock", &fields, stop_words::close_everything).await;
    }
    match desk
        .state
        .dashboards
        .gate
        .lock(scope, desk.doer(), reason)
        .await
    {
        Ok(_) => Ok(desk.go(PAGE, &[(flash::NAME, "closed")])),
        Err(error) => refused(desk, form, "close_reason", error).await,
    }
}

/// `POST /admin/stop-access/lift`
pub(super) async fn lift(desk: Desk, form: Result<Form, Problem>) -> Response {
    let page = match form {
        Ok(form) => lifted(&desk, &form).await,
        Err(problem) => Err(problem),
    };
    desk.answer(Section::Stop, page).await
}

async fn lifted(desk: &Desk, form: &Form) -> Result<Response, Problem> {
    let scope = locked_scope(form.line("scope"));
    let scope = scope.ok_or_else(|| Problem::new(Slug::InvalidRequest))?;
    desk.state.dashboards.gate.lift(scope, desk.doer()).await?;
    Ok(desk.go(PAGE, &[(flash::NAME, "reopened")]))
}

/// `POST /admin/stop-access/revoke`
pub(super) async fn revoke(desk: Desk, form: Result<Form, Problem>) -> Response {
    let page = match form {
        Ok(form) => revoked(&desk, &form).await,
        Err(problem) => Err(problem),
    };
    desk.answer(Section::Stop, page).await
}

async fn revoked(desk: &Desk, form: &Form) -> Result<Response, Problem> {
    let content = desk.state.dashboards.published.current();
    let (target, reason) = (form.line("target"), form.line("revoke_reason"));
    let wish = tokens(target, form).ok_or_else(|| Problem::new(Slug::InvalidRequest))?;
    let named = match wish.of_an_admin(&content) {
        Ok(named) => named,
        Err(wish) => {
            let field = match wish.pointer {
                "/target/subject/issuer" => "issuer",
                "/target/jti" | "/target/family" | "/target/subject/sub" => "name",
                _ => "target",
            };
            return wrong(desk, form, vec![meaningless(desk, field)]).await;
        }
    };
    if reason.is_empty() {
        return wrong(desk, form, vec![no_reason(desk, "revoke_reason")]).await;
    }
    if target == "all" && form.line(SURE) != "yes" {
        let fields = [("target", "all"), ("revoke_reason", reason)];
        return ask(desk, "revoke", &fields, stop_words::revoke_everything).await;
    }
    let gate = &desk.state.dashboards.gate;
    match gate.revoke(named, None, desk.doer(), reason).await {
        Ok(_) => Ok(desk.go(PAGE, &[(flash::NAME, "revoked")])),
        Err(error) => refused(desk, form, "revoke_reason", error).await,
    }
}

fn tokens(target: &str, form: &Form) -> Option<TokensWish> {
    let name = form.line("name").to_owned();
    Some(match target.split_once(':') {
        None => match target {
            "subject" => TokensWish::subject(form.line("issuer"), &name),
            "jti" => TokensWish::Jti(name),
            "family" => TokensWish::Family(name),
            "all" => TokensWish::All(true),
            _ => return None,
        },
        Some(("dashboard", slug)) => TokensWish::Dashboard(slug.to_owned()),
        Some(("business_unit", unit)) => TokensWish::BusinessUnit(unit.to_owned()),
        Some(("client", id)) => TokensWish::Client(id.to_owned()),
        Some(_) => return None,
    })
}

/// What is wrong with a field, in the words of the page.
fn meaningless(desk: &Desk, field: &str) -> FieldError {
    let (en, fr) = match field {
        "name" => (
            "Say which: the person’s id, or the id of the token or the family.",
            "Dites lequel\u{a0}: l’identifiant de la personne, du jeton ou de la famille.",
        ),
        "issuer" => (
            "Say who vouches for the person.",
            "Dites qui répond de la personne.",
        ),
        _ => (
            "There is no such thing any more. Choose another one.",
            "Cet objet n’existe plus. Choisissez-en un autre.",
        ),
    };
    error(field, pick(desk.locale, en, fr).to_owned())
}

fn no_reason(desk: &Desk, field: &str) -> FieldError {
    let sentence = pick(
        desk.locale,
        "Say why, in one line.",
        "Dites pourquoi, en une ligne.",
    );
    error(field, sentence.to_owned())
}

fn error(field: &str, message: String) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message,
    }
}

/// What the admin can mend in the form; the rest is a problem.
async fn refused(
    desk: &Desk,
    form: &Form,
    field: &'static str,
    cause: GateError,
) -> Result<Response, Problem> {
    match cause {
        GateError::Access(weir_registry::AccessError::Text(_)) => {
            let sentence = pick(
                desk.locale,
                "The reason is too long, or not one line: at most 500 characters.",
                "Le motif est trop long ou sur plusieurs lignes\u{a0}: 500 caractères au plus.",
            );
            wrong(desk, form, vec![error(field, sentence.to_owned())]).await
        }
        other => Err(other.into()),
    }
}

async fn wrong(desk: &Desk, form: &Form, errors: Vec<FieldError>) -> Result<Response, Problem> {
    let html = pages::stop(&shown(desk, form, errors).await?);
    Ok(desk.page_with(StatusCode::UNPROCESSABLE_ENTITY, html))
}

/// Everything is a lot: one more page before it.
async fn ask(
    desk: &Desk,
    step: &str,
    fields: &[(&str, &str)],
    words: fn(weir_query::Locale) -> [&'static str; 3],
) -> Result<Response, Problem> {
    let [question, consequence, yes] = words(desk.locale);
    let sent = fields.iter().chain(&[(SURE, "yes")]);
    let html = pages::sure(&SureVm {
        frame: desk.frame(Section::Stop).await?,
        question: question.to_owned(),
        consequence: consequence.to_owned(),
        action: format!("{PAGE}/{step}"),
        fields: sent
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        yes: yes.to_owned(),
        back: PAGE.to_owned(),
    });
    Ok(desk.page(html))
}

async fn shown(desk: &Desk, form: &Form, errors: Vec<FieldError>) -> Result<StopVm, Problem> {
    let state = &desk.state;
    let content = state.dashboards.published.current();
    let closed = state.registry.lockdowns().all().await?;
    let now = state.clock.now();
    let revoked = state.registry.revocations().in_force(now, MOST).await?;
    let close = |one: &Lockdown| StopLine {
        what: closed_what(&one.scope, &content, desk.locale),
        reason: one.reason.clone(),
        by: one.by.name.clone(),
        since: desk.presenter().when(one.at),
        scope: Some(spelled(&one.scope)),
    };
    let revoke = |one: &Revocation| {
        let (by, reason) = one.decided.clone().unzip();
        StopLine {
            what: revoked_what(one, &content, desk.locale),
            reason: reason.unwrap_or_default(),
            by: by.map_or_else(String::new, |by| by.name),
            since: desk.presenter().when(one.at),
            scope: None,
        }
    };
    let field = |name: &str| form.get(name).unwrap_or_default().to_owned();
    Ok(StopVm {
        frame: desk.frame(Section::Stop).await?,
        closed: closed.iter().map(close).collect(),
        revoked: revoked.iter().map(revoke).collect(),
        scopes: stop_words::scopes(&content, form.line("scope"), desk.locale),
        close_reason: field("close_reason"),
        targets: stop_words::targets(
            &content,
            state
                .clients
                .active()
                .iter()
                .map(|client| client.id().as_str()),
            form.line("target"),
            desk.locale,
        ),
        issuer: field("issuer"),
        name: field("name"),
        revoke_reason: field("revoke_reason"),
        errors,
    })
}
