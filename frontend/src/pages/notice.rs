//! Small pages: one heading, one sentence, one next step.

use super::document::{CLOSE, Head, open};
use super::member::{LanguageLink, WordMark};
use super::{render, style};
use crate::model::{LinkVm, Locale, NoticeVm, ProblemVm, SignInVm, SignedOutVm, Theme};
use crate::text::{Text, notice};
use leptos::prelude::*;

/// What all small pages are made of.
struct Small<'a> {
    locale: Locale,
    theme: Theme,
    nonce: &'a str,
    embedded: bool,
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
        embedded: false,
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
        embedded: false,
        title: Text::SignedOutTitle.of(locale),
        sentence: Text::SignedOutLead.of(locale),
        action: Some(link(Text::SignInAgain.of(locale), &page.sign_in_href)),
        choices: &[],
        request_id: None,
        switch_language_href: Some(&page.switch_language_href),
    })
}

/// A problem, in the browser or in the frame.
#[must_use]
pub fn problem(page: &ProblemVm) -> String {
    small(&Small {
        locale: page.locale,
        theme: page.theme,
        nonce: &page.nonce,
        embedded: page.embedded,
        title: &page.title,
        sentence: &page.sentence,
        action: page.action.clone(),
        choices: &[],
        request_id: Some(&page.request_id),
        switch_language_href: None,
    })
}

/// An embedded dashboard that can't be opened with this token or code.
#[must_use]
pub fn embed_notice(page: &NoticeVm) -> String {
    let (title, sentence) = notice(page.kind);
    small(&Small {
        locale: page.locale,
        theme: page.theme,
        nonce: &page.nonce,
        embedded: true,
        title: title.of(page.locale),
        sentence: sentence.of(page.locale),
        action: None,
        choices: &[],
        request_id: Some(&page.request_id),
        switch_language_href: None,
    })
}

fn small(page: &Small<'_>) -> String {
    let mut html = open(&Head {
        locale: page.locale,
        theme: page.theme,
        nonce: page.nonce,
        title: page.title,
        realm: if page.embedded { "embed" } else { "member" },
        settled: true,
        css: &style::PLAIN,
    });
    html.push_str(&render(|| content(page)));
    html.push_str(CLOSE);
    html
}

fn content(page: &Small<'_>) -> impl IntoView + use<> {
    let locale = page.locale;
    let mark = (!page.embedded).then(|| view! { <WordMark/> });
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
