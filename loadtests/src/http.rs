//! Requests in an open loop: they are sent when they are due, whether or not earlier ones were
//! answered, and timed from when they were due. A slow server can't hide behind a patient client
//! (coordinated omission), because this one has no patience.

mod action;
mod crew;
mod frame;
mod knee;
mod line;
mod plan;
mod round;
mod schedule;
mod section;
mod tally;

use anyhow::Context as _;

use crate::progress::Progress;
use crate::results::Section;
use crate::surroundings::{AthenaSim, Engine, SimSettings, Surroundings, Weir, WeirSettings};

pub use self::action::Kind;
pub use self::crew::{Crew, Session};
pub use self::frame::{FrameKey, now};
pub use self::knee::{Knee, Trial};
pub use self::line::Line;
pub use self::plan::{EnginePlan, HttpPlan, KneePlan, Mix, RoundPlan, Staff};
pub use self::round::{Round, RoundResults};
pub use self::schedule::{Arrivals, Pace};
pub use self::tally::{Quantiles, Second, Shed, Tally};

/// What one case found.
#[derive(Debug)]
pub struct HttpResults {
    /// The plan's title.
    pub title: String,
    /// The first opens of each dashboard by each kind of viewer, with nothing in the cache.
    pub cold: Tally,
    /// The rounds at a given pace, in the plan's order.
    pub rounds: Vec<Paced>,
    /// What the search for the knee found, if it was looked for.
    pub knee: Option<Knee>,
    /// Weir's memory and handles at the end.
    pub vitals: crate::surroundings::Vitals,
}

/// One round at a given pace.
#[derive(Debug)]
pub struct Paced {
    /// Its name.
    pub title: String,
    /// Whether nothing was asked but whether Weir is there: what others are compared with.
    pub only_health: bool,
    /// What was found.
    pub found: RoundResults,
    /// How long Weir's process computed during it, on all cores together.
    pub computed: std::time::Duration,
}

impl Paced {
    /// How long Weir computed for each action, in milliseconds. Unlike latency, this is the same
    /// on a machine where others compute too.
    #[must_use]
    pub fn computed_each(&self) -> f64 {
        let all = self.computed.as_secs_f64() * 1000.0;
        crate::number::ratio(all, crate::number::float(self.found.all.count))
    }
}

/// Runs one case: starts Weir and what it needs, lets everybody in once, and sends.
///
/// # Errors
/// Something does not start, or nobody gets in.
pub async fn run(
    plan: &HttpPlan,
    surroundings: &Surroundings,
    progress: &Progress,
) -> anyhow::Result<HttpResults> {
    progress.note(&format!("http: {}", plan.title));
    let (weir, _sim) = start(plan, surroundings).await?;
    let mut cold = Tally::new();
    let mut crew = Crew::enlist(weir.url(), &plan.staff, &mut cold, progress)
        .await
        .context("letting everybody in")?;
    let mut rounds = Vec::new();
    for (number, wanted) in plan.rounds.iter().enumerate() {
        crew.renew().await?;
        let round = wanted.round(plan, number as u64);
        progress.note(&format!("{}: {}", wanted.title, round.pace));
        let before = weir.vitals()?.computed;
        let found = round.run(&crew, progress).await?;
        let computed = weir.vitals()?.computed.saturating_sub(before);
        rounds.push(Paced {
            title: wanted.title.clone(),
            only_health: round.mix.is_only(Kind::Health),
            found,
            computed,
        });
    }
    let knee = match &plan.knee {
        Some(wanted) => Some(wanted.find(plan, &mut crew, progress).await?),
        None => None,
    };
    let vitals = weir.vitals()?;
    weir.stop().await?;
    Ok(HttpResults {
        title: plan.title.clone(),
        cold,
        rounds,
        knee,
        vitals,
    })
}

async fn start(
    plan: &HttpPlan,
    surroundings: &Surroundings,
) -> anyhow::Result<(Weir, Option<AthenaSim>)> {
    let (engine, sim) = plan.engine.start(surroundings).await?;
    let settings = plan.settings("http", engine);
    Ok((surroundings.weir(&settings).await?, sim))
}

impl EnginePlan {
    /// Starts the simulator if Athena is wanted.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(
        self,
        surroundings: &Surroundings,
    ) -> anyhow::Result<(Engine, Option<AthenaSim>)> {
        match self {
            Self::Embedded => Ok((Engine::Embedded, None)),
            Self::Athena => {
                let sim = surroundings.sim(&SimSettings::REALISTIC).await?;
                Ok((Engine::Athena(sim.url().to_owned()), Some(sim)))
            }
        }
    }
}

impl HttpPlan {
    fn settings(&self, name: &str, engine: Engine) -> WeirSettings {
        let settings = WeirSettings::new(name, engine);
        let own = self.weir.iter();
        own.fold(settings, |settings, (key, value)| settings.with(key, value))
    }
}

impl From<Vec<HttpResults>> for Section {
    fn from(cases: Vec<HttpResults>) -> Self {
        section::section(&cases)
    }
}
