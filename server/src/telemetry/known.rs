//! Names that may become labels.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use super::metric::Value;

/// The names of things that exist: dashboards, business units, datasets, budgets. Every other name
/// is `other`, and so is what no longer fits: the number of series is bounded.
#[derive(Debug)]
pub struct Known {
    names: RwLock<HashSet<Arc<str>>>,
    most: usize,
}

impl Known {
    /// No names yet, and `most` at most.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self {
            names: RwLock::default(),
            most,
        }
    }

    /// These exist; what existed before stays a label, so that its series go on.
    pub fn learn<'a>(&self, names: impl IntoIterator<Item = &'a str>) {
        for name in names {
            if self.find(name).is_some() {
                continue;
            }
            let mut known = self.names.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() < self.most {
                known.insert(name.into());
            }
        }
    }

    /// The label for `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Value {
        self.find(name).map_or(Value::OTHER, Value::Known)
    }

    fn find(&self, name: &str) -> Option<Arc<str>> {
        let known = self.names.read().unwrap_or_else(PoisonError::into_inner);
        known.get(name).map(Arc::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o5_a_name_that_nothing_has_or_that_no_longer_fits_is_other() {
        let known = Known::at_most(2);

        known.learn(["auto", "home", "life"]);

        let labels = ["auto", "home", "life", "nobody"].map(|name| known.value(name));
        let labels: Vec<_> = labels.iter().map(Value::as_str).collect();
        assert_eq!(labels, ["auto", "home", "other", "other"]);
    }
}
