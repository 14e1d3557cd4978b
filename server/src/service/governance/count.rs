//! What a draft does to people, counted on the data.

use chrono::{DateTime, Utc};
use weir_policy::Subject;
use weir_policy::persona::Persona;
use weir_registry::{Draft, DraftId, PolicyStep, PolicyStepKind};

use super::{Doer, Governance, GovernanceError, content_of_tree};
use crate::service::impact::{Comparison, Impact, Person};

/// What a draft does to the sample people.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Whom it touches, in which dataset.
    pub impacts: Vec<Impact>,
    /// How many combinations of person and dataset were looked at.
    pub looked_at: usize,
    /// When the newest of the data was committed.
    pub data_time: Option<DateTime<Utc>>,
}

impl Governance {
    /// What a draft does to the sample people in force, counted on the data. That reads the data
    /// under rules nobody approved, so it is on record first (invariant 10).
    ///
    /// # Errors
    /// [`GovernanceError::Content`] when the draft can't be used, [`GovernanceError::Engine`] when
    /// the rows can't be counted, [`GovernanceError::Closed`] when nothing may be read now.
    pub async fn impact(
        &self,
        draft: DraftId,
        asker: &Subject,
        doer: &Doer,
    ) -> Result<Counted, GovernanceError> {
        if self.publisher.published.is_closed() {
            return Err(GovernanceError::Closed);
        }
        let draft = self.get(draft).await?;
        let version = Some(draft.version);
        let tree = self.registry().drafts().tree(draft.id, version).await?;
        let place = self.workshop.place().await;
        let before = self.content_of(draft.base, &place).await?;
        let after = content_of_tree(tree, draft.base + 1, &place).await?;
        self.record_count(&draft, doer).await?;
        let person = |persona: &Persona| Person {
            name: persona.name().to_string(),
            subject: persona.subject().clone(),
        };
        let people = self.publisher.published.current();
        let people: Vec<_> = people.personas().iter().map(person).collect();
        let snapshots = self.publisher.snapshots.current();
        let comparison = Comparison {
            before: &before,
            after: &after,
            snapshots: &snapshots,
            cache: &self.cache,
            asker,
            mask: self.publisher.lake.mask_key(),
            today: self.publisher.clock.today(),
        };
        Ok(Counted {
            impacts: comparison.impact(&people).await?,
            looked_at: people.len() * after.catalog().datasets().count(),
            data_time: snapshots.iter().map(|(_, at)| at.committed_at).max(),
        })
    }

    async fn record_count(&self, draft: &Draft, doer: &Doer) -> Result<(), GovernanceError> {
        let by = doer.actor.digest();
        let step = PolicyStep {
            draft: Some(draft.id.get()),
            version: Some(draft.version),
            base: Some(draft.base),
            ..PolicyStep::new(PolicyStepKind::Count, by, draft.content)
        };
        self.put_on_record(step, doer).await
    }
}
