//! `cargo xtask test`: the whole set-up, then every check and every test, in the order in which
//! they are likely to fail cheaply.
//!
//! Clippy, the tests and the documentation tests select the same crates with the same features,
//! so that the dependencies are compiled once as libraries and once as metadata, not more.
//! xtask stays out of that selection: it was built before, for itself.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::console::{Console, Outcome, Progress};
use crate::run;
use crate::setup::tools::{DENY, NEXTEST};
use crate::setup::{browser, node, postgres, python, redis, slow_clients};
use crate::workspace::Workspace;
use crate::{layers, live_athena, load, mutants, site};

const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";
pub(crate) const SELECTION: [&str; 4] = ["--locked", "--workspace", "--exclude", "xtask"];

/// How thorough to be.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Forty times the random trials, and twenty times the killed processes.
    #[arg(long, conflicts_with = "mutants")]
    long: bool,
    /// Nothing but the list of seeded bugs: each must turn the tests red. With a text, only those
    /// whose name contains it.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    mutants: Option<String>,
    /// Nothing but the suite that asks a real Athena through this workgroup, with the credentials
    /// and the region of the environment, for less than five cents.
    #[arg(long, value_name = "WORKGROUP", conflicts_with_all = ["long", "mutants"])]
    live_athena: Option<String>,
}

/// What the tests are told about this machine, and how long to try.
#[derive(Debug)]
struct Equipment {
    long: bool,
    chromium: PathBuf,
    python: PathBuf,
    node_modules: PathBuf,
    redis: PathBuf,
    slow_clients: PathBuf,
    nextest: Option<PathBuf>,
}

/// Runs everything, prints the table of steps, and fails with the first step that does.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    if let Some(only) = &options.mutants {
        return mutants::run(workspace, only);
    }
    if let Some(workgroup) = &options.live_athena {
        return live_athena::run(workspace, workgroup);
    }
    let mut console = Console::new();
    let result = all(workspace, options.long, &mut console);
    console.summary();
    if result.is_ok() {
        println!("\nEverything passed.");
    }
    result
}

fn all(workspace: &Workspace, long: bool, console: &mut Console) -> anyhow::Result<()> {
    console.step(
        "format",
        "one layout of the source for everybody",
        |progress| {
            quiet(
                &mut workspace.cargo(&["fmt", "--all", "--", "--check"]),
                progress,
            )
        },
    )?;
    console.step("layers", "no crate may know one above it", |progress| {
        layers::check(workspace, progress)
    })?;
    site::build(workspace, console)?;
    let equipment = Equipment {
        long,
        ..equip(workspace, console)?
    };
    lint(workspace, console)?;
    tests(workspace, &equipment, console)?;
    smoke(workspace, &equipment, console)?;
    deny(workspace, console)
}

fn equip(workspace: &Workspace, console: &mut Console) -> anyhow::Result<Equipment> {
    console.obtain(
        "postgresql",
        "the registry is tested on it too, in a cluster of the tests' own",
        postgres::prepare,
    )?;
    Ok(Equipment {
        long: false,
        chromium: console.obtain(
            "chromium",
            "the browser tests drive a real browser",
            browser::prepare,
        )?,
        python: console.obtain(
            "python",
            "an independent reader checks the numbers",
            |progress| python::prepare(workspace, progress),
        )?,
        node_modules: console.obtain(
            "node",
            "one login test uses a certified OpenID provider",
            |progress| node::prepare(workspace, progress),
        )?,
        redis: console.obtain(
            "redis",
            "replicas share a cache, on a server of the tests' own",
            redis::prepare,
        )?,
        slow_clients: console.obtain(
            "slowhttptest",
            "it plays clients that take their time",
            slow_clients::prepare,
        )?,
        nextest: console.obtain(
            "nextest",
            "it runs the tests, each in a process of its own",
            |progress| Ok(NEXTEST.prepare(workspace, progress)),
        )?,
    })
}

fn lint(workspace: &Workspace, console: &mut Console) -> anyhow::Result<()> {
    console.step("clippy", "the house rules, warnings included", |progress| {
        let words = [
            &["clippy"],
            SELECTION.as_slice(),
            &["--all-targets", "--", "-D", "warnings"],
        ];
        quiet(&mut workspace.cargo(&words.concat()), progress)?;
        let own = [
            "clippy",
            "--locked",
            "-p",
            "xtask",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        quiet(&mut workspace.cargo(&own), progress)
    })
}

fn tests(
    workspace: &Workspace,
    equipment: &Equipment,
    console: &mut Console,
) -> anyhow::Result<()> {
    console.step("build", "the server and the tests", |progress| {
        quiet(
            &mut runner(workspace, equipment, &SELECTION, Phase::Build),
            progress,
        )
    })?;
    console.step("tests", "all of them, the browser ones too", |progress| {
        let mut command = runner(workspace, equipment, &SELECTION, Phase::Run);
        run::openly(equipment.tell(workspace, &mut command), progress)?;
        let own = ["--locked", "-p", "xtask"];
        run::openly(
            &mut runner(workspace, equipment, &own, Phase::Run),
            progress,
        )?;
        Ok(Outcome::Done(String::new()))
    })?;
    console.step(
        "examples",
        "what the documentation shows must compile and hold",
        |progress| {
            let words = [&["test", "--doc"], SELECTION.as_slice()].concat();
            quiet(
                equipment.tell(workspace, &mut workspace.cargo(&words)),
                progress,
            )
        },
    )
}

fn smoke(
    workspace: &Workspace,
    equipment: &Equipment,
    console: &mut Console,
) -> anyhow::Result<()> {
    let found = load::Found {
        chromium: equipment.chromium.clone(),
    };
    console.step("load", "is anything out of proportion?", |progress| {
        load::smoke(workspace, &found, progress)
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Build,
    Run,
}

/// The command that builds or runs the tests of a selection: nextest, or cargo without it.
fn runner(
    workspace: &Workspace,
    equipment: &Equipment,
    selection: &[&str],
    phase: Phase,
) -> Command {
    let mut command = match &equipment.nextest {
        Some(program) => {
            let mut command = NEXTEST.command(workspace, program);
            command.arg("run");
            if equipment.long {
                command.args(["--profile", "long"]);
            }
            command
        }
        None => workspace.cargo(&["test", "--all-targets"]),
    };
    command.args(selection);
    if phase == Phase::Build {
        command.arg("--no-run");
    }
    command
}

impl Equipment {
    fn tell<'a>(&self, workspace: &Workspace, command: &'a mut Command) -> &'a mut Command {
        command
            .env("WEIR_CHROMIUM", &self.chromium)
            .env("WEIR_PYTHON", &self.python)
            .env("WEIR_NODE_MODULES", &self.node_modules)
            .env("WEIR_REDIS", &self.redis)
            .env("WEIR_SLOWHTTPTEST", &self.slow_clients)
            .env("WEIR_SITE", workspace.target("site"))
            .env("WEIR_BIN", workspace.target("debug/weir"))
            .envs(self.long.then_some(("WEIR_LONG", "1")))
    }
}

fn deny(workspace: &Workspace, console: &mut Console) -> anyhow::Result<()> {
    console.step(
        "deny",
        "licences, banned crates, known weaknesses",
        |progress| {
            let (program, outcome) = DENY.prepare(workspace, progress);
            let Some(program) = program else {
                return Ok(outcome);
            };
            let mut command = DENY.command(workspace, &program);
            command.args(["--locked", "check", "--hide-inclusion-graph"]);
            if advisories_are_reachable(progress) {
                return quiet(&mut command, progress);
            }
            quiet(command.args(["bans", "licenses", "sources"]), progress)?;
            let note =
                format!("known weaknesses only: {ADVISORIES} can't be reached; the rest passed");
            Ok(Outcome::Skipped(note))
        },
    )
}

fn advisories_are_reachable(progress: &Progress) -> bool {
    let mut git = Command::new("git");
    git.args(["ls-remote", "--exit-code", ADVISORIES, "HEAD"])
        .env("GIT_TERMINAL_PROMPT", "0");
    run::quietly_within(&mut git, progress, Duration::from_secs(20)).is_ok()
}

fn quiet(command: &mut Command, progress: &Progress) -> anyhow::Result<Outcome> {
    run::quietly(command, progress)?;
    Ok(Outcome::Done(String::new()))
}
