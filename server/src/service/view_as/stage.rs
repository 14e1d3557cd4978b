//! What a preview is shown with: the content of its rules, held still, and everything that readers
//! are shown with.
//!
//! Where the datasets are those in force, engine and cache are the readers' own: an answer is found
//! by its fingerprint, which covers all that rules can change (invariant 5). Rules with other
//! datasets get an engine and a cache of their own, so that nothing is read through a table that
//! they do not mean. Nothing of a preview is kept for the next one: few look, and each says whose eyes.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use weir_registry::Rules;

use super::ViewAsError;
use crate::content::Content;
use crate::service::dashboards::Dashboards;
use crate::service::governance::Governance;
use crate::service::kinds::Kinds;
use crate::service::snapshots::Snapshots;

/// More rules than a few admins look under at the same time.
const MOST: u64 = 16;

/// As long as a preview at most.
const KEPT: Duration = Duration::from_mins(15);

/// Content and means for one revision or saved draft.
#[derive(Debug)]
pub struct Stage {
    /// The content.
    pub content: Arc<Content>,
    /// The use cases, deciding by that content and closed whenever those in force are.
    pub dashboards: Dashboards,
}

/// Stages that were set up. What they are made from never changes.
#[derive(Debug, Clone)]
pub struct Stages(Cache<Key, Arc<Stage>>);

/// Draft and version, revision, and the revision in force, whose engine is shared.
type Key = (Option<u64>, Option<u64>, u64, u64);

impl Default for Stages {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(MOST).time_to_live(KEPT);
        Self(cache.build())
    }
}

impl Stages {
    /// The stage for `rules`, set up if it is not there.
    pub(super) async fn get(
        &self,
        rules: Rules,
        governance: &Governance,
        dashboards: &Dashboards,
    ) -> Result<Arc<Stage>, ViewAsError> {
        let in_force = dashboards.published.current().policies().revision().get();
        let key = (rules.draft, rules.version, rules.revision, in_force);
        if let Some(stage) = self.0.get(&key).await {
            return Ok(stage);
        }
        let stage = Arc::new(set_up(rules, governance, dashboards).await?);
        self.0.insert(key, Arc::clone(&stage)).await;
        Ok(stage)
    }
}

async fn set_up(
    rules: Rules,
    governance: &Governance,
    ours: &Dashboards,
) -> Result<Stage, ViewAsError> {
    let content = governance.content_under(rules).await?;
    let published = ours.published.held(Arc::clone(&content));
    if content.has_datasets_of(&ours.published.current()) {
        let dashboards = Dashboards {
            published,
            kinds: Kinds::none(),
            ..ours.clone()
        };
        return Ok(Stage {
            content,
            dashboards,
        });
    }
    let engine = governance.publisher.lake.engine(content.catalog()).await;
    let engine = engine.map_err(Arc::new)?;
    let snapshots = Snapshots::read(engine.as_ref()).await.map_err(Arc::new)?;
    let dashboards = Dashboards {
        published,
        snapshots,
        cache: ours.cache.before(engine),
        kinds: Kinds::none(),
        ..ours.clone()
    };
    Ok(Stage {
        content,
        dashboards,
    })
}
