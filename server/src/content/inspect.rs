//! Everything that is wrong with a set of files, not the first alone: what an author wants to read
//! beside the lines.

use weir_policy::Revision;
use weir_policy::decision_table::CaseOutcome;

use super::finding::Finding;
use super::read::Sources;
use super::{Content, business_units};

/// What the checks say about files.
#[derive(Debug)]
pub struct Inspected {
    /// What they say; `None` if they can't be used.
    pub content: Option<Content>,
    /// Why not, in the order of files and lines. Empty exactly when there is content.
    pub findings: Vec<Finding>,
    /// What the decision tables said. Empty where they could not be run.
    pub cases: Vec<CaseOutcome>,
}

impl Content {
    /// Reads files and says everything that is wrong with them.
    #[must_use]
    pub fn inspect<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        revision: Revision,
    ) -> Inspected {
        let mut sources = Sources::sort(files);
        let catalog = sources.catalog();
        let decided = sources.decided(&catalog, revision);
        let (policies, cases) = decided.unzip();
        let cases = cases.unwrap_or_default();
        sources.add_failures(&cases);
        let mapping = sources.mapping();
        let personas = sources.personas();
        let dashboards = sources.dashboards(&catalog);
        let findings = sources.findings();
        let content = match (policies, mapping) {
            (Some(policies), Some(mapping)) if findings.is_empty() => Some(Self {
                policies,
                mapping,
                personas,
                dashboards,
                business_units: business_units(&catalog),
                tree: None,
                catalog,
            }),
            _ => None,
        };
        Inspected {
            content,
            findings,
            cases,
        }
    }
}
