//! What waits for the reader.

use super::drafts::{draft_table, progress, titled};
use super::frame::page;
use super::parts::{chain, empty, heading, link, section, when, widening};
use super::reveal::local;
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{DraftLine, RevisionLine, WaitingVm};
use crate::text::PortalText as T;
use leptos::prelude::*;

/// `/admin`: what waits for this admin, and whether all is well.
#[must_use]
pub fn waiting(vm: &WaitingVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Waiting.of(locale), || {
        view! {
            {heading(T::Waiting.of(locale), "", None)}
            <div class="facts">
                <section class="fact" aria-labelledby="force">
                    <h2 id="force">{T::InForce.of(locale)}</h2>
                    {in_force(vm.in_force.as_ref(), locale)}
                </section>
                <section class="fact" aria-labelledby="chain">
                    <h2 id="chain">{T::Chain.of(locale)}</h2>
                    {chain(&vm.chain, locale)}
                </section>
            </div>
            {changed_tables(&vm.changed_tables, locale)}
            {section("for-me", T::ForMe.of(locale), for_me(&vm.for_me, locale))}
            {section("mine", T::Mine.of(locale), mine(&vm.mine, locale))}
            {section("scheduled", T::Scheduled.of(locale), scheduled(&vm.scheduled, locale))}
        }
        .into_any()
    })
}

fn changed_tables(sentences: &[String], locale: Locale) -> Option<AnyView> {
    if sentences.is_empty() {
        return None;
    }
    let items: Vec<_> = sentences
        .iter()
        .map(|sentence| view! { <li>{sentence.clone()}</li> })
        .collect();
    let list = view! {
        <p>{T::ChangedTablesMeans.of(locale)}</p>
        <ul class="findings">{items}</ul>
    };
    Some(section(
        "changed",
        T::ChangedTables.of(locale),
        list.into_any(),
    ))
}

fn in_force(revision: Option<&RevisionLine>, locale: Locale) -> AnyView {
    let Some(revision) = revision else {
        return empty(T::NothingPublished.of(locale));
    };
    let name = format!("{} {}", T::Revision.of(locale), revision.number);
    let (title, publisher) = (revision.title.clone(), revision.publisher.clone());
    let widens = revision.widening.then(|| widening(locale));
    view! {
        <p class="hero">{link(&revision.href, &name)} {widens}</p>
        <p>{title}</p>
        <p class="mild">{T::PublishedBy.of(locale)} " " {publisher} ", " {when(&revision.published)}</p>
    }
    .into_any()
}

fn for_me(drafts: &[DraftLine], locale: Locale) -> AnyView {
    if drafts.is_empty() {
        return view! {
            <div class="calm">
                {super::icon::Icon::Check.view()}
                <p><b>{T::ForMeNone.of(locale)}</b></p>
                <p class="mild">{T::ForMeNoneMore.of(locale)}</p>
            </div>
        }
        .into_any();
    }
    let items: Vec<_> = drafts.iter().map(|draft| request(draft, locale)).collect();
    view! { <ul class="requests">{items}</ul> }.into_any()
}

fn request(draft: &DraftLine, locale: Locale) -> AnyView {
    let author = draft.author.clone();
    let title = draft.title.clone();
    let review = local(&draft.href).map(|href| {
        let label = format!("{} {title}", T::Review.of(locale));
        view! { <a class="btn main" href=href aria-label=label>{T::Review.of(locale)}</a> }
    });
    let approvals = draft.approvals.map(|approvals| {
        let word = if approvals.need == 1 { T::OneApproval } else { T::ManyApprovals };
        view! { <p>{progress(approvals, locale)} " " <span class="mild">{word.of(locale)}</span></p> }
    });
    view! {
        <li>
            <div>
                <h3>{titled(draft, locale)}</h3>
                <p class="mild">{T::By.of(locale)} " " <span>{author}</span> ", " {when(&draft.since)}</p>
            </div>
            {approvals}
            {review}
        </li>
    }
    .into_any()
}

fn mine(drafts: &[DraftLine], locale: Locale) -> AnyView {
    if drafts.is_empty() {
        return empty(T::MineNone.of(locale));
    }
    let list = draft_table(T::Mine.of(locale), drafts, locale);
    view! { <div class="sheet">{list}</div> }.into_any()
}

fn scheduled(drafts: &[DraftLine], locale: Locale) -> AnyView {
    if drafts.is_empty() {
        return empty(T::ScheduledNone.of(locale));
    }
    let columns = [
        (T::Title.of(locale), Kind::Words),
        (T::Effective.of(locale), Kind::Words),
        (T::Author.of(locale), Kind::Words),
    ];
    let rows = drafts.iter().map(|draft| {
        let time = draft
            .effective
            .as_ref()
            .map_or_else(|| "–".into_any(), when);
        vec![titled(draft, locale), time, draft.author.clone().into_any()]
    });
    let list = table(T::Scheduled.of(locale), &columns, rows.collect());
    view! { <div class="sheet">{list}</div> }.into_any()
}
