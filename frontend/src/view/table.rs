//! Rows to read: as a tile, and as the exact twin of every chart.

use crate::chart::path::percent;
use crate::model::{Cell, Column, ColumnKind, TableVm};
use leptos::prelude::*;

/// Draws a dense table that scrolls inside its box, under a heading that stays.
#[component]
pub(super) fn Table(table: TableVm, name: String) -> impl IntoView {
    let TableVm {
        columns,
        rows,
        note,
    } = table;
    let head = columns.iter().map(draw_heading).collect_view();
    let body = rows
        .into_iter()
        .map(|cells| draw_row(cells, &columns))
        .collect_view();
    let note = note.map(|note| view! { <p class="more">{note}</p> });
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=name>
            <table>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
            {note}
        </div>
    }
}

fn draw_heading(column: &Column) -> impl IntoView + use<> {
    view! { <th scope="col" class=class_of(column.kind)>{column.label.clone()}</th> }
}

fn draw_row(cells: Vec<Cell>, columns: &[Column]) -> impl IntoView + use<> {
    let cells = cells.into_iter().enumerate().map(|(index, cell)| {
        let kind = columns.get(index).map_or(ColumnKind::Text, |column| column.kind);
        let bar = cell.bar.filter(|bar| bar.is_finite()).map(|bar| {
            let width = percent(bar.clamp(0.0, 1.0));
            view! { <svg class="cb" aria-hidden="true"><rect class="h h0" width=width height="100%"></rect></svg> }
        });
        view! { <td class=class_of(kind)>{bar}{cell.text}</td> }
    });
    view! { <tr>{cells.collect_view()}</tr> }
}

const fn class_of(kind: ColumnKind) -> Option<&'static str> {
    match kind {
        ColumnKind::Text => None,
        ColumnKind::Number => Some("num"),
    }
}
