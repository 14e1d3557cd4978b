//! Opening a dashboard: plan, fetch, record, and hand over what is ready by the deadline; the rest
//! follows as it arrives. The story of the hot path, top to bottom.

use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tracing::{Instrument as _, debug_span};
use weir_query::dashboard::Tile;

use super::costs::{FetchError, Look, Tally};
use super::fetches;
use super::gate::Gate;
use super::kinds::Kinds;
use super::ladder::Chosen;
use super::opened::{Answers, Opened, TileAnswer, TileState, View};
use super::plan::{Ask, Planner, Questions, TilePlan, Wanted};
use super::published::Published;
use super::query_cache::{Fetched, QueryCache, Started};
use super::recorder::{About, NotRecorded, Outcome, Recorder, Shown};
use super::snapshots::Snapshots;
use crate::clock::Clock;
use crate::overload::{Admission, Turn};
use crate::telemetry::Telemetry;
use crate::telemetry::phases::{Laps, Phases};

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
    /// Who may work, when there is much to do.
    pub admission: Admission,
    /// The time.
    pub clock: Clock,
    /// How long things may take.
    pub patience: Patience,
    /// What page views have in common.
    pub kinds: Kinds,
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
        let mut laps = Laps::begin();
        let planning = self.plan(view, Wanted::All);
        let chosen = planning.instrument(debug_span!("plan")).await;
        let planned = laps.lap();
        let mut opened = self.begin(view, chosen, Look::Page).await;
        let cache = laps.lap();
        self.wait_for_first_paint(&view.turn, &mut opened).await;
        if opened.stale_since.is_none() {
            let instead = self.instead(view, Wanted::All, &opened.plan, &opened.ready);
            if let Some(older) = instead.await {
                opened.tally.begin_anew();
                opened = self.begin(view, older, Look::Page).await;
                self.wait_for_first_paint(&view.turn, &mut opened).await;
            }
        }
        let ready = std::mem::take(&mut opened.ready).into_iter();
        let plan = &opened.plan;
        opened.ready = ready
            .map(|answer| self.rechecked(view, plan, answer))
            .collect();
        let ready = std::mem::take(&mut opened.ready);
        let engine = laps.lap();
        self.record(view, &mut opened, &ready).await?;
        opened.ready = ready;
        opened.phases = Phases {
            plan: planned,
            cache,
            engine,
            audit: laps.lap(),
            render: Duration::ZERO,
        };
        let metrics = self.telemetry().metrics();
        metrics.plan_time.observe([], planned);
        Ok(opened)
    }

    /// What Weir tells of itself.
    #[must_use]
    pub fn telemetry(&self) -> &Telemetry {
        self.cache.ledger().telemetry()
    }

    /// Starts computing everything before anything is rendered.
    async fn begin(&self, view: &View, (plan, stale_since): Chosen, look: Look) -> Opened {
        let mut opened = Opened {
            tally: Tally::of(self.cache.ledger(), view, &plan, look),
            stale_since,
            ready: Vec::new(),
            pending: FuturesUnordered::new(),
            phases: Phases::default(),
            plan,
        };
        let span = debug_span!("cache", weir.tiles = opened.plan.tiles.len());
        self.start_all(view, &mut opened).instrument(span).await;
        opened
    }

    async fn start_all(&self, view: &View, opened: &mut Opened) {
        for tile in &opened.plan.tiles {
            match self.start(view, tile).await {
                Begun::Done(answer) => opened.ready.push(*answer),
                Begun::Running(answer) => opened.pending.push(answer),
            }
        }
    }

    async fn wait_for_first_paint(&self, turn: &Turn, opened: &mut Opened) {
        if opened.pending.is_empty() {
            return;
        }
        turn.end();
        let waited = self.wait_until_painted(opened);
        waited.instrument(debug_span!("wait")).await;
    }

    async fn wait_until_painted(&self, opened: &mut Opened) {
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
        let only = Wanted::Only(&wanted.id);
        let chosen = self.plan(view, only).await;
        let mut opened = self.begin(view, chosen, Look::Tile).await;
        let Some(mut answer) = next_of(&view.turn, &mut opened).await else {
            return Ok(None);
        };
        if opened.stale_since.is_none() {
            let answers = std::slice::from_ref(&answer);
            if let Some(older) = self.instead(view, only, &opened.plan, answers).await {
                opened.tally.begin_anew();
                opened = self.begin(view, older, Look::Tile).await;
                answer = match next_of(&view.turn, &mut opened).await {
                    Some(older) => older,
                    None => answer,
                };
            }
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
        let links = self.telemetry().links();
        links.uses(&questions.main.statement.fingerprint()).await;
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
        let mut laps = Laps::begin();
        let told = about(view, opened.plan.revision);
        let recorded = self.recorder.record(told, shown);
        let recorded = recorded.instrument(debug_span!("audit")).await;
        let metrics = self.telemetry().metrics();
        metrics.audit_time.observe([], laps.lap());
        if recorded.is_err() {
            metrics.audit_failures.add([], 1);
        }
        recorded?;
        for answer in answers {
            opened.tally.add(answer, stale);
            fetches::count(metrics, &answer.state, stale);
        }
        Ok(())
    }
}

enum Begun {
    Done(Box<TileAnswer>),
    Running(BoxFuture<'static, TileAnswer>),
}

/// The answer that is ready, or the next that will be.
async fn next_of(turn: &Turn, opened: &mut Opened) -> Option<TileAnswer> {
    if let Some(answer) = opened.ready.pop() {
        return Some(answer);
    }
    turn.end();
    opened.pending.next().await
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
