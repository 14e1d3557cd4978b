//! What there is: drafts, revisions, records. The governance API and the portal ask here.

use weir_registry::{
    Actor, AuditPage, AuditQuery, ContentTree, Draft, DraftError, DraftId, DraftState,
    PublishedRevision, RevisionError, Verdict,
};

use super::{Governance, GovernanceError};

/// More drafts than anybody works on.
const MOST_DRAFTS: u32 = 200;

/// The longest page of revisions.
const MOST_REVISIONS: u32 = 200;

/// The longest page of records.
const MOST_RECORDS: u32 = 500;

/// The drafts that are shown: all but those that were given up.
const SHOWN: [DraftState; 4] = [
    DraftState::Editing,
    DraftState::InReview,
    DraftState::Scheduled,
    DraftState::Published,
];

/// Some revisions, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionPage {
    /// The revisions.
    pub revisions: Vec<PublishedRevision>,
    /// The `before` of the next page; `None` when this is the last one.
    pub next: Option<u64>,
}

impl Governance {
    /// Every draft that is not given up, the last touched first.
    ///
    /// # Errors
    /// When the registry can't say.
    pub async fn drafts(&self) -> Result<Vec<Draft>, GovernanceError> {
        Ok(self.registry().drafts().list(&SHOWN, MOST_DRAFTS).await?)
    }

    /// A draft.
    ///
    /// # Errors
    /// [`DraftError::Unknown`] when there is none of this number.
    pub async fn get(&self, draft: DraftId) -> Result<Draft, GovernanceError> {
        let found = self.registry().drafts().get(draft).await?;
        Ok(found.ok_or(DraftError::Unknown(draft))?)
    }

    /// The files of a draft as they are now.
    ///
    /// # Errors
    /// No such draft, or one that is damaged.
    pub async fn draft_files(&self, draft: DraftId) -> Result<ContentTree, GovernanceError> {
        Ok(self.registry().drafts().tree(draft, None).await?)
    }

    /// The newest revision; `None` before the first.
    ///
    /// # Errors
    /// When the registry can't say.
    pub async fn newest(&self) -> Result<Option<PublishedRevision>, GovernanceError> {
        Ok(self.registry().revisions().latest().await?)
    }

    /// Revisions below `before`, newest first.
    ///
    /// # Errors
    /// A revision that is not as it was published.
    pub async fn revisions(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<RevisionPage, GovernanceError> {
        let limit = limit.min(MOST_REVISIONS);
        let revisions = self.registry().revisions().list(before, limit).await?;
        let full = u32::try_from(revisions.len()).is_ok_and(|length| length == limit);
        let last = revisions.last().filter(|last| full && last.number > 1);
        Ok(RevisionPage {
            next: last.map(|last| last.number),
            revisions,
        })
    }

    /// A revision.
    ///
    /// # Errors
    /// [`RevisionError::Unknown`] when there is none of this number.
    pub async fn revision(&self, number: u64) -> Result<PublishedRevision, GovernanceError> {
        let found = self.registry().revisions().get(number).await?;
        Ok(found.ok_or(RevisionError::Unknown(number))?)
    }

    /// The files of a revision.
    ///
    /// # Errors
    /// No such revision, or one that is not as it was published.
    pub async fn files(&self, revision: u64) -> Result<ContentTree, GovernanceError> {
        Ok(self.registry().revisions().tree(revision).await?)
    }

    /// One page of the records that `query` asks for.
    ///
    /// # Errors
    /// [`GovernanceError::Audit`] when the log can't be read.
    pub async fn records(&self, mut query: AuditQuery) -> Result<AuditPage, GovernanceError> {
        query.limit = query.limit.min(MOST_RECORDS);
        Ok(self.registry().audit().search(&query).await?)
    }
}

/// Whether an admin may approve a draft now, and nobody else's approval makes that needless.
#[must_use]
pub fn is_waiting_for(draft: &Draft, admin: &Actor) -> bool {
    draft.state == DraftState::InReview
        && !is_approved(draft)
        && !is_editor(draft, admin)
        && !has_approved(draft, admin)
}

/// Whether a draft has the approvals it needs.
#[must_use]
pub fn is_approved(draft: &Draft) -> bool {
    let (have, need) = approvals(draft);
    draft.verdict.is_some() && have >= need
}

/// How many approvals a draft has, and how many it needs.
#[must_use]
pub fn approvals(draft: &Draft) -> (usize, usize) {
    let need = draft.verdict.as_ref().map(Verdict::approvals_required);
    (draft.approvals.len(), need.map_or(0, usize::from))
}

/// Whether somebody saved a version of a draft: then they may not approve it.
#[must_use]
pub fn is_editor(draft: &Draft, admin: &Actor) -> bool {
    draft.editors.iter().any(|editor| editor.is(admin))
}

/// Whether somebody approved this version of a draft.
#[must_use]
pub fn has_approved(draft: &Draft, admin: &Actor) -> bool {
    draft.approvals.iter().any(|given| given.by.is(admin))
}
