//! Segments that lie in the folder when a process starts.

use std::path::PathBuf;

use weir_registry::{AuditError, ChainStatus, Fault, RegistryError, RegistryOptions};

use crate::killed::{Acknowledged, assert_all_there, kill_after, recording};
use crate::support::{Database, World, denial, page_view};

on_both_databases! {
    a_segment_that_comes_back_is_not_moved_twice,
    a_torn_last_line_is_dropped_because_nobody_was_told_of_it,
    a10_a_damaged_segment_is_named_and_stops_the_log,
    a_segment_of_another_registry_is_left_alone,
    a_draft_of_a_segment_is_no_segment,
}

/// What a killed process leaves, and what it acknowledged. It died before it moved everything, or
/// after; both happen.
fn leave_a_segment(world: &World, first: usize) -> (PathBuf, Acknowledged) {
    let mut acknowledged = Acknowledged::new();
    let child = recording(&world.url(), &world.segments(), first)
        .spawn()
        .unwrap();
    kill_after(child, 8, &mut acknowledged);
    (only_segment(world), acknowledged)
}

fn only_segment(world: &World) -> PathBuf {
    let mut found: Vec<_> = std::fs::read_dir(world.segments())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

async fn closed(database: Database) -> World {
    let world = World::new(database).await;
    world.registry.close().await.unwrap();
    world
}

/// A crash between the commit and the removal of the file, or a folder restored from a backup.
async fn a_segment_that_comes_back_is_not_moved_twice(database: Database) {
    let world = closed(database).await;
    let (path, acknowledged) = leave_a_segment(&world, 0);
    let bytes = std::fs::read(&path).unwrap();
    let registry = world.reopened().await;
    assert_all_there(&registry, &acknowledged).await;
    assert!(!path.exists(), "it is moved, so it is gone");
    registry.close().await.unwrap();

    std::fs::write(&path, bytes).unwrap();
    let registry = world.reopened().await;

    assert_all_there(&registry, &acknowledged).await;
    assert!(!path.exists());
}

async fn a_torn_last_line_is_dropped_because_nobody_was_told_of_it(database: Database) {
    let world = closed(database).await;
    let (path, acknowledged) = leave_a_segment(&world, 0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(br#"{"hash":"00","line":9,"events":[{"at":"2026-"#);
    std::fs::write(&path, bytes).unwrap();

    let registry = world.reopened().await;

    assert_all_there(&registry, &acknowledged).await;
    registry.audit().record(vec![denial(5)]).await.unwrap();
    assert!(!path.exists());
}

/// Row A10: nothing is appended until somebody looked, but what this process acknowledges until
/// then, and what stands before the damage, is moved.
async fn a10_a_damaged_segment_is_named_and_stops_the_log(database: Database) {
    let world = closed(database).await;
    // Nothing of it is moved: the database refuses while the process lives.
    let (path, _) = leave_a_segment(&world, 0);
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    let last = lines.len() - 1;
    lines[last] = lines[last].replace("request-", "request_");
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    unmove(&world).await;

    let registry = world.reopened().await;

    let fault = match registry.audit().verify().await.unwrap() {
        ChainStatus::Broken(fault @ Fault::Segment { stream, line }) => {
            assert_eq!(stream.to_string(), name);
            assert_eq!(line, u64::try_from(last).unwrap());
            fault
        }
        other => panic!("{other:?}"),
    };
    let refused = registry.audit().record(page_view(7)).await;
    assert!(
        matches!(refused, Err(AuditError::Damaged(found)) if found == fault),
        "{refused:?}"
    );
    assert!(matches!(
        registry.health().await,
        Err(RegistryError::Audit(AuditError::Damaged(_)))
    ));
    registry.close().await.unwrap();
    assert!(path.exists(), "an auditor wants to see it");

    // Somebody looked, and took it away.
    std::fs::remove_file(&path).unwrap();
    let registry = world.reopened().await;
    registry.audit().record(page_view(8)).await.unwrap();
    let status = registry.audit().verify().await.unwrap();
    assert!(matches!(status, ChainStatus::Intact { .. }), "{status:?}");
}

/// Forgets how far segments are moved, so that the test does not hang on when a process died.
async fn unmove(world: &World) {
    let mut intruder = world.intruder_past_the_triggers().await;
    crate::support::run(&mut intruder, "DELETE FROM audit_streams")
        .await
        .unwrap();
    crate::support::close(intruder).await;
}

async fn a_segment_of_another_registry_is_left_alone(database: Database) {
    let other = closed(database).await;
    let (path, _) = leave_a_segment(&other, 0);
    let world = closed(database).await;
    let foreign = world.segments().join(path.file_name().unwrap());
    std::fs::copy(&path, &foreign).unwrap();

    let registry = world.reopened_with(RegistryOptions::default()).await;

    assert!(registry.audit().list(1, 10).await.unwrap().is_empty());
    registry.audit().record(page_view(1)).await.unwrap();
    registry.close().await.unwrap();
    assert!(foreign.exists());
}

/// A process was killed while it made its segment: nothing can be in it.
async fn a_draft_of_a_segment_is_no_segment(database: Database) {
    let world = closed(database).await;
    let draft = world
        .segments()
        .join("0000000000000000000000000000000a-1.new");
    std::fs::write(draft, "{\"hash\":").unwrap();

    let registry = world.reopened().await;

    registry.audit().record(page_view(1)).await.unwrap();
    assert_eq!(registry.audit().list(1, 100).await.unwrap().len(), 10);
}
