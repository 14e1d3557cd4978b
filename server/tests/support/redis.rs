//! A Redis of one test, on a free port of this machine. It ends with the test, also with one that is
//! killed: a shell between them waits for the end of its input.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

use redis::{Commands as _, Connection};

/// What the server says when it can be asked.
const READY: &str = "Ready to accept connections";

/// How often another port is tried, when somebody else was faster.
const ATTEMPTS: usize = 20;

/// A running server.
#[derive(Debug)]
pub(crate) struct Redis {
    port: u16,
    pid: String,
    shell: Child,
}

impl Redis {
    pub(crate) fn start() -> Self {
        let started = (0..ATTEMPTS).find_map(|_| Self::on(free_port()).ok());
        started.unwrap_or_else(|| {
            panic!(
                "these tests need a Redis: `apt-get install redis-server`, or name the program in \
                 WEIR_REDIS"
            )
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Ends it at once, as a machine that is gone; what it knew is lost.
    pub(crate) fn kill(&mut self) {
        self.signal("KILL");
        self.shell.kill().unwrap();
        self.shell.wait().unwrap();
    }

    /// Another one in its place.
    pub(crate) fn again(&mut self) {
        *self = Self::on(self.port).unwrap();
    }

    /// It takes what it is sent, and says nothing.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("CONT");
    }

    /// Whoever else can write to it.
    pub(crate) fn intruder(&self) -> Connection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_connection().unwrap()
    }

    /// The names of all answers there.
    pub(crate) fn answers(&self) -> Vec<String> {
        let mut names: Vec<String> = self.intruder().keys("weir:*").unwrap();
        names.retain(|name| !name.ends_with(":lease"));
        names.sort();
        names
    }

    /// The names of all leases there.
    pub(crate) fn leases(&self) -> Vec<String> {
        self.intruder().keys("weir:*:lease").unwrap()
    }

    fn on(port: u16) -> Result<Self, String> {
        let program = std::env::var_os("WEIR_REDIS").unwrap_or_else(|| "redis-server".into());
        let script = "\"$0\" \"$@\" 2>&1 & echo $!; exec >/dev/null; cat; kill -KILL $!";
        let mut shell = Command::new("sh")
            .args(["-c", script])
            .arg(&program)
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", "", "--appendonly", "no"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
        let pid = lines.next().and_then(Result::ok).unwrap_or_default();
        for line in &mut lines {
            if line.is_ok_and(|line| line.contains(READY)) {
                // Nobody reads on; what it says from now on is thrown away, not waited for.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { port, pid, shell });
            }
        }
        shell.kill().ok();
        shell.wait().ok();
        Err("it ended before it was ready".to_owned())
    }

    fn signal(&self, name: &str) {
        Command::new("kill")
            .args([&format!("-{name}"), &self.pid])
            .status()
            .unwrap();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.signal("KILL");
        self.shell.kill().ok();
        self.shell.wait().ok();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
