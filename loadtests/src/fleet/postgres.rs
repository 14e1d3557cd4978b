//! A `PostgreSQL` of one run, with a database for each fleet.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::sleep;

use crate::surroundings::Process;

/// Where Debian keeps the programs, below a folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

/// A running server, reached by a socket in a folder of its own.
#[derive(Debug)]
pub(super) struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    _process: Process,
}

/// The account a server may run under. Servers refuse to run as root.
type Account = Option<(u32, u32)>;

impl Postgres {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let programs = programs();
        let folder = tempfile::Builder::new().prefix("weir-fleet-").tempdir()?;
        let account = account(folder.path())?;
        prepare(folder.path(), account)?;
        let program = |name: &str| as_account(&programs.join(name), folder.path(), account);
        let mut initdb = program("initdb");
        initdb.args(["--username=weir", "--auth=trust", "--encoding=UTF8"]);
        initdb.args(["--locale=C", "--no-sync", "--pgdata", "data"]);
        finished("initdb", &mut initdb).await?;
        let mut server = program("postgres");
        server.args([
            "-D",
            "data",
            "-c",
            "listen_addresses=",
            "-c",
            "max_connections=400",
        ]);
        let socket = folder.path().join("socket");
        server.arg("-c");
        server.arg(format!("unix_socket_directories={}", socket.display()));
        let process = Process::start("postgres", server, &folder.path().join("log"))?;
        let postgres = Self {
            programs,
            folder,
            _process: process,
        };
        postgres.answering().await
    }

    /// The address of an empty database.
    pub(super) async fn database(&self, name: &str) -> anyhow::Result<String> {
        let mut create = self.client("createdb");
        finished("createdb", create.arg(name)).await?;
        let socket = self.folder.path().join("socket");
        Ok(format!(
            "postgres://weir@localhost/{name}?host={}",
            socket.display()
        ))
    }

    /// What a database says to a question with one answer.
    pub(super) async fn asked(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        let mut command = self.client("psql");
        command.args(["--no-psqlrc", "-At", "--dbname", database, "--command", sql]);
        let output = command.output().await.context("starting psql")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "psql: {said}");
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    async fn answering(self) -> anyhow::Result<Self> {
        let started = Instant::now();
        while !self.client("pg_isready").output().await?.status.success() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            ensure!(
                started.elapsed() < PATIENCE,
                "PostgreSQL is not ready: {log}"
            );
            sleep(PAUSE).await;
        }
        Ok(self)
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        let socket = self.folder.path().join("socket");
        command
            .arg("--host")
            .arg(socket)
            .args(["--username", "weir"]);
        command
    }
}

fn as_account(program: &Path, folder: &Path, account: Account) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    if let Some((user, group)) = account {
        command.uid(user).gid(group);
    }
    command
}

async fn finished(name: &str, command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().await;
    let output = output.with_context(|| {
        format!("`{name}` can't be started: `apt-get install postgresql`, or put it into PATH")
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{name}` failed: {said}");
    Ok(())
}

/// The folders of data and socket, which belong to the server's account.
fn prepare(folder: &Path, account: Account) -> anyhow::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    for name in ["data", "socket"] {
        let path = folder.join(name);
        fs::create_dir(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        if let Some((user, group)) = account {
            std::os::unix::fs::chown(&path, Some(user), Some(group))?;
        }
    }
    Ok(())
}

/// The folder of the newest version that Debian installed; elsewhere the programs are in PATH.
fn programs() -> PathBuf {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let version = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.parse::<u32>().unwrap_or(0)
    };
    let newest = versions
        .map(|entry| entry.path())
        .filter(|path| path.join("bin/initdb").exists())
        .max_by_key(version);
    newest.map_or_else(PathBuf::new, |path| path.join("bin"))
}

/// Nobody in particular for an ordinary user; for root the account that is made for the purpose.
fn account(folder: &Path) -> anyhow::Result<Account> {
    use std::os::unix::fs::MetadataExt as _;
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd")?;
    let found = ["postgres", "nobody"].into_iter().find_map(|wanted| {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':').filter(|_| line.starts_with(wanted));
            let name = fields.next()?;
            let user = fields.nth(1)?.parse().ok()?;
            let group = fields.next()?.parse().ok()?;
            (name == wanted).then_some((user, group))
        })
    });
    let account = found.context("root can't run PostgreSQL, and there is no account for it")?;
    Ok(Some(account))
}
