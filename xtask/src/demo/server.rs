//! The running server: started, waited for, and ended together with this program.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::demo::config::Ports;
use crate::workspace::Workspace;

const READY_PATIENCE: Duration = Duration::from_mins(2);
const STOP_PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);
/// How much of the log is shown when the server ends by itself.
const LAST_LINES: usize = 30;

/// The server, the log it writes, and the signal that ends both.
#[derive(Debug)]
pub(crate) struct Server {
    child: std::cell::RefCell<Child>,
    address: SocketAddr,
    log: PathBuf,
    stop: Receiver<()>,
    started: Instant,
}

impl Server {
    /// Starts `weir serve`; from here on Ctrl-C ends the server first.
    pub(crate) fn start(
        workspace: &Workspace,
        binary: &Path,
        configuration: &Path,
        directory: &Path,
        ports: Ports,
    ) -> anyhow::Result<Self> {
        let (sender, stop) = mpsc::channel();
        // A second Ctrl-C finds nobody listening, because the first is being obeyed.
        ctrlc::set_handler(move || sender.send(()).unwrap_or_default())
            .context("listening for Ctrl-C")?;
        let log = directory.join("weir.log");
        let file = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        let mut command = workspace.command(binary, &["serve", "--config"]);
        command.arg(configuration).stdin(Stdio::null());
        // The Iceberg reader makes errors on its normal path; with backtraces a page takes twice as long.
        command.env("RUST_LIB_BACKTRACE", "0");
        let started = Instant::now();
        let child = command
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let address = SocketAddr::from(([127, 0, 0, 1], ports.weir));
        Ok(Self {
            child: child.into(),
            address,
            log,
            stop,
            started,
        })
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Asks `/readyz` until it says 200, and says how long that took.
    pub(crate) fn wait_until_ready(&self) -> anyhow::Result<Duration> {
        while self.started.elapsed() < READY_PATIENCE {
            if status_of(self.address, "/readyz").is_some_and(|status| status == 200) {
                return Ok(self.started.elapsed());
            }
            if self.asked_to_stop(PAUSE) {
                bail!("stopped before the server was ready");
            }
            if let Some(status) = self.child.borrow_mut().try_wait()? {
                bail!("{}", self.obituary(status));
            }
        }
        bail!(
            "the server was not ready after {} s; {}",
            READY_PATIENCE.as_secs(),
            self.log_tail()
        );
    }

    /// Waits for Ctrl-C, and ends the server; its own end is an error.
    pub(crate) fn stay(self) -> anyhow::Result<()> {
        loop {
            if self.asked_to_stop(PAUSE * 4) {
                println!("\n  Stopping.");
                return Ok(());
            }
            if let Some(status) = self.child.borrow_mut().try_wait()? {
                bail!("{}", self.obituary(status));
            }
        }
    }

    fn asked_to_stop(&self, patience: Duration) -> bool {
        !matches!(
            self.stop.recv_timeout(patience),
            Err(RecvTimeoutError::Timeout)
        )
    }

    fn obituary(&self, status: ExitStatus) -> String {
        format!("the server ended by itself ({status}); {}", self.log_tail())
    }

    fn log_tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines.iter().skip(lines.len().saturating_sub(LAST_LINES));
        let tail = tail.copied().collect::<Vec<_>>().join("\n  ");
        format!("the end of {}:\n\n  {tail}", self.log.display())
    }
}

impl Drop for Server {
    /// However this program ends, no server is left behind.
    fn drop(&mut self) {
        let child = self.child.get_mut();
        ask_to_end(child);
        let deadline = Instant::now() + STOP_PATIENCE;
        while Instant::now() < deadline {
            match child.try_wait() {
                Ok(None) => std::thread::sleep(PAUSE),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        drop(child.kill());
        drop(child.wait());
    }
}

#[cfg(unix)]
fn ask_to_end(child: &Child) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    if let Ok(id) = i32::try_from(child.id()) {
        // It may have ended already.
        kill(Pid::from_raw(id), Signal::SIGTERM).unwrap_or_default();
    }
}

#[cfg(not(unix))]
fn ask_to_end(child: &mut Child) {
    drop(child.kill());
}

/// The status of a plain GET, or nothing when nobody answers.
fn status_of(address: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut start = [0; 12];
    stream.read_exact(&mut start).ok()?;
    let text = std::str::from_utf8(&start).ok()?;
    text.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn answering(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            drop(stream.read(&mut request));
            stream.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn the_status_of_an_answer_is_read() {
        let ready = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        let starting = answering("HTTP/1.1 503 Service Unavailable\r\n\r\n");

        assert_eq!(status_of(ready, "/readyz"), Some(200));
        assert_eq!(status_of(starting, "/readyz"), Some(503));
    }

    #[test]
    fn nobody_listening_is_no_status() {
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();

        assert_eq!(status_of(address, "/readyz"), None);
    }
}
