//! Processes that are started here and end here.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a process may take to end once it was asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(35);
/// How much of a log is shown when a process ends by itself.
const LAST_LINES: usize = 20;

/// A running process and what it writes. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

/// What the system says about a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vitals {
    /// Resident memory in bytes.
    pub resident_bytes: u64,
    /// Open file handles.
    pub handles: u64,
    /// Threads.
    pub threads: u64,
    /// Time spent computing, since its start.
    pub computed: Duration,
}

impl Process {
    /// Starts `command`; what it writes goes to `log`.
    ///
    /// # Errors
    /// It can't be started.
    pub fn start(name: &str, mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let file = File::create(log).with_context(|| format!("creating {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log: log.to_owned(),
        })
    }

    /// Its number, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// How it ended, if it did.
    ///
    /// # Errors
    /// The system does not say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks it to end, and kills it if it does not. Says how it ended.
    ///
    /// # Errors
    /// The system does not say how it ended.
    pub async fn stop(mut self) -> anyhow::Result<ExitStatus> {
        self.signal("TERM")?;
        if let Ok(status) = timeout(STOP_PATIENCE, self.child.wait()).await {
            return Ok(status?);
        }
        self.child.kill().await?;
        Ok(self.child.wait().await?)
    }

    /// Sends `TERM`, `STOP`, `CONT` or `KILL`. Nothing happens to a process that has ended.
    ///
    /// # Errors
    /// The name is none of a signal, or the system refuses.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        let Some(id) = self.id() else { return Ok(()) };
        // The shell's own command: sending signals needs code that is not safe, or a crate that has.
        let kill = format!("kill -s {name} {id}");
        let sent = std::process::Command::new("sh")
            .args(["-c", &kill])
            .output();
        let sent = sent.with_context(|| format!("sending SIG{name} to {}", self.name))?;
        let refusal = String::from_utf8_lossy(&sent.stderr);
        ensure!(
            sent.status.success() || refusal.contains("No such process"),
            "sending SIG{name} to {}: {refusal}",
            self.name
        );
        Ok(())
    }

    /// What the system says about it now.
    ///
    /// # Errors
    /// It has ended, or this system has no `/proc`.
    pub fn vitals(&self) -> anyhow::Result<Vitals> {
        let id = self
            .id()
            .with_context(|| format!("{} has ended; {}", self.name, self.log_tail()))?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        Ok(Vitals {
            resident_bytes: field(&status, "VmRSS:").unwrap_or(0) * 1024,
            threads: field(&status, "Threads:").unwrap_or(0),
            handles: fs::read_dir(format!("/proc/{id}/fd"))?.count() as u64,
            computed: computed(&stat),
        })
    }

    /// What it wrote so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The last lines of what it wrote.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let text = self.log();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines.iter().skip(lines.len().saturating_sub(LAST_LINES));
        let tail = tail.copied().collect::<Vec<_>>().join("\n  ");
        format!("the end of {}:\n\n  {tail}", self.log.display())
    }
}

/// A number of `/proc/PID/status`.
fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// User and system time of `/proc/PID/stat`, which counts hundredths of a second on every Linux.
fn computed(stat: &str) -> Duration {
    // The second field is the program's name in brackets, which may hold blanks.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// A port of the loopback address that nobody uses right now.
///
/// # Errors
/// There is none.
pub fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vitals_of_a_process_are_read_from_what_the_system_says() {
        let status = "Name:\tweir\nVmRSS:\t  2048 kB\nThreads:\t9\n";
        let stat = "7 (we ir) S 1 7 7 0 -1 4194560 900 0 0 0 150 50 0 0 20 0 9 0 100 1 2";

        assert_eq!(field(status, "VmRSS:"), Some(2048));
        assert_eq!(field(status, "Threads:"), Some(9));
        assert_eq!(computed(stat), Duration::from_secs(2));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_process_is_seen_asked_to_end_and_gone() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sleep");
        command.arg("60");
        let process = Process::start("sleep", command, &folder.path().join("log")).unwrap();

        let vitals = process.vitals().unwrap();
        let status = process.stop().await.unwrap();

        assert!(vitals.threads == 1 && vitals.handles >= 3, "{vitals:?}");
        assert!(!status.success());
    }
}
