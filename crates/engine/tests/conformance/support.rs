//! A sample lake, both engines over it, and statements for them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use athena_sim::{Running, Sim, SimConfig};
use weir_engine::lake::seed::{SeedPlan, seed};
use weir_engine::{
    Answer, AthenaConfig, AthenaEngine, Booked, Booking, Deadline, EmbeddedEngine, EngineError,
    Held, LakeConfig, Lane, MaskKey, QueryContext, QueryEngine,
};
use weir_policy::{BusinessUnit, PolicySet, Revision, RoleName, Subject, document, resolve};
use weir_query::dashboard::Dashboard;
use weir_query::{
    Catalog, Dataset, Dialect, GovernedQuery, SnapshotSet, Statement, compile, compile_export,
};

/// Rows of `gold.statements`: more than a tile may carry.
const ROWS: u64 = 7_000;
/// Longer than any test should take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

const KEY: [u8; 32] = [7; 32];

const TILES: &str = "
dashboard: laws
title: { en: Laws, fr: Lois }
subtitle: { en: Laws, fr: Lois }
tiles:
  - id: totals
    title: { en: Totals, fr: Totaux }
    dataset: gold.statements
    chart: table
    width: 12
    by: [business_unit]
    measures: [written_premium, policies_in_force, loss_ratio]
  - id: months
    title: { en: Months, fr: Mois }
    dataset: gold.statements
    chart: table
    width: 12
    by: [month, region]
    measures: [earned_premium, claims_paid]
  - id: five
    title: { en: Five, fr: Cinq }
    dataset: gold.statements
    chart: table
    width: 12
    by: [product]
    measures: [written_premium]
    order: { by: written_premium, direction: descending }
    limit: 3
  - id: customers
    title: { en: Customers, fr: Clients }
    dataset: gold.statements
    chart: table
    width: 12
    by: [customer]
    measures: [written_premium]
  - id: everything
    title: { en: Everything, fr: Tout }
    dataset: gold.statements
    chart: table
    width: 12
    by: [customer, month, product, region, channel]
    measures: [policies_in_force]
";

/// Both engines over one lake.
pub(crate) struct World {
    pub(crate) sim: Running,
    pub(crate) athena: AthenaEngine,
    pub(crate) embedded: EmbeddedEngine,
    pub(crate) snapshots: SnapshotSet,
    pub(crate) catalog: Catalog,
    policies: PolicySet,
    tiles: Dashboard,
}

impl World {
    /// With a simulator that takes no time, and a configuration that `set` changes.
    pub(crate) async fn new(set: impl FnOnce(&mut AthenaConfig)) -> Self {
        Self::over(SimConfig::instant(sample().await), set).await
    }

    pub(crate) async fn over(sim: SimConfig, set: impl FnOnce(&mut AthenaConfig)) -> Self {
        let catalog = catalog();
        let lake = LakeConfig {
            dir: sim.lake.clone(),
        };
        let embedded = EmbeddedEngine::open(&lake, &catalog, MaskKey::new(KEY)).await;
        let embedded = embedded.unwrap();
        let sim = Sim::start(sim).await.unwrap();
        let mut config = config(&sim);
        set(&mut config);
        let athena = AthenaEngine::open(config, &catalog, Some(MaskKey::new(KEY))).await;
        let tiles = Dashboard::from_yaml("laws.dashboard.yaml", TILES, &catalog).unwrap();
        Self {
            snapshots: embedded.tables().await.unwrap().snapshots,
            athena: athena.unwrap(),
            policies: policies(&catalog),
            tiles,
            embedded,
            catalog,
            sim,
        }
    }

    pub(crate) fn engines(&self) -> [&dyn QueryEngine; 2] {
        [&self.embedded, &self.athena]
    }

    /// A tile as `subject` may see it.
    pub(crate) fn statement(&self, tile: &str, subject: &Subject, dialect: Dialect) -> Statement {
        let query = self.governed(tile, subject);
        let snapshot = self.snapshots.get(query.dataset().name()).unwrap();
        compile(&query, dialect, snapshot)
    }

    /// All rows of a tile as `subject` may see them.
    pub(crate) fn export(&self, tile: &str, subject: &Subject, dialect: Dialect) -> Statement {
        let query = self.governed(tile, subject);
        let snapshot = self.snapshots.get(query.dataset().name()).unwrap();
        compile_export(&query, dialect, snapshot)
    }

    fn governed(&self, tile: &str, subject: &Subject) -> GovernedQuery {
        let bound = self
            .tiles
            .bind(&BTreeMap::default(), &[], chrono::NaiveDate::MIN)
            .unwrap();
        let tile = self.tiles.tiles().iter().find(|t| t.id.as_str() == tile);
        let question = tile.unwrap().question(&bound);
        let schema = question.dataset().schema().clone();
        let grant = Arc::new(resolve(&self.policies, subject, &schema).unwrap());
        question.under(&grant).unwrap()
    }

    /// A tile for Athena, as somebody who may see all rows.
    pub(crate) fn tile(&self, tile: &str) -> Statement {
        self.statement(tile, &executive(), Dialect::Athena)
    }

    pub(crate) async fn run(&self, tile: &str) -> Result<Answer, EngineError> {
        self.athena.run(&self.tile(tile), soon()).await
    }
}

/// The configuration that meets the simulator.
pub(crate) fn config(sim: &Running) -> AthenaConfig {
    let mut config = AthenaConfig::new("ca-central-1", "primary", [9; 32]);
    config.endpoint = Some(sim.url().parse().unwrap());
    config
}

pub(crate) fn soon() -> QueryContext {
    QueryContext::unbooked(Deadline::after(PATIENCE))
}

/// A run on account, and where the account is told.
pub(crate) fn booked(patience: Duration) -> (QueryContext, Booked) {
    let (booking, booked) = Booking::open();
    let context = QueryContext {
        unit: None,
        lane: Lane::Interactive,
        deadline: Deadline::after(patience),
        booking,
        held: Held::nothing(),
    };
    (context, booked)
}

pub(crate) fn executive() -> Subject {
    Subject::new("test", "executive").with_roles([RoleName::parse("executive").unwrap()])
}

pub(crate) fn analyst(unit_name: &str) -> Subject {
    Subject::new("test", "analyst")
        .with_business_units([unit(unit_name)])
        .with_roles([RoleName::parse("analyst").unwrap()])
}

pub(crate) fn unit(name: &str) -> BusinessUnit {
    BusinessUnit::parse(name).unwrap()
}

/// Waits until `met`; what is waited for is somebody else's task.
pub(crate) async fn until(what: &str, met: impl Fn() -> bool) {
    let waiting = async {
        while !met() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let met = tokio::time::timeout(PATIENCE, waiting).await;
    met.unwrap_or_else(|_| panic!("waited in vain until {what}"));
}

fn catalog() -> Catalog {
    let file = "statements.dataset.yaml";
    let text = fs::read_to_string(root().join("dashboards/datasets").join(file)).unwrap();
    Catalog::build([Dataset::from_yaml(file, &text).unwrap()]).unwrap()
}

fn policies(catalog: &Catalog) -> PolicySet {
    let file = "statements.policy.yaml";
    let text = fs::read_to_string(root().join("policies").join(file)).unwrap();
    let dataset = catalog.datasets().next().unwrap();
    let policy = document::policy_from_yaml(file, &text, dataset.schema()).unwrap();
    PolicySet::build(Revision::new(1), vec![policy]).unwrap()
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of the lake. Test programs run every test in a process of its own, so it is shared
/// through the disk, behind a lock; a newer build of the program seeds it again.
pub(crate) async fn sample() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lake-conformance");
    fs::create_dir_all(&home).unwrap();
    let lock = File::create(home.join("lock")).unwrap();
    lock.lock().unwrap();
    let built = format!("{:?}", fs::metadata(&program).unwrap().modified().unwrap());
    let (stamp, lake) = (home.join("seeded-by"), home.join("lake"));
    if fs::read_to_string(&stamp).is_ok_and(|seeded_by| seeded_by == built) {
        return lake;
    }
    if lake.exists() {
        fs::remove_dir_all(&lake).unwrap();
    }
    let plan = SeedPlan {
        dir: lake.clone(),
        rows: ROWS,
        seed: 7,
    };
    seed(&plan, &|_| ()).await.unwrap();
    fs::write(stamp, built).unwrap();
    lake
}
