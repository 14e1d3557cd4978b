//! The cache server that replicas share, and that stands still or is taken away from them.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::sleep;

use super::{Process, free_port};

const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// A running server of Redis' protocol that keeps nothing on a disk.
#[derive(Debug)]
pub struct CacheServer {
    process: Process,
    port: u16,
}

impl CacheServer {
    /// Starts `program` on a free port of the loopback address; its log goes into `folder`.
    ///
    /// # Errors
    /// There is no such program, or it does not start.
    pub async fn start(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        installed(program).await?;
        let port = free_port()?;
        let mut command = Command::new(program);
        command.current_dir(folder);
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--save", "", "--appendonly", "no"]);
        let log = folder.join(format!("cache-server-{port}.log"));
        let mut server = Self {
            process: Process::start("the cache server", command, &log)?,
            port,
        };
        let started = Instant::now();
        while server.asked("PING").await.is_err() {
            let ended = server.process.ended()?.is_some() || started.elapsed() > PATIENCE;
            ensure!(
                !ended,
                "the cache server did not start; {}",
                server.process.log_tail()
            );
            sleep(PAUSE).await;
        }
        Ok(server)
    }

    /// Its address, for Weir's `shared_cache.url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// How many keys it holds.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn keys(&self) -> anyhow::Result<u64> {
        let said = self.asked("DBSIZE").await?;
        Ok(said.trim_start_matches(':').trim().parse()?)
    }

    /// It is gone, as a machine that is switched off.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill(&self) -> anyhow::Result<()> {
        self.process.signal("KILL")
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
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

/// Says what to do where there is no such program.
async fn installed(program: &Path) -> anyhow::Result<()> {
    let mut version = Command::new(program);
    version.arg("--version").stdin(Stdio::null());
    let version = version.stdout(Stdio::null()).status().await;
    version.with_context(|| {
        format!(
            "the plan needs a cache server, and `{}` can't be started: install Debian's \
             `redis-server`, or name a Redis or Valkey in the plan",
            program.display()
        )
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_the_program_it_is_said_what_to_install() {
        let folder = tempfile::tempdir().unwrap();

        let refused = CacheServer::start(Path::new("no-such-redis"), folder.path()).await;

        let said = format!("{:#}", refused.unwrap_err());
        assert!(said.contains("`no-such-redis`"), "{said}");
        assert!(said.contains("install Debian's `redis-server`"), "{said}");
    }
}
