//! Nobody sees a row too many and nobody a row too few: random rules, askers, tiles and data, each
//! answered by the engine, from the cache and over HTTP, against a second reading of the rules that
//! shares no code with the first.
//!
//! A **trial** is one asker's one tile (or list of filter values) under one policy over one table:
//! everything that is shown is compared, cell by cell and in order. It is answered by the planner
//! and the [`QueryCache`](weir_server::service::query_cache::QueryCache), which asks the engine
//! when nobody with the same rights asked before. Every eighth trial is sent through the router as
//! well, with a session, and its JSON is compared too. Which rows may be seen is also asked of
//! `weir_policy`'s own interpreter, for every trial.
//!
//! 5,000 trials, or 200,000 with `WEIR_LONG=1`, in four tests of their own seeds. A failure names
//! its seed; `WEIR_LEAK_SEED` repeats the world of one.

#[path = "leaks/model.rs"]
mod model;
#[path = "leaks/pools.rs"]
mod pools;
#[path = "leaks/random.rs"]
mod random;
#[path = "leaks/table.rs"]
mod table;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use http::StatusCode;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tempfile::TempDir;
use weir_policy::{
    AttributeName, BusinessUnit, PolicySet, Revision, RoleName, Subject, document, resolve,
};
use weir_query::{Bound, Cell, Dashboard, ResultSet};
use weir_server::content::{Content, folders};
use weir_server::service::account::Account;
use weir_server::service::plan::{Ask, Planned, Planner, Withheld};
use weir_server::service::query_cache::Origin;

use self::model::{Asker, ROLES, Row, Rule, UNITS};
use self::table::{Chosen, Expected, FILTERS, SLUG, TABLES, TILES, Tile};
use crate::support::ask::{get, with_query};
use crate::support::world::{ISSUER, Plan, World};

const POLICIES_PER_WORLD: u64 = 5;
const ASKERS_PER_POLICY: usize = 7;
/// One trial of so many goes over HTTP as well.
const HTTP_EVERY: u32 = 8;

#[tokio::test]
async fn f1_to_f34_nobody_sees_a_row_too_many_or_too_few_first_quarter() {
    quarter(1).await;
}

#[tokio::test]
async fn f1_to_f34_nobody_sees_a_row_too_many_or_too_few_second_quarter() {
    quarter(2).await;
}

#[tokio::test]
async fn f1_to_f34_nobody_sees_a_row_too_many_or_too_few_third_quarter() {
    quarter(3).await;
}

#[tokio::test]
async fn f1_to_f34_nobody_sees_a_row_too_many_or_too_few_fourth_quarter() {
    quarter(4).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long to try, and what to repeat, is said by whoever runs the tests"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[expect(
    clippy::print_stdout,
    reason = "which seed it was, and how much was tried"
)]
async fn quarter(number: u64) {
    let long = variable("WEIR_LONG").as_deref() == Some("1");
    let wanted = if long { 50_000 } else { 1_250 };
    let mut counts = Counts::default();
    if let Some(seed) = variable("WEIR_LEAK_SEED") {
        return Run::new(seed.parse().unwrap()).await.all(&mut counts).await;
    }
    // Every quarter has seeds that no other has, however long it runs.
    let mut seeds = 1_000_000 * number..;
    while counts.trials < wanted {
        let seed = seeds.next().unwrap();
        println!("WEIR_LEAK_SEED={seed}");
        Run::new(seed).await.all(&mut counts).await;
    }
    println!("{counts:?}");
    counts.are_worth_something();
}

/// What was tried.
#[derive(Debug, Default)]
struct Counts {
    trials: u64,
    engine: u64,
    cache: u64,
    http: u64,
    withheld: u64,
    rows: u64,
    partial: u64,
}

impl Counts {
    /// Trials that compare nothing with nothing prove nothing.
    fn are_worth_something(&self) {
        let Self {
            trials,
            engine,
            cache,
            http,
            withheld,
            partial,
            ..
        } = *self;
        let enough = engine > trials / 8
            && cache > trials / 20
            && http > trials / 16
            && withheld < trials * 2 / 3
            && partial > trials / 8;
        assert!(enough, "the trials are too much alike: {self:?}");
    }
}

/// One world: its data stay, policies and askers change.
struct Run {
    seed: u64,
    random: StdRng,
    home: TempDir,
    world: World,
    data: BTreeMap<&'static str, Vec<Row>>,
}

/// Everything that a trial is about, for whoever has to understand a failure.
struct Trial<'a> {
    run: &'a Run,
    rules: &'a BTreeMap<&'static str, Vec<Rule>>,
    asker: &'a Asker,
    subject: &'a Subject,
    content: &'a Content,
    chosen: Chosen,
    over_http: bool,
}

impl Run {
    async fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let home = TempDir::new().unwrap();
        let data: BTreeMap<_, _> = TABLES
            .into_iter()
            .map(|table| (table, random::rows(&mut random)))
            .collect();
        for (table, rows) in &data {
            table::write(&home.path().join("lake"), table, rows);
            let path = home
                .path()
                .join(format!("dashboards/datasets/{table}.dataset.yaml"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, table::dataset(table)).unwrap();
        }
        fs::write(
            home.path().join("dashboards/leaks.dashboard.yaml"),
            table::dashboard(),
        )
        .unwrap();
        fs::create_dir_all(home.path().join("policies")).unwrap();
        let identity = fs::read(crate::support::world::repository().join("policies/identity.yaml"));
        fs::write(
            home.path().join("policies/identity.yaml"),
            identity.unwrap(),
        )
        .unwrap();
        for table in TABLES {
            write_policy(
                &home,
                table,
                "{ \"dataset\": \"gold.TABLE\", \"rules\": [] }",
                "denied",
            );
        }
        let mut plan = Plan::over(home.path().join("lake"));
        plan.policies = home.path().join("policies");
        plan.dashboards = home.path().join("dashboards");
        let world = World::build(&plan).await.unwrap();
        Self {
            seed,
            random,
            home,
            world,
            data,
        }
    }

    async fn all(mut self, counts: &mut Counts) {
        for revision in 2..2 + POLICIES_PER_WORLD {
            let rules: BTreeMap<_, _> = TABLES
                .into_iter()
                .map(|table| (table, random::rules(&mut self.random)))
                .collect();
            let content = self.publish(&rules, revision);
            for _ in 0..ASKERS_PER_POLICY {
                let asker = random::asker(&mut self.random);
                let subject = subject(&asker);
                let cookie = self.world.session_of(subject.clone()).await;
                for about in TILES
                    .map(About::Tile)
                    .into_iter()
                    .chain(FILTERS.map(About::Filter))
                {
                    let chosen = random::chosen(&mut self.random);
                    let over_http = self.random.random_ratio(1, HTTP_EVERY);
                    let trial = Trial {
                        run: &self,
                        rules: &rules,
                        asker: &asker,
                        subject: &subject,
                        content: &content,
                        chosen,
                        over_http,
                    };
                    trial.compare(about, &cookie, counts).await;
                }
            }
        }
    }

    /// Puts the rules in force, as a publication does.
    fn publish(&self, rules: &BTreeMap<&'static str, Vec<Rule>>, revision: u64) -> Arc<Content> {
        for (table, rules) in rules {
            let text = model::document(&format!("gold.{table}"), rules);
            let sees = self.sees_of_nobody(table, &text);
            write_policy(&self.home, table, &text, sees);
        }
        let (policies, dashboards) = (
            self.home.path().join("policies"),
            self.home.path().join("dashboards"),
        );
        let files = folders(&policies, &dashboards).unwrap();
        let files = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        let content = Content::read(files, Revision::new(revision));
        let content = content.unwrap_or_else(|error| panic!("seed {}: {error}", self.seed));
        let published = &self.world.app.state().dashboards.published;
        published.replace(content);
        published.current()
    }

    /// What the decision table, which every policy must have, has to say about somebody without
    /// claims. The tables are proven elsewhere; here they must only be true.
    fn sees_of_nobody(&self, table: &str, text: &str) -> &'static str {
        let content = self.world.app.state().dashboards.published.current();
        let datasets = content.catalog().datasets();
        let schema = datasets
            .map(|dataset| dataset.schema())
            .find(|s| s.name().table() == table);
        let policy = document::policy_from_yaml("p", text, schema.unwrap());
        let policy = policy.unwrap_or_else(|error| panic!("seed {}: {error}\n{text}", self.seed));
        let set = PolicySet::build(Revision::new(1), [policy]).unwrap();
        match resolve(
            &set,
            &Subject::new("decision-table", "somebody"),
            schema.unwrap(),
        ) {
            Err(_) => "denied",
            Ok(grant) if grant.rows().admits(&|_| None) => "[one]",
            Ok(_) => "none",
        }
    }
}

fn write_policy(home: &TempDir, table: &str, text: &str, sees: &str) {
    let policies = home.path().join("policies");
    let text = text.replace("gold.TABLE", &format!("gold.{table}"));
    fs::write(policies.join(format!("{table}.policy.yaml")), text).unwrap();
    let decisions = format!(
        "policy: gold.{table}\ngiven: [{{ id: one }}]\ncases: [{{ name: nobody, as: {{}}, sees: {sees} }}]\n"
    );
    fs::write(policies.join(format!("{table}.test.yaml")), decisions).unwrap();
}

/// The asker as Weir knows them.
fn subject(asker: &Asker) -> Subject {
    let mut subject = Subject::new(ISSUER, "somebody");
    for (claim, texts) in &asker.claims {
        let texts = texts.iter().map(|text| text.0.as_str());
        subject = match *claim {
            UNITS => {
                subject.with_business_units(texts.map(|unit| BusinessUnit::parse(unit).unwrap()))
            }
            ROLES => subject.with_roles(texts.map(|role| RoleName::parse(role).unwrap())),
            name => subject.with_attribute(AttributeName::parse(name).unwrap(), texts),
        };
    }
    subject
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
enum About {
    Tile(Tile),
    Filter(&'static str),
}

impl About {
    fn table(self) -> &'static str {
        match self {
            Self::Tile(tile) => tile.table,
            Self::Filter(_) => "rows",
        }
    }

    fn path(self) -> String {
        let root = format!("/api/v1/dashboards/{SLUG}");
        match self {
            Self::Tile(tile) => format!("{root}/tiles/{}/data", tile.id),
            Self::Filter(filter) => format!("{root}/filters/{filter}/values"),
        }
    }
}

/// What came back.
type Seen = Result<Vec<Vec<Option<String>>>, &'static str>;

impl Trial<'_> {
    async fn compare(&self, about: About, cookie: &str, counts: &mut Counts) {
        let expected = self.expected(about, counts);
        if expected == Expected::NoPlace {
            return;
        }
        counts.trials += 1;
        let seen = self.by_the_cache(about, counts).await;
        self.must_be(about, "the cache", &expected, &seen);
        if self.over_http {
            counts.http += 1;
            let seen = self.over_http(about, cookie).await;
            let expected = as_told(about, expected);
            self.must_be(about, "HTTP", &expected, &seen);
        }
    }

    /// What the second reading of the rules says; the interpreter has to say the same of every row.
    fn expected(&self, about: About, counts: &mut Counts) -> Expected {
        let (rules, rows) = (&self.rules[about.table()], &self.run.data[about.table()]);
        let datasets = self.content.catalog().datasets();
        let schema = datasets
            .map(|dataset| dataset.schema())
            .find(|s| s.name().table() == about.table());
        let grant = resolve(self.content.policies(), self.subject, schema.unwrap());
        let verdict = model::verdict(rules, self.asker);
        let is_open = |row: &&Row| verdict.is_some() && model::sees(rules, self.asker, row);
        let seen: Vec<_> = rows.iter().filter(is_open).collect();
        let admits = |row: &&Row| match &grant {
            Ok(grant) => grant.rows().admits(&|name| row.get(name.as_str()).cloned()),
            Err(_) => false,
        };
        let admitted: Vec<_> = rows.iter().filter(admits).collect();
        assert_eq!(
            admitted,
            seen,
            "the interpreter of weir_policy\n{}",
            self.told(about)
        );
        counts.rows += seen.len() as u64;
        counts.partial += u64::from(!seen.is_empty() && seen.len() < rows.len());
        let nobody = verdict.is_none() || grant.is_err_and(|denied| denied.code() == "no-rows");
        let expected = match (verdict, about) {
            _ if nobody => Expected::Withheld,
            (None, _) => Expected::Withheld,
            (Some(masks), About::Tile(tile)) => table::expected(&tile, &seen, &masks, &self.chosen),
            (Some(masks), About::Filter(filter)) => table::offered(filter, &seen, &masks),
        };
        counts.withheld += u64::from(expected == Expected::Withheld);
        expected
    }

    fn bound(&self) -> (Arc<Dashboard>, Bound) {
        let dashboard = Arc::clone(self.content.dashboard(SLUG).unwrap());
        let today = self.run.world.clock.now().date_naive();
        let bound = dashboard.bind(&BTreeMap::new(), &self.pairs(), today);
        (dashboard, bound.unwrap_or_else(|error| panic!("{error}")))
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let filters = self.chosen.iter();
        filters
            .flat_map(|(name, values)| {
                values
                    .iter()
                    .map(|value| ((*name).to_owned(), table::shown(value)))
            })
            .collect()
    }

    /// Plans as a request does, and asks the cache, which asks the engine.
    async fn by_the_cache(&self, about: About, counts: &mut Counts) -> Seen {
        let dashboards = &self.run.world.app.state().dashboards;
        let (dashboard, bound) = self.bound();
        let snapshots = dashboards.snapshots.current();
        let plans = Planner {
            policies: self.content.policies(),
            subject: self.subject,
            dialect: dashboards.cache.dialect(),
            principal: None,
        };
        let asked: Result<Planned, Withheld> = match about {
            About::Tile(tile) => {
                let plan =
                    plans.tiles(&dashboard, &bound, &snapshots, |t| t.id.as_str() == tile.id);
                match plan.tiles.into_iter().next().unwrap().ask {
                    Ask::Granted(questions) => Ok(questions.main),
                    Ask::Withheld(withheld) => Err(withheld),
                }
            }
            About::Filter(name) => {
                let filter = dashboard
                    .filters()
                    .iter()
                    .find(|filter| filter.id.as_str() == name);
                plans.filter_values(filter.unwrap(), &bound, &snapshots)
            }
        };
        let Ok(asked) = asked else {
            return Err("withheld");
        };
        let account = Account::governance();
        match dashboards.cache.fetch(&asked.statement, &account).await {
            Ok(fetched) => {
                match fetched.origin {
                    Origin::Engine => counts.engine += 1,
                    Origin::Cache | Origin::Coalesced => counts.cache += 1,
                }
                Ok(cells(&fetched.entry.rows))
            }
            Err(error) => {
                counts.engine += 1;
                Err(error.code())
            }
        }
    }

    async fn over_http(&self, about: About, cookie: &str) -> Seen {
        let pairs = self.pairs();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let path = with_query(&about.path(), &pairs);
        let answer = self.run.world.send(get(&path).cookie(cookie)).await;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::FORBIDDEN => {
                assert_eq!(answer.problem(), "withheld");
                return Err("withheld");
            }
            other => panic!("{other}: {}\n{}", answer.text(), self.told(about)),
        }
        let body = answer.json();
        let text = |cell: &serde_json::Value| match cell {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let rows = match about {
            About::Tile(_) => body["rows"].as_array().unwrap(),
            About::Filter(_) => body["values"].as_array().unwrap(),
        };
        let row = |row: &serde_json::Value| match row.as_array() {
            Some(cells) => cells.iter().map(text).collect(),
            None => vec![text(&row["value"])],
        };
        Ok(rows.iter().map(row).collect())
    }

    fn must_be(&self, about: About, by: &str, expected: &Expected, seen: &Seen) {
        let mut seen = seen.clone();
        if let (About::Filter(_), "HTTP", Ok(rows)) = (about, by, &mut seen) {
            rows.sort();
        }
        let same = match (expected, &seen) {
            (Expected::Withheld, seen) => *seen == Err("withheld"),
            (Expected::Rows(expected), Ok(seen)) => expected == seen,
            _ => false,
        };
        assert!(
            same,
            "{by} shows something else than the rules say.\nexpected {expected:?}\nseen     {seen:?}\n{}",
            self.told(about)
        );
    }

    /// Everything one needs to look into a difference.
    fn told(&self, about: About) -> String {
        let mut text = format!("repeat with WEIR_LEAK_SEED={}\n", self.run.seed);
        let rules = &self.rules[about.table()];
        let policy = model::document(&format!("gold.{}", about.table()), rules);
        writeln!(text, "about {about:?}\nchosen {:?}", self.chosen).unwrap();
        writeln!(text, "policy {policy:.4000}").unwrap();
        writeln!(text, "asker {:.2000}", format!("{:?}", self.asker)).unwrap();
        for row in &self.run.data[about.table()] {
            let sees = model::sees(rules, self.asker, row);
            writeln!(text, "{} {row:?}", if sees { "sees" } else { "    " }).unwrap();
        }
        text
    }
}

/// Filter values are told as a set, without counts and without NULL.
fn as_told(about: About, expected: Expected) -> Expected {
    let (About::Filter(_), Expected::Rows(rows)) = (about, expected.clone()) else {
        return expected;
    };
    let mut values: Vec<_> = rows
        .into_iter()
        .filter_map(|mut row| row.swap_remove(0))
        .collect();
    values.sort();
    Expected::Rows(values.into_iter().map(|value| vec![Some(value)]).collect())
}

fn cells(rows: &ResultSet) -> Vec<Vec<Option<String>>> {
    let text = |cell: &Cell| match cell {
        Cell::Null => None,
        Cell::Boolean(flag) => Some(flag.to_string()),
        Cell::Integer(number) => Some(number.to_string()),
        Cell::Double(number) => Some(number.to_string()),
        Cell::Decimal(amount) => Some(amount.to_string()),
        Cell::Text(text) => Some(text.clone()),
        Cell::Date(day) => Some(day.to_string()),
        Cell::Timestamp(at) => Some(at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
    };
    rows.rows()
        .iter()
        .map(|row| row.iter().map(text).collect())
        .collect()
}
