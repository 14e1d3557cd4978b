//! A dashboard, in the frame and in the browser, in parts that stream.

use super::document::{CLOSE, Head, escape, json_for_script, open};
use super::member::{MemberHeader, SkipLink};
use super::{render, style};
use crate::islands::FilterBar;
use crate::model::{
    DrawnParts, FilterBarVm, Launch, Locale, PageTrust, PageVm, Realm, RefreshRealm, TailVm,
    TileSlot, TileVm,
};
use crate::text::Text;
use crate::view::{Skeleton, Tile, slot_of};
use leptos::prelude::*;
use serde_json::json;
use std::sync::Arc;

/// How often a preview's mark stands over its picture.
const MARKS: usize = 12;

/// The document up to where late tiles go: ready tiles are in it, pending ones as skeletons.
#[must_use]
pub fn head_and_shell(page: &PageVm) -> String {
    head_and_shell_with(page, &DrawnParts::default())
}

/// The same, with parts that were drawn before.
#[must_use]
pub fn head_and_shell_with(page: &PageVm, drawn: &DrawnParts) -> String {
    let (realm, css) = match &page.realm {
        Realm::Embed(_) => ("embed", &style::DASHBOARD),
        Realm::Member(_) => ("member", &style::MEMBER),
        Realm::Preview(_) => ("preview", &style::PREVIEW),
    };
    let mut html = open(&Head {
        locale: page.locale,
        theme: page.theme,
        nonce: &page.nonce,
        title: &page.title,
        realm,
        settled: page.is_settled(),
        css,
    });
    if let Realm::Member(member) = &page.realm {
        let (member, locale) = (member.clone(), page.locale);
        html.push_str(&render(
            || view! { <SkipLink locale/><MemberHeader member locale/> },
        ));
    }
    if let Realm::Preview(preview) = &page.realm {
        html.push_str(&lens(&preview.mark));
    }
    html.push_str("<div class=\"page\">");
    match &drawn.heading {
        Some(heading) => html.push_str(heading),
        None => html.push_str(&heading(page)),
    }
    html.push_str(&form(page, drawn));
    html.push_str(&scripts(page, drawn));
    html.push_str(&late_style(page));
    html.push_str("<main id=\"figures\" class=\"grid\">");
    html.push_str(&shadow(page));
    for slot in &page.tiles {
        match slot {
            TileSlot::Ready(ready) => html.push_str(&tile(ready, page.locale)),
            TileSlot::Drawn(_, drawn) => html.push_str(drawn),
            TileSlot::Pending(_) => {}
        }
    }
    html
}

/// One tile: late in a dashboard's response, or alone as the answer to a filter change.
#[must_use]
pub fn tile(tile: &TileVm, locale: Locale) -> String {
    let tile = tile.clone();
    render(|| view! { <Tile tile locale/> })
}

/// The end of the document, once every late tile is out.
#[must_use]
pub fn tail(tail: &TailVm) -> String {
    let settle = if tail.was_settled {
        String::new()
    } else {
        format!(
            "<script nonce=\"{}\">document.documentElement.dataset.weir=\"settled\"</script>",
            escape(&tail.nonce)
        )
    };
    let (before, after) = &*style::LATE;
    let script = tail.script.as_ref().map_or_else(String::new, |script| {
        format!(
            "<script nonce=\"{}\">{before}\n{script}\n{after}</script>",
            escape(&tail.nonce)
        )
    });
    format!("</main></div>{settle}{script}{CLOSE}")
}

/// A dashboard whose tiles are all ready, in one piece.
#[must_use]
pub fn dashboard(page: &PageVm) -> String {
    head_and_shell(page) + &tail(&page.tail())
}

/// The mark of a preview: a line that can be read, and the same all over the picture.
fn lens(mark: &str) -> String {
    let mark = escape(mark);
    let veil = format!("<span>{mark}</span>").repeat(MARKS);
    format!(
        "<p class=\"lens\" role=\"note\">{mark}</p><div class=\"veil\" aria-hidden=\"true\">{veil}</div>"
    )
}

/// The title, and what holds for the whole page.
#[must_use]
pub fn heading(page: &PageVm) -> String {
    let (title, subtitle) = (page.title.clone(), page.subtitle.clone());
    let (trust, locale) = (page.trust.clone(), page.locale);
    render(|| {
        let subtitle = (!subtitle.is_empty()).then(|| view! { <p class="sub">{subtitle}</p> });
        view! {
            <header class="top">
                <div><h1>{title}</h1>{subtitle}</div>
                <Scope trust locale/>
            </header>
        }
    })
}

/// What holds for the whole page: whose rows, and of when.
#[component]
fn Scope(trust: PageTrust, locale: Locale) -> impl IntoView {
    let class = if trust.stale { "whose stale" } else { "whose" };
    let time = (!trust.data_time.is_empty()).then(|| view! { <span>{trust.data_time}</span> });
    let stale = trust
        .stale
        .then(|| view! { <b>{Text::Stale.of(locale)}</b> });
    view! { <p class=class><span class="scope">{trust.scope}</span>{time}{stale}</p> }
}

/// Which calls the page makes for itself, and where.
fn base(page: &PageVm) -> (RefreshRealm, String) {
    let slug = escape(&page.slug);
    match &page.realm {
        Realm::Embed(_) => (RefreshRealm::Embed, format!("/embed/{slug}")),
        Realm::Member(_) => (RefreshRealm::Member, format!("/d/{slug}")),
        Realm::Preview(preview) => (RefreshRealm::Member, escape(&preview.base)),
    }
}

/// The filter bar: in the embed realm it holds nothing of the launch. Empty without filters.
#[must_use]
pub fn filter_bar(page: &PageVm) -> String {
    if page.filters.is_empty() {
        return String::new();
    }
    let (realm, base) = base(page);
    let bar = FilterBarVm {
        locale: page.locale,
        realm,
        tiles_url: format!("{base}/tiles"),
        filters: page.filters.clone(),
    };
    render(|| view! { <FilterBar bar/> })
}

/// The filter bar inside its form. The form exists without filters too: "Try again" submits it.
fn form(page: &PageVm, drawn: &DrawnParts) -> String {
    let (method, token) = match &page.realm {
        Realm::Embed(launch) => {
            let token = escape(&launch.token);
            let field = format!("<input type=\"hidden\" name=\"token\" value=\"{token}\">");
            ("post", field)
        }
        Realm::Member(_) | Realm::Preview(_) => ("get", String::new()),
    };
    let (_, base) = base(page);
    let inside: Arc<str> = match &drawn.filter_bar {
        Some((bar, _)) => Arc::clone(bar),
        None => filter_bar(page).into(),
    };
    format!(
        "<form id=\"weir-filters\" method=\"{method}\" action=\"{base}\" aria-label=\"{label}\">{token}{inside}</form>",
        label = Text::Filters.of(page.locale),
    )
}

/// What the page's scripts start from, and the one that every dashboard has. Nothing on the page
/// waits for it.
fn scripts(page: &PageVm, drawn: &DrawnParts) -> String {
    let nonce = escape(&page.nonce);
    let assets = page.assets.as_ref();
    let app = json!({
        "js": assets.map(|assets| &assets.app_js),
        "wasm": assets.map(|assets| &assets.app_wasm),
        "file": {
            "coming": Text::FileComing.of(page.locale),
            "cut": Text::FileCut.of(page.locale),
            "failed": Text::FileFailed.of(page.locale),
        },
    });
    let frame = match &page.realm {
        Realm::Embed(launch) => {
            let facts = json_for_script(&frame_facts(page, launch, drawn));
            format!(
                "<script type=\"application/json\" id=\"weir-frame\" nonce=\"{nonce}\">{facts}</script>"
            )
        }
        Realm::Member(_) | Realm::Preview(_) => String::new(),
    };
    format!(
        "{frame}<script type=\"application/json\" id=\"weir-app\" nonce=\"{nonce}\">{app}</script>\
         <script nonce=\"{nonce}\">{boot}</script>",
        app = json_for_script(&app),
        boot = style::BOOT.as_str(),
    )
}

/// What the frame's script takes out of the document: the launch, and its own few words.
fn frame_facts(page: &PageVm, launch: &Launch, drawn: &DrawnParts) -> serde_json::Value {
    let before = drawn.filter_bar.iter().flat_map(|(_, names)| names.iter());
    let names = page.filters.iter().map(|one| &one.name).chain(before);
    let names: Vec<&str> = names.map(String::as_str).collect();
    let say = |text: Text| text.of(page.locale);
    json!({
        "token": launch.token,
        "expires_in": launch.expires_in,
        "host_origin": launch.host_origin,
        "reports": launch.reports,
        "slug": page.slug,
        "tiles": page.tiles.len(),
        "filters": names,
        "words": {
            "reconnecting": say(Text::Reconnecting),
            "over": say(Text::SessionOver),
            "resume": say(Text::Continue),
            "again": say(Text::TryAgain),
            "revoked": [say(Text::WithdrawnTitle), say(Text::WithdrawnLead)],
            "locked": [say(Text::LockedTitle), say(Text::LockedLead)],
        },
    })
}

/// The style of what opens; it stands before the tiles, and after what is painted first.
fn late_style(page: &PageVm) -> String {
    format!(
        "<style nonce=\"{}\">{}</style>",
        escape(&page.nonce),
        style::OPEN.as_str()
    )
}

/// A shadow root whose slots hold every place, each pending one with its skeleton. A tile that
/// arrives later takes its slot by being parsed; the skeleton then stops being shown.
fn shadow(page: &PageVm) -> String {
    if page.is_settled() {
        return String::new();
    }
    let mut html = format!(
        "<template shadowrootmode=\"open\"><style nonce=\"{}\">{}</style>",
        escape(&page.nonce),
        style::SKELETON.as_str()
    );
    for slot in &page.tiles {
        let name = escape(&slot_of(slot.frame()));
        html.extend(["<slot name=\"", &name, "\">"]);
        if let TileSlot::Pending(frame) = slot {
            let (frame, locale) = (frame.clone(), page.locale);
            html.push_str(&render(|| view! { <Skeleton frame locale/> }));
        }
        html.push_str("</slot>");
    }
    html.push_str("</template>");
    html
}
