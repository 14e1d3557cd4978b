//! A temporary registry, and events to put in it.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AnyConnection;
use sqlx::{Connection, Executor};
use tempfile::TempDir;
use weir_policy::RuleId;
use weir_registry::testing::PostgresDatabase;
use weir_registry::{
    Actor, AdoptFolder, AuditEvent, ChainStatus, ContentPath, ContentTree, DataRead, Denial,
    Digest, Draft, Fact, Label, NewDraft, Origin, PolicyStep, ReadOutcome, Realm, Registry,
    RegistryError, RegistryOptions, RequestId, Save, Source, Step, Verdict,
};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// Where a registry lives as long as its test.
pub(crate) enum Home {
    Folder(TempDir),
    /// With a folder for the audit's segments.
    Database(PostgresDatabase, TempDir),
}

/// A registry in a folder or a database of its own.
pub(crate) struct World {
    pub(crate) registry: Registry,
    home: Home,
}

impl Database {
    /// An empty one.
    pub(crate) fn home(self) -> Home {
        match self {
            Self::Sqlite => Home::Folder(tempfile::tempdir().unwrap()),
            Self::Postgres => Home::Database(
                PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}")),
                tempfile::tempdir().unwrap(),
            ),
        }
    }
}

impl Home {
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Folder(folder) => format!("sqlite://{}/weir.db", folder.path().display()),
            Self::Database(database, _) => database.url(),
        }
    }

    /// Where the audit's segments are.
    pub(crate) fn segments(&self) -> PathBuf {
        match self {
            Self::Folder(folder) | Self::Database(_, folder) => folder.path().join("audit"),
        }
    }

    pub(crate) async fn open(&self, options: RegistryOptions) -> Result<Registry, RegistryError> {
        let mut options = options;
        options.audit.folder.get_or_insert(self.segments());
        Registry::open_with(&self.url(), options).await
    }
}

impl World {
    pub(crate) async fn new(database: Database) -> Self {
        Self::with(database, RegistryOptions::default()).await
    }

    pub(crate) async fn with(database: Database, options: RegistryOptions) -> Self {
        let home = database.home();
        let registry = home.open(options).await.unwrap();
        Self { registry, home }
    }

    pub(crate) fn url(&self) -> String {
        self.home.url()
    }

    pub(crate) fn database(&self) -> Database {
        match self.home {
            Home::Folder(_) => Database::Sqlite,
            Home::Database(..) => Database::Postgres,
        }
    }

    /// The file of an `SQLite` registry.
    pub(crate) fn path(&self) -> PathBuf {
        match &self.home {
            Home::Folder(folder) => folder.path().join("weir.db"),
            Home::Database(..) => panic!("a PostgreSQL database is no file"),
        }
    }

    /// The address of the `PostgreSQL` server's own database, and the name of this one.
    pub(crate) fn server(&self) -> (String, String) {
        let url = self.url();
        let (before, after) = url.split_once("@localhost/").unwrap();
        let (name, options) = after.split_once('?').unwrap();
        (
            format!("{before}@localhost/postgres?{options}"),
            name.to_owned(),
        )
    }

    /// What is spelled differently on the two databases.
    pub(crate) fn sql<'a>(&self, sqlite: &'a str, postgres: &'a str) -> &'a str {
        match self.database() {
            Database::Sqlite => sqlite,
            Database::Postgres => postgres,
        }
    }

    /// Somebody with a database shell and bad intentions.
    pub(crate) async fn intruder(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        AnyConnection::connect(&self.url()).await.unwrap()
    }

    /// An intruder who got rid of everything in the schema that would stop them.
    pub(crate) async fn intruder_past_the_triggers(&self) -> AnyConnection {
        let mut intruder = self.intruder().await;
        let drops: Vec<String> = sqlx::query_scalar(self.sql(
            "SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger'",
            "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass)
             FROM pg_trigger WHERE NOT tgisinternal
             UNION ALL
             SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
             FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0",
        ))
        .fetch_all(&mut intruder)
        .await
        .unwrap();
        assert!(drops.len() >= 6, "{drops:?}");
        for sql in drops {
            run(&mut intruder, &sql).await.unwrap();
        }
        if self.database() == Database::Sqlite {
            run(&mut intruder, "PRAGMA ignore_check_constraints = ON")
                .await
                .unwrap();
        }
        intruder
    }

    /// The process ends without closing anything, and starts again.
    pub(crate) async fn restarted(self) -> Self {
        let Self { home, registry } = self;
        drop(registry);
        let registry = home.open(RegistryOptions::default()).await.unwrap();
        Self { registry, home }
    }

    /// Waits until a database server has noticed that a client was killed: what that client had
    /// sent already is done or undone by then.
    pub(crate) async fn settled(&self) {
        if self.database() == Database::Sqlite {
            return;
        }
        let mut intruder = self.intruder().await;
        let others = "SELECT COUNT(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        while sqlx::query_scalar::<_, i64>(others)
            .fetch_one(&mut intruder)
            .await
            .unwrap()
            > 0
        {
            tokio::task::yield_now().await;
        }
    }

    /// Another process on the same database.
    pub(crate) async fn reopened(&self) -> Registry {
        self.reopened_with(RegistryOptions::default()).await
    }

    pub(crate) async fn reopened_with(&self, options: RegistryOptions) -> Registry {
        self.home.open(options).await.unwrap()
    }

    /// Where the audit's segments are.
    pub(crate) fn segments(&self) -> PathBuf {
        self.home.segments()
    }
}

pub(crate) async fn run(conn: &mut AnyConnection, sql: &str) -> Result<u64, sqlx::Error> {
    Ok(conn.execute(sql).await?.rows_affected())
}

pub(crate) async fn close(conn: AnyConnection) {
    conn.close().await.unwrap();
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
        business_unit: None,
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
        view_as: None,
        export: None,
    })
}

pub(crate) fn denial(i: usize) -> AuditEvent {
    let fact = Fact::Denial(Denial::new(Realm::Embed, label("token-expired")));
    AuditEvent::new(at(0), request(i), fact)
}

/// Somebody of the governance team.
pub(crate) fn person(sub: &str) -> Actor {
    Actor {
        issuer: "https://idp.example".to_owned(),
        sub: sub.to_owned(),
        name: format!("{sub} (Zoé)"),
    }
}

pub(crate) fn path(text: &str) -> ContentPath {
    ContentPath::parse(text).unwrap()
}

pub(crate) fn tree(files: &[(&str, &str)]) -> ContentTree {
    let files = files
        .iter()
        .map(|(name, text)| (path(name), (*text).to_owned()));
    ContentTree::new(files).unwrap()
}

/// A folder of one policy that says `text`.
pub(crate) fn policy(text: &str) -> ContentTree {
    tree(&[
        ("policies/statements.policy.yaml", text),
        (
            "dashboards/finance-overview.dashboard.yaml",
            "title: Finance\n",
        ),
    ])
}

pub(crate) fn folder(text: &str, seconds: i64) -> AdoptFolder {
    AdoptFolder {
        tree: policy(text),
        title: "The folder".to_owned(),
        widens_nothing_since: None,
        by: person("operator"),
        at: at(seconds),
        request: request(0),
    }
}

pub(crate) fn draft_of(text: &str, base: u64, by: &str) -> NewDraft {
    NewDraft {
        title: format!("Say {text}"),
        base,
        tree: policy(text),
        origin: Origin::Draft,
        by: person(by),
        at: at(1),
        request: request(1),
    }
}

/// Something `by` does to a draft as they last saw it.
pub(crate) fn step(draft: &Draft, by: &str, seconds: i64) -> Step {
    Step {
        draft: draft.id,
        version: draft.version,
        by: person(by),
        at: at(seconds),
        request: request(2),
    }
}

pub(crate) fn save(draft: &Draft, text: &str, by: &str) -> Save {
    Save {
        step: step(draft, by, 2),
        base: draft.base,
        title: draft.title.clone(),
        tree: policy(text),
    }
}

pub(crate) fn narrow() -> Verdict {
    Verdict {
        widening: false,
        approvals_needed: 1,
        findings: r#"{"rows":0}"#.to_owned(),
    }
}

/// A draft by `ada` on what is in force, in review and approved by `bob`.
pub(crate) async fn approved(registry: &Registry, text: &str) -> Draft {
    let base = registry.revisions().latest().await.unwrap();
    let base = base.map_or(0, |revision| revision.number);
    let drafts = registry.drafts();
    let draft = drafts.open(draft_of(text, base, "ada")).await.unwrap();
    let draft = drafts.submit(step(&draft, "ada", 3), narrow()).await;
    drafts
        .approve(step(&draft.unwrap(), "bob", 4))
        .await
        .unwrap()
}

/// The steps in the audit, in order.
pub(crate) async fn steps(registry: &Registry) -> Vec<PolicyStep> {
    let records = registry.audit().list(1, 10_000).await.unwrap();
    let facts = records.iter().filter_map(|record| match record.fact() {
        Fact::PolicyStep(step) => Some(step.clone()),
        _ => None,
    });
    facts.collect()
}

pub(crate) async fn assert_intact(registry: &Registry) {
    let status = registry.audit().verify().await.unwrap();
    assert!(matches!(status, ChainStatus::Intact { .. }), "{status:?}");
}
