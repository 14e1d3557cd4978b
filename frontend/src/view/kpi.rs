//! One number, where it went, and how it got here.

use crate::chart::path::{area, last_point, line, percent};
use crate::model::{Axis, Change, Direction, KpiVm, Locale, Tone};
use crate::text::Text;
use leptos::prelude::*;

/// Draws the number as the hero, the change in words below it, the sparkline beside it.
#[component]
pub(super) fn Kpi(kpi: KpiVm, locale: Locale, description: String) -> impl IntoView {
    let KpiVm {
        value,
        exact,
        change,
        sparkline,
        sparkline_label,
    } = kpi;
    let change = change.map(|change| draw_change(change, locale));
    let known = sparkline.iter().flatten().count();
    let spark = (known > 1).then(|| draw_sparkline(&sparkline, sparkline_label));
    view! {
        <div class="kpi-body" role="group" aria-label=description>
            <p class="value" title=exact>{value}</p>
            {change}
            {spark}
        </div>
    }
}

fn draw_change(change: Change, locale: Locale) -> impl IntoView {
    let class = match change.tone {
        Tone::Good => "change good",
        Tone::Bad => "change bad",
        Tone::Neutral => "change",
    };
    let (arrow, word) = match change.direction {
        Direction::Up => ("▲", Text::Up),
        Direction::Down => ("▼", Text::Down),
        Direction::Flat => ("■", Text::Unchanged),
    };
    let amount = match change.direction {
        Direction::Flat => String::new(),
        Direction::Up | Direction::Down => format!(" {}", change.amount),
    };
    view! {
        <p class=class>
            <b><span class="arrow" aria-hidden="true">{arrow}</span>{format!("{}{amount}", word.of(locale))}</b>
            " "
            {change.against}
        </p>
    }
}

fn draw_sparkline(values: &[Option<f64>], label: String) -> impl IntoView + use<> {
    let known = || {
        values
            .iter()
            .flatten()
            .copied()
            .filter(|value| value.is_finite())
    };
    let axis = Axis {
        min: known().fold(f64::INFINITY, f64::min),
        max: known().fold(f64::NEG_INFINITY, f64::max),
        ticks: Vec::new(),
    };
    let dot = last_point(values, &axis).map(|(x, y)| {
        view! { <circle class="dot h h0" cx=percent(x) cy=percent(y) r="3"></circle> }
    });
    view! {
        <svg class="spark" role="img" aria-label=label.clone()>
            <title>{label.clone()}</title>
            <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" class="h h0">
                <path class="fill" d=area(values, &axis)></path>
                <path class="ln" d=line(values, &axis)></path>
            </svg>
            {dot}
        </svg>
    }
}
