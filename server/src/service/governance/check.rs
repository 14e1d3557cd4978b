//! What a draft means, before anybody approves it.

use std::sync::Arc;

use serde::Serialize;
use weir_engine::LakeError;
use weir_policy::Revision;
use weir_policy::change::Change;
use weir_policy::decision_table::CaseOutcome;
use weir_registry::{ContentTree, DraftId, Rules};

use super::workshop::Place;
use super::{Difference, Governance, GovernanceError, Reason, content_of_tree};
use crate::content::{Content, Finding};

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
        let tree = self.registry().drafts().tree(draft, version).await?;
        let place = self.workshop.place().await;
        let before = self.content_of(base, &place).await?;
        Ok(self.inspect(tree, before, &place).await?.checked)
    }

    /// The content of a revision. For a draft that is the one it changes: the registry holds it
    /// against that when it is handed in, and what is in force in this process may be older.
    pub(super) async fn content_of(
        &self,
        revision: u64,
        place: &Place,
    ) -> Result<Arc<Content>, GovernanceError> {
        let current = self.publisher.published.current();
        if current.policies().revision().get() == revision {
            return Ok(current);
        }
        let tree = self.registry().revisions().tree(revision).await?;
        Ok(Arc::new(content_of_tree(tree, revision, place).await?))
    }

    /// The content of a revision, or of a saved version of a draft. A draft has no number of its
    /// own: what it decides is known under the one it changes.
    pub(in crate::service) async fn content_under(
        &self,
        rules: Rules,
    ) -> Result<Arc<Content>, GovernanceError> {
        let place = self.workshop.place().await;
        let Some(draft) = rules.draft else {
            return self.content_of(rules.revision, &place).await;
        };
        let drafts = self.registry().drafts();
        let tree = drafts.tree(DraftId::new(draft), rules.version).await?;
        Ok(Arc::new(
            content_of_tree(tree, rules.revision, &place).await?,
        ))
    }

    /// What revision `to` says that revision `from` did not, rule by rule.
    ///
    /// # Errors
    /// [`GovernanceError`] when one of them is not there or can't be read.
    pub async fn diff(&self, from: u64, to: u64) -> Result<Difference, GovernanceError> {
        let place = self.workshop.place().await;
        let old = self.content_of(from, &place).await?;
        let new = self.content_of(to, &place).await?;
        compare(old, new, &place).await
    }

    /// Holds files against a content.
    pub(super) async fn inspect(
        &self,
        tree: ContentTree,
        before: Arc<Content>,
        place: &Place,
    ) -> Result<Looked, GovernanceError> {
        let revision = before.policies().revision().get();
        let inspected = move || {
            let files = tree.files().map(|(path, text)| (path.as_str(), text));
            Content::inspect(files, Revision::new(revision + 1))
        };
        let inspected = place.work(inspected).await?;
        let mut looked = Looked {
            checked: Checked::against(revision),
            content: inspected.content.map(Arc::new),
            cases: inspected.cases,
        };
        let checked = &mut looked.checked;
        checked.add(inspected.findings);
        let Some(after) = &looked.content else {
            return Ok(looked);
        };
        if !after.has_datasets_of(&before)
            && let Err(error) = self.publisher.lake.engine(after.catalog()).await
        {
            checked.add(vec![of_the_lake(&error)]);
        }
        let difference = compare(before, Arc::clone(after), place).await?;
        checked.reasons = difference.reasons;
        checked.widening = difference.widening;
        checked.change = Some(difference.change);
        Ok(looked)
    }
}

/// What came of holding files against a content.
#[derive(Debug)]
pub(super) struct Looked {
    /// What the checks say.
    pub(super) checked: Checked,
    /// What the files say; `None` if they can't be used.
    pub(super) content: Option<Arc<Content>>,
    /// What the decision tables said.
    pub(super) cases: Vec<CaseOutcome>,
}

async fn compare(
    old: Arc<Content>,
    new: Arc<Content>,
    place: &Place,
) -> Result<Difference, GovernanceError> {
    let compared = move || Difference::between(&old, &new);
    Ok(place.work(compared).await?)
}

/// What the lake says of the datasets, without a word about the server's disk (invariant 12).
fn of_the_lake(error: &LakeError) -> Finding {
    if error.is_about_declarations() {
        return Finding::everywhere(error);
    }
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "the lake can't be used with a draft");
    Finding::of_all("the lake can't be read with these datasets; the server's log says why")
}

impl Checked {
    fn against(revision: u64) -> Self {
        Self {
            against: revision,
            findings: Vec::new(),
            places: Vec::new(),
            change: None,
            widening: false,
            reasons: Vec::new(),
        }
    }

    fn add(&mut self, found: Vec<Finding>) {
        self.findings.extend(found.iter().map(ToString::to_string));
        self.places.extend(found);
    }
}
