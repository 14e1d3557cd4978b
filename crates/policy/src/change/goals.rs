//! What a widening would have to look like, as questions to the search.

use std::collections::BTreeSet;

use super::same::{restricts, wording};
use super::search::Need;
use super::witness::covers;
use crate::grant::Restriction;
use crate::name::ColumnName;
use crate::rule::{Effect, Policy, Rule};
use crate::schema::DatasetSchema;

/// One way in which the new rules could show more.
#[derive(Debug)]
pub(super) struct Goal<'r> {
    pub(super) needs: Vec<Need<'r>>,
    /// The column that would be shown better; none if it is about rows.
    pub(super) column: Option<&'r ColumnName>,
    /// The rule of the old side that is missing.
    pub(super) gone: Option<&'r Rule>,
}

/// More questions than can be answered in time.
const MOST_GOALS: usize = 2_000;

/// The questions, and whether they are all there are.
#[derive(Debug, Default)]
pub(super) struct Goals<'r> {
    pub(super) list: Vec<Goal<'r>>,
    pub(super) cut: bool,
}

impl<'r> Goals<'r> {
    /// Adds a question, unless there are too many already.
    fn push(&mut self, goal: impl FnOnce() -> Goal<'r>) {
        if self.list.len() < MOST_GOALS {
            self.list.push(goal());
        } else {
            self.cut = true;
        }
    }
}

/// One side of a change, as far as one dataset goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'r> {
    pub(super) rules: &'r [Rule],
    pub(super) schema: Option<&'r DatasetSchema>,
}

impl<'r> Side<'r> {
    /// Without a schema nothing is shown, and with a rule that no longer fits it neither (P7).
    pub(super) fn new(policy: Option<&'r Policy>, schema: Option<&'r DatasetSchema>) -> Self {
        let fits = |rule: &Rule| {
            let mut columns = rule.columns().iter();
            columns.all(|(column, kind)| schema.and_then(|s| s.column(column)) == Some(*kind))
        };
        let rules = policy.map_or(&[][..], Policy::rules);
        let rules = if rules.iter().all(fits) { rules } else { &[] };
        Self { rules, schema }
    }

    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &'r Rule> + use<'r> {
        self.rules.iter().filter(move |rule| rule.kind() == kind)
    }
}

fn acting(rule: &Rule) -> Need<'_> {
    Need { rule, acts: true }
}

fn idle(rule: &Rule) -> Need<'_> {
    Need { rule, acts: false }
}

/// Every way in which `new` could show a row that `old` does not, and then a column.
///
/// A row that only `new` shows is opened by a permit, while either no permit of `old` opens it, or
/// a forbid of `old` closes it. Rules that are the same on both sides cannot be the reason.
pub(super) fn goals<'r>(old: Side<'r>, new: Side<'r>) -> Goals<'r> {
    let mut goals = Goals::default();
    let spared = || new.of_kind("forbid").map(idle);
    let wordings = |side: Side<'_>| side.rules.iter().map(wording).collect::<BTreeSet<String>>();
    let (known, kept) = (wordings(old), wordings(new));
    let fresh = |rule: &&Rule| !known.contains(&wording(rule));
    for permit in new.of_kind("permit").filter(fresh) {
        let needs = std::iter::once(acting(permit))
            .chain(old.of_kind("permit").map(idle))
            .chain(spared());
        goals.push(|| Goal {
            needs: needs.collect(),
            column: None,
            gone: None,
        });
    }
    let lost = |rule: &&Rule| !kept.contains(&wording(rule));
    for forbid in old.of_kind("forbid").filter(lost) {
        for permit in new.of_kind("permit") {
            let needs = [acting(forbid), acting(permit)].into_iter().chain(spared());
            goals.push(|| Goal {
                needs: needs.collect(),
                column: None,
                gone: Some(forbid),
            });
        }
    }
    if let (Some(schema), false) = (new.schema, old.rules.is_empty()) {
        for (column, _) in schema.columns() {
            column_goals(column, old, new, &mut goals);
        }
    }
    goals
}

/// One restriction of a column: the rule, or nothing where the column did not exist.
type Limit<'r> = (Option<&'r Rule>, Restriction);

fn limits<'r>(side: Side<'r>, column: &ColumnName) -> Vec<Limit<'r>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for rule in side.rules {
        for (name, mask) in restricts(rule) {
            if name == column && seen.insert(wording(rule)) {
                let how = mask.map_or(Restriction::Hidden, |mask| {
                    Restriction::Masked(mask.clone())
                });
                found.push((Some(rule), how));
            }
        }
    }
    found
}

/// Each pair of what decided before and what would decide now, where the latter takes less away.
fn column_goals<'r>(column: &'r ColumnName, old: Side<'r>, new: Side<'r>, goals: &mut Goals<'r>) {
    let is_new = old
        .schema
        .is_none_or(|schema| schema.column(column).is_none());
    let before = if is_new {
        vec![(None, Restriction::Hidden)]
    } else {
        limits(old, column)
    };
    let after = limits(new, column);
    let unchanged = !is_new && same_limits(&before, &after);
    for (was, old_limit) in before.iter().filter(|_| !unchanged) {
        let none = std::iter::once((None, None));
        let some = after.iter().map(|(rule, limit)| (*rule, Some(limit)));
        for (now, new_limit) in none.chain(some) {
            if new_limit.is_some_and(|limit| covers(limit, old_limit)) {
                continue;
            }
            if goals.cut {
                return;
            }
            let mut needs: Vec<Need<'r>> =
                was.iter().chain(&now).map(|rule| acting(rule)).collect();
            needs.extend(stricter(&before, Some(old_limit)));
            needs.extend(stricter(&after, new_limit));
            for permit in new.of_kind("permit") {
                goals.push(|| {
                    let opened = std::iter::once(acting(permit));
                    let spared = new.of_kind("forbid").map(idle);
                    Goal {
                        needs: opened.chain(needs.iter().copied()).chain(spared).collect(),
                        column: Some(column),
                        gone: *was,
                    }
                });
            }
        }
    }
}

/// Whatever would outdo `limit` has to stay away.
fn stricter<'r>(
    limits: &[Limit<'r>],
    limit: Option<&Restriction>,
) -> impl Iterator<Item = Need<'r>> {
    limits
        .iter()
        .filter(move |(_, other)| limit.is_none_or(|limit| other > limit))
        .filter_map(|(rule, _)| rule.map(idle))
}

fn same_limits(before: &[Limit<'_>], after: &[Limit<'_>]) -> bool {
    let said = |limits: &[Limit<'_>]| -> BTreeSet<String> {
        limits
            .iter()
            .filter_map(|(rule, _)| rule.map(wording))
            .collect()
    };
    said(before) == said(after)
}

/// The permit that `needs` ask for.
pub(super) fn opener<'r>(needs: &[Need<'r>]) -> Option<&'r Rule> {
    needs
        .iter()
        .find(|need| need.acts && matches!(need.rule.effect(), Effect::Permit(_)))
        .map(|need| need.rule)
}
