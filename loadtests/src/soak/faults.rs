//! What goes wrong on the way: callers that break off or say nothing, an engine that is throttled,
//! fails or stands still, and tables that change under everybody.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{Around, SoakPlan};
use crate::surroundings::{AthenaSim, CacheServer, Process};

/// How many callers misbehave at once.
const CALLERS: usize = 20;
/// How long something stands still.
const STILL: Duration = Duration::from_secs(5);
/// What a caller says who breaks off.
const HALF_A_REQUEST: &[u8] = b"POST /embed/finance-overview HTTP/1.1\r\nHost: weir.example\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\ntoken=";
/// The tables of the sample lake.
const TABLES: [&str; 4] = [
    "gold.statements",
    "gold.claims_operations",
    "gold.risk_exposure",
    "gold.agg_daily_metrics",
];

/// Everything that may go wrong, one after the other.
pub(super) struct Faults<'a> {
    every: Duration,
    address: String,
    sim: Option<&'a AthenaSim>,
    cache: Option<&'a CacheServer>,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Callers go away in the middle of a request.
    BrokenOff,
    /// Callers connect, and say nothing.
    Silent,
    /// Tables get new snapshots: nothing that is cached is the newest any more.
    NewSnapshots,
    /// The engine's calls are throttled.
    Throttled,
    /// Queries end in failure.
    FailedQueries,
    /// The engine stands still, with all connections to it.
    EngineStill,
    /// The cache server stands still, with all connections to it.
    CacheStill,
}

impl Fault {
    const ALL: [Self; 7] = [
        Self::BrokenOff,
        Self::NewSnapshots,
        Self::Throttled,
        Self::Silent,
        Self::FailedQueries,
        Self::EngineStill,
        Self::CacheStill,
    ];

    fn says(self) -> &'static str {
        match self {
            Self::BrokenOff => "callers break off in the middle of a request",
            Self::Silent => "callers connect and say nothing",
            Self::NewSnapshots => "all tables get new snapshots",
            Self::Throttled => "the engine's calls are throttled, and tables get new snapshots",
            Self::FailedQueries => "queries fail, and tables get new snapshots",
            Self::EngineStill => "the engine stands still, and tables get new snapshots",
            Self::CacheStill => "the cache server stands still",
        }
    }
}

impl<'a> Faults<'a> {
    pub(super) fn new(plan: &SoakPlan, around: Around<'a>) -> Self {
        Self {
            every: Duration::from_secs(plan.fault_every_s),
            address: around.weir.url().trim_start_matches("http://").to_owned(),
            sim: around.sim,
            cache: around.cache,
        }
    }

    /// Lets one thing after the other go wrong. Never ends.
    pub(super) async fn disturb(&self, began: Instant, done: &mut Vec<(f64, String)>) {
        if self.every.is_zero() {
            return std::future::pending().await;
        }
        for fault in Fault::ALL.iter().filter(|fault| self.can(**fault)).cycle() {
            sleep(self.every).await;
            let at = began.elapsed().as_secs_f64();
            let outcome = self.happen(*fault).await;
            let failed = outcome.err().map(|error| format!(" (not done: {error:#})"));
            done.push((
                at,
                format!("{}{}", fault.says(), failed.unwrap_or_default()),
            ));
        }
    }

    /// Whether there is what is to go wrong. Callers always are.
    fn can(&self, fault: Fault) -> bool {
        match fault {
            Fault::BrokenOff | Fault::Silent => true,
            Fault::CacheStill => self.cache.is_some(),
            _ => self.sim.is_some(),
        }
    }

    async fn happen(&self, fault: Fault) -> anyhow::Result<()> {
        match fault {
            Fault::BrokenOff => self.callers(HALF_A_REQUEST, Duration::ZERO).await,
            Fault::Silent => self.callers(b"", STILL).await,
            Fault::NewSnapshots => self.commit().await,
            Fault::Throttled => {
                self.plan(&json!({ "effect": "throttle", "times": 10 }))
                    .await?;
                self.commit().await
            }
            Fault::FailedQueries => {
                let message = "the load test wants this query to fail";
                self.plan(&json!({
                    "effect": "fail", "category": 1, "error_type": 1, "retryable": true,
                    "message": message, "times": 4,
                }))
                .await?;
                self.commit().await
            }
            Fault::EngineStill => {
                self.commit().await?;
                still(self.sim.map(AthenaSim::process)).await
            }
            Fault::CacheStill => still(self.cache.map(CacheServer::process)).await,
        }
    }

    /// Several callers at once, each of which says this much, waits, and goes.
    async fn callers(&self, says: &[u8], wait: Duration) -> anyhow::Result<()> {
        let mut open = Vec::new();
        for _ in 0..CALLERS {
            let mut stream = TcpStream::connect(&self.address).await?;
            stream.write_all(says).await?;
            open.push(stream);
        }
        sleep(wait).await;
        Ok(())
    }

    async fn plan(&self, fault: &Value) -> anyhow::Result<()> {
        match self.sim {
            Some(sim) => sim.tell("faults", fault).await,
            None => Ok(()),
        }
    }

    async fn commit(&self) -> anyhow::Result<()> {
        let Some(sim) = self.sim else { return Ok(()) };
        for table in TABLES {
            let commit = json!({ "table": table, "alteration": "commit" });
            sim.tell("tables", &commit).await?;
        }
        Ok(())
    }

    /// Lets go on what may stand still when the time is over.
    pub(super) fn mend(&self) {
        let processes = [
            self.sim.map(AthenaSim::process),
            self.cache.map(CacheServer::process),
        ];
        for process in processes.into_iter().flatten() {
            // It may never have been stopped, or be gone.
            let _ = process.signal("CONT");
        }
    }
}

/// A process stands still for a while, and goes on.
async fn still(process: Option<&Process>) -> anyhow::Result<()> {
    let Some(process) = process else {
        return Ok(());
    };
    process.signal("STOP")?;
    sleep(STILL).await;
    process.signal("CONT")
}
