//! Opening a dashboard: plan, fetch, record, and hand over what is ready by the deadline; the rest
//! follows as it arrives. The story of the hot path, top to bottom.

use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use weir_query::dashboard::Tile;

use super::costs::{FetchError, Look, Tally};
use super::gate::Gate;
use super::ladder::Chosen;
use super::opened::{Answers, Opened, TileAnswer, TileState, View};
use super::plan::{Ask, Planner, Questions, TilePlan};
use super::published::Published;
use super::query_cache::{Fetched, QueryCache, Started};
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
    /// How long a superseded snapshot may still be shown while new answers are computed.
    pub stale_for: Duration,
    /// How long at most, when none can be.
    pub max_age: Duration,
}

impl Dashboards {
    /// Opens a dashboard. What is ready within the first-paint wait is in the answer, recorded.
    ///
    /// # Errors
    /// [`NotRecorded`]: then nothing may be shown.
    pub async fn open(&self, view: &View) -> Result<Opened, NotRecorded> {
        let chosen = self.plan(view, |_| true).await;
        let mut opened = self.begin(view, chosen, Look::Page).await;
        self.wait_for_first_paint(&mut opened).await;
        if opened.stale_since.is_none()
            && let Some(older) = self
                .instead(view, |_| true, &opened.plan, &opened.ready)
                .await
        {
            opened.tally.begin_anew();
            opened = self.begin(view, older, Look::Page).await;
            self.wait_for_first_paint(&mut opened).await;
        }
        let ready = std::mem::take(&mut opened.ready).into_iter();
        let plan = &opened.plan;
        opened.ready = ready
            .map(|answer| self.rechecked(view, plan, answer))
            .collect();
        let ready = std::mem::take(&mut opened.ready);
        self.record(view, &mut opened, &ready).await?;
        opened.ready = ready;
        Ok(opened)
    }

    /// Starts computing everything before anything is rendered.
    async fn begin(&self, view: &View, (plan, stale_since): Chosen, look: Look) -> Opened {
        let mut opened = Opened {
            tally: Tally::of(self.cache.ledger(), view, &plan, look),
            stale_since,
            ready: Vec::new(),
            pending: FuturesUnordered::new(),
            plan,
        };
        for tile in &opened.plan.tiles {
            match self.start(view, tile).await {
                Begun::Done(answer) => opened.ready.push(*answer),
                Begun::Running(answer) => opened.pending.push(answer),
            }
        }
        opened
    }

    async fn wait_for_first_paint(&self, opened: &mut Opened) {
        let deadline = tokio::time::Instant::now() + self.patience.first_paint;
        // Without a wait nothing is even looked at: whether a tile comes late must not hang on how
        // fast the machine is.
        while tokio::time::Instant::now() < deadline
            && let Ok(Some(answer)) = tokio::time::timeout_at(deadline, opened.pending.next()).await
        {
            opened.ready.push(answer);
        }
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
        let Some(answer) = opened.pending.next().await else {
            return Ok(None);
        };
        let answer = self.rechecked(view, &opened.plan, answer);
        self.record(view, opened, std::slice::from_ref(&answer))
            .await?;
        Ok(Some(answer))
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
        let only = |tile: &Tile| tile.id == wanted.id;
        let chosen = self.plan(view, only).await;
        let mut opened = self.begin(view, chosen, Look::Tile).await;
        let Some(mut answer) = next_of(&mut opened).await else {
            return Ok(None);
        };
        if opened.stale_since.is_none()
            && let Some(older) = self
                .instead(view, only, &opened.plan, std::slice::from_ref(&answer))
                .await
        {
            opened.tally.begin_anew();
            opened = self.begin(view, older, Look::Tile).await;
            answer = match next_of(&mut opened).await {
                Some(older) => older,
                None => answer,
            };
        }
        let answer = self.rechecked(view, &opened.plan, answer);
        self.record(view, &mut opened, std::slice::from_ref(&answer))
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

    /// Starts computing a tile. What is cached is done at once; a miss is computed whether anybody
    /// looks at it or not, as long as somebody waits.
    async fn start(&self, view: &View, tile: &TilePlan) -> Begun {
        let index = tile.index;
        let questions = match &tile.ask {
            Ask::Granted(questions) => questions.clone(),
            Ask::Withheld(withheld) => {
                let state = TileState::Withheld(withheld.clone());
                return Begun::Done(Box::new(TileAnswer { index, state }));
            }
        };
        let declared = view.dashboard.tiles().get(index);
        let name = declared.map_or("", |tile| tile.id.as_str());
        let account = view.account().of_tile(name);
        let main = self.cache.start(&questions.main.statement, &account).await;
        let trend = match &questions.trend {
            Some(trend) => Some(self.cache.start(&trend.statement, &account).await),
            None => None,
        };
        let is_done = |started: &Started| matches!(started, Started::Done(_));
        let hot = is_done(&main) && trend.as_ref().is_none_or(is_done);
        let answer = answer(index, questions, main, trend);
        if hot {
            Begun::Done(Box::new(answer.await))
        } else {
            Begun::Running(Box::pin(answer))
        }
    }

    async fn record(
        &self,
        view: &View,
        opened: &mut Opened,
        answers: &[TileAnswer],
    ) -> Result<(), NotRecorded> {
        let stale = opened.stale_since.is_some();
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
            .record(about(view, opened.plan.revision), shown)
            .await?;
        for answer in answers {
            opened.tally.add(answer, stale);
        }
        Ok(())
    }
}

enum Begun {
    Done(Box<TileAnswer>),
    Running(BoxFuture<'static, TileAnswer>),
}

/// The answer that is ready, or the next that will be.
async fn next_of(opened: &mut Opened) -> Option<TileAnswer> {
    match opened.ready.pop() {
        Some(answer) => Some(answer),
        None => opened.pending.next().await,
    }
}

async fn answer(
    index: usize,
    questions: Questions,
    main: Started,
    trend: Option<Started>,
) -> TileAnswer {
    let trend = async {
        match trend {
            Some(trend) => fetched(trend).await.map(Some),
            None => Ok(None),
        }
    };
    let both = futures::future::try_join(fetched(main), trend).await;
    let state = match both {
        Ok((main, trend)) => TileState::Answered(questions, Answers { main, trend }),
        Err(error) => TileState::Failed(questions, error),
    };
    TileAnswer { index, state }
}

async fn fetched(started: Started) -> Result<Fetched, FetchError> {
    match started {
        Started::Done(fetched) => Ok(fetched),
        Started::Running(waiting) => waiting.fetched().await,
    }
}

pub(super) fn about(view: &View, revision: weir_policy::Revision) -> About<'_> {
    About {
        request: &view.request,
        reader: &view.reader,
        dashboard: view.dashboard.slug().as_str(),
        revision,
    }
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
        TileState::Failed(questions, FetchError::OverBudget(_)) => {
            (Outcome::Refused(&questions.main), None)
        }
        TileState::Failed(questions, _) => (Outcome::Failed(&questions.main), None),
    };
    std::iter::once(first).chain(second)
}
