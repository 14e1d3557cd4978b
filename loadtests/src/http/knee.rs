//! The knee: the largest rate that Weir serves without an error and without letting anybody wait.

use std::time::Duration;

use anyhow::ensure;
use tokio::time::sleep;

use super::plan::{HttpPlan, KneePlan};
use super::tally::Shed;
use super::{Crew, Pace, Round, RoundResults};
use crate::number::whole;
use crate::progress::Progress;

/// What is still under way after a rate that was too much must not weigh on the next.
const BREATH: Duration = Duration::from_secs(2);
/// The most rates that are tried.
const TRIALS: usize = 20;
/// At which part of the knee Weir is held afterwards.
const HELD_AT: f64 = 0.7;

/// What was found.
#[derive(Debug)]
pub struct Knee {
    /// Actions a second.
    pub rate: f64,
    /// What the slowest of a hundred may take, in milliseconds.
    pub p99_ms: f64,
    /// Every rate that was tried.
    pub trials: Vec<Trial>,
    /// Seven tenths of the knee, for longer.
    pub held: RoundResults,
    /// Beyond the knee, and seven tenths of it right after.
    pub beyond: Option<(RoundResults, RoundResults)>,
}

/// One rate that was tried.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Actions a second.
    pub rate: f64,
    /// What came of it.
    pub p50: f64,
    /// In milliseconds.
    pub p99: f64,
    /// How many failed.
    pub failed: u64,
    /// Why it was too much; empty if it was not.
    pub too_much: String,
}

impl KneePlan {
    /// Doubles the rate until it is too much, then halves the gap until it is small.
    ///
    /// # Errors
    /// Not even a small part of the first rate is served.
    pub async fn find(
        &self,
        plan: &HttpPlan,
        crew: &mut Crew,
        progress: &Progress,
    ) -> anyhow::Result<Knee> {
        let mut search = Search::from(self.from);
        let mut trials = Vec::new();
        while trials.len() < TRIALS && !search.is_over(self.precision) {
            ensure!(
                search.rate > self.from / 64.0,
                "not even {:.1} actions a second are served",
                search.rate * 2.0
            );
            let found = rested(plan, crew, (search.rate, self.seconds), progress).await?;
            let trial = self.judge(search.rate, &found);
            progress.note(&trial.to_string());
            search.learn(trial.too_much.is_empty());
            trials.push(trial);
        }
        let rate = search.low;
        let held = rested(plan, crew, (rate * HELD_AT, self.hold_seconds), progress).await?;
        let beyond = match self.beyond {
            Some(factor) => Some(self.beyond(plan, crew, rate, factor, progress).await?),
            None => None,
        };
        Ok(Knee {
            rate,
            p99_ms: self.p99_ms,
            trials,
            held,
            beyond,
        })
    }

    /// Too much, and right after it what was fine before: no time to catch breath.
    async fn beyond(
        &self,
        plan: &HttpPlan,
        crew: &mut Crew,
        rate: f64,
        factor: f64,
        progress: &Progress,
    ) -> anyhow::Result<(RoundResults, RoundResults)> {
        let seconds = self.seconds.max(10);
        let during = rested(plan, crew, (rate * factor, seconds), progress).await?;
        let after = at(plan, rate * HELD_AT, seconds)
            .run(crew, progress)
            .await?;
        Ok((during, after))
    }

    fn judge(&self, rate: f64, found: &RoundResults) -> Trial {
        let failed = found.tally.failed(Shed::Counts);
        let too_much = if found.lag.p99 > self.p99_ms / 2.0 {
            format!("the generator was {:.0} ms late itself", found.lag.p99)
        } else if failed > 0 {
            found.tally.reasons()
        } else if found.all.p99 > self.p99_ms {
            format!("p99 {:.1} ms", found.all.p99)
        } else {
            String::new()
        };
        Trial {
            rate,
            p50: found.all.p50,
            p99: found.all.p99,
            failed,
            too_much,
        }
    }
}

/// One rate, after a pause, with new tokens.
async fn rested(
    plan: &HttpPlan,
    crew: &mut Crew,
    (rate, seconds): (f64, u64),
    progress: &Progress,
) -> anyhow::Result<RoundResults> {
    sleep(BREATH).await;
    crew.renew().await?;
    at(plan, rate, seconds).run(crew, progress).await
}

fn at(plan: &HttpPlan, rate: f64, seconds: u64) -> Round {
    Round {
        pace: Pace::constant(rate, Duration::from_secs(seconds)),
        ..Round::of(plan, 100 + whole(rate))
    }
}

impl std::fmt::Display for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rate, p50, p99, .. } = self;
        write!(f, "{rate:>7.1}/s  p50 {p50:>7.2} ms  p99 {p99:>7.2} ms  ")?;
        if self.too_much.is_empty() {
            f.write_str("served")
        } else {
            write!(f, "too much: {}", self.too_much)
        }
    }
}

/// Between the largest rate that was served and the smallest that was not.
#[derive(Debug)]
struct Search {
    rate: f64,
    low: f64,
    high: Option<f64>,
}

impl Search {
    fn from(rate: f64) -> Self {
        Self {
            rate,
            low: 0.0,
            high: None,
        }
    }

    fn learn(&mut self, served: bool) {
        if served {
            self.low = self.rate;
        } else {
            self.high = Some(self.rate);
        }
        self.rate = self
            .high
            .map_or(self.rate * 2.0, |high| f64::midpoint(self.low, high));
    }

    fn is_over(&self, precision: f64) -> bool {
        self.high
            .is_some_and(|high| self.low > 0.0 && (high - self.low) / high <= precision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(knee: f64, from: f64) -> (f64, usize) {
        let mut search = Search::from(from);
        let mut trials = 0;
        while !search.is_over(0.08) && trials < TRIALS {
            trials += 1;
            let served = search.rate <= knee;
            search.learn(served);
        }
        (search.low, trials)
    }

    #[test]
    fn the_knee_is_found_from_below_and_from_above() {
        for knee in [3.0, 57.0, 100.0, 412.0, 2_345.0] {
            let (found, trials) = search(knee, 50.0);

            assert!(found <= knee && found >= knee * 0.9, "{knee}: {found}");
            assert!(trials < 14, "{knee}: {trials}");
        }
    }
}
