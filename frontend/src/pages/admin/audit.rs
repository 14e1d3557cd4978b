//! Search in the audit log.

use super::field::{Control, Field, summary};
use super::frame::page;
use super::icon::Icon;
use super::parts::{chain, empty, heading, link, pager, when};
use super::reveal::local;
use super::table::{Kind, table};
use crate::model::Locale;
use crate::model::admin::{AuditLine, AuditVm, Outcome};
use crate::text::{PortalText as T, RecordText as R};
use leptos::prelude::*;

/// `/admin/audit`: whether the log is whole, the search, what it found.
#[must_use]
pub fn audit(vm: &AuditVm) -> String {
    let locale = vm.frame.locale;
    page(&vm.frame, T::Audit.of(locale), || {
        let found = if vm.records.is_empty() {
            empty(R::AuditNone.of(locale))
        } else {
            view! { <div class="sheet">{records(&vm.records, locale)}</div> {exports(vm)} }
                .into_any()
        };
        view! {
            {heading(T::Audit.of(locale), "", None)}
            {chain(&vm.chain, locale)}
            {summary(&vm.errors, locale)}
            {search(vm)}
            {found}
            {pager(vm.newer_href.as_deref(), vm.older_href.as_deref(), locale)}
        }
        .into_any()
    })
}

fn search(vm: &AuditVm) -> AnyView {
    let locale = vm.frame.locale;
    let query = &vm.query;
    let field = |name, label: R, help: &str, control| {
        let label = label.of(locale);
        Field {
            name,
            label,
            help,
            control,
            required: false,
            errors: &vm.errors,
        }
        .view()
    };
    view! {
        <form method="get" action="/admin/audit" class="row many">
            {field("kind", R::Kind, "", Control::Select(&query.kinds))}
            {field("dashboard", R::Dashboard, "", Control::Select(&query.dashboards))}
            {field("subject", R::SubjectDigest, R::SubjectHelp.of(locale), Control::Input("text", &query.subject))}
            {field("revision", R::Revision, "", Control::Input("text", &query.revision))}
            {field("from", R::FromDay, "", Control::Input("date", &query.from))}
            {field("to", R::ToDay, "", Control::Input("date", &query.to))}
            <div class="buttons">
                <button class="btn main" type="submit">{R::Search.of(locale)}</button>
                <a class="btn quiet" href="/admin/audit">{R::ResetSearch.of(locale)}</a>
            </div>
        </form>
    }
    .into_any()
}

fn records(records: &[AuditLine], locale: Locale) -> AnyView {
    let columns = [
        (R::Number.of(locale), Kind::Number),
        (R::When.of(locale), Kind::Words),
        (R::Kind.of(locale), Kind::Words),
        (R::What.of(locale), Kind::Words),
        (R::SubjectDigest.of(locale), Kind::Words),
        (R::Revision.of(locale), Kind::Number),
        (R::Outcome.of(locale), Kind::Words),
    ];
    let rows = records.iter().map(|record| line(record, locale)).collect();
    table(R::AuditTable.of(locale), &columns, rows)
}

fn line(record: &AuditLine, locale: Locale) -> Vec<AnyView> {
    let AuditLine {
        number,
        kind,
        what,
        subject,
        dashboard,
        revision,
        ..
    } = record.clone();
    let subject = match local(&record.subject_href) {
        Some(href) => view! { <a href=href><code>{subject}</code></a> }.into_any(),
        None if subject.is_empty() => "–".into_any(),
        None => view! { <code>{subject}</code> }.into_any(),
    };
    let dashboard =
        (!dashboard.is_empty()).then(|| view! { <br/> <span class="mild">{dashboard}</span> });
    let revision = if revision.is_empty() {
        "–".to_owned()
    } else {
        revision
    };
    vec![
        number.into_any(),
        when(&record.when),
        kind.into_any(),
        view! { <span>{what}</span> {dashboard} }.into_any(),
        subject,
        revision.into_any(),
        outcome(record.outcome, locale),
    ]
}

fn outcome(outcome: Outcome, locale: Locale) -> AnyView {
    let (class, icon, word) = match outcome {
        Outcome::Allowed => ("tag good", Icon::Check, R::Allowed),
        Outcome::Denied => ("tag bad", Icon::Cross, R::Denied),
        Outcome::Failed => ("tag amber", Icon::Warning, R::Failed),
    };
    view! { <span class=class>{icon.view()} {word.of(locale)}</span> }.into_any()
}

fn exports(vm: &AuditVm) -> Option<AnyView> {
    let locale = vm.frame.locale;
    if vm.exports.is_empty() {
        return None;
    }
    let items: Vec<_> = vm
        .exports
        .iter()
        .map(|one| view! { <li>{link(&one.href, &one.label)}</li> })
        .collect();
    let row =
        view! { <div class="exports"><span>{R::Export.of(locale)}</span><ul>{items}</ul></div> };
    Some(row.into_any())
}
