//! `weir policy history`: the revisions of a server, newest first.

use clap::Args;

use super::remote;
use crate::cli::Outcome;
use crate::cli::server::Server;

/// Lists revisions.
#[derive(Debug, Args)]
pub(in crate::cli) struct History {
    #[command(flatten)]
    server: Server,
    /// How many at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// Says everything as JSON.
    #[arg(long)]
    json: bool,
}

impl History {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let api = self.server.connect().await?;
        let (said, revisions) = remote::list(&api, self.limit).await?;
        if self.json {
            println!("{said}");
            return Ok(Outcome::Fine);
        }
        for revision in &revisions {
            let at = revision.published_at.format("%Y-%m-%d %H:%M UTC");
            let widening = if revision.widening { "  widening" } else { "" };
            println!("{:>6}  {at}{widening}  {}", revision.number, revision.title);
            let approvers: Vec<_> = revision.approvers.iter().map(|p| p.name.as_str()).collect();
            let by = &revision.author.name;
            if approvers.is_empty() {
                println!("        by {by}");
            } else {
                println!("        by {by}, approved by {}", approvers.join(", "));
            }
        }
        Ok(Outcome::Fine)
    }
}
