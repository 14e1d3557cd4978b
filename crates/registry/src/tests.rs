//! What needs the inside of the crate: every statement is prepared, the settings are what the
//! documentation says, and a disk that is full really refuses.

use std::time::Duration;

use sqlx::Executor;
use tempfile::TempDir;

use super::*;
use crate::database::{Address, Database};

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

async fn open(url: &str, busy_timeout: Duration) -> Database {
    let address = Address::parse(url, busy_timeout).unwrap();
    Database::open(&address).await.unwrap()
}

#[tokio::test]
async fn every_statement_is_one_sqlite_understands() {
    let folder = tempfile::tempdir().unwrap();

    every_statement_is_understood(&url(&folder)).await;
}

#[tokio::test]
async fn every_statement_is_one_postgres_understands() {
    let database = testing::PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}"));

    every_statement_is_understood(&database.url()).await;
}

async fn every_statement_is_understood(url: &str) {
    let database = open(url, Duration::from_secs(1)).await;
    let mut conn = database.reader().await.unwrap();
    let fixed = [
        sessions::STATEMENTS,
        provider_logouts::STATEMENTS,
        launch_codes::STATEMENTS,
        families::STATEMENTS,
        signing_keys::STATEMENTS,
        previews::STATEMENTS,
        embed_clients::STATEMENTS,
        used_assertions::STATEMENTS,
        fleet::STATEMENTS,
        usage::STATEMENTS,
        costs::STATEMENTS,
        costs::WRITE,
        costs::READ,
        vitals::STATEMENTS,
        revocations::STATEMENTS,
        lockdowns::STATEMENTS,
        audit::statements::READ,
        audit::statements::MOVE,
        audit::statements::CHECKPOINTS,
        audit::statements::START,
        revisions::STATEMENTS,
        drafts::STATEMENTS,
        drafts::WRITE,
    ];

    let texts = fixed.concat().into_iter().map(ToOwned::to_owned);
    for sql in texts
        .chain(audit::statements::append(&conn))
        .chain(audit::statements::search())
        .chain(content::store::statements())
    {
        let refused = (&mut *conn).prepare(&sql).await.err();
        assert!(refused.is_none(), "{sql}: {refused:?}");
    }
}

#[tokio::test]
async fn connections_are_set_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&url(&folder), Duration::from_millis(1234)).await;

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
async fn readers_cannot_write_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();

    readers_cannot_write(&url(&folder)).await;
}

#[tokio::test]
async fn readers_cannot_write_on_postgres() {
    let database = testing::PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}"));

    readers_cannot_write(&database.url()).await;
}

async fn readers_cannot_write(url: &str) {
    let database = open(url, Duration::from_secs(1)).await;

    let refused = sqlx::query("DELETE FROM sessions")
        .execute(database.readers())
        .await;

    assert!(refused.is_err());
}

#[tokio::test]
async fn postgres_commits_wait_for_what_they_were_told_to() {
    let postgres = testing::PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}"));
    let database = open(&postgres.url(), Duration::from_millis(1234)).await;

    for (durability, expected) in [(Durability::Disk, "on"), (Durability::Process, "off")] {
        let mut tx = database.write(durability).await.unwrap();
        for (setting, expected) in [("synchronous_commit", expected), ("lock_timeout", "1234ms")] {
            let found: String = sqlx::query_scalar(&format!("SHOW {setting}"))
                .fetch_one(&mut *tx)
                .await
                .unwrap();
            assert_eq!(found, expected, "{setting}");
        }
    }
}

/// One schema in two spellings: the same tables with the same columns, which may be empty or not
/// alike.
#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = testing::PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}"));
    let sqlite = columns(
        &url(&folder),
        "SELECT t.name || '.' || c.name || ' ' || CASE c.type
            WHEN 'INTEGER' THEN 'bigint' WHEN 'BLOB' THEN 'bytea' ELSE lower(c.type) END
            || CASE c.\"notnull\" WHEN 1 THEN '' ELSE ' null' END
         FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE '%sqlx%'",
    )
    .await;
    let postgres = columns(
        &postgres.url(),
        "SELECT table_name || '.' || column_name || ' ' || data_type
            || CASE is_nullable WHEN 'NO' THEN '' ELSE ' null' END
         FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '%sqlx%'",
    )
    .await;

    assert!(sqlite.len() > 15, "{sqlite:?}");
    assert_eq!(sqlite, postgres);
}

async fn columns(url: &str, sql: &str) -> Vec<String> {
    let database = open(url, Duration::from_secs(1)).await;
    let mut columns: Vec<String> = sqlx::query_scalar(sql)
        .fetch_all(database.readers())
        .await
        .unwrap();
    columns.sort();
    columns
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |folder: &str| -> Vec<_> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/").to_owned() + folder;
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };

    assert_eq!(names("sqlite"), names("postgres"));
}

/// Invariant 10, rows A11 and R7: a database without room takes nothing; records wait in the segment
/// for the grace, then they are refused. Once there is room, all of them are moved.
#[tokio::test]
async fn a11_a_full_database_stalls_the_log_after_the_grace_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let room = Address::parse(&url(&folder), Duration::from_secs(1)).unwrap();
    let options = RegistryOptions::default();
    Registry::connect(&room, &options)
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    let full = room.clone().with_setup("PRAGMA max_page_count = 80;");
    let short = RegistryOptions {
        grace: Duration::from_millis(100),
        ..options.clone()
    };
    let registry = Registry::connect(&full, &short).await.unwrap();

    let mut acknowledged = 0;
    let refusal = loop {
        match registry.audit().record((0..10).map(denial).collect()).await {
            Ok(_) => acknowledged += 10,
            Err(refusal) => break refusal,
        }
    };
    assert!(matches!(refusal, AuditError::Stalled { .. }), "{refusal:?}");
    assert!(registry.health().await.is_err());
    assert!(registry.audit().verify().await.is_err());
    assert!(registry.close().await.is_err(), "not everything is moved");

    let registry = Registry::connect(&room, &options).await.unwrap();
    registry.audit().record(vec![denial(1)]).await.unwrap();
    let status = registry.audit().verify().await.unwrap();
    assert!(
        matches!(status, ChainStatus::Intact { records, .. } if records == acknowledged + 1),
        "{acknowledged} acknowledged, {status:?}"
    );
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
    let segments = folder.path().join("audit");
    assert_eq!(
        segments.metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
    for segment in std::fs::read_dir(segments).unwrap() {
        let mode = segment.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_machine_without_postgres_is_told_what_to_install() {
    let said = testing::PostgresError::NotInstalled.to_string();

    assert!(said.contains("apt-get install postgresql"), "{said}");
}
