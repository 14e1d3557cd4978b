//! A draft's files, the open one with the checks' findings, and what to do when two wrote at once.

use super::draft::offers;
use super::field::{Control, Field};
use super::icon::Icon;
use super::parts::{empty, file_change, hidden, numbered, tabs, when};
use super::reveal::local;
use crate::model::Locale;
use crate::model::admin::{
    Action, ConflictVm, DiffLine, DraftFile, DraftVm, EditorVm, FileChange, Finding, Severity, Side,
};
use crate::text::{DraftText as D, PortalText as T};
use leptos::prelude::*;

/// The files, and the open one: to edit if the reader may, to read otherwise.
pub(super) fn editor(vm: &DraftVm) -> AnyView {
    let locale = vm.frame.locale;
    let Some(file) = &vm.editor else {
        return view! { {files(&vm.files, locale)} {empty(D::NoFile.of(locale))} }.into_any();
    };
    let findings = if file.findings.is_empty() {
        empty(D::NoFindings.of(locale))
    } else {
        let items: Vec<_> = file.findings.iter().map(|one| found(one, locale)).collect();
        view! { <ul class="findings">{items}</ul> }.into_any()
    };
    let form = offers(vm, Action::Save).then(|| form(vm, file));
    let open = form.is_none() || !file.findings.is_empty();
    view! {
        {files(&vm.files, locale)}
        <h3>{D::FindingsTitle.of(locale)}</h3>
        {findings}
        {form}
        <details class="fold" open=open>
            <summary>{D::NumberedTitle.of(locale)}</summary>
            {lines(file, locale)}
        </details>
    }
    .into_any()
}

fn files(files: &[DraftFile], locale: Locale) -> AnyView {
    let tab = |file: &DraftFile| {
        let current = file.open.then_some("page");
        let findings = (file.findings > 0).then(|| {
            view! { <span class="tag bad">{Icon::Warning.view()} {file.findings}
            <span class="unseen">" " {D::FindingsTitle.of(locale)}</span></span> }
        });
        let path = file.path.clone();
        let tab = view! {
            <a href=local(&file.href) aria-current=current>
                <code>{path}</code> {file_change(file.change, locale)} {findings}
            </a>
        };
        let first = file.open || file.findings > 0 || file.change != FileChange::Same;
        (first, tab.into_any())
    };
    tabs(files.iter().map(tab).collect(), locale)
}

/// Saving and checking share one form, so that checking never forgets what was just written.
fn form(vm: &DraftVm, file: &EditorVm) -> Option<AnyView> {
    let locale = vm.frame.locale;
    let save = local(&format!("{}/save", vm.href))?;
    let check = offers(vm, Action::Check).then(|| {
        let path = local(&format!("{}/check", vm.href));
        view! { <button class="btn" type="submit" formaction=path>{D::SaveCheck.of(locale)}</button> }
    });
    let title = Field {
        name: "title",
        label: D::TitleLabel.of(locale),
        help: D::TitleHelp.of(locale),
        control: Control::Input("text", &vm.title),
        required: true,
        errors: &vm.errors,
    };
    let text = Field {
        name: "text",
        label: D::TextLabel.of(locale),
        help: D::EditHelp.of(locale),
        control: Control::Area(&file.text, file.text.lines().count().clamp(12, 36)),
        required: false,
        errors: &vm.errors,
    };
    let path = file.path.clone();
    let form = view! {
        <form method="post" action=save class="editor">
            {hidden(&vm.frame.csrf, Some(&vm.version))}
            <input type="hidden" name="path" value=path/>
            {title.view()} {text.view()}
            <div class="buttons">
                <button class="btn main" type="submit">{D::Save.of(locale)}</button> {check}
            </div>
        </form>
    };
    Some(form.into_any())
}

fn severity(finding: &Finding) -> (&'static str, D) {
    match finding.severity {
        Severity::Error => ("bad", D::FindingError),
        Severity::Warning => ("amber", D::FindingWarning),
    }
}

/// A finding in the list, with a link to its line.
fn found(finding: &Finding, locale: Locale) -> AnyView {
    let place = finding.line.map(|line| {
        let href = format!("#line-{line}");
        view! { <a href=href>{T::Line.of(locale)} " " {line}</a> " " }
    });
    view! { <li>{remark(finding, locale)} " " {place}</li> }.into_any()
}

fn remark(finding: &Finding, locale: Locale) -> AnyView {
    let (tone, word) = severity(finding);
    let class = format!("tag {tone}");
    let Finding {
        sentence,
        did_you_mean,
        ..
    } = finding.clone();
    let meant = (!did_you_mean.is_empty()).then(|| {
        let ask = D::DidYouMean.of(locale);
        let end = if locale == Locale::FrCa {
            "\u{a0}?"
        } else {
            "?"
        };
        view! { <span class="meant">{ask} " " <code>{did_you_mean}</code> {end}</span> }
    });
    view! { <span class=class>{Icon::Warning.view()} {word.of(locale)}</span> " " <span>{sentence}</span> " " {meant} }
        .into_any()
}

/// The numbered text, with each finding at its line.
fn lines(file: &EditorVm, locale: Locale) -> AnyView {
    let mut number = 0;
    let items: Vec<_> = file
        .text
        .lines()
        .map(|line| {
            number += 1;
            let at: Vec<_> = file
                .findings
                .iter()
                .filter(|one| one.line == Some(number))
                .collect();
            let class = at.first().map(|one| severity(one).0);
            let id = (!at.is_empty()).then(|| format!("line-{number}"));
            let remarks: Vec<_> = at
                .iter()
                .map(|one| view! { <p class="remark">{remark(one, locale)}</p> })
                .collect();
            view! { <li class=class id=id><code>{line.to_owned()}</code>{remarks}</li> }
        })
        .collect();
    view! { <ol class="code" tabindex="0">{items}</ol> }.into_any()
}

/// Somebody else saved meanwhile: who, what differs, and that nothing is lost.
pub(super) fn conflict(conflict: &ConflictVm, locale: Locale) -> AnyView {
    let by = conflict.by.clone();
    let lines: Vec<_> = conflict
        .lines
        .iter()
        .map(|line| diff_line(line, locale))
        .collect();
    view! {
        <section class="callout amber" aria-labelledby="conflict">
            <h2 id="conflict" class="line">{Icon::Warning.view()} {D::ConflictTitle.of(locale)}</h2>
            <p><b>{by}</b> " " {D::ConflictSaved.of(locale)} " " {when(&conflict.when)} ". "
                {D::ConflictLead.of(locale)}</p>
            <h3>{D::Differences.of(locale)}</h3>
            <ul class="sides" tabindex="0">{lines}</ul>
            <details class="fold">
                <summary>{D::Theirs.of(locale)}</summary>
                {numbered(&conflict.theirs)}
            </details>
        </section>
    }
    .into_any()
}

fn diff_line(line: &DiffLine, locale: Locale) -> AnyView {
    let (class, icon, word) = match line.side {
        Side::Both => ("both", None, None),
        Side::Theirs => ("theirs", Some(Icon::Minus), Some(D::OnlyTheirs)),
        Side::Yours => ("yours", Some(Icon::Plus), Some(D::OnlyYours)),
    };
    let word = word.map(|word| view! { <b>{word.of(locale)}</b> });
    let text = line.text.clone();
    view! { <li class=class>{icon.map(Icon::view)} <code>{text}</code> {word}</li> }.into_any()
}
