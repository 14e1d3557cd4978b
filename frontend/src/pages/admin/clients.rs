//! The embed clients, one line each.

use super::frame::page;
use super::parts::{empty, heading, link};
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{ClientLine, ClientStanding, ClientsVm};
use crate::text::{ClientText as C, PortalText as T};
use leptos::prelude::*;

/// `/admin/clients`: who may embed what, from where.
#[must_use]
pub fn clients(vm: &ClientsVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Clients.of(locale), || {
        let list = if vm.clients.is_empty() {
            empty(C::None.of(locale))
        } else {
            list(&vm.clients, locale)
        };
        view! {
            {heading(T::Clients.of(locale), C::Lead.of(locale), None)}
            <div class="sheet">{list}</div>
        }
        .into_any()
    })
}

fn list(clients: &[ClientLine], locale: Locale) -> AnyView {
    let columns = [
        (C::Client.of(locale), Kind::Words),
        (C::MayShow.of(locale), Kind::Words),
        (C::SpeaksFor.of(locale), Kind::Words),
        (C::From.of(locale), Kind::Words),
        (C::Proof.of(locale), Kind::Words),
    ];
    let rows = clients.iter().map(|client| {
        let line = client.clone();
        let origins: Vec<_> = line
            .origins
            .into_iter()
            .map(|origin| view! { <li><code>{origin}</code></li> })
            .collect();
        vec![
            view! {
                <span class="line">{link(&client.href, &client.id)} {standing(client.standing, locale)}</span>
                <span class="mild">{line.name}</span>
            }
            .into_any(),
            line.dashboards.into_any(),
            line.units.into_any(),
            view! { <ul>{origins}</ul> }.into_any(),
            line.proof.into_any(),
        ]
    });
    table(T::Clients.of(locale), &columns, rows.collect())
}

/// Where a client stands, as a tag; the usual needs none in words of its own.
pub(super) fn standing(standing: ClientStanding, locale: Locale) -> AnyView {
    let (class, text) = match standing {
        ClientStanding::Active => ("tag good", C::Active),
        ClientStanding::Inactive => ("tag bad", C::Inactive),
        ClientStanding::Configured => ("tag", C::Configured),
    };
    view! { <span class=class>{text.of(locale)}</span> }.into_any()
}
