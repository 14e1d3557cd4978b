//! Why the numbers may be believed: how old they are, whose rows they are, and by which rules.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use weir_frontend::model::{PageTrust, TrustVm};
use weir_policy::{BusinessUnit, ColumnAccess, Grant, Policy, RuleId};
use weir_query::catalog::Dataset;
use weir_query::{Localized, Snapshot};

use super::{Presenter, Provenance, text};

/// Whose rows a reader sees, as a sentence and as the few words on a tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// "You see 1 of 7 business units: Auto".
    pub(crate) sentence: String,
    /// "Auto only".
    pub(crate) brief: String,
}

impl Presenter {
    /// Which of the organisation's units a reader's rows can come from. Units that the
    /// organisation does not have are not counted; where it has none, there is nothing to say.
    pub(crate) fn scope(
        &self,
        seen: &BTreeSet<BusinessUnit>,
        all_units: &[(BusinessUnit, Localized)],
    ) -> Scope {
        if all_units.is_empty() {
            return Scope {
                sentence: String::new(),
                brief: String::new(),
            };
        }
        let own = all_units.iter().filter(|(unit, _)| seen.contains(unit));
        let names: Vec<&str> = own.map(|(_, label)| label.get(self.locale)).collect();
        let (seen, all) = (names.len(), all_units.len());
        let listed = names.join(", ");
        let (sentence, brief) = match names.as_slice() {
            [] => (
                text::scope_none(self.locale).to_owned(),
                text::brief_none(self.locale).to_owned(),
            ),
            [_, _, ..] if seen == all => (
                text::scope_all(all, self.locale),
                text::brief_all(all, self.locale),
            ),
            [one] => (
                text::scope_some(seen, all, &listed, self.locale),
                text::brief_one(one, self.locale),
            ),
            _ => (
                text::scope_some(seen, all, &listed, self.locale),
                text::brief_some(seen, all, self.locale),
            ),
        };
        Scope { sentence, brief }
    }

    /// "Why these rows": the scope, one sentence per rule that matched, the columns that are
    /// masked or hidden, and the policy revision, or the draft and its version that decide instead.
    pub(crate) fn why(
        &self,
        scope: &Scope,
        grant: &Grant,
        policy: Option<&Policy>,
        dataset: &Dataset,
        draft: Option<(u64, u64)>,
    ) -> Vec<String> {
        let kind = |id: &RuleId| {
            let rules = policy.into_iter().flat_map(Policy::rules);
            rules
                .filter(|rule| rule.id() == id)
                .map(weir_policy::Rule::kind)
                .next()
        };
        let rules = grant.matched_rules().iter();
        let scope = (!scope.sentence.is_empty()).then(|| format!("{}.", scope.sentence));
        let mut why: Vec<String> = scope.into_iter().collect();
        why.extend(rules.map(|id| text::rule(&humanised(id), kind(id), self.locale)));
        let (mut masked, mut hidden) = (Vec::new(), Vec::new());
        for (name, access) in grant.columns() {
            let label = dataset
                .column(name)
                .map_or(name.as_str(), |column| column.label.get(self.locale));
            match access {
                ColumnAccess::Visible => {}
                ColumnAccess::Masked(mask) => masked.push(text::masked(label, mask, self.locale)),
                ColumnAccess::Hidden => hidden.push(label.to_owned()),
            }
        }
        if !masked.is_empty() {
            why.push(text::masked_for_you(&masked.join(", "), self.locale));
        }
        if !hidden.is_empty() {
            why.push(text::hidden_from_you(&hidden.join(", "), self.locale));
        }
        let revision = grant.revision().get();
        why.push(match draft {
            None => text::revision(revision, self.locale),
            Some((draft, version)) => text::draft(draft, version, revision, self.locale),
        });
        why
    }

    /// What holds for the whole page: the oldest of the snapshots it was computed on.
    pub(crate) fn page_trust<'s>(
        &self,
        snapshots: impl IntoIterator<Item = &'s Snapshot>,
        stale: bool,
        scope: &Scope,
    ) -> PageTrust {
        let oldest = snapshots
            .into_iter()
            .map(|snapshot| snapshot.committed_at)
            .min();
        let data_time = oldest.map(|moment| text::data_of(&self.dates.moment(moment), self.locale));
        PageTrust {
            data_time: data_time.unwrap_or_default(),
            scope: scope.sentence.clone(),
            stale,
        }
    }

    /// How old data of `then` is, as a tile says it.
    pub(crate) fn age(&self, then: DateTime<Utc>, now: DateTime<Utc>) -> String {
        self.dates.age(then, now)
    }

    pub(super) fn trust(&self, provenance: &Provenance<'_>) -> TrustVm {
        TrustVm {
            data_time: self.dates.moment(provenance.data_time),
            data_time_iso: iso(provenance.data_time),
            age: self.age(provenance.data_time, provenance.now),
            scope: provenance.scope.to_owned(),
            stale: provenance.stale,
        }
    }
}

fn iso(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `bu-own-rows` as people read it: "Bu own rows".
fn humanised(id: &RuleId) -> String {
    let words = id.as_str().replace('-', " ");
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
