//! Opening a dashboard: plan, fetch, record, and hand over what is ready by the deadline; the rest
//! follows as it arrives. The story of the hot path, top to bottom.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::task::JoinHandle;
use weir_query::dashboard::Tile;

use super::account::Account;
use super::gate::Gate;
use super::opened::{Answers, Opened, TileAnswer, TileState, View};
use super::plan::{Ask, Plan, Planned, Planner, Questions, TilePlan};
use super::published::Published;
use super::query_cache::QueryCache;
use super::recorder::{About, NotRecorded, Outcome, Recorder, Shown};
use super::snapshots::Snapshots;
use crate::clock::Clock;

/// The use cases around dashboards. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Dashboards {
    /// Catalog, policies and dashboards in force.
    pub published: Published,
    /// The tables' snapshots.
    pub snapshots: Snapshots,
    /// Answers, and the engine behind them.
    pub cache: QueryCache,
    /// The audit.
    pub recorder: Recorder,
    /// What was revoked or locked.
    pub gate: Gate,
    /// The time.
    pub clock: Clock,
    /// How long things may take.
    pub patience: Patience,
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long the first bytes wait for tiles.
    pub first_paint: Duration,
    /// How long a superseded snapshot may still be shown.
    pub stale_for: Duration,
}

impl Dashboards {
    /// Opens a dashboard. What is ready within the first-paint wait is in the answer, recorded.
    ///
    /// # Errors
    /// [`NotRecorded`]: then nothing may be shown.
    pub async fn open(&self, view: &View) -> Result<Opened, NotRecorded> {
        let (plan, stale_since) = self.plan(view, |_| true);
        let mut opened = Opened {
            stale_since,
            ready: Vec::new(),
            pending: FuturesUnordered::new(),
            plan,
        };
        for tile in &opened.plan.tiles {
            match self.start(view, tile).await {
                Started::Done(answer) => opened.ready.push(*answer),
                Started::Running(handle) => opened.pending.push(handle),
            }
        }
        let deadline = tokio::time::Instant::now() + self.patience.first_paint;
        // Without a wait nothing is even looked at: whether a tile comes late must not hang on how
        // fast the machine is.
        while tokio::time::Instant::now() < deadline
            && let Ok(Some(answer)) = tokio::time::timeout_at(deadline, opened.pending.next()).await
        {
            opened.ready.extend(answer.ok());
        }
        let ready = std::mem::take(&mut opened.ready).into_iter();
        let plan = &opened.plan;
        opened.ready = ready
            .map(|answer| self.rechecked(view, plan, answer))
            .collect();
        self.record(view, &opened.plan, stale_since.is_some(), &opened.ready)
            .await?;
        Ok(opened)
    }

    /// Waits for the next pending tile of an opened dashboard and records it.
    ///
    /// # Errors
    /// [`NotRecorded`]: then the tile may not be shown.
    pub async fn next(
        &self,
        view: &View,
        opened: &mut Opened,
    ) -> Result<Option<TileAnswer>, NotRecorded> {
        while let Some(finished) = opened.pending.next().await {
            // A task that panicked has nothing to show; its place keeps the skeleton.
            let Ok(answer) = finished else { continue };
            let answer = self.rechecked(view, &opened.plan, answer);
            let stale = opened.stale_since.is_some();
            self.record(view, &opened.plan, stale, std::slice::from_ref(&answer))
                .await?;
            return Ok(Some(answer));
        }
        Ok(None)
    }

    /// One tile, however long it takes.
    ///
    /// # Errors
    /// [`NotRecorded`]: then nothing may be shown.
    pub async fn tile(
        &self,
        view: &View,
        wanted: &Tile,
    ) -> Result<Option<(Opened, TileAnswer)>, NotRecorded> {
        let (plan, stale_since) = self.plan(view, |tile| tile.id == wanted.id);
        let mut opened = Opened {
            stale_since,
            ready: Vec::new(),
            pending: FuturesUnordered::new(),
            plan,
        };
        let Some(tile) = opened.plan.tiles.first() else {
            return Ok(None);
        };
        let answer = match self.start(view, tile).await {
            Started::Done(answer) => self.rechecked(view, &opened.plan, *answer),
            Started::Running(handle) => {
                opened.pending.push(handle);
                return Ok(self
                    .next(view, &mut opened)
                    .await?
                    .map(|answer| (opened, answer)));
            }
        };
        let stale = opened.stale_since.is_some();
        self.record(view, &opened.plan, stale, std::slice::from_ref(&answer))
            .await?;
        Ok(Some((opened, answer)))
    }

    pub(super) fn planner<'a>(&'a self, view: &'a View) -> Planner<'a> {
        Planner {
            policies: view.content.policies(),
            subject: view.reader.subject(),
            dialect: self.cache.dialect(),
            principal: self.cache.principal(view.reader.business_unit()),
        }
    }

    /// Plans on the newest snapshots. Right after a new one appeared, while its answers are not
    /// there and all of the old one's are, the page shows the old set and computes the new one in
    /// the background: never a mixture (invariant 13).
    fn plan(&self, view: &View, wanted: impl Fn(&Tile) -> bool) -> (Plan, Option<DateTime<Utc>>) {
        let planner = self.planner(view);
        let current = self.snapshots.current();
        let plan = planner.tiles(&view.dashboard, &view.bound, &current, &wanted);
        if self.is_hot(&plan) {
            return (plan, None);
        }
        let patience = self.patience.stale_for;
        let Some(replaced) = self.snapshots.replaced_within(patience, self.clock.now()) else {
            return (plan, None);
        };
        let before = planner.tiles(&view.dashboard, &view.bound, &replaced.set, &wanted);
        if !self.is_hot(&before) {
            return (plan, None);
        }
        self.warm(view, &plan);
        (before, Some(replaced.at))
    }

    fn is_hot(&self, plan: &Plan) -> bool {
        statements(plan).all(|planned| self.cache.holds(&planned.statement.fingerprint()))
    }

    fn warm(&self, view: &View, plan: &Plan) {
        for planned in statements(plan) {
            let (cache, statement) = (self.cache.clone(), Arc::clone(&planned.statement));
            let account = view.account();
            tokio::spawn(async move {
                if let Err(error) = cache.fetch(&statement, &account).await {
                    tracing::warn!(code = error.code(), "an answer could not be refreshed");
                }
            });
        }
    }

    /// Starts computing a tile before anything is rendered. What is cached is done at once; a miss
    /// runs in a task of its own, which fills the cache even if the reader leaves.
    async fn start(&self, view: &View, tile: &TilePlan) -> Started {
        let index = tile.index;
        let questions = match &tile.ask {
            Ask::Granted(questions) => questions.clone(),
            Ask::Withheld(withheld) => {
                let state = TileState::Withheld(withheld.clone());
                return Started::Done(Box::new(TileAnswer { index, state }));
            }
        };
        let hot = questions
            .iter()
            .all(|q| self.cache.holds(&q.statement.fingerprint()));
        let answer = answer(self.cache.clone(), view.account(), index, questions);
        if hot {
            Started::Done(Box::new(answer.await))
        } else {
            Started::Running(tokio::spawn(answer))
        }
    }

    async fn record(
        &self,
        view: &View,
        plan: &Plan,
        stale: bool,
        answers: &[TileAnswer],
    ) -> Result<(), NotRecorded> {
        let mut shown = Vec::with_capacity(2 * answers.len());
        for answer in answers {
            let tile = view
                .dashboard
                .tiles()
                .get(answer.index)
                .map_or("", |tile| tile.id.as_str());
            for outcome in outcomes(&answer.state, stale) {
                shown.push(Shown { tile, outcome });
            }
        }
        self.recorder
            .record(about(view, plan.revision), shown)
            .await
    }
}

enum Started {
    Done(Box<TileAnswer>),
    Running(JoinHandle<TileAnswer>),
}

async fn answer(
    cache: QueryCache,
    account: Account,
    index: usize,
    questions: Questions,
) -> TileAnswer {
    let trend = async {
        match &questions.trend {
            Some(trend) => cache.fetch(&trend.statement, &account).await.map(Some),
            None => Ok(None),
        }
    };
    let main = cache.fetch(&questions.main.statement, &account);
    let fetched = futures::future::try_join(main, trend).await;
    let state = match fetched {
        Ok((main, trend)) => TileState::Answered(questions, Answers { main, trend }),
        Err(error) => TileState::Failed(questions, error),
    };
    TileAnswer { index, state }
}

pub(super) fn about(view: &View, revision: weir_policy::Revision) -> About<'_> {
    About {
        request: &view.request,
        reader: &view.reader,
        dashboard: view.dashboard.slug().as_str(),
        revision,
    }
}

fn statements(plan: &Plan) -> impl Iterator<Item = &Planned> {
    let granted = plan.tiles.iter().filter_map(|tile| match &tile.ask {
        Ask::Granted(questions) => Some(questions),
        Ask::Withheld(_) => None,
    });
    granted.flat_map(Questions::iter)
}

fn outcomes(state: &TileState, superseded: bool) -> impl Iterator<Item = Outcome<'_>> {
    let (first, second) = match state {
        TileState::Answered(questions, answers) => (
            Outcome::Answered(&questions.main, &answers.main, superseded),
            questions
                .trend
                .as_ref()
                .zip(answers.trend.as_ref())
                .map(|(planned, fetched)| Outcome::Answered(planned, fetched, superseded)),
        ),
        TileState::Withheld(withheld) => (Outcome::Withheld(withheld), None),
        TileState::Failed(questions, _) => (Outcome::Failed(&questions.main), None),
    };
    std::iter::once(first).chain(second)
}
