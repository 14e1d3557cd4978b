//! Weir as a process, with the demo's CRM page beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::process::Command;
use tokio::time::sleep;

use super::config::{self, Ports};
use super::{Process, Surroundings, Vitals, Web};

const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(50);

/// How a Weir is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeirSettings {
    /// The name of its folder. One at a time may use it; what is in there is kept between starts.
    pub name: String,
    /// Who computes.
    pub engine: Engine,
    /// The registry's address; without it, `SQLite` in its own folder.
    pub registry: Option<String>,
    /// What browsers call it, where that is not its own address: behind a balancer.
    pub public_url: Option<String>,
    /// More of `weir.toml`: sections that are not there yet.
    pub more: String,
    /// More of its environment; `WEIR__HTTP__BIND` and the like win over the file.
    pub environment: Vec<(String, String)>,
}

impl WeirSettings {
    /// A Weir of that name, with everything as it is by default.
    #[must_use]
    pub fn new(name: &str, engine: Engine) -> Self {
        Self {
            name: name.to_owned(),
            engine,
            registry: None,
            public_url: None,
            more: String::new(),
            environment: Vec::new(),
        }
    }

    /// With one key of `weir.toml` set otherwise: `with("cache.max_bytes", "1000000")`.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        let name = key.to_uppercase().replace('.', "__");
        self.environment
            .push((format!("WEIR__{name}"), value.to_owned()));
        self
    }
}

/// Who computes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// The engine inside Weir.
    Embedded,
    /// Athena at this address, which is a simulator's.
    Athena(String),
}

/// A running Weir.
#[derive(Debug)]
pub struct Weir {
    process: Process,
    url: String,
    crm: String,
    directory: PathBuf,
    ready_after: Duration,
}

impl Weir {
    pub(super) async fn start(
        surroundings: &Surroundings,
        settings: &WeirSettings,
    ) -> anyhow::Result<Self> {
        let directory = surroundings.scratch(&settings.name)?;
        let ports = Ports::free()?;
        let file = directory.join("weir.toml");
        let text = config::text(surroundings, settings, &directory, ports);
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        let mut command = Command::new(&surroundings.tools.weir);
        command.args(["serve", "--config"]).arg(&file);
        // The Iceberg reader makes errors on its normal path; with backtraces a page takes twice as long.
        command
            .env("RUST_LIB_BACKTRACE", "0")
            .env("RUST_BACKTRACE", "0");
        command.envs(
            settings
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        );
        let started = Instant::now();
        let process = Process::start(&settings.name, command, &directory.join("weir.log"))?;
        let mut weir = Self {
            process,
            url: ports.weir_url(),
            crm: ports.crm_url(),
            directory,
            ready_after: Duration::ZERO,
        };
        weir.ready().await?;
        weir.ready_after = started.elapsed();
        Ok(weir)
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let (started, web) = (Instant::now(), Web::new());
        let readyz = format!("{}/readyz", self.url);
        while !matches!(web.get(&readyz).await, Ok(answer) if answer.status == 200) {
            let ended = self.process.ended()?.is_some();
            let late = started.elapsed() > PATIENCE;
            ensure!(
                !ended && !late,
                "weir was not ready after {} s; {}",
                started.elapsed().as_secs(),
                self.process.log_tail()
            );
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Its own address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of the CRM page beside it.
    #[must_use]
    pub fn crm(&self) -> &str {
        &self.crm
    }

    /// Its folder, with `weir.toml`, `weir.log` and the registry.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// How long it took from the start of the process until it was ready.
    #[must_use]
    pub fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// What the system says about it.
    ///
    /// # Errors
    /// It has ended.
    pub fn vitals(&self) -> anyhow::Result<Vitals> {
        self.process.vitals()
    }

    /// Asks it to end, and waits.
    ///
    /// # Errors
    /// The system does not say how it ended.
    pub async fn stop(self) -> anyhow::Result<ExitStatus> {
        self.process.stop().await
    }
}
