//! What a draft means, before anybody approves it.

use std::sync::Arc;

use serde::Serialize;
use weir_policy::Revision;
use weir_policy::change::{self, Change, Policies};
use weir_policy::decision_table::CaseOutcome;
use weir_registry::{ContentTree, DraftId};

use super::{Governance, GovernanceError};
use crate::content::{Content, Finding};
use crate::service::publisher;

/// The outcome of checking a draft against what is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The revision it was compared with.
    pub against: u64,
    /// Why it can't be used: file, place and the nearest right word. Empty if it can.
    pub findings: Vec<String>,
    /// The same, each with its place.
    pub places: Vec<Finding>,
    /// What differs, rule by rule.
    pub change: Option<Change>,
    /// Whether anybody would see more, or nobody can say that nobody would.
    pub widening: bool,
    /// Why it counts as widening, beside what `change` proves.
    pub reasons: Vec<Reason>,
}

/// Something outside the rules that may open rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// People may get other business units, roles or attributes than before.
    ClaimMapping,
    /// The dataset reads another table, or other rows of it.
    DatasetRows(String),
}

impl Governance {
    /// Checks a version of a draft, or its current one: documents, decision tables, whether the
    /// lake has what the datasets say, and what would change.
    ///
    /// # Errors
    /// [`GovernanceError`] when the draft or what is in force can't be read.
    pub async fn check(
        &self,
        draft: DraftId,
        version: Option<u64>,
    ) -> Result<Checked, GovernanceError> {
        let base = self.get(draft).await?.base;
        let before = self.content_of(base).await?;
        let tree = self.registry().drafts().tree(draft, version).await?;
        Ok(self.inspect(&tree, &before).await.checked)
    }

    /// The content of a revision. For a draft that is the one it changes: the registry holds it
    /// against that when it is handed in, and what is in force in this process may be older.
    pub(in crate::service) async fn content_of(
        &self,
        revision: u64,
    ) -> Result<Arc<Content>, GovernanceError> {
        let current = self.publisher.published.current();
        if current.policies().revision().get() == revision {
            return Ok(current);
        }
        let tree = self.registry().revisions().tree(revision).await?;
        Ok(Arc::new(publisher::content(&tree, revision)?))
    }

    /// What revision `to` says that revision `from` did not, rule by rule.
    ///
    /// # Errors
    /// [`GovernanceError`] when one of them is not there or can't be read.
    pub async fn diff(&self, from: u64, to: u64) -> Result<Change, GovernanceError> {
        let (old, new) = (self.content_of(from).await?, self.content_of(to).await?);
        Ok(change::compare(&policies(&old), &policies(&new)))
    }

    /// Holds files against a content.
    pub(super) async fn inspect(&self, tree: &ContentTree, before: &Content) -> Looked {
        let revision = before.policies().revision().get();
        let files = tree.files().map(|(path, text)| (path.as_str(), text));
        let inspected = Content::inspect(files, Revision::new(revision + 1));
        let mut checked = Checked {
            against: revision,
            findings: Vec::new(),
            places: inspected.findings,
            change: None,
            widening: false,
            reasons: Vec::new(),
        };
        if let Some(after) = &inspected.content {
            if !after.has_datasets_of(before)
                && let Err(error) = self.publisher.lake.engine(after.catalog()).await
            {
                checked.places.push(Finding::everywhere(&error));
            }
            let change = change::compare(&policies(before), &policies(after));
            checked.reasons = reasons(before, after);
            checked.widening = change.is_widening() || !checked.reasons.is_empty();
            checked.change = Some(change);
        }
        let texts = checked.places.iter().map(|finding| finding.text.clone());
        checked.findings = texts.collect();
        Looked {
            checked,
            content: inspected.content,
            cases: inspected.cases,
        }
    }
}

/// What came of holding files against a content.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) checked: Checked,
    pub(super) content: Option<Content>,
    pub(super) cases: Vec<CaseOutcome>,
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
