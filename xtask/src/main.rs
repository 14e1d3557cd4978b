//! `cargo xtask`: sets Weir up, runs the demo and runs every test.
//!
//! A fresh machine needs git, a Rust toolchain and this:
//!
//! ```text
//! cargo xtask demo     build everything, make the sample lake, start Weir, open the CRM page
//! cargo xtask test     everything above that the tests need, then all of them
//! cargo xtask test --long       the same with forty times the random trials
//! cargo xtask test --mutants    only: are the tests red when known bugs are put in?
//! cargo xtask test --live-athena WORKGROUP    only: golden statements at a real Athena
//! cargo xtask load --plan P    load tests: results and a report in target/load
//! cargo xtask site     only the browser half, into target/site
//! cargo xtask size --source    files that have grown past the house style's length
//! ```
//!
//! Every step says what it does and why before it does it. What is missing is installed or built
//! where that is allowed; where it is not, the program names the one command to run and stops
//! with exit code 2. Exit code 1 means that a step ran and failed, 0 that all is well.
//!
//! Nothing is kept outside `target/`, except packages of the operating system and the WebAssembly
//! target of the toolchain. There is no option to skip a check.

#![expect(clippy::print_stdout, reason = "a command-line tool talks on stdout")]

mod console;
mod demo;
mod layers;
mod live_athena;
mod load;
mod mutants;
#[cfg(test)]
mod proofs;
mod run;
mod setup;
mod site;
mod size;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::console::Console;
use crate::setup::Blocked;
use crate::workspace::Workspace;

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    about = "Sets Weir up, runs the demo and the tests"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Set up, build, and run Weir over the sample lake until Ctrl-C.
    Demo(demo::Options),
    /// Set up, build, and run all tests.
    Test(test::Options),
    /// Set up, build, and run a plan of load tests.
    Load(load::Options),
    /// Build the browser half into `target/site`.
    Site,
    /// Print what has grown too long.
    Size(size::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match perform(arguments.task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            let code = if error.is::<Blocked>() { 2 } else { 1 };
            ExitCode::from(code)
        }
    }
}

fn perform(task: Task) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find()?;
    match task {
        Task::Demo(options) => demo::run(&workspace, &options).map(|()| ExitCode::SUCCESS),
        Task::Test(options) => test::run(&workspace, &options).map(|()| ExitCode::SUCCESS),
        Task::Load(options) => load::run(&workspace, &options).map(|()| ExitCode::SUCCESS),
        Task::Site => {
            let mut console = Console::new();
            site::build(&workspace, &mut console).map(|()| ExitCode::SUCCESS)
        }
        Task::Size(options) => size::run(&workspace, &options),
    }
}
