//! What the pages of costs and of speed begin with: which time is looked at, and its figures.

use super::reveal::local;
use crate::model::admin::{CostFigure, CostSpan};
use leptos::prelude::*;

/// Which time is looked at.
pub(super) fn spans(spans: &[CostSpan], label: &'static str) -> AnyView {
    let items: Vec<_> = spans
        .iter()
        .filter_map(|span| {
            let (label, current) = (span.label.clone(), span.current.then_some("page"));
            let href = local(&span.href)?;
            Some(view! { <a href=href aria-current=current>{label}</a> })
        })
        .collect();
    view! { <nav class="tabs" aria-label=label>{items}</nav> }.into_any()
}

/// Its figures, large.
pub(super) fn figures(figures: &[CostFigure]) -> AnyView {
    let items: Vec<_> = figures
        .iter()
        .cloned()
        .map(|one| {
            let detail = (!one.detail.is_empty()).then(|| view! { <dd class="mild">{one.detail}</dd> });
            view! { <div class="figure"><dt>{one.label}</dt><dd class="big">{one.value}</dd>{detail}</div> }
        })
        .collect();
    view! { <dl class="figures">{items}</dl> }.into_any()
}
