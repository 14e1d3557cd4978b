//! The timeline of revisions.

use super::frame::page;
use super::parts::{empty, heading, link, pager, people, when, widening};
use crate::model::Locale;
use crate::model::admin::{Choice, Origin, RevisionLine, RevisionsVm};
use crate::text::{PortalText as T, RecordText as R};
use leptos::prelude::*;

/// `/admin/revisions`: what was in force, newest first.
#[must_use]
pub fn revisions(vm: &RevisionsVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Revisions.of(locale), || {
        let tools = (vm.revisions.len() > 1).then(|| {
            let (from, to) = newest_two(&vm.revisions);
            compare_form(&from, &to, locale)
        });
        let list = if vm.revisions.is_empty() {
            empty(R::RevisionsNone.of(locale))
        } else {
            let items: Vec<_> = vm.revisions.iter().map(|one| entry(one, locale)).collect();
            view! { <ol class="timeline">{items}</ol> }.into_any()
        };
        view! {
            {heading(T::Revisions.of(locale), R::RevisionsLead.of(locale), None)}
            {tools}
            {list}
            {pager(None, vm.older_href.as_deref(), locale)}
        }
        .into_any()
    })
}

fn entry(revision: &RevisionLine, locale: Locale) -> AnyView {
    let name = format!("{} {}", T::Revision.of(locale), revision.number);
    let class = if revision.until.is_none() {
        "now"
    } else {
        "then"
    };
    let title = revision.title.clone();
    view! {
        <li class=class>
            <h2>{link(&revision.href, &name)} " " <span>{title}</span></h2>
            <p class="line">{in_force(revision, locale)} {revision.widening.then(|| widening(locale))}
                <span class="tag">{origin(&revision.origin, locale)}</span></p>
            {people_of(revision, locale)}
        </li>
    }
    .into_any()
}

/// Who wrote, approved and published a revision.
pub(super) fn people_of(revision: &RevisionLine, locale: Locale) -> AnyView {
    let fact = |word: R, name: String| {
        view! { <div><dt>{word.of(locale)}</dt><dd>{name}</dd></div> }
    };
    view! {
        <dl class="people">
            {fact(R::WrittenBy, revision.author.clone())}
            {fact(R::ApprovedBy, people(&revision.approvers, locale))}
            {fact(R::PublishedBy, revision.publisher.clone())}
        </dl>
    }
    .into_any()
}

/// Since when, and until when, it was in force.
pub(super) fn in_force(revision: &RevisionLine, locale: Locale) -> AnyView {
    let from = when(&revision.published);
    match &revision.until {
        None => view! { <span class="tag good">{R::NowInForce.of(locale)}</span> {from} }.into_any(),
        Some(until) => view! {
            <span>{R::WasInForce.of(locale)} " " {from} " " {T::FromTo.of(locale)} " " {when(until)}</span>
        }
        .into_any(),
    }
}

/// How a revision came about.
pub(super) fn origin(origin: &Origin, locale: Locale) -> String {
    match origin {
        Origin::Folder => R::OriginFolder.of(locale).to_owned(),
        Origin::Draft => R::OriginDraft.of(locale).to_owned(),
        Origin::Push => R::OriginPush.of(locale).to_owned(),
        Origin::Rollback { of } => format!("{} {of}", R::OriginRollback.of(locale)),
    }
}

/// The listed revisions as choices, with the two newest chosen.
fn newest_two(revisions: &[RevisionLine]) -> (Vec<Choice>, Vec<Choice>) {
    let choices = |chosen: usize| {
        let choice = |(index, one): (usize, &RevisionLine)| Choice {
            value: one.number.clone(),
            label: format!("{} · {}", one.number, one.title),
            chosen: index == chosen,
        };
        revisions.iter().enumerate().map(choice).collect()
    };
    (choices(1), choices(0))
}

/// The form that compares two revisions.
pub(super) fn compare_form(from: &[Choice], to: &[Choice], locale: Locale) -> AnyView {
    use super::field::{Control, Field};
    let field = |name, label: R, choices| {
        let control = Control::Select(choices);
        Field {
            name,
            label: label.of(locale),
            help: "",
            control,
            required: false,
            errors: &[],
        }
        .view()
    };
    view! {
        <form method="get" action="/admin/revisions/diff" class="row">
            {field("from", R::From, from)}
            {field("to", R::To, to)}
            <button class="btn" type="submit">{R::Compare.of(locale)}</button>
        </form>
    }
    .into_any()
}
