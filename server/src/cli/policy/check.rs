//! `weir policy check`.

use clap::Args;

use crate::cli::Outcome;
use crate::cli::folders::Folders;

/// Checks everything together.
#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    #[command(flatten)]
    folders: Folders,
    /// Says the outcome as JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Outcome> {
        self.folders.check(self.json)
    }
}
