//! Who gains and who loses, in numbers, and proof that somebody would see more.

use super::draft::offers;
use super::icon::Icon;
use super::parts::{empty, links};
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{
    Action, ColumnChange, ColumnEffect, DraftVm, ExampleKey, ImpactRow, ImpactState, ImpactVm,
    WideningVm,
};
use crate::text::DraftText as D;
use leptos::prelude::*;

/// The numbers, or why there are none.
pub(super) fn impact(vm: &DraftVm) -> AnyView {
    let locale = vm.frame.locale;
    match &vm.impact {
        ImpactState::NotCounted if offers(vm, Action::Save) => empty(D::ImpactNone.of(locale)),
        ImpactState::NotCounted if offers(vm, Action::Check) => {
            empty(D::ImpactNoneHere.of(locale))
        }
        ImpactState::NotCounted => empty(D::ImpactNever.of(locale)),
        ImpactState::Counting => {
            view! { <p class="chain">{Icon::Clock.view()} <span>{D::ImpactCounting.of(locale)}</span></p> }
                .into_any()
        }
        ImpactState::Failed(why) => {
            let why = why.clone();
            view! {
                <div class="callout bad" role="alert">
                    <p class="line">{Icon::Warning.view()} <b>{D::ImpactFailed.of(locale)}</b></p> <p>{why}</p>
                </div>
            }
            .into_any()
        }
        ImpactState::Counted(impact) => counted(impact, locale),
    }
}

fn counted(impact: &ImpactVm, locale: Locale) -> AnyView {
    let numbers = if impact.rows.is_empty() {
        empty(D::ImpactNobody.of(locale))
    } else {
        view! { <div class="sheet">{numbers(&impact.rows, locale)}</div> {examples(&impact.rows, locale)} }
            .into_any()
    };
    let (counted_on, untouched) = (impact.counted_on.clone(), impact.untouched.clone());
    let tiles = (!impact.tiles.is_empty())
        .then(|| view! { <h3>{D::TilesTouched.of(locale)}</h3> {links(&impact.tiles)} });
    view! { <p class="lead">{counted_on} " " <span>{untouched}</span></p> {numbers} {tiles} }
        .into_any()
}

fn numbers(rows: &[ImpactRow], locale: Locale) -> AnyView {
    let columns = [
        (D::BusinessUnit.of(locale), Kind::Words),
        (D::Persona.of(locale), Kind::Words),
        (D::RowsBefore.of(locale), Kind::Number),
        (D::RowsAfter.of(locale), Kind::Number),
        (D::Lost.of(locale), Kind::Number),
        (D::Picture.of(locale), Kind::Words),
        (D::Gained.of(locale), Kind::Number),
        (D::Columns.of(locale), Kind::Words),
    ];
    let rows = rows.iter().map(|row| cells(row, locale)).collect();
    table(D::ImpactTitle.of(locale), &columns, rows)
}

fn cells(row: &ImpactRow, locale: Locale) -> Vec<AnyView> {
    let ImpactRow {
        business_unit,
        persona,
        dataset,
        before,
        after,
        gained,
        lost,
        ..
    } = row.clone();
    let amount = |sign: &'static str, class, text: String| {
        if text.is_empty() {
            return view! { <span class="mild">"–"</span> }.into_any();
        }
        view! { <b class=class>{sign}{text}</b> }.into_any()
    };
    let effects: Vec<_> = row
        .columns
        .iter()
        .map(|effect| column(effect, locale))
        .collect();
    let effects = if effects.is_empty() {
        view! { <span class="mild">"–"</span> }.into_any()
    } else {
        view! { <ul class="effects">{effects}</ul> }.into_any()
    };
    vec![
        business_unit.into_any(),
        view! { {persona} <br/> <span class="mild">{dataset}</span> }.into_any(),
        before.into_any(),
        after.into_any(),
        amount("−", "bad", lost),
        picture(row),
        amount("+", "good", gained),
        effects,
    ]
}

/// Loss to the left of the middle, gain to the right. The numbers beside it say the same.
fn picture(row: &ImpactRow) -> AnyView {
    let width = |share: f64| {
        if share > 0.0 {
            (share.min(1.0) * 48.0).max(1.0)
        } else {
            0.0
        }
    };
    let (lost, gained) = (width(row.lost_share), width(row.gained_share));
    view! {
        <svg class="swing" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
            <rect class="loss" x=format!("{:.1}", 50.0 - lost) y="2" width=format!("{lost:.1}") height="8"></rect>
            <rect class="gain" x="50" y="2" width=format!("{gained:.1}") height="8"></rect>
            <path d="M50 0v12"></path>
        </svg>
    }
    .into_any()
}

fn column(effect: &ColumnEffect, locale: Locale) -> AnyView {
    let (class, icon, word) = match effect.change {
        ColumnChange::Shown => ("tag amber", Icon::Eye, D::ColumnShown),
        ColumnChange::Unmasked => ("tag amber", Icon::Eye, D::ColumnUnmasked),
        ColumnChange::Masked => ("tag", Icon::Mask, D::ColumnMasked),
        ColumnChange::Hidden => ("tag", Icon::EyeOff, D::ColumnHidden),
    };
    let column = effect.column.clone();
    view! { <li><span>{column}</span> <span class=class>{icon.view()} {word.of(locale)}</span></li> }.into_any()
}

/// The keys, per row of the table, closed until asked for.
fn examples(rows: &[ImpactRow], locale: Locale) -> Option<AnyView> {
    let lists: Vec<_> = rows
        .iter()
        .filter(|row| !row.examples.is_empty())
        .map(|row| {
            let title = format!("{}, {}, {}", row.business_unit, row.persona, row.dataset);
            let keys: Vec<_> = row
                .examples
                .iter()
                .map(|key| example(key, locale))
                .collect();
            view! { <h3>{title}</h3> <ul class="keys">{keys}</ul> }
        })
        .collect();
    (!lists.is_empty()).then(|| {
        view! { <details class="fold"><summary>{D::Examples.of(locale)}</summary>{lists}</details> }
            .into_any()
    })
}

fn example(key: &ExampleKey, locale: Locale) -> AnyView {
    let (class, icon, word) = if key.gained {
        ("good", Icon::Plus, D::ExampleGained)
    } else {
        ("bad", Icon::Minus, D::ExampleLost)
    };
    let text = key.key.clone();
    view! { <li class=class>{icon.view()} <code>{text}</code> <span class="unseen">" " {word.of(locale)}</span></li> }
        .into_any()
}

/// Somebody would see more: who, what, and how many approvers it takes.
pub(super) fn widening_banner(widening: &WideningVm, locale: Locale) -> AnyView {
    let WideningVm {
        witness,
        more,
        approvals,
    } = widening.clone();
    let more = (!more.is_empty()).then(|| {
        let items: Vec<_> = more
            .into_iter()
            .map(|one| view! { <li>{one}</li> })
            .collect();
        view! {
            <details><summary class="fold-line">{D::MoreWitnesses.of(locale)}</summary>
                <ul class="bullets">{items}</ul></details>
        }
    });
    view! {
        <section class="callout amber" aria-labelledby="widening">
            <h2 id="widening" class="line">{Icon::Warning.view()} {D::WideningTitle.of(locale)}</h2>
            <p>{witness}</p>
            {more}
            <p><b>{D::WideningNeeds.of(locale)} " " {approvals} " " {D::WideningApprovers.of(locale)}</b></p>
        </section>
    }
    .into_any()
}
