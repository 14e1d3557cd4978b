//! `weir login`: one sign-in for several commands.
//!
//! The token is kept in no file: it is printed as a line for the shell, lives in its environment, and
//! is over within the provider's hour. A file would outlive the person's interest in it.

use std::io::IsTerminal as _;

use clap::Args;
use secrecy::ExposeSecret as _;

use super::Outcome;
use super::server::Server;

/// Signs you in.
#[derive(Debug, Args)]
pub(super) struct Login {
    #[command(flatten)]
    server: Server,
}

impl Login {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let token = self.server.sign_in().await?;
        if std::io::stdout().is_terminal() {
            tracing::info!("next time: eval \"$(weir login)\"");
        }
        println!("export WEIR_TOKEN='{}'", token.expose_secret());
        Ok(Outcome::Fine)
    }
}
