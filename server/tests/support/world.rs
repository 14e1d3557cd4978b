//! A whole Weir: configuration, lake, registry, keys and a clock that stands until it is moved.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use tower::ServiceExt as _;
use weir_identity::{
    ClientId, EmbedGrant, Member, Origin, ParameterName, Right, Session, Slug, SubjectIssuer,
    ViewerId,
};
use weir_policy::{AttributeName, BusinessUnit, Locale, RoleName, Subject};
use weir_registry::{
    AuditRecord, ChainStatus, DataRead, Denial, Digest, Fact, NewSession, ProviderSide,
};
use weir_server::app::{App, StartError};
use weir_server::clock::Clock;
use weir_server::config::Config;

use super::ask::{Answer, Ask};
use super::configuration::configuration;
use super::lake;

/// The identity provider members come from, unless a plan says otherwise. It does not answer.
pub(crate) const ISSUER: &str = "http://127.0.0.1:1";

/// The host page that tokens are made for.
pub(crate) const HOST: &str = "https://crm.example";
/// The client of ordinary readers, and its secret.
pub(crate) const CRM: (&str, &str) = ("crm", "the secret of the crm");
/// The client of the board, whose readers are executives.
pub(crate) const BOARD: (&str, &str) = ("board", "the secret of the board");

/// The insurer's units.
pub(crate) const UNITS: [&str; 7] = [
    "auto",
    "home",
    "life",
    "travel",
    "commercial",
    "group_benefits",
    "wealth",
];

/// The repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Somebody who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) name: String,
    pub(crate) units: Vec<&'static str>,
    pub(crate) roles: Vec<&'static str>,
    pub(crate) clearance: bool,
}

impl Who {
    fn new(name: &str, units: &[&'static str], roles: &[&'static str]) -> Self {
        Self {
            name: name.to_owned(),
            units: units.to_vec(),
            roles: roles.to_vec(),
            clearance: false,
        }
    }

    pub(crate) fn analyst(unit: &'static str) -> Self {
        Self::new(&format!("analyst-{unit}"), &[unit], &["analyst"])
    }

    pub(crate) fn broker() -> Self {
        Self::new("broker", &["auto", "home"], &["analyst"])
    }

    pub(crate) fn exec() -> Self {
        Self {
            clearance: true,
            ..Self::new("exec", &UNITS, &["executive"])
        }
    }

    pub(crate) fn newcomer() -> Self {
        Self::new("newcomer", &[], &["analyst"])
    }

    pub(crate) fn governor() -> Self {
        Self::new("governor-1", &[], &["governance_admin"])
    }

    /// One of each kind, and an analyst of every unit.
    pub(crate) fn everybody() -> Vec<Self> {
        let analysts = UNITS.into_iter().map(Self::analyst);
        let others = [
            Self::broker(),
            Self::exec(),
            Self::newcomer(),
            Self::governor(),
        ];
        analysts.chain(others).collect()
    }

    pub(crate) fn subject(&self, issuer: &str) -> Subject {
        let subject = Subject::new(issuer, self.name.as_str())
            .with_business_units(self.business_units())
            .with_roles(self.role_names());
        self.attributes()
            .into_iter()
            .fold(subject, |subject, (name, values)| {
                subject.with_attribute(name, values)
            })
    }

    fn business_units(&self) -> BTreeSet<BusinessUnit> {
        self.units
            .iter()
            .map(|unit| BusinessUnit::parse(*unit).unwrap())
            .collect()
    }

    fn role_names(&self) -> BTreeSet<RoleName> {
        self.roles
            .iter()
            .map(|role| RoleName::parse(*role).unwrap())
            .collect()
    }

    fn attributes(&self) -> BTreeMap<AttributeName, BTreeSet<String>> {
        let clearance = AttributeName::parse("clearance").unwrap();
        let confidential = BTreeSet::from(["confidential".to_owned()]);
        self.clearance
            .then_some((clearance, confidential))
            .into_iter()
            .collect()
    }
}

/// What a world is made of.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) lake: PathBuf,
    pub(crate) policies: PathBuf,
    pub(crate) dashboards: PathBuf,
    pub(crate) public_url: String,
    pub(crate) issuer: String,
    /// The tables of the identity providers; one for `issuer` when absent.
    pub(crate) oidc: Option<String>,
    /// The table of the governance API for programs, as `weir.toml` has it.
    pub(crate) api: &'static str,
    /// How long first bytes wait; long by default, so that pages are whole at once.
    pub(crate) first_paint_wait_ms: u64,
    /// The registry's address and the folder of its audit segments; the world's own when absent.
    pub(crate) registry: Option<(String, PathBuf)>,
    /// How long reads go on without the registry's database.
    pub(crate) grace_s: u64,
    /// The origin of the host page that is registered.
    pub(crate) host: String,
}

impl Plan {
    /// The repository's own content over `lake`.
    pub(crate) fn over(lake: PathBuf) -> Self {
        Self {
            lake,
            policies: repository().join("policies"),
            dashboards: repository().join("dashboards"),
            public_url: "https://weir.example".to_owned(),
            // Nobody listens there.
            issuer: ISSUER.to_owned(),
            oidc: None,
            api: "[api]\naudience = \"weir-api\"",
            first_paint_wait_ms: 30_000,
            registry: None,
            grace_s: 60,
            host: HOST.to_owned(),
        }
    }
}

/// The time, moved by hand.
#[derive(Debug, Clone)]
pub(crate) struct Hands(Arc<AtomicI64>);

impl Hands {
    pub(crate) fn at(time: &str) -> Self {
        let time: DateTime<Utc> = time.parse().unwrap();
        Self(Arc::new(AtomicI64::new(time.timestamp_millis())))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

/// The configuration's file.
const FILE: &str = "weir.toml";

/// A whole Weir.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) clock: Hands,
    home: TempDir,
    router: Router,
    issuer: String,
}

impl World {
    /// The repository's content over the sample lake, with an empty cache.
    pub(crate) async fn of_the_sample_lake() -> Self {
        Self::build(&Plan::over(lake::sample().await))
            .await
            .unwrap()
    }

    /// What `plan` says.
    pub(crate) async fn build(plan: &Plan) -> Result<Self, StartError> {
        Self::build_changed(plan, |_, _| ()).await
    }

    /// The same, with a change of the configuration or of the files beside it.
    pub(crate) async fn build_changed(
        plan: &Plan,
        change: impl FnOnce(&mut String, &TempDir),
    ) -> Result<Self, StartError> {
        let home = TempDir::new().unwrap();
        let mut text = configuration(plan, home.path());
        change(&mut text, &home);
        fs::write(home.path().join(FILE), text).unwrap();
        let clock = Hands::at("2026-11-15T12:00:00Z");
        Self::start(home, clock, plan.issuer.clone()).await
    }

    async fn start(home: TempDir, clock: Hands, issuer: String) -> Result<Self, StartError> {
        let hands = clock.clone();
        let config = Config::load(&home.path().join(FILE)).unwrap();
        let app = App::build(config, Clock::from_fn(move || hands.now())).await?;
        let router = app.router();
        Ok(Self {
            app,
            clock,
            home,
            router,
            issuer,
        })
    }

    /// The same Weir, ended and started again.
    pub(crate) async fn restarted(self) -> Self {
        self.app.state().registry.close().await.unwrap();
        let Self {
            home,
            clock,
            issuer,
            ..
        } = self;
        Self::start(home, clock, issuer).await.unwrap()
    }

    /// Where its registry is, for another process.
    pub(crate) fn registry_address(&self) -> String {
        format!("sqlite://{}/weir.db", self.home.path().display())
    }

    /// Ends it, and hands over its registry's address and the folder that is in.
    pub(crate) async fn ended(self) -> (String, TempDir) {
        self.app.state().registry.close().await.unwrap();
        let address = format!("sqlite://{}/weir.db", self.home.path().display());
        (address, self.home)
    }

    /// Sends a request; the answer's body is not read yet.
    pub(crate) async fn stream(&self, ask: Ask) -> axum::response::Response {
        self.router.clone().oneshot(ask.build()).await.unwrap()
    }

    /// Sends a request and reads the answer to its end.
    pub(crate) async fn send(&self, ask: Ask) -> Answer {
        let response = self.stream(ask).await;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// What a registered client may say about `who`.
    pub(crate) fn grant(who: &Who, dashboard: &str) -> EmbedGrant {
        let client = if who.roles.contains(&"executive") {
            BOARD.0
        } else {
            CRM.0
        };
        EmbedGrant {
            viewer: ViewerId::parse(who.name.as_str()).unwrap(),
            subject_issuer: SubjectIssuer::of_client(&ClientId::parse(client).unwrap()),
            client_id: ClientId::parse(client).unwrap(),
            dashboard: Slug::parse(dashboard).unwrap(),
            origin: Origin::parse(HOST).unwrap(),
            business_units: who.business_units(),
            attributes: who.attributes(),
            roles: who.role_names(),
            locale: Locale::EnCa,
            parameters: BTreeMap::new(),
            rights: BTreeSet::new(),
            lifetime_seconds: 300,
        }
    }

    /// The private half of the key that signs now, for tokens that are almost right.
    pub(crate) fn signing_secret(&self) -> [u8; 32] {
        let signer = self.app.state().keys.signer(self.clock.now()).unwrap();
        signer.secret().expose_secret().try_into().unwrap()
    }

    /// A token for `grant`.
    pub(crate) fn mint(&self, grant: EmbedGrant) -> String {
        let minted = self
            .app
            .state()
            .minter
            .mint(grant, self.clock.now())
            .unwrap();
        minted.token.expose_secret().to_owned()
    }

    /// A token of `who` for one dashboard.
    pub(crate) fn token(&self, who: &Who, dashboard: &str) -> String {
        self.mint(Self::grant(who, dashboard))
    }

    /// A token that fixes one filter.
    pub(crate) fn locked(&self, who: &Who, dashboard: &str, name: &str, values: &[&str]) -> String {
        let name = ParameterName::parse(name).unwrap();
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let parameters = BTreeMap::from([(name, values)]);
        let rights = BTreeSet::from([Right::ExportCsv]);
        self.mint(EmbedGrant {
            parameters,
            rights,
            ..Self::grant(who, dashboard)
        })
    }

    /// The cookie of a session of `who`, as it stands after signing in.
    pub(crate) async fn session(&self, who: &Who) -> String {
        self.session_of(who.subject(&self.issuer)).await
    }

    /// The cookie of a session of `subject`.
    pub(crate) async fn session_of(&self, subject: Subject) -> String {
        let member = Member {
            display_name: subject.id().to_owned(),
            subject,
            locale: None,
        };
        let content = self.app.state().dashboards.published.current();
        let mapping = content.mapping().digest();
        let (id, session) = Session::start(member, mapping, self.clock.now());
        let stored = NewSession {
            key: Digest::from(id.hash()),
            subject: Digest::from(session.member.subject.identity_digest()),
            payload: serde_json::to_string(&session).unwrap(),
            created_at: self.clock.now(),
            expires_at: session.expires_at(self.clock.now()),
            provider: ProviderSide::default(),
        };
        self.app
            .state()
            .registry
            .sessions()
            .create(&stored)
            .await
            .unwrap();
        let name = weir_server::guard::session_cookie(self.app.state());
        format!("{name}={}", id.reveal())
    }

    /// What is on record since the start.
    pub(crate) async fn audit(&self) -> Vec<AuditRecord> {
        let log = self.app.state().registry.audit();
        let records = log.list(1, 100_000).await.unwrap().into_iter();
        let adopted = |record: &AuditRecord| matches!(record.fact(), Fact::PolicyStep(_));
        records.skip_while(adopted).collect()
    }

    /// The reads on record.
    pub(crate) async fn reads(&self) -> Vec<DataRead> {
        let read = |record: AuditRecord| match record.fact() {
            Fact::DataRead(read) => Some(read.clone()),
            _ => None,
        };
        self.audit().await.into_iter().filter_map(read).collect()
    }

    /// The refusals on record.
    pub(crate) async fn denials(&self) -> Vec<Denial> {
        let denial = |record: AuditRecord| match record.fact() {
            Fact::Denial(denial) => Some(denial.clone()),
            _ => None,
        };
        self.audit().await.into_iter().filter_map(denial).collect()
    }

    /// Invariant 10: the chain holds.
    pub(crate) async fn assert_chain(&self) {
        let status = self.app.state().registry.audit().verify().await.unwrap();
        assert!(matches!(status, ChainStatus::Intact { .. }), "{status:?}");
    }

    /// The slugs and tile ids of every dashboard, and those of its filters.
    pub(crate) fn dashboards(&self) -> Vec<(String, Vec<String>, Vec<String>)> {
        let content = self.app.state().dashboards.published.current();
        let dashboards = content.dashboards();
        dashboards
            .map(|dashboard| {
                let tiles = dashboard.tiles().iter().map(|tile| tile.id.to_string());
                let filters = dashboard
                    .filters()
                    .iter()
                    .map(|filter| filter.id.to_string());
                (
                    dashboard.slug().to_string(),
                    tiles.collect(),
                    filters.collect(),
                )
            })
            .collect()
    }
}
