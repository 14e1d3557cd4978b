//! `weir-load`: runs a plan, and says what came out of it. `cargo xtask load` builds what it needs
//! and calls it.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    cli::Arguments::parse().perform().await
}
