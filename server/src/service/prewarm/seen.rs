//! Which page views were seen: as what kind of person, of which dashboard, how often. Who it was is
//! not remembered, and nothing outlives the process.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use weir_policy::{BusinessUnit, Subject};
use weir_query::{DashboardSlug, Locked};

use crate::content::Content;
use crate::service::kinds::nobody_like;
use crate::service::opened::View;

/// How many kinds of views are remembered; of those that are seen least, one is forgotten.
const REMEMBERED: usize = 1_000;

/// A kind of page view: all of it get the same answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Look {
    pub(super) dashboard: DashboardSlug,
    /// Units, roles and attributes; no rule can ask for more.
    pub(super) subject: Subject,
    /// What the token fixes.
    pub(super) locked: Locked,
}

impl Look {
    pub(super) fn of(view: &View) -> Self {
        Self {
            dashboard: view.dashboard.slug().clone(),
            subject: nobody_like(view.reader.subject()),
            locked: view.reader.locked(),
        }
    }

    /// The one unit of it, if it has one and not several.
    pub(super) fn business_unit(&self) -> Option<&BusinessUnit> {
        let mut units = self.subject.business_units().iter();
        units.next().filter(|_| units.next().is_none())
    }
}

/// How often each kind of view was seen.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<HashMap<Look, u64>>);

impl Seen {
    pub(super) fn count(&self, look: Look) {
        let mut seen = self.lock();
        if seen.len() >= REMEMBERED && !seen.contains_key(&look) {
            let least = seen.iter().min_by_key(|(_, views)| **views);
            let least = least.map(|(look, _)| look.clone());
            least.and_then(|look| seen.remove(&look));
        }
        *seen.entry(look).or_default() += 1;
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// What was seen, most often first, and then every dashboard through the eyes of the sample
    /// people of the content: after a start nothing was seen.
    pub(super) fn ranked(&self, content: &Content) -> Vec<Look> {
        let mut seen: Vec<_> = self.lock().clone().into_iter().collect();
        seen.sort_by_cached_key(|(look, views)| {
            (std::cmp::Reverse(*views), look.dashboard.clone())
        });
        let mut looks: Vec<_> = seen.into_iter().map(|(look, _)| look).collect();
        let known: BTreeSet<_> = looks
            .iter()
            .map(|look| (look.dashboard.clone(), look.subject.digest()))
            .collect();
        let people = content
            .personas()
            .iter()
            .map(|one| nobody_like(one.subject()));
        for subject in people {
            let boards = content.dashboards().map(|one| one.slug().clone());
            let unseen = boards.filter(|slug| !known.contains(&(slug.clone(), subject.digest())));
            looks.extend(unseen.map(|dashboard| Look {
                dashboard,
                subject: subject.clone(),
                locked: Locked::new(),
            }));
        }
        looks
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Look, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(number: usize) -> Look {
        let unit = BusinessUnit::parse(format!("unit-{number}")).unwrap();
        Look {
            dashboard: DashboardSlug::parse("one").unwrap(),
            subject: Subject::new("a", "b").with_business_units([unit]),
            locked: Locked::new(),
        }
    }

    #[test]
    fn of_more_than_fits_what_was_seen_least_is_forgotten() {
        let seen = Seen::default();
        for number in 0..REMEMBERED {
            seen.count(look(number));
            if number != 7 {
                seen.count(look(number));
            }
        }

        seen.count(look(REMEMBERED));

        assert_eq!(seen.len(), REMEMBERED);
        assert!(!seen.lock().contains_key(&look(7)));
        assert!(seen.lock().contains_key(&look(REMEMBERED)));
    }

    #[test]
    fn people_with_the_same_claims_are_one_kind() {
        let unit = BusinessUnit::parse("auto").unwrap();
        let somebody = |name| Subject::new("idp", name).with_business_units([unit.clone()]);

        assert_eq!(nobody_like(&somebody("ann")), nobody_like(&somebody("bob")));
        assert_ne!(
            nobody_like(&somebody("ann")),
            nobody_like(&Subject::new("idp", "ann"))
        );
    }
}
