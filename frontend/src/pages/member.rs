//! What stands around a member's pages, and the list of dashboards.

use super::document::{CLOSE, Head, open};
use super::{render, style};
use crate::model::{CardVm, HomeVm, Locale, MemberFrame, NavLink};
use crate::text::Text;
use leptos::prelude::*;

/// The list of dashboards a member may open.
#[must_use]
pub fn home(page: &HomeVm) -> String {
    let title = format!("{} · Weir", Text::Dashboards.of(page.locale));
    let mut html = open(&Head {
        locale: page.locale,
        theme: page.theme,
        nonce: &page.nonce,
        title: &title,
        realm: "member",
        settled: true,
        css: &style::PLAIN,
    });
    let HomeVm {
        locale,
        member,
        cards,
        scope,
        ..
    } = page.clone();
    html.push_str(&render(|| {
        view! {
            <SkipLink locale/>
            <MemberHeader member locale/>
            <main id="figures" class="page home">
                <header class="top">
                    <h1>{Text::Dashboards.of(locale)}</h1>
                    <p class="whose"><span class="scope">{scope}</span></p>
                </header>
                <Cards cards locale/>
            </main>
        }
    }));
    html.push_str(CLOSE);
    html
}

#[component]
fn Cards(cards: Vec<CardVm>, locale: Locale) -> impl IntoView {
    if cards.is_empty() {
        return view! { <p class="none">{Text::NoDashboards.of(locale)}</p> }.into_any();
    }
    let cards = cards.into_iter().map(|card| {
        let note = (!card.note.is_empty()).then(|| view! { <p class="mild">{card.note}</p> });
        view! {
            <li>
                <a class="card" href=card.href>
                    <h2>{card.title}</h2>
                    <p>{card.description}</p>
                    {note}
                </a>
            </li>
        }
    });
    view! { <ul class="cards">{cards.collect_view()}</ul> }.into_any()
}

/// For the keyboard: over the navigation, to the content.
#[component]
pub(super) fn SkipLink(locale: Locale) -> impl IntoView {
    view! { <a class="skip" href="#figures">{Text::Skip.of(locale)}</a> }
}

/// Word mark, dashboards, language, name, sign-out.
#[component]
pub(super) fn MemberHeader(member: MemberFrame, locale: Locale) -> impl IntoView {
    let MemberFrame {
        user_name,
        nav,
        switch_language_href,
        csrf,
    } = member;
    let csrf = csrf.map(|csrf| view! { <input type="hidden" name="csrf" value=csrf/> });
    let links = nav.into_iter().map(nav_link).collect_view();
    view! {
        <header class="app">
            <WordMark/>
            <nav aria-label=Text::Dashboards.of(locale)>{links}</nav>
            <div class="me">
                <LanguageLink href=switch_language_href locale/>
                <span class="who">{user_name}</span>
                <form method="post" action="/logout">
                    {csrf}
                    <button class="btn quiet" type="submit">{Text::SignOut.of(locale)}</button>
                </form>
            </div>
        </header>
    }
}

/// The product's name, drawn: water over a weir.
#[component]
pub(super) fn WordMark() -> impl IntoView {
    view! {
        <a class="mark" href="/">
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M2 8c3-3 5-3 7 0s4 3 6 0 4-3 7 0"></path>
                <path d="M2 13h20M5 13v7M12 13v7M19 13v7"></path>
            </svg>
            "Weir"
        </a>
    }
}

/// This page in the other language, named in that language.
#[component]
pub(super) fn LanguageLink(href: String, locale: Locale) -> impl IntoView {
    let other = locale.other().tag();
    view! { <a class="lang" href=href lang=other hreflang=other>{Text::OtherLanguage.of(locale)}</a> }
}

fn nav_link(link: NavLink) -> impl IntoView {
    let current = link.current.then_some("page");
    view! { <a href=link.href aria-current=current>{link.label}</a> }
}
