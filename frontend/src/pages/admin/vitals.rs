//! How fast pages are in browsers: the promise, what it came to, and for whom.

use super::frame::page;
use super::icon::Icon;
use super::parts::{empty, heading, section};
use super::report::{figures, spans};
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{BurnLine, BurnTone, SpeedChart, SpeedLine, VitalsVm};
use crate::text::{PortalText as T, VitalText as V};
use leptos::prelude::*;

/// `/admin/vitals`.
#[must_use]
pub fn vitals(vm: &VitalsVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Vitals.of(locale), || {
        view! {
            {heading(T::Vitals.of(locale), V::Lead.of(locale), None)}
            {spans(&vm.spans, V::Span.of(locale))}
            {promise(vm)}
            {content(vm)}
        }
        .into_any()
    })
}

fn content(vm: &VitalsVm) -> AnyView {
    let locale = vm.frame.locale;
    if vm.dashboards.is_empty() {
        return view! {
            <section class="part">{empty(V::None.of(locale))}<p class="help">{V::NoneMore.of(locale)}</p></section>
        }
        .into_any();
    }
    let groups = [
        ("dashboards", V::Dashboards, &vm.dashboards),
        ("units", V::Units, &vm.units),
        ("hosts", V::Hosts, &vm.hosts),
        ("releases", V::Releases, &vm.releases),
    ];
    let groups: Vec<_> = groups
        .into_iter()
        .map(|(id, title, list)| {
            section(id, title.of(locale), lines(locale, title.of(locale), list))
        })
        .collect();
    view! {
        {section("figures", V::Figures.of(locale), figures(&vm.figures))}
        {section("distribution", V::Distribution.of(locale), chart(&vm.distribution, locale))}
        {section("days", V::Days.of(locale), chart(&vm.days, locale))}
        {section("burn", V::Burn.of(locale), burns(vm))}
        {groups}
    }
    .into_any()
}

/// What is promised, and what it came to.
fn promise(vm: &VitalsVm) -> AnyView {
    let (said, outcome) = (vm.promise.clone(), vm.outcome.clone());
    let tag = kept(vm.kept, vm.frame.locale);
    view! { <p class="line promise">{tag} <b>{outcome}</b> <span class="mild">{said}</span></p> }
        .into_any()
}

fn kept(kept: Option<bool>, locale: Locale) -> Option<AnyView> {
    let (class, icon, word) = if kept? {
        ("tag good", Icon::Check, V::Kept)
    } else {
        ("tag bad", Icon::Cross, V::Broken)
    };
    Some(view! { <span class=class>{icon.view()} {word.of(locale)}</span> }.into_any())
}

fn percent(value: f64) -> String {
    format!("{:.2}%", value.clamp(0.0, 100.0))
}

/// Bars on a ground of their own; the words stand outside of what is drawn, so they keep their shape.
fn chart(chart: &SpeedChart, locale: Locale) -> AnyView {
    if chart.bars.is_empty() {
        return empty(V::None.of(locale));
    }
    let bars: Vec<_> = chart
        .bars
        .iter()
        .map(|bar| {
            let class = if bar.late { "late" } else { "h" };
            let (x, width) = (percent(bar.left), percent(bar.width));
            let (y, height) = (percent(100.0 - bar.height), percent(bar.height));
            let title = bar.title.clone();
            view! { <rect class=class x=x y=y width=width height=height><title>{title}</title></rect> }
        })
        .collect();
    let said = chart.said.clone();
    view! {
        <figure class="sheet days speed">
            <p class="mild">{said.clone()}</p>
            <svg role="img" aria-label=said>{bars}{line(chart)}</svg>
            <svg class="ticks" aria-hidden="true">{ticks(chart)}</svg>
        </figure>
    }
    .into_any()
}

/// What is promised, as a line with its word on the side that has room.
fn line(chart: &SpeedChart) -> AnyView {
    let label = chart.line_label.clone();
    let at = percent(chart.line_at);
    if chart.upright {
        let (anchor, dx) = if chart.line_at > 45.0 {
            ("end", "-6")
        } else {
            ("start", "6")
        };
        return view! {
            <line class="edge" x1=at.clone() x2=at.clone() y1="0" y2="100%"></line>
            <text x=at y="12" dx=dx text-anchor=anchor>{label}</text>
        }
        .into_any();
    }
    let from_above = percent(100.0 - chart.line_at);
    view! {
        <line class="edge" x1="0" x2="100%" y1=from_above.clone() y2=from_above.clone()></line>
        <text x="100%" y=from_above dy="-4" text-anchor="end">{label}</text>
    }
    .into_any()
}

fn ticks(chart: &SpeedChart) -> Vec<AnyView> {
    let tick = |at: f64, label: String| {
        let anchor = match at {
            at if at < 8.0 => "start",
            at if at > 92.0 => "end",
            _ => "middle",
        };
        view! { <text x=percent(at) y="14" text-anchor=anchor>{label}</text> }.into_any()
    };
    let ticks = chart.ticks.iter();
    ticks.map(|one| tick(one.at, one.label.clone())).collect()
}

/// A part of something as a bar beside its number.
fn meter(share: f64, class: &'static str) -> AnyView {
    let width = share.clamp(0.0, 1.0) * 100.0;
    view! {
        <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="rail" width="100" height="6"></rect>
            <rect class=class width=width height="6"></rect>
        </svg>
    }
    .into_any()
}

fn burns(vm: &VitalsVm) -> AnyView {
    let locale = vm.frame.locale;
    let columns = [
        (V::Window.of(locale), Kind::Words),
        (V::Rate.of(locale), Kind::Words),
        (V::Standing.of(locale), Kind::Words),
    ];
    let row = |line: &BurnLine| {
        let BurnLine { window, burn, .. } = line.clone();
        let (class, tag) = match line.standing {
            None => ("h", None),
            Some(BurnTone::Within) => ("h", Some(("tag good", Icon::Check, V::Within))),
            Some(BurnTone::Over) => ("warn", Some(("tag amber", Icon::Warning, V::Over))),
            Some(BurnTone::Far) => ("full", Some(("tag bad", Icon::Cross, V::Far))),
        };
        let tag = tag.map(|(class, icon, word)| {
            view! { <span class=class>{icon.view()} {word.of(locale)}</span> }
        });
        vec![
            view! { <b>{window}</b> }.into_any(),
            view! { {burn} {meter(line.share, class)} }.into_any(),
            tag.into_any(),
        ]
    };
    let rows = vm.burns.iter().map(row).collect();
    let list = table(V::Burn.of(locale), &columns, rows);
    view! { <p class="help">{V::BurnHelp.of(locale)}</p><div class="sheet">{list}</div> }.into_any()
}

fn lines(locale: Locale, caption: &str, lines: &[SpeedLine]) -> AnyView {
    let columns = [
        (V::Name.of(locale), Kind::Words),
        (V::Pages.of(locale), Kind::Number),
        (V::Lcp.of(locale), Kind::Number),
        (V::FastEnough.of(locale), Kind::Number),
        (V::Inp.of(locale), Kind::Number),
        (V::ThreeDays.of(locale), Kind::Number),
        (V::Standing.of(locale), Kind::Words),
    ];
    let row = |line: &SpeedLine| {
        let SpeedLine {
            name,
            pages,
            lcp,
            share,
            kept: is_kept,
            fast_enough,
            inp,
            burn,
        } = line.clone();
        let class = if is_kept == Some(false) { "full" } else { "h" };
        vec![
            view! { <b>{name}</b> }.into_any(),
            pages.into_any(),
            view! { {lcp} {meter(share, class)} }.into_any(),
            fast_enough.into_any(),
            inp.into_any(),
            burn.into_any(),
            kept(is_kept, locale).into_any(),
        ]
    };
    let list = table(caption, &columns, lines.iter().map(row).collect());
    view! { <div class="sheet">{list}</div> }.into_any()
}
