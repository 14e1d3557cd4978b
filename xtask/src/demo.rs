//! `cargo xtask demo`: from a fresh checkout to a dashboard in a CRM page.

mod config;
mod server;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::console::{Console, Outcome, Progress, seconds};
use crate::demo::config::Ports;
use crate::demo::server::Server;
use crate::run;
use crate::setup::Blocked;
use crate::site;
use crate::workspace::Workspace;

const ROWS: &str = "260000";
const SEED: &str = "7";

/// How to run the demo.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Don't open a browser.
    #[arg(long)]
    no_open: bool,
    /// Weir's port; the CRM page and the identity provider take the next two.
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..=65533))]
    port: u16,
    /// Build the fast server, which takes longer.
    #[arg(long)]
    release: bool,
}

/// Sets everything up, starts Weir, and stays until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let ports = Ports::from(options.port);
    check_ports(ports)?;
    let mut console = Console::new();
    site::build(workspace, &mut console)?;

    let binary = workspace.target(if options.release {
        "release/weir"
    } else {
        "debug/weir"
    });
    console.step(
        "server",
        "the gateway itself, the first time with its dependencies",
        |progress| build_server(workspace, options, progress),
    )?;
    let directory = workspace.target("demo");
    fs::create_dir_all(&directory)?;
    console.step(
        "sample lake",
        "four gold tables as Iceberg, the same on every machine",
        |progress| seed(workspace, &binary, &directory.join("lake"), progress),
    )?;
    let configuration = config::write(workspace, &directory, ports)?;

    let why = "Weir, a CRM page and an identity provider, on this machine only";
    let server = console.obtain("start", why, |_| {
        let server = Server::start(workspace, &binary, &configuration, &directory, ports)?;
        let took = seconds(server.wait_until_ready()?);
        Ok((
            server,
            Outcome::Done(format!("ready {took} after its start")),
        ))
    })?;
    println!("\n{}", config::welcome(ports, server.log()));
    if !options.no_open {
        open(&ports.crm_url());
    }
    server.stay()
}

fn check_ports(ports: Ports) -> Result<(), Blocked> {
    for port in [ports.weir, ports.crm, ports.idp] {
        TcpListener::bind(("127.0.0.1", port)).map_err(|error| Blocked {
            reason: format!("port {port} can't be used ({error})"),
            command: "cargo xtask demo --port 9080".to_owned(),
        })?;
    }
    Ok(())
}

fn build_server(
    workspace: &Workspace,
    options: &Options,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    let mut cargo = workspace.cargo(&["build", "--locked", "-p", "weir-server", "--bin", "weir"]);
    if options.release {
        cargo.arg("--release");
    }
    run::quietly(&mut cargo, progress)?;
    Ok(Outcome::Done(String::new()))
}

/// Makes the lake unless it is complete; `lake.json` is written last.
fn seed(
    workspace: &Workspace,
    binary: &Path,
    lake: &PathBuf,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    if lake.join("lake.json").is_file() {
        return Ok(Outcome::Ready(lake.display().to_string()));
    }
    if lake.exists() {
        progress.note("the lake was not finished last time; starting over");
        fs::remove_dir_all(lake).with_context(|| format!("removing {}", lake.display()))?;
    }
    let mut command = workspace.command(binary, &["lake", "seed", "--rows", ROWS, "--seed", SEED]);
    run::openly(command.arg("--dir").arg(lake), progress)?;
    Ok(Outcome::Done(format!(
        "{ROWS} statements in {}",
        lake.display()
    )))
}

/// A browser that does not open is no reason to stop: the address is on the screen.
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    if run::answer(std::process::Command::new(program).arg(url)).is_none() {
        println!("  No browser could be opened from here; open the address above.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_a_command_that_avoids_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().min(65533);

        let blocked = check_ports(Ports::from(port)).unwrap_err();

        assert!(blocked.reason.contains("can't be used"), "{blocked}");
        assert_eq!(blocked.command, "cargo xtask demo --port 9080");
    }
}
