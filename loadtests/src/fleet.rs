//! Several replicas of Weir behind a balancer, on one `PostgreSQL` and one cache server: how often the
//! engine starts for each question, how soon a change is seen everywhere, and what it costs when
//! the cache server goes.
//!
//! The simulator of Athena counts starts, and the ledger in the registry has the fingerprint of each
//! run: with as many starts as different fingerprints, each question was computed once.

mod balancer;
mod broken;
mod crowd;
mod postgres;
mod propagation;
mod rules;
mod section;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use self::balancer::Balancer;
use self::crowd::{Visitor, Visits};
use self::postgres::Postgres;
use self::propagation::Propagation;
use crate::progress::Progress;
use crate::surroundings::{
    AthenaSim, CacheServer, DASHBOARDS, Engine, SimSettings, Surroundings, Weir, WeirSettings,
};

/// How long after everybody asked the cache server is killed: when a part of the answers is there.
const MEANWHILE: Duration = Duration::from_secs(1);

/// What is opened then. Without the cache server each replica computes for itself, and all of them
/// together keep to Athena's twenty starts a second: this is as much as four of them can begin, each
/// all of it, before the time of a query is over.
const MEANWHILE_OPENED: [&str; 1] = [DASHBOARDS[0]];

/// How long the ledger may take to have every run that ended.
const BOOKED: Duration = Duration::from_secs(10);

/// How many replicas, and what they are asked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetPlan {
    /// How many replicas run, one run after the other.
    pub replicas: Vec<usize>,
    /// How many people open each dashboard of each business unit at the same moment.
    #[serde(default = "viewers")]
    pub viewers: usize,
    /// Changes whose way to every replica is timed: half are revocations, half are policies.
    #[serde(default = "changes")]
    pub changes: usize,
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
    /// Different questions among them.
    pub fingerprints: u64,
    /// Everybody again.
    pub hot: Visits,
    /// Engine starts meanwhile.
    pub hot_starts: u64,
    /// A replica more, whose own memory is empty: everybody again, through it alone.
    pub fresh: Visits,
    /// Engine starts meanwhile.
    pub fresh_starts: u64,
    /// One dashboard, on filters that nobody used before, while the cache server is killed.
    pub lost: Visits,
    /// Seconds from when everybody asked until it was killed.
    pub killed_after: f64,
    /// Engine starts meanwhile.
    pub lost_starts: u64,
    /// Answers that the cache server held before.
    pub shared: u64,
    /// How long changes took to be seen by every replica.
    pub propagation: Propagation,
}

/// One fleet while it runs.
struct Fleet<'a> {
    surroundings: &'a Surroundings,
    sim: AthenaSim,
    redis: CacheServer,
    balancer: Balancer,
    replicas: Vec<Weir>,
    settings: WeirSettings,
    postgres: &'a Postgres,
    database: String,
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
    ensure!(
        !plan.replicas.is_empty(),
        "the plan names no size of a fleet"
    );
    let mut results = FleetResults { fleets: Vec::new() };
    for many in &plan.replicas {
        progress.note(&format!("{many} replicas behind a balancer"));
        let fleet = Fleet::start(plan, *many, surroundings, &postgres).await?;
        results.fleets.push(fleet.visited(plan, progress).await?);
    }
    Ok(results)
}

impl<'a> Fleet<'a> {
    async fn start(
        plan: &FleetPlan,
        many: usize,
        surroundings: &'a Surroundings,
        postgres: &'a Postgres,
    ) -> anyhow::Result<Self> {
        ensure!(many > 0, "a fleet of none can't be asked");
        let scratch = surroundings.scratch(&format!("fleet-{many}"))?;
        let redis = CacheServer::start(&plan.redis, &scratch).await?;
        let sim = surroundings.sim(&SimSettings::REALISTIC).await?;
        let balancer = Balancer::start().await?;
        let database = format!("fleet_{many}");
        let settings = WeirSettings {
            registry: Some(postgres.database(&database).await?),
            public_url: Some(balancer.url()),
            more: format!("[shared_cache]\nurl = \"{}\"", redis.url()),
            ..WeirSettings::new("replica", Engine::Athena(sim.url().to_owned()))
        };
        let settings = with_keys(settings, &scratch)?;
        let mut fleet = Self {
            surroundings,
            sim,
            redis,
            balancer,
            replicas: Vec::new(),
            settings,
            postgres,
            database,
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
        let everybody = async |what: &str, dashboards: &[&'static str]| {
            progress.now(&format!("{many} replicas, {what}"));
            crowd::gathered(&public, dashboards, plan.viewers).await
        };
        let visitors = everybody("nothing computed", &DASHBOARDS).await?;
        let (cold, cold_starts) = self.visit(&visitors, None, "").await?;
        let fingerprints = self.fingerprints(cold_starts).await?;
        let visitors = everybody("everything computed", &DASHBOARDS).await?;
        let (hot, hot_starts) = self.visit(&visitors, None, "").await?;
        let shared = self.redis.keys().await?;
        let newcomer = self.another(&format!("fleet-{many}-fresh")).await?;
        let visitors = everybody("a new replica", &DASHBOARDS).await?;
        let (fresh, fresh_starts) = self.visit(&visitors, Some(&newcomer), "").await?;
        newcomer.stop().await?;
        // After everything was opened: what it asks would not be new any more.
        let timed = propagation::measure(plan, self, progress).await;
        let propagation = timed.context("while changes were timed")?;
        let visitors = everybody("the cache server is killed", &MEANWHILE_OPENED).await?;
        let ((lost, lost_starts), killed_after) = self.abandoned(&visitors).await?;
        Ok(FleetRun {
            replicas: many,
            cold,
            cold_starts,
            fingerprints,
            hot,
            hot_starts,
            fresh,
            fresh_starts,
            lost,
            killed_after,
            lost_starts,
            shared,
            propagation,
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

    /// On filters that nobody used before, and the cache server is killed meanwhile: says after how many
    /// seconds.
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

    /// How many different questions the ledger has, once it has all of these runs. Those that it does not
    /// have in time are taken for repetitions.
    async fn fingerprints(&self, starts: u64) -> anyhow::Result<u64> {
        let began = Instant::now();
        let count = async |what: &str| {
            let sql = format!("SELECT count({what}) FROM executions");
            let said = self.postgres.asked(&self.database, &sql).await?;
            anyhow::Ok(said.parse::<u64>()?)
        };
        while count("*").await? < starts && began.elapsed() < BOOKED {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        count("DISTINCT fingerprint").await
    }

    /// How many queries there were so far. A call that starts one may be throttled or repeated, and starts
    /// none then.
    async fn starts(&self) -> anyhow::Result<u64> {
        let meter = self.sim.look("meter").await?;
        let queries = meter.get("queries");
        Ok(queries.and_then(serde_json::Value::as_u64).unwrap_or(0))
    }
}

/// The keys that all replicas have in common.
fn with_keys(settings: WeirSettings, folder: &Path) -> anyhow::Result<WeirSettings> {
    let key = folder.join("master.key");
    std::fs::write(&key, STANDARD.encode(rand::random::<[u8; 32]>()))?;
    only_for_its_owner(&key)?;
    let mask_key = "the mask key of all replicas of this fleet";
    let settings = settings.with("embed.master_key_file", &key.display().to_string());
    Ok(settings.with("lake.mask_key", mask_key))
}

fn only_for_its_owner(file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?;
    Ok(())
}
