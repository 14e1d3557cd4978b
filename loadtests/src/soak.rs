//! For long: does anything grow that should not, and does Weir come through what goes wrong on the
//! way?

mod faults;
mod gauges;
mod plan;
mod section;
mod trend;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::time::sleep;

use self::faults::Faults;
use self::gauges::Gauges;
pub use self::plan::SoakPlan;
pub use self::trend::Trend;
use crate::http::{Crew, Pace, Round, RoundResults, Tally};
use crate::progress::Progress;
use crate::results::Section;
use crate::surroundings::{AthenaSim, CacheServer, Surroundings, Vitals, Weir, WeirSettings};

/// How long one round is; everybody has a new token for each.
const ROUND: Duration = Duration::from_secs(30);
/// How many samples there are at most.
const SAMPLES: u32 = 600;
/// The shortest time between two samples.
const OFTEN: Duration = Duration::from_millis(500);

/// What was seen.
#[derive(Debug)]
pub struct SoakResults {
    /// The plan's title.
    pub title: String,
    /// How long it took, in minutes.
    pub minutes: f64,
    /// What was looked at again and again.
    pub samples: Vec<Sample>,
    /// The names of the gauges in the samples.
    pub gauges: Vec<String>,
    /// What came of each round, by seconds from the beginning.
    pub rounds: Vec<(f64, RoundResults)>,
    /// What went wrong on purpose, by seconds from the beginning.
    pub faults: Vec<(f64, String)>,
    /// How often people could not get a new token.
    pub not_renewed: u64,
}

/// One look at Weir.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Seconds from the beginning.
    pub at: f64,
    /// What the system said about its process.
    pub vitals: Vitals,
    /// What it said itself, in the order of the plan's gauges; not a number where it said nothing.
    pub gauges: Vec<f64>,
}

/// Asks for as long as the plan says.
///
/// # Errors
/// Something does not start, or Weir ends.
pub async fn run(
    plan: &SoakPlan,
    surroundings: &Surroundings,
    progress: &Progress,
) -> anyhow::Result<SoakResults> {
    progress.note(&format!("{}: {} minutes", plan.title, plan.minutes));
    let (engine, sim) = plan.engine.start(surroundings).await?;
    let settings = WeirSettings::new("soak", engine);
    let own = plan.weir.iter();
    let settings = own.fold(settings, |settings, (key, value)| settings.with(key, value));
    let (gauges, settings) = Gauges::of(plan, settings)?;
    let (cache, settings) = cache_server(plan, settings, surroundings).await?;
    let weir = surroundings.weir(&settings).await?;
    let crew = Crew::enlist(weir.url(), &plan.staff, &mut Tally::new(), progress)
        .await
        .context("letting everybody in")?;
    let mut book = Book::new(plan.lasts());
    let around = Around {
        weir: &weir,
        sim: sim.as_ref(),
        cache: cache.as_ref(),
        gauges: &gauges,
    };
    book.keep(plan, crew, around, progress).await?;
    weir.stop().await?;
    Ok(book.close(plan))
}

/// What a long run has around it.
#[derive(Debug, Clone, Copy)]
struct Around<'a> {
    weir: &'a Weir,
    sim: Option<&'a AthenaSim>,
    cache: Option<&'a CacheServer>,
    gauges: &'a Gauges,
}

/// The cache server that the plan wants, and a Weir that is told of it.
async fn cache_server(
    plan: &SoakPlan,
    settings: WeirSettings,
    surroundings: &Surroundings,
) -> anyhow::Result<(Option<CacheServer>, WeirSettings)> {
    let Some(program) = &plan.cache_server else {
        return Ok((None, settings));
    };
    let server = CacheServer::start(program, &surroundings.scratch("cache-server")?).await?;
    let settings = settings.with("shared_cache.url", &server.url());
    Ok((Some(server), settings))
}

/// What is written down on the way.
struct Book {
    began: Instant,
    lasts: Duration,
    samples: Vec<Sample>,
    rounds: Vec<(f64, RoundResults)>,
    faults: Vec<(f64, String)>,
    not_renewed: u64,
}

impl Book {
    fn new(lasts: Duration) -> Self {
        Self {
            began: Instant::now(),
            lasts,
            samples: Vec::new(),
            rounds: Vec::new(),
            faults: Vec::new(),
            not_renewed: 0,
        }
    }

    /// Asks, samples and disturbs until the time is over.
    async fn keep(
        &mut self,
        plan: &SoakPlan,
        crew: Crew,
        around: Around<'_>,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        let (began, lasts) = (self.began, self.lasts);
        let faults = Faults::new(plan, around);
        let asking = ask(plan, crew, (began, lasts), progress);
        let sampling = sample(around, (began, lasts), &mut self.samples);
        let disturbing = faults.disturb(began, &mut self.faults);
        let (rounds, not_renewed) = tokio::select! {
            asked = asking => asked?,
            ended = sampling => return Err(ended),
            () = disturbing => anyhow::bail!("nobody disturbs any more"),
        };
        // What is stopped must not stay so.
        faults.mend();
        (self.rounds, self.not_renewed) = (rounds, not_renewed);
        Ok(())
    }

    fn close(self, plan: &SoakPlan) -> SoakResults {
        SoakResults {
            title: plan.title.clone(),
            minutes: self.lasts.as_secs_f64() / 60.0,
            samples: self.samples,
            gauges: plan.gauges.clone(),
            rounds: self.rounds,
            faults: self.faults,
            not_renewed: self.not_renewed,
        }
    }
}

/// Round after round. Who gets no new token goes on with the old one, and it is counted.
async fn ask(
    plan: &SoakPlan,
    mut crew: Crew,
    (began, lasts): (Instant, Duration),
    progress: &Progress,
) -> anyhow::Result<(Vec<(f64, RoundResults)>, u64)> {
    let (mut rounds, mut not_renewed) = (Vec::new(), 0);
    while began.elapsed() < lasts {
        let at = began.elapsed();
        let round = Round {
            pace: Pace::constant(plan.rate, ROUND.min(lasts.saturating_sub(at))),
            arrivals: plan.arrivals,
            mix: plan.mix,
            seed: plan.seed.wrapping_add(rounds.len() as u64),
        };
        let found = round.run(&crew, progress).await?;
        progress.now(&format!(
            "{:.0} of {} minutes, 99 of 100 within {:.0} ms",
            at.as_secs_f64() / 60.0,
            plan.minutes,
            found.all.p99
        ));
        rounds.push((at.as_secs_f64(), found));
        not_renewed += u64::from(crew.renew().await.is_err());
    }
    Ok((rounds, not_renewed))
}

/// Looks at the process again and again; ends only with an error.
async fn sample(
    around: Around<'_>,
    (began, lasts): (Instant, Duration),
    samples: &mut Vec<Sample>,
) -> anyhow::Error {
    let pause = (lasts / SAMPLES).max(OFTEN);
    loop {
        let vitals = match around.weir.vitals() {
            Ok(vitals) => vitals,
            Err(error) => return error,
        };
        samples.push(Sample {
            at: began.elapsed().as_secs_f64(),
            vitals,
            gauges: around.gauges.look().await,
        });
        sleep(pause).await;
    }
}

impl From<SoakResults> for Section {
    fn from(results: SoakResults) -> Self {
        section::section(&results)
    }
}
