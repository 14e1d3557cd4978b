//! A dashboard through somebody else's eyes.

use super::field::{Control, Field, summary};
use super::frame::page;
use super::icon::Icon;
use super::parts::{button_link, empty, heading, hidden, section, when};
use super::reveal::local;
use super::table::{Kind, table};
use crate::model::admin::{PreviewVm, SideVm, TileDifference, ViewAsVm, Weight};
use crate::text::{PortalText as T, RecordText as R};
use leptos::prelude::*;

/// `/admin/view-as`: the form that begins a preview.
#[must_use]
pub fn view_as(vm: &ViewAsVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::ViewAs.of(locale), || {
        let minutes = vm.minutes;
        view! {
            {heading(T::ViewAs.of(locale), R::ViewAsLead.of(locale), None)}
            {summary(&vm.errors, locale)}
            <form method="post" action="/admin/view-as" class="sheet form">
                {hidden(&vm.frame.csrf, None)}
                {who(vm)}
                {what(vm)}
                <div class="buttons">
                    <button class="btn main" type="submit">{R::Start.of(locale)}</button>
                    <p class="help">{R::Lasts.of(locale)} " " {minutes} " " {R::Minutes.of(locale)}</p>
                </div>
            </form>
        }
        .into_any()
    })
}

fn field(
    vm: &ViewAsVm,
    name: &'static str,
    label: R,
    help: Option<R>,
    control: Control<'_>,
) -> AnyView {
    let locale = vm.frame.locale;
    let help = help.map_or("", |help| help.of(locale));
    Field {
        name,
        label: label.of(locale),
        help,
        control,
        required: false,
        errors: &vm.errors,
    }
    .view()
}

fn who(vm: &ViewAsVm) -> AnyView {
    let locale = vm.frame.locale;
    let open = vm
        .personas
        .iter()
        .any(|one| one.chosen && one.value.is_empty());
    let comma = Some(R::CommaHelp);
    view! {
        <fieldset>
            <legend>{R::WhoTitle.of(locale)}</legend>
            {field(vm, "persona", R::Persona, None, Control::Select(&vm.personas))}
            <details class="fold" open=open>
                <summary>{R::OwnClaims.of(locale)}</summary>
                <p class="help">{R::OwnClaimsHelp.of(locale)}</p>
                {field(vm, "roles", R::Roles, comma, Control::Input("text", &vm.roles))}
                {field(vm, "business_units", R::BusinessUnits, comma, Control::Input("text", &vm.business_units))}
                {field(vm, "attributes", R::Attributes, Some(R::AttributesHelp), Control::Area(&vm.attributes, 3))}
            </details>
        </fieldset>
    }
    .into_any()
}

fn what(vm: &ViewAsVm) -> AnyView {
    let locale = vm.frame.locale;
    view! {
        <fieldset>
            <legend>{R::WhatTitle.of(locale)}</legend>
            {field(vm, "dashboard", R::Dashboard, None, Control::Select(&vm.dashboards))}
            {field(vm, "content", R::UnderPolicies, None, Control::Select(&vm.contents))}
            {field(vm, "compare", R::CompareWith, None, Control::Select(&vm.compare))}
        </fieldset>
    }
    .into_any()
}

/// `/admin/view-as/{id}`: the dashboard under a watermark, or two side by side.
#[must_use]
pub fn preview(vm: &PreviewVm) -> String {
    let locale = vm.frame.locale;
    let title = format!("{} {} {}", vm.dashboard, R::SeenAs.of(locale), vm.subject);
    page(&vm.frame, &title, || {
        let panes: Vec<_> = std::iter::once(&vm.left)
            .chain(&vm.right)
            .map(|side| pane(side, vm))
            .collect();
        let class = if vm.right.is_some() {
            "panes pair"
        } else {
            "panes"
        };
        let differences = vm.right.as_ref().map(|right| {
            let table = differences(vm, right);
            section("differences", R::TileDifferences.of(locale), table)
        });
        view! {
            {heading(&title, "", Some(tools(vm)))}
            <p class="ends">{Icon::Eye.view()}
                <span><b>{vm.watermark.clone()}</b> " " {R::EndsAt.of(locale)} " " {when(&vm.expires)}</span></p>
            {differences}
            <div class=class>{panes}</div>
        }
        .into_any()
    })
}

fn tools(vm: &PreviewVm) -> AnyView {
    let locale = vm.frame.locale;
    view! {
        <div class="buttons">
            {button_link(&vm.change_href, R::ChangeAnswers.of(locale))}
            <form method="post" action=local(&vm.end_action)>
                {hidden(&vm.frame.csrf, None)}
                <button class="btn" type="submit">{R::EndNow.of(locale)}</button>
            </form>
        </div>
    }
    .into_any()
}

/// One picture, which bears its own mark. What it can't do (download, open windows, lead this page
/// away) its own headers say, also to whoever opens it alone.
fn pane(side: &SideVm, vm: &PreviewVm) -> AnyView {
    let locale = vm.frame.locale;
    let SideVm { label, rows, .. } = side.clone();
    let title = format!("{}: {}", vm.dashboard, side.label);
    view! {
        <figure class="pane">
            <figcaption><b>{label}</b> <span class="mild">{rows} " " {R::RowsBehind.of(locale)}</span></figcaption>
            <div class="glass">
                <iframe src=local(&side.src) title=title></iframe>
            </div>
        </figure>
    }
    .into_any()
}

fn differences(vm: &PreviewVm, right: &SideVm) -> AnyView {
    let (locale, tiles) = (vm.frame.locale, &vm.differences);
    if tiles.iter().all(|tile| tile.weight == Weight::Same) {
        return empty(R::NoDifference.of(locale));
    }
    let columns = [
        (R::Tile.of(locale), Kind::Words),
        (vm.left.label.as_str(), Kind::Number),
        (right.label.as_str(), Kind::Number),
        (R::Difference.of(locale), Kind::Number),
    ];
    let rows = tiles.iter().map(|tile| {
        let TileDifference {
            tile,
            left,
            right,
            change,
            weight,
        } = tile.clone();
        let (class, word) = match weight {
            Weight::More => ("", R::More),
            Weight::Less => ("", R::Less),
            Weight::Same => ("mild", R::Same),
            Weight::Other => ("", R::OtherRows),
        };
        let amount = (weight != Weight::Same).then_some(change);
        vec![
            tile.into_any(),
            left.into_any(),
            right.into_any(),
            view! { <span class=class><b>{amount}</b> " " {word.of(locale)}</span> }.into_any(),
        ]
    });
    let list = table(R::TileDifferences.of(locale), &columns, rows.collect());
    view! { <div class="sheet">{list}</div> }.into_any()
}
