//! One policy as it is in force.

use super::frame::page;
use super::parts::{empty, heading_with, hidden, links, section, source, when};
use super::reveal::local;
use super::rules::rules;
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{CaseVm, PolicyVm};
use crate::text::PortalText as T;
use leptos::prelude::*;

/// `/admin/policies/{dataset}`: its sentences, its decision table, its text.
#[must_use]
pub fn policy(vm: &PolicyVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, &vm.label, || {
        let (name, by) = (vm.name.clone(), vm.changed_by.clone());
        let drafts = (!vm.drafts.is_empty())
            .then(|| section("drafts", T::OpenDrafts.of(locale), links(&vm.drafts)));
        let facts = view! {
            <p class="sub dots"><code>{name}</code>
                <span>{T::LastChanged.of(locale)} " " {when(&vm.changed)} " " {T::By.of(locale)} " " <span>{by}</span></span></p>
        };
        view! {
            {heading_with(&vm.label, facts.into_any(), change(vm))}
            {drafts}
            {section("rules", T::RulesTitle.of(locale), rules(&vm.rules, locale))}
            {section("cases", T::CasesTitle.of(locale), cases(&vm.cases, locale))}
            {source(&vm.source, locale)}
        }
        .into_any()
    })
}

fn change(vm: &PolicyVm) -> Option<AnyView> {
    let locale = vm.frame.locale;
    let action = vm.change_action.as_deref().and_then(local)?;
    let form = view! {
        <form method="post" action=action class="tool">
            {hidden(&vm.frame.csrf, None)}
            <button class="btn main" type="submit" aria-describedby="change-means">{T::Change.of(locale)}</button>
            <p class="help" id="change-means">{T::ChangeMeans.of(locale)}</p>
        </form>
    };
    Some(form.into_any())
}

fn cases(cases: &[CaseVm], locale: Locale) -> AnyView {
    if cases.is_empty() {
        return empty(T::CasesNone.of(locale));
    }
    let columns = [
        (T::CaseName.of(locale), Kind::Words),
        (T::Subject.of(locale), Kind::Words),
        (T::Sees.of(locale), Kind::Words),
    ];
    let rows = cases.iter().map(|case| {
        let CaseVm {
            name,
            subject,
            sees,
        } = case.clone();
        vec![name.into_any(), subject.into_any(), sees.into_any()]
    });
    let list = table(T::CasesTitle.of(locale), &columns, rows.collect());
    view! { <p class="lead">{T::CasesLead.of(locale)}</p> <div class="sheet">{list}</div> }
        .into_any()
}
