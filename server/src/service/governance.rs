//! The life of a change, as an admin drives it. The registry keeps it and enforces who may do what
//! when; here is what a draft means: whether it can be used at all, what differs from what is in
//! force, and whether anybody would see more.

mod access;
mod chain;
mod check;
mod count;
mod difference;
mod dossier;
mod explain;
mod explained;
mod history;
mod push;
mod question;
mod read;
mod tables;
mod vocabulary;
mod who;
mod workshop;

use chrono::{DateTime, Utc};
use weir_registry::{
    Actor, AuditError, AuditEvent, ContentTree, Draft, DraftError, DraftId, Fact, NewDraft, Origin,
    PolicyStep, Registry, RequestId, RevisionError, Save, Step, TreeError, Verdict,
};

pub use self::access::{Access, CellAccess, ContentOf, RowsSeen};
pub use self::chain::{ChainWatch, Walked};
pub use self::check::Checked;
pub use self::count::Counted;
pub(crate) use self::difference::widens;
pub use self::difference::{Difference, Reason, RuleInWords};
pub use self::dossier::{BroughtUp, Dossier};
pub use self::explain::RowWish;
pub use self::explained::Explained;
pub use self::push::Pushed;
pub use self::question::{Question, WrongParameter};
pub use self::read::{
    RevisionPage, approvals, has_approved, is_approved, is_editor, is_waiting_for,
};
pub use self::tables::{decision_tables, policy_file};
pub use self::vocabulary::{CatalogWords, Sentence};
use self::workshop::Place;
pub use self::workshop::Workshop;
use super::costs::FetchError;
use super::publisher::{self, Publisher};
use super::query_cache::QueryCache;
use super::row_question::RowError;
use crate::content::{Content, ContentError};

/// The use cases of governance admins. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Governance {
    /// Knows the registry, what is in force and the lake.
    pub publisher: Publisher,
    /// Counts what a change does.
    pub cache: QueryCache,
    /// Remembers whether the audit log is whole.
    pub chain: ChainWatch,
    /// Where documents are read and compared.
    pub workshop: Workshop,
}

/// Who does something, in which request.
#[derive(Debug, Clone)]
pub struct Doer {
    /// The admin.
    pub actor: Actor,
    /// The request.
    pub request: RequestId,
}

/// What somebody wants a draft to be.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What it is about, in a line.
    pub title: String,
    /// The revision that the files were made from.
    pub base: u64,
    /// All files.
    pub tree: ContentTree,
}

/// A step of a draft's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Checks it and hands it in for review.
    Submit,
    /// Approves it.
    Approve,
    /// Sends it back with a reason.
    SendBack(String),
    /// Gives it up.
    Withdraw,
    /// Sets a time for it.
    Schedule(DateTime<Utc>),
    /// Takes that time back.
    Unschedule,
    /// Puts it in force.
    Publish,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum GovernanceError {
    /// The registry refuses the step.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// A revision can't be read.
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// The draft's files can't be used; the checks say where.
    #[error("the draft has findings")]
    Findings(Box<Checked>),
    /// The draft's files can't be read as content.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The impact can't be counted now.
    #[error("the impact could not be counted")]
    Engine(#[from] FetchError),
    /// A row can't be explained.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The newest revision can't be put in force, so nothing may be read.
    #[error("the newest revision can't be put in force")]
    Closed,
    /// Files that can't be kept together.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// It could not be put on record.
    #[error("it could not be put on record")]
    Audit(#[from] AuditError),
    /// The work on it was cut off.
    #[error("the work on it was cut off")]
    CutOff(#[from] tokio::task::JoinError),
    /// The checks' outcome can't be written down.
    #[error("the findings could not be written down")]
    Unwritable(#[from] serde_json::Error),
}

impl Governance {
    fn registry(&self) -> &Registry {
        &self.publisher.registry
    }

    fn now(&self) -> DateTime<Utc> {
        self.publisher.clock.now()
    }

    /// The number of the newest revision; 0 before the first.
    ///
    /// # Errors
    /// [`GovernanceError::Revision`] when the registry can't say.
    pub async fn latest(&self) -> Result<u64, GovernanceError> {
        let newest = self.newest().await?;
        Ok(newest.map_or(0, |newest| newest.number))
    }

    /// Opens a draft over the revision that its files were made from, which must be the newest:
    /// files made from an older one would undo what came between.
    ///
    /// # Errors
    /// [`GovernanceError::Draft`], for a change that changes nothing too.
    pub async fn open(
        &self,
        wish: Wish,
        origin: Origin,
        doer: Doer,
    ) -> Result<Draft, GovernanceError> {
        let Wish { title, base, tree } = wish;
        self.demand_newest(base).await?;
        let draft = NewDraft {
            title,
            base,
            tree,
            origin,
            by: doer.actor,
            at: self.now(),
            request: doer.request,
        };
        Ok(self.registry().drafts().open(draft).await?)
    }

    /// Opens a draft with the content of an older revision.
    ///
    /// # Errors
    /// [`GovernanceError`], for a revision that never was too.
    pub async fn roll_back(&self, to: u64, doer: Doer) -> Result<Draft, GovernanceError> {
        let tree = self.registry().revisions().tree(to).await?;
        let wish = Wish {
            title: format!("Roll back to revision {to}"),
            base: self.latest().await?,
            tree,
        };
        self.open(wish, Origin::Rollback { of: to }, doer).await
    }

    /// Saves a new version, over the revision that its files were made from.
    ///
    /// # Errors
    /// [`DraftError::Conflict`] with the stored draft when somebody was faster.
    pub async fn save(
        &self,
        draft: DraftId,
        version: u64,
        wish: Wish,
        doer: Doer,
    ) -> Result<Draft, GovernanceError> {
        let Wish { title, base, tree } = wish;
        self.demand_newest(base).await?;
        let save = Save {
            step: self.step(draft, version, doer),
            base,
            title,
            tree,
        };
        Ok(self.registry().drafts().save(save).await?)
    }

    async fn demand_newest(&self, base: u64) -> Result<(), GovernanceError> {
        match self.latest().await? {
            latest if latest == base => Ok(()),
            latest => Err(DraftError::Outdated { base, latest })?,
        }
    }

    /// Takes one step.
    ///
    /// # Errors
    /// [`GovernanceError`] says why not; then nothing happened.
    pub async fn take(
        &self,
        draft: DraftId,
        version: u64,
        wanted: Move,
        doer: Doer,
    ) -> Result<Draft, GovernanceError> {
        let drafts = self.registry().drafts();
        let step = |doer| self.step(draft, version, doer);
        match wanted {
            Move::Submit => {
                let verdict = self.verdict(draft, version).await?;
                drafts.submit(step(doer), verdict).await.map(drop)
            }
            Move::Approve => drafts.approve(step(doer)).await.map(drop),
            Move::SendBack(reason) => drafts.send_back(step(doer), reason).await.map(drop),
            Move::Withdraw => drafts.withdraw(step(doer)).await.map(drop),
            Move::Schedule(at) => drafts.schedule(step(doer), at).await.map(drop),
            Move::Unschedule => drafts.unschedule(step(doer)).await.map(drop),
            Move::Publish => drafts.publish(step(doer)).await.map(drop),
        }?;
        self.get(draft).await
    }

    /// Publishes every scheduled draft whose time has come. What can't be published any more is
    /// sent back with the reason, so that somebody is told and nobody tries for ever.
    ///
    /// # Errors
    /// [`DraftError`] when the registry can't say which are due.
    pub async fn publish_due(&self, doer: &Doer) -> Result<(), DraftError> {
        let drafts = self.registry().drafts();
        for due in drafts.due(self.now()).await? {
            let step = self.step(due.id, due.version, doer.clone());
            let Err(refused) = drafts.publish(step).await else {
                continue;
            };
            let error = &refused as &dyn std::error::Error;
            tracing::error!(
                draft = due.id.get(),
                error,
                "a scheduled draft is not published"
            );
            if matches!(refused, DraftError::Outdated { .. }) {
                let step = self.step(due.id, due.version, doer.clone());
                drafts.send_back(step, refused.to_string()).await?;
            }
        }
        Ok(())
    }

    /// Findings stop a draft; what widens needs two approvals.
    async fn verdict(&self, draft: DraftId, version: u64) -> Result<Verdict, GovernanceError> {
        let checked = self.check(draft, Some(version)).await?;
        if !checked.findings.is_empty() {
            return Err(GovernanceError::Findings(Box::new(checked)));
        }
        Ok(Verdict {
            widening: checked.widening,
            approvals_needed: if checked.widening { 2 } else { 1 },
            findings: serde_json::to_string(&checked)?,
        })
    }

    async fn put_on_record(&self, step: PolicyStep, doer: &Doer) -> Result<(), GovernanceError> {
        let event = AuditEvent::new(self.now(), doer.request.clone(), Fact::PolicyStep(step));
        self.registry().audit().record(vec![event]).await?;
        Ok(())
    }

    fn step(&self, draft: DraftId, version: u64, doer: Doer) -> Step {
        Step {
            draft,
            version,
            by: doer.actor,
            at: self.now(),
            request: doer.request,
        }
    }
}

async fn content_of_tree(
    tree: ContentTree,
    revision: u64,
    place: &Place,
) -> Result<Content, GovernanceError> {
    Ok(place
        .work(move || publisher::content(&tree, revision))
        .await??)
}
