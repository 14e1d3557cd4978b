//! A problem inside the portal.

use super::frame::page;
use super::parts::heading;
use super::reveal::local;
use crate::model::admin::AdminProblemVm;
use crate::text::PortalText as T;
use leptos::prelude::*;

/// Not found, not allowed, or not possible now: one heading, one sentence, one next step.
#[must_use]
pub fn admin_problem(vm: &AdminProblemVm) -> String {
    page(&vm.frame, &vm.title, || {
        let action = vm.action.as_ref().and_then(|action| {
            let label = action.label.clone();
            local(&action.href)
                .map(|href| view! { <p><a class="btn main" href=href>{label}</a></p> })
        });
        let id = vm.request_id.clone();
        view! {
            {heading(&vm.title, &vm.sentence, None)}
            {action}
            <p class="rid">{T::Request.of(vm.frame.locale)} " " <code>{id}</code></p>
        }
        .into_any()
    })
}
