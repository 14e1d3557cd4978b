//! nginx with one file, as fast as it goes: no log, connections kept.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::process::Command;
use tokio::time::sleep;

use crate::surroundings::{Process, Surroundings, Web, free_port};

const PATIENCE: Duration = Duration::from_secs(10);

/// How long it may take to end.
const GOODBYE: Duration = Duration::from_secs(1);

/// A running nginx.
#[derive(Debug)]
pub(super) struct Nginx {
    process: Process,
    url: String,
}

impl Nginx {
    pub(super) async fn start(surroundings: &Surroundings, body: &[u8]) -> anyhow::Result<Self> {
        let folder = surroundings.scratch("nginx")?;
        let port = free_port()?;
        fs::write(folder.join("tile.json"), body)?;
        let path = folder.display();
        let configuration = format!(
            "worker_processes auto;\npid {path}/nginx.pid;\nerror_log {path}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  keepalive_requests 10000000;\n\
             client_body_temp_path {path}/body;\n  proxy_temp_path {path}/proxy;\n\
             fastcgi_temp_path {path}/fastcgi;\n  uwsgi_temp_path {path}/uwsgi;\n  scgi_temp_path {path}/scgi;\n\
             types {{ application/json json; }}\n  open_file_cache max=10;\n\
             server {{ listen 127.0.0.1:{port} backlog=1024; root {path}; }}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, configuration)?;
        let mut command = Command::new(&surroundings.tools.nginx);
        command.arg("-p").arg(&folder).arg("-c").arg(&file);
        // In the foreground, and as whoever runs this: workers that can't read the file serve nothing.
        command.args(["-g", "daemon off; user root;"]);
        let nginx = Self {
            process: Process::start("nginx", command, &folder.join("log"))?,
            url: format!("http://127.0.0.1:{port}/tile.json"),
        };
        nginx.answering(body).await
    }

    async fn answering(mut self, body: &[u8]) -> anyhow::Result<Self> {
        let (began, web) = (Instant::now(), Web::new());
        loop {
            if let Ok(answer) = web.get(&self.url).await {
                let same = answer.status == 200 && answer.body == body;
                ensure!(
                    same,
                    "nginx answers {} and not with the file",
                    answer.status
                );
                return Ok(self);
            }
            let over = self.process.ended()?.is_some() || began.elapsed() > PATIENCE;
            ensure!(!over, "nginx did not start; {}", self.process.log_tail());
            sleep(Duration::from_millis(20)).await;
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

/// Killed, it would leave its workers behind: it is asked to end them first, whatever went wrong.
impl Drop for Nginx {
    fn drop(&mut self) {
        if self.process.signal("TERM").is_err() {
            return;
        }
        let asked = Instant::now();
        while asked.elapsed() < GOODBYE && matches!(self.process.ended(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
