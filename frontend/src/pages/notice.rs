//! Small pages: one heading, one sentence, one next step.

use super::document::{CLOSE, Head, escape, open};
use super::member::{LanguageLink, WordMark};
use super::{render, style};
use crate::model::{LinkVm, Locale, NextStep, NoticeVm, ProblemVm, SignInVm, SignedOutVm, Theme};
use crate::text::Text;
use leptos::prelude::*;

/// What all small pages are made of.
struct Small<'a> {
    locale: Locale,
    theme: Theme,
    nonce: &'a str,
    framed: bool,
    title: &'a str,
    sentence: &'a str,
    action: Option<LinkVm>,
    /// Instead of one action: where to sign in, which is for the reader to choose.
    choices: &'a [LinkVm],
    request_id: Option<&'a str>,
    switch_language_href: Option<&'a str>,
}

/// Before signing in.
#[must_use]
pub fn sign_in(page: &SignInVm) -> String {
    let locale = page.locale;
    small(&Small {
        locale,
        theme: page.theme,
        nonce: &page.nonce,
        framed: false,
        title: Text::SignInTitle.of(locale),
        sentence: Text::SignInLead.of(locale),
        action: page
            .choices
            .is_empty()
            .then(|| link(Text::SignIn.of(locale), &page.sign_in_href)),
        choices: &page.choices,
        request_id: None,
        switch_language_href: Some(&page.switch_language_href),
    })
}

/// After signing out.
#[must_use]
pub fn signed_out(page: &SignedOutVm) -> String {
    let locale = page.locale;
    small(&Small {
        locale,
        theme: page.theme,
        nonce: &page.nonce,
        framed: false,
        title: Text::SignedOutTitle.of(locale),
        sentence: Text::SignedOutLead.of(locale),
        action: Some(link(Text::SignInAgain.of(locale), &page.sign_in_href)),
        choices: &[],
        request_id: None,
        switch_language_href: Some(&page.switch_language_href),
    })
}

/// A problem, in the browser or in a frame of the portal.
#[must_use]
pub fn problem(page: &ProblemVm) -> String {
    small(&Small {
        locale: page.locale,
        theme: page.theme,
        nonce: &page.nonce,
        framed: page.framed,
        title: &page.title,
        sentence: &page.sentence,
        action: page.action.clone(),
        choices: &[],
        request_id: Some(&page.request_id),
        switch_language_href: None,
    })
}

/// A refusal or failure in a host page's frame. Its script asks the host page for a new launch; it
/// tells nothing but the problem's slug, so it need not know who the host is.
#[must_use]
pub fn embed_notice(page: &NoticeVm) -> String {
    let mut html = open(&Head {
        locale: page.locale,
        theme: page.theme,
        nonce: &page.nonce,
        title: &page.title,
        realm: "embed",
        settled: true,
        css: &style::PLAIN,
    });
    html.push_str(&render(|| refusal(page)));
    let nonce = escape(&page.nonce);
    html.extend([
        "<script nonce=\"",
        &nonce,
        "\">",
        style::NOTICE.as_str(),
        "</script>",
        CLOSE,
    ]);
    html
}

fn refusal(page: &NoticeVm) -> impl IntoView + use<> {
    let next = match page.next {
        NextStep::Now => "now",
        NextStep::Later => "later",
        NextStep::Button => "button",
        NextStep::Nothing => "nothing",
    };
    let label = match page.code.as_str() {
        "session-ended" => Text::Continue,
        _ => Text::TryAgain,
    };
    let (title, sentence) = (page.title.clone(), page.sentence.clone());
    let (code, id) = (page.code.clone(), page.request_id.clone());
    let locale = page.locale;
    view! {
        <main class="small" data-code=code data-next=next>
            <h1>{title}</h1>
            <p>{sentence}</p>
            <button class="btn" type="button" hidden>{label.of(locale)}</button>
            <p class="rid">{Text::RequestId.of(locale)} " " <code>{id}</code></p>
        </main>
    }
}

fn small(page: &Small<'_>) -> String {
    let mut html = open(&Head {
        locale: page.locale,
        theme: page.theme,
        nonce: page.nonce,
        title: page.title,
        realm: if page.framed { "embed" } else { "member" },
        settled: true,
        css: &style::PLAIN,
    });
    html.push_str(&render(|| content(page)));
    html.push_str(CLOSE);
    html
}

fn content(page: &Small<'_>) -> impl IntoView + use<> {
    let locale = page.locale;
    let mark = (!page.framed).then(|| view! { <WordMark/> });
    let action = page.action.clone().map(|action| {
        view! { <a class="btn main" href=action.href>{action.label}</a> }
    });
    let choices = (!page.choices.is_empty()).then(|| choices(page.choices, locale));
    let request = page.request_id.map(|id| {
        let id = id.to_owned();
        view! { <p class="rid">{Text::RequestId.of(locale)} " " <code>{id}</code></p> }
    });
    let switch = page.switch_language_href.map(|href| {
        let href = href.to_owned();
        view! { <LanguageLink href locale/> }
    });
    let (title, sentence) = (page.title.to_owned(), page.sentence.to_owned());
    view! {
        <main class="small">
            {mark}
            <h1>{title}</h1>
            <p>{sentence}</p>
            {action}
            {choices}
            {request}
            {switch}
        </main>
    }
}

/// One button for each place to sign in at: none is more likely than another.
fn choices(choices: &[LinkVm], locale: Locale) -> impl IntoView + use<> {
    let items: Vec<_> = choices
        .iter()
        .cloned()
        .map(|choice| view! { <li><a class="btn" href=choice.href>{choice.label}</a></li> })
        .collect();
    view! { <ul class="choices" aria-label=Text::SignInWith.of(locale)>{items}</ul> }
}

fn link(label: &str, href: &str) -> LinkVm {
    LinkVm {
        label: label.to_owned(),
        href: href.to_owned(),
    }
}
