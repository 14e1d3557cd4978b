//! The cache server that replicas share, for a Weir alone: here it is only one more thing that may
//! stand still.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

use crate::surroundings::{Process, Surroundings, free_port};

const PATIENCE: Duration = Duration::from_secs(10);

/// A running Redis or Valkey that keeps nothing on a disk.
#[derive(Debug)]
pub(super) struct CacheServer {
    process: Process,
    port: u16,
}

impl CacheServer {
    pub(super) async fn start(program: &Path, surroundings: &Surroundings) -> anyhow::Result<Self> {
        let port = free_port()?;
        let folder = surroundings.scratch("cache-server")?;
        let mut command = Command::new(program);
        command
            .current_dir(&folder)
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--port",
            ])
            .arg(port.to_string());
        let mut server = Self {
            process: Process::start("the cache server", command, &folder.join("log"))?,
            port,
        };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            let over = server.process.ended()?.is_some() || began.elapsed() > PATIENCE;
            ensure!(
                !over,
                "the cache server did not start; {}",
                server.process.log_tail()
            );
            sleep(Duration::from_millis(20)).await;
        }
        Ok(server)
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub(super) fn process(&self) -> &Process {
        &self.process
    }
}
