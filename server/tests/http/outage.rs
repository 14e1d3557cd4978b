//! The registry's database is locked, gone, full or damaged, and readers ask on: for the grace they
//! get answers whose records wait on the disk, then 503, and nothing that was shown is missing from
//! the log afterwards (failures F75, P2; attack A11).

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use http::{Method, StatusCode};
use serde_json::json;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tempfile::TempDir;
use weir_registry::RevisionError;
use weir_registry::testing::PostgresDatabase;
use weir_server::app::StartError;

use crate::support::ask::{Ask, ask, get, launch, post};
use crate::support::canaries::{Canaries, canary, policy};
use crate::support::world::{CRM, HOST, Plan, Who, World};

const SLUG: &str = "finance-overview";
const LIST: &str = "/api/v1/dashboards/finance-overview/tiles/list/data";

/// A reader, and the ids of the requests that were answered.
struct Reading<'a> {
    world: &'a World,
    token: String,
    cookie: String,
    governor: String,
    shown: BTreeSet<String>,
}

impl<'a> Reading<'a> {
    async fn begin(world: &'a World) -> Self {
        let who = Who::analyst("auto");
        let token = world.token(&who, SLUG);
        let cookie = world.session(&who).await;
        let governor = world.session(&Who::governor()).await;
        let shown = BTreeSet::new();
        let mut reading = Self {
            world,
            token,
            cookie,
            governor,
            shown,
        };
        assert!(reading.reads().await, "nothing is shown while all is well");
        reading
    }

    /// Whether the reader's tile is shown. Whatever is not is refused for want of the registry.
    async fn reads(&mut self) -> bool {
        let answer = self.world.send(get(LIST).bearer(&self.token)).await;
        if answer.status == StatusCode::OK {
            self.shown
                .insert(answer.header("x-request-id").unwrap().to_owned());
            return true;
        }
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{}",
            answer.text()
        );
        // Whichever was noticed first: no record can be kept, or nobody knows what was revoked.
        let problem = answer.problem();
        let known = ["audit-unavailable", "registry-unavailable"];
        assert!(known.contains(&problem.as_str()), "{problem}");
        assert_eq!(answer.header("retry-after"), Some("5"));
        false
    }

    async fn readiness(&self) -> (StatusCode, String) {
        let answer = self.world.send(get("/readyz")).await;
        let word = answer.json()["status"].as_str().unwrap().to_owned();
        (answer.status, word)
    }

    /// Reads until it is refused: within the grace somebody must have been served, and readiness
    /// must have said how things are. No end of its own.
    async fn read_through_the_grace(&mut self) {
        let before = self.shown.len();
        let mut said_degraded = false;
        while self.reads().await {
            said_degraded |= self.readiness().await == (StatusCode::OK, "degraded".to_owned());
            tokio::task::yield_now().await;
        }
        assert!(self.shown.len() > before, "the grace showed nothing");
        assert!(
            said_degraded,
            "/readyz never said that the database is gone"
        );
    }

    /// Nothing is shown and nothing acknowledged, whoever asks and whatever is cached.
    async fn nothing_is_shown(&self) {
        let expected = (StatusCode::SERVICE_UNAVAILABLE, "unavailable".to_owned());
        assert_eq!(self.readiness().await, expected);
        let wish = json!({ "dashboard": SLUG, "subject": { "sub": "u" }, "business_units": ["auto"], "origin": HOST });
        let lock = json!({ "reason": "The numbers are wrong" });
        let change = ask(Method::PUT, "/api/v1/lockdowns/all").json(&lock);
        let change = change.header("sec-fetch-site", "same-origin");
        let asks: [Ask; 6] = [
            get(LIST).bearer(&self.token),
            launch(SLUG, HOST, &self.token),
            get(LIST).cookie(&self.cookie),
            get("/d/finance-overview").cookie(&self.cookie).page(),
            post("/api/v1/embed-tokens").basic(CRM.0, CRM.1).json(&wish),
            change.cookie(&self.governor),
        ];
        for ask in asks {
            let answer = self.world.send(ask).await;
            assert_eq!(
                answer.status,
                StatusCode::SERVICE_UNAVAILABLE,
                "{}",
                answer.text()
            );
            assert!(!answer.text().contains("canary"), "{}", answer.text());
        }
    }

    /// Waits until it is served again, by itself. No end of its own.
    async fn read_when_it_is_back(&mut self) {
        while !self.reads().await {
            tokio::task::yield_now().await;
        }
        while self.readiness().await.1 != "ready" {
            tokio::task::yield_now().await;
        }
    }

    /// Invariant 10: everything that was shown is on record, in an unbroken chain.
    async fn everything_shown_is_on_record(&self) {
        assert_recorded(self.world, &self.shown).await;
    }
}

async fn assert_recorded(world: &World, shown: &BTreeSet<String>) {
    let records = world.audit().await;
    let recorded: BTreeSet<_> = records
        .iter()
        .map(|r| r.event().request().to_string())
        .collect();
    let missing: Vec<_> = shown.difference(&recorded).collect();
    assert!(
        missing.is_empty(),
        "{} of {} are not on record",
        missing.len(),
        shown.len()
    );
    world.assert_chain().await;
}

async fn shell(url: &str) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}

fn sqlite(home: &Path) -> (String, PathBuf) {
    (
        format!("sqlite://{}/weir.db", home.display()),
        home.join("audit"),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f75_a_locked_sqlite_shows_for_the_grace_then_nothing_and_comes_back() {
    let (canaries, home) = (Canaries::new(), TempDir::new().unwrap());
    let mut plan = canaries.plan();
    plan.registry = Some(sqlite(home.path()));
    // Writers wait five seconds for a lock before they give up.
    plan.grace_s = 7;
    let world = World::build(&plan).await.unwrap();
    let mut reading = Reading::begin(&world).await;

    let mut intruder = shell(&sqlite(home.path()).0).await;
    intruder.execute("BEGIN EXCLUSIVE").await.unwrap();
    reading.read_through_the_grace().await;
    reading.nothing_is_shown().await;
    intruder.execute("ROLLBACK").await.unwrap();
    intruder.close().await.unwrap();

    reading.read_when_it_is_back().await;
    reading.everything_shown_is_on_record().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f75_a_vanished_postgres_shows_for_the_grace_then_nothing_and_comes_back() {
    let (canaries, home) = (Canaries::new(), TempDir::new().unwrap());
    let database = PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}"));
    let mut plan = canaries.plan();
    plan.registry = Some((database.url(), home.path().join("audit")));
    plan.grace_s = 2;
    let world = World::build(&plan).await.unwrap();
    let mut reading = Reading::begin(&world).await;

    let url = database.url();
    let (before, after) = url.split_once("@localhost/").unwrap();
    let (name, options) = after.split_once('?').unwrap();
    let mut keeper = shell(&format!("{before}@localhost/postgres?{options}")).await;
    let vanish = format!(
        "ALTER DATABASE {name} ALLOW_CONNECTIONS false;
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    keeper.execute(sqlx::raw_sql(&vanish)).await.unwrap();
    // A session can't be looked up: nobody is signed out by that, and nobody let in.
    let member = world.send(get(LIST).cookie(&reading.cookie)).await;
    assert_eq!(
        member.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        member.text()
    );
    reading.read_through_the_grace().await;
    reading.nothing_is_shown().await;
    let back = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
    keeper.execute(sqlx::raw_sql(&back)).await.unwrap();
    keeper.close().await.unwrap();

    reading.read_when_it_is_back().await;
    world.send(get(LIST).cookie(&reading.cookie)).await.ok();
    reading.everything_shown_is_on_record().await;
}

const FULL: &str = "WEIR_TEST_FULL_DISK";

#[expect(
    clippy::disallowed_methods,
    reason = "how the parent process tells the child what to do"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A plan of the content in `folder` with the registry in it.
fn plan_in(folder: &Path) -> Plan {
    let mut plan = Plan::over(folder.join("lake"));
    plan.policies = folder.join("policies");
    plan.dashboards = folder.join("dashboards");
    plan.registry = Some(sqlite(folder));
    plan.grace_s = 1;
    plan
}

/// Not a test by itself: the process whose disk is full, after a while and then no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_reads_until_its_disk_is_full() {
    let Some(folder) = variable(FULL) else { return };
    let world = World::build(&plan_in(Path::new(&folder))).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    loop {
        let answer = world.send(launch(SLUG, HOST, &token)).await;
        if answer.status != StatusCode::OK {
            assert!(!answer.text().contains("canary"), "{}", answer.text());
            println!("refused {} .", answer.status.as_u16());
            break;
        }
        println!("shown {} .", answer.header("x-request-id").unwrap());
    }
    let wish = json!({ "dashboard": SLUG, "subject": { "sub": "u" }, "business_units": ["auto"], "origin": HOST });
    let mint = world
        .send(post("/api/v1/embed-tokens").basic(CRM.0, CRM.1).json(&wish))
        .await;
    // Each file has its own end here: by now the record may have found room in another.
    match mint.status {
        StatusCode::OK => println!("shown {} .", mint.header("x-request-id").unwrap()),
        status => assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{}", mint.text()),
    }
    let pid = std::process::id().to_string();
    let room = Command::new("prlimit")
        .args(["--fsize=unlimited", "--pid", &pid])
        .status();
    assert!(room.unwrap().success(), "there is no more room");
    loop {
        let answer = world.send(launch(SLUG, HOST, &token)).await;
        if answer.status == StatusCode::OK {
            println!("shown {} .", answer.header("x-request-id").unwrap());
            break;
        }
        tokio::task::yield_now().await;
    }
    println!("back .");
}

/// The disk of database and segments is full: refused, and what was shown before is on record. With
/// room again the same process goes on. A limit on the length of files stands in for the disk: a
/// write fails in the middle, as it does there.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a11_on_a_full_disk_nothing_is_shown_or_minted_without_its_record() {
    let canaries = Canaries::new();
    let folder = canaries.path("");
    let world = World::build(&plan_in(&folder)).await.unwrap();
    world.app.state().registry.close().await.unwrap();
    drop(world);
    let database = std::fs::metadata(folder.join("weir.db")).unwrap().len();
    let blocks = database / 512 + 300;

    let mut limited = Command::new("sh");
    limited
        .args([
            "-c",
            &format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$@\""),
            "sh",
        ])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "outage::a_process_that_reads_until_its_disk_is_full",
            "--nocapture",
        ])
        .env(FULL, &folder)
        .stdout(Stdio::piped());
    let mut child = limited.spawn().unwrap();
    let mut shown = BTreeSet::new();
    let mut said = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // A line that is cut off says nothing.
        let Some(line) = line.strip_suffix(" .") else {
            continue;
        };
        match line.split_once(' ') {
            Some((_, id)) if line.contains("shown ") => {
                shown.insert(id.rsplit(' ').next().unwrap().to_owned());
            }
            _ => said.push(line.to_owned()),
        }
    }
    assert!(child.wait().unwrap().success(), "{said:?}");

    assert_eq!(said, ["refused 503", "back"]);
    assert!(shown.len() > 2, "the disk was full from the start");
    let world = World::build(&plan_in(&folder)).await.unwrap();
    assert_recorded(&world, &shown).await;
}

/// Changes a stored policy past everything that would stop an honest program.
async fn tamper(url: &str, from: &str, to: &str) {
    let mut intruder = shell(url).await;
    let triggers: Vec<String> = sqlx::query_scalar(
        "SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'",
    )
    .fetch_all(&mut intruder)
    .await
    .unwrap();
    for drop in triggers {
        intruder.execute(sqlx::raw_sql(&drop)).await.unwrap();
    }
    let change = "UPDATE content_files SET text = replace(text, $1, $2) WHERE instr(text, $1) > 0";
    let changed = sqlx::query(change)
        .bind(from)
        .bind(to)
        .execute(&mut intruder)
        .await
        .unwrap();
    assert!(changed.rows_affected() > 0, "no file says {from:?}");
    intruder.close().await.unwrap();
}

#[tokio::test]
async fn p2_f29_a_corrupt_policy_in_the_registry_stops_the_start_and_is_named() {
    let (canaries, home) = (Canaries::new(), TempDir::new().unwrap());
    let mut plan = canaries.plan();
    plan.registry = Some(sqlite(home.path()));
    let world = World::build(&plan).await.unwrap();
    world.app.state().registry.close().await.unwrap();
    drop(world);
    tamper(&sqlite(home.path()).0, "role: executive", "role: analyst").await;

    let error = World::build(&plan).await.unwrap_err();

    let named = matches!(
        &error,
        StartError::Revision(RevisionError::Corrupt { revision: 1, .. })
    );
    assert!(named, "{error:?}");
}

/// While a process runs: a damaged revision is never put in force, whatever it would open, and when
/// the grace is over nothing is shown until a whole one is there.
#[tokio::test]
async fn p2_f29_a_corrupt_revision_is_never_put_in_force_and_closes_what_is() {
    let (canaries, home) = (Canaries::new(), TempDir::new().unwrap());
    let mut plan = canaries.plan();
    plan.registry = Some(sqlite(home.path()));
    let world = World::build(&plan).await.unwrap();
    let token = world.token(&Who::analyst("auto"), SLUG);
    canaries.change_policy(&policy("notes").replace("role: executive", "role: director"));
    let other = World::build(&plan).await.unwrap();
    other.app.state().registry.close().await.unwrap();
    tamper(&sqlite(home.path()).0, "role: director", "role: analyst").await;

    let publisher = &world.app.state().governance.publisher;
    let error = publisher.put_in_force(2).await.unwrap_err();

    assert!(
        error.to_string().contains("revision 2 is damaged"),
        "{error}"
    );
    let answer = world.send(get(LIST).bearer(&token)).await.ok();
    assert_eq!(answer.json()["policy_revision"], 1);
    assert!(
        !answer.text().contains(&canary("home")),
        "{}",
        answer.text()
    );
    if variable("WEIR_LONG").as_deref() == Some("1") {
        let stop = tokio_util::sync::CancellationToken::new();
        let closed = async {
            while !publisher.published.is_closed() {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        };
        tokio::join!(world.app.follow_revisions(stop.clone()), closed);
    } else {
        publisher.published.close();
    }
    for ask in [get(LIST).bearer(&token), launch(SLUG, HOST, &token)] {
        let answer = world.send(ask).await;
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{}",
            answer.text()
        );
        assert!(!answer.text().contains("canary"), "{}", answer.text());
    }
    world
        .send(get("/readyz"))
        .await
        .expect(StatusCode::SERVICE_UNAVAILABLE);
    world.send(get("/healthz")).await.ok();
}
