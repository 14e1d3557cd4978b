//! A process that is killed takes nothing with it that was acknowledged.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use weir_registry::{ChainStatus, Registry};

use crate::support::{Database, World, denial, page_view};

on_both_databases! {
    a_registry_dropped_without_closing_kept_what_it_acknowledged,
    r8_a_killed_process_leaves_every_acknowledged_record_in_an_intact_chain,
}

const URL: &str = "WEIR_TEST_REGISTRY_TO_FILL";

async fn a_registry_dropped_without_closing_kept_what_it_acknowledged(database: Database) {
    let world = World::new(database).await;
    let receipt = world.registry.audit().record(page_view(1)).await.unwrap();

    let world = world.restarted().await;

    let audit = world.registry.audit();
    let records = audit.list(1, 100).await.unwrap();
    assert_eq!(records.len(), 10);
    assert_eq!(records[9].hash(), receipt.head());
    assert_eq!(audit.record(vec![denial(2)]).await.unwrap().first(), 11);
    let status = audit.verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records: 11, .. }),
        "{status:?}"
    );
}

/// Not a test by itself: the process that the next test kills.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "how the parent process tells which file"
)]
async fn a_process_that_records_until_it_is_killed() {
    let Ok(url) = std::env::var(URL) else { return };
    let registry = Registry::open(&url).await.unwrap();
    for i in 0.. {
        let receipt = registry.audit().record(page_view(i)).await.unwrap();
        println!("acknowledged {} {}", receipt.last(), receipt.head());
    }
}

/// Row R8 for the audit: kill -9 at whatever moment, restart, all is there.
async fn r8_a_killed_process_leaves_every_acknowledged_record_in_an_intact_chain(
    database: Database,
) {
    let world = World::new(database).await;
    world.registry.close().await.unwrap();
    let mut last = 0;

    for round in 1..=10 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::a_process_that_records_until_it_is_killed",
                "--nocapture",
            ])
            .env(URL, world.url())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = Vec::new();
        while acknowledged.len() < 7 * round {
            acknowledged.extend(parse(&lines.next().unwrap().unwrap()));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died counts too; a line cut in half does not.
        acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| parse(&line)));

        let registry = world.reopened().await;
        let status = registry.audit().verify().await.unwrap();
        let ChainStatus::Intact { records, .. } = status else {
            panic!("{status:?}")
        };
        for (seq, hash) in acknowledged {
            assert!(seq > last && seq <= records, "{seq} of {records}");
            assert_eq!(
                registry.audit().list(seq, 1).await.unwrap()[0]
                    .hash()
                    .to_string(),
                hash
            );
        }
        assert!(
            records.is_multiple_of(10),
            "a page view was written in part"
        );
        last = records;
        registry.close().await.unwrap();
    }
}

fn parse(line: &str) -> Option<(u64, String)> {
    // The test runner may print its own words at the start of the first line.
    let (_, rest) = line.split_once("acknowledged ")?;
    let (seq, hash) = rest.split_once(' ')?;
    (hash.len() == 64).then(|| Some((seq.parse().ok()?, hash.to_owned())))?
}
