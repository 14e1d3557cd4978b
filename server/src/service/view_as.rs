//! Looking at a dashboard through somebody else's eyes: those of a sample person or of a set of
//! claims, under a revision or under a draft that nobody approved yet, or under two to compare.
//!
//! The admin needs no right to the data; that is the point, and why it is on record before it
//! begins, in every read, and under the admin's own name. A preview belongs to the session that
//! opened it and lasts [`LIFETIME`]. It mints nothing and changes nobody's session.

mod eyes;
mod preview;
mod rows;
mod stage;

use std::sync::Arc;

use chrono::TimeDelta;
use weir_engine::{EngineError, LakeError};
use weir_query::BindError;
use weir_registry::{
    Digest, DraftId, Fact, FoundPreview, Label, LabelError, RequestId, Rules, StoreError,
    ViewAs as Look, ViewAsStep,
};

pub use self::eyes::{Claims, Eyes, Seen};
pub use self::preview::{Kept, Preview, PreviewId, Side, Under, Wish};
pub use self::rows::{Compared, Rows, TileRows};
pub use self::stage::{Stage, Stages};
use super::costs::FetchError;
use super::dashboards::Dashboards;
use super::governance::{Governance, GovernanceError};
use super::recorder::NotRecorded;
use crate::content::Content;
use crate::reader::Member;

/// How long a preview lasts.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// Looking through somebody else's eyes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ViewAs {
    governance: Governance,
    dashboards: Dashboards,
    stages: Stages,
}

/// Why somebody can't look.
#[derive(Debug, thiserror::Error)]
pub enum ViewAsError {
    /// No such preview, or it is not this session's.
    #[error("there is no such preview")]
    Unknown,
    /// Its time is over.
    #[error("the preview is over")]
    Over(Box<Kept>),
    /// A part of the wish means nothing.
    #[error("{0}: {1}")]
    Wish(&'static str, String),
    /// A draft or revision can't be used.
    #[error(transparent)]
    Rules(#[from] GovernanceError),
    /// The datasets of these rules don't fit the lake.
    #[error("the lake can't be used with these datasets")]
    Lake(#[from] Arc<LakeError>),
    /// The data can't be read.
    #[error("the data can't be read")]
    Engine(#[from] Arc<EngineError>),
    /// Rows can't be counted now.
    #[error("the rows could not be counted")]
    Fetch(#[from] FetchError),
    /// A parameter does not fit the dashboard.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// It could not be put on record, so nothing is shown.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
    /// The registry does not keep or find it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is kept can't be read or written.
    #[error("the preview can't be read or written")]
    Unreadable(#[from] serde_json::Error),
    /// The operating system gives no random bytes.
    #[error("there is no randomness")]
    NoRandomness,
}

impl From<LabelError> for ViewAsError {
    fn from(error: LabelError) -> Self {
        Self::NotRecorded(error.into())
    }
}

impl ViewAs {
    /// The use case over what readers and admins use.
    #[must_use]
    pub fn new(governance: Governance, dashboards: Dashboards) -> Self {
        Self {
            governance,
            dashboards,
            stages: Stages::default(),
        }
    }

    /// Begins a preview: checked, recorded, kept; in this order.
    ///
    /// # Errors
    /// [`ViewAsError`] says what is wrong; then nothing can be looked at.
    pub async fn begin(
        &self,
        wish: Wish,
        admin: &Member,
        request: &RequestId,
    ) -> Result<Preview, ViewAsError> {
        if self.dashboards.published.is_closed() {
            return Err(GovernanceError::Closed.into());
        }
        let (first, second) = self.sides(&wish).await?;
        let stage = self.stage(first).await?;
        let published = self.dashboards.published.current();
        let kept = Kept {
            seen: wish.eyes.open(&published, &stage.content)?,
            dashboard: wish.dashboard,
            first,
            second,
            started_at: self.dashboards.clock.now(),
        };
        let preview = Preview {
            id: PreviewId::fresh()?,
            until: kept.started_at + LIFETIME,
            kept,
        };
        self.record(ViewAsStep::Begin, &preview, admin, request)
            .await?;
        let payload = serde_json::to_string(&preview.kept)?;
        let (id, session) = (preview.id.hash(), &admin.session);
        let previews = self.governance.publisher.registry.previews();
        previews.put(&id, session, &payload, preview.until).await?;
        Ok(preview)
    }

    /// The rules of both sides, which have the dashboard.
    async fn sides(&self, wish: &Wish) -> Result<(Rules, Option<Rules>), ViewAsError> {
        let first = self.rules(wish.under).await?;
        let stage = self.stage(first).await?;
        demand_dashboard(&stage.content, &wish.dashboard, "/dashboard")?;
        let Some(compare) = wish.compare else {
            return Ok((first, None));
        };
        let second = self.rules(compare).await?;
        let beside = self.stage(second).await?;
        demand_dashboard(&beside.content, &wish.dashboard, "/compare")?;
        Ok((first, Some(second)))
    }

    /// A preview that this admin opened in this session.
    ///
    /// # Errors
    /// [`ViewAsError::Unknown`], also for somebody else's; [`ViewAsError::Over`].
    pub async fn find(&self, id: &str, admin: &Member) -> Result<Preview, ViewAsError> {
        let id = PreviewId::parse(id).ok_or(ViewAsError::Unknown)?;
        let previews = self.governance.publisher.registry.previews();
        let now = self.dashboards.clock.now();
        match previews.find(&id.hash(), &admin.session, now).await? {
            FoundPreview::Unknown => Err(ViewAsError::Unknown),
            FoundPreview::Over { payload } => {
                Err(ViewAsError::Over(Box::new(serde_json::from_str(&payload)?)))
            }
            FoundPreview::Open { payload, until } => Ok(Preview {
                id,
                kept: serde_json::from_str(&payload)?,
                until,
            }),
        }
    }

    /// Ends a preview before its time.
    ///
    /// # Errors
    /// As [`ViewAs::find`]; and when it can't be recorded.
    pub async fn end(
        &self,
        id: &str,
        admin: &Member,
        request: &RequestId,
    ) -> Result<Preview, ViewAsError> {
        let preview = self.find(id, admin).await?;
        let previews = self.governance.publisher.registry.previews();
        let now = self.dashboards.clock.now();
        self.record(ViewAsStep::End, &preview, admin, request)
            .await?;
        previews
            .end(&preview.id.hash(), &admin.session, now)
            .await?;
        Ok(preview)
    }

    /// The content and the means of one side of a preview.
    ///
    /// # Errors
    /// [`ViewAsError::Unknown`] for a second side where there is one; and what can't be read.
    pub async fn side(&self, preview: &Preview, side: Side) -> Result<Arc<Stage>, ViewAsError> {
        let rules = preview.rules(side).ok_or(ViewAsError::Unknown)?;
        self.stage(rules).await
    }

    /// The revision or the saved draft that `under` means now. Nobody looks under files that would
    /// not pass as a revision.
    async fn rules(&self, under: Under) -> Result<Rules, ViewAsError> {
        let revision = |revision| Rules {
            revision,
            draft: None,
            version: None,
        };
        match under {
            Under::Published => {
                let published = self.dashboards.published.current();
                Ok(revision(published.policies().revision().get()))
            }
            Under::Revision(number) => Ok(revision(number)),
            Under::Draft(number) => {
                let draft = self.governance.get(DraftId::new(number)).await?;
                let version = Some(draft.version);
                let checked = self.governance.check(draft.id, version).await?;
                if !checked.findings.is_empty() {
                    return Err(GovernanceError::Findings(Box::new(checked)).into());
                }
                Ok(Rules {
                    revision: draft.base,
                    draft: Some(number),
                    version,
                })
            }
        }
    }

    async fn stage(&self, rules: Rules) -> Result<Arc<Stage>, ViewAsError> {
        self.stages
            .get(rules, &self.governance, &self.dashboards)
            .await
    }

    async fn record(
        &self,
        step: ViewAsStep,
        preview: &Preview,
        admin: &Member,
        request: &RequestId,
    ) -> Result<(), ViewAsError> {
        let Kept { seen, .. } = &preview.kept;
        let (subject, claims) = (seen.subject(), &seen.claims);
        let persona = seen.persona.as_ref().map(|p| Label::parse(p.as_str()));
        let fact = Fact::ViewAs(Look {
            step,
            by: Digest::from(admin.person.subject.identity_digest()),
            preview: preview.id.hash(),
            dashboard: Label::parse(preview.kept.dashboard.as_str())?,
            eyes: Digest::from(subject.digest()),
            persona: persona.transpose()?,
            business_units: claims.business_units.iter().cloned().collect(),
            roles: claims.roles.iter().cloned().collect(),
            under: [Some(preview.kept.first), preview.kept.second]
                .into_iter()
                .flatten()
                .collect(),
            expires_in_seconds: LIFETIME.num_seconds().unsigned_abs(),
        });
        let recorder = &self.dashboards.recorder;
        Ok(recorder.facts(request, vec![fact]).await?)
    }
}

fn demand_dashboard(
    content: &Content,
    slug: &str,
    pointer: &'static str,
) -> Result<(), ViewAsError> {
    if content.dashboard(slug).is_some() {
        return Ok(());
    }
    let why = "there is no dashboard with that name under these rules";
    Err(ViewAsError::Wish(pointer, why.to_owned()))
}
