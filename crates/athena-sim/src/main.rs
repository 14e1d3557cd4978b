//! `athena-sim`: the simulator as a process of its own, on this machine's loopback address.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use athena_sim::{Latency, Limits, Running, Sim, SimConfig, StartError, WorkGroup};
use clap::Parser;

/// Answers for Amazon Athena, Glue, STS and S3 from the tables of a lake folder. For development
/// and load tests only: signatures are not checked.
#[derive(Debug, Parser)]
#[command(name = "athena-sim")]
struct Arguments {
    /// The folder of the lake, with its `*.db` catalogs.
    #[arg(long)]
    lake: PathBuf,
    /// Where to listen on 127.0.0.1; any free port if it is 0.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How long half of the queries take at most, in milliseconds.
    #[arg(long, default_value_t = 1_800)]
    p50: u64,
    /// How long nineteen of twenty take at most.
    #[arg(long, default_value_t = 6_000)]
    p95: u64,
    /// How long a query takes whose result is an earlier one's.
    #[arg(long, default_value_t = 200)]
    reuse: u64,
    /// How many queries may be queued or running.
    #[arg(long, default_value_t = Limits::default().active_queries)]
    active_queries: usize,
    /// A workgroup with enforced configuration; may be said several times.
    #[arg(long = "workgroup", default_value = "primary")]
    workgroups: Vec<String>,
    /// Seed of all chance.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

impl Arguments {
    fn config(self) -> SimConfig {
        let millis = Duration::from_millis;
        let groups = self.workgroups.iter();
        SimConfig {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)),
            latency: Latency {
                p50: millis(self.p50),
                p95: millis(self.p95),
                reuse: millis(self.reuse),
            },
            limits: Limits {
                active_queries: self.active_queries,
                ..Limits::default()
            },
            workgroups: groups.map(|name| WorkGroup::governed(name)).collect(),
            seed: self.seed,
            ..SimConfig::new(self.lake)
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error: &(dyn std::error::Error + 'static) = &error;
            tracing::error!(error, "athena-sim did not start");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), StartError> {
    let running: Running = Sim::start(arguments.config()).await?;
    // Whoever started it reads the address from here; if nobody does, it runs all the same.
    let _ = writeln!(std::io::stdout(), "{}", running.url());
    let _ = tokio::signal::ctrl_c().await;
    Ok(())
}
