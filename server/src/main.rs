//! The `weir` binary: `serve` and the operator commands.

#![expect(clippy::print_stdout, reason = "a command-line tool talks on stdout")]

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    cli::Cli::parse().run()
}
