//! Several replicas of Weir behind a balancer, on one `PostgreSQL` and one cache server: how often the
//! engine starts for each question, how soon a change is seen everywhere, and what it costs when
//! the cache server goes.
//!
//! One replica alone is the measure: it computes each question once for all who wait. As many starts
//! as that, however many replicas there are, is one start for each fingerprint.

mod balancer;
mod broken;
mod crowd;
mod postgres;
mod propagation;
mod redis;
mod section;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use self::balancer::Balancer;
use self::crowd::{Visitor, Visits};
use self::postgres::Postgres;
use self::propagation::Propagation;
use self::redis::Redis;
use crate::progress::Progress;
use crate::surroundings::{AthenaSim, Engine, SimSettings, Surroundings, Weir, WeirSettings};

/// How long after everybody asked the cache server is killed: when a part of the answers is there.
const MEANWHILE: Duration = Duration::from_secs(3);

/// How many replicas, and what they are asked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetPlan {
    /// How many replicas run, one run after the other. The first is what the others are held against.
    pub replicas: Vec<usize>,
    /// How many people open each dashboard of each business unit at the same moment.
    #[serde(default = "viewers")]
    pub viewers: usize,
    /// Revocations whose way to every replica is timed.
    #[serde(default = "changes")]
    pub revocations: usize,
    /// The server of Redis' protocol.
    #[serde(default = "program")]
    pub redis: PathBuf,
}

fn viewers() -> usize {
    4
}

fn changes() -> usize {
    200
}

fn program() -> PathBuf {
    PathBuf::from("redis-server")
}

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetResults {
    /// One for each size of fleet, in the plan's order.
    pub fleets: Vec<FleetRun>,
    /// How long changes took to be seen by every replica of the largest fleet.
    pub propagation: Option<Propagation>,
}

/// What was seen of one fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetRun {
    /// How many replicas.
    pub replicas: usize,
    /// Everybody at once, with nothing computed yet.
    pub cold: Visits,
    /// Engine starts meanwhile.
    pub cold_starts: u64,
    /// Everybody again.
    pub hot: Visits,
    /// Engine starts meanwhile.
    pub hot_starts: u64,
    /// A replica more, whose own memory is empty: everybody again, through it alone.
    pub fresh: Visits,
    /// Engine starts meanwhile.
    pub fresh_starts: u64,
    /// Everybody again, on filters that nobody used before, while the cache server is killed.
    pub lost: Visits,
    /// Seconds from when everybody asked until it was killed.
    pub killed_after: f64,
    /// Engine starts meanwhile.
    pub lost_starts: u64,
    /// Answers that the cache server held before.
    pub shared: u64,
}

/// One fleet while it runs.
struct Fleet<'a> {
    surroundings: &'a Surroundings,
    sim: AthenaSim,
    redis: Redis,
    balancer: Balancer,
    replicas: Vec<Weir>,
    settings: WeirSettings,
}

/// Runs every size of fleet.
///
/// # Errors
/// A replica does not start, or answers wrongly.
pub async fn run(
    plan: &FleetPlan,
    surroundings: &Surroundings,
    progress: &Progress,
) -> anyhow::Result<FleetResults> {
    let postgres = Postgres::start().await?;
    let largest = plan.replicas.iter().max().copied();
    let largest = largest.context("the plan names no size of a fleet")?;
    let mut results = FleetResults {
        fleets: Vec::new(),
        propagation: None,
    };
    for many in &plan.replicas {
        progress.note(&format!("{many} replicas behind a balancer"));
        let fleet = Fleet::start(plan, *many, surroundings, &postgres).await?;
        let wants_propagation = results.propagation.is_none() && *many == largest;
        if wants_propagation {
            let timed = propagation::measure(plan, &fleet, progress).await;
            results.propagation = Some(timed.context("while changes were timed")?);
        }
        results.fleets.push(fleet.visited(plan, progress).await?);
    }
    Ok(results)
}

impl<'a> Fleet<'a> {
    async fn start(
        plan: &FleetPlan,
        many: usize,
        surroundings: &'a Surroundings,
        postgres: &Postgres,
    ) -> anyhow::Result<Self> {
        ensure!(many > 0, "a fleet of none can't be asked");
        let scratch = surroundings.scratch(&format!("fleet-{many}"))?;
        let redis = Redis::start(&plan.redis, &scratch).await?;
        let sim = surroundings.sim(&SimSettings::REALISTIC).await?;
        let balancer = Balancer::start().await?;
        let key = scratch.join("master.key");
        std::fs::write(&key, STANDARD.encode(rand::random::<[u8; 32]>()))?;
        only_for_its_owner(&key)?;
        let engine = Engine::Athena(sim.url().to_owned());
        let settings = WeirSettings {
            registry: Some(postgres.database(&format!("fleet_{many}")).await?),
            public_url: Some(balancer.url()),
            more: format!("[shared_cache]\nurl = \"{}\"", redis.url()),
            ..WeirSettings::new("replica", engine)
        };
        let settings = settings
            .with("embed.master_key_file", &key.display().to_string())
            .with(
                "lake.mask_key",
                "the mask key of all replicas of this fleet",
            );
        let mut fleet = Self {
            surroundings,
            sim,
            redis,
            balancer,
            replicas: Vec::new(),
            settings,
        };
        for number in 0..many {
            let replica = fleet.another(&format!("fleet-{many}-{number}")).await?;
            fleet.balancer.add(replica.url())?;
            fleet.replicas.push(replica);
        }
        Ok(fleet)
    }

    /// One more replica, with nothing in its own memory.
    async fn another(&self, name: &str) -> anyhow::Result<Weir> {
        let settings = WeirSettings {
            name: name.to_owned(),
            ..self.settings.clone()
        };
        self.surroundings.weir(&settings).await
    }

    /// What everybody calls it.
    fn public_url(&self) -> String {
        self.balancer.url()
    }

    async fn visited(&self, plan: &FleetPlan, progress: &Progress) -> anyhow::Result<FleetRun> {
        let many = self.replicas.len();
        let public = self.public_url();
        let everybody = async |what: &str| {
            progress.now(&format!("{many} replicas, {what}"));
            crowd::gathered(&public, plan.viewers).await
        };
        let visitors = everybody("nothing computed").await?;
        let (cold, cold_starts) = self.visit(&visitors, None, "").await?;
        let visitors = everybody("everything computed").await?;
        let (hot, hot_starts) = self.visit(&visitors, None, "").await?;
        let shared = self.redis.keys().await?;
        let newcomer = self.another(&format!("fleet-{many}-fresh")).await?;
        let visitors = everybody("a new replica").await?;
        let (fresh, fresh_starts) = self.visit(&visitors, Some(&newcomer), "").await?;
        newcomer.stop().await?;
        let visitors = everybody("the cache server is killed").await?;
        let ((lost, lost_starts), killed_after) = self.abandoned(&visitors).await?;
        Ok(FleetRun {
            replicas: many,
            cold,
            cold_starts,
            hot,
            hot_starts,
            fresh,
            fresh_starts,
            lost,
            killed_after,
            lost_starts,
            shared,
        })
    }

    /// Everybody opens their page through one replica, or through all; with the engine's starts.
    async fn visit(
        &self,
        visitors: &[Visitor],
        only: Option<&Weir>,
        period: &str,
    ) -> anyhow::Result<(Visits, u64)> {
        let public = self.public_url();
        let through = only.map_or(public.as_str(), Weir::url);
        let before = self.starts().await?;
        let mut visits = crowd::visit(visitors, &public, through, period).await?;
        let starts = self.starts().await? - before;
        if !visits.broken.is_empty() {
            let all = only.map_or_else(|| self.replicas.iter().collect(), |one| vec![one]);
            for (number, replica) in all.into_iter().enumerate() {
                let log = replica.process().log();
                for broken in &mut visits.broken {
                    broken.look_up(&format!("replica {}", number + 1), &log);
                }
            }
        }
        Ok((visits, starts))
    }

    /// The same on filters that nobody used before, and the cache server is killed meanwhile: says
    /// after how many seconds.
    async fn abandoned(&self, visitors: &[Visitor]) -> anyhow::Result<((Visits, u64), f64)> {
        let began = Instant::now();
        let away = async {
            tokio::time::sleep(MEANWHILE).await;
            self.redis.kill()?;
            Ok(began.elapsed().as_secs_f64())
        };
        let visits = self.visit(visitors, None, crowd::LAST_QUARTER);
        tokio::try_join!(visits, away)
    }

    /// How often a query was started so far.
    async fn starts(&self) -> anyhow::Result<u64> {
        let calls = self.sim.look("calls").await?;
        let starts = calls.pointer("/operations/StartQueryExecution/total");
        Ok(starts.and_then(serde_json::Value::as_u64).unwrap_or(0))
    }
}

fn only_for_its_owner(file: &std::path::Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?;
    Ok(())
}
