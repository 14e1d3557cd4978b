use std::fmt::Debug;
use std::ops::Range;

use weir_registry::{
    AuditError, AuditOptions, AuditQuery, ChainStatus, DraftId, Purged, Redeemed, Registry,
    RegistryError, RegistryOptions,
};

use crate::killed::options;
use crate::support::{
    Database, World, approved, at, close, denial, digest, folder, label, page_view, run, step,
};

on_both_databases! {
    a_registry_opens_again_and_is_healthy,
    handles_of_a_closed_registry_answer_with_errors,
    purging_removes_what_expired_and_nothing_else,
    r18_a_database_of_a_newer_version_is_refused_and_left_alone,
}

/// The bytes of one page, which is what `SQLite` makes when nobody asks for another size.
const PAGE: usize = 4096;

/// What a disk may leave in a page.
const GARBAGE: &[u8] = b"\x0d\x00torn\xff\x80\x01page\x7f";

#[tokio::test]
async fn an_address_that_is_not_a_file_is_refused() {
    for (url, expected) in [
        ("mysql://localhost/weir", "expected a registry address"),
        ("/var/lib/weir.db", "expected a registry address"),
        ("sqlite::memory:", "needs a database file"),
        ("sqlite://x?mode=memory", "needs a database file"),
    ] {
        let refused = Registry::open(url).await.map(drop).unwrap_err();

        assert!(refused.to_string().contains(expected), "{url}: {refused}");
    }
}

#[tokio::test]
async fn a_folder_that_does_not_exist_is_named() {
    let refused = Registry::open("sqlite:///nowhere/at/all/weir.db")
        .await
        .map(drop)
        .unwrap_err();

    assert!(
        matches!(&refused, RegistryError::File { .. }),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("/nowhere/at/all/weir.db"));
}

/// Row R9: what is not a registry is not made into one.
#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weir.db");
    let text = "these are not the pages of a database, however long one looks at them\n".repeat(99);
    std::fs::write(&path, &text).unwrap();

    let refused = Registry::open(&format!("sqlite://{}", path.display())).await;

    let Err(RegistryError::Database(cause)) = refused else {
        panic!("{refused:?}");
    };
    assert!(cause.to_string().contains("not a database"), "{cause}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

/// Row R9: whatever page did not get to the disk whole, no other policy and no other log comes of it.
#[tokio::test]
async fn r9_a_torn_page_is_an_error_or_changes_nothing_that_is_read() {
    let world = World::new(Database::Sqlite).await;
    let registry = &world.registry;
    registry.revisions().adopt(folder("one", 0)).await.unwrap();
    let draft = approved(registry, "two").await;
    registry
        .drafts()
        .publish(step(&draft, "ada", 5))
        .await
        .unwrap();
    for i in 0..3 {
        registry.audit().record(page_view(i)).await.unwrap();
    }
    registry.audit().record(vec![denial(3)]).await.unwrap();
    let whole = readings(registry).await;
    assert!(whole.iter().all(Option::is_some), "{whole:?}");
    registry.close().await.unwrap();
    let file = std::fs::read(world.path()).unwrap();

    let mut noticed = 0;
    for start in (0..file.len()).step_by(PAGE) {
        let (middle, end) = (start + PAGE / 2, start + PAGE);
        for (torn, with) in [
            (start..end, GARBAGE),
            (start..middle, GARBAGE),
            (middle..end, GARBAGE),
            (middle..end, &[0]),
        ] {
            let read = readings_with(&file, torn.clone(), with).await;
            noticed += usize::from(read.contains(&None));
            for (read, whole) in read.iter().zip(&whole) {
                assert!(read.is_none() || read == whole, "{torn:?}: {read:?}");
            }
        }
    }
    assert!(noticed > 50, "{noticed}");
}

/// What is read from a copy of `file` with something else in one place; nothing where it is refused.
async fn readings_with(file: &[u8], torn: Range<usize>, with: &[u8]) -> Vec<Option<String>> {
    let mut copy = file.to_vec();
    for (byte, other) in copy[torn].iter_mut().zip(with.iter().cycle()) {
        *byte = *other;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weir.db");
    std::fs::write(&path, copy).unwrap();
    let opened = Registry::open(&format!("sqlite://{}", path.display())).await;
    let Some(registry) = orderly(opened) else {
        return vec![None];
    };
    let read = readings(&registry).await;
    orderly(registry.close().await);
    read
}

/// Policies and the log as texts, each read by itself; `None` for what is refused. What a log says
/// that is not intact counts as refused.
async fn readings(registry: &Registry) -> Vec<Option<String>> {
    let (revisions, audit) = (registry.revisions(), registry.audit());
    let intact = matches!(
        orderly(audit.verify().await),
        Some(ChainStatus::Intact { .. })
    );
    let about_a_dashboard = AuditQuery {
        dashboard: Some(label("finance-overview")),
        ..AuditQuery::default()
    };
    vec![
        text(revisions.latest().await),
        text(revisions.list(None, 10).await),
        text(revisions.tree(1).await),
        text(revisions.tree(2).await),
        text(registry.drafts().tree(DraftId::new(1), None).await),
        text(audit.list(1, 100).await).filter(|_| intact),
        text(audit.export(1, 100).await).filter(|_| intact),
        text(audit.search(&about_a_dashboard).await).filter(|_| intact),
    ]
}

fn text<T: Debug, E: Debug>(read: Result<T, E>) -> Option<String> {
    orderly(read).map(|read| format!("{read:?}"))
}

/// An error may be anything but a task or a thread that panicked.
fn orderly<T, E: Debug>(outcome: Result<T, E>) -> Option<T> {
    outcome
        .inspect_err(|error| {
            let shown = format!("{error:?}");
            let panicked = shown.contains("Closed") || shown.contains("Crashed");
            assert!(!panicked, "{shown}");
        })
        .ok()
}

/// Row R18: an older program does not work on what it does not know.
async fn r18_a_database_of_a_newer_version_is_refused_and_left_alone(database: Database) {
    let world = World::new(database).await;
    let audit = world.registry.audit();
    audit.record(vec![denial(1)]).await.unwrap();
    world.registry.close().await.unwrap();
    let (url, segments) = (world.url(), world.segments());
    let open = || Registry::open_with(&url, options(segments.to_str().unwrap()));
    let mut intruder = world.intruder().await;
    let upgrade = "INSERT INTO _sqlx_migrations
            (version, description, success, checksum, execution_time)
        SELECT version + 1, 'of tomorrow', success, checksum, execution_time
        FROM _sqlx_migrations
        ORDER BY version DESC
        LIMIT 1";
    run(&mut intruder, upgrade).await.unwrap();
    let before = contents(&world).await;

    let refused = open().await.map(drop).unwrap_err();

    assert!(
        matches!(refused, RegistryError::Newer { .. }),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("newer version"), "{refused}");
    assert!(contents(&world).await == before, "something was changed");
    assert_eq!(std::fs::read_dir(&segments).unwrap().count(), 0);
    let downgrade = "DELETE FROM _sqlx_migrations WHERE description = 'of tomorrow'";
    run(&mut intruder, downgrade).await.unwrap();
    close(intruder).await;
    let status = open().await.unwrap().audit().verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records: 1, .. }),
        "{status:?}"
    );
}

/// Everything a database holds, to compare.
async fn contents(world: &World) -> Vec<u8> {
    let mut intruder = world.intruder().await;
    if world.database() == Database::Sqlite {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        run(&mut intruder, checkpoint).await.unwrap();
        close(intruder).await;
        return std::fs::read(world.path()).unwrap();
    }
    let dump = "SELECT schema_to_xml_and_xmlschema('public', true, false, '')::text";
    let dump: String = sqlx::query_scalar(dump)
        .fetch_one(&mut intruder)
        .await
        .unwrap();
    close(intruder).await;
    dump.into_bytes()
}

async fn a_registry_opens_again_and_is_healthy(database: Database) {
    let world = World::new(database).await;
    world.registry.health().await.unwrap();
    world.registry.close().await.unwrap();

    let registry = world.reopened().await;

    registry.health().await.unwrap();
}

#[tokio::test]
async fn after_closing_one_file_holds_everything() {
    let world = World::new(Database::Sqlite).await;
    world
        .registry
        .audit()
        .record(vec![denial(1)])
        .await
        .unwrap();

    world.registry.close().await.unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    std::fs::copy(world.path(), &copy).unwrap();
    let registry = Registry::open(&format!("sqlite://{}", copy.display()))
        .await
        .unwrap();
    let status = registry.audit().verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records: 1, .. }),
        "{status:?}"
    );
}

async fn handles_of_a_closed_registry_answer_with_errors(database: Database) {
    let world = World::new(database).await;
    let audit = world.registry.audit().clone();

    world.registry.close().await.unwrap();

    let refused = audit.record(vec![denial(2)]).await;
    assert!(matches!(refused, Err(AuditError::Closed)), "{refused:?}");
    assert!(world.registry.health().await.is_err());
    assert!(
        world
            .registry
            .sessions()
            .find(&digest(1), at(0))
            .await
            .is_err()
    );
    world.registry.close().await.unwrap();
}

async fn purging_removes_what_expired_and_nothing_else(database: Database) {
    let world = World::new(database).await;
    let registry = &world.registry;
    for (seed, ends) in [(1, 10), (2, 20), (3, 21)] {
        registry
            .launch_codes()
            .put(&digest(seed), "token", at(ends))
            .await
            .unwrap();
        let used = registry.used_assertions();
        assert!(used.use_up(&digest(seed), at(ends)).await.unwrap());
    }

    let purged = registry.purge(at(20)).await.unwrap();

    assert_eq!(
        purged,
        Purged {
            launch_codes: 2,
            used_assertions: 2,
            ..Purged::default()
        }
    );
    assert_eq!(registry.purge(at(20)).await.unwrap(), Purged::default());
    let third = registry.launch_codes().redeem(&digest(3), at(20)).await;
    assert!(matches!(third.unwrap(), Redeemed::Token(_)));
}

/// There is no file for the audit's segments to lie beside.
#[tokio::test]
async fn a_registry_on_postgres_needs_a_folder_for_segments() {
    let world = World::new(Database::Postgres).await;

    let refused = Registry::open(&world.url()).await.map(drop).unwrap_err();

    assert!(matches!(refused, RegistryError::NoAuditFolder), "{refused}");
}

#[tokio::test]
async fn a_password_in_the_address_stays_out_of_debug_output() {
    let world = World::new(Database::Postgres).await;
    let url = world.url().replace("weir@", "weir:unmistakable@");
    let options = || RegistryOptions {
        audit: AuditOptions {
            folder: Some(world.segments()),
            ..AuditOptions::default()
        },
        ..RegistryOptions::default()
    };
    let registry = Registry::open_with(&url, options()).await.unwrap();

    let shown = format!("{registry:?}");

    assert!(!shown.contains("unmistakable"), "{shown}");
    let nobody = "postgres://weir:unmistakable@127.0.0.1:1/weir";
    let refused = Registry::open_with(nobody, options()).await;
    let refused = refused.map(drop).unwrap_err();
    let shown = format!("{refused:?} {refused}");
    assert!(matches!(refused, RegistryError::Database(_)), "{shown}");
    assert!(!shown.contains("unmistakable"), "{shown}");
}

/// A folder may be called anything its operating system allows.
#[tokio::test]
async fn a_file_is_found_under_any_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a b.db", "é.db", "100%25.db", "a%23b.db"] {
        let url = format!("sqlite://{}/{name}", folder.path().display());
        let registry = Registry::open(&url).await.unwrap();
        registry.close().await.unwrap();
    }
    let mut found: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();

    assert_eq!(found, ["100%.db", "a b.db", "a#b.db", "audit", "é.db"]);
}
