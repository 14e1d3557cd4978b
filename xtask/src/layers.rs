//! Which crate may know which, compared with what the crates really depend on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::console::{Outcome, Progress};
use crate::run;
use crate::workspace::Workspace;

/// Each crate of the workspace with the crates of the workspace it may name.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("weir-policy", &[]),
    ("weir-query", &["weir-policy"]),
    ("weir-engine", &["weir-policy", "weir-query"]),
    ("athena-sim", &["weir-policy", "weir-query", "weir-engine"]),
    ("weir-registry", &["weir-policy"]),
    ("weir-identity", &["weir-policy"]),
    ("weir-frontend", &[]),
    (
        "weir-server",
        &[
            "weir-policy",
            "weir-query",
            "weir-engine",
            "weir-registry",
            "weir-identity",
            "weir-frontend",
        ],
    ),
    ("weir-loadtests", &[]),
    ("xtask", &[]),
];

/// A feature that opens a door past every grant, and the one crate that may ask for it.
const DOOR: (&str, &str, &str) = ("weir-engine", "development", "athena-sim");

/// Crates that decide, and therefore neither wait, nor store, nor talk, nor log.
const PURE: [&str; 2] = ["weir-policy", "weir-query"];
/// What the pure crates must not reach, by any way. `name-*` crates are meant as well.
const IMPURE: [&str; 5] = ["tokio", "sqlx", "axum", "aws", "tracing"];

/// Fails with every dependency that points the wrong way.
pub(crate) fn check(workspace: &Workspace, _progress: &Progress) -> anyhow::Result<Outcome> {
    let faults = Graph::read(workspace)?.faults();
    ensure!(
        faults.is_empty(),
        "the crates are not layered as designed:\n  {}",
        faults.join("\n  ")
    );
    Ok(Outcome::Done(format!(
        "{} crates, all pointing one way",
        ALLOWED.len()
    )))
}

/// Normal dependencies, by package id; build and test dependencies may point anywhere.
#[derive(Debug)]
struct Graph {
    members: BTreeSet<String>,
    names: BTreeMap<String, String>,
    edges: BTreeMap<String, Vec<String>>,
    /// Packages that ask for the [`DOOR`], by id.
    door_openers: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    #[serde(default)]
    dependencies: Vec<Wanted>,
    /// What each feature of the package turns on.
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
}

/// A dependency as a package declares it.
#[derive(Debug, Deserialize)]
struct Wanted {
    name: String,
    kind: Option<String>,
    features: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Graph {
    fn read(workspace: &Workspace) -> anyhow::Result<Self> {
        let mut cargo = workspace.cargo(&["metadata", "--locked", "--format-version", "1"]);
        if let Some(host) = host() {
            cargo.args(["--filter-platform", &host]);
        }
        let shown = run::shown(&cargo);
        let text = run::answer(&mut cargo).with_context(|| format!("`{shown}` failed"))?;
        Self::parse(&text).with_context(|| format!("reading what `{shown}` printed"))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let metadata: Metadata = serde_json::from_str(text)?;
        let openers = metadata.packages.iter().filter(|p| p.opens_door());
        let door_openers = openers.map(|package| package.id.clone()).collect();
        let names = metadata
            .packages
            .into_iter()
            .map(|package| (package.id, package.name));
        let edges = metadata.resolve.nodes.into_iter().map(|node| {
            let normal = node.deps.into_iter().filter(Dependency::is_normal);
            (node.id, normal.map(|dependency| dependency.pkg).collect())
        });
        Ok(Self {
            members: metadata.workspace_members.into_iter().collect(),
            names: names.collect(),
            edges: edges.collect(),
            door_openers,
        })
    }

    fn faults(&self) -> Vec<String> {
        self.members
            .iter()
            .flat_map(|member| [self.wrong_members(member), self.wrong_reach(member)].concat())
            .chain(self.open_doors())
            .collect()
    }

    /// Crates that ask for the feature that only the simulator may have.
    fn open_doors(&self) -> impl Iterator<Item = String> {
        let (of, feature, may) = DOOR;
        let others = self.door_openers.iter().map(|id| self.name(id));
        let others = others.filter(move |name| *name != may);
        others.map(move |name| format!("`{name}` may not turn on `{of}/{feature}`"))
    }

    /// Dependencies inside the workspace that the list does not have.
    fn wrong_members(&self, member: &str) -> Vec<String> {
        let name = self.name(member);
        let allowed = ALLOWED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, allowed)| *allowed);
        let unknown = allowed.is_none().then(|| {
            format!("`{name}` has no place in the list; give it one in xtask/src/layers.rs")
        });
        let allowed = allowed.unwrap_or(&[]);
        let inside = self.next(member).filter(|id| self.members.contains(*id));
        let wrong = inside
            .map(|id| self.name(id))
            .filter(|to| !allowed.contains(to));
        let wrong = wrong.map(|to| format!("`{name}` may not know `{to}`"));
        unknown.into_iter().chain(wrong).collect()
    }

    /// For a pure crate, the shortest way to each thing it must not reach.
    fn wrong_reach(&self, member: &str) -> Vec<String> {
        if !PURE.contains(&self.name(member)) {
            return Vec::new();
        }
        let mut ways = BTreeMap::from([(member, vec![self.name(member)])]);
        let mut queue = VecDeque::from([member]);
        let mut faults = Vec::new();
        while let Some(id) = queue.pop_front() {
            let way = ways.get(id).cloned().unwrap_or_default();
            for next in self.next(id) {
                if ways.contains_key(next) {
                    continue;
                }
                let longer = [way.as_slice(), &[self.name(next)]].concat();
                if is_impure(self.name(next)) {
                    faults.push(format!(
                        "a pure crate reaches the world: {}",
                        longer.join(" -> ")
                    ));
                } else {
                    queue.push_back(next);
                }
                ways.insert(next, longer);
            }
        }
        faults
    }

    fn next(&self, id: &str) -> impl Iterator<Item = &str> {
        self.edges.get(id).into_iter().flatten().map(String::as_str)
    }

    fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }
}

impl Package {
    /// Whether it asks for the [`DOOR`], by a dependency, by a feature, or as the crate whose door
    /// it is by its default features. What tests depend on ends in no server.
    fn opens_door(&self) -> bool {
        let (of, feature, _) = DOOR;
        let asked = self.dependencies.iter().any(|wanted| {
            wanted.name == of
                && wanted.kind.as_deref() != Some("dev")
                && wanted.features.iter().any(|f| f == feature)
        });
        let through = [format!("{of}/{feature}"), format!("{of}?/{feature}")];
        let mut turned_on = self.features.values().flatten();
        let own = self.name == of && turned_on.clone().any(|f| f == feature);
        asked || own || turned_on.any(|f| through.contains(f))
    }
}

impl Dependency {
    fn is_normal(&self) -> bool {
        self.dep_kinds.iter().any(|kind| kind.kind.is_none())
    }
}

fn is_impure(name: &str) -> bool {
    IMPURE.iter().any(|impure| {
        name.strip_prefix(impure)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    })
}

fn host() -> Option<String> {
    let version = run::answer(std::process::Command::new("rustc").arg("-vV"))?;
    version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
