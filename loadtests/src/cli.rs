//! The command line.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use weir_loadtests::budgets::Budgets;
use weir_loadtests::plan::Plan;
use weir_loadtests::progress::Progress;
use weir_loadtests::report;
use weir_loadtests::results::{Machine, Outcome, Results, SCHEMA, Section, Verdict};
use weir_loadtests::surroundings::{Surroundings, Tools};
use weir_loadtests::{browser, figures, fleet, http, soak};

/// Load tests that hold Weir to its budgets.
#[derive(Debug, Parser)]
#[command(name = "weir-load", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run a plan: results as JSON and as a page to read. Exit code 1 means over budget, 2 that
    /// the run could not be finished.
    Run(Box<Run>),
}

#[derive(Debug, Args)]
struct Run {
    /// The plan's name or file.
    #[arg(long, default_value = "smoke")]
    plan: String,
    /// The `weir` binary.
    #[arg(long)]
    weir: PathBuf,
    /// The `athena-sim` binary.
    #[arg(long)]
    sim: PathBuf,
    /// The built browser half.
    #[arg(long)]
    site: PathBuf,
    /// The checkout, with `policies/`, `dashboards/` and `loadtests/budgets.toml`.
    #[arg(long, default_value = ".")]
    repository: PathBuf,
    /// How long the long run takes, if the plan has one.
    #[arg(long)]
    minutes: Option<f64>,
    /// Where results go.
    #[arg(long, default_value = "target/load")]
    out: PathBuf,
    /// Chromium, for plans with a browser.
    #[arg(long)]
    chromium: Option<PathBuf>,
    /// nginx, for the plan that compares with it.
    #[arg(long, default_value = "nginx")]
    nginx: PathBuf,
    /// `wrk`, for the same.
    #[arg(long, default_value = "wrk")]
    wrk: PathBuf,
}

impl Arguments {
    pub(crate) async fn perform(self) -> ExitCode {
        let Task::Run(run) = self.task;
        let result = tokio::select! {
            result = run.perform() => result,
            () = interrupted() => Err(anyhow::anyhow!("stopped")),
        };
        match result {
            Ok(Outcome::Within) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::from(1),
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "\nerror: {error:#}");
                ExitCode::from(2)
            }
        }
    }
}

/// Ends with Ctrl-C or SIGTERM. What was started ends with what is dropped then.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

impl Run {
    async fn perform(self) -> anyhow::Result<Outcome> {
        let mut plan = Plan::find(&self.plan)?;
        for soak in &mut plan.soak {
            soak.minutes = self.minutes.unwrap_or(soak.minutes);
        }
        let budgets = self.budgets()?;
        let tools = self.tools()?;
        let progress = Progress::new();
        let (clock, began) = (since_1970()?, Instant::now());
        let surroundings = Surroundings::prepare(tools, plan.rows, &progress).await?;
        let sections = sections(&plan, &surroundings, &progress).await?;
        progress.finish();
        let results = Results {
            schema: SCHEMA,
            plan: plan.name.clone(),
            about: plan.about.clone(),
            started: clock.as_secs(),
            took_seconds: began.elapsed().as_secs_f64(),
            machine: Machine::look(&surroundings.tools.weir),
            verdicts: budgets.hold(&plan.name, &sections),
            sections,
        };
        self.write(&results)?;
        Ok(outcome(&results.verdicts, &progress))
    }

    fn budgets(&self) -> anyhow::Result<Budgets> {
        let path = self.repository.join("loadtests/budgets.toml");
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        Budgets::parse(&text)
    }

    fn tools(&self) -> anyhow::Result<Tools> {
        let found = |path: &PathBuf| {
            path.canonicalize()
                .with_context(|| format!("looking for {}", path.display()))
        };
        fs::create_dir_all(&self.out)
            .with_context(|| format!("creating {}", self.out.display()))?;
        Ok(Tools {
            weir: found(&self.weir)?,
            sim: found(&self.sim)?,
            site: found(&self.site)?,
            repository: found(&self.repository)?,
            out: found(&self.out)?,
            nginx: self.nginx.clone(),
            wrk: self.wrk.clone(),
            chromium: self.chromium.clone(),
        })
    }

    fn write(&self, results: &Results) -> anyhow::Result<()> {
        let files = [
            ("results.json", serde_json::to_string_pretty(results)?),
            ("report.html", report::html(results)),
        ];
        for (name, text) in files {
            let path = self.out.join(name);
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(())
    }
}

/// Every part that the plan has, one after the other: they must not disturb each other.
async fn sections(
    plan: &Plan,
    surroundings: &Surroundings,
    progress: &Progress,
) -> anyhow::Result<Vec<Section>> {
    let mut sections: Vec<Section> = Vec::new();
    let mut cases = Vec::new();
    for case in &plan.http {
        let results = http::run(case, surroundings, progress).await;
        cases.push(results.with_context(|| format!("the case `{}`", case.title))?);
    }
    if !cases.is_empty() {
        sections.push(cases.into());
    }
    if let Some(browser) = &plan.browser {
        let results = browser::run(browser, surroundings, progress).await;
        sections.push(results.context("the browser's part")?.into());
    }
    if let Some(fleet) = &plan.fleet {
        let results = fleet::run(fleet, surroundings, progress).await;
        sections.push(results.context("the fleet's part")?.into());
    }
    if let Some(figures) = &plan.figures {
        let results = figures::run(figures, surroundings, progress).await;
        sections.push(results.context("the comparison with nginx")?.into());
    }
    for soak in &plan.soak {
        let results = soak::run(soak, surroundings, progress).await;
        sections.push(
            results
                .with_context(|| format!("the long run `{}`", soak.title))?
                .into(),
        );
    }
    Ok(sections)
}

/// Says every verdict, those that matter last.
fn outcome(verdicts: &[Verdict], progress: &Progress) -> Outcome {
    let (kept, broken): (Vec<_>, Vec<_>) = verdicts
        .iter()
        .partition(|verdict| verdict.outcome == Outcome::Within);
    for verdict in kept {
        progress.note(&format!("within budget: {}", verdict.sentence));
    }
    for verdict in &broken {
        progress.note(&format!("OVER BUDGET: {}", verdict.sentence));
    }
    broken
        .first()
        .map_or(Outcome::Within, |verdict| verdict.outcome)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a report says when it was made, and nothing depends on it"
)]
fn since_1970() -> anyhow::Result<Duration> {
    let now = std::time::SystemTime::now();
    Ok(now.duration_since(std::time::UNIX_EPOCH)?)
}
