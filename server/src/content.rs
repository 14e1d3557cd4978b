//! What authors wrote: datasets, policies with their decision tables, claim mapping, dashboards.
//! All of it is checked together; a mistake anywhere and nothing is loaded (invariant 2).
//!
//! Content is immutable and has a revision. Which one is in force is known to
//! [`Published`](crate::service::published::Published).

mod files;
mod finding;
mod inspect;
mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use weir_identity::mapping::ClaimMapping;
use weir_policy::decision_table::CaseOutcome;
use weir_policy::persona::Persona;
use weir_policy::{BusinessUnit, ColumnName, PolicySet, Revision, Subject, Value, resolve};
use weir_query::{Catalog, Dashboard, DashboardSlug, Dataset, Localized};
use weir_registry::Digest;

pub use self::files::{folders, is_ours};
pub use self::finding::{Finding, lines};
pub use self::inspect::Inspected;

/// The column that says whose a row is.
pub(crate) const UNIT_COLUMN: &str = "business_unit";

/// Everything that authors wrote, at one revision.
#[derive(Debug)]
pub struct Content {
    catalog: Catalog,
    policies: PolicySet,
    mapping: ClaimMapping,
    personas: Vec<Persona>,
    dashboards: BTreeMap<DashboardSlug, Arc<Dashboard>>,
    business_units: Vec<(BusinessUnit, Localized)>,
    tree: Option<Digest>,
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
    /// Files that can't be used.
    #[error("{}", lines(.0))]
    Flawed(Vec<Finding>),
}

impl ContentError {
    /// What is wrong, one by one.
    #[must_use]
    pub fn findings(self) -> Vec<Finding> {
        match self {
            Self::Flawed(findings) => findings,
            Self::Unreadable { .. } => vec![Finding::everywhere(&self)],
        }
    }
}

impl Content {
    /// Reads and checks everything below the two folders.
    ///
    /// # Errors
    /// [`ContentError`] with everything that is wrong: file, place and the nearest right word.
    pub fn load(policies: &Path, dashboards: &Path) -> Result<Self, ContentError> {
        let files = folders(policies, dashboards)?;
        let files = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        Self::read(files, Revision::new(1))
    }

    /// Runs every decision table of the folders, also behind a case that fails.
    ///
    /// # Errors
    /// [`ContentError`] when the documents can't be read, or a policy has no table.
    pub fn decisions(policies: &Path, dashboards: &Path) -> Result<Vec<CaseOutcome>, ContentError> {
        let files = folders(policies, dashboards)?;
        let files = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        let mut sources = read::Sources::sort(files);
        let catalog = sources.catalog();
        let decided = sources.decided(&catalog, Revision::new(0));
        match (decided, sources.findings()) {
            (Some((_, outcomes)), findings) if findings.is_empty() => Ok(outcomes),
            (_, findings) => Err(ContentError::Flawed(findings)),
        }
    }

    /// Reads and checks files, each with its path: `policies/statements.policy.yaml`.
    ///
    /// # Errors
    /// [`ContentError`] with everything that is wrong: file, place and the nearest right word.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        revision: Revision,
    ) -> Result<Self, ContentError> {
        let Inspected {
            content, findings, ..
        } = Self::inspect(files, revision);
        content.ok_or(ContentError::Flawed(findings))
    }

    /// The same, known to be the registry's files of this hash.
    #[must_use]
    pub fn of_tree(self, hash: Digest) -> Self {
        Self {
            tree: Some(hash),
            ..self
        }
    }

    /// The hash of the registry's files that it was read from; none for loose files.
    #[must_use]
    pub fn tree(&self) -> Option<Digest> {
        self.tree
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

    /// Which claims of the identity provider mean what.
    #[must_use]
    pub fn mapping(&self) -> &ClaimMapping {
        &self.mapping
    }

    /// The sample people whom changes are counted for.
    #[must_use]
    pub fn personas(&self) -> &[Persona] {
        &self.personas
    }

    /// Whether both speak about the same datasets, word for word: then one engine serves both.
    #[must_use]
    pub fn has_datasets_of(&self, other: &Self) -> bool {
        let versions = |content: &Self| -> Vec<_> {
            let datasets = content.catalog.datasets();
            datasets
                .map(|dataset| (dataset.name().clone(), dataset.version().to_owned()))
                .collect()
        };
        versions(self) == versions(other)
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
        self.business_units
            .iter()
            .map(|(unit, _)| unit)
            .filter(|unit| is_seen(unit))
            .cloned()
            .collect()
    }

    /// Every business unit that the catalog's labels name, for "1 of 7 units".
    #[must_use]
    pub fn business_units(&self) -> &[(BusinessUnit, Localized)] {
        &self.business_units
    }
}

fn business_units(catalog: &Catalog) -> Vec<(BusinessUnit, Localized)> {
    let mut units = BTreeMap::new();
    for dataset in catalog.datasets() {
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
