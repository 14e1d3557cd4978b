//! Commands. Exit codes: 0 = fine, 1 = findings, 2 = could not run.

mod audit;
mod client;
mod cost;
mod dashboard;
mod doctor;
mod folders;
mod identity;
mod keys;
mod lake;
mod lockdown;
mod login;
mod policy;
mod revoke;
mod serve;
mod server;
mod store;
mod vitals;
mod when;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use weir_server::telemetry::log;

/// Weir, the governed outlet of a lakehouse.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves dashboards.
    Serve(serve::Serve),
    /// The sample lake, and a look into any other.
    #[command(subcommand)]
    Lake(lake::Lake),
    /// Policies as code.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Dashboards as code.
    #[command(subcommand)]
    Dashboard(dashboard::Dashboard),
    /// The audit log.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Who people are: the claim mapping.
    #[command(subcommand)]
    Identity(identity::Identity),
    /// Embed clients of a server: who may embed what, from where.
    #[command(subcommand)]
    Client(client::Client),
    /// Says what keeps a host page from showing a dashboard, and the line to change.
    Doctor(doctor::Doctor),
    /// Takes embed tokens back, at a server.
    Revoke(revoke::Revoke),
    /// Closes dashboards for the time being, at a server.
    #[command(subcommand)]
    Lockdown(lockdown::Lockdown),
    /// What answers cost at a server, and budgets for a day.
    #[command(subcommand)]
    Cost(cost::Cost),
    /// How fast pages are in browsers, at a server.
    Vitals(vitals::Vitals),
    /// The keys that sign embed tokens.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Signs you in at a server, for the commands of this shell.
    Login(login::Login),
}

/// How a command ended, when it could run.
pub(crate) enum Outcome {
    /// Nothing to say.
    Fine,
    /// Something was found.
    Findings,
}

impl Cli {
    pub(crate) fn run(self) -> ExitCode {
        // A server begins to log once it knows where its traces go.
        if !matches!(self.command, Command::Serve(_)) {
            log::to_stderr(None);
        }
        match self.dispatch() {
            Ok(Outcome::Fine) => ExitCode::SUCCESS,
            Ok(Outcome::Findings) => ExitCode::from(1),
            Err(error) => {
                log::to_stderr(None);
                tracing::error!("{error:#}");
                ExitCode::from(2)
            }
        }
    }

    fn dispatch(self) -> anyhow::Result<Outcome> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            match self.command {
                // Everything that is built at the start lives in this one future.
                Command::Serve(command) => Box::pin(command.run()).await,
                Command::Lake(command) => command.run().await,
                Command::Policy(command) => Box::pin(command.run()).await,
                Command::Dashboard(command) => command.run(),
                Command::Audit(command) => command.run().await,
                Command::Identity(command) => command.run(),
                Command::Client(command) => command.run().await,
                Command::Doctor(command) => command.run().await,
                Command::Revoke(command) => command.run().await,
                Command::Lockdown(command) => command.run().await,
                Command::Cost(command) => command.run().await,
                Command::Vitals(command) => command.run().await,
                Command::Keys(command) => command.run().await,
                Command::Login(command) => command.run().await,
            }
        })
    }
}
