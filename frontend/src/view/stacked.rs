//! Stacked bars: columns over time, rows where the names are long.

use super::parts::{CategoryLabels, GridLines, Legend, Readings, ValueLabels, hue_class};
use crate::chart::labels::want_rows;
use crate::chart::path::{column, percent, row, stack};
use crate::model::{Axis, CategoryVm, SeriesVm, StackedBarVm};
use leptos::prelude::*;

/// Draws stacks; layers keep the order of the series, from the axis outwards.
#[component]
pub(super) fn StackedBarChart(
    chart: StackedBarVm,
    name: String,
    description: String,
) -> impl IntoView {
    let legend = view! { <Legend series=chart.series.clone()/> };
    let plot = if want_rows(&chart.categories) {
        view! { <StackedRows chart/> }.into_any()
    } else {
        view! { <StackedColumns chart description=description.clone()/> }.into_any()
    };
    view! {
        <figure class="chart" role="img" aria-label=name aria-description=description>
            {legend}
            {plot}
        </figure>
    }
}

#[component]
fn StackedColumns(chart: StackedBarVm, description: String) -> impl IntoView {
    let StackedBarVm {
        categories,
        axis,
        series,
    } = chart;
    let count = categories.len();
    let stacks: Vec<_> = (0..count).map(|index| stack_at(&series, index)).collect();
    // One group per series keeps the colour in one place and the markup small.
    let layers = series.iter().enumerate().map(|(layer, one)| {
        let marks = stacks.iter().enumerate().filter_map(|(index, stack)| {
            let (base, length) = *stack.get(layer)?;
            (length != 0.0).then(|| draw_segment(index, count, base, length, &axis))
        });
        view! { <g class=hue_class(one.hue)>{marks.collect_view()}</g> }
    });
    let layers = layers.collect_view();
    view! {
        <div class="plot">
            <ValueLabels axis=axis.clone()/>
            <svg class="p st">
                <desc>{description}</desc>
                <GridLines axis=axis/>
                {layers}
                <Readings categories=categories.clone() series/>
            </svg>
            <CategoryLabels categories/>
        </div>
    }
}

fn draw_segment(
    index: usize,
    count: usize,
    base: f64,
    length: f64,
    axis: &Axis,
) -> impl IntoView + use<> {
    let frame = column(index, count, base, length, axis);
    view! {
        <rect
            x=percent(frame.x)
            y=percent(frame.y)
            width=percent(frame.width)
            height=percent(frame.height)
        ></rect>
    }
}

#[component]
fn StackedRows(chart: StackedBarVm) -> impl IntoView {
    let StackedBarVm {
        categories,
        axis,
        series,
    } = chart;
    let rows = categories
        .into_iter()
        .enumerate()
        .map(|(index, category)| draw_row(category, index, &series, &axis))
        .collect_view();
    view! { <ol class="rows">{rows}</ol> }
}

fn draw_row(
    category: CategoryVm,
    index: usize,
    series: &[SeriesVm],
    axis: &Axis,
) -> impl IntoView + use<> {
    let marks = series.iter().zip(stack_at(series, index)).map(|(one, (base, length))| {
        let frame = row(base, length, axis);
        let exact = one.points.get(index).map_or("", |point| point.exact.as_str());
        let tip = format!("{}\n{}: {exact}", category.label, one.name);
        view! {
            <rect class=hue_class(one.hue) x=percent(frame.x) width=percent(frame.width) height="100%">
                <title>{tip}</title>
            </rect>
        }
    });
    let marks = marks.collect_view();
    view! {
        <li>
            <span class="n">{category.label}</span>
            <svg class="b st">{marks}</svg>
        </li>
    }
}

fn stack_at(series: &[SeriesVm], index: usize) -> Vec<(f64, f64)> {
    let values: Vec<_> = series
        .iter()
        .map(|one| one.points.get(index).and_then(|point| point.value))
        .collect();
    stack(&values)
}
