//! From files to content: each kind is read by the crate that knows it, then checked together.
//! Reading goes on behind a mistake, so that an author is told all of them at once; what follows
//! from another mistake alone is not said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use weir_identity::mapping::ClaimMapping;
use weir_policy::decision_table::{self, CaseOutcome, DecisionTable, check_table};
use weir_policy::document::{self, check_policy};
use weir_policy::persona::{Persona, check_personas};
use weir_policy::{DatasetName, DatasetSchema, Policy, PolicySet, Revision};
use weir_query::{Catalog, Dashboard, DashboardSlug, Dataset};

use super::finding::Finding;

/// The one claim mapping.
const MAPPING: &str = "policies/identity.yaml";

/// The sample people; a folder without them has nobody to count changes for.
const PERSONAS: &str = "policies/personas.yaml";

/// The kinds of files there are, for people.
const KINDS: &str = "`policies/*.policy.yaml`, `policies/*.test.yaml`, `policies/identity.yaml`, `policies/personas.yaml`, \
    `dashboards/*.dashboard.yaml` or `dashboards/datasets/*.dataset.yaml`";

/// A file: its path and its text.
type Source<'a> = (&'a str, &'a str);

/// Files by kind, in the order of their paths, and what was found wrong with them so far.
#[derive(Debug, Default)]
pub(super) struct Sources<'a> {
    policies: Vec<Source<'a>>,
    tables: Vec<Source<'a>>,
    mapping: Option<Source<'a>>,
    personas: Option<Source<'a>>,
    dashboards: Vec<Source<'a>>,
    datasets: Vec<Source<'a>>,
    findings: Vec<Finding>,
    /// Whether a dataset could not be read: then nobody knows what is missing elsewhere.
    dataset_lost: bool,
}

impl<'a> Sources<'a> {
    /// Tells the files apart by where they are and how their names end.
    pub(super) fn sort(files: impl IntoIterator<Item = Source<'a>>) -> Self {
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
                _ => {
                    let problem = format!("no file of Weir's: expected {KINDS}");
                    sorted.findings.push(Finding::of_file(path, problem));
                }
            }
        }
        sorted
    }

    /// Everything that was found wrong, in the order of files and lines.
    pub(super) fn findings(mut self) -> Vec<Finding> {
        self.findings.sort_by_cached_key(Finding::order);
        self.findings
    }

    pub(super) fn catalog(&mut self) -> Catalog {
        let (mut read, mut names) = (Vec::new(), BTreeSet::new());
        for (path, text) in self.datasets.clone() {
            match Dataset::check(path, text) {
                Ok(dataset) if names.insert(dataset.name().clone()) => read.push(dataset),
                Ok(dataset) => self.twice((path, text), "dataset", dataset.name()),
                Err(mistakes) => {
                    self.dataset_lost = true;
                    let found = mistakes.iter();
                    let found = found.map(|mistake| Finding::of_query(mistake, text));
                    self.findings.extend(found);
                }
            }
        }
        // No name is in it twice, so that nothing is left out.
        Catalog::build(read).unwrap_or_default()
    }

    pub(super) fn mapping(&mut self) -> Option<ClaimMapping> {
        let Some((path, text)) = self.mapping else {
            let missing = Finding::of_file(MAPPING, "the file is missing");
            self.findings.push(missing);
            return None;
        };
        let read = ClaimMapping::check(path, text);
        let flaws = |flaws: Vec<_>| {
            let found = flaws.iter().map(|flaw| Finding::of_mapping(flaw, text));
            self.findings.extend(found);
        };
        read.map_err(flaws).ok()
    }

    pub(super) fn personas(&mut self) -> Vec<Persona> {
        let Some((path, text)) = self.personas else {
            return Vec::new();
        };
        self.kept(check_personas(path, text)).unwrap_or_default()
    }

    pub(super) fn dashboards(
        &mut self,
        catalog: &Catalog,
    ) -> BTreeMap<DashboardSlug, Arc<Dashboard>> {
        let mut dashboards = BTreeMap::new();
        for (path, text) in self.dashboards.clone() {
            match Dashboard::check(path, text, catalog) {
                Ok(dashboard) => {
                    let slug = dashboard.slug().clone();
                    if dashboards
                        .insert(slug.clone(), Arc::new(dashboard))
                        .is_some()
                    {
                        self.twice((path, text), "dashboard", &slug);
                    }
                }
                Err(mistakes) => {
                    // Whether a dataset is there can't be told while one can't be read.
                    let lost = self.dataset_lost;
                    let mistakes = mistakes.iter();
                    let told = mistakes.filter(|one| !(lost && one.path().ends_with(".dataset")));
                    let found = told.map(|mistake| Finding::of_query(mistake, text));
                    self.findings.extend(found);
                }
            }
        }
        dashboards
    }

    /// The policies, and what they decide in every case of their decision tables. `None` where
    /// they can't be used together.
    pub(super) fn decided(
        &mut self,
        catalog: &Catalog,
        revision: Revision,
    ) -> Option<(PolicySet, Vec<CaseOutcome>)> {
        let schemas: Vec<_> = catalog.datasets().map(|dataset| dataset.schema()).collect();
        let (policies, broken) = self.read_policies(&schemas);
        let files: BTreeMap<_, _> = policies
            .iter()
            .map(|(path, policy)| (policy.dataset().clone(), *path))
            .collect();
        let policies = policies.into_iter().map(|(_, policy)| policy);
        let set = PolicySet::build(revision, policies);
        let set = set.map_err(|error| self.findings.push(Finding::everywhere(&error)));
        let set = set.ok()?;
        let (tables, spoken_of) = self.read_tables(&schemas);
        for dataset in decision_table::untested(&set, &tables) {
            if !spoken_of.contains(dataset) {
                let file = files.get(dataset).copied().unwrap_or_default();
                self.findings.push(untested(dataset, file));
            }
        }
        // What a policy decides that can't be read is no news.
        let sound = |table: &&DecisionTable| {
            let dataset = table.dataset();
            set.policy(dataset).is_some() || !broken.iter().any(|lost| lost.may_be(dataset))
        };
        let outcomes = tables.iter().filter(sound).filter_map(|table| {
            let dataset = catalog.dataset(table.dataset())?;
            Some(table.run(&set, dataset.schema()))
        });
        let outcomes = outcomes.flatten().collect();
        Some((set, outcomes))
    }

    /// A policy that decides otherwise than its table says is not what its author meant.
    pub(super) fn add_failures(&mut self, cases: &[CaseOutcome]) {
        let failed = cases.iter().filter(|outcome| !outcome.passed());
        self.findings.extend(failed.map(Finding::of_case));
    }

    /// The policies by file, and the datasets of those that can't be read.
    fn read_policies(&mut self, schemas: &[&DatasetSchema]) -> (Vec<(&'a str, Policy)>, Vec<Lost>) {
        let (mut read, mut broken, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (path, text) in self.policies.clone() {
            let about = || Lost(document::dataset_of(path, text).ok());
            if self.is_lost(about, schemas) {
                broken.push(about());
                continue;
            }
            match self.kept(check_policy(path, text, schemas.iter().copied())) {
                Some(policy) if names.insert(policy.dataset().clone()) => read.push((path, policy)),
                Some(policy) => self.twice((path, text), "dataset", policy.dataset()),
                None => broken.push(about()),
            }
        }
        (read, broken)
    }

    /// The tables that can be read, and the datasets that the others are about.
    fn read_tables(
        &mut self,
        schemas: &[&DatasetSchema],
    ) -> (Vec<DecisionTable>, BTreeSet<DatasetName>) {
        let (mut read, mut spoken_of) = (Vec::new(), BTreeSet::new());
        for (path, text) in self.tables.clone() {
            let about = || Lost(decision_table::dataset_of(path, text).ok());
            if self.is_lost(about, schemas) {
                spoken_of.extend(about().0);
                continue;
            }
            match self.kept(check_table(path, text, schemas.iter().copied())) {
                Some(table) => read.push(table),
                None => spoken_of.extend(about().0),
            }
        }
        (read, spoken_of)
    }

    /// Whether it is about a dataset that is not known because its file can't be read.
    fn is_lost(&self, about: impl FnOnce() -> Lost, schemas: &[&DatasetSchema]) -> bool {
        let known = |name: DatasetName| schemas.iter().any(|schema| *schema.name() == name);
        self.dataset_lost && about().0.is_some_and(|name| !known(name))
    }

    fn kept<T>(&mut self, read: Result<T, Vec<document::DocumentError>>) -> Option<T> {
        let told = |mistakes: Vec<_>| {
            self.findings
                .extend(mistakes.iter().map(Finding::of_policy));
        };
        read.map_err(told).ok()
    }

    fn twice(&mut self, (path, text): Source<'_>, key: &str, name: &impl std::fmt::Display) {
        let problem = format!("`{name}` is declared in two files");
        self.findings.push(Finding::at(path, text, key, problem));
    }
}

fn untested(dataset: &DatasetName, file: &str) -> Finding {
    let problem =
        format!("the policy of `{dataset}` has no decision table: expected a `*.test.yaml` for it");
    Finding::of_file(file, problem)
}

/// What a file that can't be read is about, if it says so.
#[derive(Debug)]
struct Lost(Option<DatasetName>);

impl Lost {
    fn may_be(&self, dataset: &DatasetName) -> bool {
        self.0.as_ref().is_none_or(|lost| lost == dataset)
    }
}
