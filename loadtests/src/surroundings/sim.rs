//! The simulator of Athena as a process.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::process::Command;
use tokio::time::sleep;

use super::{Process, Surroundings, Web, free_port};

const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// How long its queries take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimSettings {
    /// Half of the queries take at most this.
    pub p50: Duration,
    /// Nineteen of twenty.
    pub p95: Duration,
}

impl SimSettings {
    /// What Athena was seen to take.
    pub const REALISTIC: Self = Self {
        p50: Duration::from_millis(1_800),
        p95: Duration::from_secs(6),
    };
}

/// A running simulator.
#[derive(Debug)]
pub struct AthenaSim {
    process: Process,
    url: String,
}

impl AthenaSim {
    pub(super) async fn start(
        surroundings: &Surroundings,
        settings: &SimSettings,
    ) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(&surroundings.tools.sim);
        command.arg("--lake").arg(surroundings.lake());
        for (name, value) in [("--p50", settings.p50), ("--p95", settings.p95)] {
            command.arg(name).arg(value.as_millis().to_string());
        }
        command.arg("--port").arg(port.to_string());
        let log = surroundings
            .scratch("athena-sim")?
            .join(format!("{port}.log"));
        let sim = Self {
            process: Process::start("athena-sim", command, &log)?,
            url: format!("http://127.0.0.1:{port}"),
        };
        sim.answering().await
    }

    async fn answering(mut self) -> anyhow::Result<Self> {
        let (started, web) = (Instant::now(), Web::new());
        let meter = format!("{}/sim/meter", self.url);
        while !matches!(web.get(&meter).await, Ok(answer) if answer.status == 200) {
            let ended = self.process.ended()?.is_some() || started.elapsed() > PATIENCE;
            ensure!(
                !ended,
                "athena-sim did not start; {}",
                self.process.log_tail()
            );
            sleep(PAUSE).await;
        }
        Ok(self)
    }

    /// Where it answers, for Weir's `athena.endpoint`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// What it counted: `meter`, `calls` or `faults`.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn look(&self, what: &str) -> anyhow::Result<Value> {
        let answer = Web::new().get(&format!("{}/sim/{what}", self.url)).await?;
        serde_json::from_slice(&answer.body).context("athena-sim does not answer with JSON")
    }

    /// Tells it something: `faults`, `tables` or `reset`.
    ///
    /// # Errors
    /// It refuses, or does not answer.
    pub async fn tell(&self, what: &str, document: &Value) -> anyhow::Result<()> {
        let web = Web::new();
        let answer = web
            .post_json(&format!("{}/sim/{what}", self.url), document)
            .await?;
        ensure!(
            answer.status.is_success(),
            "athena-sim refuses `{what}` with {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        Ok(())
    }
}
