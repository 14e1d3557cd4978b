//! `weir dashboard`: dashboards as code.

use clap::{Args, Subcommand};

use super::Outcome;
use super::folders::Folders;

/// Dashboards as code.
#[derive(Debug, Subcommand)]
pub(super) enum Dashboard {
    /// Reads policies, datasets and dashboards, and runs every decision table.
    Check(Check),
}

/// Checks everything together.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    folders: Folders,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

impl Dashboard {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        let Self::Check(check) = self;
        check.folders.check(check.json)
    }
}
