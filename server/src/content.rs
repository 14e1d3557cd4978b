//! What an author wrote: datasets, policies with their decision tables, dashboards. All of it is
//! checked together; a mistake anywhere and nothing is loaded (invariant 2).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use weir_policy::decision_table::{self, DecisionTable, table_from_catalog};
use weir_policy::document::policy_from_catalog;
use weir_policy::{BusinessUnit, ColumnName, PolicySet, Revision, Subject, Value, resolve};
use weir_query::{Catalog, Dashboard, DashboardSlug, Dataset, Localized};

/// The column that says whose a row is.
const UNIT_COLUMN: &str = "business_unit";

/// Everything that was read from the content folders.
#[derive(Debug)]
pub struct Content {
    catalog: Catalog,
    policies: PolicySet,
    dashboards: BTreeMap<DashboardSlug, Arc<Dashboard>>,
}

/// Content that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// A folder or file can't be read.
    #[error("`{}` can't be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A dataset or dashboard file is wrong.
    #[error(transparent)]
    Document(#[from] weir_query::document::DocumentError),
    /// A policy file is wrong.
    #[error(transparent)]
    Policy(#[from] weir_policy::document::DocumentError),
    /// Something is declared twice.
    #[error("`{0}` is declared in two files")]
    Twice(String),
    /// Policies that contradict each other.
    #[error("the policies can't be used together")]
    PolicySet(#[from] weir_policy::PolicySetError),
    /// A policy without a table that says what it means.
    #[error("the policy of `{0}` has no decision table: expected a `*.test.yaml` for it")]
    NoDecisionTable(String),
    /// A policy that decides otherwise than its table says.
    #[error("decision table `{file}`, case `{case}`: {problem}")]
    Decision {
        /// The table.
        file: String,
        /// The case.
        case: String,
        /// What differs, and which rule decided.
        problem: String,
    },
}

/// A file of the content folders: its name for people, its path and its text.
struct Source {
    name: String,
    text: String,
}

impl Content {
    /// Reads and checks everything below the two folders.
    ///
    /// # Errors
    /// [`ContentError`] with file, place and the nearest right word.
    pub fn load(policies: &Path, dashboards: &Path) -> Result<Self, ContentError> {
        let catalog = catalog(&dashboards.join("datasets"))?;
        let policies = policy_set(policies, &catalog)?;
        let dashboards = boards(dashboards, &catalog)?;
        Ok(Self {
            catalog,
            policies,
            dashboards,
        })
    }

    /// The datasets.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The policies in force.
    #[must_use]
    pub fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// The dashboard called `slug`.
    #[must_use]
    pub fn dashboard(&self, slug: &str) -> Option<&Arc<Dashboard>> {
        let slug = DashboardSlug::parse(slug).ok()?;
        self.dashboards.get(&slug)
    }

    /// All dashboards, by slug.
    pub fn dashboards(&self) -> impl Iterator<Item = &Arc<Dashboard>> {
        self.dashboards.values()
    }

    /// The business units that rows of `datasets` can come from under what `subject` is granted:
    /// read off the grants themselves, since a claim is not yet a row.
    #[must_use]
    pub fn units_seen<'a>(
        &self,
        subject: &Subject,
        datasets: impl IntoIterator<Item = &'a Dataset>,
        units: &[(BusinessUnit, Localized)],
    ) -> BTreeSet<BusinessUnit> {
        let Ok(column) = ColumnName::parse(UNIT_COLUMN) else {
            return BTreeSet::new();
        };
        let grants = datasets
            .into_iter()
            .filter_map(|dataset| resolve(&self.policies, subject, dataset.schema()).ok());
        let grants: Vec<_> = grants.collect();
        let is_seen = |unit: &BusinessUnit| {
            let value = Value::Text(unit.as_str().to_owned());
            grants
                .iter()
                .any(|grant| grant.rows().may_admit(&column, &value))
        };
        units
            .iter()
            .map(|(unit, _)| unit)
            .filter(|unit| is_seen(unit))
            .cloned()
            .collect()
    }

    /// Every business unit that the catalog's labels name, for "1 of 7 units".
    #[must_use]
    pub fn business_units(&self) -> Vec<(BusinessUnit, Localized)> {
        let mut units = BTreeMap::new();
        for dataset in self.catalog.datasets() {
            let columns = dataset
                .columns()
                .filter(|(name, _)| name.as_str() == UNIT_COLUMN);
            for (code, label) in columns.flat_map(|(_, column)| &column.values) {
                if let Ok(unit) = BusinessUnit::parse(code.as_str()) {
                    units.entry(unit).or_insert_with(|| label.clone());
                }
            }
        }
        units.into_iter().collect()
    }
}

fn catalog(dir: &Path) -> Result<Catalog, ContentError> {
    let datasets: Vec<_> = sources(dir, ".dataset.yaml")?
        .iter()
        .map(|source| Dataset::from_yaml(&source.name, &source.text))
        .collect::<Result<_, _>>()?;
    Catalog::build(datasets).map_err(|name| ContentError::Twice(name.to_string()))
}

fn boards(
    dir: &Path,
    catalog: &Catalog,
) -> Result<BTreeMap<DashboardSlug, Arc<Dashboard>>, ContentError> {
    let mut dashboards = BTreeMap::new();
    for source in sources(dir, ".dashboard.yaml")? {
        let dashboard = Dashboard::from_yaml(&source.name, &source.text, catalog)?;
        let slug = dashboard.slug().clone();
        if dashboards
            .insert(slug.clone(), Arc::new(dashboard))
            .is_some()
        {
            return Err(ContentError::Twice(slug.to_string()));
        }
    }
    Ok(dashboards)
}

fn policy_set(dir: &Path, catalog: &Catalog) -> Result<PolicySet, ContentError> {
    let schemas: Vec<_> = catalog.datasets().map(|dataset| dataset.schema()).collect();
    let policies: Vec<_> = sources(dir, ".policy.yaml")?
        .iter()
        .map(|source| policy_from_catalog(&source.name, &source.text, schemas.iter().copied()))
        .collect::<Result<_, _>>()?;
    let tables: Vec<_> = sources(dir, ".test.yaml")?
        .iter()
        .map(|source| table_from_catalog(&source.name, &source.text, schemas.iter().copied()))
        .collect::<Result<_, _>>()?;
    let set = PolicySet::build(Revision::new(1), policies)?;
    if let Some(dataset) = decision_table::untested(&set, &tables).first() {
        return Err(ContentError::NoDecisionTable(dataset.to_string()));
    }
    tables
        .iter()
        .try_for_each(|table| check_table(table, catalog, &set))?;
    Ok(set)
}

/// A policy that decides otherwise than its table says is not what its author meant.
fn check_table(
    table: &DecisionTable,
    catalog: &Catalog,
    set: &PolicySet,
) -> Result<(), ContentError> {
    let Some(dataset) = catalog.dataset(table.dataset()) else {
        return Err(ContentError::NoDecisionTable(table.dataset().to_string()));
    };
    match table
        .run(set, dataset.schema())
        .into_iter()
        .find(|outcome| !outcome.passed())
    {
        None => Ok(()),
        Some(failed) => Err(ContentError::Decision {
            file: failed.file().to_owned(),
            case: failed.name().to_owned(),
            problem: failed.failures().join("; "),
        }),
    }
}

fn sources(dir: &Path, ending: &str) -> Result<Vec<Source>, ContentError> {
    let unreadable = |cause| ContentError::Unreadable {
        path: dir.to_owned(),
        cause,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        names.extend(
            name.into_string()
                .ok()
                .filter(|name| name.ends_with(ending)),
        );
    }
    names.sort();
    let source = |name: String| {
        Ok(Source {
            text: read(&dir.join(&name))?,
            name,
        })
    };
    names.into_iter().map(source).collect()
}

fn read(path: &Path) -> Result<String, ContentError> {
    let unreadable = |cause| ContentError::Unreadable {
        path: path.to_owned(),
        cause,
    };
    std::fs::read_to_string(path).map_err(unreadable)
}
