//! The binary itself, as `weir serve` over canaries on a free port.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::canaries::Canaries;
use super::configuration::configuration;
use super::world::{CRM, HOST};

/// A running `weir serve`; it ends with the test.
#[derive(Debug)]
pub(crate) struct Weir {
    process: Child,
    pub(crate) address: SocketAddr,
    pub(crate) http: reqwest::Client,
    _home: TempDir,
    _canaries: Canaries,
}

impl Drop for Weir {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Weir {
    pub(crate) fn start() -> Self {
        // A free port may be taken again before Weir binds it; then another is tried.
        (0..5)
            .find_map(|_| Self::try_start())
            .expect("weir starts: its log is above")
    }

    fn try_start() -> Option<Self> {
        let (home, canaries) = (TempDir::new().unwrap(), Canaries::new());
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut plan = canaries.plan();
        plan.public_url = format!("http://{address}");
        let text = configuration(&plan, home.path());
        let bind = "bind = \"127.0.0.1:0\"";
        assert!(text.contains(bind));
        let text = text.replace(
            bind,
            &format!("bind = \"{address}\"\ndrain_delay_ms = 2000"),
        );
        let file = home.path().join("weir.toml");
        fs::write(&file, text).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_weir"))
            .args(["serve", "--config"])
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let ready = (&mut log)
            .lines()
            .map_while(Result::ok)
            .inspect(|line| eprintln!("{line}"))
            .any(|line| line.contains("weir is ready"));
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        let weir = Self {
            process,
            address,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            _home: home,
            _canaries: canaries,
        };
        ready.then_some(weir)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn token(&self) -> String {
        let wish = json!({
            "dashboard": "finance-overview", "subject": { "sub": "analyst" },
            "business_units": ["auto"], "origin": HOST,
        });
        let ask = self.http.post(self.url("/api/v1/embed-tokens"));
        let answer = ask
            .basic_auth(CRM.0, Some(CRM.1))
            .json(&wish)
            .send()
            .await
            .unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["token"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// Bytes of memory that it holds.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        1024 * line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) async fn is_ready(&self) -> bool {
        let answer = self.http.get(self.url("/readyz")).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// How it ended, and how long that took.
    pub(crate) async fn ended(&mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return (status, began.elapsed());
            }
            assert!(began.elapsed() < Duration::from_mins(1), "it does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
