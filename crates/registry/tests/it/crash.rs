//! A process that is killed takes nothing with it that was acknowledged.

use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::process::{Child, Command, Stdio};

use weir_registry::{ChainStatus, DraftId, DraftState, Fact, Registry};

use crate::support::{Database, World, assert_intact, denial, draft_of, narrow, page_view, step};

on_both_databases! {
    a_registry_dropped_without_closing_kept_what_it_acknowledged,
    r8_a_killed_process_leaves_every_acknowledged_record_in_an_intact_chain,
    r8_a_killed_process_leaves_every_acknowledged_step_and_no_half_published_revision,
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
    for rounds in lives() {
        records_outlive(database, rounds).await;
    }
}

async fn records_outlive(database: Database, rounds: Range<usize>) {
    let world = World::new(database).await;
    world.registry.close().await.unwrap();
    let mut last = 0;
    for round in rounds {
        let mut child = child_of(&world, "crash::a_process_that_records_until_it_is_killed");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = Vec::new();
        while acknowledged.len() < moment(round) {
            acknowledged.extend(parse(&lines.next().unwrap().unwrap()));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died counts too; a line cut in half does not.
        acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| parse(&line)));

        world.settled().await;
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

/// Not a test by itself: the process that the next test kills.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "how the parent process tells which database"
)]
async fn a_process_that_changes_policies_until_it_is_killed() {
    let Ok(url) = std::env::var(URL) else { return };
    let registry = Registry::open(&url).await.unwrap();
    let drafts = registry.drafts();
    for i in 0.. {
        let latest = registry.revisions().latest().await.unwrap();
        let base = latest.map_or(0, |latest| latest.number);
        let text = format!("change {base} {i}");
        let draft = drafts.open(draft_of(&text, base, "ada")).await.unwrap();
        println!("acknowledged draft {} editing", draft.id);
        registry.audit().record(page_view(i)).await.unwrap();
        let draft = drafts.submit(step(&draft, "ada", 3), narrow()).await;
        let draft = draft.unwrap();
        println!("acknowledged draft {} in_review", draft.id);
        drafts.approve(step(&draft, "bob", 4)).await.unwrap();
        let revision = drafts.publish(step(&draft, "ada", 5)).await.unwrap();
        println!("acknowledged draft {} published", draft.id);
        println!(
            "acknowledged revision {} {}",
            revision.number, revision.content
        );
    }
}

/// Row R8 for changes of policies: what was acknowledged is there, and what is there is whole.
async fn r8_a_killed_process_leaves_every_acknowledged_step_and_no_half_published_revision(
    database: Database,
) {
    for rounds in lives() {
        steps_outlive(database, rounds).await;
    }
}

async fn steps_outlive(database: Database, rounds: Range<usize>) {
    let world = World::new(database).await;
    world.registry.close().await.unwrap();
    for round in rounds {
        let mut child = child_of(
            &world,
            "crash::a_process_that_changes_policies_until_it_is_killed",
        );
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = Vec::new();
        while acknowledged.len() < moment(round) {
            acknowledged.extend(acknowledgement(&lines.next().unwrap().unwrap()));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let rest = lines.map_while(Result::ok);
        acknowledged.extend(rest.filter_map(|line| acknowledgement(&line)));

        world.settled().await;
        let registry = world.reopened().await;
        assert_intact(&registry).await;
        for (what, number, said) in acknowledged {
            is_there(&registry, &what, number, &said).await;
        }
        nothing_is_half_done(&registry).await;
        registry.close().await.unwrap();
    }
}

async fn is_there(registry: &Registry, what: &str, number: u64, said: &str) {
    if what == "revision" {
        let tree = registry.revisions().tree(number).await.unwrap();
        assert_eq!(tree.hash().to_string(), said, "revision {number}");
        return;
    }
    let draft = registry.drafts().get(DraftId::new(number)).await;
    let state = draft.unwrap().unwrap().state;
    let order = ["editing", "in_review", "published"];
    let place = |name| order.iter().position(|state| *state == name);
    assert!(
        place(state.as_str()) >= place(said),
        "draft {number} was {said} and is {state:?}"
    );
}

/// Revisions, published drafts and the audit's records of publications tell one story.
async fn nothing_is_half_done(registry: &Registry) {
    let revisions = registry.revisions().list(None, 100_000).await.unwrap();
    let mut revisions: Vec<_> = revisions
        .iter()
        .map(|revision| (revision.draft.unwrap().get(), revision.number))
        .collect();
    let drafts = registry.drafts().list(&[DraftState::Published], 100_000);
    let mut drafts: Vec<_> = drafts
        .await
        .unwrap()
        .iter()
        .map(|draft| draft.id.get())
        .collect();
    let recorded = registry.audit().list(1, 1_000_000).await.unwrap();
    let mut recorded: Vec<_> = recorded
        .iter()
        .filter_map(|record| match record.fact() {
            Fact::PolicyStep(step) => step.draft.zip(step.revision),
            _ => None,
        })
        .collect();
    revisions.sort_unstable();
    drafts.sort_unstable();
    recorded.sort_unstable();

    assert_eq!(revisions, recorded);
    assert!(
        revisions.iter().map(|(draft, _)| *draft).eq(drafts),
        "{revisions:?}"
    );
}

fn acknowledgement(line: &str) -> Option<(String, u64, String)> {
    let (_, rest) = line.split_once("acknowledged ")?;
    let mut words = rest.split(' ');
    let (what, number, said) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
    // A line cut in half says nothing.
    let whole = said.len() == 64 || ["editing", "in_review", "published"].contains(&said);
    whole.then(|| (what.to_owned(), number, said.to_owned()))
}

/// The rounds, ten to a registry, so that each is about its own length. 10, or 200 with
/// `WEIR_LONG=1`.
#[expect(
    clippy::disallowed_methods,
    reason = "how whoever runs the tests asks for the long run"
)]
fn lives() -> impl Iterator<Item = Range<usize>> {
    let lives = match std::env::var("WEIR_LONG").as_deref() {
        Ok("1") => 20,
        _ => 1,
    };
    (0..lives).map(|life| life * 10..life * 10 + 10)
}

/// After how many acknowledgements a round ends: scattered, the same in every run.
fn moment(round: usize) -> usize {
    1 + round * 7919 % 31
}

fn child_of(world: &World, test: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(URL, world.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn parse(line: &str) -> Option<(u64, String)> {
    // The test runner may print its own words at the start of the first line.
    let (_, rest) = line.split_once("acknowledged ")?;
    let (seq, hash) = rest.split_once(' ')?;
    (hash.len() == 64).then(|| Some((seq.parse().ok()?, hash.to_owned())))?
}
