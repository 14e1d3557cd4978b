//! Computes answers before anybody asks: after a change of the data or of what is in force, the
//! distinct questions of the page views that were seen, those of most views first.
//!
//! Two people who are granted the same ask the same, so a question is computed once and not for
//! each of them. It runs off the interactive lane and on an account of its own, and ends when it is
//! superseded or when answers keep failing. Nobody reads what it computes but by a request that is
//! decided and put on record like every other.

mod coverage;
mod seen;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;
use weir_query::{SnapshotSet, Statement};

pub use self::coverage::Coverage;
use self::coverage::{Progress, Tally};
use self::seen::{Look, Seen};
use super::account::Account;
use super::dashboards::Dashboards;
use super::opened::View;
use super::plan::{Ask, Planner, Questions};
use crate::content::Content;
use crate::overload::Class;
use crate::reader::Reader;

/// How often it is looked whether anything changed.
const LOOK: Duration = Duration::from_secs(1);

/// After so many failures in a row the engine is in trouble, or a budget spent.
const FAILURES: usize = 5;

/// Warms the cache. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Prewarm {
    dashboards: Dashboards,
    seen: Arc<Seen>,
    progress: Arc<Progress>,
    at_once: usize,
}

/// What answers are computed on and under.
#[derive(Debug, Clone)]
pub struct Ground {
    snapshots: Arc<SnapshotSet>,
    content: Arc<Content>,
}

impl Ground {
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.snapshots, &other.snapshots) && Arc::ptr_eq(&self.content, &other.content)
    }
}

/// A question worth warming.
struct Question {
    statement: Arc<Statement>,
    account: Account,
}

impl Prewarm {
    /// Warms with at most `at_once` questions at the same time; none, where it is switched off.
    #[must_use]
    pub fn new(dashboards: Dashboards, at_once: usize) -> Self {
        Self {
            dashboards,
            seen: Arc::default(),
            progress: Arc::default(),
            at_once,
        }
    }

    /// Remembers that somebody looked, and as what kind of person. Not who.
    pub fn saw(&self, view: &View) {
        // An admin in a preview looks at what nobody may see yet.
        if self.at_once > 0 && !matches!(view.reader, Reader::Onlooker(_)) {
            self.seen.count(Look::of(view));
        }
    }

    /// How far the last round came.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.progress.coverage(self.at_once > 0, self.seen.len())
    }

    /// What is current now.
    #[must_use]
    pub fn ground(&self) -> Ground {
        Ground {
            snapshots: self.dashboards.snapshots.current(),
            content: self.dashboards.published.current(),
        }
    }

    /// Warms whenever the ground changed, until `stop`.
    pub async fn follow(&self, stop: CancellationToken) {
        if self.at_once == 0 {
            return;
        }
        let mut done: Option<Ground> = None;
        loop {
            let ground = self.ground();
            let closed = self.dashboards.published.is_closed();
            if !closed && !done.as_ref().is_some_and(|done| done.is(&ground)) {
                done = Some(ground.clone());
                stop.run_until_cancelled(self.round(&ground)).await;
            }
            let pause = stop.run_until_cancelled(tokio::time::sleep(LOOK));
            if pause.await.is_none() {
                return;
            }
        }
    }

    /// Warms once, on this ground, as long as it is the newest.
    pub async fn round(&self, ground: &Ground) {
        let questions = self.questions(ground).await;
        let clock = &self.dashboards.clock;
        let tally = Tally::new(questions.len());
        let revision = ground.content.policies().revision().get();
        self.progress
            .begin(revision, clock.now(), Arc::clone(&tally));
        futures::stream::iter(questions)
            .for_each_concurrent(self.at_once, |question| self.warm(ground, question, &tally))
            .await;
        self.progress.end(clock.now());
        let coverage = self.coverage();
        tracing::info!(
            revision,
            questions = coverage.questions,
            held = coverage.held,
            warmed = coverage.warmed,
            failed = coverage.failed,
            left = coverage.left,
            "answers were computed ahead"
        );
    }

    /// Whether those who wait for an answer leave no time for what nobody asked for.
    async fn is_busy(&self) -> bool {
        let admission = &self.dashboards.admission;
        admission.turn(Class::Background, None).await.is_err()
    }

    async fn warm(&self, ground: &Ground, question: Question, tally: &Tally) {
        let cache = &self.dashboards.cache;
        if cache.holds(&question.statement.fingerprint()) {
            tally.held();
        } else if tally.failures_in_a_row() >= FAILURES
            || !self.ground().is(ground)
            || self.is_busy().await
        {
            tally.left();
        } else {
            match cache.fetch(&question.statement, &question.account).await {
                Ok(_) => tally.warmed(),
                Err(error) => {
                    tracing::debug!(code = error.code(), "an answer could not be computed ahead");
                    tally.failed();
                }
            }
        }
    }

    /// The distinct questions, in the order in which they are worth it.
    async fn questions(&self, ground: &Ground) -> Vec<Question> {
        let (mut known, mut questions) = (BTreeSet::new(), Vec::new());
        for look in self.seen.ranked(&ground.content) {
            for question in self.questions_of(ground, &look) {
                if known.insert(question.statement.fingerprint()) {
                    questions.push(question);
                }
            }
            // A thousand plans take a while; whoever waits before a screen goes first.
            tokio::task::yield_now().await;
        }
        questions
    }

    fn questions_of(&self, ground: &Ground, look: &Look) -> Vec<Question> {
        let Some(dashboard) = ground.content.dashboard(look.dashboard.as_str()) else {
            return Vec::new();
        };
        let today = self.dashboards.clock.today();
        // What a token fixed may be no filter of this revision any more.
        let Ok(bound) = dashboard.bind(&look.locked, &[], today) else {
            return Vec::new();
        };
        let unit = look.business_unit();
        let cache = &self.dashboards.cache;
        let planner = Planner {
            policies: ground.content.policies(),
            subject: &look.subject,
            dialect: cache.dialect(),
            principal: cache.principal(unit),
        };
        let plan = planner.tiles(dashboard, &bound, &ground.snapshots, |_| true);
        let granted = plan.tiles.iter().filter_map(|tile| match &tile.ask {
            Ask::Granted(questions) => Some((tile.index, questions)),
            Ask::Withheld(_) => None,
        });
        let account = Account::prewarm(look.dashboard.clone(), unit.cloned());
        let asked = granted.flat_map(|(index, questions)| {
            let tile = dashboard.tiles().get(index);
            let account = account.of_tile(tile.map_or("", |tile| tile.id.as_str()));
            Questions::iter(questions).map(move |asked| Question {
                statement: Arc::clone(&asked.statement),
                account: account.clone(),
            })
        });
        asked.collect()
    }
}
