//! The steps. Each takes the chain's lock first, so that steps of several processes happen one
//! after the other, reads the draft, decides, and commits the change with its audit record.

use chrono::{DateTime, SubsecRound, Utc};

use super::checks::{
    OPEN, REVIEWED, allow, check_approved, check_base, check_changed, check_current, check_origin,
};
use super::{
    Approval, Draft, DraftError, DraftId, DraftState, Drafts, NewDraft, Save, Step, Verdict, rows,
};
use crate::audit::append;
use crate::audit::event::{AuditEvent, Fact, PolicyStep, PolicyStepKind};
use crate::content::store;
use crate::database::Write;
use crate::revisions::{self, NewRevision, TITLE};
use crate::{Digest, Durability, Origin, PublishedRevision, text};

/// The longest reason in characters.
const REASON: usize = 2_000;
/// The longest findings in characters.
const FINDINGS: usize = 1 << 20;

impl Drafts {
    /// Begins a draft, in state [`DraftState::Editing`], at version 1.
    ///
    /// # Errors
    /// [`DraftError::Unchanged`] for a push or a rollback of what is in force,
    /// [`DraftError::UnknownRevision`] for a base that was never published, and others.
    pub async fn open(&self, new: NewDraft) -> Result<Draft, DraftError> {
        text::line("title", TITLE, &new.title)?;
        let mut tx = self.begin().await?;
        let latest = revisions::latest(&mut tx).await?;
        check_base(new.base, latest.as_ref())?;
        let content = new.tree.hash();
        check_origin(&mut tx, new.origin, content, latest.as_ref()).await?;
        store::keep(&mut tx, &new.tree).await?;
        let id = rows::next_id(&mut tx).await?;
        let step = Step {
            draft: id,
            version: 1,
            by: new.by.clone(),
            at: new.at,
            request: new.request.clone(),
        };
        let draft = Draft::begun(id, content, new);
        rows::insert(&mut tx, &draft).await?;
        record(&mut tx, PolicyStepKind::Open, &step, &draft, None).await?;
        tx.commit().await?;
        Ok(draft)
    }

    /// Saves a new version: back to [`DraftState::Editing`], approvals and schedule dropped.
    ///
    /// # Errors
    /// [`DraftError::Conflict`] with the stored draft when somebody else saved first.
    pub async fn save(&self, save: Save) -> Result<Draft, DraftError> {
        text::line("title", TITLE, &save.title)?;
        let step = &save.step;
        let (mut tx, mut draft) = self.take(step).await?;
        allow(&draft, "saved", OPEN)?;
        check_base(save.base, revisions::latest(&mut tx).await?.as_ref())?;
        let content = store::keep(&mut tx, &save.tree).await?;
        if content != draft.content && matches!(draft.origin, Origin::Rollback { .. }) {
            draft.origin = Origin::Draft;
        }
        draft.version += 1;
        draft.base = save.base;
        draft.title = save.title;
        draft.content = content;
        draft.updated_at = step.at.trunc_subsecs(3);
        if !draft.was_edited_by(&step.by) {
            draft.editors.push(step.by.clone());
        }
        reopen(&mut tx, &mut draft).await?;
        rows::insert_version(&mut tx, &draft, &step.by).await?;
        finish(tx, PolicyStepKind::Save, step, draft).await
    }

    /// Hands a draft in for review, with what the checks said about it.
    ///
    /// # Errors
    /// [`DraftError::Outdated`] when another revision came into force since,
    /// [`DraftError::Unchanged`] when the draft says what is in force.
    pub async fn submit(&self, step: Step, verdict: Verdict) -> Result<Draft, DraftError> {
        text::lines("list of findings", FINDINGS, &verdict.findings)?;
        let (mut tx, mut draft) = self.take(&step).await?;
        allow(&draft, "submitted", &[DraftState::Editing])?;
        let latest = revisions::latest(&mut tx).await?;
        check_current(&draft, latest.as_ref())?;
        check_changed(draft.content, latest.as_ref())?;
        draft.state = DraftState::InReview;
        draft.verdict = Some(verdict);
        draft.reason = None;
        finish(tx, PolicyStepKind::Submit, &step, draft).await
    }

    /// Approves a version. Approving it again changes nothing and records nothing.
    ///
    /// # Errors
    /// [`DraftError::OwnWork`] for everybody who saved any version of it.
    pub async fn approve(&self, step: Step) -> Result<Draft, DraftError> {
        let (mut tx, mut draft) = self.take(&step).await?;
        allow(&draft, "approved", &[DraftState::InReview])?;
        if draft.was_edited_by(&step.by) {
            return Err(DraftError::OwnWork(draft.id));
        }
        if draft.was_approved_by(&step.by) {
            return Ok(draft);
        }
        let approval = Approval {
            by: step.by.clone(),
            at: step.at.trunc_subsecs(3),
        };
        rows::insert_approval(&mut tx, &draft, &approval).await?;
        draft.approvals.push(approval);
        finish(tx, PolicyStepKind::Approve, &step, draft).await
    }

    /// Sends a draft back to its editors, with a reason. Its approvals are dropped.
    ///
    /// # Errors
    /// [`DraftError::WrongState`] unless it is in review or scheduled.
    pub async fn send_back(&self, step: Step, reason: String) -> Result<Draft, DraftError> {
        text::lines("reason", REASON, &reason)?;
        let (mut tx, mut draft) = self.take(&step).await?;
        allow(&draft, "sent back", REVIEWED)?;
        reopen(&mut tx, &mut draft).await?;
        draft.reason = Some(reason);
        finish(tx, PolicyStepKind::SendBack, &step, draft).await
    }

    /// Gives a draft up. It stays where it is, for the record.
    ///
    /// # Errors
    /// [`DraftError::WrongState`] when it is published or withdrawn already.
    pub async fn withdraw(&self, step: Step) -> Result<Draft, DraftError> {
        let (tx, mut draft) = self.take(&step).await?;
        allow(&draft, "withdrawn", OPEN)?;
        draft.state = DraftState::Withdrawn;
        draft.effective_from = None;
        finish(tx, PolicyStepKind::Withdraw, &step, draft).await
    }

    /// Sets the time from which an approved draft is to be in force. Somebody has to publish what
    /// is [due](Drafts::due) then.
    ///
    /// # Errors
    /// [`DraftError::NeedsApproval`], [`DraftError::Outdated`].
    pub async fn schedule(
        &self,
        step: Step,
        effective_from: DateTime<Utc>,
    ) -> Result<Draft, DraftError> {
        let (mut tx, mut draft) = self.take(&step).await?;
        allow(&draft, "scheduled", &[DraftState::InReview])?;
        check_approved(&draft)?;
        check_current(&draft, revisions::latest(&mut tx).await?.as_ref())?;
        draft.state = DraftState::Scheduled;
        draft.effective_from = Some(effective_from.trunc_subsecs(3));
        finish(tx, PolicyStepKind::Schedule, &step, draft).await
    }

    /// Takes the time back. The approvals stay.
    ///
    /// # Errors
    /// [`DraftError::WrongState`] unless it is scheduled.
    pub async fn unschedule(&self, step: Step) -> Result<Draft, DraftError> {
        let (tx, mut draft) = self.take(&step).await?;
        allow(&draft, "taken off the schedule", &[DraftState::Scheduled])?;
        draft.state = DraftState::InReview;
        draft.effective_from = None;
        finish(tx, PolicyStepKind::Unschedule, &step, draft).await
    }

    /// Puts an approved draft into force: the revision, the draft's end, the audit record and the
    /// call to all other processes are one transaction.
    ///
    /// # Errors
    /// [`DraftError::NeedsApproval`]; [`DraftError::Outdated`] when another revision came into
    /// force since; [`DraftError::NotYet`] before a scheduled draft's time.
    pub async fn publish(&self, step: Step) -> Result<PublishedRevision, DraftError> {
        let (mut tx, mut draft) = self.take(&step).await?;
        allow(&draft, "published", REVIEWED)?;
        if let Some(effective_from) = draft.effective_from
            && step.at < effective_from
        {
            return Err(DraftError::NotYet { effective_from });
        }
        check_approved(&draft)?;
        let latest = revisions::latest(&mut tx).await?;
        check_current(&draft, latest.as_ref())?;
        // What was approved is what is published, or nothing is.
        let whole = store::load(&mut tx, draft.content).await;
        whole.map_err(|fault| DraftError::from_tree(draft.id, fault))?;
        let new = NewRevision::of(&draft, &step);
        let revision = revisions::publish(&mut tx, latest.as_ref(), new).await?;
        draft.state = DraftState::Published;
        draft.updated_at = step.at.trunc_subsecs(3);
        rows::update(&mut tx, &draft).await?;
        let number = Some(revision.number);
        record(&mut tx, PolicyStepKind::Publish, &step, &draft, number).await?;
        tx.commit().await?;
        self.follower.nudge();
        Ok(revision)
    }

    /// A transaction that is alone among those that append to the audit.
    async fn begin(&self) -> Result<Write, DraftError> {
        let mut tx = self.database.write(Durability::Disk).await?;
        append::lock(&mut tx).await?;
        Ok(tx)
    }

    /// The draft a step is about, if it is still at the version the step names.
    async fn take(&self, step: &Step) -> Result<(Write, Draft), DraftError> {
        let mut tx = self.begin().await?;
        let draft = rows::get(&mut tx, step.draft).await?;
        let draft = draft.ok_or(DraftError::Unknown(step.draft))?;
        if draft.version == step.version {
            Ok((tx, draft))
        } else {
            Err(DraftError::Conflict(Box::new(draft)))
        }
    }
}

/// Back to its editors: what others said about it is void.
async fn reopen(tx: &mut Write, draft: &mut Draft) -> Result<(), DraftError> {
    rows::drop_approvals(tx, draft.id).await?;
    draft.approvals.clear();
    draft.verdict = None;
    draft.effective_from = None;
    draft.state = DraftState::Editing;
    Ok(())
}

async fn finish(
    mut tx: Write,
    kind: PolicyStepKind,
    step: &Step,
    mut draft: Draft,
) -> Result<Draft, DraftError> {
    draft.updated_at = step.at.trunc_subsecs(3);
    rows::update(&mut tx, &draft).await?;
    record(&mut tx, kind, step, &draft, None).await?;
    tx.commit().await?;
    Ok(draft)
}

/// The step's record, in the step's own transaction: no audit, no step.
async fn record(
    tx: &mut Write,
    kind: PolicyStepKind,
    step: &Step,
    draft: &Draft,
    revision: Option<u64>,
) -> Result<(), DraftError> {
    let fact = PolicyStep {
        draft: Some(draft.id.get()),
        version: Some(draft.version),
        base: Some(draft.base),
        revision,
        widening: draft.verdict.as_ref().map(|verdict| verdict.widening),
        approvals: u64::try_from(draft.approvals.len()).unwrap_or(u64::MAX),
        effective_from_ms: draft.effective_from.map(|at| at.timestamp_millis()),
        ..PolicyStep::new(kind, step.by.digest(), draft.content)
    };
    let event = AuditEvent::new(step.at, step.request.clone(), Fact::PolicyStep(fact));
    append::append(tx, &[event]).await?;
    Ok(())
}

impl Draft {
    fn begun(id: DraftId, content: Digest, new: NewDraft) -> Self {
        let at = new.at.trunc_subsecs(3);
        Self {
            id,
            version: 1,
            state: DraftState::Editing,
            title: new.title,
            base: new.base,
            origin: new.origin,
            content,
            author: new.by.clone(),
            editors: vec![new.by],
            approvals: Vec::new(),
            verdict: None,
            effective_from: None,
            created_at: at,
            updated_at: at,
            reason: None,
        }
    }
}

impl NewRevision {
    fn of(draft: &Draft, step: &Step) -> Self {
        let approvers = draft.approvals.iter().map(|approval| approval.by.clone());
        Self {
            content: draft.content,
            at: step.at,
            author: draft.author.clone(),
            approvers: approvers.collect(),
            publisher: step.by.clone(),
            title: draft.title.clone(),
            origin: draft.origin,
            draft: Some(draft.id),
            widening: draft
                .verdict
                .as_ref()
                .is_some_and(|verdict| verdict.widening),
        }
    }
}
