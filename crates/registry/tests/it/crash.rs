//! A process that is killed takes no change of policies with it that was acknowledged.

use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::process::{Command, Stdio};

use weir_registry::{DraftId, DraftState, Fact, Registry};

use crate::killed::{SEGMENTS, URL, lives, options, variable, with_little_room};
use crate::support::{Database, World, approved, assert_intact, draft_of, narrow, page_view, step};

on_both_databases! {
    r8_a_killed_process_leaves_every_acknowledged_step_and_no_half_published_revision,
}

/// Not a test by itself: the process that the next tests kill, or leave without room.
#[tokio::test]
async fn a_process_that_changes_policies_until_it_is_killed() {
    let Some(url) = variable(URL) else { return };
    let registry = Registry::open_with(&url, options(&variable(SEGMENTS).unwrap()))
        .await
        .unwrap();
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
        println!("publishing draft {}", draft.id);
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
        let mut child = changing(&world).spawn().unwrap();
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

/// Row R7: the disk fills up at one page after another of the steps that publish.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r7_a_disk_that_is_full_in_the_middle_of_a_publication_leaves_all_of_it_or_nothing() {
    let world = World::new(Database::Sqlite).await;
    world.registry.close().await.unwrap();
    let mut in_the_middle = 0;

    for blocks in (240..4_000).step_by(8) {
        if in_the_middle == 6 {
            break;
        }
        let full = with_little_room(blocks, &changing(&world)).output();
        let full = full.unwrap();
        let said = String::from_utf8(full.stdout).unwrap();
        assert!(!full.status.success(), "there was room: {said}");
        let last = said.lines().rfind(|line| line.contains(" draft "));
        in_the_middle += u32::from(last.is_some_and(|line| line.contains("publishing")));

        let registry = world.reopened().await;
        assert_intact(&registry).await;
        for (what, number, said) in said.lines().filter_map(acknowledgement) {
            is_there(&registry, &what, number, &said).await;
        }
        nothing_is_half_done(&registry).await;
        let draft = approved(&registry, &format!("room after {blocks}")).await;
        let published = registry.drafts().publish(step(&draft, "ada", 5)).await;
        assert!(published.is_ok(), "{published:?}");
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

/// After how many acknowledgements a round ends: scattered, the same in every run.
fn moment(round: usize) -> usize {
    1 + round * 7919 % 31
}

fn changing(world: &World) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "crash::a_process_that_changes_policies_until_it_is_killed",
            "--nocapture",
        ])
        .env(URL, world.url())
        .env(SEGMENTS, world.segments())
        .stdout(Stdio::piped());
    command
}
