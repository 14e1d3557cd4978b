//! From files to content: each kind is read by the crate that knows it, then checked together.

use std::collections::BTreeMap;
use std::sync::Arc;

use weir_identity::mapping::ClaimMapping;
use weir_policy::decision_table::{self, CaseOutcome, table_from_catalog};
use weir_policy::document::policy_from_catalog;
use weir_policy::persona::{Persona, personas_from_yaml};
use weir_policy::{PolicySet, Revision};
use weir_query::{Catalog, Dashboard, DashboardSlug, Dataset};

use super::{Content, ContentError};

/// The one claim mapping.
const MAPPING: &str = "policies/identity.yaml";

/// The sample people; a folder without them has nobody to count changes for.
const PERSONAS: &str = "policies/personas.yaml";

/// A file: its path and its text.
type Source<'a> = (&'a str, &'a str);

/// Files by kind, in the order of their paths.
#[derive(Debug, Default)]
pub(super) struct Sources<'a> {
    policies: Vec<Source<'a>>,
    tables: Vec<Source<'a>>,
    mapping: Option<Source<'a>>,
    personas: Option<Source<'a>>,
    dashboards: Vec<Source<'a>>,
    datasets: Vec<Source<'a>>,
}

impl<'a> Sources<'a> {
    /// Tells the files apart by where they are and how their names end.
    pub(super) fn sort(files: impl IntoIterator<Item = Source<'a>>) -> Result<Self, ContentError> {
        let mut sorted = Self::default();
        for file in files {
            let (path, _) = file;
            match path.rsplit_once('/') {
                Some(_) if path == MAPPING => sorted.mapping = Some(file),
                Some(_) if path == PERSONAS => sorted.personas = Some(file),
                Some(("policies", name)) if name.ends_with(".policy.yaml") => {
                    sorted.policies.push(file);
                }
                Some(("policies", name)) if name.ends_with(".test.yaml") => {
                    sorted.tables.push(file);
                }
                Some(("dashboards", name)) if name.ends_with(".dashboard.yaml") => {
                    sorted.dashboards.push(file);
                }
                Some(("dashboards/datasets", name)) if name.ends_with(".dataset.yaml") => {
                    sorted.datasets.push(file);
                }
                _ => return Err(ContentError::UnknownFile(path.to_owned())),
            }
        }
        Ok(sorted)
    }

    pub(super) fn catalog(&self) -> Result<Catalog, ContentError> {
        let datasets: Vec<_> = self
            .datasets
            .iter()
            .map(|(path, text)| Dataset::from_yaml(path, text))
            .collect::<Result<_, _>>()?;
        Catalog::build(datasets).map_err(|name| ContentError::Twice(name.to_string()))
    }

    /// Each dataset that can't be read.
    pub(super) fn dataset_errors(&self) -> Vec<ContentError> {
        let read = |(path, text): &Source<'_>| Dataset::from_yaml(path, text).err();
        self.datasets
            .iter()
            .filter_map(read)
            .map(Into::into)
            .collect()
    }

    /// Each file beside the datasets that can't be read, or does not fit them.
    pub(super) fn errors(&self, catalog: &Catalog) -> Vec<ContentError> {
        let schemas: Vec<_> = catalog.datasets().map(|dataset| dataset.schema()).collect();
        let schemas = || schemas.iter().copied();
        let policy = |(path, text): &Source<'_>| policy_from_catalog(path, text, schemas()).err();
        let table = |(path, text): &Source<'_>| table_from_catalog(path, text, schemas()).err();
        let dashboard = |(path, text): &Source<'_>| Dashboard::from_yaml(path, text, catalog).err();
        let mut errors: Vec<ContentError> = Vec::new();
        errors.extend(
            self.policies
                .iter()
                .filter_map(policy)
                .map(ContentError::from),
        );
        errors.extend(self.tables.iter().filter_map(table).map(ContentError::from));
        errors.extend(self.mapping().err());
        errors.extend(self.personas().err());
        errors.extend(
            self.dashboards
                .iter()
                .filter_map(dashboard)
                .map(ContentError::from),
        );
        errors
    }

    /// All of it, over a catalog that was read already.
    pub(super) fn content(
        &self,
        catalog: Catalog,
        revision: Revision,
    ) -> Result<Content, ContentError> {
        Ok(Content {
            policies: self.policies(&catalog, revision)?,
            mapping: self.mapping()?,
            personas: self.personas()?,
            dashboards: self.dashboards(&catalog)?,
            business_units: super::business_units(&catalog),
            catalog,
        })
    }

    pub(super) fn mapping(&self) -> Result<ClaimMapping, ContentError> {
        let (path, text) = self.mapping.ok_or(ContentError::Missing(MAPPING))?;
        Ok(ClaimMapping::from_yaml(path, text)?)
    }

    pub(super) fn personas(&self) -> Result<Vec<Persona>, ContentError> {
        let Some((path, text)) = self.personas else {
            return Ok(Vec::new());
        };
        Ok(personas_from_yaml(path, text)?)
    }

    pub(super) fn dashboards(
        &self,
        catalog: &Catalog,
    ) -> Result<BTreeMap<DashboardSlug, Arc<Dashboard>>, ContentError> {
        let mut dashboards = BTreeMap::new();
        for (path, text) in &self.dashboards {
            let dashboard = Dashboard::from_yaml(path, text, catalog)?;
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

    /// The policies, each of which decides what its decision table says: one that decides
    /// otherwise is not what its author meant.
    pub(super) fn policies(
        &self,
        catalog: &Catalog,
        revision: Revision,
    ) -> Result<PolicySet, ContentError> {
        let (set, outcomes) = self.decided(catalog, revision)?;
        match outcomes.into_iter().find(|outcome| !outcome.passed()) {
            None => Ok(set),
            Some(failed) => Err(ContentError::Decision {
                file: failed.file().to_owned(),
                case: failed.name().to_owned(),
                problem: failed.failures().join("; "),
            }),
        }
    }

    /// The policies, and what they decide in every case of their decision tables.
    pub(super) fn decided(
        &self,
        catalog: &Catalog,
        revision: Revision,
    ) -> Result<(PolicySet, Vec<CaseOutcome>), ContentError> {
        let schemas: Vec<_> = catalog.datasets().map(|dataset| dataset.schema()).collect();
        let policies: Vec<_> = self
            .policies
            .iter()
            .map(|(path, text)| policy_from_catalog(path, text, schemas.iter().copied()))
            .collect::<Result<_, _>>()?;
        let tables: Vec<_> = self
            .tables
            .iter()
            .map(|(path, text)| table_from_catalog(path, text, schemas.iter().copied()))
            .collect::<Result<_, _>>()?;
        let set = PolicySet::build(revision, policies)?;
        if let Some(dataset) = decision_table::untested(&set, &tables).first() {
            return Err(ContentError::NoDecisionTable(dataset.to_string()));
        }
        let mut outcomes = Vec::new();
        for table in &tables {
            let Some(dataset) = catalog.dataset(table.dataset()) else {
                return Err(ContentError::NoDecisionTable(table.dataset().to_string()));
            };
            outcomes.extend(table.run(&set, dataset.schema()));
        }
        Ok((set, outcomes))
    }
}
