//! The pieces that several charts share.

use crate::chart::labels::{Shown, axis_text, group_fits, thin};
use crate::chart::path::{height_from_top, middle, percent};
use crate::model::{Axis, CategoryVm, Hue, SeriesVm};
use leptos::prelude::*;

/// The class that carries a hue; the colours themselves live in the style sheet.
pub(super) const fn hue_class(hue: Hue) -> &'static str {
    match hue {
        Hue::Other => "h o",
        Hue::Categorical(index) => match index % 8 {
            0 => "h h0",
            1 => "h h1",
            2 => "h h2",
            3 => "h h3",
            4 => "h h4",
            5 => "h h5",
            6 => "h h6",
            _ => "h h7",
        },
    }
}

/// The value axis' labels, top to bottom. Ticks are evenly spaced, so the layout can be too.
#[component]
pub(super) fn ValueLabels(axis: Axis) -> impl IntoView {
    let labels = axis
        .ticks
        .into_iter()
        .rev()
        .map(|tick| view! { <li>{tick.label}</li> });
    view! { <ol class="y">{labels.collect_view()}</ol> }
}

/// Light horizontal lines at the ticks; the one at zero is stronger.
#[component]
pub(super) fn GridLines(axis: Axis) -> impl IntoView {
    let lines = axis.ticks.iter().map(|tick| {
        let y = percent(height_from_top(tick.value, &axis));
        let class = if tick.value == 0.0 { "g z" } else { "g" };
        view! { <line class=class x1="0" x2="100%" y1=y.clone() y2=y></line> }
    });
    lines.collect_view()
}

/// The labels under a plot: thinned by width, the group (a year) on a second line.
#[component]
pub(super) fn CategoryLabels(
    categories: Vec<CategoryVm>,
    /// How much labels beside the plot take, in px.
    #[prop(optional)]
    beside: f64,
) -> impl IntoView {
    let count = categories.len();
    let shown = thin(&categories, beside);
    let roomy: Vec<bool> = (0..count)
        .map(|index| group_fits(&categories, index))
        .collect();
    let labels =
        categories
            .into_iter()
            .zip(shown)
            .enumerate()
            .filter_map(|(index, (category, at))| {
                let class = visibility(at)?;
                let x = percent(middle(index, count));
                let text = axis_text(&category).to_owned();
                let group = category
                    .group
                    .filter(|_| roomy.get(index) == Some(&true))
                    .map(|group| {
                        view! { <tspan class="yr" x=x.clone() dy="14">{group}</tspan> }
                    });
                Some(view! { <text class=class x=x.clone() y="14">{text}{group}</text> })
            });
    view! { <svg class="x">{labels.collect_view()}</svg> }
}

/// One transparent column per category, which lights up and tells the exact values.
#[component]
pub(super) fn Readings(categories: Vec<CategoryVm>, series: Vec<SeriesVm>) -> impl IntoView {
    let width = percent(2.0 * middle(0, categories.len()));
    let columns = categories.iter().enumerate().map(|(index, category)| {
        let x = percent(middle(index, categories.len()) - middle(0, categories.len()));
        let text = reading(&category.label, &series, index);
        view! { <rect class="r" x=x y="0" width=width.clone() height="100%"><title>{text}</title></rect> }
    });
    columns.collect_view()
}

/// Names with their colours, above a chart.
#[component]
pub(super) fn Legend(
    /// Shown only where there is no room for labels beside the lines.
    #[prop(optional)]
    narrow_only: bool,
    series: Vec<SeriesVm>,
) -> impl IntoView {
    let class = if narrow_only { "legend alt" } else { "legend" };
    let entries = series.into_iter().map(|series| {
        let last = (!series.last.is_empty()).then(|| view! { <b>{series.last}</b> });
        view! { <li><i class=hue_class(series.hue)></i>{series.name}{last}</li> }
    });
    view! { <ul class=class>{entries.collect_view()}</ul> }
}

fn reading(label: &str, series: &[SeriesVm], index: usize) -> String {
    let mut text = label.to_owned();
    for one in series {
        if let Some(point) = one.points.get(index) {
            text.push('\n');
            text.push_str(&one.name);
            text.push_str(": ");
            text.push_str(&point.exact);
        }
    }
    text
}

fn visibility(at: Shown) -> Option<&'static str> {
    match (at.narrow, at.middle, at.wide) {
        (false, false, false) => None,
        (true, true, true) => Some("l"),
        (false, true, true) => Some("l m w"),
        (false, false, true) => Some("l w"),
        (false, true, false) => Some("l m"),
        (true, false, false) => Some("l n"),
        (true, true, false) => Some("l n m"),
        (true, false, true) => Some("l n w"),
    }
}
