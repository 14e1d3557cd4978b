//! What a change of the policies means: which rules differ in what they do, and whether anybody
//! would see more than before.
//!
//! A change is *widening* if under the new policies some subject sees a row or a column, or more of
//! a column, that it does not see under the old ones. That is not read off the text. It is decided
//! by looking for such a subject and row among all that the rules can tell apart; whatever is found
//! is checked with [`resolve`](crate::resolve) and the interpreter, and becomes a [`Witness`]. A
//! question that cannot be answered within bounds counts as widening ([`Widening::Unproven`]).
//!
//! Shown from least to most: hidden, null, hash, partial, bucket, visible. A bucket is narrower than
//! another only if its width is a multiple of the other's. A column that is new and shown is a
//! widening; one that changed its type and is shown as before is not.

mod candidates;
mod example;
mod goals;
mod mention;
mod next;
mod partial;
mod same;
mod search;
mod space;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub(crate) use self::example::{Example, Looking};
use self::goals::{Side, goals};
use self::mention::Mentions;
pub(crate) use self::same::restricts;
use self::search::{Budget, Found, find};
use self::space::Space;
pub use self::witness::{Gain, Shown, Witness, WitnessSubject};
use crate::name::{ColumnName, DatasetName, RuleId};
use crate::policy_set::PolicySet;
use crate::rule::{Claim, Policy, Rule};
use crate::schema::DatasetSchema;
use crate::value::ValueType;

/// More witnesses than anybody reads.
const MOST_WITNESSES: usize = 10;
/// How many questions of one dataset may go unanswered before no more are asked.
const MOST_UNPROVEN: usize = 10;

/// One side of a comparison: policies, and the datasets as they were or would be then.
#[derive(Debug, Clone)]
pub struct Policies<'a> {
    set: &'a PolicySet,
    schemas: BTreeMap<&'a DatasetName, &'a DatasetSchema>,
}

/// What differs between two sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Every dataset with a policy on either side, in the order of their names.
    pub datasets: Vec<DatasetChange>,
}

/// What differs for one dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatasetChange {
    /// The dataset.
    pub dataset: DatasetName,
    /// Which sides have a policy for it.
    pub presence: Presence,
    /// Every rule of either side, in the order of the new policy, removed ones last.
    pub rules: Vec<RuleChange>,
    /// The columns that differ.
    pub columns: Vec<ColumnChange>,
    /// Whether anybody sees more.
    pub widening: Widening,
}

/// Which sides have a policy for a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Only the new one.
    Added,
    /// Only the old one.
    Removed,
    /// Both.
    Kept,
}

/// What became of a rule, known by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleChange {
    /// There is a new one.
    Added(Rule),
    /// It is gone.
    Removed(Rule),
    /// It does something else.
    Changed {
        /// What it did.
        old: Box<Rule>,
        /// What it would do.
        new: Box<Rule>,
    },
    /// It does the same, though it may be written differently.
    Unchanged(RuleId),
}

/// What became of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ColumnChange {
    /// It is new.
    Added {
        /// The column.
        column: ColumnName,
        /// Its type.
        new: ValueType,
    },
    /// It is gone.
    Removed {
        /// The column.
        column: ColumnName,
        /// The type it had.
        old: ValueType,
    },
    /// It is of another type.
    Retyped {
        /// The column.
        column: ColumnName,
        /// The type it had.
        old: ValueType,
        /// Its type.
        new: ValueType,
    },
}

/// Whether anybody sees more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Widening {
    /// Nobody does.
    No,
    /// These do, at least.
    Proven(Vec<Witness>),
    /// Nobody was found, but not everybody could be looked at. Counts as widening.
    Unproven,
}

impl<'a> Policies<'a> {
    /// Policies, and the datasets they are about.
    pub fn new(set: &'a PolicySet, schemas: impl IntoIterator<Item = &'a DatasetSchema>) -> Self {
        let schemas = schemas.into_iter().map(|schema| (schema.name(), schema));
        Self {
            set,
            schemas: schemas.collect(),
        }
    }

    pub(crate) fn set(&self) -> &'a PolicySet {
        self.set
    }

    pub(crate) fn schema(&self, dataset: &DatasetName) -> Option<&'a DatasetSchema> {
        self.schemas.get(dataset).copied()
    }
}

impl Change {
    /// Whether anybody sees more, or might.
    #[must_use]
    pub fn is_widening(&self) -> bool {
        self.datasets
            .iter()
            .any(|dataset| dataset.widening.counts())
    }

    /// Whether every rule does what it did, on the same columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.datasets.iter().all(DatasetChange::is_empty)
    }

    /// Who sees more, of all datasets.
    pub fn witnesses(&self) -> impl Iterator<Item = &Witness> {
        self.datasets
            .iter()
            .flat_map(|dataset| match &dataset.widening {
                Widening::Proven(witnesses) => witnesses.as_slice(),
                Widening::No | Widening::Unproven => &[],
            })
    }
}

impl DatasetChange {
    /// Whether every rule does what it did, on the same columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let same = |rule: &RuleChange| matches!(rule, RuleChange::Unchanged(_));
        self.presence == Presence::Kept
            && self.columns.is_empty()
            && self.rules.iter().all(same)
            && !self.widening.counts()
    }
}

impl Widening {
    /// Whether it needs the approval that a widening needs: unless nobody sees more for certain.
    #[must_use]
    pub fn counts(&self) -> bool {
        *self != Self::No
    }
}

/// What differs between `old` and `new`, and whether anybody sees more under `new`.
#[must_use]
pub fn compare(old: &Policies<'_>, new: &Policies<'_>) -> Change {
    let names: BTreeSet<&DatasetName> = old
        .set
        .policies()
        .chain(new.set.policies())
        .map(Policy::dataset)
        .collect();
    let mut budget = Budget::default();
    Change {
        datasets: names
            .into_iter()
            .filter_map(|dataset| dataset_change(dataset, old, new, &mut budget))
            .collect(),
    }
}

/// The claims that the rule looks at.
pub(crate) fn claims_of(rule: &Rule) -> Vec<Claim> {
    Mentions::of([rule]).claims.into_keys().collect()
}

fn dataset_change(
    dataset: &DatasetName,
    old: &Policies<'_>,
    new: &Policies<'_>,
    budget: &mut Budget,
) -> Option<DatasetChange> {
    budget.next_dataset();
    let (before, after) = (old.set.policy(dataset), new.set.policy(dataset));
    let presence = match (before, after) {
        (None, Some(_)) => Presence::Added,
        (Some(_), None) => Presence::Removed,
        (Some(_), Some(_)) => Presence::Kept,
        (None, None) => return None,
    };
    Some(DatasetChange {
        dataset: dataset.clone(),
        presence,
        rules: rule_changes(before, after, budget),
        columns: column_changes(old.schema(dataset), new.schema(dataset)),
        widening: widening(dataset, old, new, budget),
    })
}

fn rule_changes(
    old: Option<&Policy>,
    new: Option<&Policy>,
    budget: &mut Budget,
) -> Vec<RuleChange> {
    let (old, new) = (rules(old), rules(new));
    let known: BTreeMap<&RuleId, &Rule> = old.iter().map(|rule| (rule.id(), rule)).collect();
    let kept: BTreeSet<&RuleId> = new.iter().map(Rule::id).collect();
    let mut became = |rule: &Rule| match known.get(rule.id()) {
        None => RuleChange::Added(rule.clone()),
        Some(old) if same::mean_the_same(old, rule, budget) => {
            RuleChange::Unchanged(rule.id().clone())
        }
        Some(&old) => RuleChange::Changed {
            old: Box::new(old.clone()),
            new: Box::new(rule.clone()),
        },
    };
    let here = new.iter().map(&mut became);
    let gone = old.iter().filter(|rule| !kept.contains(rule.id()));
    here.chain(gone.cloned().map(RuleChange::Removed)).collect()
}

fn rules(policy: Option<&Policy>) -> &[Rule] {
    policy.map_or(&[], Policy::rules)
}

fn column_changes(old: Option<&DatasetSchema>, new: Option<&DatasetSchema>) -> Vec<ColumnChange> {
    let columns = |schema: Option<&DatasetSchema>| -> BTreeMap<ColumnName, ValueType> {
        let columns = schema.into_iter().flat_map(DatasetSchema::columns);
        columns.map(|(name, kind)| (name.clone(), kind)).collect()
    };
    let (old, new) = (columns(old), columns(new));
    let names: BTreeSet<&ColumnName> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter_map(|column| {
            let name = column.clone();
            match (old.get(column).copied(), new.get(column).copied()) {
                (None, Some(new)) => Some(ColumnChange::Added { column: name, new }),
                (Some(old), None) => Some(ColumnChange::Removed { column: name, old }),
                (Some(old), Some(new)) if old != new => Some(ColumnChange::Retyped {
                    column: name,
                    old,
                    new,
                }),
                _ => None,
            }
        })
        .collect()
}

fn widening(
    dataset: &DatasetName,
    old: &Policies<'_>,
    new: &Policies<'_>,
    budget: &mut Budget,
) -> Widening {
    let before = Side::new(old.set.policy(dataset), old.schema(dataset));
    let after = Side::new(new.set.policy(dataset), new.schema(dataset));
    let questions = goals(before, after);
    if questions.list.is_empty() {
        return Widening::No;
    }
    let space = Space::of(&Mentions::of(before.rules.iter().chain(after.rules)));
    let (mut proven, mut unproven) = (Vec::new(), usize::from(questions.cut));
    for goal in questions.list {
        match find(&space, &goal.needs, budget) {
            Found::Nothing => {}
            Found::Choice(choice) => {
                match Witness::check(&goal, &space, &choice, dataset, (old, new)) {
                    Some(witness) if !proven.contains(&witness) => proven.push(witness),
                    Some(_) => {}
                    None => unproven += 1,
                }
            }
            Found::TooLong => unproven += 1,
        }
        if proven.len() >= MOST_WITNESSES || unproven >= MOST_UNPROVEN {
            break;
        }
    }
    match (proven.is_empty(), unproven) {
        (true, 0) => Widening::No,
        (true, _) => Widening::Unproven,
        (false, _) => Widening::Proven(proven),
    }
}
