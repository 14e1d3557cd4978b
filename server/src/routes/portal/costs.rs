//! `/admin/costs`: what answers cost, and the forms that set and remove budgets.

use axum::response::Response;
use chrono::{NaiveTime, TimeDelta};
use http::StatusCode;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use weir_frontend::model::admin::{CostSpan, CostsVm, FieldError, Section};
use weir_frontend::pages::admin as pages;
use weir_query::Locale;
use weir_registry::{BudgetChange, BudgetError, BudgetScope};

use super::cost_lines::Lines;
use super::desk::Desk;
use super::flash;
use super::form::Form;
use super::words::pick;
use crate::problem::{Problem, Slug};
use crate::service::costs::{BudgetAnswer, BudgetWish, scope, spelled_scope};

const PAGE: &str = "/admin/costs";

/// The spans that can be looked at, in days; a week unless another is asked for.
const SPANS: [i64; 3] = [7, 30, 90];

/// `GET /admin/costs`
pub(super) async fn costs(desk: Desk) -> Response {
    let page = shown(&desk, &Form::default(), Vec::new()).await;
    let page = page.map(|vm| desk.page(pages::costs(&vm)));
    desk.answer(Section::Costs, page).await
}

/// `POST /admin/costs/set`
pub(super) async fn set(desk: Desk, form: Result<Form, Problem>) -> Response {
    let page = match form {
        Ok(form) => set_by(&desk, &form).await,
        Err(problem) => Err(problem),
    };
    desk.answer(Section::Costs, page).await
}

async fn set_by(desk: &Desk, form: &Form) -> Result<Response, Problem> {
    let content = desk.state.dashboards.published.current();
    let Some(scope) = scope(form.line("scope"), &content) else {
        let sentence = pick(
            desk.locale,
            "There is no such thing any more. Choose another one.",
            "Cet objet n’existe plus. Choisissez-en un autre.",
        );
        return wrong(desk, form, "scope", sentence).await;
    };
    let wish = match wish(form) {
        Ok(wish) => wish,
        Err(field) => return wrong(desk, form, field, number(desk.locale)).await,
    };
    let Ok(limit) = wish.limit() else {
        return wrong(desk, form, "gigabytes", number(desk.locale)).await;
    };
    let change = change(desk, scope, seen(form));
    match desk.state.registry.costs().put(&change, limit).await {
        Ok(_) => Ok(desk.go(PAGE, &[(flash::NAME, "budget-set")])),
        Err(BudgetError::Conflict(_) | BudgetError::Unknown) => {
            let sentence = pick(
                desk.locale,
                "Somebody changed this budget meanwhile. It is shown as it is now.",
                "Une autre personne a modifié ce budget entre-temps. Le voici tel qu’il est.",
            );
            wrong(desk, form, "scope", sentence).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /admin/costs/remove`
pub(super) async fn remove(desk: Desk, form: Result<Form, Problem>) -> Response {
    let page = match form {
        Ok(form) => removed(&desk, &form).await,
        Err(problem) => Err(problem),
    };
    desk.answer(Section::Costs, page).await
}

async fn removed(desk: &Desk, form: &Form) -> Result<Response, Problem> {
    let scope = spelled_scope(form.line("scope"));
    let scope = scope.ok_or_else(|| Problem::new(Slug::InvalidRequest))?;
    let change = change(desk, scope, Some(form.number("version")?));
    desk.state.registry.costs().remove(&change).await?;
    Ok(desk.go(PAGE, &[(flash::NAME, "budget-removed")]))
}

fn change(desk: &Desk, scope: BudgetScope, seen: Option<u64>) -> BudgetChange {
    BudgetChange {
        scope,
        seen,
        by: desk.admin.actor(),
        at: desk.state.clock.now(),
        request: desk.request.clone(),
    }
}

/// What was written; the field that is no number otherwise.
fn wish(form: &Form) -> Result<BudgetWish, &'static str> {
    let amount = |name: &'static str| {
        let text: String = form
            .line(name)
            .replace(',', ".")
            .split_whitespace()
            .collect();
        match text.as_str() {
            "" => Ok(None),
            text => text.parse::<Decimal>().map(Some).map_err(|_| name),
        }
    };
    let bytes = amount("gigabytes")?.map(|gigabytes| {
        let bytes = gigabytes.checked_mul(Decimal::from(1_000_000_000));
        bytes.and_then(|bytes| bytes.to_u64()).ok_or("gigabytes")
    });
    Ok(BudgetWish {
        bytes_per_day: bytes.transpose()?,
        dollars_per_day: amount("dollars")?,
    })
}

fn number(locale: Locale) -> &'static str {
    pick(
        locale,
        "Write a number such as 2.5, here or for the other limit.",
        "Écrivez un nombre comme 2,5, ici ou pour l’autre limite.",
    )
}

/// Which version of the chosen budget the page had; it keeps one a line, `4@all`.
fn seen(form: &Form) -> Option<u64> {
    let mut versions = form.get("versions").unwrap_or_default().lines();
    versions.find_map(|line| {
        let (version, scope) = line.split_once('@')?;
        (scope == form.line("scope")).then(|| version.parse().ok())?
    })
}

/// The same, for the page.
fn versions(budgets: &[BudgetAnswer]) -> String {
    let lines = budgets.iter();
    let lines = lines.map(|budget| format!("{}@{}", budget.version, budget.scope));
    lines.collect::<Vec<_>>().join("\n")
}

async fn wrong(desk: &Desk, form: &Form, field: &str, sentence: &str) -> Result<Response, Problem> {
    let error = FieldError {
        field: field.to_owned(),
        message: sentence.to_owned(),
    };
    let html = pages::costs(&shown(desk, form, vec![error]).await?);
    Ok(desk.page_with(StatusCode::UNPROCESSABLE_ENTITY, html))
}

async fn shown(desk: &Desk, form: &Form, errors: Vec<FieldError>) -> Result<CostsVm, Problem> {
    let asked = desk.asked("days").and_then(|days| days.parse().ok());
    let days = asked.filter(|days| SPANS.contains(days)).unwrap_or(7);
    let now = desk.state.clock.now();
    let ledger = desk.state.dashboards.cache.ledger();
    // Whole days (UTC), today's with the hour that is not over.
    let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let from = midnight - TimeDelta::days(days - 1);
    let report = ledger.report(from, now + TimeDelta::hours(1)).await?;
    let content = desk.state.dashboards.published.current();
    let lines = Lines {
        presenter: desk.presenter(),
        content: &content,
        locale: desk.locale,
    };
    let (bars, days_said) = lines.days(&report, now.date_naive(), days);
    Ok(CostsVm {
        frame: desk.frame(Section::Costs).await?,
        spans: spans(desk.locale, days),
        estimate: lines.estimate(&report.price_per_tb),
        figures: lines.figures(&report.total),
        days: bars,
        days_said,
        dashboards: lines.dashboards(&report),
        units: lines.units(&report),
        budgets: report.budgets.iter().map(|one| lines.budget(one)).collect(),
        alerts: report.alerts.iter().map(|one| lines.alert(one)).collect(),
        scopes: lines.scopes(form.line("scope")),
        gigabytes: form.line("gigabytes").to_owned(),
        dollars: form.line("dollars").to_owned(),
        versions: versions(&report.budgets),
        errors,
    })
}

fn spans(locale: Locale, current: i64) -> Vec<CostSpan> {
    let span = |days: i64| CostSpan {
        label: match locale {
            Locale::EnCa => format!("{days} days"),
            Locale::FrCa => format!("{days} jours"),
        },
        href: format!("{PAGE}?days={days}"),
        current: days == current,
    };
    SPANS.into_iter().map(span).collect()
}
