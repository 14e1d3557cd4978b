//! `cargo xtask load`: builds what load tests need, and runs one of their plans. The tests run the
//! shortest one as a step of theirs.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::console::{Console, Outcome, Progress};
use crate::run;
use crate::setup::{browser, debian, postgres, redis};
use crate::site;
use crate::test::SELECTION;
use crate::workspace::Workspace;

/// Where Debian has nginx, which is not on everybody's search path.
const NGINX: &str = "/usr/sbin/nginx";

/// Which plan, and how.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A plan of `loadtests/plans`, or a file.
    #[arg(long, default_value = "full")]
    plan: String,
    /// How long the long run takes, if the plan has one.
    #[arg(long)]
    minutes: Option<f64>,
    /// Take the development build, as the tests do: quick to make, and slow. Its times mean little,
    /// its ratios something.
    #[arg(long)]
    dev: bool,
    /// Where results go.
    #[arg(long, default_value = "target/load")]
    out: PathBuf,
}

/// Programs that are not built here.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Chromium.
    pub(crate) chromium: PathBuf,
}

/// Sets up, builds and runs; over budget is a failure.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let mut console = Console::new();
    let result = steps(workspace, options, &mut console);
    console.summary();
    println!("\n{}", told(workspace, &options.out));
    result
}

fn steps(workspace: &Workspace, options: &Options, console: &mut Console) -> anyhow::Result<()> {
    let found = Found {
        chromium: console.obtain("chromium", "it opens dashboards", browser::prepare)?,
    };
    if matches!(options.plan.as_str(), "fleet" | "full") {
        console.obtain("postgresql", "replicas share a registry", postgres::prepare)?;
    }
    if matches!(options.plan.as_str(), "fleet" | "full" | "soak") {
        console.obtain("redis", "replicas share a cache", redis::prepare)?;
    }
    if matches!(options.plan.as_str(), "figures" | "full") {
        console.step("nginx and wrk", "Weir is compared with them", comparison)?;
    }
    site::build(workspace, console)?;
    console.step(
        "build",
        "the server, the simulator and the load",
        |progress| {
            run::quietly(&mut build(workspace, options.dev), progress)?;
            Ok(Outcome::Done(String::new()))
        },
    )?;
    let why = format!("the plan `{}`", options.plan);
    console.step("load", &why, |progress| {
        let folder = if options.dev { "debug" } else { "release" };
        let mut command = command(workspace, &workspace.target(folder), &found);
        command.arg("--plan").arg(&options.plan);
        command.arg("--out").arg(&options.out);
        if let Some(minutes) = options.minutes {
            command.arg("--minutes").arg(minutes.to_string());
        }
        run::openly(&mut command, progress)?;
        Ok(Outcome::Done("within every budget".to_owned()))
    })
}

/// Optimised: `cargo build` of the binaries. For development: what the tests build, so that
/// nothing is compiled twice.
fn build(workspace: &Workspace, dev: bool) -> Command {
    let words: &[&str] = if dev {
        &["test", "--no-run"]
    } else {
        &["build", "--release", "--bins"]
    };
    workspace.cargo(&[words, SELECTION.as_slice()].concat())
}

/// The shortest plan on what the tests have built: is anything out of proportion?
pub(crate) fn smoke(
    workspace: &Workspace,
    found: &Found,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    if !Path::new("/proc/self/stat").exists() {
        let why = "how long Weir computes is read from /proc, which this system does not have";
        return Ok(Outcome::Skipped(why.to_owned()));
    }
    let mut command = command(workspace, &workspace.target("debug"), found);
    let out = workspace.target("load");
    command.args(["--plan", "smoke", "--out"]).arg(&out);
    run::openly(&mut command, progress)?;
    Ok(Outcome::Done(told(workspace, &out)))
}

fn command(workspace: &Workspace, binaries: &Path, found: &Found) -> Command {
    let mut command = workspace.command(binaries.join("weir-load"), &["run", "--repository"]);
    command
        .arg(workspace.root())
        .arg("--weir")
        .arg(binaries.join("weir"))
        .arg("--sim")
        .arg(binaries.join("athena-sim"))
        .arg("--site")
        .arg(workspace.target("site"))
        .arg("--chromium")
        .arg(&found.chromium)
        .args(["--nginx", NGINX]);
    command
}

fn comparison(progress: &Progress) -> anyhow::Result<Outcome> {
    let there =
        Path::new(NGINX).exists() && run::answer(Command::new("which").arg("wrk")).is_some();
    if there {
        return Ok(Outcome::Ready(NGINX.to_owned()));
    }
    let purpose = "a static file of the same bytes is the measure";
    debian::install(&["nginx-light", "wrk"], purpose, progress)?;
    Ok(Outcome::Done(NGINX.to_owned()))
}

fn told(workspace: &Workspace, out: &Path) -> String {
    format!(
        "report: {}",
        workspace.root().join(out).join("report.html").display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_development_build_is_the_one_of_the_tests() {
        let workspace = Workspace::find().unwrap();

        let dev = run::shown(&build(&workspace, true));
        let release = run::shown(&build(&workspace, false));

        assert_eq!(
            dev,
            "cargo test --no-run --locked --workspace --exclude xtask"
        );
        assert_eq!(
            release,
            "cargo build --release --bins --locked --workspace --exclude xtask"
        );
    }
}
