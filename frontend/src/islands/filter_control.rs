//! One filter: a list of boxes to tick, or a choice of periods.

use crate::browser;
use crate::model::{ChoiceOption, FilterKind, FilterVm, Locale, PeriodOption, RefreshRealm};
use crate::text::{Text, chosen as chosen_text};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The values a filter offers, as far as they are known.
#[derive(Debug, Clone, PartialEq)]
enum Values {
    Ready(Vec<ChoiceOption>),
    Later,
    OnTheWay,
    Missing,
}

/// Draws the control that fits the filter.
pub(super) fn control(filter: FilterVm, realm: RefreshRealm, locale: Locale) -> AnyView {
    let FilterVm { name, label, kind } = filter;
    match kind {
        FilterKind::Choice {
            options,
            chosen,
            values_url,
        } => {
            let picked = RwSignal::new(chosen);
            let values = RwSignal::new(options.map_or(Values::Later, Values::Ready));
            let load = move |_| load(values, values_url.clone(), realm);
            let summary = move || {
                let labels: Vec<String> = picked.get().into_iter().map(|one| one.label).collect();
                chosen_text(&labels, locale)
            };
            view! {
                <details class="pick" on:toggle=load>
                    <summary>
                        <span class="k">{label}</span>
                        <span class="c">{summary}</span>
                    </summary>
                    <div class="opts">{move || offer(&values.get(), &name, picked, locale)}</div>
                </details>
            }
            .into_any()
        }
        FilterKind::Period { options, chosen } => period(label, options, chosen).into_any(),
    }
}

fn period(label: String, options: Vec<PeriodOption>, chosen: usize) -> impl IntoView {
    let options: Vec<_> = options
        .into_iter()
        .enumerate()
        .map(|(index, option)| {
            let value = format!("{}..{}", option.from, option.to);
            view! { <option value=value selected=index == chosen>{option.label}</option> }
        })
        .collect();
    view! {
        <label class="sel">
            <span class="k">{label}</span>
            <select name="period">{options}</select>
        </label>
    }
}

/// The boxes; while values are missing, at least what is chosen stays chosen.
fn offer(
    values: &Values,
    name: &str,
    picked: RwSignal<Vec<ChoiceOption>>,
    locale: Locale,
) -> impl IntoView + use<> {
    let chosen = picked.get_untracked();
    let (options, remark) = match values {
        Values::Ready(options) => (options.clone(), None),
        Values::Later => (chosen.clone(), Some(Text::ValuesLater)),
        Values::OnTheWay => (chosen.clone(), Some(Text::LoadingValues)),
        Values::Missing => (chosen.clone(), Some(Text::NoValues)),
    };
    let boxes: Vec<_> = options
        .into_iter()
        .map(|option| tick_box(option, name.to_owned(), &chosen, picked))
        .collect();
    let remark = remark.map(|text| view! { <p class="mild">{text.of(locale)}</p> });
    view! { <div>{boxes}{remark}</div> }
}

fn tick_box(
    option: ChoiceOption,
    name: String,
    chosen: &[ChoiceOption],
    picked: RwSignal<Vec<ChoiceOption>>,
) -> impl IntoView + use<> {
    let on = chosen.iter().any(|one| one.value == option.value);
    let (value, label) = (option.value.clone(), option.label.clone());
    let toggle = move |_| {
        picked.update(|picked| {
            let before = picked.len();
            picked.retain(|one| one.value != option.value);
            if picked.len() == before {
                picked.push(option.clone());
            }
        });
    };
    view! {
        <label class="opt">
            <input type="checkbox" name=name value=value checked=on on:change=toggle/>
            <span>{label}</span>
        </label>
    }
}

fn load(values: RwSignal<Values>, url: String, realm: RefreshRealm) {
    if !matches!(values.get_untracked(), Values::Later | Values::Missing) {
        return;
    }
    values.set(Values::OnTheWay);
    spawn_local(async move {
        let loaded = browser::values(&url, realm).await;
        values.set(loaded.map_or(Values::Missing, Values::Ready));
    });
}
