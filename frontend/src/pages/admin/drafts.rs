//! Every draft.

use super::frame::page;
use super::parts::{empty, heading, link, pager, state, when, widening};
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{Approvals, DraftLine, DraftsVm};
use crate::text::{DraftText, PortalText as T};
use leptos::prelude::*;

/// `/admin/drafts`: the drafts, the one touched last first.
#[must_use]
pub fn drafts(vm: &DraftsVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Drafts.of(locale), || {
        let list = if vm.drafts.is_empty() {
            empty(T::DraftsNone.of(locale))
        } else {
            draft_table(T::Drafts.of(locale), &vm.drafts, locale)
        };
        view! {
            {heading(T::Drafts.of(locale), T::DraftsLead.of(locale), None)}
            <div class="sheet">{list}</div>
            {pager(None, vm.older_href.as_deref(), locale)}
        }
        .into_any()
    })
}

/// Drafts as a table.
pub(super) fn draft_table(caption: &str, drafts: &[DraftLine], locale: Locale) -> AnyView {
    let columns = [
        (T::Title.of(locale), Kind::Words),
        (T::State.of(locale), Kind::Words),
        (T::Author.of(locale), Kind::Words),
        (T::Since.of(locale), Kind::Words),
        (T::WaitsFor.of(locale), Kind::Words),
    ];
    let rows = drafts.iter().map(|draft| {
        let waits = match (&draft.effective, draft.waits_for.as_str()) {
            (Some(effective), _) => when(effective),
            (None, "") => "–".into_any(),
            (None, text) => text.to_owned().into_any(),
        };
        vec![
            titled(draft, locale),
            state(draft.state, locale),
            draft.author.clone().into_any(),
            when(&draft.since),
            waits,
        ]
    });
    table(caption, &columns, rows.collect())
}

/// A draft's title, and that it widens.
pub(super) fn titled(draft: &DraftLine, locale: Locale) -> AnyView {
    let widens = draft.widening.then(|| widening(locale));
    view! { {link(&draft.href, &draft.title)} " " {widens} }.into_any()
}

/// "1 of 2", with a mark per approval.
pub(super) fn progress(approvals: Approvals, locale: Locale) -> AnyView {
    let Approvals { have, need } = approvals;
    let dots: Vec<_> = (0..need.min(9))
        .map(|index| view! { <i class=if index < have { "dot on" } else { "dot" }></i> })
        .collect();
    view! {
        <span class="progress"><span aria-hidden="true">{dots}</span>
            {have} " " {DraftText::ApprovedOf.of(locale)} " " {need}</span>
    }
    .into_any()
}
