//! Stopping access: dashboards closed for the time being, tokens taken back.

use super::field::{Control, Field, summary};
use super::frame::page;
use super::icon::Icon;
use super::parts::{button_link, empty, heading, hidden, section, when};
use super::reveal::local;
use super::table::{Kind, table};
use crate::model::admin::{StopLine, StopVm, SureVm};
use crate::text::{PortalText as T, StopText as S};
use leptos::prelude::*;

/// `/admin/stop-access`.
#[must_use]
pub fn stop(vm: &StopVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Stop.of(locale), || {
        view! {
            {heading(T::Stop.of(locale), S::Lead.of(locale), None)}
            {summary(&vm.errors, locale)}
            {section("closed", S::ClosedNow.of(locale), closed(vm))}
            {section("close", S::Close.of(locale), close(vm))}
            {section("revoked", S::RevokedNow.of(locale), revoked(vm))}
            {section("revoke", S::Revoke.of(locale), revoke(vm))}
        }
        .into_any()
    })
}

fn closed(vm: &StopVm) -> AnyView {
    let locale = vm.frame.locale;
    if vm.closed.is_empty() {
        return view! {
            <div class="calm">
                {Icon::Check.view()}
                <p><b>{S::NothingClosed.of(locale)}</b></p>
            </div>
        }
        .into_any();
    }
    let columns = [
        (S::What.of(locale), Kind::Words),
        (S::Reason.of(locale), Kind::Words),
        (S::By.of(locale), Kind::Words),
        (S::Since.of(locale), Kind::Words),
        (S::Step.of(locale), Kind::Words),
    ];
    let rows = vm.closed.iter().map(|line| {
        let mut cells = cells(line);
        cells.push(lift(vm, line));
        cells
    });
    let list = table(S::ClosedNow.of(locale), &columns, rows.collect());
    view! { <div class="sheet">{list}</div> }.into_any()
}

fn cells(line: &StopLine) -> Vec<AnyView> {
    let StopLine {
        what,
        reason,
        by,
        since,
        ..
    } = line.clone();
    vec![
        view! { <b>{what}</b> }.into_any(),
        reason.into_any(),
        by.into_any(),
        when(&since),
    ]
}

fn lift(vm: &StopVm, line: &StopLine) -> AnyView {
    let locale = vm.frame.locale;
    let label = format!("{} {}", S::OpenAgain.of(locale), line.what);
    let scope = line.scope.clone();
    view! {
        <form method="post" action="/admin/stop-access/lift">
            {hidden(&vm.frame.csrf, None)}
            <input type="hidden" name="scope" value=scope/>
            <button class="btn" type="submit" aria-label=label>{S::OpenAgain.of(locale)}</button>
        </form>
    }
    .into_any()
}

fn revoked(vm: &StopVm) -> AnyView {
    let locale = vm.frame.locale;
    if vm.revoked.is_empty() {
        return empty(S::NothingRevoked.of(locale));
    }
    let columns = [
        (S::What.of(locale), Kind::Words),
        (S::Reason.of(locale), Kind::Words),
        (S::By.of(locale), Kind::Words),
        (S::Since.of(locale), Kind::Words),
    ];
    let rows = vm.revoked.iter().map(cells).collect();
    let list = table(S::RevokedNow.of(locale), &columns, rows);
    view! { <div class="sheet">{list}</div> }.into_any()
}

fn field(
    vm: &StopVm,
    name: &'static str,
    label: S,
    help: Option<S>,
    control: Control<'_>,
) -> AnyView {
    let locale = vm.frame.locale;
    Field {
        name,
        label: label.of(locale),
        help: help.map_or("", |help| help.of(locale)),
        control,
        required: name.ends_with("reason"),
        errors: &vm.errors,
    }
    .view()
}

fn close(vm: &StopVm) -> AnyView {
    let locale = vm.frame.locale;
    let reason = Control::Input("text", &vm.close_reason);
    view! {
        <p class="help">{S::CloseHelp.of(locale)}</p>
        <form method="post" action="/admin/stop-access/lock" class="sheet form">
            {hidden(&vm.frame.csrf, None)}
            {field(vm, "scope", S::Scope, None, Control::Select(&vm.scopes))}
            {field(vm, "close_reason", S::Reason, Some(S::ReasonHelp), reason)}
            <div class="buttons"><button class="btn main" type="submit">{S::CloseButton.of(locale)}</button></div>
        </form>
    }
    .into_any()
}

fn revoke(vm: &StopVm) -> AnyView {
    let locale = vm.frame.locale;
    let input = |value| Control::Input("text", value);
    view! {
        <p class="help">{S::RevokeHelp.of(locale)}</p>
        <form method="post" action="/admin/stop-access/revoke" class="sheet form">
            {hidden(&vm.frame.csrf, None)}
            {field(vm, "target", S::Target, None, Control::Select(&vm.targets))}
            {field(vm, "name", S::Name, Some(S::NameHelp), input(&vm.name))}
            {field(vm, "issuer", S::Issuer, Some(S::IssuerHelp), input(&vm.issuer))}
            {field(vm, "revoke_reason", S::Reason, Some(S::ReasonHelp), input(&vm.revoke_reason))}
            <div class="buttons"><button class="btn main" type="submit">{S::RevokeButton.of(locale)}</button></div>
        </form>
    }
    .into_any()
}

/// Before something that touches everybody.
#[must_use]
pub fn sure(vm: &SureVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, &vm.question, || {
        let fields: Vec<_> = vm
            .fields
            .iter()
            .map(|(name, value)| {
                view! { <input type="hidden" name=name.clone() value=value.clone()/> }
            })
            .collect();
        let (consequence, yes) = (vm.consequence.clone(), vm.yes.clone());
        view! {
            {heading(&vm.question, "", None)}
            <div class="callout bad" role="alert">
                <p class="line">{Icon::Warning.view()} <span>{consequence}</span></p>
            </div>
            <form method="post" action=local(&vm.action)>
                {hidden(&vm.frame.csrf, None)}
                {fields}
                <div class="buttons">
                    <button class="btn main" type="submit">{yes}</button>
                    {button_link(&vm.back, S::NotNow.of(locale))}
                </div>
            </form>
        }
        .into_any()
    })
}
