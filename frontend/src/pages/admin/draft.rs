//! A draft, with everything that somebody needs to decide on it.

use super::draft_editor::{conflict, editor};
use super::draft_impact::{impact, widening_banner};
use super::draft_steps::{decision, step_bar};
use super::field::summary;
use super::frame::page;
use super::icon::Icon;
use super::parts::{empty, heading_with, link, people, section, singular, when};
use super::rules::{differences, readings};
use crate::model::Locale;
use crate::model::admin::{Action, DraftVm, TablesVm};
use crate::text::{DraftText as D, PortalText as T};
use leptos::prelude::*;

/// `/admin/drafts/{id}`: where it stands, what it changes, for whom, its text, and the next step.
#[must_use]
pub fn draft(vm: &DraftVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, &vm.title, || {
        let text = section("text", D::TextTitle.of(locale), editor(vm));
        let change = view! {
            {section("changes", D::ChangesTitle.of(locale), changes(vm))}
            {section("impact", D::ImpactTitle.of(locale), impact(vm))}
            {section("tables", D::TablesTitle.of(locale), tables(vm.tables.as_ref(), locale))}
        };
        // Whoever writes begins at the text, whoever decides at what the change does.
        let content = if offers(vm, Action::Save) {
            view! { {text} {change} }.into_any()
        } else {
            view! { {change} {text} }.into_any()
        };
        view! {
            {heading_with(&vm.title, facts(vm), None)}
            {step_bar(vm.state, locale)}
            {summary(&vm.errors, locale)}
            {vm.conflict.as_ref().map(|one| conflict(one, locale))}
            {notes(vm)}
            {vm.widening.as_ref().map(|one| widening_banner(one, locale))}
            <div class="desk">
                <div class="work">{content}</div>
                <aside class="decide" aria-labelledby="decide">{decision(vm)}</aside>
            </div>
        }
        .into_any()
    })
}

/// Whether a step is allowed to this reader and has its place in this state. What was overtaken by
/// another revision goes nowhere before it was checked against that.
pub(super) fn offers(vm: &DraftVm, action: Action) -> bool {
    let forward = matches!(
        action,
        Action::Submit | Action::Approve | Action::Publish | Action::Schedule
    );
    vm.actions.contains(&action)
        && vm.state.has_room_for(action)
        && !(forward && vm.outdated.is_some())
}

fn facts(vm: &DraftVm) -> AnyView {
    let locale = vm.frame.locale;
    let (id, author) = (vm.id.clone(), vm.author.clone());
    let base = vm.base.as_ref().map(|base| {
        let name = format!("{} {}", T::Revision.of(locale).to_lowercase(), base.number);
        view! { <span>{D::BasedOn.of(locale)} " " {link(&base.href, &name)}</span> }
    });
    let editors = (!vm.editors.is_empty()).then(|| {
        let names = people(&vm.editors, locale);
        view! { <span>{D::AlsoEdited.of(locale)} " " {names}</span> }
    });
    view! {
        <p class="sub dots">
            <span>{T::Draft.of(locale)} " " {id} " " {T::By.of(locale)} " " <span>{author}</span></span>
            {editors} {base}
            <span>{D::Saved.of(locale)} " " {when(&vm.saved)}</span>
        </p>
    }
    .into_any()
}

/// What somebody must know before anything else.
fn notes(vm: &DraftVm) -> AnyView {
    let locale = vm.frame.locale;
    let outdated = vm.outdated.as_ref().map(|mark| {
        let name = format!("{} {}", T::Revision.of(locale), mark.number);
        view! {
            <div class="callout amber">
                <p class="line">{Icon::Warning.view()} <b>{D::OutdatedTitle.of(locale)}</b></p>
                <p>{link(&mark.href, &name)} ", " {when(&mark.since)} ". " {D::OutdatedLead.of(locale)}</p>
            </div>
        }
    });
    let sent_back = vm.sent_back.as_ref().map(|sent| {
        let reason = sent.reason.clone();
        let title = if sent.by.is_empty() {
            D::SentBackAlone.of(locale).to_owned()
        } else {
            format!("{} {}", D::SentBackTitle.of(locale), sent.by)
        };
        view! {
            <div class="callout amber">
                <p class="line">{Icon::Back.view()} <b>{title}</b>
                    <span class="mild">{when(&sent.when)}</span></p>
                <blockquote>{reason}</blockquote>
            </div>
        }
    });
    view! { {outdated} {sent_back} }.into_any()
}

fn changes(vm: &DraftVm) -> AnyView {
    let locale = vm.frame.locale;
    let flawed = vm.files.iter().any(|file| file.findings > 0);
    if flawed && vm.rules.is_empty() && vm.readings.is_empty() {
        return empty(D::ChangesUnknown.of(locale));
    }
    view! { {differences(&vm.rules, locale)} {readings(&vm.readings, locale)} }.into_any()
}

fn tables(tables: Option<&TablesVm>, locale: Locale) -> AnyView {
    let Some(TablesVm { passed, failures }) = tables.cloned() else {
        return empty(D::TablesNone.of(locale));
    };
    let failed = failures.len();
    let one = |number| singular(number, locale);
    let passes = if passed == 1 {
        D::TablesPassedOne
    } else {
        D::TablesPassed
    };
    let fails = if one(failed) {
        D::TablesFailedOne
    } else {
        D::TablesFailed
    };
    let list: Vec<_> = failures
        .into_iter()
        .map(|failure| view! { <li>{failure}</li> })
        .collect();
    let failed = (failed > 0).then(|| {
        view! {
            <p class="chain bad">{Icon::Cross.view()} <b>{failed}</b> <span>{fails.of(locale)}</span></p>
            <ul class="bullets">{list}</ul>
        }
    });
    view! {
        <p class="chain good">{Icon::Check.view()} <b>{passed}</b> <span>{passes.of(locale)}</span></p>
        {failed}
    }
    .into_any()
}
