//! Rules in sentences, alone and compared.

use super::icon::Icon;
use super::parts::{empty, file_change};
use crate::model::Locale;
use crate::model::admin::{Reading, RuleChange, RuleDiff, RuleKind, RuleVm};
use crate::text::PortalText as T;
use leptos::prelude::*;

/// A rule's sign, and what the sign means.
pub(super) const fn kind(kind: RuleKind) -> (Icon, T) {
    match kind {
        RuleKind::Permit => (Icon::Eye, T::Permit),
        RuleKind::Forbid => (Icon::Cross, T::Forbid),
        RuleKind::Hide => (Icon::EyeOff, T::Hide),
        RuleKind::Mask => (Icon::Mask, T::Mask),
    }
}

/// Rules, one sentence each.
pub(super) fn rules(rules: &[RuleVm], locale: Locale) -> AnyView {
    if rules.is_empty() {
        return empty(T::RulesNone.of(locale));
    }
    let items: Vec<_> = rules
        .iter()
        .map(|rule| view! { <li>{sentence(rule, locale)}</li> })
        .collect();
    view! { <ol class="rules">{items}</ol> }.into_any()
}

/// A rule's sentence, with its kind and id.
pub(super) fn sentence(rule: &RuleVm, locale: Locale) -> AnyView {
    let (icon, word) = kind(rule.kind);
    let RuleVm { id, sentence, .. } = rule.clone();
    view! {
        <span class="sign">{icon.view()}</span>
        <div><p>{sentence}</p><p class="mild">{word.of(locale)} " · " <code>{id}</code></p></div>
    }
    .into_any()
}

/// What differs, rule by rule.
pub(super) fn differences(rules: &[RuleDiff], locale: Locale) -> AnyView {
    if rules.is_empty() {
        return empty(T::NothingDiffers.of(locale));
    }
    let items: Vec<_> = rules.iter().map(|rule| difference(rule, locale)).collect();
    view! { <ul class="diffs">{items}</ul> }.into_any()
}

fn difference(diff: &RuleDiff, locale: Locale) -> AnyView {
    let (class, icon, word) = match &diff.change {
        RuleChange::Added { .. } => ("tag good", Icon::Plus, T::RuleAdded),
        RuleChange::Removed { .. } => ("tag bad", Icon::Minus, T::RuleRemoved),
        RuleChange::Changed { .. } => ("tag blue", Icon::Pencil, T::RuleChanged),
    };
    let (before, after) = match diff.change.clone() {
        RuleChange::Added { after } => (None, Some(after)),
        RuleChange::Removed { before } => (Some(before), None),
        RuleChange::Changed { before, after } => (Some(before), Some(after)),
    };
    let side = |class, word: T, text| {
        view! { <div class=class><dt>{word.of(locale)}</dt><dd>{text}</dd></div> }
    };
    let RuleDiff { dataset, rule, .. } = diff.clone();
    view! {
        <li>
            <p class="line"><span class=class>{icon.view()} {word.of(locale)}</span>
                <b>{dataset}</b> <code>{rule}</code> <span class="mild">{kind(diff.kind).1.of(locale)}</span></p>
            <dl>
                {before.map(|text| side("was", T::Before, text))}
                {after.map(|text| side("is", T::After, text))}
            </dl>
        </li>
    }
    .into_any()
}

/// Whole policies before and after, closed until asked for.
pub(super) fn readings(readings: &[Reading], locale: Locale) -> Option<AnyView> {
    if readings.is_empty() {
        return None;
    }
    let items: Vec<_> = readings
        .iter()
        .map(|reading| one_reading(reading, locale))
        .collect();
    Some(
        view! { <details class="fold"><summary>{T::WholePolicies.of(locale)}</summary>{items}</details> }
            .into_any(),
    )
}

fn one_reading(reading: &Reading, locale: Locale) -> AnyView {
    let column = |word: T, list: &[RuleVm]| {
        let list = if list.is_empty() {
            empty(T::NoPolicy.of(locale))
        } else {
            rules(list, locale)
        };
        view! { <div><h4>{word.of(locale)}</h4>{list}</div> }
    };
    let dataset = reading.dataset.clone();
    view! {
        <h3>{dataset} " " {file_change(reading.change, locale)}</h3>
        <div class="two">
            {column(T::Before, &reading.before)}
            {column(T::After, &reading.after)}
        </div>
    }
    .into_any()
}
