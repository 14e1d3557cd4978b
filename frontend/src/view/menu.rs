//! A tile's menu: the exact values, why these rows, and all of them as a file. Plain `<details>`, no
//! script needed, but for the file: a link would be followed with cookies, and a frame has none
//! (invariant 7).

use super::table::Table;
use crate::model::{FileVm, Locale, TableVm};
use crate::text::Text;
use leptos::prelude::*;

/// Draws the menu; nothing at all when there is nothing to offer.
#[component]
pub(super) fn Menu(
    table: Option<TableVm>,
    why: Vec<String>,
    file: Option<FileVm>,
    title: String,
    locale: Locale,
) -> impl IntoView {
    if table.is_none() && why.is_empty() && file.is_none() {
        return None;
    }
    let label = format!("{} · {title}", Text::TileMenu.of(locale));
    let name = format!("{} · {title}", Text::TableView.of(locale));
    let table = table.map(|table| {
        view! { <details><summary>{Text::TableView.of(locale)}</summary><Table table name/></details> }
    });
    let why = (!why.is_empty()).then(|| {
        let sentences = why
            .into_iter()
            .map(|sentence| view! { <li>{sentence}</li> });
        view! {
            <details>
                <summary>{Text::WhyTheseRows.of(locale)}</summary>
                <ul class="why">{sentences.collect_view()}</ul>
            </details>
        }
    });
    let file = file.map(|FileVm { href, format, name }| {
        view! {
            <button type="button" data-export=format data-href=href data-name=name>
                {Text::AsFile.of(locale)}
            </button>
            <p class="taking" role="status"></p>
        }
    });
    Some(view! {
        <details class="menu">
            <summary aria-label=label title=Text::TileMenu.of(locale)>
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    <circle cx="3" cy="8" r="1.5"></circle>
                    <circle cx="8" cy="8" r="1.5"></circle>
                    <circle cx="13" cy="8" r="1.5"></circle>
                </svg>
            </summary>
            <div class="panel">{table}{why}{file}</div>
        </details>
    })
}
