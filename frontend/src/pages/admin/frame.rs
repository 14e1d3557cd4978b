//! What stands around every page of the portal.

use super::icon::Icon;
use super::language::carry;
use super::parts::{link, when};
use super::reveal::{local, reveal};
use crate::model::Locale;
use crate::model::admin::{AdminFrame, Flash, FlashTone, RevisionMark, Section};
use crate::pages::document::{CLOSE, Head, open};
use crate::pages::member::LanguageLink;
use crate::pages::{render, style};
use crate::text::PortalText as T;
use leptos::prelude::*;

/// The navigation in its order: page, path, name.
const NAV: [(Section, &str, T); 11] = [
    (Section::Waiting, "/admin", T::WaitingShort),
    (Section::Policies, "/admin/policies", T::Policies),
    (Section::Drafts, "/admin/drafts", T::Drafts),
    (Section::Revisions, "/admin/revisions", T::Revisions),
    (Section::Access, "/admin/access", T::Access),
    (Section::ViewAs, "/admin/view-as", T::ViewAs),
    (Section::Clients, "/admin/clients", T::Clients),
    (Section::Stop, "/admin/stop-access", T::Stop),
    (Section::Costs, "/admin/costs", T::Costs),
    (Section::Vitals, "/admin/vitals", T::Vitals),
    (Section::Audit, "/admin/audit", T::Audit),
];

/// A whole page: frame, one heading, content.
pub(super) fn page(frame: &AdminFrame, title: &str, content: impl FnOnce() -> AnyView) -> String {
    let mut html = open(&Head {
        locale: frame.locale,
        theme: frame.theme,
        nonce: &frame.nonce,
        title: &format!("{title} · Weir"),
        realm: "admin",
        settled: true,
        css: &style::PORTAL,
    });
    html.push_str(&render(|| around(frame, content())));
    html.push_str(CLOSE);
    let html = reveal(&html);
    if frame.keep_language {
        carry(&html, frame.locale)
    } else {
        html
    }
}

fn around(frame: &AdminFrame, content: AnyView) -> impl IntoView + use<> {
    let locale = frame.locale;
    view! {
        <a class="skip" href="#content">{T::Skip.of(locale)}</a>
        <div class="portal">
            <header class="side">
                <a class="mark" href="/admin">
                    <svg viewBox="0 0 24 24" aria-hidden="true">
                        <path d="M2 8c3-3 5-3 7 0s4 3 6 0 4-3 7 0"></path>
                        <path d="M2 13h20M5 13v7M12 13v7M19 13v7"></path>
                    </svg>
                    "Weir" <span>{T::Product.of(locale)}</span>
                </a>
                <nav aria-label=T::Sections.of(locale)>{navigation(frame)}</nav>
                <a class="out" href="/">{Icon::Link.view()} {T::ToDashboards.of(locale)}</a>
            </header>
            <div class="stage">
                {bar(frame)}
                <main id="content" tabindex="-1">
                    {frame.flash.as_ref().map(|flash| said(flash, locale))}
                    {content}
                </main>
            </div>
        </div>
    }
}

fn navigation(frame: &AdminFrame) -> Vec<AnyView> {
    let entry = |(section, href, name): (Section, &'static str, T)| {
        let current = (section == frame.section).then_some("page");
        let count = (section == Section::Waiting && frame.waiting > 0)
            .then(|| view! { <b class="count">{frame.waiting}</b> });
        view! {
            <a href=href aria-current=current>
                {Icon::of(section).view()} <span>{name.of(frame.locale)}</span> {count}
            </a>
        }
        .into_any()
    };
    NAV.into_iter().map(entry).collect()
}

/// The revision in force, and who is signed in.
fn bar(frame: &AdminFrame) -> AnyView {
    let locale = frame.locale;
    let name = frame.user_name.clone();
    let csrf = frame.csrf.clone();
    let language =
        local(&frame.switch_language_href).map(|href| view! { <LanguageLink href locale/> });
    view! {
        <div class="bar">
            <p class="force">{in_force(frame.revision.as_ref(), locale)}</p>
            <div class="me">
                {language}
                <span class="who">{name}</span>
                <form method="post" action="/logout">
                    <input type="hidden" name="csrf" value=csrf/>
                    <button class="btn quiet" type="submit">{T::SignOut.of(locale)}</button>
                </form>
            </div>
        </div>
    }
    .into_any()
}

fn in_force(mark: Option<&RevisionMark>, locale: Locale) -> AnyView {
    let Some(mark) = mark else {
        return view! { <span class="mild">{T::NothingPublished.of(locale)}</span> }.into_any();
    };
    let name = format!("{} {}", T::Revision.of(locale), mark.number);
    view! {
        {link(&mark.href, &name)} " "
        <span class="mild">{T::InForceSince.of(locale)} " " {when(&mark.since)}</span>
    }
    .into_any()
}

fn said(flash: &Flash, locale: Locale) -> AnyView {
    let (class, icon, word) = match flash.tone {
        FlashTone::Done => ("flash good", Icon::Check, T::Done),
        FlashTone::Refused => ("flash bad", Icon::Cross, T::Refused),
    };
    let text = flash.text.clone();
    view! { <p class=class role="status">{icon.view()} <b>{word.of(locale)}</b> " " <span>{text}</span></p> }
        .into_any()
}
