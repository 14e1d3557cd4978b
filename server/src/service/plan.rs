//! Planning a page view: pure, in microseconds. Per dataset a grant, per tile a governed query, a
//! statement and its fingerprint. A denied tile is withheld, not an error.

use std::collections::BTreeMap;
use std::sync::Arc;

use weir_policy::{DatasetName, Denied, Grant, PolicySet, Revision, Subject, resolve};
use weir_query::dashboard::{Filter, Tile};
use weir_query::{
    Bound, Dashboard, Dialect, GovernedQuery, Principal, Snapshot, SnapshotSet, Statement, TileId,
    TileQuery,
};

use super::kinds::Known;

/// A page view ready to be fetched.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The policies' revision.
    pub revision: Revision,
    /// The snapshots every tile is computed on.
    pub snapshots: Arc<SnapshotSet>,
    /// The tiles, in the order they were asked for.
    pub tiles: Vec<TilePlan>,
    /// What is known of this kind of page view, where that is kept.
    pub known: Option<Arc<Known>>,
}

/// Which tiles of a dashboard are looked at.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// All of them.
    All,
    /// One.
    Only(&'a TileId),
}

impl Wanted<'_> {
    /// Whether `tile` is.
    #[must_use]
    pub fn has(self, tile: &Tile) -> bool {
        match self {
            Self::All => true,
            Self::Only(id) => tile.id == *id,
        }
    }
}

/// One tile: what to ask, or why not.
#[derive(Debug, Clone)]
pub struct TilePlan {
    /// Its place among the dashboard's tiles.
    pub index: usize,
    /// What to ask.
    pub ask: Ask,
}

/// What to ask for a tile.
#[derive(Debug, Clone)]
pub enum Ask {
    /// These questions may be asked.
    Granted(Questions),
    /// Policy keeps the tile from the subject.
    Withheld(Withheld),
}

/// A tile's question and the one behind its sparkline.
#[derive(Debug, Clone)]
pub struct Questions {
    /// The tile's own.
    pub main: Planned,
    /// The sparkline's.
    pub trend: Option<Planned>,
}

impl Questions {
    /// Both, as far as there are two.
    pub fn iter(&self) -> impl Iterator<Item = &Planned> {
        std::iter::once(&self.main).chain(self.trend.as_ref())
    }
}

/// A governed query and its statement.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What is asked, under which grant.
    pub query: Arc<GovernedQuery>,
    /// What is run.
    pub statement: Arc<Statement>,
}

/// Why a tile is withheld.
#[derive(Debug, Clone)]
pub struct Withheld {
    /// The dataset it asks.
    pub dataset: DatasetName,
    /// A stable word for audit and the reader's sentence.
    pub code: &'static str,
}

impl Withheld {
    /// Whether the table, not the policy, keeps the rows: it has no snapshot that could be read.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        self.code == NO_SNAPSHOT
    }

    /// Whether the table has lost what the question needs.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        self.code == SCHEMA_DRIFT
    }
}

/// The code of a table without a readable snapshot.
const NO_SNAPSHOT: &str = "no-snapshot";

/// The code of a question that needs a column which the table does not have as it was declared.
const SCHEMA_DRIFT: &str = "schema-drift";

/// What a plan is made from; all of it immutable.
#[derive(Debug, Clone)]
pub struct Planner<'a> {
    /// The policies in force.
    pub policies: &'a PolicySet,
    /// Who is asking.
    pub subject: &'a Subject,
    /// The engine's dialect.
    pub dialect: Dialect,
    /// As whom the engine asks for the subject.
    pub principal: Option<Principal>,
}

impl Planner<'_> {
    /// Plans the tiles of `dashboard` that `wanted` picks.
    #[must_use]
    pub fn tiles(
        &self,
        dashboard: &Dashboard,
        bound: &Bound,
        snapshots: &Arc<SnapshotSet>,
        wanted: impl Fn(&Tile) -> bool,
    ) -> Plan {
        let mut grants = Grants::new(self);
        let tiles = dashboard
            .tiles()
            .iter()
            .enumerate()
            .filter(|(_, tile)| wanted(tile));
        let tiles = tiles.map(|(index, tile)| TilePlan {
            index,
            ask: match self.questions(tile, bound, snapshots, &mut grants) {
                Ok(questions) => Ask::Granted(questions),
                Err(withheld) => Ask::Withheld(withheld),
            },
        });
        Plan {
            tiles: tiles.collect(),
            revision: self.policies.revision(),
            snapshots: Arc::clone(snapshots),
            known: None,
        }
    }

    /// Plans taking all rows of a tile along: its own question, under the same grant.
    ///
    /// # Errors
    /// [`Withheld`] as for the tile.
    pub fn export(
        &self,
        tile: &Tile,
        bound: &Bound,
        snapshots: &SnapshotSet,
    ) -> Result<Planned, Withheld> {
        let mut grants = Grants::new(self);
        let question = tile.question(bound);
        let grant = grants.of(&question)?;
        self.compiled(question, &grant, snapshots, weir_query::compile_export)
    }

    /// Plans the listing of a filter's values, under the same grant as any tile.
    ///
    /// # Errors
    /// [`Withheld`] when the subject may not read the column.
    pub fn filter_values(
        &self,
        filter: &Filter,
        bound: &Bound,
        snapshots: &SnapshotSet,
    ) -> Result<Planned, Withheld> {
        let mut grants = Grants::new(self);
        let question = filter.values_question(bound);
        let grant = grants.of(&question)?;
        self.planned(question, &grant, snapshots)
    }

    /// Plans counting the rows behind a planned tile, under a grant of the same dataset.
    ///
    /// # Errors
    /// [`Withheld`] when the grant does not open the question.
    pub fn rows_behind(
        &self,
        tile: &Planned,
        grant: Grant,
        snapshots: &SnapshotSet,
    ) -> Result<Planned, Withheld> {
        let question = tile.query.question().rows_behind();
        self.planned(question, &Arc::new(grant), snapshots)
    }

    fn questions(
        &self,
        tile: &Tile,
        bound: &Bound,
        snapshots: &SnapshotSet,
        grants: &mut Grants<'_>,
    ) -> Result<Questions, Withheld> {
        let question = tile.question(bound);
        let grant = grants.of(&question)?;
        let main = self.planned(question, &grant, snapshots)?;
        let trend = tile.trend_question(bound);
        let trend = trend
            .map(|trend| self.planned(trend, &grant, snapshots))
            .transpose()?;
        Ok(Questions { main, trend })
    }

    fn planned(
        &self,
        question: TileQuery,
        grant: &Arc<Grant>,
        snapshots: &SnapshotSet,
    ) -> Result<Planned, Withheld> {
        self.compiled(question, grant, snapshots, weir_query::compile)
    }

    fn compiled(
        &self,
        question: TileQuery,
        grant: &Arc<Grant>,
        snapshots: &SnapshotSet,
        compile: fn(&GovernedQuery, Dialect, &Snapshot) -> Statement,
    ) -> Result<Planned, Withheld> {
        let dataset = question.dataset().name().clone();
        let Some(snapshot) = snapshots.get(&dataset) else {
            return Err(Withheld {
                dataset,
                code: NO_SNAPSHOT,
            });
        };
        let query = question.under(grant).map_err(|refusal| Withheld {
            dataset: dataset.clone(),
            code: refusal.code(),
        })?;
        let statement = compile(&query, self.dialect, snapshot);
        // A rule about a lost column can't be applied, so what it decides about is not shown.
        if !snapshot.can_answer(statement.scan()) {
            return Err(Withheld {
                dataset,
                code: SCHEMA_DRIFT,
            });
        }
        let statement = Arc::new(statement.asked_by(self.principal.clone()));
        Ok(Planned {
            query: Arc::new(query),
            statement,
        })
    }
}

/// One grant per dataset and page view.
struct Grants<'a> {
    planner: &'a Planner<'a>,
    known: BTreeMap<DatasetName, Result<Arc<Grant>, Denied>>,
}

impl<'a> Grants<'a> {
    fn new(planner: &'a Planner<'a>) -> Self {
        Self {
            planner,
            known: BTreeMap::new(),
        }
    }

    fn of(&mut self, question: &TileQuery) -> Result<Arc<Grant>, Withheld> {
        let name = question.dataset().name();
        if !self.known.contains_key(name) {
            let Planner {
                policies, subject, ..
            } = self.planner;
            let grant = resolve(policies, subject, question.dataset().schema()).map(Arc::new);
            self.known.insert(name.clone(), grant);
        }
        match self.known.get(name) {
            Some(Ok(grant)) => Ok(Arc::clone(grant)),
            Some(Err(denied)) => Err(Withheld {
                dataset: name.clone(),
                code: denied.code(),
            }),
            None => Err(Withheld {
                dataset: name.clone(),
                code: "no-policy",
            }),
        }
    }
}
