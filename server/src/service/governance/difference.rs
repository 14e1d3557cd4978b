//! What one content says that another did not: rule by rule, and whether anybody sees more.

use serde::Serialize;
use utoipa::ToSchema;
use weir_policy::change::{self, Change, Policies, RuleChange};
use weir_policy::{DatasetName, Rule, RuleId};

use super::Sentence;
use crate::content::Content;

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// Whether anybody would see more, or nobody can say that nobody would.
    pub widening: bool,
    /// Why it counts as widening, beside what `change` proves.
    pub reasons: Vec<Reason>,
    /// What differs, rule by rule.
    #[schema(value_type = Object)]
    pub change: Change,
    /// The rules that differ, in words.
    pub in_words: Vec<RuleInWords>,
}

/// Something outside the rules that may open rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// People may get other business units, roles or attributes than before.
    ClaimMapping,
    /// The dataset reads another table, or other rows of it.
    DatasetRows(String),
}

/// A rule that differs: what it said and what it says. One side alone is a rule that is gone or new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleInWords {
    #[schema(value_type = String)]
    dataset: DatasetName,
    #[schema(value_type = String)]
    id: RuleId,
    before: Option<Sentence>,
    after: Option<Sentence>,
}

impl Difference {
    /// Compares two contents.
    #[must_use]
    pub fn between(before: &Content, after: &Content) -> Self {
        let change = change::compare(&policies(before), &policies(after));
        let reasons = reasons(before, after);
        Self {
            widening: change.is_widening() || !reasons.is_empty(),
            in_words: in_words(&change, before, after),
            reasons,
            change,
        }
    }
}

/// Whether anybody would see more under `after`, or nobody can say that nobody would.
pub(crate) fn widens(before: &Content, after: &Content) -> bool {
    !reasons(before, after).is_empty()
        || change::compare(&policies(before), &policies(after)).is_widening()
}

fn policies(content: &Content) -> Policies<'_> {
    let schemas = content.catalog().datasets().map(|dataset| dataset.schema());
    Policies::new(content.policies(), schemas)
}

/// What the comparison of rules can't see. Any difference counts: nobody proved that it narrows.
fn reasons(before: &Content, after: &Content) -> Vec<Reason> {
    let mapping = (before.mapping() != after.mapping()).then_some(Reason::ClaimMapping);
    let other_rows = after.catalog().datasets().filter(|dataset| {
        let known = before.catalog().dataset(dataset.name());
        known.is_some_and(|known| {
            known.source() != dataset.source() || known.only() != dataset.only()
        })
    });
    let other_rows = other_rows.map(|dataset| Reason::DatasetRows(dataset.name().to_string()));
    mapping.into_iter().chain(other_rows).collect()
}

/// Each side speaks in the labels of its own catalog.
fn in_words(change: &Change, before: &Content, after: &Content) -> Vec<RuleInWords> {
    let mut words = Vec::new();
    for dataset in &change.datasets {
        let name = &dataset.dataset;
        let say = |content: &Content, rule: &Rule| {
            let labels = content.catalog().dataset(name);
            Some(Sentence::of_rule(rule, labels.map(AsRef::as_ref)))
        };
        for rule in &dataset.rules {
            let (rule, old, new) = match rule {
                RuleChange::Added(new) => (new, None, say(after, new)),
                RuleChange::Removed(old) => (old, say(before, old), None),
                RuleChange::Changed { old, new } => {
                    (new.as_ref(), say(before, old), say(after, new))
                }
                RuleChange::Unchanged(_) => continue,
            };
            words.push(RuleInWords {
                dataset: name.clone(),
                id: rule.id().clone(),
                before: old,
                after: new,
            });
        }
    }
    words
}
