//! What a tile says when it has no chart to show.

use crate::model::Locale;
use crate::text::Text;
use leptos::prelude::*;

/// No rows: the sentence, and the filter that caused it.
#[component]
pub(super) fn Empty(sentence: String, cause: Option<String>) -> impl IntoView {
    let cause = cause.map(|cause| view! { <p class="mild">{cause}</p> });
    view! { <div class="note"><p class="say">{sentence}</p>{cause}</div> }
}

/// Kept by policy: the reason, and who to ask.
#[component]
pub(super) fn Withheld(reason: String, contact: Option<String>, locale: Locale) -> impl IntoView {
    let contact = contact.map(|contact| view! { <p class="mild">{contact}</p> });
    view! {
        <div class="note">
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
                <rect x="4" y="9" width="12" height="8" rx="2"></rect>
                <path d="M7 9V6a3 3 0 0 1 6 0v3"></path>
            </svg>
            <p class="say">{Text::Withheld.of(locale)}</p>
            <p class="mild">{reason}</p>
            {contact}
        </div>
    }
}

/// Not computed for want of budget: until when, and who to ask.
#[component]
pub(super) fn Unaffordable(
    reason: String,
    contact: Option<String>,
    locale: Locale,
) -> impl IntoView {
    let contact = contact.map(|contact| view! { <p class="mild">{contact}</p> });
    view! {
        <div class="note">
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
                <circle cx="10" cy="10" r="7"></circle>
                <path d="M10 6v4l3 2"></path>
            </svg>
            <p class="say">{Text::Unaffordable.of(locale)}</p>
            <p class="mild">{reason}</p>
            {contact}
        </div>
    }
}

/// Not answered: one sentence, another try with the same filters, and what to quote.
#[component]
pub(super) fn Failed(sentence: String, request_id: String, locale: Locale) -> impl IntoView {
    view! {
        <div class="note" role="alert">
            <p class="say">{Text::Failed.of(locale)}</p>
            <p class="mild">{sentence}</p>
            <button class="btn" type="submit" form="weir-filters">{Text::TryAgain.of(locale)}</button>
            <p class="rid">{Text::RequestId.of(locale)} " " <code>{request_id}</code></p>
        </div>
    }
}
