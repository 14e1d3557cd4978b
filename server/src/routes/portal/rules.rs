//! Rules as sentences, alone and compared.

use std::collections::BTreeSet;

use weir_frontend::model::admin::{
    FileChange, Reading, RuleChange as ChangeVm, RuleDiff, RuleKind, RuleVm,
};
use weir_policy::change::{Change, DatasetChange, Presence, RuleChange};
use weir_policy::words::Words;
use weir_policy::{DatasetName, Policy, Rule};
use weir_query::{Dataset, Locale};
use weir_registry::{ChangeKind, ContentTree};

use crate::content::Content;
use crate::service::governance::CatalogWords;

/// A dataset as its content knows it.
pub(super) fn dataset<'a>(content: &'a Content, name: &DatasetName) -> Option<&'a Dataset> {
    content.catalog().dataset(name).map(AsRef::as_ref)
}

/// What a dataset is called; its name where no content labels it.
pub(super) fn label(contents: &[&Content], name: &DatasetName, locale: Locale) -> String {
    let known = contents.iter().find_map(|content| dataset(content, name));
    known.map_or_else(
        || name.to_string(),
        |dataset| dataset.label().get(locale).to_owned(),
    )
}

/// The rules of a dataset in the order of their file.
pub(super) fn rules(content: &Content, name: &DatasetName, locale: Locale) -> Vec<RuleVm> {
    let rules = content
        .policies()
        .policy(name)
        .map_or(&[][..], Policy::rules);
    let dataset = dataset(content, name);
    rules.iter().map(|one| rule(one, dataset, locale)).collect()
}

/// A rule.
pub(super) fn rule(rule: &Rule, dataset: Option<&Dataset>, locale: Locale) -> RuleVm {
    RuleVm {
        id: rule.id().to_string(),
        kind: kind(rule.kind()),
        sentence: sentence(rule, dataset, locale),
    }
}

fn sentence(rule: &Rule, dataset: Option<&Dataset>, locale: Locale) -> String {
    Words::new(locale, &CatalogWords::new(dataset, locale)).rule(rule)
}

/// What a rule does, from the word of its document.
fn kind(word: &str) -> RuleKind {
    match word {
        "permit" => RuleKind::Permit,
        "forbid" => RuleKind::Forbid,
        "hide" => RuleKind::Hide,
        _ => RuleKind::Mask,
    }
}

/// Two contents side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) before: &'a Content,
    pub(super) after: &'a Content,
    pub(super) locale: Locale,
}

impl Sides<'_> {
    /// What differs, rule by rule.
    pub(super) fn differences(&self, change: &Change) -> Vec<RuleDiff> {
        let datasets = change.datasets.iter();
        datasets.flat_map(|one| self.of_dataset(one)).collect()
    }

    fn of_dataset(&self, change: &DatasetChange) -> Vec<RuleDiff> {
        let name = &change.dataset;
        let before = |rule: &Rule| sentence(rule, dataset(self.before, name), self.locale);
        let after = |rule: &Rule| sentence(rule, dataset(self.after, name), self.locale);
        let label = label(&[self.after, self.before], name, self.locale);
        let differing = change.rules.iter().filter_map(|one| {
            let (rule, change) = match one {
                RuleChange::Unchanged(_) => return None,
                RuleChange::Added(rule) => (rule, ChangeVm::Added { after: after(rule) }),
                RuleChange::Removed(rule) => (
                    rule,
                    ChangeVm::Removed {
                        before: before(rule),
                    },
                ),
                RuleChange::Changed { old, new } => (
                    new.as_ref(),
                    ChangeVm::Changed {
                        before: before(old),
                        after: after(new),
                    },
                ),
            };
            Some(RuleDiff {
                dataset: label.clone(),
                rule: rule.id().to_string(),
                kind: kind(rule.kind()),
                change,
            })
        });
        differing.collect()
    }

    /// The policies that differ, whole.
    pub(super) fn readings(&self, change: &Change) -> Vec<Reading> {
        let touched = change.datasets.iter().filter(|one| !one.is_empty());
        touched
            .map(|one| Reading {
                dataset: label(&[self.after, self.before], &one.dataset, self.locale),
                change: match one.presence {
                    Presence::Added => FileChange::Added,
                    Presence::Removed => FileChange::Removed,
                    Presence::Kept => FileChange::Changed,
                },
                before: rules(self.before, &one.dataset, self.locale),
                after: rules(self.after, &one.dataset, self.locale),
            })
            .collect()
    }
}

/// Every file of two trees with what happened to it, those that changed first.
pub(super) fn files(before: &ContentTree, after: &ContentTree) -> Vec<(String, FileChange)> {
    let changes = before.changes_to(after);
    let touched: BTreeSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    let first = changes.iter().map(|change| {
        let kind = match change.kind {
            ChangeKind::Added => FileChange::Added,
            ChangeKind::Removed => FileChange::Removed,
            ChangeKind::Changed => FileChange::Changed,
        };
        (change.path.to_string(), kind)
    });
    let same = after.files().map(|(path, _)| path.as_str());
    let mut same: Vec<&str> = same.filter(|path| !touched.contains(path)).collect();
    // What people come for stands before what they rarely touch.
    same.sort_by_key(|path| !path.starts_with("policies/"));
    first
        .chain(
            same.into_iter()
                .map(|path| (path.to_owned(), FileChange::Same)),
        )
        .collect()
}
