//! What needs the inside of the crate: every statement is prepared, the settings are what the
//! documentation says, and a disk that is full really refuses.

use std::time::Duration;

use sqlx::Executor;
use tempfile::TempDir;

use super::*;

fn url(folder: &TempDir) -> String {
    format!("sqlite://{}/weir.db", folder.path().display())
}

fn denial(i: u64) -> AuditEvent {
    let code = Label::parse("token-expired").unwrap();
    let fact = Fact::Denial(Denial::new(Realm::Embed, code));
    AuditEvent::new(
        chrono::DateTime::UNIX_EPOCH,
        RequestId::parse(format!("r-{i}")).unwrap(),
        fact,
    )
}

#[tokio::test]
async fn every_statement_is_one_the_database_understands() {
    let folder = tempfile::tempdir().unwrap();
    let connect = sqlite::connect_options(&url(&folder), Duration::from_secs(1)).unwrap();
    let database = sqlite::Database::open(connect).await.unwrap();
    let mut conn = database.readers().acquire().await.unwrap();
    let fixed = [
        sessions::STATEMENTS,
        pending_logins::STATEMENTS,
        launch_codes::STATEMENTS,
        audit::statements::READ,
    ];

    let texts = fixed.concat().into_iter().map(ToOwned::to_owned);
    for sql in texts.chain(audit::statements::write()) {
        let prepared = (&mut *conn).prepare(&sql).await;
        assert!(prepared.is_ok(), "{sql}: {prepared:?}");
    }
}

#[tokio::test]
async fn connections_are_set_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    let connect = sqlite::connect_options(&url(&folder), Duration::from_millis(1234)).unwrap();
    let database = sqlite::Database::open(connect).await.unwrap();

    let mut disk = database.write(Durability::Disk).await.unwrap();
    for (pragma, expected) in [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 1234),
        ("secure_delete", 1),
    ] {
        let found: i64 = sqlx::query_scalar(&format!("PRAGMA {pragma}"))
            .fetch_one(&mut *disk)
            .await
            .unwrap();
        assert_eq!(found, expected, "{pragma}");
    }
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *disk)
        .await
        .unwrap();
    assert_eq!(mode, "wal");
    drop(disk);

    let mut process = database.write(Durability::Process).await.unwrap();
    let found: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&mut *process)
        .await
        .unwrap();
    assert_eq!(found, 1);
}

#[tokio::test]
async fn readers_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let connect = sqlite::connect_options(&url(&folder), Duration::from_secs(1)).unwrap();
    let database = sqlite::Database::open(connect).await.unwrap();

    let refused = sqlx::query("DELETE FROM sessions")
        .execute(database.readers())
        .await;

    assert!(refused.is_err());
}

/// Invariant 10, rows A11 and R7: no room for the record means no acknowledgement, and once there
/// is room again the log goes on, unbroken.
#[tokio::test]
async fn a_full_disk_refuses_records_and_leaves_the_chain_whole() {
    let folder = tempfile::tempdir().unwrap();
    let room = sqlite::connect_options(&url(&folder), Duration::from_secs(1)).unwrap();
    let options = RegistryOptions::default();
    Registry::connect(room.clone(), &options)
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    let full = room.clone().pragma("max_page_count", "60");
    let registry = Registry::connect(full, &options).await.unwrap();

    let mut acknowledged = 0;
    let refusal = loop {
        match registry.audit().record((0..10).map(denial).collect()).await {
            Ok(receipt) => acknowledged = receipt.last(),
            Err(refusal) => break refusal,
        }
        assert!(acknowledged < 100_000, "the limit did not bite");
    };
    assert!(matches!(refusal, AuditError::Database(_)), "{refusal:?}");
    let again = registry
        .audit()
        .record((0..100).map(denial).collect())
        .await;
    assert!(matches!(again, Err(AuditError::Database(_))), "{again:?}");
    registry.close().await.unwrap();

    let registry = Registry::connect(room, &options).await.unwrap();
    let receipt = registry.audit().record(vec![denial(1)]).await.unwrap();
    assert_eq!(receipt.first(), acknowledged + 1);
    let status = registry.audit().verify().await.unwrap();
    let expected = ChainStatus::Intact {
        records: receipt.last(),
        head: receipt.head(),
    };
    assert_eq!(status, expected);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_file_or_its_write_ahead_log() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(&url(&folder)).await.unwrap();
    registry.audit().record(vec![denial(1)]).await.unwrap();

    for name in ["weir.db", "weir.db-wal", "weir.db-shm"] {
        let mode = folder
            .path()
            .join(name)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
