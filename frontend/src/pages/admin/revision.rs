//! One revision, and two compared.

use super::frame::page;
use super::parts::{
    button_link, empty, file_change, heading, hidden, link, numbered, section, singular, tabs,
};
use super::reveal::local;
use super::revisions::{compare_form, in_force, origin, people_of};
use super::rules::{differences, readings, rules};
use crate::model::Locale;
use crate::model::admin::{FileChange, RevisionDiffVm, RevisionFile, RevisionVm};
use crate::text::{DraftText, PortalText as T, RecordText as R};
use leptos::prelude::*;

/// `/admin/revisions/{number}`: who, when, what it says, its files, and the way back to it.
#[must_use]
pub fn revision(vm: &RevisionVm) -> String {
    let locale = vm.frame.locale;
    let title = format!("{} {}", T::Revision.of(locale), vm.revision.number);
    page(&vm.frame, &title, || {
        let compare = vm.compare_href.as_deref();
        let tools = compare.and_then(|href| button_link(href, R::ComparePrevious.of(locale)));
        let file = vm.file.as_ref().map(|file| numbered(&file.text));
        view! {
            {heading(&title, &vm.revision.title, tools)}
            {facts(vm)}
            {section("policies", R::PoliciesThen.of(locale), policies(vm))}
            {section("files", T::Files.of(locale), view! { {files(&vm.files, locale)} {file} }.into_any())}
            {roll_back(vm)}
        }
        .into_any()
    })
}

fn facts(vm: &RevisionVm) -> AnyView {
    let locale = vm.frame.locale;
    let content = vm.content.clone();
    let draft = vm
        .draft
        .as_ref()
        .map(|draft| link(&draft.href, &draft.label));
    let widens = vm.revision.widening.then(|| super::parts::widening(locale));
    view! {
        <div class="fact wide">
            <p class="line">{in_force(&vm.revision, locale)} {widens}
                <span class="tag">{origin(&vm.revision.origin, locale)}</span> {draft}</p>
            {people_of(&vm.revision, locale)}
            <p class="mild">{R::ContentHash.of(locale)} " " <code>{content}</code></p>
        </div>
    }
    .into_any()
}

fn policies(vm: &RevisionVm) -> AnyView {
    let locale = vm.frame.locale;
    if vm.policies.is_empty() {
        return empty(T::NoPolicy.of(locale));
    }
    let items: Vec<_> = vm
        .policies
        .iter()
        .map(|(dataset, list)| {
            let count = list.len();
            let word = if singular(count, locale) { T::OneRule } else { T::ManyRules };
            view! {
                <details class="fold">
                    <summary>{dataset.clone()} " " <span class="mild">{count} " " {word.of(locale)}</span></summary>
                    {rules(list, locale)}
                </details>
            }
        })
        .collect();
    items.into_any()
}

fn files(files: &[RevisionFile], locale: Locale) -> AnyView {
    let tab = |file: &RevisionFile| {
        let current = file.open.then_some("page");
        let path = file.path.clone();
        let tab = view! {
            <a href=local(&file.href) aria-current=current>
                <code>{path}</code> {file_change(file.change, locale)}
            </a>
        };
        let first = file.open || file.change != FileChange::Same;
        (first, tab.into_any())
    };
    tabs(files.iter().map(tab).collect(), locale)
}

fn roll_back(vm: &RevisionVm) -> Option<AnyView> {
    let locale = vm.frame.locale;
    let action = vm.roll_back_action.as_deref().and_then(local)?;
    let form = view! {
        <p class="lead">{R::RollBackLead.of(locale)}</p>
        <form method="post" action=action>
            {hidden(&vm.frame.csrf, None)}
            <button class="btn" type="submit">{super::icon::Icon::Back.view()} {R::RollBack.of(locale)}</button>
        </form>
    };
    Some(section(
        "roll-back",
        R::RollBackTitle.of(locale),
        form.into_any(),
    ))
}

/// `/admin/revisions/diff`: what differs between two revisions.
#[must_use]
pub fn revision_diff(vm: &RevisionDiffVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, R::DiffTitle.of(locale), || {
        let lead = format!("{} → {}", vm.from_label, vm.to_label);
        let content = if vm.rules.is_empty() && vm.files.is_empty() {
            empty(R::SameContent.of(locale))
        } else {
            let rules = view! { {differences(&vm.rules, locale)} {readings(&vm.readings, locale)} };
            let rules = section(
                "changes",
                DraftText::ChangesTitle.of(locale),
                rules.into_any(),
            );
            view! { {rules} {changed(&vm.files, locale)} }.into_any()
        };
        view! {
            {heading(R::DiffTitle.of(locale), &lead, None)}
            {compare_form(&vm.from, &vm.to, locale)}
            {content}
        }
        .into_any()
    })
}

fn changed(files: &[(String, FileChange)], locale: Locale) -> Option<AnyView> {
    if files.is_empty() {
        return None;
    }
    let items: Vec<_> = files
        .iter()
        .map(|(path, change)| view! { <li><code>{path.clone()}</code> " " {file_change(*change, locale)}</li> })
        .collect();
    Some(section(
        "files",
        T::Files.of(locale),
        view! { <ul class="links">{items}</ul> }.into_any(),
    ))
}
