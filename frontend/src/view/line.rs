//! Lines over time.

use super::parts::{CategoryLabels, GridLines, Legend, Readings, ValueLabels, hue_class};
use crate::chart::labels::{spread, width};
use crate::chart::path::{area, last_point, line, percent};
use crate::chart::scale::as_f64;
use crate::model::{Axis, LineVm, SeriesVm};
use leptos::prelude::*;

/// More lines than this get a legend instead of labels beside them.
const DIRECT_LABELS: usize = 4;
/// The height of two lines of text as a share of a chart two rows high.
const LABEL_GAP: f64 = 0.16;

/// Draws lines, with the last point of each marked and, up to four, labelled beside it.
#[component]
pub(super) fn LineChart(chart: LineVm, name: String, description: String) -> impl IntoView {
    let LineVm {
        categories,
        axis,
        series,
    } = chart;
    let direct = series.len() <= DIRECT_LABELS;
    let alone = series.len() == 1;
    let beside = if direct { room_beside(&series) } else { 0.0 };
    let ends = direct.then(|| view! { <EndLabels axis=axis.clone() series=series.clone()/> });
    let legend = (!alone).then(|| view! { <Legend narrow_only=direct series=series.clone()/> });
    let lines = series
        .iter()
        .map(|one| draw(one, &axis, alone))
        .collect_view();
    let dots = series.iter().map(|one| last_dot(one, &axis)).collect_view();
    view! {
        <figure class="chart" role="img" aria-label=name>
            {legend}
            <div class="plot">
                <ValueLabels axis=axis.clone()/>
                <svg class="p">
                    <desc>{description}</desc>
                    <GridLines axis=axis.clone()/>
                    <svg viewBox="0 0 1000 1000" preserveAspectRatio="none">{lines}</svg>
                    {dots}
                    <Readings categories=categories.clone() series=series/>
                </svg>
                {ends}
                <CategoryLabels categories=categories beside/>
            </div>
        </figure>
    }
}

/// How wide the labels beside the lines are, in px.
fn room_beside(series: &[SeriesVm]) -> f64 {
    let named = series.len() > 1;
    let widest = |one: &SeriesVm| width(&one.last).max(if named { width(&one.name) } else { 0.0 });
    series.iter().map(widest).fold(0.0, f64::max) + 22.0
}

fn values(series: &SeriesVm) -> Vec<Option<f64>> {
    series.points.iter().map(|point| point.value).collect()
}

fn draw(series: &SeriesVm, axis: &Axis, filled: bool) -> impl IntoView + use<> {
    let values = values(series);
    let fill = filled.then(|| view! { <path class="fill" d=area(&values, axis)></path> });
    view! { <g class=hue_class(series.hue)>{fill}<path class="ln" d=line(&values, axis)></path></g> }
}

fn last_dot(series: &SeriesVm, axis: &Axis) -> impl IntoView + use<> {
    let place = last_point(&values(series), axis);
    place.map(|(x, y)| {
        let class = hue_class(series.hue);
        view! { <circle class=format!("dot {class}") cx=percent(x) cy=percent(y) r="4"></circle> }
    })
}

/// Name and last value beside the end of each line, moved apart where lines end close together.
#[component]
fn EndLabels(axis: Axis, series: Vec<SeriesVm>) -> impl IntoView {
    let named = series.len() > 1;
    let ends: Vec<(f64, SeriesVm)> = series
        .into_iter()
        .filter_map(|one| last_point(&values(&one), &axis).map(|(_, y)| (y, one)))
        .collect();
    let positions: Vec<f64> = ends.iter().map(|(y, _)| *y).collect();
    let places = spread(
        &positions,
        LABEL_GAP.min(1.0 / as_f64(positions.len().max(1))),
    );
    let room = ends.iter().map(|(_, one)| {
        let name = named.then(|| view! { <span>{one.name.clone()}</span> });
        view! { <span>{one.last.clone()}</span>{name} }
    });
    let room = room.collect_view();
    let labels = ends
        .into_iter()
        .zip(places)
        .map(|((_, one), y)| end_label(one, y, named));
    view! { <div class="ends"><div class="room">{room}</div><svg>{labels.collect_view()}</svg></div> }
}

fn end_label(series: SeriesVm, y: f64, named: bool) -> impl IntoView {
    let name = named.then(|| view! { <tspan x="16" dy="15">{series.name}</tspan> });
    let first = if named { "-3" } else { "4" };
    let key = named.then(|| {
        let class = format!("key {}", hue_class(series.hue));
        view! { <rect class=class x="6" y=percent(y) width="3" height="28" rx="1.5" transform="translate(0 -14)"></rect> }
    });
    view! { {key}<text y=percent(y)><tspan class="v" x=if named { "16" } else { "10" } dy=first>{series.last}</tspan>{name}</text> }
}
