//! `weir lake`: make the sample lake, look into any lake.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use weir_engine::lake::inspect::{inspect, to_dataset_yaml};
use weir_engine::lake::seed::{SeedPlan, SeedProgress, seed};

use super::Outcome;

/// The sample lake, and a look into any other.
#[derive(Debug, Subcommand)]
pub(super) enum Lake {
    /// Makes the sample lake: four gold tables of a believable insurer. The same seed gives the
    /// same rows.
    Seed(Seed),
    /// Shows tables, schemas and snapshots, with a dataset file to start from.
    Inspect(Inspect),
}

/// What to make.
#[derive(Debug, Args)]
pub(super) struct Seed {
    /// The folder to make it in; empty or missing.
    #[arg(long)]
    dir: PathBuf,
    /// Rows of `gold.statements`; the other tables scale with it.
    #[arg(long, default_value_t = 260_000)]
    rows: u64,
    /// What the rows are drawn from.
    #[arg(long = "seed", default_value_t = 7)]
    drawn_from: u64,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

/// What to look at.
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// A lake's folder, a `metadata.json`, a Parquet file or a folder of them.
    path: PathBuf,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

impl Lake {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::Seed(command) => command.run().await,
            Self::Inspect(command) => command.run().await,
        }
    }
}

impl Seed {
    async fn run(self) -> anyhow::Result<Outcome> {
        let plan = SeedPlan {
            dir: self.dir,
            rows: self.rows,
            seed: self.drawn_from,
        };
        let bar = ProgressBar::new(plan.rows).with_style(style()?);
        let show = |progress: SeedProgress| {
            bar.set_length(progress.of);
            bar.set_position(progress.rows);
            bar.set_message(progress.table);
        };
        let report = seed(&plan, &show)
            .await
            .context("the sample lake was not made")?;
        bar.finish_and_clear();
        if self.json {
            println!("{}", serde_json::to_string(&report)?);
            return Ok(Outcome::Fine);
        }
        let verb = if report.reused {
            "is already there"
        } else {
            "is made"
        };
        println!("The sample lake {verb} in {}:", report.dir.display());
        for table in &report.tables {
            println!("  {:<26} {:>9} rows", table.name, table.rows);
        }
        Ok(Outcome::Fine)
    }
}

fn style() -> anyhow::Result<ProgressStyle> {
    let template = "{msg:<24} {bar:40} {pos:>8}/{len} rows  {elapsed}";
    ProgressStyle::with_template(template).context("progress bar")
}

impl Inspect {
    async fn run(self) -> anyhow::Result<Outcome> {
        let shown = self.path.display().to_string();
        let report = inspect(&self.path)
            .await
            .with_context(|| format!("can't look into {shown}"))?;
        if self.json {
            let yaml: Vec<_> = report.tables.iter().map(to_dataset_yaml).collect();
            println!(
                "{}",
                json!({ "tables": report.tables, "dataset_yaml": yaml })
            );
            return Ok(Outcome::Fine);
        }
        print!("{report}");
        for table in &report.tables {
            println!(
                "\n# ---- {}.dataset.yaml ----\n{}",
                table.name,
                to_dataset_yaml(table)
            );
        }
        Ok(Outcome::Fine)
    }
}
