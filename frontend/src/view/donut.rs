//! Parts of a whole: a ring, and beside it the complete list.

use super::parts::hue_class;
use crate::chart::path::{ring, short};
use crate::model::{DonutVm, SliceVm};
use leptos::prelude::*;

/// Draws the ring with the total in its middle and names, values and shares beside it.
#[component]
pub(super) fn DonutChart(chart: DonutVm, name: String, description: String) -> impl IntoView {
    let DonutVm {
        slices,
        total,
        total_label,
    } = chart;
    let values: Vec<f64> = slices.iter().map(|slice| slice.value).collect();
    let drawn = values.iter().filter(|value| **value > 0.0).count();
    let parts = slices
        .iter()
        .zip(ring(&values))
        .filter(|(_, (_, length))| *length > 0.0)
        .map(|(slice, part)| draw_part(slice, part, drawn))
        .collect_view();
    let entries = slices.into_iter().map(draw_entry).collect_view();
    view! {
        <figure class="chart donut" role="img" aria-label=name>
            <svg class="ring" viewBox="0 0 100 100">
                <desc>{description}</desc>
                <circle class="track" cx="50" cy="50" r="40"></circle>
                <g transform="rotate(-90 50 50)">{parts}</g>
                <text class="v" x="50" y="51">{total}</text>
                <text class="s" x="50" y="63">{total_label}</text>
            </svg>
            <ul class="parts">{entries}</ul>
        </figure>
    }
}

fn draw_part(slice: &SliceVm, (start, length): (f64, f64), drawn: usize) -> impl IntoView + use<> {
    // A gap between neighbours, but a single part closes the ring.
    let visible = if drawn > 1 {
        (length - 0.6).max(0.2)
    } else {
        length
    };
    let tip = format!("{}\n{} ({})", slice.label, slice.exact, slice.share);
    view! {
        <circle
            class=hue_class(slice.hue)
            cx="50"
            cy="50"
            r="40"
            pathLength="100"
            stroke-dasharray=format!("{} {}", two(visible), two(100.0 - visible))
            stroke-dashoffset=two(-start)
        >
            <title>{tip}</title>
        </circle>
    }
}

fn draw_entry(slice: SliceVm) -> impl IntoView {
    view! {
        <li title=slice.exact>
            <i class=hue_class(slice.hue)></i>
            <span class="n">{slice.label}</span>
            <span class="v">{slice.text}</span>
            <span class="s">{slice.share}</span>
        </li>
    }
}

fn two(value: f64) -> String {
    // `short` keeps one decimal; thousandths of the ring are below what the eye can tell.
    short(value)
}
