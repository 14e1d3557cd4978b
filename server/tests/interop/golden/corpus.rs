//! Every statement there is to hold against others.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use weir_policy::{Subject, ValueType};
use weir_query::dashboard::Filter;
use weir_query::{
    Bound, Dashboard, Dialect, GovernedQuery, Locked, Snapshot, SnapshotId, SnapshotSet, Statement,
    TileQuery, compile,
};
use weir_server::content::Content;
use weir_server::service::plan::{Ask, Plan, Planned, Planner, TilePlan};

use crate::support::{beside, repository};

/// The snapshot that statements name where no lake is asked.
const SNAPSHOT: &str = "5828592803881840765";

/// A text as an attacker would choose it.
const HOSTILE: &str = "l'Île \"d\\'x\"; -- /* ? ${} %_";

/// Content whose statements are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The repository's own.
    Repository,
    /// The one made to have everything in it.
    Corners,
}

impl Source {
    pub(crate) const ALL: [Self; 2] = [Self::Repository, Self::Corners];

    /// Reads it.
    pub(crate) fn content(self) -> Content {
        let (policies, dashboards) = match self {
            Self::Repository => (repository("policies"), repository("dashboards")),
            Self::Corners => (
                beside("golden/corners/policies"),
                beside("golden/corners/dashboards"),
            ),
        };
        Content::load(&policies, &dashboards).unwrap()
    }
}

/// A question of somebody, which can be compiled.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The dashboard, or the dataset where no dashboard asks.
    pub(crate) page: String,
    /// What is asked, by whom, with which filters.
    pub(crate) name: String,
    query: Arc<GovernedQuery>,
}

impl Question {
    /// Its statement.
    pub(crate) fn statement(&self, dialect: Dialect, snapshots: &SnapshotSet) -> Statement {
        let snapshot = snapshots.get(self.query.dataset().name()).unwrap();
        compile(&self.query, dialect, snapshot)
    }
}

/// Snapshots that no lake has.
pub(crate) fn imagined(content: &Content) -> SnapshotSet {
    let snapshot = Snapshot {
        id: SnapshotId::parse(SNAPSHOT).unwrap(),
        committed_at: "2026-11-01T00:00:00Z".parse().unwrap(),
        unreadable: BTreeSet::new(),
    };
    let datasets = content.catalog().datasets();
    datasets
        .map(|dataset| (dataset.name().clone(), snapshot.clone()))
        .collect()
}

/// All of them, each text once, in the order of dashboards, people, filters and tiles.
pub(crate) fn questions(content: &Content) -> Vec<Question> {
    let snapshots = Arc::new(imagined(content));
    let mut gathered = Gathered::default();
    for dashboard in content.dashboards() {
        for persona in content.personas() {
            let page = Page {
                dashboard,
                asked_by: persona.name().as_str(),
                subject: persona.subject(),
                snapshots: &snapshots,
            };
            for (how, bound) in bounds(dashboard) {
                page.ask(content, &how, &bound, &mut gathered);
            }
        }
    }
    gathered.questions
}

/// One dashboard, opened by somebody.
struct Page<'a> {
    dashboard: &'a Dashboard,
    asked_by: &'a str,
    subject: &'a Subject,
    snapshots: &'a Arc<SnapshotSet>,
}

impl Page<'_> {
    fn ask(&self, content: &Content, how: &str, bound: &Bound, gathered: &mut Gathered) {
        let planner = Planner {
            policies: content.policies(),
            subject: self.subject,
            dialect: Dialect::Athena,
            principal: None,
        };
        let slug = self.dashboard.slug().as_str();
        let mut add = |what: &str, planned: &Planned| {
            let name = format!("{slug}/{what} as {}{how}", self.asked_by);
            gathered.add(slug, name, &planned.query, &planned.statement);
        };
        let Plan { tiles, .. } = planner.tiles(self.dashboard, bound, self.snapshots, |_| true);
        for tile in &tiles {
            let Ask::Granted(questions) = &tile.ask else {
                continue;
            };
            let id = self.dashboard.tiles()[tile.index].id.as_str();
            add(id, &questions.main);
            if let Some(trend) = &questions.trend {
                add(&format!("{id} trend"), trend);
            }
            let grant = questions.main.query.grant().clone();
            let behind = planner.rows_behind(&questions.main, grant, self.snapshots);
            add(&format!("{id} rows"), &behind.unwrap());
        }
        for filter in self.dashboard.filters() {
            let values = planner.filter_values(filter, bound, self.snapshots);
            if let Ok(planned) = values {
                add(&format!("values of {}", filter.id.as_str()), &planned);
            }
        }
        self.count(&tiles, how, gathered);
    }

    /// What an impact analysis asks of the tables: rows by their keys.
    fn count(&self, tiles: &[TilePlan], how: &str, gathered: &mut Gathered) {
        for tile in tiles {
            let Ask::Granted(questions) = &tile.ask else {
                continue;
            };
            let planned = &questions.main;
            let dataset = planned.query.question().dataset();
            let question = TileQuery::rows_by(dataset, dataset.key(), 200);
            let grant = Arc::new(planned.query.grant().clone());
            let query = Arc::new(question.under(&grant).unwrap());
            let snapshot = self.snapshots.get(dataset.name()).unwrap();
            let statement = compile(&query, Dialect::Athena, snapshot);
            let name = format!("rows of {} as {}{how}", dataset.name(), self.asked_by);
            gathered.add(self.dashboard.slug().as_str(), name, &query, &statement);
        }
    }
}

/// What was asked so far.
#[derive(Default)]
struct Gathered {
    seen: BTreeSet<String>,
    questions: Vec<Question>,
}

impl Gathered {
    fn add(&mut self, page: &str, name: String, query: &Arc<GovernedQuery>, made: &Statement) {
        made.vet().unwrap();
        if self.seen.insert(made.text().to_owned()) {
            self.questions.push(Question {
                page: page.to_owned(),
                name,
                query: Arc::clone(query),
            });
        }
    }
}

/// A page as it opens, and narrowed in every way there is.
fn bounds(dashboard: &Dashboard) -> Vec<(String, Bound)> {
    let mut ways = vec![(Locked::new(), Vec::new())];
    for filter in dashboard.filters() {
        let [first, second] = values(filter);
        let id = filter.id.as_str();
        ways.push((Locked::new(), vec![(id, first.clone())]));
        ways.push((Locked::from([(id.to_owned(), vec![first, second])]), vec![]));
        ways.push((Locked::from([(id.to_owned(), vec![])]), vec![]));
    }
    if let [first, others @ ..] = dashboard.filters() {
        let mut all: Vec<_> = values(first).map(|value| (first.id.as_str(), value)).into();
        all.extend(
            others
                .iter()
                .map(|other| (other.id.as_str(), values(other)[1].clone())),
        );
        if dashboard.default_period().is_some() {
            all.push(("from", "2026-02-01".to_owned()));
            all.push(("to", "2026-02-28".to_owned()));
        }
        ways.push((Locked::new(), all));
    }
    ways.into_iter()
        .map(|(locked, chosen)| bound(dashboard, &locked, &chosen))
        .collect()
}

fn bound(dashboard: &Dashboard, locked: &Locked, chosen: &[(&str, String)]) -> (String, Bound) {
    let fixed = locked
        .iter()
        .map(|(id, values)| format!("{id} fixed to {values:?}"));
    let picked = chosen.iter().map(|(id, value)| format!("{id}={value}"));
    let ways: Vec<_> = fixed.chain(picked).collect();
    let how = if ways.is_empty() {
        String::new()
    } else {
        format!(", {}", ways.join(", "))
    };
    let chosen: Vec<_> = chosen
        .iter()
        .map(|(id, value)| ((*id).to_owned(), value.clone()))
        .collect();
    let today = NaiveDate::from_ymd_opt(2026, 11, 15).unwrap();
    (how, dashboard.bind(locked, &chosen, today).unwrap())
}

/// A value that rows have, and one that they may not have.
fn values(filter: &Filter) -> [String; 2] {
    let known = filter.dataset.column(&filter.column).unwrap();
    let plain = |values: [&str; 2]| values.map(str::to_owned);
    match filter.value_type {
        ValueType::Text => {
            let first = known.values.keys().next().map(String::as_str);
            plain([first.unwrap_or("C1000001"), HOSTILE])
        }
        ValueType::Boolean => plain(["false", "true"]),
        ValueType::Integer => plain(["2", "-9223372036854775808"]),
        ValueType::Decimal { .. } | ValueType::Double => plain(["100.10", "-0.50"]),
        ValueType::Date => plain(["2026-02-01", "2026-02-28"]),
        ValueType::Timestamp => plain(["2026-03-01T06:00:00", "2026-03-01T06:00:00.125"]),
    }
}
