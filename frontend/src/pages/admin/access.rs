//! Who sees what: persona and business unit against dataset.

use super::field::{Control, Field};
use super::frame::page;
use super::parts::{empty, heading};
use super::reveal::local;
use crate::model::Locale;
use crate::model::admin::{AccessCell, AccessRow, AccessVm, Sees};
use crate::text::{PortalText as T, RecordText as R};
use leptos::prelude::*;

/// `/admin/access`: a matrix whose cells lead to their explanation.
#[must_use]
pub fn access(vm: &AccessVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Access.of(locale), || {
        let content = if vm.rows.is_empty() || vm.datasets.is_empty() {
            empty(R::AccessNone.of(locale))
        } else {
            matrix(vm)
        };
        view! {
            {heading(T::Access.of(locale), R::AccessLead.of(locale), None)}
            {content_form(vm)}
            {content}
        }
        .into_any()
    })
}

/// Which revision or draft the matrix stands under.
fn content_form(vm: &AccessVm) -> AnyView {
    let locale = vm.frame.locale;
    let counted_on = vm.counted_on.clone();
    let field = Field {
        name: "content",
        label: R::UnderContent.of(locale),
        help: "",
        control: Control::Select(&vm.contents),
        required: false,
        errors: &[],
    };
    view! {
        <form method="get" action="/admin/access" class="row">
            {field.view()}
            <button class="btn" type="submit">{T::Show.of(locale)}</button>
            <p class="mild">{counted_on}</p>
        </form>
    }
    .into_any()
}

fn matrix(vm: &AccessVm) -> AnyView {
    let locale = vm.frame.locale;
    let heads: Vec<_> = vm
        .datasets
        .iter()
        .map(|dataset| view! { <th scope="col">{dataset.clone()}</th> })
        .collect();
    let rows: Vec<_> = vm.rows.iter().map(|row| line(row, vm)).collect();
    view! {
        <div class="sheet matrix" role="region" aria-label=T::Access.of(locale) tabindex="0">
            <table>
                <caption class="unseen">{R::AccessLead.of(locale)}</caption>
                <thead><tr><th scope="col">{R::Persona.of(locale)}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn line(row: &AccessRow, vm: &AccessVm) -> AnyView {
    let locale = vm.frame.locale;
    let (persona, unit) = (row.persona.clone(), row.business_unit.clone());
    let cells: Vec<_> = row
        .cells
        .iter()
        .zip(&vm.datasets)
        .map(|(cell, dataset)| {
            let label = format!("{}, {}, {dataset}", row.persona, row.business_unit);
            view! { <td>{one(cell, &label, locale)}</td> }
        })
        .collect();
    view! { <tr><th scope="row">{persona} <span class="mild">{unit}</span></th>{cells}</tr> }
        .into_any()
}

fn one(cell: &AccessCell, label: &str, locale: Locale) -> AnyView {
    let columns = columns(cell, locale);
    let class = if cell.sees == Sees::Nothing {
        "cell nothing"
    } else {
        "cell"
    };
    let mut label = format!("{label}: {}", words(&cell.sees, locale));
    if let Some(columns) = &columns {
        label.push_str(", ");
        label.push_str(columns);
    }
    let columns = columns.map(|text| view! { <small>{text}</small> });
    view! {
        <a class=class href=local(&cell.href) aria-label=label>
            <span>{short(&cell.sees, locale)}</span> {share(&cell.sees)} {columns}
        </a>
    }
    .into_any()
}

/// "37,118 rows", "nothing".
pub(super) fn words(sees: &Sees, locale: Locale) -> String {
    match sees {
        Sees::Nothing => R::Nothing.of(locale).to_owned(),
        Sees::Uncounted => R::SomeRows.of(locale).to_owned(),
        Sees::Rows { count, .. } => {
            let one = count == "1" || (count == "0" && locale == Locale::FrCa);
            let word = if one { R::Row } else { R::Rows };
            format!("{count} {}", word.of(locale))
        }
    }
}

fn short(sees: &Sees, locale: Locale) -> String {
    match sees {
        Sees::Rows { count, .. } => count.clone(),
        other => words(other, locale),
    }
}

/// How much of the dataset that is, drawn.
fn share(sees: &Sees) -> Option<AnyView> {
    let Sees::Rows { share, .. } = sees else {
        return None;
    };
    let width = format!("{:.1}", (share.clamp(0.0, 1.0) * 100.0).max(1.0));
    Some(
        view! {
            <svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect class="all" width="100" height="4"></rect> <rect class="slice" width=width height="4"></rect>
            </svg>
        }
        .into_any(),
    )
}

/// "1 column hidden, 2 columns masked"; nothing where all are shown.
fn columns(cell: &AccessCell, locale: Locale) -> Option<String> {
    let count = |number: u32, one: R, many: R| {
        let word = if number == 1 { one } else { many };
        (number > 0).then(|| format!("{number} {}", word.of(locale)))
    };
    let parts: Vec<String> = [
        count(cell.hidden, R::HiddenOne, R::HiddenMany),
        count(cell.masked, R::MaskedOne, R::MaskedMany),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
