//! `/admin/view-as`: the form of a preview. `/admin/view-as/{id}`: its pictures side by side, and how
//! the rows behind them differ.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use weir_frontend::model::LinkVm;
use weir_frontend::model::admin::{
    AdminProblemVm, FieldError, PreviewVm, Section, SideVm, ViewAsVm,
};
use weir_frontend::pages::admin as pages;
use weir_query::Locale;

use super::answers::{Answers, no_content};
use super::choices;
use super::desk::Desk;
use super::differences::differences;
use super::flash;
use super::form::Form;
use super::words::pick;
use crate::problem::{Problem, Slug};
use crate::routes::member::in_other_language;
use crate::routes::preview::{gone_in_time, href};
use crate::service::governance::GovernanceError;
use crate::service::view_as::{Kept, LIFETIME, Preview, Side, Under, ViewAsError};

/// `GET /admin/view-as`
pub(super) async fn form(desk: Desk) -> Response {
    let answers = Answers::asked(&desk);
    let page = asking(&desk, &answers, Vec::new()).await;
    let page = page.map(|vm| desk.page(pages::view_as(&vm)));
    desk.answer(Section::ViewAs, page).await
}

/// `POST /admin/view-as`: begins a preview, or says what is wrong with the answers.
pub(super) async fn begin(desk: Desk, form: Result<Form, Problem>) -> Response {
    let page = match form {
        Ok(form) => begun(&desk, &Answers::sent(&form)).await,
        Err(problem) => Err(problem),
    };
    desk.answer(Section::ViewAs, page).await
}

async fn begun(desk: &Desk, answers: &Answers) -> Result<Response, Problem> {
    let known = desk.state.dashboards.published.current();
    let wish = match answers.read(&known, desk.locale) {
        Ok(wish) => wish,
        Err(errors) => return wrong(desk, answers, errors).await,
    };
    let compare = wish.compare;
    let (admin, request) = (&desk.member, &desk.request);
    match desk.state.view_as.begin(wish, admin, request).await {
        Ok(preview) => Ok(desk.go(&path(&preview), &[])),
        Err(error) => {
            let error = mendable(error, compare, desk.locale)?;
            wrong(desk, answers, vec![error]).await
        }
    }
}

/// What the admin can mend in the form.
fn mendable(
    error: ViewAsError,
    compare: Option<Under>,
    locale: Locale,
) -> Result<FieldError, Problem> {
    let beside = matches!(compare, Some(Under::Draft(_) | Under::Revision(_)));
    let rules = if beside { "compare" } else { "content" };
    let (field, message) = match error {
        ViewAsError::Wish("/compare", _) => ("compare", no_dashboard(locale)),
        ViewAsError::Wish("/dashboard", _) => ("dashboard", no_dashboard(locale)),
        ViewAsError::Wish("/persona", _) => ("persona", no_persona(locale)),
        ViewAsError::Rules(GovernanceError::Findings(checked)) => {
            let first = checked.findings.first().cloned().unwrap_or_default();
            let sentence = pick(
                locale,
                "This draft can’t be used yet. Mend it first:",
                "Cette ébauche est encore inutilisable. Corrigez-la d’abord\u{a0}:",
            );
            (rules, format!("{sentence} {first}"))
        }
        other => match Problem::from(other) {
            problem if problem.slug() == Slug::NotFound => (rules, no_content(locale)),
            problem => return Err(problem),
        },
    };
    Ok(FieldError {
        field: field.to_owned(),
        message,
    })
}

fn no_dashboard(locale: Locale) -> String {
    pick(
        locale,
        "These rules have no such dashboard. Choose another one.",
        "Ces règles n’ont pas ce tableau de bord. Choisissez-en un autre.",
    )
    .to_owned()
}

fn no_persona(locale: Locale) -> String {
    pick(
        locale,
        "There is no such persona. Choose another one.",
        "Il n’y a pas de tel profil. Choisissez-en un autre.",
    )
    .to_owned()
}

async fn wrong(
    desk: &Desk,
    answers: &Answers,
    errors: Vec<FieldError>,
) -> Result<Response, Problem> {
    let mut vm = asking(desk, answers, errors).await?;
    // The other language asks for the form again, with what was answered.
    if let Ok(uri) = answers.href().parse() {
        vm.frame.switch_language_href = in_other_language(&uri, desk.locale);
    }
    let html = pages::view_as(&vm);
    Ok(desk.page_with(StatusCode::UNPROCESSABLE_ENTITY, html))
}

async fn asking(
    desk: &Desk,
    answers: &Answers,
    errors: Vec<FieldError>,
) -> Result<ViewAsVm, Problem> {
    let known = desk.state.dashboards.published.current();
    let contents = choices::contents(desk, answers).await?;
    Ok(ViewAsVm {
        frame: desk.frame(Section::ViewAs).await?,
        personas: choices::personas(&known, answers, desk.locale),
        roles: answers.get("roles").to_owned(),
        business_units: answers.get("business_units").to_owned(),
        attributes: answers.get("attributes").to_owned(),
        dashboards: choices::dashboards(&known, answers, desk.locale),
        compare: choices::beside(&contents, answers, desk.locale),
        contents: choices::among(&contents, answers.get("content")),
        minutes: u32::try_from(LIFETIME.num_minutes()).unwrap_or_default(),
        errors,
    })
}

/// `GET /admin/view-as/{id}`
pub(super) async fn preview(desk: Desk, Path(id): Path<String>) -> Response {
    let page = match desk.state.view_as.find(&id, &desk.member).await {
        Ok(preview) => pictures(&desk, &preview).await,
        Err(ViewAsError::Over(kept)) => over(&desk, &kept).await,
        Err(error) => Err(error.into()),
    };
    desk.answer(Section::ViewAs, page).await
}

async fn pictures(desk: &Desk, preview: &Preview) -> Result<Response, Problem> {
    let use_case = &desk.state.view_as;
    let stage = use_case.side(preview, Side::First).await?;
    let counted = use_case
        .rows(preview, &desk.member, &[], &desk.request)
        .await?;
    let (presenter, kept) = (desk.presenter(), &preview.kept);
    let subject = presenter.eyes(&kept.seen, &stage.content);
    let dashboard = stage.content.dashboard(&kept.dashboard);
    let title = dashboard.map_or("", |dashboard| dashboard.title().get(desk.locale));
    let side = |side: Side, rows: u64| {
        let rules = preview.rules(side).unwrap_or(kept.first);
        SideVm {
            label: presenter.rules_name(rules),
            src: format!("{}?locale={}", href(preview, side), desk.locale),
            rows: presenter.count(rows),
        }
    };
    let mut sides = preview.sides().zip(&counted.totals);
    let mut sides = std::iter::from_fn(|| sides.next().map(|(one, rows)| side(one, *rows)));
    let left = sides.next().ok_or_else(|| Problem::new(Slug::Internal))?;
    let vm = PreviewVm {
        watermark: presenter.looks(&desk.member.person.display_name, &subject),
        dashboard: title.to_owned(),
        subject,
        expires: presenter.when(preview.until),
        left,
        right: sides.next(),
        differences: differences(&counted, presenter),
        end_action: format!("{}/end", path(preview)),
        change_href: Answers::of(kept).href(),
        frame: desk.frame(Section::ViewAs).await?,
    };
    let page = desk.page_of_frames(pages::preview(&vm));
    Ok(gone_in_time(page, &desk.state, preview))
}

/// Says that a preview is over, and offers the form with the same answers.
async fn over(desk: &Desk, kept: &Kept) -> Result<Response, Problem> {
    let slug = Slug::PreviewEnded;
    let html = pages::admin_problem(&AdminProblemVm {
        frame: desk.frame(Section::ViewAs).await?,
        title: slug.title(desk.locale).to_owned(),
        sentence: slug.sentence(desk.locale).to_owned(),
        request_id: desk.request.as_str().to_owned(),
        action: Some(LinkVm {
            label: pick(desk.locale, "Begin it again", "Le recommencer").to_owned(),
            href: Answers::of(kept).href(),
        }),
    });
    Ok(desk.page_with(slug.status(), html))
}

/// `POST /admin/view-as/{id}/end`
pub(super) async fn end(desk: Desk, Path(id): Path<String>) -> Response {
    let ended = desk
        .state
        .view_as
        .end(&id, &desk.member, &desk.request)
        .await;
    let page = match ended {
        Ok(_) | Err(ViewAsError::Over(_)) => {
            Ok(desk.go("/admin/view-as", &[(flash::NAME, "ended")]))
        }
        Err(error) => Err(error.into()),
    };
    desk.answer(Section::ViewAs, page).await
}

fn path(preview: &Preview) -> String {
    format!("/admin/view-as/{}", preview.id.reveal())
}
