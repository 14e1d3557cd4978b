//! The database is locked, gone or full: what is acknowledged meanwhile, for how long, and that
//! nothing of it is lost.

use std::time::Duration;

use sqlx::{AnyConnection, Connection};
use weir_registry::{AuditError, AuditOptions, Health, RegistryError, RegistryOptions};

use crate::killed::{Acknowledged, acknowledged_by, assert_all_there, recording, with_little_room};
use crate::support::{Database, World, close, denial, page_view, run};

on_both_databases! {
    f75_a_locked_database_stops_records_after_the_grace_and_loses_none,
    f75_a_backlog_has_a_limit,
    a_database_back_within_the_grace_was_never_missed,
    readers_wait_for_what_was_acknowledged_during_an_outage,
}

fn with_grace(grace: Duration) -> RegistryOptions {
    RegistryOptions {
        busy_timeout: Duration::from_millis(20),
        grace,
        ..RegistryOptions::default()
    }
}

/// Somebody who holds the database so that nothing can be written.
async fn lock(world: &World) -> AnyConnection {
    let mut intruder = world.intruder().await;
    let lock = world.sql(
        "BEGIN EXCLUSIVE",
        "BEGIN; LOCK TABLE audit_head IN ACCESS EXCLUSIVE MODE",
    );
    run(&mut intruder, lock).await.unwrap();
    intruder
}

/// Records until it is refused; no end of its own. Every other submission is a data read.
async fn record_until_refused(world: &World, acknowledged: &mut Acknowledged) -> AuditError {
    for i in acknowledged.len().. {
        let (events, count) = if i % 8 < 4 {
            (page_view(i), 10)
        } else {
            (vec![denial(i)], 1)
        };
        match world.registry.audit().record(events).await {
            Ok(_) => acknowledged.insert(i, count),
            Err(refusal) => return refusal,
        };
        tokio::task::yield_now().await;
    }
    unreachable!("numbers do not end")
}

/// Waits until records are taken again; no end of its own.
async fn record_when_it_is_back(world: &World, acknowledged: &mut Acknowledged) {
    let i = acknowledged.len();
    let count = if i % 8 < 4 { 10 } else { 1 };
    loop {
        let events = if count == 10 {
            page_view(i)
        } else {
            vec![denial(i)]
        };
        if world.registry.audit().record(events).await.is_ok() {
            acknowledged.insert(i, count);
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn is_stalled(world: &World, refusal: &AuditError) -> bool {
    let unwell = world.registry.health().await;
    matches!(refusal, AuditError::Stalled { .. })
        && matches!(
            unwell,
            Err(RegistryError::Audit(AuditError::Stalled { .. }))
        )
}

/// Row R6 and invariant 10: fail closed, in bounded time, and go on unbroken.
async fn f75_a_locked_database_stops_records_after_the_grace_and_loses_none(database: Database) {
    let world = World::with(database, with_grace(Duration::from_millis(300))).await;
    let mut acknowledged = Acknowledged::new();
    let mut holder = lock(&world).await;

    let refusal = record_until_refused(&world, &mut acknowledged).await;
    assert!(is_stalled(&world, &refusal).await, "{refusal:?}");
    run(&mut holder, "ROLLBACK").await.unwrap();
    close(holder).await;
    record_when_it_is_back(&world, &mut acknowledged).await;

    assert!(acknowledged.len() > 1, "the grace acknowledged nothing");
    assert_all_there(&world.registry, &acknowledged).await;
    assert!(matches!(world.registry.health().await, Ok(Health::Well)));
}

async fn f75_a_backlog_has_a_limit(database: Database) {
    let options = RegistryOptions {
        audit: AuditOptions {
            backlog: 50_000,
            ..AuditOptions::default()
        },
        ..with_grace(Duration::from_mins(10))
    };
    let world = World::with(database, options).await;
    let mut acknowledged = Acknowledged::new();
    let holder = lock(&world).await;

    let refusal = record_until_refused(&world, &mut acknowledged).await;
    assert!(
        matches!(refusal, AuditError::Backlog { bytes } if bytes > 50_000 && bytes < 60_000),
        "{refusal:?}"
    );
    close(holder).await;
    record_when_it_is_back(&world, &mut acknowledged).await;

    assert_all_there(&world.registry, &acknowledged).await;
    // What was moved does not count any more.
    let mut more = acknowledged.clone();
    for i in acknowledged.len()..acknowledged.len() + 16 {
        let events = if i % 8 < 4 {
            page_view(i)
        } else {
            vec![denial(i)]
        };
        more.insert(i, events.len());
        world.registry.audit().record(events).await.unwrap();
    }
    assert_all_there(&world.registry, &more).await;
}

async fn a_database_back_within_the_grace_was_never_missed(database: Database) {
    let world = World::with(database, with_grace(Duration::from_mins(10))).await;
    let mut acknowledged = Acknowledged::new();
    let holder = lock(&world).await;

    for i in 0..40 {
        let events = if i % 8 < 4 {
            page_view(i)
        } else {
            vec![denial(i)]
        };
        acknowledged.insert(i, events.len());
        world.registry.audit().record(events).await.unwrap();
    }
    // No end of its own: the log finds out by itself.
    while !matches!(world.registry.health().await, Ok(Health::Degraded { .. })) {
        tokio::task::yield_now().await;
    }
    close(holder).await;

    // And that it is over too.
    while !matches!(world.registry.health().await, Ok(Health::Well)) {
        tokio::task::yield_now().await;
    }
    assert_all_there(&world.registry, &acknowledged).await;
}

/// An auditor is told that the database does not answer, not shown a log without its end.
async fn readers_wait_for_what_was_acknowledged_during_an_outage(database: Database) {
    let world = World::with(database, with_grace(Duration::from_mins(10))).await;
    world.registry.audit().record(page_view(0)).await.unwrap();
    world.registry.audit().list(1, 1).await.unwrap();
    let holder = lock(&world).await;
    world.registry.audit().record(page_view(1)).await.unwrap();

    assert!(world.registry.audit().list(1, 1).await.is_err());
    assert!(world.registry.audit().verify().await.is_err());
    close(holder).await;

    assert_eq!(world.registry.audit().list(1, 100).await.unwrap().len(), 20);
}

/// Not locked but gone: connections are cut and new ones refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f75_a_vanished_database_stops_records_after_the_grace_and_loses_none_on_postgres() {
    let world = World::with(Database::Postgres, with_grace(Duration::from_millis(300))).await;
    let mut acknowledged = Acknowledged::new();
    let (server, name) = world.server();
    let mut keeper = AnyConnection::connect(&server).await.unwrap();
    let vanish = format!(
        "ALTER DATABASE {name} ALLOW_CONNECTIONS false;
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    run(&mut keeper, &vanish).await.unwrap();

    let refusal = record_until_refused(&world, &mut acknowledged).await;
    assert!(is_stalled(&world, &refusal).await, "{refusal:?}");
    let back = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
    run(&mut keeper, &back).await.unwrap();
    record_when_it_is_back(&world, &mut acknowledged).await;

    assert!(acknowledged.len() > 1, "the grace acknowledged nothing");
    assert_all_there(&world.registry, &acknowledged).await;
}

/// Row A11: the disk of segment and database is full. Refused at once, whatever the grace; what
/// was acknowledged before is all there. The limit cuts a write in the middle of a line.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a11_a_full_disk_refuses_at_once_and_loses_nothing_acknowledged() {
    let world = World::new(Database::Sqlite).await;
    world.registry.close().await.unwrap();
    let mut acknowledged = Acknowledged::new();

    for (round, blocks) in [301, 402, 503].into_iter().enumerate() {
        let inner = recording(&world.url(), &world.segments(), round * 1_000_000);
        let child = with_little_room(blocks, &inner).spawn().unwrap();
        let (said, refused) = acknowledged_by(child, 20);
        assert!(refused.contains("Segment"), "{refused}");
        assert!(!said.is_empty());
        acknowledged.extend(said);

        let registry = world.reopened().await;
        assert_all_there(&registry, &acknowledged).await;
        registry.close().await.unwrap();
    }
}
