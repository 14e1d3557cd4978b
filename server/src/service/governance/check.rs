//! What a draft means, before anybody approves it.

use std::sync::Arc;

use serde::Serialize;
use weir_policy::change::Change;
use weir_registry::{ContentTree, DraftId};

use super::{Difference, Governance, GovernanceError, Reason};
use crate::content::Content;
use crate::problem::with_causes;
use crate::service::publisher;

/// The outcome of checking a draft against what is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The revision it was compared with.
    pub against: u64,
    /// Why it can't be used: file, place and the nearest right word. Empty if it can.
    pub findings: Vec<String>,
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
        let before = self.content_of(base).await?;
        let tree = self.registry().drafts().tree(draft, version).await?;
        Ok(self.check_tree(&tree, &before).await)
    }

    /// The content of a revision. For a draft that is the one it changes: the registry holds it
    /// against that when it is handed in, and what is in force in this process may be older.
    pub(super) async fn content_of(&self, revision: u64) -> Result<Arc<Content>, GovernanceError> {
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
    pub async fn diff(&self, from: u64, to: u64) -> Result<Difference, GovernanceError> {
        let (old, new) = (self.content_of(from).await?, self.content_of(to).await?);
        Ok(Difference::between(&old, &new))
    }

    pub(super) async fn check_tree(&self, tree: &ContentTree, before: &Content) -> Checked {
        let revision = before.policies().revision().get();
        let mut checked = Checked {
            against: revision,
            findings: Vec::new(),
            change: None,
            widening: false,
            reasons: Vec::new(),
        };
        let after = match publisher::content(tree, revision + 1) {
            Ok(after) => after,
            Err(error) => {
                checked.findings.push(with_causes(&error));
                return checked;
            }
        };
        if !after.has_datasets_of(before)
            && let Err(error) = self.publisher.lake.engine(after.catalog()).await
        {
            checked.findings.push(with_causes(&error));
        }
        let difference = Difference::between(before, &after);
        checked.reasons = difference.reasons;
        checked.widening = difference.widening;
        checked.change = Some(difference.change);
        checked
    }
}
