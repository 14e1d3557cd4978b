//! The policies in force, one line per dataset.

use super::frame::page;
use super::parts::{empty, heading, link, when};
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{PoliciesVm, PolicyLine};
use crate::text::PortalText as T;
use leptos::prelude::*;

/// `/admin/policies`: one line per dataset.
#[must_use]
pub fn policies(vm: &PoliciesVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Policies.of(locale), || {
        let list = if vm.policies.is_empty() {
            empty(T::PoliciesNone.of(locale))
        } else {
            list(&vm.policies, locale)
        };
        view! {
            {heading(T::Policies.of(locale), T::PoliciesLead.of(locale), None)}
            <div class="sheet">{list}</div>
        }
        .into_any()
    })
}

fn list(policies: &[PolicyLine], locale: Locale) -> AnyView {
    let columns = [
        (T::Dataset.of(locale), Kind::Words),
        (T::Rules.of(locale), Kind::Number),
        (T::Cases.of(locale), Kind::Number),
        (T::LastChanged.of(locale), Kind::Words),
        (T::OpenDrafts.of(locale), Kind::Number),
    ];
    let rows = policies.iter().map(|policy| {
        let (name, by) = (policy.name.clone(), policy.changed_by.clone());
        let drafts = if policy.drafts == 0 {
            "–".into_any()
        } else {
            policy.drafts.into_any()
        };
        vec![
            view! { {link(&policy.href, &policy.label)} " " <code>{name}</code> }.into_any(),
            policy.rules.into_any(),
            policy.cases.into_any(),
            view! { {when(&policy.changed)} " " <span class="mild">{T::By.of(locale)} " " {by}</span> }
                .into_any(),
            drafts,
        ]
    });
    table(T::Policies.of(locale), &columns, rows.collect())
}
