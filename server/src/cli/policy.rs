//! `weir policy`: policies as code. One file a command.
//!
//! `check` and `test` read folders. `push`, `export`, `impact` and `history` speak to a server;
//! `diff` and `explain` do either; `who-could-see` reads a registry.

mod check;
mod diff;
mod explain;
mod export;
mod history;
mod impact;
mod push;
mod remote;
mod test;
mod who;

use clap::Subcommand;

use super::Outcome;

/// Policies as code.
#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Reads policies, datasets and dashboards, and runs every decision table.
    Check(check::Check),
    /// Runs every case of every decision table, and says which rule decided where one fails.
    Test(test::Test),
    /// Hands the folder's files in as a draft: all of them, or nothing.
    Push(push::Push),
    /// Writes the files of a revision or draft into a folder, byte for byte.
    Export(export::Export),
    /// Counts who gains and who loses which rows by a draft.
    Impact(impact::Impact),
    /// Says what somebody may see of a dataset, and through which rules.
    Explain(explain::Explain),
    /// Lists the revisions: when, what, by whom.
    History(history::History),
    /// Says who could see a dataset, a column or a unit's rows at some time, and who let them.
    WhoCouldSee(who::WhoCouldSee),
    /// Says what differs between two revisions, drafts or folders, rule by rule.
    Diff(diff::Diff),
}

impl Policy {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::Check(command) => command.run(),
            Self::Test(command) => command.run(),
            Self::Push(command) => command.run().await,
            Self::Export(command) => command.run().await,
            Self::Impact(command) => command.run().await,
            Self::Explain(command) => command.run().await,
            Self::History(command) => command.run().await,
            Self::WhoCouldSee(command) => command.run().await,
            Self::Diff(command) => command.run().await,
        }
    }
}
