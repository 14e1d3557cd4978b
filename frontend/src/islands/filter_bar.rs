//! The filter bar: a form on its own, a live one once its island is awake.

use super::filter_control::control;
use crate::browser::{Failure, Refresh};
use crate::model::FilterBarVm;
use crate::text::Text;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How the last refresh went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Not awake: the button applies the filters.
    Plain,
    /// Awake, nothing asked yet.
    Awake,
    Busy,
    Done,
    Failed,
    Ended,
}

impl Status {
    const fn text(self) -> Option<Text> {
        match self {
            Self::Plain | Self::Awake => None,
            Self::Busy => Some(Text::Updating),
            Self::Done => Some(Text::Updated),
            Self::Failed => Some(Text::NotUpdated),
            Self::Ended => Some(Text::Ended),
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "filters",
            Self::Awake | Self::Done => "filters awake",
            Self::Busy => "filters awake busy",
            Self::Failed | Self::Ended => "filters awake failed",
        }
    }
}

// The island's id is a hash of the tokens below, and two compilers must agree on it: keep it short.
#[island]
pub fn FilterBar(bar: FilterBarVm) -> impl IntoView {
    draw(bar)
}

fn draw(bar: FilterBarVm) -> impl IntoView {
    let status = RwSignal::new(Status::Plain);
    // Effects run in the browser only: this is the moment the island wakes.
    Effect::new(move |_| status.set(Status::Awake));
    let (realm, locale) = (bar.realm, bar.locale);
    let controls: Vec<_> = bar
        .filters
        .iter()
        .cloned()
        .map(|filter| control(filter, realm, locale))
        .collect();
    let running = StoredValue::new_local(Refresh::begin());
    let change = move |_| refresh(&bar, running, status);
    view! {
        <div class=move || status.get().class() on:change=change>
            {controls}
            <button class="btn apply" type="submit">{Text::Apply.of(locale)}</button>
            <span class="status" role="status">
                {move || status.get().text().map_or("", |text| text.of(locale))}
            </span>
        </div>
    }
}

fn refresh(
    bar: &FilterBarVm,
    running: StoredValue<Refresh, LocalStorage>,
    status: RwSignal<Status>,
) {
    let fresh = Refresh::begin();
    running.with_value(Refresh::abort);
    running.set_value(fresh.clone());
    status.set(Status::Busy);
    let (url, realm, locale) = (bar.tiles_url.clone(), bar.realm, bar.locale.tag());
    spawn_local(async move {
        let after = match fresh.tiles(&url, realm, locale).await {
            Ok(()) => Status::Done,
            Err(Failure::Outdated) => return,
            Err(Failure::Ended) => Status::Ended,
            Err(Failure::Unreachable) => Status::Failed,
        };
        status.set(after);
    });
}
