//! One round: everything is decided and signed first, then sent when it is due.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::action::{Action, Part, Work};
use super::crew::{Crew, Session};
use super::line::{Failure, Line};
use super::plan::{HttpPlan, Mix};
use super::tally::{histogram, note};
use super::{Arrivals, Kind, Pace, Quantiles, Second, Tally, frame};
use crate::progress::Progress;

/// More than this under way, and the next is not sent: it would only measure this machine.
const MOST_UNDER_WAY: usize = 2_000;

/// What is sent.
#[derive(Debug, Clone)]
pub struct Round {
    /// How much.
    pub pace: Pace,
    /// How actions follow each other.
    pub arrivals: Arrivals,
    /// What they are.
    pub mix: Mix,
    /// What chance is drawn from.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct RoundResults {
    /// What was sent.
    pub pace: Pace,
    /// How many actions were due.
    pub due: u64,
    /// Latencies and failures by kind; visits also by their parts.
    pub tally: Tally,
    /// All actions together, without the parts.
    pub all: Quantiles,
    /// How they went over time.
    pub seconds: Vec<Second>,
    /// How late the generator itself was: that is in every latency too, and is not Weir's fault.
    pub lag: Quantiles,
}

/// One finished action.
struct Sample {
    kind: Kind,
    due: Duration,
    lag: Duration,
    took: Duration,
    end: Result<u64, Failure>,
    parts: Vec<Part>,
}

impl Round {
    /// A round of a plan, to be given a pace.
    #[must_use]
    pub fn of(plan: &HttpPlan, number: u64) -> Self {
        Self {
            pace: Pace::constant(1.0, Duration::ZERO),
            arrivals: plan.arrivals,
            mix: plan.mix,
            seed: plan.seed.wrapping_add(number),
        }
    }

    /// Sends it, and waits for the last answer.
    ///
    /// # Errors
    /// The thread that sends can't be started.
    pub async fn run(&self, crew: &Crew, progress: &Progress) -> anyhow::Result<RoundResults> {
        let actions = self.actions(crew);
        let due = actions.len() as u64;
        let (sender, mut samples) = mpsc::unbounded_channel();
        send(actions, crew.line.clone(), sender)?;
        let mut book = Book::new(self.pace.lasts);
        while let Some(sample) = samples.recv().await {
            progress.counted(book.done, due, "actions");
            book.enter(sample);
        }
        Ok(book.close(self.pace, due))
    }

    /// Everything that is due, in its order. Proofs bear the time at which they will be sent.
    fn actions(&self, crew: &Crew) -> Vec<(Duration, Action)> {
        let mut chance = StdRng::seed_from_u64(self.seed);
        let instants = self.pace.instants(self.arrivals, &mut chance);
        let begin = frame::now();
        let action = |due: Duration| {
            let session = crew.anybody(&mut chance)?;
            let kind = self.mix.draw(&mut chance)?;
            Some((due, Action::draw(kind, session, &mut chance, begin + due)?))
        };
        instants.into_iter().filter_map(action).collect()
    }
}

impl Mix {
    fn draw(&self, chance: &mut StdRng) -> Option<Kind> {
        let weights = self.weights();
        let all: u32 = weights.iter().map(|(_, weight)| weight).sum();
        let mut left = chance.random_range(0..all.max(1));
        for (kind, weight) in weights {
            if left < weight {
                return Some(kind);
            }
            left -= weight;
        }
        None
    }
}

impl Action {
    fn draw(kind: Kind, session: &Arc<Session>, chance: &mut StdRng, at: Duration) -> Option<Self> {
        let work = match kind {
            Kind::Visit => Work::Visit(Arc::clone(session)),
            Kind::Mint => Work::Asks(vec![session.mint()]),
            Kind::Open => Work::Asks(vec![session.open_again()]),
            Kind::Tile => Work::Asks(vec![session.data(chance, at)?]),
            Kind::Filter => Work::Asks(session.filter(chance, at)),
            Kind::Values => Work::Asks(vec![session.values(chance, at)?]),
            Kind::Export => Work::Asks(vec![session.export(chance, at)?]),
            Kind::Health => Work::Asks(vec![session.health()]),
            Kind::Bind => return None,
        };
        Some(Self { kind, work })
    }
}

/// Sends each action when it is due, from a thread of its own: the runtime's timers tick in whole
/// milliseconds, and wait for whoever computes.
fn send(
    actions: Vec<(Duration, Action)>,
    line: Line,
    samples: mpsc::UnboundedSender<Sample>,
) -> std::io::Result<()> {
    let runtime = Handle::current();
    let under_way = Arc::new(AtomicUsize::new(0));
    let sending = move || {
        let began = Instant::now();
        for (due, action) in actions {
            thread::sleep(due.saturating_sub(began.elapsed()));
            let (line, samples) = (line.clone(), samples.clone());
            let under_way = Arc::clone(&under_way);
            runtime.spawn(async move {
                let lag = began.elapsed().saturating_sub(due);
                let kind = action.kind;
                let room = under_way.fetch_add(1, Ordering::Relaxed) < MOST_UNDER_WAY;
                let (end, parts) = if room {
                    action.perform(&line).await
                } else {
                    (Err(Failure::NotSent), Vec::new())
                };
                under_way.fetch_sub(1, Ordering::Relaxed);
                let took = began.elapsed().saturating_sub(due);
                let sample = Sample {
                    kind,
                    due,
                    lag,
                    took,
                    end,
                    parts,
                };
                // The book is closed only when nobody can write into it any more.
                let _ = samples.send(sample);
            });
        }
    };
    thread::Builder::new()
        .name("sender".to_owned())
        .spawn(sending)
        .map(drop)
}

/// What is written down while answers come in.
struct Book {
    tally: Tally,
    all: Histogram<u64>,
    lag: Histogram<u64>,
    seconds: Vec<(Histogram<u64>, u64, u64)>,
    done: u64,
}

impl Book {
    fn new(lasts: Duration) -> Self {
        let seconds = usize::try_from(lasts.as_secs()).unwrap_or(0) + 1;
        Self {
            tally: Tally::new(),
            all: histogram(),
            lag: histogram(),
            seconds: (0..seconds).map(|_| (histogram(), 0, 0)).collect(),
            done: 0,
        }
    }

    fn enter(&mut self, sample: Sample) {
        self.done += 1;
        note(&mut self.lag, sample.lag);
        let second = usize::try_from(sample.due.as_secs()).unwrap_or(usize::MAX);
        if let Some((took, due, failed)) = self.seconds.get_mut(second) {
            *due += 1;
            match &sample.end {
                Ok(_) => note(took, sample.took),
                Err(_) => *failed += 1,
            }
        }
        if sample.end.is_ok() {
            note(&mut self.all, sample.took);
        }
        for part in sample.parts {
            // What fails in a part fails the whole, and is counted there.
            if part.end.is_ok() {
                self.tally.record(part.kind, part.took, part.end);
            }
        }
        self.tally.record(sample.kind, sample.took, sample.end);
    }

    fn close(self, pace: Pace, due: u64) -> RoundResults {
        let seconds = self.seconds.iter().enumerate();
        let seconds =
            seconds
                .filter(|(_, (_, due, _))| *due > 0)
                .map(|(at, (took, due, failed))| Second {
                    at: at as u64,
                    due: *due,
                    failed: *failed,
                    took: Quantiles::of(took),
                });
        RoundResults {
            pace,
            due,
            all: Quantiles::of(&self.all),
            seconds: seconds.collect(),
            lag: Quantiles::of(&self.lag),
            tally: self.tally,
        }
    }
}

#[cfg(test)]
mod tests;
