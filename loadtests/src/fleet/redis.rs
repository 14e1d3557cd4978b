//! The cache server that replicas share, and that is taken away from them.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

use crate::surroundings::{Process, free_port};

const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// A running server of Redis' protocol.
#[derive(Debug)]
pub(super) struct Redis {
    process: Process,
    port: u16,
}

impl Redis {
    /// Starts `program` on a free port of the loopback address, without any memory on disk.
    pub(super) async fn start(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(program);
        command.current_dir(folder);
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--save", "", "--appendonly", "no"]);
        let log = folder.join(format!("redis-{port}.log"));
        let mut redis = Self {
            process: Process::start("redis", command, &log)?,
            port,
        };
        let started = Instant::now();
        while redis.asked("PING").await.is_err() {
            let ended = redis.process.ended()?.is_some() || started.elapsed() > PATIENCE;
            ensure!(!ended, "redis did not start; {}", redis.process.log_tail());
            sleep(PAUSE).await;
        }
        Ok(redis)
    }

    /// Its address, for Weir's `shared_cache.url`.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// How many keys it holds.
    pub(super) async fn keys(&self) -> anyhow::Result<u64> {
        let said = self.asked("DBSIZE").await?;
        Ok(said.trim_start_matches(':').trim().parse()?)
    }

    /// It is gone, as a machine that is switched off.
    pub(super) fn kill(&self) -> anyhow::Result<()> {
        self.process.signal("KILL")
    }

    async fn asked(&self, what: &str) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.write_all(format!("{what}\r\n").as_bytes()).await?;
        let mut answer = vec![0; 64];
        let length = stream.read(&mut answer).await?;
        ensure!(length > 0, "it says nothing");
        answer.truncate(length);
        Ok(String::from_utf8(answer)?)
    }
}
