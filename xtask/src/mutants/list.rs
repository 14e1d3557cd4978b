//! The list of bugs, and whether it still fits the source.

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::workspace::Workspace;

const FILE: &str = "xtask/mutants.toml";

/// One bug.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutant {
    pub(crate) name: String,
    /// What is wrong then, in a sentence.
    pub(crate) bug: String,
    pub(crate) file: String,
    find: String,
    replace: String,
    /// What has to be built for its tests: a crate, or `http` for the server over HTTP.
    pub(crate) package: String,
    /// A filter of cargo-nextest: the tests of which at least one must fail.
    pub(crate) tests: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutant: Vec<Mutant>,
}

/// Reads the list. An entry that does not fit the source any more is an error: a list may not rot.
pub(crate) fn read(workspace: &Workspace) -> anyhow::Result<Vec<Mutant>> {
    let list: List =
        toml::from_str(&workspace.read(FILE)?).with_context(|| format!("reading {FILE}"))?;
    for mutant in &list.mutant {
        mutant.applied(&workspace.read(&mutant.file)?)?;
    }
    Ok(list.mutant)
}

impl Mutant {
    /// The file's text with the bug in it.
    pub(crate) fn applied(&self, text: &str) -> anyhow::Result<String> {
        let places = text.matches(&self.find).count();
        if places != 1 || self.find == self.replace {
            bail!(
                "{FILE}: `{}` must stand in {} exactly once and be replaced by something else; it stands there \
                 {places} times. Change `find`, or take the bug off the list if its place is gone",
                self.name,
                self.file
            );
        }
        Ok(text.replacen(&self.find, &self.replace, 1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_bug_on_the_list_still_has_its_place_in_the_source() {
        let mutants = read(&Workspace::find().unwrap()).unwrap();

        let names: BTreeSet<_> = mutants.iter().map(|mutant| &mutant.name).collect();
        assert_eq!(names.len(), mutants.len(), "a name stands twice");
        assert!(
            mutants.len() >= 30,
            "only {} bugs are on the list",
            mutants.len()
        );
        for mutant in &mutants {
            assert!(
                mutant.bug.ends_with('.'),
                "{}: the bug is told in a sentence",
                mutant.name
            );
            assert!(!mutant.tests.is_empty(), "{} names no test", mutant.name);
        }
    }

    #[test]
    fn a_bug_whose_place_is_gone_or_doubled_is_an_error() {
        let mutant = Mutant {
            name: "m".to_owned(),
            bug: "Wrong.".to_owned(),
            file: "f".to_owned(),
            find: "a < b".to_owned(),
            replace: "a > b".to_owned(),
            package: "p".to_owned(),
            tests: "all()".to_owned(),
        };

        assert_eq!(mutant.applied("if a < b {").unwrap(), "if a > b {");
        assert!(mutant.applied("if b < a {").is_err());
        assert!(mutant.applied("a < b && a < b").is_err());
    }
}
