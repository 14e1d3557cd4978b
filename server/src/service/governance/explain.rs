//! Why somebody sees a row, asked of the data itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use weir_policy::{ColumnName, Subject, Value};
use weir_query::Dataset;
use weir_registry::{Digest, PolicyStep, PolicyStepKind};

use super::{Doer, Governance, GovernanceError};
use crate::content::Content;
use crate::service::row_question::{ExplainedRow, RowQuestion};

/// Whom, and which row, an admin asks about.
#[derive(Debug, Clone)]
pub struct RowWish {
    /// What is in force.
    pub content: Arc<Content>,
    /// Where the row is.
    pub dataset: Arc<Dataset>,
    /// Whom it is about.
    pub subject: Subject,
    /// Whether that is a sample person, and not a set of claims that the admin chose.
    pub is_sample: bool,
    /// The values of the row's key.
    pub key: BTreeMap<ColumnName, Value>,
}

impl Governance {
    /// Why the subject sees the rows with a key, or does not. That reads the rows whoever they
    /// belong to, so it is on record first (invariant 10).
    ///
    /// # Errors
    /// [`GovernanceError::Row`] when the dataset is closed to the subject or the rows can't be read,
    /// [`GovernanceError::Closed`] when nothing may be read now.
    pub async fn explain_row(
        &self,
        wish: &RowWish,
        asker: &Subject,
        doer: &Doer,
    ) -> Result<Vec<ExplainedRow>, GovernanceError> {
        if self.publisher.published.is_closed() {
            return Err(GovernanceError::Closed);
        }
        self.record_explanation(&wish.content, doer).await?;
        let in_force = self.publisher.published.current();
        if !wish.content.has_datasets_of(&in_force) {
            return Ok(Vec::new());
        }
        let _place = self.workshop.place().await;
        let question = RowQuestion {
            content: &wish.content,
            in_force: &in_force,
            snapshots: &self.publisher.snapshots.current(),
            cache: &self.cache,
            dataset: &wish.dataset,
            subject: &wish.subject,
            is_sample: wish.is_sample,
            asker,
            key: &wish.key,
        };
        Ok(question.answer().await?)
    }

    async fn record_explanation(
        &self,
        content: &Content,
        doer: &Doer,
    ) -> Result<(), GovernanceError> {
        let tree = content.tree().unwrap_or(Digest::from([0; 32]));
        let step = PolicyStep {
            revision: Some(content.policies().revision().get()),
            ..PolicyStep::new(PolicyStepKind::Explain, doer.actor.digest(), tree)
        };
        self.put_on_record(step, doer).await
    }
}
