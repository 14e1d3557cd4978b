//! The `weir` binary: `serve` and the operator commands.

#![expect(clippy::print_stdout, reason = "a command-line tool talks on stdout")]

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

/// A question allocates on every core at once; the system's allocator keeps what each of them once
/// held, this one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::Cli::parse().run()
}
