//! Tables that become cards where there is no room. Roles are spelled out, because a table drawn
//! as blocks loses them.

use leptos::prelude::*;

/// How a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Words,
    Number,
}

/// A column's heading and kind.
pub(super) type Column<'a> = (&'a str, Kind);

/// A table; the first cell of each row is the row's heading.
pub(super) fn table(caption: &str, columns: &[Column<'_>], rows: Vec<Vec<AnyView>>) -> AnyView {
    let heads: Vec<_> = columns
        .iter()
        .map(|&(label, kind)| {
            let label = label.to_owned();
            view! { <th scope="col" role="columnheader" class=class(kind)>{label}</th> }
        })
        .collect();
    let body: Vec<_> = rows.into_iter().map(|cells| row(columns, cells)).collect();
    let caption = caption.to_owned();
    view! {
        <table class="table" role="table">
            <caption class="unseen">{caption}</caption>
            <thead role="rowgroup"><tr role="row">{heads}</tr></thead>
            <tbody role="rowgroup">{body}</tbody>
        </table>
    }
    .into_any()
}

fn row(columns: &[Column<'_>], cells: Vec<AnyView>) -> AnyView {
    let cells: Vec<_> = columns
        .iter()
        .zip(cells)
        .enumerate()
        .map(|(index, (&(label, kind), cell))| {
            let label = label.to_owned();
            if index == 0 {
                view! { <th scope="row" role="rowheader" data-label=label>{cell}</th> }.into_any()
            } else {
                view! { <td role="cell" data-label=label class=class(kind)><div>{cell}</div></td> }
                    .into_any()
            }
        })
        .collect();
    view! { <tr role="row">{cells}</tr> }.into_any()
}

const fn class(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Words => None,
        Kind::Number => Some("num"),
    }
}
