//! What answers cost: figures, days, dashboards and units, budgets and their alerts.

use super::field::{Control, Field, summary};
use super::frame::page;
use super::icon::Icon;
use super::parts::{empty, heading_with, hidden, section, when};
use super::report::{figures, spans};
use super::table::{Kind, table};
use crate::model::admin::{BudgetLine, BudgetTone, CostBar, CostLine, CostsVm};
use crate::text::{CostText as C, PortalText as T};
use leptos::prelude::*;

/// `/admin/costs`.
#[must_use]
pub fn costs(vm: &CostsVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Costs.of(locale), || {
        let estimate = vm.estimate.clone();
        let lead = view! {
            <p class="lead">{C::Lead.of(locale)}</p>
            <p class="mild">{estimate}</p>
        };
        view! {
            {heading_with(T::Costs.of(locale), lead.into_any(), None)}
            {spans(&vm.spans, C::Span.of(locale))}
            {summary(&vm.errors, locale)}
            {section("figures", C::Figures.of(locale), figures(&vm.figures))}
            {section("days", C::Days.of(locale), days(vm))}
            {section("budgets", C::Budgets.of(locale), budgets(vm))}
            {section("set", C::Set.of(locale), set(vm))}
            {section("alerts", C::Alerts.of(locale), alerts(vm))}
            {section("dashboards", C::Dashboards.of(locale), lines(vm, C::Dashboards, &vm.dashboards))}
            {section("units", C::Units.of(locale), lines(vm, C::Units, &vm.units))}
        }
        .into_any()
    })
}

/// The width of a day and the room between two.
const DAY: f64 = 16.0;
const GAP: f64 = 4.0;
/// The height of the highest bar.
const HIGH: f64 = 96.0;

fn days(vm: &CostsVm) -> AnyView {
    let locale = vm.frame.locale;
    let (Some(first), Some(last)) = (vm.days.first(), vm.days.last()) else {
        return empty(C::NoDays.of(locale));
    };
    let mut left = 0.0;
    let bars: Vec<_> = vm
        .days
        .iter()
        .map(|day| {
            let at = left;
            left += DAY;
            bar(day, at)
        })
        .collect();
    let frame = format!("0 0 {left} {HIGH}");
    let (first, last) = (first.label.clone(), last.label.clone());
    let ends = (vm.days.len() > 1).then(|| view! { <span>{last}</span> });
    let said = vm.days_said.clone();
    view! {
        <figure class="sheet days">
            <svg viewBox=frame preserveAspectRatio="none" role="img" aria-label=said.clone()>{bars}</svg>
            <figcaption><p class="from-to"><span>{first}</span>{ends}</p><p class="mild">{said}</p></figcaption>
        </figure>
    }
    .into_any()
}

fn bar(day: &CostBar, left: f64) -> AnyView {
    // A day that cost nothing is a day all the same.
    let height = (day.share.clamp(0.0, 1.0) * HIGH).max(1.0);
    let title = format!("{}: {}", day.label, day.value);
    view! {
        <rect class="h" x=left + GAP / 2.0 y=HIGH - height width=DAY - GAP height=height>
            <title>{title}</title>
        </rect>
    }
    .into_any()
}

/// A part of something as a bar beside its number.
fn meter(share: f64, class: &'static str) -> AnyView {
    let width = share.clamp(0.0, 1.0) * 100.0;
    view! {
        <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="rail" width="100" height="6"></rect>
            <rect class=class width=width height="6"></rect>
        </svg>
    }
    .into_any()
}

fn lines(vm: &CostsVm, caption: C, lines: &[CostLine]) -> AnyView {
    let locale = vm.frame.locale;
    if lines.is_empty() {
        return empty(C::NoDays.of(locale));
    }
    let columns = [
        (C::Name.of(locale), Kind::Words),
        (C::Views.of(locale), Kind::Number),
        (C::Billed.of(locale), Kind::Number),
        (C::Dollars.of(locale), Kind::Number),
        (C::PerThousand.of(locale), Kind::Number),
        (C::Hits.of(locale), Kind::Number),
    ];
    let row = |line: &CostLine| {
        let CostLine {
            name,
            views,
            billed,
            dollars,
            per_1000,
            hits,
            share,
        } = line.clone();
        vec![
            view! { <b>{name}</b> }.into_any(),
            views.into_any(),
            view! { {billed} {meter(share, "h")} }.into_any(),
            dollars.into_any(),
            per_1000.into_any(),
            hits.into_any(),
        ]
    };
    let list = table(
        caption.of(locale),
        &columns,
        lines.iter().map(row).collect(),
    );
    view! { <div class="sheet">{list}</div> }.into_any()
}

fn budgets(vm: &CostsVm) -> AnyView {
    let locale = vm.frame.locale;
    if vm.budgets.is_empty() {
        return empty(C::NoBudgets.of(locale));
    }
    let columns = [
        (C::What.of(locale), Kind::Words),
        (C::Limit.of(locale), Kind::Words),
        (C::Used.of(locale), Kind::Words),
        (C::Step.of(locale), Kind::Words),
    ];
    let row = |line: &BudgetLine| {
        let BudgetLine { what, limit, .. } = line.clone();
        vec![
            view! { <b>{what}</b> }.into_any(),
            limit.into_any(),
            used(vm, line),
            remove(vm, line),
        ]
    };
    let rows = vm.budgets.iter().map(row).collect();
    let list = table(C::Budgets.of(locale), &columns, rows);
    view! { <div class="sheet">{list}</div> }.into_any()
}

fn used(vm: &CostsVm, line: &BudgetLine) -> AnyView {
    let locale = vm.frame.locale;
    let BudgetLine { percent, spent, .. } = line.clone();
    let (class, tag) = match line.standing {
        BudgetTone::Calm => ("h", None),
        BudgetTone::Nearly => ("warn", Some(("tag amber", Icon::Warning, C::Nearly))),
        BudgetTone::Spent => ("full", Some(("tag bad", Icon::Cross, C::Spent))),
    };
    let tag = tag.map(|(class, icon, word)| {
        view! { <span class=class>{icon.view()} {word.of(locale)}</span> }
    });
    view! {
        <p class="line"><b>{percent}</b> <span class="mild">{spent}</span> {tag}</p>
        {meter(line.share, class)}
    }
    .into_any()
}

fn remove(vm: &CostsVm, line: &BudgetLine) -> AnyView {
    let locale = vm.frame.locale;
    let label = format!("{} {}", C::Remove.of(locale), line.what);
    let (scope, version) = (line.scope.clone(), line.version.clone());
    view! {
        <form method="post" action="/admin/costs/remove">
            {hidden(&vm.frame.csrf, Some(&version))}
            <input type="hidden" name="scope" value=scope/>
            <button class="btn" type="submit" aria-label=label>{C::Remove.of(locale)}</button>
        </form>
    }
    .into_any()
}

fn set(vm: &CostsVm) -> AnyView {
    let locale = vm.frame.locale;
    let field = |name, label: C, help: Option<C>, control| {
        Field {
            name,
            label: label.of(locale),
            help: help.map_or("", |help| help.of(locale)),
            control,
            required: false,
            errors: &vm.errors,
        }
        .view()
    };
    let versions = vm.versions.clone();
    view! {
        <p class="help">{C::SetHelp.of(locale)}</p>
        <form method="post" action="/admin/costs/set" class="sheet form">
            {hidden(&vm.frame.csrf, None)}
            <input type="hidden" name="versions" value=versions/>
            {field("scope", C::Scope, None, Control::Select(&vm.scopes))}
            {field("gigabytes", C::Gigabytes, Some(C::GigabytesHelp), Control::Input("text", &vm.gigabytes))}
            {field("dollars", C::DollarsADay, Some(C::DollarsHelp), Control::Input("text", &vm.dollars))}
            <div class="buttons"><button class="btn main" type="submit">{C::SetButton.of(locale)}</button></div>
        </form>
    }
    .into_any()
}

fn alerts(vm: &CostsVm) -> AnyView {
    let locale = vm.frame.locale;
    if vm.alerts.is_empty() {
        return empty(C::NoAlerts.of(locale));
    }
    let columns = [
        (C::What.of(locale), Kind::Words),
        (C::Used.of(locale), Kind::Words),
        (C::When.of(locale), Kind::Words),
    ];
    let rows = vm.alerts.iter().cloned().map(|line| {
        vec![
            view! { <b>{line.what}</b> }.into_any(),
            view! { <span><b>{line.percent}</b> " " <span class="mild">{line.spent}</span></span> }
                .into_any(),
            when(&line.at),
        ]
    });
    let list = table(C::Alerts.of(locale), &columns, rows.collect());
    view! { <div class="sheet">{list}</div> }.into_any()
}
