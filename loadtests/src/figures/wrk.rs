//! `wrk`: as many requests as fit through so many connections.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::number::{float, ratio};

/// Each of its threads takes every n-th request of the file; the last words are a line of JSON.
const SCRIPT: &str = include_str!("wrk.lua");
const THREADS: u32 = 2;

/// How `wrk` is called.
#[derive(Debug)]
pub(super) struct Wrk {
    program: PathBuf,
    connections: u32,
    folder: PathBuf,
}

/// What it counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) each_second: f64,
    /// In milliseconds, as a closed loop sees it.
    pub(super) p50: f64,
    pub(super) p99: f64,
    /// Bytes of one answer with its head.
    pub(super) bytes_each: f64,
}

#[derive(Debug, Deserialize)]
struct Said {
    requests: u64,
    micros: u64,
    bytes: u64,
    broken: u64,
    refused: u64,
    late: u64,
    p50: u64,
    p99: u64,
    /// Threads that had sent all of theirs before the time was over.
    out: u64,
    /// How many requests were sent in a second for as long as there were some.
    each_second: f64,
}

impl Wrk {
    pub(super) fn new(program: &Path, connections: u32, folder: PathBuf) -> Self {
        Self {
            program: program.to_owned(),
            connections,
            folder,
        }
    }

    /// Asks `url` again and again, or sends the requests one after the other. One that is alone is
    /// sent again and again; of several, each is sent once, and the rate is that until there were none
    /// left.
    pub(super) async fn run(
        &self,
        url: &str,
        requests: Option<&str>,
        lasts: Duration,
    ) -> anyhow::Result<Counted> {
        let (script, file) = (self.folder.join("wrk.lua"), self.folder.join("requests"));
        fs::write(&script, SCRIPT)?;
        fs::write(&file, requests.unwrap_or_default())?;
        let output = Command::new(&self.program)
            .args([format!("-t{THREADS}"), format!("-c{}", self.connections)])
            .args([
                format!("-d{}s", lasts.as_secs()),
                "--timeout=15s".to_owned(),
            ])
            .arg("-s")
            .args([script.as_os_str(), url.as_ref()])
            .arg("--")
            .args([file.as_os_str(), THREADS.to_string().as_ref()])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .with_context(|| format!("starting {}", self.program.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let last = text.lines().rev().find(|line| line.starts_with('{'));
        let said = last.with_context(|| format!("wrk says nothing: {text}"))?;
        counted(&serde_json::from_str(said)?)
    }
}

fn counted(said: &Said) -> anyhow::Result<Counted> {
    ensure!(said.requests > 0, "wrk got no answer at all");
    ensure!(
        said.broken + said.refused + said.late == 0,
        "of {} requests of wrk {} were refused, {} came too late and {} connections broke: its \
         rate says nothing",
        said.requests,
        said.refused,
        said.late,
        said.broken
    );
    let millis = |micros: u64| float(micros) / 1000.0;
    let whole_time = ratio(float(said.requests) * 1e6, float(said.micros));
    Ok(Counted {
        each_second: if said.out > 0 {
            said.each_second
        } else {
            whole_time
        },
        p50: millis(said.p50),
        p99: millis(said.p99),
        bytes_each: ratio(float(said.bytes), float(said.requests)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(refused: u64, out: u64) -> Said {
        Said {
            requests: 20_000,
            micros: 4_000_000,
            bytes: 40_000_000,
            broken: 0,
            refused,
            late: 0,
            p50: 500,
            p99: 9_000,
            out,
            each_second: 10_000.0,
        }
    }

    #[test]
    fn a_rate_is_that_until_there_was_nothing_left_to_send_and_refusals_are_none() {
        let near = |counted: &Counted, rate: f64| (counted.each_second - rate).abs() < 1e-9;

        assert!(near(&counted(&said(0, 0)).unwrap(), 5_000.0));
        assert!(near(&counted(&said(0, 2)).unwrap(), 10_000.0));
        let error = counted(&said(1, 0)).unwrap_err();
        assert!(error.to_string().contains("1 were refused"), "{error}");
    }
}
