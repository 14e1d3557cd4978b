use weir_registry::{
    AuditError, AuditOptions, ChainStatus, Purged, Redeemed, Registry, RegistryError,
    RegistryOptions,
};

use crate::support::{Database, World, at, denial, digest};

on_both_databases! {
    a_registry_opens_again_and_is_healthy,
    handles_of_a_closed_registry_answer_with_errors,
    purging_removes_what_expired_and_nothing_else,
}

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

    assert!(refused.is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
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
