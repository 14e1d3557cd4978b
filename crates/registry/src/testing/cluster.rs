//! Starting a cluster once for everybody, and stopping it after the last.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::PostgresError;

/// Where Debian keeps the programs, below a folder per version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// What the tests need of a server: many connections, and nothing on the disk for long. A killed
/// test is no killed server, so not forcing pages out changes nothing they could see.
const SETTINGS: &str = "-c listen_addresses= -c fsync=off -c full_page_writes=off \
     -c max_connections=400 -c shared_buffers=32MB -c max_wal_size=256MB";

/// Ends the cluster once nobody holds the lease, and then itself. `$1` is the folder. A new test
/// cannot start one meanwhile: it waits for the other lock.
const KEEPER: &str = r#"
cd "$1" || exit 0
exec 9>>keeper.lock
flock -w 10 9 || exit 0
while sleep 3; do
    flock -n start.lock flock -n lease.lock sh -c '
        kill -INT "$(head -n 1 data/postmaster.pid)"
        while [ -e data/postmaster.pid ]; do sleep 0.1; done
        rm -rf data socket log
    ' && exit 0
    [ -e data ] || exit 0
done
"#;

/// A running cluster, and the promise that it runs as long as this value lives.
#[derive(Debug)]
pub(super) struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    /// The shared lock. Held, never read.
    _lease: File,
}

/// The account a server may run under. Servers refuse to run as root.
#[derive(Debug, Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Cluster {
    pub(super) fn lease() -> Result<Self, PostgresError> {
        let folder = private_folder()?;
        let starting = lock_file(&folder.join("start.lock"))?;
        starting.lock()?;
        let lease = lock_file(&folder.join("lease.lock"))?;
        lease.lock_shared()?;
        let cluster = Self {
            programs: programs(),
            folder,
            _lease: lease,
        };
        if !cluster.answers()? {
            cluster.start()?;
        } else if lock_file(&cluster.folder.join("keeper.lock"))?
            .try_lock()
            .is_ok()
        {
            // Somebody ended the keeper, but not the server.
            cluster.keep()?;
        }
        Ok(cluster)
    }

    pub(super) fn socket_folder(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Runs one of the client programs against the cluster.
    pub(super) fn client(
        &self,
        program: &'static str,
        arguments: &[&str],
    ) -> Result<(), PostgresError> {
        let mut command = Command::new(self.programs.join(program));
        command.arg("--host").arg(self.socket_folder());
        command.args(["--username", "weir"]).args(arguments);
        run(program, &mut command)
    }

    fn answers(&self) -> Result<bool, PostgresError> {
        let mut command = Command::new(self.programs.join("pg_isready"));
        command
            .arg("--quiet")
            .arg("--host")
            .arg(self.socket_folder());
        match command.status() {
            Ok(status) => Ok(status.success()),
            Err(cause) => Err(missing(cause)),
        }
    }

    fn start(&self) -> Result<(), PostgresError> {
        let account = account_for(&self.folder)?;
        for (name, mode) in [("data", 0o700), ("socket", 0o700)] {
            let path = self.folder.join(name);
            // What a killed keeper left behind is of no use to anybody.
            match std::fs::remove_dir_all(&path) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause.into()),
                _ => std::fs::create_dir(&path)?,
            }
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode))?;
            if let Some(Account { user, group }) = account {
                std::os::unix::fs::chown(&path, Some(user), Some(group))?;
            }
        }
        let mut initdb = self.server_program("initdb", account);
        initdb.args(["--username=weir", "--auth=trust", "--encoding=UTF8"]);
        run(
            "initdb",
            initdb
                .args(["--locale=C", "--no-sync", "--pgdata"])
                .arg("data"),
        )?;
        let mut server = self.server_program("pg_ctl", account);
        server.args(["start", "--wait", "--silent", "--pgdata", "data"]);
        server.args(["--log", "data/log", "--options"]);
        let socket = self.socket_folder();
        server.arg(format!(
            "{SETTINGS} -c unix_socket_directories={}",
            socket.display()
        ));
        // The server keeps what it inherits, and must not end with the test that started it.
        let status = server
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .status()?;
        if !status.success() {
            let said = std::fs::read_to_string(self.folder.join("data/log")).unwrap_or_default();
            return Err(PostgresError::Program {
                program: "pg_ctl start",
                said,
            });
        }
        self.keep()
    }

    fn keep(&self) -> Result<(), PostgresError> {
        Command::new("sh")
            .args(["-c", KEEPER, "weir-postgres-keeper"])
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(())
    }

    fn server_program(&self, program: &str, account: Option<Account>) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder);
        if let Some(Account { user, group }) = account {
            command.uid(user).gid(group);
        }
        command
    }
}

fn run(program: &'static str, command: &mut Command) -> Result<(), PostgresError> {
    let output = command.stdin(Stdio::null()).output().map_err(missing)?;
    if output.status.success() {
        return Ok(());
    }
    Err(PostgresError::from_output(program, &output))
}

fn missing(cause: io::Error) -> PostgresError {
    match cause.kind() {
        io::ErrorKind::NotFound => PostgresError::NotInstalled,
        _ => PostgresError::Io(cause),
    }
}

/// The folder of the newest version Debian installed; elsewhere the programs are in PATH.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let newest = versions
        .filter(|entry| entry.path().join("bin/initdb").exists())
        .max_by_key(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .parse::<u32>()
                .unwrap_or(0)
        });
    newest.map_or_else(PathBuf::new, |entry| entry.path().join("bin"))
}

/// One folder per user of the machine, and nobody else's.
fn private_folder() -> Result<PathBuf, PostgresError> {
    let probe = tempfile_owner()?;
    let folder = std::env::temp_dir().join(format!("weir-postgres-{probe}"));
    match std::fs::create_dir(&folder) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause.into()),
        _ => {}
    }
    let found = std::fs::symlink_metadata(&folder)?;
    if !found.is_dir() || found.uid() != probe {
        let said = format!("`{}` belongs to somebody else", folder.display());
        return Err(PostgresError::Program {
            program: "mkdir",
            said,
        });
    }
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

/// The number of the user this process runs as: the owner of what it makes.
fn tempfile_owner() -> io::Result<u32> {
    let name = format!(
        "weir-postgres-probe-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    );
    let path = std::env::temp_dir().join(name);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    let owner = file.metadata()?.uid();
    std::fs::remove_file(&path)?;
    Ok(owner)
}

fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Nobody in particular for an ordinary user; for root the account made for the purpose, or the
/// one made for no purpose.
fn account_for(folder: &Path) -> Result<Option<Account>, PostgresError> {
    if std::fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let accounts = std::fs::read_to_string("/etc/passwd")?;
    let account = ["postgres", "nobody"].into_iter().find_map(|wanted| {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let user = fields.nth(1)?.parse().ok()?;
            let group = fields.next()?.parse().ok()?;
            (name == wanted).then_some(Account { user, group })
        })
    });
    account.map(Some).ok_or_else(|| PostgresError::Program {
        program: "initdb",
        said: "it refuses to run as root, and there is no user `postgres` or `nobody`".to_owned(),
    })
}
