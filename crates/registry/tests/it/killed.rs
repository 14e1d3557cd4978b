//! A process that is killed takes no audit record with it that was acknowledged.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use weir_registry::{AuditOptions, ChainStatus, Registry, RegistryOptions};

use crate::support::{Database, World, denial, page_view};

on_both_databases! {
    a_registry_dropped_without_closing_kept_what_it_acknowledged,
    r8_a_killed_process_leaves_every_acknowledged_record_in_an_intact_chain,
    r8_processes_that_share_a_database_are_killed_and_lose_nothing,
}

pub(crate) const URL: &str = "WEIR_TEST_REGISTRY_TO_FILL";
pub(crate) const SEGMENTS: &str = "WEIR_TEST_SEGMENTS";
const FIRST: &str = "WEIR_TEST_FIRST_REQUEST";

async fn a_registry_dropped_without_closing_kept_what_it_acknowledged(database: Database) {
    let world = World::new(database).await;
    world.registry.audit().record(page_view(1)).await.unwrap();

    let world = world.restarted().await;

    let audit = world.registry.audit();
    // What the dropped one did not move yet it moves now, or leaves to whoever starts next. No
    // end of its own: the test runner's time limit is what a log that loses records meets.
    while audit.list(1, 100).await.unwrap().len() < 10 {
        tokio::task::yield_now().await;
    }
    audit.record(vec![denial(2)]).await.unwrap();
    let status = audit.verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records: 11, .. }),
        "{status:?}"
    );
}

/// Not a test by itself: the process that other tests kill. Four callers record at once, each
/// its own numbers, half of them data reads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_records_until_it_is_killed() {
    let Some(url) = variable(URL) else { return };
    let registry = Registry::open_with(&url, options(&variable(SEGMENTS).unwrap()))
        .await
        .unwrap();
    let first: usize = variable(FIRST).unwrap().parse().unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..4 {
        let audit = registry.audit().clone();
        callers.spawn(async move {
            for i in (first + caller..).step_by(4) {
                let events = if i % 8 < 4 {
                    page_view(i)
                } else {
                    vec![denial(i)]
                };
                match audit.record(events).await {
                    Ok(_) => println!("acknowledged {i} ."),
                    Err(error) => println!("refused {i} {error:?}"),
                }
            }
        });
    }
    callers.join_all().await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "how the parent process tells the child what to do"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(crate) fn options(segments: &str) -> RegistryOptions {
    RegistryOptions {
        audit: AuditOptions {
            folder: Some(segments.into()),
            ..AuditOptions::default()
        },
        ..RegistryOptions::default()
    }
}

/// The rounds, ten to a registry, so that each is about its own length. 10, or 200 with
/// `WEIR_LONG=1`.
pub(crate) fn lives() -> impl Iterator<Item = Range<usize>> {
    let lives = match variable("WEIR_LONG").as_deref() {
        Some("1") => 20,
        _ => 1,
    };
    (0..lives).map(|life| life * 10..life * 10 + 10)
}

/// What was acknowledged: each number and how many records it must have.
pub(crate) type Acknowledged = BTreeMap<usize, usize>;

pub(crate) fn recording(url: &str, segments: &Path, first: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "killed::a_process_that_records_until_it_is_killed",
            "--nocapture",
        ])
        .env(URL, url)
        .env(SEGMENTS, segments)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped());
    command
}

/// The same command on a disk that is full: files end at so many blocks of 512 bytes. The signal is
/// ignored, so that the write fails as it does there.
#[cfg(unix)]
pub(crate) fn with_little_room(blocks: u32, inner: &Command) -> Command {
    let mut limited = Command::new("sh");
    let variables = inner.get_envs();
    limited
        .arg("-c")
        .arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""))
        .arg("sh")
        .arg(inner.get_program())
        .args(inner.get_args())
        .envs(variables.filter_map(|(name, value)| Some((name, value?))))
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    limited
}

/// Lets the child run until it said `count` numbers, kills it, and adds what it said.
pub(crate) fn kill_after(mut child: Child, count: usize, acknowledged: &mut Acknowledged) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    while said.len() < count {
        said.extend(parse(&lines.next().unwrap().unwrap()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said before it died counts too; a line cut in half does not.
    said.extend(lines.map_while(Result::ok).filter_map(|line| parse(&line)));
    acknowledged.extend(said.into_iter().map(|i| (i, records_of(i))));
}

/// Lets the child run until it was refused `count` times in a row, and kills it. Returns what it
/// acknowledged and the last refusal.
pub(crate) fn acknowledged_by(mut child: Child, count: usize) -> (Acknowledged, String) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Acknowledged::new();
    let mut refused = Vec::new();
    while refused.len() < count {
        let line = lines.next().unwrap().unwrap();
        if let Some(i) = parse(&line) {
            said.insert(i, records_of(i));
            refused.clear();
        } else if line.contains("refused ") {
            refused.push(line);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = lines.map_while(Result::ok).filter_map(|line| parse(&line));
    said.extend(rest.map(|i| (i, records_of(i))));
    (said, refused.pop().unwrap())
}

fn records_of(i: usize) -> usize {
    if i % 8 < 4 { 10 } else { 1 }
}

fn parse(line: &str) -> Option<usize> {
    // The test runner may print its own words at the start of the first line.
    let (_, rest) = line.split_once("acknowledged ")?;
    rest.strip_suffix(" .")?.parse().ok()
}

/// Everything acknowledged is in the log exactly once, whole, and each caller's in its order.
pub(crate) async fn assert_all_there(registry: &Registry, acknowledged: &Acknowledged) {
    let status = registry.audit().verify().await.unwrap();
    assert!(matches!(status, ChainStatus::Intact { .. }), "{status:?}");
    let records = registry.audit().list(1, u32::MAX).await.unwrap();
    let mut found = Acknowledged::new();
    let mut last = BTreeMap::new();
    for record in &records {
        let request = record.event().request().as_str();
        let i: usize = request.strip_prefix("request-").unwrap().parse().unwrap();
        *found.entry(i).or_default() += 1;
        // Each process has its million, each of its callers every fourth of it.
        let before = last.insert((i / 1_000_000, i % 4), i);
        assert!(before <= Some(i), "{i} stands behind {before:?}");
    }
    for (i, count) in &found {
        assert_eq!(*count, records_of(*i), "records of submission {i}");
    }
    for i in acknowledged.keys() {
        assert!(found.contains_key(i), "submission {i} is gone");
    }
}

/// Row R8 for the audit: kill -9 at whatever moment, restart, all is there.
async fn r8_a_killed_process_leaves_every_acknowledged_record_in_an_intact_chain(
    database: Database,
) {
    for rounds in lives() {
        records_outlive(database, rounds).await;
    }
}

async fn records_outlive(database: Database, rounds: Range<usize>) {
    let world = World::new(database).await;
    world.registry.close().await.unwrap();
    let mut acknowledged = Acknowledged::new();
    for round in rounds {
        let child = recording(&world.url(), &world.segments(), round * 1_000_000)
            .spawn()
            .unwrap();
        kill_after(child, 1 + round * 37 % 61, &mut acknowledged);

        // Every other time the next process finds what two left behind.
        if round % 2 == 1 {
            let registry = world.reopened().await;
            assert_all_there(&registry, &acknowledged).await;
            registry.close().await.unwrap();
            assert_eq!(std::fs::read_dir(world.segments()).unwrap().count(), 0);
        }
    }
}

/// Two processes append to one chain at once and are killed one after the other, the second while
/// it goes on alone.
async fn r8_processes_that_share_a_database_are_killed_and_lose_nothing(database: Database) {
    let world = World::new(database).await;
    world.registry.close().await.unwrap();
    let mut acknowledged = Acknowledged::new();

    for round in 0..3 {
        let start = |process: usize| {
            recording(
                &world.url(),
                &world.segments(),
                (2 * round + process) * 1_000_000,
            )
            .spawn()
            .unwrap()
        };
        let (one, other) = (start(0), start(1));
        kill_after(one, 40, &mut acknowledged);
        kill_after(other, 60, &mut acknowledged);

        let registry = world.reopened().await;
        assert_all_there(&registry, &acknowledged).await;
        registry.close().await.unwrap();
    }
}
