//! `cargo xtask test --live-athena WORKGROUP`: the golden statements at a real Athena, for a few cents.
//! Nothing but that: everything else is tested without an account.

use crate::console::{Console, Outcome};
use crate::run;
use crate::setup::python;
use crate::setup::tools::NEXTEST;
use crate::test::SELECTION;
use crate::workspace::Workspace;

const TEST: &str = "live_athena_answers_golden_statements_as_the_embedded_engine_does";

/// Builds the suite and runs it with the credentials and the region of the environment.
pub(crate) fn run(workspace: &Workspace, workgroup: &str) -> anyhow::Result<()> {
    let mut console = Console::new();
    let result = steps(workspace, workgroup, &mut console);
    console.summary();
    result
}

fn steps(workspace: &Workspace, workgroup: &str, console: &mut Console) -> anyhow::Result<()> {
    let python = console.obtain(
        "python",
        "an independent reader finds the files of the sample lake",
        |progress| python::prepare(workspace, progress),
    )?;
    let nextest = console.obtain("nextest", "it runs the tests", |progress| {
        Ok(NEXTEST.prepare(workspace, progress))
    })?;
    console.step(
        "live athena",
        "forty statements at a real account, for less than five cents",
        |progress| {
            let mut command = if let Some(program) = &nextest {
                let mut command = NEXTEST.command(workspace, program);
                command.args(["run", "--run-ignored", "only", "--no-capture"]);
                command.args(SELECTION).args(["--test", "interop"]);
                command.arg("-E").arg(format!("test({TEST})"));
                command
            } else {
                let mut command = workspace.cargo(&["test"]);
                command.args(SELECTION).args(["--test", "interop", "--"]);
                command.args(["--ignored", "--nocapture", TEST]);
                command
            };
            command
                .env("WEIR_PYTHON", &python)
                .env("WEIR_LIVE_ATHENA", workgroup);
            run::openly(&mut command, progress)?;
            Ok(Outcome::Done(String::new()))
        },
    )
}
