//! Bars: columns over time, rows for names.

use super::parts::{CategoryLabels, GridLines, ValueLabels, hue_class};
use crate::chart::path::{column, percent, row};
use crate::model::{Axis, BarItem, BarVm, Orientation};
use leptos::prelude::*;

/// Draws bars in the orientation that the view-model asks for.
#[component]
pub(super) fn BarChart(chart: BarVm, name: String, description: String) -> impl IntoView {
    match chart.orientation {
        Orientation::Vertical => view! { <Columns chart name description/> }.into_any(),
        Orientation::Horizontal => view! { <Rows chart name description/> }.into_any(),
    }
}

#[component]
fn Columns(chart: BarVm, name: String, description: String) -> impl IntoView {
    let BarVm { axis, bars, .. } = chart;
    let count = bars.len();
    let last = bars.iter().rposition(|bar| bar.value.is_some());
    let marks = bars
        .iter()
        .enumerate()
        .map(|(index, bar)| draw_column(bar, index, count, &axis, last == Some(index)))
        .collect_view();
    let categories = bars.into_iter().map(|bar| bar.category).collect::<Vec<_>>();
    view! {
        <figure class="chart" role="img" aria-label=name>
            <div class="plot high">
                <ValueLabels axis=axis.clone()/>
                <svg class="p">
                    <desc>{description}</desc>
                    <GridLines axis=axis/>
                    {marks}
                </svg>
                <CategoryLabels categories/>
            </div>
        </figure>
    }
}

fn draw_column(
    bar: &BarItem,
    index: usize,
    count: usize,
    axis: &Axis,
    labelled: bool,
) -> Option<impl IntoView + use<>> {
    let frame = column(index, count, 0.0, bar.value?, axis);
    let middle = percent(frame.x + frame.width / 2.0);
    let label = labelled.then(|| {
        // Near the right edge the label hangs to the left, so that it stays inside the tile.
        let anchor = if index + 1 == count && count > 6 { "end" } else { "middle" };
        let x = if anchor == "end" { "100%".to_owned() } else { middle };
        let below = bar.value.is_some_and(|value| value < 0.0);
        let (y, away) = if below { (frame.y + frame.height, "16") } else { (frame.y, "-6") };
        view! { <text class="v" x=x y=percent(y) dy=away text-anchor=anchor>{bar.text.clone()}</text> }
    });
    let tip = format!("{}\n{}", bar.category.label, bar.exact);
    Some(view! {
        <rect
            class=hue_class(bar.hue)
            x=percent(frame.x)
            y=percent(frame.y)
            width=percent(frame.width)
            height=percent(frame.height)
        >
            <title>{tip}</title>
        </rect>
        {label}
    })
}

#[component]
fn Rows(chart: BarVm, name: String, description: String) -> impl IntoView {
    let BarVm { axis, bars, .. } = chart;
    let mixed = axis.min < 0.0 && axis.max > 0.0;
    let zero = mixed.then(|| percent(row(axis.min, -axis.min, &axis).width));
    let rows = bars
        .into_iter()
        .map(|bar| draw_row(bar, &axis, zero.clone()))
        .collect_view();
    view! {
        <figure class="chart" role="img" aria-label=name aria-description=description>
            <ol class="rows">{rows}</ol>
        </figure>
    }
}

fn draw_row(bar: BarItem, axis: &Axis, zero: Option<String>) -> impl IntoView + use<> {
    let tip = format!("{}\n{}", bar.category.label, bar.exact);
    let mark = bar.value.map(|value| {
        let frame = row(0.0, value, axis);
        let class = hue_class(bar.hue);
        view! { <rect class=class x=percent(frame.x) width=percent(frame.width) height="100%" rx="2"></rect> }
    });
    let zero =
        zero.map(|x| view! { <line class="g z" x1=x.clone() x2=x y1="-20%" y2="120%"></line> });
    let label = bar.category.label;
    view! {
        <li title=tip>
            <span class="n">{label}</span>
            <svg class="b">{mark}{zero}</svg>
            <span class="v">{bar.text}</span>
        </li>
    }
}
