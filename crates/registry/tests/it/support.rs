//! A temporary registry, and events to put in it.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use weir_policy::RuleId;
use weir_registry::{
    AuditEvent, DataRead, Denial, Digest, Fact, Label, ReadOutcome, Realm, Registry,
    RegistryOptions, RequestId, Source,
};

/// A registry in a folder of its own.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) registry: Registry,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(RegistryOptions::default()).await
    }

    pub(crate) async fn with(options: RegistryOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open_with(&url_in(&folder), options)
            .await
            .unwrap();
        Self { folder, registry }
    }

    pub(crate) fn url(&self) -> String {
        url_in(&self.folder)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("weir.db")
    }

    /// Somebody with the file, a database shell and bad intentions.
    pub(crate) async fn intruder(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.path())
            .connect()
            .await
            .unwrap()
    }

    /// An intruder who got rid of everything in the schema that would stop them.
    pub(crate) async fn intruder_past_the_triggers(&self) -> SqliteConnection {
        let mut intruder = self.intruder().await;
        let names: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
                .fetch_all(&mut intruder)
                .await
                .unwrap();
        assert_eq!(names.len(), 6);
        for name in names {
            run(&mut intruder, &format!("DROP TRIGGER {name}"))
                .await
                .unwrap();
        }
        run(&mut intruder, "PRAGMA ignore_check_constraints = ON")
            .await
            .unwrap();
        intruder
    }

    /// The process ends without closing anything, and starts again.
    pub(crate) async fn restarted(self) -> Self {
        let Self { folder, registry } = self;
        drop(registry);
        let registry = Registry::open(&url_in(&folder)).await.unwrap();
        Self { folder, registry }
    }

    /// Another process on the same file.
    pub(crate) async fn reopened(&self) -> Registry {
        Registry::open(&self.url()).await.unwrap()
    }
}

pub(crate) async fn run(conn: &mut SqliteConnection, sql: &str) -> Result<u64, sqlx::Error> {
    Ok(sqlx::raw_sql(sql).execute(conn).await?.rows_affected())
}

pub(crate) async fn close(conn: SqliteConnection) {
    conn.close().await.unwrap();
}

fn url_in(folder: &TempDir) -> String {
    format!("sqlite://{}/weir.db", folder.path().display())
}

/// A moment on the test's clock, in seconds after its start.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub(crate) fn digest(seed: u8) -> Digest {
    Digest::from([seed; 32])
}

pub(crate) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub(crate) fn request(i: usize) -> RequestId {
    RequestId::parse(format!("request-{i}")).unwrap()
}

/// What one dashboard of ten tiles leaves behind.
pub(crate) fn page_view(i: usize) -> Vec<AuditEvent> {
    (0..10)
        .map(|tile| AuditEvent::new(at(0), request(i), data_read(tile)))
        .collect()
}

pub(crate) fn data_read(tile: u64) -> Fact {
    Fact::DataRead(DataRead {
        realm: Realm::Embed,
        subject: digest(1),
        dashboard: label("finance-overview"),
        tile: label(&format!("tile-{tile}")),
        policy_revision: 14,
        matched_rules: ["bu-own-rows", "litigation-hold"]
            .map(|id| RuleId::parse(id).unwrap())
            .to_vec(),
        fingerprint: digest(2),
        snapshot: label("gold.statements@5828592803881840765"),
        source: Source::Cache,
        rows: 12,
        bytes: 0,
        outcome: ReadOutcome::Answered,
    })
}

pub(crate) fn denial(i: usize) -> AuditEvent {
    let fact = Fact::Denial(Denial::new(Realm::Embed, label("token-expired")));
    AuditEvent::new(at(0), request(i), fact)
}
