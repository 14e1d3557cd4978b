//! One embed client: what it may, and the secrets it proves itself with.

use super::clients::standing;
use super::frame::page;
use super::icon::Icon;
use super::parts::{button_link, empty, heading_with, hidden, section, when};
use super::reveal::local;
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{ClientFact, ClientSecret, ClientStanding, ClientTouch, ClientVm};
use crate::text::{ClientText as C, PortalText as T};
use leptos::prelude::*;

/// `/admin/clients/{id}`: the registration in words, and the live secrets.
#[must_use]
pub fn client(vm: &ClientVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, &vm.id, || {
        let back = button_link("/admin/clients", C::AllClients.of(locale));
        let facts: Vec<_> = vm.facts.iter().map(fact).collect();
        let facts = view! { <dl class="pairs sheet">{facts}</dl> }.into_any();
        view! {
            {heading_with(&vm.id, below(vm), back)}
            {new_secret(vm)}
            {warnings(vm)}
            {section("registration", C::Registration.of(locale), facts)}
            {secrets(vm)}
        }
        .into_any()
    })
}

/// Its name, where it stands, and who changed it.
fn below(vm: &ClientVm) -> AnyView {
    let locale = vm.frame.locale;
    let name = (!vm.name.is_empty()).then(|| view! { <span>{vm.name.clone()}</span> });
    let changed = vm.changed.as_ref().map(|changed| {
        view! { <span class="mild">{C::ChangedOn.of(locale)} " " {touch(changed, locale)}</span> }
    });
    let means = match vm.standing {
        ClientStanding::Active => None,
        ClientStanding::Inactive => Some(C::InactiveMeans),
        ClientStanding::Configured => Some(C::ConfiguredMeans),
    };
    let means = means.map(|text| view! { <p class="lead">{text.of(locale)}</p> });
    view! { <p class="line">{name} {standing(vm.standing, locale)} {changed}</p> {means} }
        .into_any()
}

fn touch(touch: &ClientTouch, locale: Locale) -> AnyView {
    let by = touch.by.clone();
    view! { {when(&touch.at)} " " {T::By.of(locale)} " " {by} }.into_any()
}

fn fact(fact: &ClientFact) -> AnyView {
    let ClientFact { about, says } = fact.clone();
    let says: Vec<_> = says
        .into_iter()
        .map(|one| view! { <dd>{one}</dd> })
        .collect();
    view! { <div><dt>{about}</dt>{says}</div> }.into_any()
}

/// The one sight of a secret. Nothing but a click marks all of it.
fn new_secret(vm: &ClientVm) -> Option<AnyView> {
    let locale = vm.frame.locale;
    let made = vm.new_secret.clone()?;
    Some(
        view! {
            <div class="callout good" role="status">
                <p><b>{C::NewSecret.of(locale)}</b> " " <code>{made.id}</code></p>
                <p class="secret"><code tabindex="0">{made.secret}</code></p>
                <p>{C::NewSecretOnce.of(locale)}</p>
            </div>
        }
        .into_any(),
    )
}

fn warnings(vm: &ClientVm) -> Option<AnyView> {
    if vm.warnings.is_empty() {
        return None;
    }
    let locale = vm.frame.locale;
    let warnings = vm.warnings.iter().cloned();
    let items: Vec<_> = warnings.map(|text| view! { <li>{text}</li> }).collect();
    Some(
        view! {
            <div class="callout amber">
                <p class="line">{Icon::Warning.view()} <b>{C::Warnings.of(locale)}</b></p>
                <ul class="links">{items}</ul>
            </div>
        }
        .into_any(),
    )
}

fn secrets(vm: &ClientVm) -> Option<AnyView> {
    let locale = vm.frame.locale;
    let rotate = vm.rotate_action.as_deref().and_then(local)?;
    let list = if vm.secrets.is_empty() {
        empty(C::SecretsNone.of(locale))
    } else {
        list(vm)
    };
    let full =
        (vm.secrets.len() > 1).then(|| view! { <p class="help">{C::PushesOut.of(locale)}</p> });
    let content = view! {
        <p class="lead">{C::SecretsLead.of(locale)}</p>
        <div class="sheet">{list}</div>
        <form method="post" action=rotate class="buttons">
            {hidden(&vm.frame.csrf, Some(&vm.version))}
            <button class="btn main" type="submit">{Icon::Plus.view()} {C::MakeSecret.of(locale)}</button>
            {full}
        </form>
    };
    Some(section(
        "secrets",
        C::Secrets.of(locale),
        content.into_any(),
    ))
}

fn list(vm: &ClientVm) -> AnyView {
    let locale = vm.frame.locale;
    let columns = [
        (C::Secret.of(locale), Kind::Words),
        (C::Age.of(locale), Kind::Words),
        (C::Made.of(locale), Kind::Words),
        (C::Action.of(locale), Kind::Words),
    ];
    let rows = vm.secrets.iter().map(|secret| {
        let ClientSecret { id, age, made } = secret.clone();
        let name = format!("{} {id}", C::Remove.of(locale));
        vec![
            view! { <code>{id.clone()}</code> }.into_any(),
            age.into_any(),
            touch(&made, locale),
            view! {
                <form method="post" action=vm.remove_action.as_deref().and_then(local)>
                    {hidden(&vm.frame.csrf, Some(&vm.version))}
                    <input type="hidden" name="secret" value=id/>
                    <button class="btn small" type="submit" aria-label=name>{C::Remove.of(locale)}</button>
                </form>
            }
            .into_any(),
        ]
    });
    table(C::Secrets.of(locale), &columns, rows.collect())
}
