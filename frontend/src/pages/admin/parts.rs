//! Small things that several pages have.

use super::icon::Icon;
use super::reveal::local;
use crate::model::admin::{ChainVm, DraftState, FileChange, SourceVm, When};
use crate::model::{LinkVm, Locale};
use crate::pages::document::escape;
use crate::text::{DraftText, PortalText as T};
use leptos::prelude::*;

/// The page's heading, its sentence, and what stands at its end.
pub(super) fn heading(title: &str, lead: &str, tools: Option<AnyView>) -> AnyView {
    let lead = (!lead.is_empty()).then(|| view! { <p class="lead">{lead.to_owned()}</p> });
    heading_with(title, lead.into_any(), tools)
}

/// The page's heading with any line below it.
pub(super) fn heading_with(title: &str, below: AnyView, tools: Option<AnyView>) -> AnyView {
    let title = title.to_owned();
    view! { <header class="head"><div><h1>{title}</h1>{below}</div>{tools}</header> }.into_any()
}

/// A section with its heading.
pub(super) fn section(id: &'static str, title: &'static str, content: AnyView) -> AnyView {
    let label = format!("{id}-title");
    let heading = label.clone();
    view! {
        <section class="part" id=id aria-labelledby=label>
            <h2 id=heading>{title}</h2>
            {content}
        </section>
    }
    .into_any()
}

/// A link if the address is ours, the bare words otherwise.
pub(super) fn link(href: &str, label: &str) -> AnyView {
    let label = label.to_owned();
    match local(href) {
        Some(href) => view! { <a href=href>{label}</a> }.into_any(),
        None => view! { <span>{label}</span> }.into_any(),
    }
}

/// A link that looks like a button.
pub(super) fn button_link(href: &str, label: &'static str) -> Option<AnyView> {
    local(href).map(|href| view! { <a class="btn" href=href>{label}</a> }.into_any())
}

/// Links, one below the other.
pub(super) fn links(links: &[LinkVm]) -> AnyView {
    let items: Vec<_> = links
        .iter()
        .map(|one| view! { <li>{link(&one.href, &one.label)}</li> })
        .collect();
    view! { <ul class="links">{items}</ul> }.into_any()
}

/// A moment.
pub(super) fn when(when: &When) -> AnyView {
    let When { text, iso } = when.clone();
    view! { <time datetime=iso>{text}</time> }.into_any()
}

/// A sentence where a list would be.
pub(super) fn empty(sentence: &'static str) -> AnyView {
    view! { <p class="none">{sentence}</p> }.into_any()
}

/// That somebody would see more.
pub(super) fn widening(locale: Locale) -> AnyView {
    let means = T::WideningMeans.of(locale);
    view! { <span class="tag amber" title=means>{Icon::Warning.view()} {T::Widening.of(locale)}</span> }
        .into_any()
}

/// The name of a state.
pub(super) const fn state_name(state: DraftState, locale: Locale) -> &'static str {
    match state {
        DraftState::Editing => DraftText::StepDraft,
        DraftState::Checked => DraftText::StepChecked,
        DraftState::InReview => DraftText::StepReview,
        DraftState::Approved => DraftText::StepApproved,
        DraftState::Scheduled => DraftText::Scheduled,
        DraftState::Live => DraftText::StepLive,
        DraftState::Withdrawn => DraftText::Withdrawn,
    }
    .of(locale)
}

/// A state as a tag.
pub(super) fn state(state: DraftState, locale: Locale) -> AnyView {
    let class = match state {
        DraftState::Editing | DraftState::Withdrawn => "tag",
        DraftState::Checked | DraftState::InReview | DraftState::Scheduled => "tag blue",
        DraftState::Approved | DraftState::Live => "tag good",
    };
    view! { <span class=class>{state_name(state, locale)}</span> }.into_any()
}

/// What happened to a file, as a tag; nothing if nothing did.
pub(super) fn file_change(change: FileChange, locale: Locale) -> Option<AnyView> {
    let (class, text) = match change {
        FileChange::Added => ("tag good", T::FileAdded),
        FileChange::Removed => ("tag bad", T::FileRemoved),
        FileChange::Changed => ("tag blue", T::FileChanged),
        FileChange::Same => return None,
    };
    Some(view! { <span class=class>{text.of(locale)}</span> }.into_any())
}

/// Whether the audit log is whole.
pub(super) fn chain(chain: &ChainVm, locale: Locale) -> AnyView {
    let checked =
        |moment: &When, text: T| view! { {text.of(locale)} " " {when(moment)} }.into_any();
    match chain {
        ChainVm::Intact {
            records,
            checked: at,
        } => {
            let records = format!("{records} {}", T::Records.of(locale));
            view! {
                <p class="chain good">{Icon::Check.view()} <b>{T::ChainIntact.of(locale)}</b>
                    <span>{records} ", " {checked(at, T::Checked)}</span></p>
            }
            .into_any()
        }
        ChainVm::Unchecked { records } => {
            let records = format!("{records} {}", T::Records.of(locale));
            view! { <p class="chain">{Icon::Clock.view()} <b>{T::ChainUnchecked.of(locale)}</b> <span>{records}</span></p> }
                .into_any()
        }
        ChainVm::Broken {
            record,
            what,
            checked: at,
        } => {
            let place = format!(
                "{} {} {record}",
                T::ChainBroken.of(locale),
                T::AtRecord.of(locale)
            );
            let what = what.clone();
            view! {
                <div class="callout bad" role="alert">
                    <p class="chain bad">{Icon::Warning.view()} <b>{place}</b> <span>{checked(at, T::FoundAt)}</span></p>
                    <p>{what} " " {T::ChainNext.of(locale)}</p>
                </div>
            }
            .into_any()
        }
    }
}

/// Files to open: those that matter first in sight, the others folded away.
pub(super) fn tabs(files: Vec<(bool, AnyView)>, locale: Locale) -> AnyView {
    let (first, rest): (Vec<_>, Vec<_>) = files.into_iter().partition(|(first, _)| *first);
    let views = |files: Vec<(bool, AnyView)>| -> Vec<AnyView> {
        files.into_iter().map(|(_, view)| view).collect()
    };
    let (shown, count) = (!first.is_empty(), rest.len());
    let shown = shown.then(|| {
        view! { <nav class="tabs" aria-label=T::Files.of(locale)>{views(first)}</nav> }
    });
    let rest = (count > 0).then(|| {
        view! {
            <details class="fold">
                <summary>{T::OtherFiles.of(locale)} " " <span class="mild">{count}</span></summary>
                <nav class="tabs" aria-label=T::OtherFiles.of(locale)>{views(rest)}</nav>
            </details>
        }
    });
    view! { {shown} {rest} }.into_any()
}

/// A file with its lines numbered, closed until asked for.
pub(super) fn source(file: &SourceVm, locale: Locale) -> AnyView {
    let lines = file.text.lines().count();
    let word = if singular(lines, locale) {
        T::OneLine
    } else {
        T::Lines
    };
    let path = file.path.clone();
    view! {
        <details class="fold">
            <summary>{T::Source.of(locale)} " " <code>{path}</code> " "
                <span class="mild">{lines} " " {word.of(locale)}</span></summary>
            {numbered(&file.text)}
        </details>
    }
    .into_any()
}

/// Numbered lines.
pub(super) fn numbered(text: &str) -> AnyView {
    let lines: Vec<_> = text
        .lines()
        .map(|line| view! { <li><code>{line.to_owned()}</code></li> })
        .collect();
    view! { <ol class="code" tabindex="0">{lines}</ol> }.into_any()
}

/// A text area whose text survives byte for byte: the parser drops one leading line feed, and a
/// view would put its markers into the text.
pub(super) fn area_text(text: &str) -> String {
    format!("\n{}", escape(text))
}

/// The hidden fields of a form that changes something.
pub(super) fn hidden(csrf: &str, version: Option<&str>) -> AnyView {
    let csrf = csrf.to_owned();
    let version = version
        .map(|version| view! { <input type="hidden" name="version" value=version.to_owned()/> });
    view! { <input type="hidden" name="csrf" value=csrf/> {version} }.into_any()
}

/// The pages before and after.
pub(super) fn pager(newer: Option<&str>, older: Option<&str>, locale: Locale) -> Option<AnyView> {
    let newer = newer.and_then(|href| button_link(href, T::Newer.of(locale)));
    let older = older.and_then(|href| button_link(href, T::Older.of(locale)));
    (newer.is_some() || older.is_some()).then(|| {
        view! { <nav class="pager" aria-label=T::Pages.of(locale)>{newer}{older}</nav> }.into_any()
    })
}

/// Whether a number takes the singular: in French nothing does too.
pub(super) fn singular(number: usize, locale: Locale) -> bool {
    number == 1 || (number == 0 && locale == Locale::FrCa)
}

/// "Amélie Tremblay, Jonas Weber", or "nobody".
pub(super) fn people(names: &[String], locale: Locale) -> String {
    if names.is_empty() {
        T::Nobody.of(locale).to_owned()
    } else {
        names.join(", ")
    }
}
