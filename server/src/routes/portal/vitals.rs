//! `/admin/vitals`: how fast pages are in browsers, and whether the promise holds.

use axum::response::Response;
use chrono::TimeDelta;
use weir_frontend::model::admin::{CostSpan, Section, VitalsVm};
use weir_frontend::pages::admin as pages;
use weir_query::Locale;

use super::desk::Desk;
use super::speed_chart::{days, distribution};
use super::vital_lines::Lines;
use crate::problem::Problem;

const PAGE: &str = "/admin/vitals";

/// The spans that can be looked at, in days; a week unless another is asked for.
const SPANS: [i64; 3] = [7, 30, 90];

/// `GET /admin/vitals`
pub(super) async fn vitals(desk: Desk) -> Response {
    let page = shown(&desk).await;
    let page = page.map(|vm| desk.page(pages::vitals(&vm)));
    desk.answer(Section::Vitals, page).await
}

async fn shown(desk: &Desk) -> Result<VitalsVm, Problem> {
    let asked = desk.asked("days").and_then(|days| days.parse().ok());
    let many = asked.filter(|days| SPANS.contains(days)).unwrap_or(7);
    let now = desk.state.clock.now();
    let from = now - TimeDelta::days(many - 1);
    let report = desk.state.real_users.report(from, now).await?;
    let content = desk.state.dashboards.published.current();
    let lines = Lines {
        presenter: desk.presenter(),
        content: &content,
        locale: desk.locale,
        budget_ms: report.lcp_budget_ms,
    };
    Ok(VitalsVm {
        frame: desk.frame(Section::Vitals).await?,
        spans: spans(desk.locale, many),
        promise: lines.promise(&report.objective),
        kept: report.total.kept,
        outcome: lines.outcome(&report.total),
        figures: lines.figures(&report.total),
        burns: lines.burns(&report.total.burn),
        distribution: distribution(&lines, &report),
        days: days(&lines, &report),
        dashboards: lines.dashboards(&report),
        units: lines.units(&report),
        hosts: lines.hosts(&report),
        releases: lines.releases(&report),
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
